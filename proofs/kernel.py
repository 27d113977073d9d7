# SPDX-License-Identifier: BSD-3-Clause
"""The trusted rules. Anything may find a proof; only this module accepts one.

A ``Theorem`` says: for all values of its variables in their domains that satisfy its hypotheses, both
sides of its relation are defined and the relation holds. Theorems are made by the rules below and by
nothing else; a rule that is not satisfied raises ``Undecided`` with the reason. The names are those of
Lean's mathlib where it has the rule.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from fractions import Fraction

import sympy
from flint import arb, fmpq
from sympy import Basic, Expr, Integral, Limit, Product, S, Sum, Symbol
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from ..theory import oracle
from ..theory.claim import Definition, ForAll, Hypothesis, Refutation
from . import limits, normal, recheck, signs
from .axioms import AXIOMS
from .definitions import head, mentioned, require_definition, require_together
from .terms import (
    BINDERS,
    Undecided,
    bind,
    binder,
    derivative,
    free,
    free_in,
    in_domain,
    is_integer,
    is_real,
    require_plain,
    same,
    substitute,
    substitute_in,
)

_SEAL = object()
_FLIP = {Eq: Eq, Ne: Ne, Le: Ge, Ge: Le, Lt: Gt, Gt: Lt}
_CASES_LIMIT = 2_000_000


@dataclass(frozen=True, eq=False)
class Theorem:
    """hypotheses ⊢ relation, with the rule that accepted it, its premises, and the axioms it rests on."""

    hypotheses: frozenset[Hypothesis]
    relation: Relational
    rule: str
    premises: tuple[Theorem, ...] = ()
    axioms: frozenset[str] = frozenset()
    note: str = ""
    definitions: frozenset[Definition] = frozenset()
    seal: InitVar[object] = None  # not kept: a copy with other fields has none

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise Undecided("a theorem is made by a rule of the kernel, not by its constructor")

    def rests_on(self) -> frozenset[str]:
        """Every axiom below this theorem."""
        return self.axioms.union(*(p.rests_on() for p in self.premises))

    def rules(self) -> frozenset[str]:
        return frozenset({self.rule}).union(*(p.rules() for p in self.premises))


Given = Sequence[Hypothesis | Theorem]


def _relations(hypothesis: Hypothesis) -> tuple[Relational, ...]:
    return (hypothesis.body, *hypothesis.conditions) if isinstance(hypothesis, ForAll) else (hypothesis,)


def _facts(given: Given) -> tuple[list[Hypothesis], frozenset[Hypothesis], tuple[Theorem, ...]]:
    """Facts to reason from, the hypotheses that this adds, and the theorems among them."""
    theorems = tuple(g for g in given if isinstance(g, Theorem))
    assumed = [g for g in given if not isinstance(g, Theorem)]
    for hypothesis in assumed:
        if not isinstance(hypothesis, (Relational, ForAll)):
            raise Undecided(f"not a hypothesis: {hypothesis!r}")
        for part in _relations(hypothesis):
            require_plain(part)
    facts = assumed + [t.relation for t in theorems]
    return facts, frozenset(assumed).union(*(t.hypotheses for t in theorems)), theorems


def _make(
    relation: Relational,
    rule: str,
    hypotheses: frozenset[Hypothesis],
    premises: Sequence[Theorem] = (),
    definitions: Sequence[Definition] = (),
    **more: object,
) -> Theorem:
    if not isinstance(relation, Relational):
        raise Undecided(f"not a relation: {relation}")
    for part in (relation, *(part for h in hypotheses for part in _relations(h))):
        require_plain(part)
    used = frozenset(definitions).union(*(p.definitions for p in premises))
    require_together(used)
    return Theorem(
        hypotheses,
        relation,
        rule,
        tuple(premises),
        definitions=used,
        seal=_SEAL,
        **more,  # type: ignore[arg-type]  # they are its fields
    )


# --- equality ----------------------------------------------------------------------------------------------------


def ring(goal: Relational, given: Given = ()) -> Theorem:
    """An equation between terms with the same normal form; a second, independent check must agree."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(goal, Eq):
        raise Undecided(f"not an equation: {goal}")
    for side in goal.args:
        signs.require_defined(side, facts)
    axioms = normal.equal(goal.lhs, goal.rhs, facts)
    recheck.agree(goal.lhs, goal.rhs, facts)
    return _make(goal, "ring", hypotheses, theorems, axioms=frozenset(axioms))


def linear_combination(goal: Relational, combination: Sequence[tuple[Expr, Theorem]], given: Given = ()) -> Theorem:
    """lhs − rhs = Σ cⱼ (lⱼ − rⱼ) by ``ring``, for theorems lⱼ = rⱼ."""
    facts, hypotheses, theorems = _facts([*given, *(t for _, t in combination)])
    if not isinstance(goal, Eq) or not all(isinstance(t.relation, Eq) for _, t in combination):
        raise Undecided("a linear combination is of equations")
    for term in (*goal.args, *(sympy.sympify(c) for c, _ in combination)):
        signs.require_defined(term, facts)
    left = goal.lhs - goal.rhs
    right = sympy.Add(*(c * (t.relation.lhs - t.relation.rhs) for c, t in combination))
    axioms = normal.equal(left, right, facts)
    recheck.agree(left, right, facts)
    return _make(goal, "linear_combination", hypotheses, theorems, axioms=frozenset(axioms))


def refl(term: Expr, given: Given = ()) -> Theorem:
    """term = term, where it is defined."""
    facts, hypotheses, theorems = _facts(given)
    signs.require_defined(term, facts)
    return _make(Eq(term, term, evaluate=False), "refl", hypotheses, theorems)


def symm(theorem: Theorem) -> Theorem:
    """b = a from a = b, b ≥ a from a ≤ b."""
    r = theorem.relation
    return _make(_FLIP[r.func](r.rhs, r.lhs, evaluate=False), "symm", theorem.hypotheses, [theorem])


def trans(*chain: Theorem) -> Theorem:
    """a R c from a R b and b R c; ≤ and < may be mixed with =, and one < makes the whole strict."""
    if not chain:
        raise Undecided("empty chain")
    strict, down, up = False, False, False
    for link, after in itertools.pairwise(chain):
        if not same(link.relation.rhs, after.relation.lhs):
            raise Undecided(f"the chain breaks: {link.relation.rhs} is not {after.relation.lhs}")
    for link in chain:
        strict |= isinstance(link.relation, (Lt, Gt))
        up |= isinstance(link.relation, (Lt, Le))
        down |= isinstance(link.relation, (Gt, Ge))
        if isinstance(link.relation, Ne):
            raise Undecided("≠ does not chain")
    if up and down:
        raise Undecided("the chain goes up and down")
    kind = {(True, True): Lt, (True, False): Le}.get((up, strict)) or {(True, True): Gt, (True, False): Ge}.get(
        (down, strict), Eq
    )
    relation = kind(chain[0].relation.lhs, chain[-1].relation.rhs, evaluate=False)
    return _make(relation, "calc", frozenset().union(*(t.hypotheses for t in chain)), chain)


def congr(template: Expr, place: Symbol, theorem: Theorem, given: Given = ()) -> Theorem:
    """T[a] = T[b] from a = b; T is defined at b under the facts, and nothing is captured."""
    facts, hypotheses, theorems = _facts([*given, theorem])
    if not isinstance(theorem.relation, Eq):
        raise Undecided("only equals are substituted")
    if not in_domain(theorem.relation.lhs, place) or not in_domain(theorem.relation.rhs, place):
        raise Undecided(f"{place} stands for a term outside its domain")
    left, right = (substitute(template, {place: side}) for side in theorem.relation.args)
    signs.require_defined(right, facts)
    signs.require_kept(template, {place: theorem.relation.rhs}, right, facts)
    return _make(Eq(left, right, evaluate=False), "congr", hypotheses, theorems)


def rewrite(term: Expr, theorem: Theorem, given: Given = ()) -> Theorem:
    """term = term with every occurrence of the theorem's left-hand side replaced by the right-hand side."""
    left = theorem.relation.lhs
    names = {str(s) for s in free(term) | free(left)}
    place = Symbol("_here" + "'" * sum(n.startswith("_here") for n in names), **left.assumptions0)
    place = Symbol(place.name, integer=True) if is_integer(left) else Symbol(place.name, real=is_real(left) or None)
    return congr(_mark(term, left, place, frozenset()), place, theorem, given)


def _mark(term: Basic, target: Expr, place: Symbol, bound: frozenset[Basic]) -> Basic:
    if same(term, target):
        if free(target) & bound:
            raise Undecided(f"{target} stands below a binder of its own variable")
        return place
    if isinstance(term, BINDERS):
        body, i, lower, upper = binder(term)
        lower, upper = (_mark(x, target, place, bound) for x in (lower, upper))
        return bind(term.func, _mark(body, target, place, bound | {i}), i, lower, upper)
    if not term.args or isinstance(term, Limit):
        return term
    if isinstance(term, sympy.Indexed):
        return term.base[tuple(_mark(i, target, place, bound) for i in term.indices)]
    return term.func(*(_mark(a, target, place, bound) for a in term.args))


# --- order -------------------------------------------------------------------------------------------------------


def nlinarith(goal: Relational, given: Given = ()) -> Theorem:
    """A comparison that z3 derives from the facts by real or integer arithmetic; the facts must be satisfiable."""
    facts, hypotheses, theorems = _facts(given)
    for side in goal.args:
        signs.require_defined(side, facts)
    if facts and signs.contradictory(facts):
        raise Undecided("the facts contradict each other")
    if not signs.entails(facts, goal):
        raise Undecided(f"z3 does not derive {goal}")
    return _make(goal, "nlinarith", hypotheses, theorems, axioms=frozenset({"z3"}))


def positivity(goal: Relational, given: Given = ()) -> Theorem:
    """0 < e, 0 ≤ e or e ≠ 0, by the signs of the parts of e."""
    facts, hypotheses, theorems = _facts(given)
    if facts and signs.contradictory(facts):
        raise Undecided("the facts contradict each other")
    decide_sign = {Gt: signs.positive, Ge: signs.nonnegative, Ne: signs.nonzero}.get(goal.func)
    term = goal.lhs
    if isinstance(goal, (Lt, Le)) and goal.lhs == 0:
        decide_sign, term = (signs.positive if isinstance(goal, Lt) else signs.nonnegative), goal.rhs
    elif goal.rhs != 0:
        raise Undecided("positivity compares with 0")
    signs.require_defined(term, facts)
    if decide_sign is None or not decide_sign(term, facts):
        raise Undecided(f"sign not shown: {goal}")
    return _make(goal, "positivity", hypotheses, theorems, axioms=frozenset({"signs", "z3"}))


def monotone(function: str, theorem: Theorem, given: Given = ()) -> Theorem:
    """exp a R exp b, log a R log b or √a R √b from a R b, for an order relation or equality R."""
    facts, hypotheses, theorems = _facts([*given, theorem])
    r = theorem.relation
    outer = {"exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt}.get(function)
    if outer is None or isinstance(r, Ne) or not all(is_real(s) for s in r.args):
        raise Undecided(f"{function} is not known to be increasing here")
    left, right = outer(r.lhs), outer(r.rhs)
    if function != "exp":
        admits = signs.positive if function == "log" else signs.nonnegative
        if not all(admits(s, facts) for s in r.args):
            raise Undecided(f"{function} of a number of unknown sign")
    for side in (left, right):
        signs.require_defined(side, facts)
    return _make(r.func(left, right, evaluate=False), "monotone", hypotheses, theorems, axioms=frozenset({function}))


def contradiction(goal: Relational, given: Given) -> Theorem:
    """Anything whose sides are defined, from facts that z3 shows to exclude each other: an impossible case."""
    facts, hypotheses, theorems = _facts(given)
    if signs.contradictory(facts) is not True:
        raise Undecided("the facts are not shown to contradict each other")
    return _make(goal, "contradiction", hypotheses, theorems, axioms=frozenset({"z3"}))


def cases(condition: Relational, yes: Theorem, no: Theorem) -> Theorem:
    """P from "condition ⊢ P" and "not condition ⊢ P", for a comparison of real terms."""
    negated = {Eq: Ne, Ne: Eq, Lt: Ge, Ge: Lt, Gt: Le, Le: Gt}[condition.func](*condition.args, evaluate=False)
    if not all(is_real(s) for s in condition.args) and not isinstance(condition, (Eq, Ne)):
        raise Undecided("cases split on a comparison of real terms")
    for side in condition.args:
        signs.require_defined(side, list((yes.hypotheses - {condition}) & (no.hypotheses - {negated})))
    if not same(yes.relation, no.relation):
        raise Undecided("the two cases prove different relations")
    hypotheses = (yes.hypotheses - {condition}) | (no.hypotheses - {negated})
    return _make(yes.relation, "cases", hypotheses, [yes, no])


def triangle(total: Expr, given: Given = ()) -> Theorem:
    """|Σ f| ≤ Σ |f| for a finite sum, |a + b| ≤ |a| + |b| for two terms."""
    facts, hypotheses, theorems = _facts(given)
    signs.require_defined(total, facts)
    if isinstance(total, Sum):
        body, i, lower, upper = binder(total)
        bound: Expr = bind(Sum, sympy.Abs(body), i, lower, upper)
    elif total.is_Add:
        bound = sympy.Add(*(sympy.Abs(a) for a in total.args))
    else:
        raise Undecided("the triangle inequality is about a sum")
    signs.require_defined(bound, facts)
    goal = Le(sympy.Abs(total), bound, evaluate=False)
    return _make(goal, "triangle", hypotheses, theorems, axioms=frozenset({"triangle inequality"}))


# --- quantifiers, definitions ------------------------------------------------------------------------------------


def assume(hypothesis: Relational) -> Theorem:
    """P from the hypothesis P; that a hypothesis is satisfied includes that its sides are defined."""
    return _make(hypothesis, "assumption", frozenset({hypothesis}))


def specialize(hypothesis: ForAll, values: Mapping[Symbol, Expr], given: Given = ()) -> Theorem:
    """An instance of a universal hypothesis; its conditions must follow from the facts."""
    facts, hypotheses, theorems = _facts(given)
    if set(values) != set(hypothesis.variables):
        raise Undecided(f"values are needed for {hypothesis.variables}")
    for variable, value in values.items():
        if not in_domain(value, variable):
            raise Undecided(f"{value} is not known to lie in the domain of {variable}")
        signs.require_defined(sympy.sympify(value), facts)
    for condition in hypothesis.conditions:
        _require_condition(condition, values, facts)
    return _make(substitute(hypothesis.body, values), "specialize", hypotheses | {hypothesis}, theorems)


def _require_condition(condition: Relational, values: Mapping[Symbol, Expr], facts: Sequence[Hypothesis]) -> None:
    """That a condition holds at the values: its sides are defined there, and it follows from the facts."""
    there = substitute(condition, values)
    signs.require_kept(condition, values, there, facts)
    _require_fact(there, facts)


def _require_fact(condition: Relational, facts: Sequence[Hypothesis]) -> None:
    if any(isinstance(f, Relational) and same(f, condition) for f in facts):
        return
    for side in condition.args:
        signs.require_defined(side, facts)
    if isinstance(condition, Ne) and signs.nonzero(condition.lhs - condition.rhs, facts):
        return
    if not signs.entails(facts, condition):
        raise Undecided(f"condition not shown: {condition}")


def instantiate(theorem: Theorem, values: Mapping[Basic, Basic], given: Given = ()) -> Theorem:
    """A theorem at particular values of its variables, families (as ``Lambda``) and functions.

    What a definition below the theorem speaks of is fixed.
    """
    facts, hypotheses, theorems = _facts(given)
    fixed = {e for d in theorem.definitions for e in (head(d), *mentioned(d))} & set(values)
    if fixed:
        raise Undecided(f"a definition below the theorem speaks of {fixed}")
    for variable, value in values.items():
        if isinstance(variable, Symbol):
            if not in_domain(value, variable):
                raise Undecided(f"{value} is not known to lie in the domain of {variable}")
            signs.require_defined(sympy.sympify(value), facts)
        elif isinstance(value, sympy.Lambda):
            _check_family(variable, value, facts)
        else:
            raise Undecided(f"a family or function is instantiated by a Lambda, not by {value}")
    moved = frozenset(substitute_in(h, values) for h in theorem.hypotheses)
    for h in theorem.hypotheses:
        _require_hypothesis_kept(h, values, [*facts, *moved])
    relation = substitute(theorem.relation, values)
    if any(isinstance(value, sympy.Lambda) for value in values.values()):
        for side in relation.args:
            signs.require_defined(side, [*facts, *moved])
    return _make(relation, "instantiate", moved | hypotheses, [theorem, *theorems])


def _require_hypothesis_kept(h: Hypothesis, values: Mapping[Basic, Basic], facts: Sequence[Hypothesis]) -> None:
    """That a hypothesis holds at the values only where it had a value before it was simplified."""
    there = substitute_in(h, values)
    if isinstance(h, ForAll):
        inner = {k: v for k, v in values.items() if k not in h.variables}
        signs.require_kept(h.body, inner, substitute(h.body, inner), facts)
    else:
        signs.require_kept(h, values, there, facts)


def _check_family(variable: Basic, value: sympy.Lambda, facts: Sequence[Hypothesis]) -> None:
    if isinstance(variable, sympy.IndexedBase):
        assumptions = variable.label.assumptions0
    else:
        assumptions = getattr(variable, "_kwargs", {})
    known = facts if not set(value.variables) & set().union(*(free_in(f) for f in facts)) else []
    signs.require_defined(value.expr, known)
    if (assumptions.get("integer") and not is_integer(value.expr)) or (
        assumptions.get("real") and not is_real(value.expr)
    ):
        raise Undecided(f"{value} is not known to lie in the domain of {variable}")


def recall(theorem: Theorem, id: str) -> Theorem:
    """The theorem of an earlier claim, marked as a citation."""
    return _make(theorem.relation, "by_claim", theorem.hypotheses, [theorem], note=id)


def discharge(theorem: Theorem, by: Theorem) -> Theorem:
    """Remove a hypothesis that another theorem proves."""
    gone = {h for h in theorem.hypotheses if isinstance(h, Relational) and same(h, by.relation)}
    if not gone:
        raise Undecided(f"{by.relation} is not a hypothesis")
    return _make(theorem.relation, "discharge", (theorem.hypotheses - gone) | by.hypotheses, [theorem, by])


def generalize(theorem: Theorem, variables: Sequence[Symbol], conditions: Sequence[Relational] = ()) -> Theorem:
    """Check that a theorem holds for all values of some variables: nothing else is assumed about them.

    The result is the theorem with the conditions moved out of its hypotheses; use it to discharge a
    ``ForAll`` hypothesis with ``discharge_all``.
    """
    rest = theorem.hypotheses - set(conditions)
    if any(set(variables) & free_in(h) for h in rest):
        raise Undecided("a hypothesis speaks of a variable that is to be general")
    return theorem


def discharge_all(theorem: Theorem, hypothesis: ForAll, by: Theorem) -> Theorem:
    """Remove a universal hypothesis, given its body under its conditions for general variables."""
    if hypothesis not in theorem.hypotheses or not same(by.relation, hypothesis.body):
        raise Undecided("the theorem does not prove the body of the hypothesis")
    generalize(by, hypothesis.variables, hypothesis.conditions)
    rest = by.hypotheses - set(hypothesis.conditions)
    return _make(theorem.relation, "discharge", (theorem.hypotheses - {hypothesis}) | rest, [theorem, by])


def unfold(definition: Definition, case: int, values: Mapping[Symbol, Expr], given: Given = ()) -> Theorem:
    """One equation of a definition at given parameters; its conditions must follow from the facts."""
    facts, hypotheses, theorems = _facts(given)
    equation = definition.cases[case]
    for variable, value in values.items():
        if not in_domain(value, variable):
            raise Undecided(f"{value} is not known to lie in the domain of {variable}")
        signs.require_defined(sympy.sympify(value), facts)
    require_definition(definition)
    for condition in equation.conditions:
        _require_condition(condition, values, facts)
    left = substitute(definition(*equation.pattern), values)
    goal = Eq(left, substitute(equation.body, values), evaluate=False)
    signs.require_kept(equation.body, values, goal.rhs, facts)
    if not goal.rhs.has(Integral, Limit):
        signs.require_defined(goal.rhs, facts)
    return _make(goal, "unfold", hypotheses, theorems, [definition], axioms=_names([definition]))


def _names(definitions: Sequence[Definition]) -> frozenset[str]:
    return frozenset(f"definition of {d.name}" for d in definitions)


def _require_general(h: ForAll, others: frozenset[Hypothesis], n: Symbol) -> None:
    if n in h.variables:
        raise Undecided("the induction hypothesis is general in the variable of the induction")
    if any(set(h.variables) & free_in(other) for other in others):
        raise Undecided("the induction hypothesis is general in a variable of which something is assumed")


def induction(goal: Relational, n: Symbol, base: Theorem, step: Theorem, start: Expr = S.Zero) -> Theorem:
    """start ≤ n ⊢ P(n) from P(start) and "start ≤ n, P(n) ⊢ P(n + 1)".

    The induction hypothesis may be general in variables of which only its own conditions are assumed.
    """
    if not n.is_integer or n in free(start) or not is_integer(start):
        raise Undecided("induction is over an integer variable")
    if not same(base.relation, substitute(goal, {n: start})):
        raise Undecided(f"the base case proves {base.relation}")
    if not same(step.relation, substitute(goal, {n: n + 1})):
        raise Undecided(f"the step proves {step.relation}")
    at_least = {Ge(n, start, evaluate=False), Le(start, n, evaluate=False)}
    assumed = {h for h in step.hypotheses if same(h.body if isinstance(h, ForAll) else h, goal)}
    rest = step.hypotheses - assumed - at_least
    for h in assumed:
        if isinstance(h, ForAll):
            _require_general(h, (rest | base.hypotheses) - set(h.conditions), n)
            rest = rest | set(h.conditions)
    if any(n in free_in(h) for h in rest | base.hypotheses):
        raise Undecided(f"a hypothesis speaks of {n}")
    for side in goal.args:  # P(start) may have lost a denominator, as n/S(n) does where it becomes 0/S(0)
        if not side.has(Integral, Limit):
            signs.require_defined(side, [*rest, *base.hypotheses, Ge(n, start, evaluate=False)])
        for theorem, value in ((base, start), (step, n + 1)):
            signs.require_kept(side, {n: value}, substitute(side, {n: value}), [*theorem.hypotheses])
    return _make(
        goal, "induction", rest | base.hypotheses | {Ge(n, start, evaluate=False)}, [base, step],
        axioms=frozenset({"induction"}),
    )  # fmt: skip


# --- sums and integrals ------------------------------------------------------------------------------------------


def termwise(theorem: Theorem, i: Symbol, lower: Expr, upper: Expr, kind: type = Sum) -> Theorem:
    """Σ f R Σ g from "lower ≤ i ≤ upper ⊢ f R g"; Π likewise, for = only."""
    inside = {Le(lower, i, evaluate=False), Le(i, upper, evaluate=False)}
    rest = theorem.hypotheses - inside
    if any(i in free_in(h) for h in rest) or i in free(lower) | free(upper):
        raise Undecided(f"a hypothesis speaks of {i}")
    r = theorem.relation
    if kind not in {Sum, Product} or not (isinstance(r, Eq) or (kind is Sum and isinstance(r, (Le, Ge)))):
        raise Undecided(f"{kind.__name__} does not carry {r.func.__name__}")
    if not (is_integer(lower) and is_integer(upper) and i.is_integer):
        raise Undecided("limits must be integers")
    for end in (lower, upper):
        signs.require_defined(end, list(rest))
    left, right = (bind(kind, side, i, lower, upper) for side in r.args)
    return _make(r.func(left, right, evaluate=False), "termwise", rest, [theorem])


def split(e: Expr, at: Expr, given: Given = ()) -> Theorem:
    """Σ over lower…upper = Σ over lower…at + Σ over at+1…upper, for lower − 1 ≤ at ≤ upper; Π likewise."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(e, (Sum, Product)):
        raise Undecided("only sums and products are split")
    signs.require_defined(e, facts)
    body, i, lower, upper = binder(e)
    if not is_integer(at):
        raise Undecided(f"{at} is not known to be an integer")
    signs.require_defined(at, facts)
    _require_fact(Le(lower - 1, at, evaluate=False), facts)
    _require_fact(Le(at, upper, evaluate=False), facts)
    parts = bind(e.func, body, i, lower, at), bind(e.func, body, i, at + 1, upper)
    joined = parts[0] + parts[1] if isinstance(e, Sum) else parts[0] * parts[1]
    return _make(Eq(e, joined, evaluate=False), "split", hypotheses, theorems)


def swap(e: Expr, given: Given = ()) -> Theorem:
    """Σᵢ Σⱼ f = Σⱼ Σᵢ f for limits that do not depend on the other index."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(e, Sum) or not isinstance(binder(e)[0], Sum):
        raise Undecided("not a double sum")
    signs.require_defined(e, facts)
    inner, i, lower, upper = binder(e)
    body, j, low, high = binder(inner)
    if i in free(low) | free(high) or j in free(lower) | free(upper) or i == j:
        raise Undecided("the limits depend on the other index")
    swapped = bind(Sum, bind(Sum, body, i, lower, upper), j, low, high)
    signs.require_defined(swapped, facts)
    return _make(Eq(e, swapped, evaluate=False), "swap", hypotheses, theorems)


def limit(goal: Relational, given: Given = ()) -> Theorem:
    """lim f = L by the algebra of limits (continuity, ±∞ where it is determinate)."""
    facts, hypotheses, theorems = _facts(given)
    if not isinstance(goal, Eq) or not isinstance(goal.lhs, Limit):
        raise Undecided("not a limit")
    value = limits.limit(goal.lhs, facts)
    signs.require_defined(goal.rhs, facts)
    axioms = normal.equal(value, goal.rhs, facts)
    return _make(goal, "limit", hypotheses, theorems, axioms=frozenset({*axioms, "limit algebra"}))


def squeeze(target: Limit, lower: Theorem, upper: Theorem, low: Theorem, high: Theorem, near: Given = ()) -> Theorem:
    """lim f = L from a ≤ f, f ≤ b on a punctured neighbourhood and lim a = lim b = L.

    ``near`` names the hypotheses of the two bounds that hold on that neighbourhood; they may bound the
    variable by constants only, on the side from which the limit is taken.
    """
    f, x, point, direction = target.args
    for bound, way in ((lower, "lower"), (upper, "upper")):
        if not isinstance(bound.relation, Le):
            raise Undecided(f"the {way} bound is not ≤")
    if not (same(lower.relation.rhs, f) and same(upper.relation.lhs, f)):
        raise Undecided("the bounds are not about the function")
    for known, side in ((low, lower.relation.lhs), (high, upper.relation.rhs)):
        wanted = Limit(side, x, point, str(direction))
        if not isinstance(known.relation, Eq) or not same(known.relation.lhs, wanted):
            raise Undecided(f"not the limit of the bound: {known.relation}")
    if not same(low.relation.rhs, high.relation.rhs):
        raise Undecided("the bounds have different limits")
    facts, hypotheses, _ = _facts([h for h in near if x not in free_in(h)])
    local = frozenset(h for h in lower.hypotheses | upper.hypotheses if x in free_in(h))
    for h in local:
        if not limits.holds_near(h, x, point, str(direction), [*facts, *(lower.hypotheses | upper.hypotheses) - local]):
            raise Undecided(f"not shown to hold near the point: {h}")
    rest = (lower.hypotheses | upper.hypotheses) - local
    if any(x in free_in(h) for h in low.hypotheses | high.hypotheses):
        raise Undecided(f"a limit was shown under a hypothesis about {x}")
    goal = Eq(target, low.relation.rhs, evaluate=False)
    return _make(goal, "squeeze", rest | low.hypotheses | high.hypotheses | hypotheses, [lower, upper, low, high])


def antiderivative(e: Integral, primitive: Expr, low: Theorem, high: Theorem, given: Given = ()) -> Theorem:
    """∫ f = F(upper) − F(lower), for F′ = f by ``ring`` on the whole open interval and two proved limits."""
    facts, hypotheses, theorems = _facts(given)
    f, x, lower, upper = binder(e)
    inside = _inside(e, facts, hypotheses)
    for side in (f, primitive):
        signs.require_defined(side, inside)
    slope = derivative(primitive, x)
    signs.require_defined(slope, inside)
    axioms = normal.equal(slope, f, inside)
    recheck.agree(slope, f, inside)
    _require_limit(low, Limit(primitive, x, lower, "+" if lower != S.NegativeInfinity else "-"), x)
    _require_limit(high, Limit(primitive, x, upper, "-"), x)
    goal = Eq(e, high.relation.rhs - low.relation.rhs, evaluate=False)
    hypotheses = hypotheses | low.hypotheses | high.hypotheses
    more = frozenset({*axioms, "fundamental theorem of calculus", "derivative table"})
    return _make(goal, "antiderivative", hypotheses, [*theorems, low, high], axioms=more)


def _inside(e: Integral, facts: Sequence[Hypothesis], hypotheses: frozenset[Hypothesis]) -> list[Hypothesis]:
    """The facts inside the open interval of an integral, which must be shown to be an interval."""
    _, x, lower, upper = binder(e)
    if any(x in free_in(h) for h in hypotheses):
        raise Undecided(f"a hypothesis speaks of {x}")
    for end in (lower, upper):
        if end not in (S.Infinity, S.NegativeInfinity):
            signs.require_defined(end, facts)
            if not is_real(end) or x in free(end):
                raise Undecided(f"not known to be real: {end}")
    if S.Infinity not in (lower, upper) and S.NegativeInfinity not in (lower, upper):
        _require_fact(Lt(lower, upper, evaluate=False), facts)
    if not x.is_real or x.is_integer or lower == S.Infinity or upper == S.NegativeInfinity:
        raise Undecided("the variable of integration must be real, the interval not empty")
    return [*facts, *_bounds(x, lower, upper)]


def _bounds(x: Symbol, lower: Expr, upper: Expr) -> list[Relational]:
    """lower < x < upper, as far as the ends are finite."""
    below = [] if lower == S.NegativeInfinity else [Gt(x, lower, evaluate=False)]
    return below if upper == S.Infinity else [*below, Lt(x, upper, evaluate=False)]


def substitution(e: Integral, inner: Expr, theorem: Theorem, given: Given = ()) -> Theorem:
    """∫ ±f(g(x)) g′(x) dx = V from ∫ f = V: + for a g that keeps the order of the ends, − for one that swaps them.

    With Φ a primitive of f, Φ∘g is one of f(g)·g′ and tends to the limits of Φ. So g need not be monotone; but it
    must map the open interval into the range, ends to ends, and f must be continuous there, which is shown by
    its having a derivative.
    """
    facts, hypotheses, theorems = _facts([*given, theorem])
    h, x, lower, upper = binder(e)
    if not isinstance(theorem.relation, Eq) or not isinstance(theorem.relation.lhs, Integral):
        raise Undecided(f"not the value of an integral: {theorem.relation}")
    f, u, start, end = binder(theorem.relation.lhs)
    facts = [fact for fact in facts if not (isinstance(fact, Relational) and fact.has(Integral))]
    if x in free(theorem.relation):
        raise Undecided(f"the known integral speaks of {x}")
    inside = _inside(e, facts, hypotheses)
    slope = derivative(inner, x)
    for side in (h, inner, slope):
        signs.require_defined(side, inside)
    if not in_domain(inner, u):
        raise Undecided(f"{inner} is not known to lie in the domain of {u}")
    for bound in _bounds(u, start, end):
        _require_fact(substitute(bound, {u: inner}), inside)
    within = _inside(theorem.relation.lhs, facts, hypotheses)
    signs.require_defined(derivative(f, u), within)
    signs.require_defined(f, within)
    ends = [limits.limit(Limit(inner, x, at, way), facts) for at, way in ((lower, "+"), (upper, "-"))]
    if same(ends[0], start) and same(ends[1], end):
        moved = substitute(f, {u: inner}) * slope
    elif same(ends[0], end) and same(ends[1], start):
        moved = -substitute(f, {u: inner}) * slope
    else:
        raise Undecided(f"the ends go to {ends}")
    axioms = normal.equal(h, moved, inside)
    recheck.agree(h, moved, inside)
    more = frozenset({*axioms, "change of variables", "derivative table", "limit algebra"})
    goal = Eq(e, theorem.relation.rhs, evaluate=False)
    return _make(goal, "substitution", hypotheses, theorems, axioms=more)


def integral_congr(pointwise: Theorem, known: Theorem) -> Theorem:
    """∫ f = V from ∫ g = V and "lower < x < upper ⊢ f = g", x being the variable of the known integral."""
    if not isinstance(known.relation, Eq) or not isinstance(known.relation.lhs, Integral):
        raise Undecided(f"not the value of an integral: {known.relation}")
    if not isinstance(pointwise.relation, Eq):
        raise Undecided("the integrands must be equal")
    g, x, lower, upper = binder(known.relation.lhs)
    if not same(pointwise.relation.rhs, g):
        raise Undecided(f"{pointwise.relation.rhs} is not the known integrand {g}")
    rest = pointwise.hypotheses - set(_bounds(x, lower, upper))
    hypotheses = rest | known.hypotheses
    _inside(known.relation.lhs, list(hypotheses), rest)
    goal = Eq(bind(Integral, pointwise.relation.lhs, x, lower, upper), known.relation.rhs, evaluate=False)
    return _make(goal, "integral_congr", hypotheses, [pointwise, known])


def has_deriv(term: Expr, x: Symbol, step: Symbol, given: Given = ()) -> Theorem:
    """lim (F(x + h) − F(x))/h = F′(x) for h → 0, F′ by the derivative table.

    The facts may bound x by strict inequalities only, so that they hold on an open interval around it.
    """
    facts, hypotheses, theorems = _facts(given)
    for h in hypotheses:
        bounds = isinstance(h, (Lt, Gt)) and any(a == x and x not in free(b) for a, b in (h.args, h.args[::-1]))
        if x in free_in(h) and not bounds:
            raise Undecided(f"not known to hold around {x}: {h}")
    if not x.is_real or x.is_integer or not step.is_real or step.is_integer or step == x or step in free(term):
        raise Undecided("a derivative is along a real variable, with a fresh real step")
    if theorems or any(step in free_in(h) for h in hypotheses):
        raise Undecided("only hypotheses, which say nothing of the step, may be given")
    slope = derivative(term, x)
    for side in (term, slope):
        signs.require_defined(side, facts)
    quotient = (substitute(term, {x: x + step}) - term) / step
    goal = Eq(Limit(quotient, step, 0, "+-"), slope, evaluate=False)
    return _make(goal, "has_deriv", hypotheses, theorems, axioms=frozenset({"derivative table"}))


def add_one_le_exp(term: Expr, given: Given = ()) -> Theorem:
    """t + 1 ≤ e^t for real t: the tangent at 0 of a convex function."""
    facts, hypotheses, theorems = _facts(given)
    signs.require_defined(term, facts)
    if not is_real(term):
        raise Undecided(f"not known to be real: {term}")
    goal = Le(term + 1, sympy.exp(term), evaluate=False)
    return _make(goal, "add_one_le_exp", hypotheses, theorems, axioms=frozenset({"exp convex"}))


def _require_limit(theorem: Theorem, wanted: Limit, x: Symbol) -> None:
    r = theorem.relation
    if not isinstance(r, Eq) or not isinstance(r.lhs, Limit):
        raise Undecided(f"not a limit: {r}")
    have = r.lhs
    if have.args[2] in (S.Infinity, S.NegativeInfinity):
        matches = same(Limit(*have.args[:3]), Limit(*wanted.args[:3]))
    else:
        matches = same(have, wanted)
    if not matches:
        raise Undecided(f"{have} is not {wanted}")


# --- computation -------------------------------------------------------------------------------------------------


def decide(goal: Relational, over: Mapping[Symbol, range], definitions: Sequence[Definition] = ()) -> Theorem:
    """A finite claim, by evaluating every case with certain comparisons; the count is in the note."""
    for definition in definitions:
        require_definition(definition)
    unknown = free(goal) - set(over) - {head(d) for d in definitions}
    if unknown:
        raise Undecided(f"not finite: {unknown}")
    if not all(v.is_integer and values.step == 1 and len(values) for v, values in over.items()):
        raise Undecided("cases are integers in non-empty ranges")
    count = math.prod(len(values) for values in over.values())
    if count > _CASES_LIMIT:
        raise Undecided("too many cases")
    for values in itertools.product(*over.values()):
        at = dict(zip(over, values, strict=True))
        if _truth(goal, at, definitions) is not True:
            raise Undecided(f"not shown at {at}")
    bounds = {r for v, s in over.items() for r in (Le(s[0], v, evaluate=False), Le(v, s[-1], evaluate=False))}
    used = frozenset({"ball arithmetic"}) | _names(definitions)
    return _make(goal, "decide", frozenset(bounds), (), definitions, axioms=used, note=f"{count} cases")


def _truth(goal: Relational, at: Mapping[Basic, object], definitions: Sequence[Definition]) -> bool | None:
    complex_values = not all(is_real(side) for side in goal.args)
    try:
        return oracle.decide(goal, at, definitions=definitions, complex_values=complex_values)
    except (oracle.Unsupported, ArithmeticError, LookupError, ValueError) as error:
        raise Undecided(f"no value at {dict(at)}: {error}") from error


def interval(goal: Relational, box: Mapping[Symbol, tuple[Fraction, Fraction]], depth: int = 14) -> Theorem:
    """A strict inequality on a box of real variables, by ball arithmetic and bisection."""
    if not isinstance(goal, (Lt, Gt, Ne)) or free(goal) - set(box):
        raise Undecided("interval proves strict inequalities on a box")
    todo, pieces = [(tuple((Fraction(a), Fraction(b)) for a, b in box.values()), 0)], 0
    if any(a > b for a, b in todo[0][0]) or not all(v.is_real and not v.is_integer for v in box):
        raise Undecided("a box of real variables with ordered ends is needed")
    while todo:
        sides, level = todo.pop()
        pieces += 1
        if _certain(goal, dict(zip(box, sides, strict=True))):
            continue
        if level >= depth * len(sides):
            raise Undecided(f"not shown on {sides}")
        k = max(range(len(sides)), key=lambda j: sides[j][1] - sides[j][0])
        middle = (sides[k][0] + sides[k][1]) / 2
        for half in ((sides[k][0], middle), (middle, sides[k][1])):
            todo.append(((*sides[:k], half, *sides[k + 1 :]), level + 1))
    bounds = {
        r for v, (a, b) in box.items() for r in (Le(_number(a), v, evaluate=False), Le(v, _number(b), evaluate=False))
    }
    return _make(goal, "interval", frozenset(bounds), axioms=frozenset({"ball arithmetic"}), note=f"{pieces} boxes")


def _number(q: Fraction) -> Expr:
    return sympy.Rational(Fraction(q).numerator, Fraction(q).denominator)


def _hull(a: Fraction, b: Fraction) -> arb:
    return arb(fmpq(a.numerator, a.denominator)).union(arb(fmpq(b.numerator, b.denominator)))


def _certain(goal: Relational, sides: Mapping[Symbol, tuple[Fraction, Fraction]]) -> bool:
    """Whether both sides have a value all over the box, and compare as the goal says."""
    box = {v: _hull(a, b) for v, (a, b) in sides.items()}
    less, more = goal.args if isinstance(goal, Lt) else goal.args[::-1]
    try:  # each side by itself: what is undefined may cancel in the difference
        for side in goal.args:
            oracle.ball(side, box, prec=96)
        ball = oracle.ball(more - less, box, prec=96)
    except oracle.Undefined:  # of this box; a smaller one may have a value
        return False
    except oracle.Unsupported as error:
        raise Undecided(str(error)) from error
    return bool(ball > 0) or (isinstance(goal, Ne) and bool(ball < 0))


@dataclass(frozen=True, eq=False)
class Refuted:
    """A popular statement, and that its hypotheses hold and its relation fails at the witness."""

    refutation: Refutation
    axioms: frozenset[str]
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise Undecided("a refutation is made by the rule witness")


def witness(refutation: Refutation, definitions: Sequence[Definition] = ()) -> Refuted:
    """That a popular sequent fails at the witness: its hypotheses hold there and its relation is false."""
    popular, at = refutation.popular, dict(refutation.witness)
    for definition in definitions:
        require_definition(definition)
    require_together(definitions)
    for h in popular.hypotheses:
        if isinstance(h, ForAll) or _truth(h, at, definitions) is not True:
            raise Undecided(f"the hypothesis is not shown at the witness: {h}")
    if _truth(popular.relation, at, definitions) is not False:
        raise Undecided("the popular statement is not shown false at the witness")
    return Refuted(refutation, frozenset({"ball arithmetic"}), _SEAL)


# --- quoted theorems ---------------------------------------------------------------------------------------------


def axiom(name: str) -> Theorem:
    """A theorem of the literature that is quoted, not proved; it shows in the trust of everything above it."""
    if name not in AXIOMS:
        raise Undecided(f"no axiom {name!r}")
    sequent = AXIOMS[name]
    return _make(sequent.relation, "axiom", frozenset(sequent.hypotheses), axioms=frozenset({f"quoted: {name}"}))

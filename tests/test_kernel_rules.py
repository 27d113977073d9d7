# SPDX-License-Identifier: BSD-3-Clause
"""What each rule of the kernel concludes, and from which hypotheses."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from lemmata.proofs import kernel, verify
from lemmata.proofs.calc import calc
from lemmata.proofs.calc import equation as eq
from lemmata.proofs.terms import Undecided
from lemmata.theory.claim import Case, Definition, ForAll, Refutation, Sequent
from sympy import (
    Abs,
    Function,
    IndexedBase,
    Integral,
    Lambda,
    Limit,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    cos,
    erf,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
    zeta,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

x, y, t = symbols("x y t", real=True)
z, u = symbols("z u")
i, j, k, m, n = symbols("i j k m n", integer=True)
s = IndexedBase("s", real=True)


def rel(kind, left, right):
    return kind(left, right, evaluate=False)


def concludes(theorem, relation, *hypotheses):
    assert theorem.relation == relation
    assert theorem.hypotheses == frozenset(hypotheses)


def test_ring_concludes_the_equation_and_keeps_what_it_was_given():
    goal = eq(x / (x * y), 1 / y)
    concludes(kernel.ring(goal, [rel(Ne, y, 0), rel(Gt, x, 1)]), goal, rel(Ne, y, 0), rel(Gt, x, 1))


def test_a_linear_combination_adds_multiples_of_theorems():
    first, second = kernel.assume(eq(x, y)), kernel.assume(eq(y, t))
    goal = eq(2 * x - y, t)
    concludes(kernel.linear_combination(goal, [(2, first), (1, second)]), goal, first.relation, second.relation)


def test_every_relation_has_a_flipped_form():
    for kind, flipped in ((Eq, Eq), (Ne, Ne), (Le, Ge), (Ge, Le), (Lt, Gt), (Gt, Lt)):
        assert kernel.symm(kernel.assume(rel(kind, x, y))).relation == rel(flipped, y, x)


@pytest.mark.parametrize(
    ("kinds", "whole"),
    [((Eq, Eq), Eq), ((Eq, Le), Le), ((Le, Lt), Lt), ((Ge, Eq), Ge), ((Gt, Ge), Gt), ((Lt,), Lt), ((Eq,), Eq)],
)
def test_a_chain_is_as_strong_as_its_links(kinds, whole):
    terms = symbols("a:4", real=True)
    links = [kernel.assume(rel(kind, *pair)) for kind, pair in zip(kinds, itertools.pairwise(terms), strict=False)]
    concludes(kernel.trans(*links), rel(whole, terms[0], terms[len(kinds)]), *(link.relation for link in links))


def test_a_chain_of_calc_goes_every_way():
    up = calc(x).lt(x + 1, kernel.nlinarith).close()
    down = calc(x).ge(x - 1, kernel.nlinarith).gt(x - 2, kernel.nlinarith).close()
    assert (up.relation, down.relation) == (rel(Lt, x, x + 1), rel(Gt, x, x - 2))


def test_a_link_that_proves_something_else_breaks_the_chain():
    with pytest.raises(Undecided, match="the link proves"):
        calc(x).eq(y, kernel.refl(x))


def test_congruence_reaches_below_binders():
    link = kernel.assume(eq(x, y))
    concludes(
        kernel.congr(Sum(t * s[i], (i, 0, n)), t, link),
        eq(Sum(x * s[i], (i, 0, n)), Sum(y * s[i], (i, 0, n))),
        link.relation,
    )


def test_rewriting_replaces_every_occurrence():
    link = kernel.assume(eq(s[n], y))
    term = Sum(s[n] * s[i], (i, 0, n)) + exp(s[n])
    assert kernel.rewrite(term, link).relation.rhs == Sum(y * s[i], (i, 0, n)) + exp(y)
    assert kernel.rewrite(Function("f")(n + 1), kernel.assume(eq(n + 1, m))).relation.rhs == Function("f")(m)
    assert kernel.rewrite(s[n + 1] + z, kernel.assume(eq(n + 1, m))).relation.rhs == s[m] + z
    assert kernel.rewrite(z**2 + x, kernel.assume(eq(z, u))).relation.rhs == u**2 + x


def test_rewriting_leaves_limits_alone():
    goal = Limit(exp(-x), x, oo) + y
    with pytest.raises(Undecided, match="existence is not shown"):
        kernel.rewrite(goal, kernel.assume(eq(y, t)))


@pytest.mark.parametrize(
    ("goal", "given"),
    [
        (rel(Gt, exp(x), 0), []),
        (rel(Lt, 0, 1 + x**2), []),
        (rel(Le, 0, Abs(z)), []),
        (rel(Ge, Sum(s[i] ** 2, (i, 0, n)), 0), []),
        (rel(Gt, Sum(s[i], (i, 0, n)), 0), [ForAll((k,), Gt(s[k], 0)), Ge(n, 0)]),
        (rel(Gt, Product(s[i], (i, 0, n)), 0), [ForAll((k,), Gt(s[k], 0))]),
        (rel(Ne, Product(s[i], (i, 0, n)), 0), [ForAll((k,), rel(Ne, s[k], 0))]),
        (rel(Ge, Product(s[i], (i, 0, n)), 0), [ForAll((k,), Ge(s[k], 0))]),
        (rel(Ne, exp(z) * Abs(u), 0), [rel(Ne, u, 0)]),
        (rel(Ne, z - u, 0), [rel(Ne, u, z)]),
        (rel(Gt, x * y + sqrt(y), 0), [Gt(x, 0), Gt(y, 0)]),
        (rel(Ge, sqrt(x) ** 3, 0), [Ge(x, 0)]),
        (rel(Gt, x**2, 0), [rel(Ne, x, 0)]),
        (rel(Ge, x**y, 0), [Gt(x, 0)]),
        (rel(Ne, pi - 3, 0), []),
        (rel(Ge, sqrt(2) - 1, 0), []),
    ],
)
def test_signs_follow_from_the_parts(goal, given):
    concludes(kernel.positivity(goal, given), goal, *given)


@pytest.mark.parametrize(
    ("function", "kind", "outer"), [("exp", Lt, exp), ("log", Le, log), ("sqrt", Eq, sqrt), ("exp", Ge, exp)]
)
def test_monotone_functions_keep_the_order(function, kind, outer):
    theorem = kernel.assume(rel(kind, x, y))
    given = [] if function == "exp" else [rel(Gt, x, 0), rel(Gt, y, 0)]
    concludes(kernel.monotone(function, theorem, given), rel(kind, outer(x), outer(y)), theorem.relation, *given)


def test_facts_that_exclude_each_other_prove_anything():
    facts = [rel(Gt, x, 1), rel(Lt, x, 0)]
    concludes(kernel.contradiction(eq(y, t), facts), eq(y, t), *facts)


def test_cases_join():
    yes = kernel.nlinarith(rel(Ge, Abs(x), x), [rel(Ge, x, 0)])
    no = kernel.nlinarith(rel(Ge, Abs(x), x), [rel(Lt, x, 0)])
    concludes(kernel.cases(rel(Ge, x, 0), yes, no), rel(Ge, Abs(x), x))
    with pytest.raises(Undecided, match="comparison of real terms"):
        kernel.cases(rel(Ge, Function("f")(x), 0), yes, no)


def test_the_triangle_inequality():
    concludes(kernel.triangle(x + z), rel(Le, Abs(x + z), Abs(x) + Abs(z)))
    total = Sum(Function("f")(i), (i, 0, n))
    concludes(kernel.triangle(total), rel(Le, Abs(total), Sum(Abs(Function("f")(i)), (i, 0, n))))


def test_a_universal_hypothesis_has_instances():
    positive = ForAll((k,), rel(Gt, s[k], 0), (rel(Ge, k, 0),))
    concludes(
        kernel.specialize(positive, {k: n + 1}, [rel(Ge, n + 1, 0)]), rel(Gt, s[n + 1], 0), positive, rel(Ge, n + 1, 0)
    )
    apart = ForAll((j, k), rel(Gt, s[j] + s[k], 0), (rel(Ne, j, k),))
    concludes(kernel.specialize(apart, {j: n, k: n + 1}), rel(Gt, s[n] + s[n + 1], 0), apart)


def test_a_theorem_has_instances():
    general = kernel.nlinarith(rel(Gt, x * y, 0), [rel(Gt, x, 0), rel(Gt, y, 0)])
    concludes(
        kernel.instantiate(general, {x: exp(t), y: t + 1}),
        rel(Gt, exp(t) * (t + 1), 0), rel(Gt, exp(t), 0), rel(Gt, t + 1, 0),
    )  # fmt: skip


def test_a_family_becomes_a_formula_in_hypotheses_too():
    positive = ForAll((k,), rel(Gt, s[k], 0))
    general = kernel.positivity(rel(Gt, s[n] + 1, 0), [positive])
    concludes(
        kernel.instantiate(general, {s: Lambda(j, exp(j * t))}),
        rel(Gt, exp(n * t) + 1, 0), ForAll((k,), rel(Gt, exp(k * t), 0)),
    )  # fmt: skip


def test_a_formula_that_speaks_of_a_quantified_variable_does_not_capture_it():
    limited = ForAll((k,), rel(Le, s[k], x), (rel(Ge, k, 0),))
    general = kernel.specialize(limited, {k: S.Zero})
    moved = kernel.instantiate(general, {x: s[k]})
    (hypothesis,) = moved.hypotheses
    assert hypothesis.variables[0] != k
    assert moved.relation == rel(Le, s[0], s[k])


def test_a_condition_keeps_its_own_names_when_a_variable_is_renamed():
    other = Symbol("k'", integer=True)
    limited = ForAll((k,), rel(Ge, m, k), (rel(Gt, k, other),))
    general = kernel.specialize(limited, {k: other + 1}, [rel(Gt, other + 1, other)])
    moved = kernel.instantiate(general, {m: k})
    (hypothesis,) = (h for h in moved.hypotheses if isinstance(h, ForAll))
    assert hypothesis.variables[0] not in {k, other}
    assert hypothesis.conditions == (rel(Gt, hypothesis.variables[0], other),)


@pytest.mark.parametrize(
    "hypothesis",
    [
        rel(Gt, Sum(sqrt(s[i]), (i, 0, n)) * y, t),
        ForAll((k,), rel(Gt, sqrt(s[k]) * y, t)),
        rel(Gt, Limit(exp(-x / t), x, oo, "-") * y, 0),
        rel(Gt, Integral(1 / x, (x, 1, t)) * y, 0),
        rel(Gt, t * tanh(y) * log(t), 0),
    ],
)
def test_a_hypothesis_is_instantiated_where_nothing_is_lost(hypothesis):
    theorem = kernel.ring(eq(x, x), [hypothesis])
    assert len(kernel.instantiate(theorem, {y: x + 1}).hypotheses) == 1
    with pytest.raises(Undecided):
        kernel.instantiate(theorem, {y: S.Zero, t: S(-1)})


def test_a_root_inside_a_sum_may_be_lost_where_it_has_a_value():
    theorem = kernel.ring(eq(x, x), [rel(Gt, Sum(sqrt(exp(s[i])) * y, (i, 0, n)), t)])
    assert kernel.instantiate(theorem, {y: S.Zero}).hypotheses == {rel(Gt, Sum(0, (i, 0, n)), t)}


def test_a_hypothesis_is_discharged_by_its_proof():
    needs = kernel.nlinarith(rel(Ge, x**3, 0), [rel(Ge, x, 0)])
    concludes(
        kernel.discharge(needs, kernel.nlinarith(rel(Ge, x, 0), [rel(Ge, x, 5)])), rel(Ge, x**3, 0), rel(Ge, x, 5)
    )


def test_a_universal_hypothesis_is_discharged_by_a_general_proof():
    everywhere = ForAll((x,), rel(Ge, x**2, 0), (rel(Ge, x, 1),))
    used = kernel.specialize(everywhere, {x: y + 1}, [rel(Ge, y + 1, 1)])
    proof = kernel.nlinarith(rel(Ge, x**2, 0), [rel(Ge, x, 1), rel(Ge, t, 0)])
    concludes(kernel.discharge_all(used, everywhere, proof), rel(Ge, (y + 1) ** 2, 0), rel(Ge, y + 1, 1), rel(Ge, t, 0))
    special = kernel.nlinarith(rel(Ge, x**2, 0), [rel(Ge, x, 1), rel(Ge, x, 2)])
    with pytest.raises(Undecided, match="is to be general"):
        kernel.discharge_all(used, everywhere, special)


def test_a_definition_with_an_integral_unfolds():
    tail = Definition("tail", (n, x), (Case((n, x), Integral(exp(-t), (t, x, oo))),), "real")
    body = Integral(exp(-t), (t, y, oo))
    known = kernel.assume(rel(Eq, body, exp(-y)))
    assert kernel.unfold(tail, 0, {n: n, x: y}, [known]).relation.rhs == body
    with pytest.raises(Undecided, match="existence"):
        kernel.unfold(tail, 0, {n: n, x: y})
    with pytest.raises(Undecided, match="existence"):
        kernel.unfold(tail, 0, {n: n, x: x}, [known])


def test_induction_general_in_a_variable():
    power = Definition(
        "P",
        (n, x),
        (Case((S.Zero, x), S.One), Case((n + 1, x), x * Function("P", real=True)(n, x), (Ge(n, 0),))),
        "real",
    )
    goal = eq(power(n, x), x**n)
    base = calc(power(0, x)).eq(S.One, kernel.unfold(power, 0, {x: x})).close()
    opened = kernel.unfold(power, 1, {n: n, x: x}, [Ge(n, 0)])
    below = kernel.specialize(ForAll((x,), goal), {x: x})
    step = kernel.linear_combination(eq(power(n + 1, x), x ** (n + 1)), [(1, opened), (x, below)], [Ge(n, 0)])
    concludes(kernel.induction(goal, n, base, step), goal, Ge(n, 0))


def test_induction_general_under_a_condition():
    goal = rel(Ge, n * x, 0)
    everywhere = ForAll((x,), goal, (rel(Ge, x, 0),))
    below = kernel.specialize(everywhere, {x: x}, [rel(Ge, x, 0)])
    step = kernel.nlinarith(rel(Ge, (n + 1) * x, 0), [below, rel(Ge, x, 0)])
    base = kernel.nlinarith(rel(Ge, S.Zero, 0))
    concludes(kernel.induction(goal, n, base, step), goal, rel(Ge, x, 0), Ge(n, 0))


def test_induction_from_another_start():
    goal = eq(Sum(i, (i, 3, n)), (n - 2) * (n + 3) / 2)
    base = kernel.ring(eq(Sum(i, (i, 3, 3)), S(3)))
    shown = kernel.ring(eq(Sum(i, (i, 3, n + 1)), Sum(i, (i, 3, n)) + n + 1), [Ge(n, 3)])
    step = kernel.linear_combination(
        eq(Sum(i, (i, 3, n + 1)), (n - 1) * (n + 4) / 2), [(1, shown), (1, kernel.assume(goal))], [Ge(n, 3)]
    )
    concludes(kernel.induction(goal, n, base, step, S(3)), goal, Ge(n, 3))


def test_an_integral_in_an_induction_is_kept():
    tail = Integral(exp(-t), (t, x, oo))
    goal = eq(tail, exp(-x) + 0 * n)
    known = kernel.assume(goal)
    concludes(kernel.induction(goal, n, known, known), goal, goal, Ge(n, 0))


def test_sums_keep_what_holds_for_their_terms():
    inside = [rel(Le, 0, i), rel(Le, i, n)]
    each = kernel.nlinarith(rel(Le, s[i], s[i] + i), inside)
    concludes(kernel.termwise(each, i, S.Zero, n), rel(Le, Sum(s[i], (i, 0, n)), Sum(s[i] + i, (i, 0, n))))
    equal = kernel.ring(eq(s[i] + s[i], 2 * s[i]))
    concludes(
        kernel.termwise(equal, i, S.Zero, n, Product), eq(Product(2 * s[i], (i, 0, n)), Product(2 * s[i], (i, 0, n)))
    )


def test_sums_and_products_are_split():
    within = [rel(Le, 0, m), rel(Le, m, n)]
    for kind, join in ((Sum, lambda a, b: a + b), (Product, lambda a, b: a * b)):
        parts = kind(s[i], (i, 0, m)), kind(s[i], (i, m + 1, n))
        concludes(kernel.split(kind(s[i], (i, 0, n)), m, within), eq(kind(s[i], (i, 0, n)), join(*parts)), *within)


def test_double_sums_are_swapped():
    f = Function("f")
    concludes(
        kernel.swap(Sum(f(i, j), (j, 1, m), (i, 0, n))),
        eq(Sum(f(i, j), (j, 1, m), (i, 0, n)), Sum(f(i, j), (i, 0, n), (j, 1, m))),
    )


@pytest.mark.parametrize(
    ("body", "at", "way", "value", "given"),
    [
        (x**2 + 1, 2, "+", 5, []),
        (1 / x, oo, "-", 0, []),
        (exp(-x), oo, "-", 0, []),
        (exp(x), -oo, "+", 0, []),
        (exp(x), y, "-", exp(y), []),
        (exp(-1 / x), 0, "+", 0, []),
        (exp(1 / x), 0, "-", 0, []),
        (exp(-1 / x**2), 0, "-", 0, []),
        (exp(-log(1 / x)), 0, "+", 0, []),
        (exp(2 * log(x)), 0, "+", 0, []),
        (log(x + 1), 0, "+", 0, []),
        (1 / log(x), oo, "-", 0, []),
        (sqrt(x + y), 0, "+", sqrt(y), [rel(Gt, y, 0)]),
        (2 ** (-x), oo, "-", 0, []),
        (y**x, 0, "+", 1, [rel(Gt, y, 0)]),
        (tanh(x), oo, "-", 1, []),
        (tanh(x), -oo, "+", -1, []),
        (erf(x) + sin(0 * x), 0, "+", 0, []),
        (1 / Abs(x), -oo, "+", 0, []),
        (cos(1 / x), oo, "-", 1, []),
        (x ** (-3) + 1 / sqrt(-x), -oo, "+", 0, []),
        (1 / x**2 + 1 / x**3, -oo, "+", 0, []),
        (1 / (x + y), 0, "+", 1 / y, [rel(Ne, y, 0)]),
        (1 / sqrt(x + y), 0, "+", 1 / sqrt(y), [rel(Gt, y, 0)]),
        (exp(-y * x), oo, "-", 0, [rel(Gt, y, 0)]),
        (exp(y * x), oo, "-", 0, [rel(Lt, y, 0)]),
        (Sum(s[i] / x, (i, 0, n)), oo, "-", 0, []),
        (Product(1 + s[i] / x, (i, 0, n)), oo, "-", 1, [Ge(n, -1)]),
        (1 / n, oo, "-", 0, []),
        (exp(-1 / (x - y) ** 2), y, "-", 0, []),
    ],
)
def test_limits(body, at, way, value, given):
    variable = n if body == 1 / n else x
    goal = eq(Limit(body, variable, at, way), S(value))
    concludes(kernel.limit(goal, given), goal, *given)


def test_the_squeeze():
    lower = kernel.nlinarith(rel(Le, -Abs(x), x), [rel(Gt, x, 0), rel(Lt, x, y)])
    upper = kernel.nlinarith(rel(Le, x, Abs(x)), [rel(Gt, t, 0)])
    low, high = (kernel.limit(eq(Limit(b, x, 0, "+"), S.Zero)) for b in (-Abs(x), Abs(x)))
    near = [rel(Gt, y, 0)]
    theorem = kernel.squeeze(Limit(x, x, 0, "+"), lower, upper, low, high, near)
    concludes(theorem, eq(Limit(x, x, 0, "+"), S.Zero), rel(Gt, t, 0), *near)


@pytest.mark.parametrize(
    ("at", "way", "near"),
    [
        (oo, "-", rel(Gt, x, 7)),
        (-oo, "+", rel(Lt, x, -7)),
        (S(3), "-", rel(Lt, 2, x)),
        (S(3), "-", rel(Gt, 4, x)),
        (S(3), "+", rel(Gt, x, 3)),
        (S(3), "-", rel(Ne, x, 3)),
    ],
)
def test_the_squeeze_may_assume_what_holds_near_the_point(at, way, near):
    lower, upper = kernel.nlinarith(rel(Le, y, y), [near]), kernel.nlinarith(rel(Le, y, y))
    same = kernel.limit(eq(Limit(y, x, at, way), y))
    concludes(kernel.squeeze(Limit(y, x, at, way), lower, upper, same, same), eq(Limit(y, x, at, way), y))


def test_an_integral_by_its_antiderivative():
    f, primitive = y * exp(-y * x), -exp(-y * x)
    given = [rel(Gt, y, 0)]
    low = kernel.limit(eq(Limit(primitive, x, 0, "+"), S(-1)))
    high = kernel.limit(eq(Limit(primitive, x, oo, "-"), S.Zero), given)
    concludes(
        kernel.antiderivative(Integral(f, (x, 0, oo)), primitive, low, high, given),
        eq(Integral(f, (x, 0, oo)), S.One),
        *given,
    )


@pytest.mark.parametrize(
    ("goal", "cases", "count"),
    [(rel(Le, n, 9), 10, "10 cases"), (rel(Ne, 2 * n, 7), 10, "10 cases"), (rel(Gt, sqrt(n + 1), 0), 10, "10 cases")],
)
def test_finite_claims_are_decided(goal, cases, count):
    theorem = kernel.decide(goal, {n: range(cases)})
    concludes(theorem, goal, rel(Le, 0, n), rel(Le, n, cases - 1))
    assert theorem.note == count


def test_a_finite_claim_may_be_complex():
    assert kernel.decide(eq(S.ImaginaryUnit ** (4 * n) * 1, S.One), {n: range(3)}).rule == "decide"


def test_an_inequality_on_a_box():
    goal = rel(Lt, x * (1 - x), Rational(3, 10))
    theorem = kernel.interval(goal, {x: (Fraction(0), Fraction(1))})
    concludes(theorem, goal, rel(Le, 0, x), rel(Le, x, 1))
    assert theorem.axioms == {"ball arithmetic"}


def test_different_on_a_box():
    assert kernel.interval(rel(Ne, x, 2), {x: (0, 1)}).relation == rel(Ne, x, 2)
    assert kernel.interval(rel(Ne, x, -1), {x: (0, 1)}).relation == rel(Ne, x, -1)
    assert kernel.interval(rel(Gt, 1 / (x + 1), Rational(1, 3)), {x: (0, 1)}).relation.func is Gt


def test_what_the_balls_do_not_know_is_not_shown_on_a_box():
    with pytest.raises(Undecided):
        kernel.interval(rel(Gt, zeta(x), 0), {x: (2, 3)})


def test_a_witness_refutes():
    popular = Sequent("p", rel(Ge, x**2, x), (rel(Gt, x, 0),))
    refuted = kernel.witness(Refutation("p", popular, ((x, Rational(1, 2)),)))
    assert refuted.axioms == {"ball arithmetic"}


def test_a_quoted_theorem_shows_in_the_trust():
    assert kernel.axiom("gamma-derivative").rests_on() == {"quoted: gamma-derivative"}


def test_a_theorem_is_a_relation():
    with pytest.raises(Undecided, match="not a relation"):
        kernel.assume(S.true)


def test_a_theorem_is_generalized_where_nothing_is_assumed():
    theorem = kernel.nlinarith(rel(Ge, x**2, 0), [rel(Ge, x, 1)])
    assert kernel.generalize(theorem, [x], [rel(Ge, x, 1)]) is theorem


def test_the_rules_below_a_theorem_are_listed():
    theorem = kernel.trans(kernel.ring(eq(x + x, 2 * x)), kernel.refl(2 * x))
    assert theorem.rules() == {"calc", "ring", "refl"}
    assert verify.cited(theorem) == frozenset()

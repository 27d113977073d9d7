# SPDX-License-Identifier: BSD-3-Clause
"""Statements that are false, or true only under conditions that are missing: no rule proves them.

Each line is fed to the rule that would be tempted; its name says why the statement is false.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from lemmata.proofs.calc import equation as eq
from lemmata.proofs.kernel import (
    Theorem,
    antiderivative,
    assume,
    axiom,
    cases,
    congr,
    contradiction,
    decide,
    discharge,
    discharge_all,
    induction,
    instantiate,
    integral_congr,
    interval,
    limit,
    linear_combination,
    monotone,
    nlinarith,
    positivity,
    refl,
    rewrite,
    ring,
    specialize,
    split,
    squeeze,
    substitution,
    swap,
    symm,
    termwise,
    trans,
    triangle,
    unfold,
    witness,
)
from lemmata.proofs.terms import Undecided
from lemmata.theory.claim import Case, Definition, ForAll, Refutation, Sequent
from sympy import (
    Abs,
    Derivative,
    Float,
    Function,
    I,
    IndexedBase,
    Integral,
    Lambda,
    Limit,
    Max,
    Mod,
    Piecewise,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    atan,
    conjugate,
    cos,
    exp,
    floor,
    log,
    oo,
    pi,
    re,
    sin,
    sqrt,
    symbols,
    tan,
    tanh,
)
from sympy.core.relational import Ge, Gt, Le, Lt, Ne

x, y, w, t, a = symbols("x y w t a", real=True)
z, u = symbols("z u")
i, j, k, m, n, N, d = symbols("i j k m n N d", integer=True)
s = IndexedBase("s", real=True)
p = IndexedBase("p", integer=True)
f, g = Function("f", real=True), Function("g")


def ge(left, right):
    return Ge(left, right, evaluate=False)


def gt(left, right):
    return Gt(left, right, evaluate=False)


def le(left, right):
    return Le(left, right, evaluate=False)


def lt(left, right):
    return Lt(left, right, evaluate=False)


def ne(left, right):
    return Ne(left, right, evaluate=False)


def by_ring(left, right, *given) -> Callable[[], object]:
    return lambda: ring(eq(left, right), given)


def integral(body, primitive, lower, upper, low, high, *given, var=x) -> Callable[[], object]:
    """∫ body from a primitive whose limits at the ends are taken for granted."""
    ends = tuple(
        assume(eq(Limit(primitive, var, at, way), value)) for at, way, value in ((lower, "+", low), (upper, "-", high))
    )
    return lambda: antiderivative(Integral(body, (var, lower, upper)), primitive, *ends, given)


def lim(body, at, value, way="+", *given, var=x) -> Callable[[], object]:
    return lambda: limit(eq(Limit(body, var, at, way), value), given)


IDENTITIES = {
    "undefined at x = 1": by_ring((x**2 - 1) / (x - 1), x + 1),
    "false for negative x": by_ring(sqrt(x**2), x),
    "√z² = z only in half of the plane": by_ring(sqrt(z**2), z),
    "logs of unknown sign": by_ring(log(x * y), log(x) + log(y)),
    "log of a product of two negative numbers": by_ring(log(x * y), log(x) + log(y), gt(x * y, 0)),
    "log x² is not 2 log x for x < 0": by_ring(log(x**2), 2 * log(x), ne(x, 0)),
    "log of a complex number": by_ring(log(exp(z)), z),
    "roots of unknown sign": by_ring(sqrt(x * y), sqrt(x) * sqrt(y)),
    "roots of two negative numbers": by_ring(sqrt(x * y), sqrt(x) * sqrt(y), ge(x * y, 0)),
    "power of a product of negative numbers": by_ring((x * y) ** a, x**a * y**a),
    "power of a power, complex": by_ring((exp(z)) ** Rational(1, 2), exp(z / 2)),
    "0⁰ = 1": by_ring(S.Zero**n, S.Zero, ge(n, 0)),
    "x⁰ is not 0": by_ring(x**n * x, x ** (n + 1)),
    "x⁻ⁿ at x = 0": by_ring(x ** (-n), (1 / x) ** n, ge(n, 0)),
    "0/0": by_ring(x * y / (x * y + x - x * (y + 1) + x), y),
    "a denominator that vanishes somewhere": by_ring((x - y) / (x**2 - y**2), 1 / (x + y)),
    "true only for d = 2": by_ring(Sum(s[i], (i, 0, d - 1)), s[0] + s[1], ge(d, 1)),
    "off by one": by_ring(Sum(i, (i, 0, n)), n * (n + 1), ge(n, 0)),
    "one term too many": by_ring(Sum(s[i], (i, 0, n)), Sum(s[i], (i, 0, n - 1)), ge(n, 0)),
    "one term too many, shifted": by_ring(Sum(s[i], (i, 1, n)), Sum(s[i + 1], (i, 0, n)), ge(n, 0)),
    "N terms, N possibly negative": by_ring(Sum(x, (i, 0, N - 1)), N * x),
    "no last term, N possibly negative": by_ring(Sum(s[i], (i, 0, N)), Sum(s[i], (i, 0, N - 1)) + s[N]),
    "no last factor, N possibly negative": by_ring(Product(s[i], (i, 0, N)), Product(s[i], (i, 0, N - 1)) * s[N]),
    "the sum of one half of the range": by_ring(Sum(x, (i, 0, 2 * N - 1)), N * x, ge(N, 0)),
    "two sums with one bound name": by_ring(
        Sum(s[i], (i, 0, n)) * Sum(s[i], (i, 0, n)), Sum(s[i] ** 2, (i, 0, n)), ge(n, 0)
    ),
    "the square of a sum": by_ring(Sum(s[i], (i, 0, n)) ** 2, Sum(s[i] ** 2, (i, 0, n)), ge(n, 0)),
    "a product of sums": by_ring(Sum(s[i] * p[i], (i, 0, n)), Sum(s[i], (i, 0, n)) * Sum(p[i], (i, 0, n)), ge(n, 0)),
    "a product of a sum": by_ring(Product(x + s[i], (i, 0, n)), x + Product(s[i], (i, 0, n)), ge(n, 0)),
    "a factor pulled out of a sum once only": by_ring(Product(2 * s[i], (i, 0, n)), 2 * Product(s[i], (i, 0, n))),
    "order of the indices": by_ring(
        Sum(Sum(g(i, j), (j, 0, n)), (i, 0, n)), Sum(Sum(g(j, i), (j, 0, i)), (i, 0, n)), ge(n, 0)
    ),
    "1/n in an empty sum": by_ring(Sum(1 / n, (i, 0, n - 1)), S.One, ge(n, 0)),
    "1/(n + m) in an empty sum": by_ring(Sum(1 / (n + m), (i, 0, n + m - 1)), S.One, ge(n, 0), ge(m, 0)),
    "e to an empty mean": by_ring(exp(Sum(x / n, (i, 0, n - 1))), exp(x), ge(n, 0)),
    "the sign of m is known inside only": by_ring(Sum(1, (i, 0, Abs(m) - 4)), m - 3, ge(m, -3), ge(Abs(m), 3)),
    "the length of a sum is known inside only": by_ring(
        Sum(s[i], (i, 0, N - Abs(m) - 1)), Sum(s[i], (i, 0, N - m - 1)), ge(m * (m + N), 0), ge(N, 1)
    ),
    "f(|x|) is f(x) inside only": by_ring(
        Sum(f(Abs(x)), (i, 0, n - 1)) + sqrt(f(x) ** 2),
        Sum(f(Abs(x)), (i, 0, n - 1)) + f(x),
        gt(f(Abs(x)), 0),
        ge(n, 0),
        ge(x, n - 1),
    ),
    "indices of sums in limits are captured": by_ring(
        Sum(Sum(1, (j, 1, Sum(Sum(p[i, k, m], (m, 0, 1)), (k, 0, n)))), (i, 0, n)),
        Sum(Sum(1, (j, 1, Sum(Sum(p[k, k, m], (m, 0, 1)), (k, 0, n)))), (i, 0, n)),
        ge(n, 0),
    ),
    "an index captured by the start of a sum": by_ring(
        Sum(Sum(g(j, i), (j, 0, n)), (i, Sum(p[k], (k, 0, n)), n)),
        Sum(Sum(g(j, j + Sum(p[k], (k, 0, n))), (j, 0, n)), (i, Sum(p[k], (k, 0, n)), n)),
        ge(n, 0),
    ),
    "|z|² is not z²": by_ring(Abs(z) ** 2, z**2),
    "|x| is not x": by_ring(Abs(x), x),
    "|x + y| is not |x| + |y|": by_ring(Abs(x + y), Abs(x) + Abs(y)),
    "|e^z| = 1 only on the imaginary axis": by_ring(Abs(exp(I * z)), S.One),
    "conjugate of a complex number": by_ring(conjugate(z), z),
    "conjugate of a product": by_ring(conjugate(z * u), conjugate(z) * u),
    "real part of a product": by_ring(re(z * u), re(z) * re(u)),
    "the angle doubles": by_ring(cos(2 * x), 2 * cos(x)),
    "the wrong sign of an addition formula": by_ring(cos(x + y), cos(x) * cos(y) + sin(x) * sin(y)),
    "tan of a right angle": by_ring(tan(x) * cos(x), sin(x)),
    "tanh has poles": by_ring(tanh(z), sin(I * z) / (I * cos(I * z))),
    "(−1)^n": by_ring((-1) ** n, S.One),
    "cos πn for odd n": by_ring(cos(pi * n) ** 2, cos(pi * n)),
    "a float": by_ring(x + Float("0.1"), x + Rational(1, 10)),
    "two floats": by_ring(x * Float("0.1"), x * Float("0.1")),
    "∞ = ∞": by_ring(x + oo, y + oo),
    "a divergent integral": by_ring(Integral(1 / x, (x, -1, 1)), Integral(1 / x, (x, -1, 1))),
    "a derivative": by_ring(Derivative(Abs(x), x), Derivative(Abs(x), x)),
    "a kink": by_ring(Max(x, y), x),
    "a function by cases": by_ring(Piecewise((x, x > 0), (0, True)), x),
    "the floor of a quotient": by_ring(floor(n / 2), n / 2),
    "not an equation": lambda: ring(le(x, x)),
}

ORDER = {
    "a square is not positive": lambda: positivity(gt(x**2, 0)),
    "sign of a difference": lambda: positivity(ge(x - y, 0)),
    "a sum that may be empty": lambda: positivity(gt(Sum(exp(s[i]), (i, 0, n)), 0)),
    "a negative sum over i from i + 1": lambda: positivity(ge(Sum(-1, (i, i + 1, n)), 0)),
    "a fact about another i": lambda: positivity(ge(Sum(s[i], (i, 0, n)), 0), [ForAll((k,), gt(s[k], 0), (le(k, i),))]),
    "a fact about a real index": lambda: positivity(gt(f(x), 0), [ForAll((k,), gt(f(k), 0))]),
    "a fact outside its conditions": lambda: positivity(gt(s[n], 0), [ForAll((k,), gt(s[k], 0), (ge(k, 0),))]),
    "compares with 1": lambda: positivity(gt(exp(x), 1)),
    "contradictory facts": lambda: positivity(gt(x, 0), [gt(y, 0), lt(y, 0)]),
    "an equation of unknown sign": lambda: positivity(eq(x, 0)),
    "strict for equal": lambda: nlinarith(lt(x, y), [le(x, y)]),
    "x² ≥ x for reals": lambda: nlinarith(ge(x**2, x)),
    "no number between 0 and 1": lambda: nlinarith(ge(x, 1), [gt(x, 0)]),
    "an integer between 0 and 2 is 1, a real is not": lambda: nlinarith(eq(x, 1), [gt(x, 0), lt(x, 2)]),
    "facts that exclude each other": lambda: nlinarith(eq(S.Zero, 1), [gt(x, 1), lt(x, 0)]),
    "the square of a complex number": lambda: nlinarith(ge(z**2, 0)),
    "a quotient that may be undefined": lambda: nlinarith(eq(x / (x + y) + y / (x + y), 1)),
    "sqrt without sign": lambda: nlinarith(ge(sqrt(x), 0)),
    "the product of unknown signs": lambda: nlinarith(ge(x * y, 0), [ge(x + y, 0)]),
    "a remainder by what may be 0": lambda: nlinarith(ge(Mod(n, m), 0)),
    "a remainder by a negative number": lambda: nlinarith(ge(Mod(n, m), 0), [ne(m, 0)]),
    "floor is not the number": lambda: nlinarith(eq(floor(x), x)),
    "log of unknown sign": lambda: monotone("log", assume(le(x, y))),
    "sqrt of unknown sign": lambda: monotone("sqrt", assume(le(x, y))),
    "cos does not increase": lambda: monotone("cos", assume(le(x, y))),
    "exp of complex numbers": lambda: monotone("exp", assume(eq(z, u))),
    "≠ is not kept": lambda: monotone("exp", assume(ne(x, y))),
    "nothing is contradictory": lambda: contradiction(eq(S.Zero, 1), [ge(x, 0)]),
    "real, but no integer": lambda: contradiction(eq(S.Zero, 1), [gt(x, 0), lt(x, 1)]),
    "the triangle of a product": lambda: triangle(x * y),
    "the triangle of an undefined sum": lambda: triangle(1 / x + y),
    "up and down": lambda: trans(assume(le(x, y)), assume(ge(y, w))),
    "a broken chain": lambda: trans(assume(le(x, y)), assume(le(w, t))),
    "≠ is not transitive": lambda: trans(assume(ne(x, y)), assume(ne(y, x))),
    "an empty chain": trans,
    "the cases do not exclude each other": lambda: cases(
        ge(x, 0), nlinarith(ge(y, 0), [ge(y, 0), ge(x, 0)]), nlinarith(ge(y**2, 0), [lt(x, -1)])
    ),
    "different conclusions": lambda: cases(ge(x, 0), nlinarith(ge(x, 0), [ge(x, 0)]), nlinarith(lt(x, 0), [lt(x, 0)])),
    "order of complex numbers": lambda: cases(ge(z, 0), refl(x), refl(x)),
    "a root in a condition": lambda: cases(ge(sqrt(x), 0), refl(x), refl(x)),
    "a condition that may be undefined": lambda: cases(ge(1 / x, 0), refl(x), refl(x)),
}

HALF = {n: range(0, 5)}
COMPUTATION = {
    "false in one case": lambda: decide(lt(n, 4), HALF),
    "a case without value": lambda: decide(ge(1 / n, 0), HALF),
    "0 of no cases": lambda: decide(eq(n, n + 1), {n: range(0)}),
    "a step is left out": lambda: decide(eq(Mod(n, 2), 0), {n: range(0, 6, 2)}),
    "real cases": lambda: decide(eq(floor(x), x), {x: range(3)}),
    "infinitely many cases": lambda: decide(ge(n + m, 0), HALF),
    "equal irrational numbers stay undecided": lambda: decide(
        eq(sqrt(n + 1) * sqrt(n + 2), sqrt((n + 1) * (n + 2))), HALF
    ),
    "too many cases": lambda: decide(ge(n * m, 0), {n: range(10**4), m: range(10**4)}),
    "not strict": lambda: interval(le(x**2, 1), {x: (0, 1)}),
    "an end that is equal": lambda: interval(lt(x**2, 1), {x: (0, 1)}),
    "an integer variable": lambda: interval(lt(n, 2), {n: (0, 1)}),
    "an empty box": lambda: interval(lt(x, 0), {x: (1, 0)}),
    "a variable without bounds": lambda: interval(lt(x, y), {x: (0, 1)}),
    "undefined inside the box": lambda: interval(gt(1 / x**2, 0), {x: (-1, 1)}),
    "what is undefined cancels": lambda: interval(gt(1 / x + 1, 1 / x), {x: (-1, 1)}),
    "a root that cancels": lambda: interval(gt(sqrt(x) + 1, sqrt(x)), {x: (-1, 1)}),
    "beyond what balls hold": lambda: interval(gt(exp(exp(exp(exp(x + 9)))), 0), {x: (0, 1)}),
    "no certain comparison": lambda: interval(ne(x, Rational(1, 3)), {x: (0, 1)}),
    "an unknown function": lambda: interval(gt(floor(x) + Abs(tan(x)), -9), {x: (0, 2)}),
    "a witness that satisfies the statement": lambda: witness(
        Refutation("r", Sequent("r", ge(x**2, 0)), ((x, S.One),))
    ),
    "a witness outside the hypotheses": lambda: witness(
        Refutation("r", Sequent("r", ge(x, 0), (gt(x, -1),)), ((x, S(-2)),))
    ),
    "a witness outside the domain": lambda: witness(
        Refutation("r", Sequent("r", ge(n, 1), (gt(n, 0),)), ((n, Rational(1, 2)),))
    ),
    "a member of a family outside its domain": lambda: witness(
        Refutation("r", Sequent("r", ne(2 * p[0], 1)), ((p[0], Rational(1, 2)),))
    ),
    "a witness of a universal hypothesis": lambda: witness(
        Refutation("r", Sequent("r", ge(x, 0), (ForAll((k,), gt(s[k], 0)),)), ((x, S(-2)),))
    ),
    "no such axiom": lambda: axiom("0 = 1"),
}

LIMITS = {
    "oscillation": lim(sin(x), oo, 0, "-"),
    "a sum that speaks of the point by another name": lim(Sum(x * s[i], (i, 0, n)), i, 0),
    "a product of unbounded terms": lim(Product(1 / x + s[i], (i, 1, n)), 0, 0),
    "the sign of a root's denominator": lim(1 / sqrt(x * y), 0, 0),
    "oscillation at a point": lim(sin(1 / x), 0, 0),
    "0 · ∞": lim(x * sin(1 / x), oo, 0, "-"),
    "∞ − ∞": lim(x - sqrt(x**2 + x), oo, 0, "-"),
    "∞ is not a number": lim(1 / x, 0, 0),
    "the other side": lim(exp(1 / x), 0, 0, "+"),
    "two sides": lim(1 / (1 + exp(1 / x)), 0, 0, "+-"),
    "the sign of the denominator is not known": lim(exp(1 / (x * y)), 0, 0),
    "the sign of the factor is not known": lim(exp(y * x), oo, 0, "-"),
    "log of a limit of unknown sign": lim(log(x + y), 0, log(y)),
    "log of negative numbers": lim(log(x), 0, 0, "-"),
    "root of negative numbers": lim(sqrt(x), 0, 0, "-"),
    "a jump": lim(floor(x), 0, 0),
    "an unknown function": lim(f(x), 0, f(0)),
    "something is assumed of the variable": lim(1 / x, oo, 0, "-", lt(x, 5)),
    "an integer does not tend to 0": lim(exp(-1 / (n**2 - n)), 0, 0, var=n),
    "a complex variable": lim(z, 0, 0, var=z),
    "a complex point": lim(x, I, I),
    "an undefined point": lim(x, 1 / y, 1 / y),
    "a range that grows": lim(Sum(1, (i, 0, floor(x))), oo, 1, "-"),
    "unbounded terms": lim(Sum(x, (i, 0, n)), oo, 0, "-"),
    "a range that contradicts its index": lim(Sum(log(x + s[i]), (i, i + 1, n)), 0, Sum(log(s[i]), (i, i + 1, n))),
    "x^x": lim((x + 1) ** x, 0, 1),
    "a real power": lim(x**y, 1, 1),
    "not a limit": lambda: limit(eq(x, x)),
    "the wrong value": lim(exp(-x), oo, 1, "-"),
    "the root of −∞": lim(1 / sqrt(x), -oo, 0, "+"),
    "a denominator that may tend to 0": lim(1 / (x + y), 0, 1 / y),
    "cos has no limit": lim(cos(x), oo, 1, "-"),
}


def squeezed(lower, upper, at=S.Zero, value=S.Zero, way="+", bound=None, near=(), body=None) -> Callable[[], object]:
    """0 · y ≤ f ≤ b and the limits of both, taken for granted but for what is wrong with them."""
    target = Limit(body if body is not None else f(x), x, at, way)

    def run():
        low, high = (assume(eq(Limit(b, x, at, way), value)) for b in (lower.relation.lhs, upper.relation.rhs))
        return squeeze(target, lower, upper, low, bound or high, near)

    return run


def near_zero(*conditions):
    """0 ≤ f(x), by nlinarith from conditions that it does not need and the bound itself."""
    return nlinarith(le(S.Zero, f(x)), [*conditions, le(S.Zero, f(x))]) if conditions else assume(le(S.Zero, f(x)))


def granted(relation, *conditions):
    """A theorem with this relation that holds under further conditions."""
    return trans(relation, nlinarith(eq(relation.relation.rhs, relation.relation.rhs), conditions))


LOW, HIGH = nlinarith(le(-Abs(x), x)), nlinarith(le(x, Abs(x)))
SQUEEZE = {
    "bounds that hold far away only": squeezed(granted(LOW, gt(x, 1)), HIGH, body=x),
    "bounds that hold on the other side": squeezed(granted(LOW, lt(x, 0)), HIGH, body=x),
    "bounds that hold at the point only": squeezed(granted(LOW, eq(x, 0)), HIGH, body=x),
    "a neighbourhood that may not exist": squeezed(granted(LOW, gt(x, -sqrt(y))), HIGH, at=oo, body=x, way="-"),
    "bounds of another function": squeezed(LOW, HIGH),
    "not a lower bound": squeezed(symm(LOW), HIGH, body=x),
    "not an upper bound": squeezed(LOW, symm(HIGH), body=x),
    "limits of other bounds": squeezed(LOW, HIGH, body=x, bound=assume(eq(Limit(x, x, 0, "+"), S.Zero))),
    "different limits": squeezed(LOW, HIGH, body=x, bound=assume(eq(Limit(Abs(x), x, 0, "+"), S.One))),
    "a limit under a hypothesis about the variable": squeezed(
        LOW, HIGH, body=x, bound=trans(assume(eq(Limit(Abs(x), x, 0, "+"), 0)), ring(eq(S.Zero, S.Zero), [gt(x, 7)]))
    ),
    "a universal hypothesis about the variable": squeezed(
        trans(LOW, ring(eq(x, x), [ForAll((k,), gt(s[k], x))])), HIGH, body=x
    ),
}

ENDS = ((x, "+"), (x + 1, "-"))
INTEGRALS = {
    "1/x² has a pole": integral(1 / x**2, -1 / x, -1, 1, 1, -1),
    "1/x has a pole": integral(1 / x, log(x), -1, 1, 0, 0),
    "log|x| has a kink and a pole": integral(1 / x, log(Abs(x)), -1, 1, 0, 0),
    "atan(1/x) jumps at 0": integral(-1 / (1 + x**2), atan(1 / x), -1, 1, -pi / 4, pi / 4),
    "atan(tan x) jumps at π/2": integral(S.One, atan(tan(x)), 0, pi, 0, 0),
    "|x| has a kink": integral(x / Abs(x), Abs(x), -1, 1, 1, 1),
    "max(x, 0) has a kink": integral(S.One, Max(x, 0), -1, 1, 0, 1),
    "floor has jumps": integral(S.Zero, floor(x), 0, 2, 0, 2),
    "cases have jumps": integral(S.Zero, Piecewise((0, x < 1), (1, True)), 0, 2, 0, 1),
    "the wrong primitive": integral(x, x**2, 0, 1, 0, 1),
    "an unknown function": integral(S.Zero, f(x), 0, 1, 0, 1),
    "from high to low": integral(S.One, x, 1, 0, 1, 0),
    "ends of unknown order": integral(S.One, x, y, w, y, w),
    "from ∞": integral(S.One, x, oo, 0, 0, 0),
    "to −∞": integral(S.One, x, 0, -oo, 0, 0),
    "complex ends": integral(S.One, x, 0, I, 0, I),
    "undefined ends": integral(S.One, x, 0, 1 / y, 0, 1 / y),
    "a hypothesis about the variable": integral(1 / x, log(x), -1, 1, 0, 0, gt(x, 0)),
    "an end that speaks of the variable": lambda: antiderivative(
        Integral(1 / x**2, (x, x, x + 1)), -1 / x, *(assume(eq(Limit(-1 / t, t, at, way), -1 / at)) for at, way in ENDS)
    ),
    "an integer variable": integral(1 / (n - S.Half) ** 2, -1 / (n - S.Half), 0, 1, 2, -2, var=n),
    "a complex variable": integral(S.One, z, 0, 1, 0, 1, var=z),
    "a limit at another place": lambda: antiderivative(
        Integral(x, (x, 0, 1)), x**2 / 2, *(assume(eq(Limit(x**2 / 2, x, 0, "+"), 0)) for _ in "ab")
    ),
    "no limit": lambda: antiderivative(Integral(x, (x, 0, 1)), x**2 / 2, refl(x), refl(x)),
    "an integral over an empty interval": lambda: integral_congr(
        contradiction(eq(x, x**2), [lt(x, 0), gt(x, 1)]), assume(eq(Integral(x**2, (x, 1, 0)), -S.One / 3))
    ),
    "along a line through the complex plane": lambda: substitution(
        Integral(exp(-((x + I) ** 2)), (x, -oo, oo)), x + I, assume(eq(Integral(exp(-(t**2)), (t, -oo, oo)), sqrt(pi)))
    ),
}

ZERO = eq(n, 0)
DOUBLE = Definition(
    "T", (n,), (Case((S.Zero,), S.One), Case((n + 1,), 2 * Function("T", integer=True)(n), (ge(n, 0),))), "integer"
)
QUOTIENT = Definition("Q", (n, x, y), (Case((n, x, y), x / y),), "real")
POSITIVE = Symbol("q", positive=True)
ODD = Symbol("o", odd=True)
ROOT = eq(sqrt(x) * y, w)


def root_step():
    """(n + 1)√x = (n + 1)√x from n√x = n√x, where √x must have a value."""
    known = eq(n * sqrt(x), n * sqrt(x))
    return discharge(refl((n + 1) * sqrt(x), [ge(x, 0)]), nlinarith(ge(x, 0), [known]))


def by_induction(goal, base, step, start=S.Zero, var=n) -> Callable[[], object]:
    return lambda: induction(goal, var, base(), step(), start)


QUANTIFIERS = {
    "the base is missing": by_induction(gt(n, n + 1), lambda: refl(x), lambda: assume(gt(n + 1, n + 2))),
    "the base starts elsewhere": by_induction(
        ge(n, 5), lambda: nlinarith(ge(S(5), 5)), lambda: nlinarith(ge(n + 1, 5), [ge(n, 5)])
    ),
    "a step that needs n ≥ 5": by_induction(
        ge(n, 0), lambda: nlinarith(ge(S.Zero, 0)), lambda: nlinarith(ge(n + 1, 0), [ge(n, 0), ge(n, 5)])
    ),
    "a base that assumes something of n": by_induction(
        le(n, 0), lambda: nlinarith(le(S.Zero, 0), [le(n, 0)]), lambda: assume(le(n + 1, 0))
    ),
    "the step is assumed": by_induction(ZERO, lambda: refl(S.Zero), lambda: assume(eq(n + 1, 0))),
    "the hypothesis holds for all n": by_induction(
        ZERO, lambda: refl(S.Zero), lambda: specialize(ForAll((n,), ZERO), {n: n + 1})
    ),
    "the hypothesis is about another variable": by_induction(
        ZERO,
        lambda: refl(S.Zero),
        lambda: linear_combination(eq(n + 1, 0), [(1, assume(eq(m + 1, 0))), (1, assume(eq(n, m)))]),
    ),
    "general in a variable of which something is assumed": by_induction(
        eq(n * x, 0),
        lambda: ring(eq(S.Zero, S.Zero), [eq(x, 0)]),
        lambda: linear_combination(
            eq((n + 1) * x, 0), [(1, specialize(ForAll((x,), eq(n * x, 0)), {x: x})), (1, assume(eq(x, 0)))]
        ),
    ),
    "the step proves something else": by_induction(ZERO, lambda: refl(S.Zero), lambda: refl(n + 1)),
    "a step that holds for a fixed x": by_induction(
        eq(n * x, 0),
        lambda: refl(S.Zero),
        lambda: linear_combination(
            eq((n + 1) * x, 0), [(1, specialize(ForAll((x,), eq(n * x, 0)), {x: x})), (1, assume(eq(x, 0)))]
        ),
    ),
    "the start is no integer": by_induction(
        ge(n, 0), lambda: nlinarith(ge(S.Half, 0)), lambda: nlinarith(ge(n + 1, 0), [ge(n, 0)]), S.Half
    ),
    "the start speaks of n": by_induction(
        ge(n, 0), lambda: assume(ge(n, 0)), lambda: nlinarith(ge(n + 1, 0), [ge(n, 0)]), n
    ),
    "induction over the reals": by_induction(
        ge(x, 0), lambda: nlinarith(ge(S.Zero, 0)), lambda: nlinarith(ge(x + 1, 0), [ge(x, 0)]), var=x
    ),
    "a root that the start simplifies away": by_induction(
        eq(n * sqrt(x), n * sqrt(x)), lambda: refl(S.Zero), root_step
    ),
    "a condition is not met": lambda: specialize(ForAll((k,), gt(s[k], 0), (ge(k, 0),)), {k: n}),
    "a real index": lambda: specialize(ForAll((k,), gt(s[k], 0)), {k: x}),
    "an undefined index": lambda: specialize(ForAll((k,), gt(s[k], 0)), {k: floor(1 / x)}),
    "a value is missing": lambda: specialize(ForAll((k, m), gt(s[k] + s[m], 0)), {k: n}),
    "a condition that had no value": lambda: specialize(
        ForAll((x, y), gt(x, 0), (eq(sqrt(x) * y, 0),)), {x: S(-1), y: S.Zero}
    ),
    "a hypothesis that had no value": lambda: instantiate(nlinarith(ge(x, 0), [ROOT]), {y: S.Zero, w: S.Zero}),
    "a real number for an integer": lambda: instantiate(nlinarith(ge(n**2, n)), {n: x}),
    "one half for an integer": lambda: instantiate(nlinarith(ge(n**2, n)), {n: S.Half}),
    "a complex number for a real one": lambda: instantiate(nlinarith(ge(x**2, 0)), {x: I}),
    "a float for a number": lambda: instantiate(nlinarith(gt(x + 1, x)), {x: Float(1e20)}),
    "∞ for a number": lambda: instantiate(positivity(gt(exp(-Abs(z)), 0)), {z: oo}),
    "0 for a denominator": lambda: instantiate(ring(eq((x + 1) / x, 1 + 1 / x), [ne(x, 0)]), {x: S.Zero}),
    "an undefined value": lambda: instantiate(nlinarith(ge(x**2, 0)), {x: 1 / y}),
    "a negative number for a positive symbol": lambda: instantiate(refl(POSITIVE), {POSITIVE: S(-1)}),
    "an even number for an odd symbol": lambda: congr((-1) ** k, k, assume(eq(n, ODD))),
    "a negative family for a positive one": lambda: refl(IndexedBase("q", positive=True)[n]),
    "a negative function for a positive one": lambda: refl(Function("q", positive=True)(x)),
    "reals for a function that takes integers": lambda: instantiate(
        nlinarith(ge(Function("h", integer=True)(x) ** 2, Function("h", integer=True)(x))),
        {Function("h", integer=True): Lambda(n, n)},
    ),
    "a real family for integers": lambda: instantiate(nlinarith(ge(p[n] ** 2, p[n])), {p: Lambda(n, n / 2)}),
    "an undefined family": lambda: instantiate(nlinarith(ge(s[n] ** 2, 0)), {s: Lambda(n, 1 / n)}),
    "a number for a family": lambda: instantiate(nlinarith(ge(s[n] ** 2, 0)), {s: S.One}),
    "a function of two arguments for one": lambda: instantiate(nlinarith(ge(s[n] ** 2, 0)), {s: Lambda((n, m), n)}),
    "another function for a defined one": lambda: instantiate(
        unfold(DOUBLE, 0, {}), {Function("T", integer=True): Lambda(n, S.Zero)}
    ),
    "a defined function below its start": lambda: unfold(DOUBLE, 1, {n: n}),
    "a defined function at one half": lambda: unfold(DOUBLE, 1, {n: S.Half}, [ge(S.Half, 0)]),
    "a quotient that simplifies": lambda: unfold(QUOTIENT, 0, {x: y}),
    "a quotient of 0": lambda: unfold(QUOTIENT, 0, {x: S.Zero}),
    "a definition that lies about its domain": lambda: unfold(
        Definition("L", (n,), (Case((n,), n / 2),), "integer"), 0, {n: n}
    ),
    "a definition in a circle": lambda: unfold(Definition("L", (n,), (Case((n,), Function("L")(n) + 1),)), 0, {n: n}),
    "two definitions of one name": lambda: trans(
        symm(unfold(DOUBLE, 0, {})), unfold(Definition("T", (n,), (Case((n,), S(2)),), "integer"), 0, {n: S.Zero})
    ),
    "discharged by something else": lambda: discharge(nlinarith(ge(x, 0), [ge(x, 0)]), nlinarith(ge(x**2, 0))),
    "all by some": lambda: discharge_all(
        specialize(ForAll((x,), ge(x, 0)), {x: S(-1)}), ForAll((x,), ge(x, 0)), assume(ge(x, 0))
    ),
    "all by another body": lambda: discharge_all(
        specialize(ForAll((x,), ge(x, 0)), {x: S(-1)}), ForAll((x,), ge(x, 0)), nlinarith(ge(x**2, 0))
    ),
    "no Theorem": lambda: nlinarith(ge(x, 0), [True]),
    "a reserved name": lambda: refl(Symbol("⟨0⟩", integer=True)),
    "a reserved name in a hypothesis": lambda: ring(eq(x, x), [ge(Symbol("⟨index 0⟩", integer=True), 0)]),
    "NaN = NaN": lambda: refl(S.NaN),
    "∞": lambda: refl(oo),
}


SUMS = {
    "a hypothesis about the index": lambda: termwise(assume(eq(s[i], 0)), i, S.Zero, n),
    "a narrower range": lambda: termwise(nlinarith(ge(i, 5), [le(5, i), le(i, n)]), i, S.Zero, n),
    "limits that speak of the index": lambda: termwise(refl(s[i]), i, S.Zero, i),
    "products do not keep ≤": lambda: termwise(nlinarith(le(-Abs(s[i]), s[i])), i, S.Zero, n, Product),
    "sums over empty ranges are not strict": lambda: termwise(nlinarith(lt(s[i], s[i] + 1)), i, S.Zero, n),
    "real limits": lambda: termwise(refl(s[i]), i, S.Zero, x),
    "a real index ": lambda: termwise(refl(x), x, S.Zero, n),
    "undefined limits": lambda: termwise(refl(s[i]), i, S.Zero, floor(1 / x)),
    "the integral is no sum": lambda: termwise(refl(s[i]), i, S.Zero, n, Integral),
    "split outside the range": lambda: split(Sum(s[i], (i, 0, n)), m),
    "split below the range": lambda: split(Sum(s[i], (i, 0, n)), S(-2), [ge(n, 0)]),
    "split beyond the range": lambda: split(Sum(s[i], (i, 0, n)), n + 1, [ge(n, 0)]),
    "split at a half": lambda: split(Sum(s[i], (i, 0, 2)), S.Half),
    "split an integral": lambda: split(Integral(x, (x, 0, 2)), S.One),
    "swap with limits that depend": lambda: swap(Sum(Sum(s[i], (j, 0, i)), (i, 0, n))),
    "swap one sum": lambda: swap(Sum(s[i], (i, 0, n))),
    "swap where the inner range exists inside only": lambda: swap(Sum(Sum(s[i], (j, 0, floor(9 / n))), (i, 0, n - 1))),
    "an index captured by a rewriting": lambda: rewrite(Sum(s[i], (i, 0, n)), assume(eq(s[i], 0))),
    "the wrong side of z² = z·u cancels": lambda: congr(t / x, t, assume(eq(x**2, x * y))),
    "a denominator that cancels": lambda: congr(t / x, t, assume(eq(y, x))),
    "a denominator that the zero hides": lambda: congr(t / x, t, assume(eq(y, S.Zero))),
    "an inequality is no equation": lambda: congr(t**2, t, assume(le(x, y))),
    "a complex number in a real place": lambda: congr(Abs(t), t, assume(eq(z, u))),
    "a real power that becomes 0": lambda: congr(x**t, t, assume(eq(y, S.Zero))),
    "a log of equals": lambda: congr(log(t), t, assume(eq(x, y))),
    "a coefficient without value": lambda: linear_combination(eq(x, 0), [(1 / y, assume(eq(x * y, 0)))]),
    "a wrong coefficient": lambda: linear_combination(eq(x, 0), [(2, assume(eq(x, 0)))]),
    "a combination of inequalities": lambda: linear_combination(eq(x, 0), [(1, assume(le(x, 0)))]),
    "termwise captures nothing": lambda: (
        rewrite(Sum(s[i] * x, (i, 0, n)), instantiate(assume(eq(x, y)), {y: s[i]}))
        and ring(eq(Sum(s[i] * x, (i, 0, n)), Sum(s[i] ** 2, (i, 0, n))), [eq(x, s[i])])
    ),
}

FALSE = {
    f"{rule}: {why}": attempt
    for rule, table in {
        "ring": IDENTITIES,
        "order": ORDER,
        "computation": COMPUTATION,
        "limit": LIMITS,
        "squeeze": SQUEEZE,
        "integral": INTEGRALS,
        "quantifiers": QUANTIFIERS,
        "sums": SUMS,
    }.items()
    for why, attempt in table.items()
}


@pytest.mark.parametrize("why", FALSE)
def test_the_kernel_does_not_prove(why):
    with pytest.raises(Undecided):
        FALSE[why]()


def test_a_theorem_is_not_made_by_its_constructor():
    with pytest.raises(Undecided, match="constructor"):
        Theorem(frozenset(), eq(S.Zero, S.One), "trust me")


def test_a_copy_of_a_theorem_with_another_relation_is_none():
    with pytest.raises(Undecided, match="constructor"):
        dataclasses.replace(refl(x), relation=eq(S.Zero, S.One))


def test_a_refutation_is_not_made_by_its_constructor():
    refutation = Refutation("r", Sequent("r", ge(x, 0)), ((x, S(-1)),))
    with pytest.raises(Undecided, match="witness"):
        dataclasses.replace(witness(refutation), axioms=frozenset())

# SPDX-License-Identifier: BSD-3-Clause
"""Networks without biases, for every depth and width: homogeneous with ReLU, odd with tanh, and not universal."""

from __future__ import annotations

from sympy import Abs, Expr, Function, Ge, IndexedBase, Max, S, Sum, Symbol, exp, sqrt, symbols, tanh
from sympy.core.relational import Relational

from .bias_units import eq, i, j, n
from .claim import Case, Claim, Definition, Sequent, Source

L, l, o = symbols("L l o", integer=True)
a, c, t, u, x, y, z, r = symbols("a c t u x y z r", real=True)
W, X, V = (IndexedBase(name, real=True) for name in ("W", "X", "V"))
N = IndexedBase("N", integer=True)
LESHNO = Source("leshno1993")


def _network(name: str, activation: Function) -> Definition:
    """Unit o of layer l for the input t·X: f of the weighted sum over the N_(l−1) units below."""
    call = Function(name, real=True)
    below = Sum(W[l, o, j] * call(l - 1, j, t), (j, 0, N[l - 1] - 1))
    return Definition(
        name,
        (l, o, t),
        (Case((S.Zero, o, t), t * X[o]), Case((l, o, t), activation(below), (Ge(l, 1),))),
        domain="real",
    )


RELU_NET = _network("R", lambda s: Max(0, s))
TANH_NET = _network("H", tanh)
DEPTH = Ge(L, 0)

HOMOGENEOUS = Claim(
    id="bias.relu-homogeneous",
    title="A ReLU network without biases is positively homogeneous",
    prose=(
        "F(c x) = c F(x) for every c ≥ 0, at every depth and width: on each ray from the origin such a network is "
        "linear, so that it can't tell a faint picture from a bright one, and F(0) = 0. R(l, o, t) is unit o of layer "
        "l for the input t·X; a linear last layer changes nothing."
    ),
    definitions=(RELU_NET,),
    statement=(
        Sequent("unit", eq(RELU_NET(L, o, c * t), c * RELU_NET(L, o, t)), (DEPTH, Ge(c, 0))),
        Sequent(
            "output",
            eq(Sum(V[o] * RELU_NET(L, o, c * t), (o, 0, n - 1)), c * Sum(V[o] * RELU_NET(L, o, t), (o, 0, n - 1))),
            (DEPTH, Ge(c, 0)),
        ),
    ),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)

SPAN = Claim(
    id="bias.relu-1d-span",
    title="With one input, ReLU networks without biases compute a x + b |x| and nothing else",
    prose=(
        "By homogeneity a network of one input is known from its values at 1 and −1: a = (F(1) − F(−1))/2 and "
        "b = (F(1) + F(−1))/2. One hidden layer of two units gives every such function; depth adds nothing."
    ),
    definitions=(RELU_NET,),
    statement=(
        Sequent(
            "every-depth",
            eq(
                RELU_NET(L, o, t),
                (RELU_NET(L, o, S.One) - RELU_NET(L, o, S.NegativeOne)) / 2 * t
                + (RELU_NET(L, o, S.One) + RELU_NET(L, o, S.NegativeOne)) / 2 * Abs(t),
            ),
            (DEPTH,),
        ),
        Sequent("two-units", eq((a + c) * Max(0, t) + (c - a) * Max(0, -t), a * t + c * Abs(t))),
    ),
    uses=("bias.relu-homogeneous",),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)


def sigmoid(at: Expr) -> Expr:
    return 1 / (1 + exp(-at))


ODD = Claim(
    id="bias.odd-nets",
    title="A tanh network without biases is odd; a sigmoid one is odd about a constant",
    prose=(
        "F(−x) = −F(x) at every depth for tanh. For one hidden layer of sigmoids F(x) + F(−x) is the sum of the output "
        "weights, whatever x. H(l, o, t) is unit o of layer l for the input t·X."
    ),
    definitions=(TANH_NET,),
    statement=(
        Sequent("tanh", eq(TANH_NET(L, o, -t), -TANH_NET(L, o, t)), (DEPTH,)),
        Sequent(
            "sigmoid",
            eq(
                Sum(V[i] * sigmoid(X[i] * t), (i, 0, n - 1)) + Sum(V[i] * sigmoid(-X[i] * t), (i, 0, n - 1)),
                Sum(V[i], (i, 0, n - 1)),
            ),
        ),
    ),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)

p = Symbol("p", real=True)
BEST = sqrt(2) - 1


def relu_bound(r: Expr) -> Relational:
    """The largest error of a x + c |x| at ±1 and ±r."""
    errors = (1 - a - c, 1 + a - c, r**2 - a * r - c * r, r**2 + a * r - c * r)
    return Ge(Max(*map(Abs, errors)), r**2)


def relu_attained(r: Expr) -> Relational:
    """The error of 2 r |x| at x."""
    return Ge(r**2, Abs(x**2 - 2 * r * Abs(x)))


UNIVERSALITY = Claim(
    id="bias.no-universality",
    title="Networks of one hidden layer without biases are not dense: x² stays 1, 1/2 and 3 − 2√2 away",
    prose=(
        "The distance in the maximum norm on [−1, 1] from x² is at least 1 for every odd function (tanh networks), at "
        "least 1/2 for every F with F(x) + F(−x) constant (sigmoid networks), both by looking at −1, 0 and 1, and "
        "exactly 3 − 2√2 ≈ 0.1716 for a x + c |x| (ReLU networks of any depth, by bias.relu-1d-span): the points ±1 "
        "and ±(√2 − 1) show that nothing is better, and (2√2 − 2)|x| attains it. With biases such networks are dense "
        "for every continuous activation that is not a polynomial: a theorem of Leshno et al., quoted here and not "
        "used."
    ),
    statement=(
        Sequent("tanh", Ge(Max(Abs(1 - y), Abs(1 + y)), 1)),
        Sequent("sigmoid", Ge(Max(Abs(1 - y), Abs(1 - z), Abs(x)), S.Half), (eq(y + z, 2 * x),)),
        Sequent("relu", relu_bound(r).xreplace({r: BEST})),
        Sequent("the-point", eq(BEST**2, 1 - 2 * BEST)),
        Sequent("the-distance", eq(BEST**2, 3 - 2 * sqrt(2))),
        Sequent("attained", relu_attained(r).xreplace({r: BEST}), (Ge(x, -1), Ge(1, x))),
    ),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)

CLAIMS = (HOMOGENEOUS, SPAN, ODD, UNIVERSALITY)

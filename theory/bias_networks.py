# SPDX-License-Identifier: BSD-3-Clause
"""Networks without biases, for every depth and width: homogeneous with ReLU, odd with tanh, and not universal."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Expr, Function, Ge, IndexedBase, Max, S, Sum, exp, sqrt, symbols, tanh
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


def output(net: Definition, at: Expr) -> Expr:
    """A linear last layer of weights V on the n units of layer L."""
    return Sum(V[o] * net(L, o, at), (o, 0, n - 1))


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
            eq(output(RELU_NET, c * t), c * output(RELU_NET, t)),
            (DEPTH, Ge(c, 0)),
        ),
    ),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)


def two_rays(function: Callable[[Expr], Expr]) -> Relational:
    """F(t) = (F(1) − F(−1))/2 · t + (F(1) + F(−1))/2 · |t|."""
    up, down = function(S.One), function(S.NegativeOne)
    return eq(function(t), (up - down) / 2 * t + (up + down) / 2 * Abs(t))


SPAN = Claim(
    id="bias.relu-1d-span",
    title="With one input, ReLU networks without biases compute a x + b |x| and nothing else",
    prose=(
        "That holds for each unit, and for a linear last layer F. By homogeneity a network of one input is known from "
        "its values at 1 and −1: a = (F(1) − F(−1))/2 and b = (F(1) + F(−1))/2. One hidden layer of two units gives "
        "every such function; depth adds nothing."
    ),
    definitions=(RELU_NET,),
    statement=(
        Sequent("every-depth", two_rays(lambda at: RELU_NET(L, o, at)), (DEPTH,)),
        Sequent("output", two_rays(lambda at: output(RELU_NET, at)), (DEPTH,)),
        Sequent("two-units", eq((a + c) * Max(0, t) + (c - a) * Max(0, -t), a * t + c * Abs(t))),
    ),
    uses=("bias.relu-homogeneous",),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)


def sigmoids(at: Expr) -> Expr:
    """One hidden layer of n sigmoids for the input t·X, and a linear last layer."""
    return Sum(V[i] / (1 + exp(-X[i] * at)), (i, 0, n - 1))


ODD = Claim(
    id="bias.odd-nets",
    title="A tanh network without biases is odd; one layer of sigmoids is odd about a constant",
    prose=(
        "F(−x) = −F(x) at every depth for tanh. For one hidden layer of sigmoids F(x) + F(−x) is the sum of the output "
        "weights, whatever x. H(l, o, t) is unit o of layer l for the input t·X."
    ),
    definitions=(TANH_NET,),
    statement=(
        Sequent("tanh", eq(TANH_NET(L, o, -t), -TANH_NET(L, o, t)), (DEPTH,)),
        Sequent(
            "sigmoid",
            eq(sigmoids(t) + sigmoids(-t), Sum(V[i], (i, 0, n - 1))),
        ),
    ),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)

BEST = sqrt(2) - 1


def attained(r: Expr) -> Relational:
    """The error of 2 r (max(0, x) + max(0, −x)), a network of two units, at x."""
    return Ge(r**2, Abs(x**2 - 2 * r * (Max(0, x) + Max(0, -x))))


def error(function: Callable[[Expr], Expr], at: Expr) -> Expr:
    """|x² − F(x)|."""
    return Abs(at**2 - function(at))


UNIVERSALITY = Claim(
    id="bias.no-universality",
    title="Networks without biases are not dense: from x², tanh stays 1 away, a layer of sigmoids 1/2, ReLU 3 − 2√2",
    prose=(
        "The distance in the maximum norm on [−1, 1] is at least the error at any of its points. Tanh networks of any "
        "depth are odd, and so err by at least 1 at 1 or −1. One hidden layer of sigmoids has F(1) + F(−1) = 2 F(0), "
        "and errs by at least 1/2 at −1, 0 or 1. ReLU networks of any depth are homogeneous, so that F(r) = r F(1), "
        "and err by at least r² = 3 − 2√2 ≈ 0.1716 at 1 or r = √2 − 1; two units reach that distance, with "
        "(2√2 − 2)|x|. F is a linear last layer on top, and no width helps. With biases networks of one hidden layer "
        "are dense for every continuous activation that is not a polynomial: a theorem of Leshno et al., quoted here "
        "and not used."
    ),
    definitions=(TANH_NET, RELU_NET),
    statement=(
        Sequent("tanh", Ge(Max(*(error(lambda at: output(TANH_NET, at), e) for e in (S.One, -S.One))), 1), (DEPTH,)),
        Sequent("sigmoid", Ge(Max(*(error(sigmoids, e) for e in (S.One, S.NegativeOne, S.Zero))), S.Half)),
        Sequent(
            "relu", Ge(Max(*(error(lambda at: output(RELU_NET, at), e) for e in (S.One, BEST))), BEST**2), (DEPTH,)
        ),
        Sequent("the-distance", eq(BEST**2, 3 - 2 * sqrt(2))),
        Sequent("attained", attained(r).xreplace({r: BEST}), (Ge(x, -1), Ge(1, x))),
    ),
    uses=("bias.odd-nets", "bias.relu-homogeneous"),
    sources=(LESHNO,),
    no_law="no contract computes a network",
)

CLAIMS = (HOMOGENEOUS, SPAN, ODD, UNIVERSALITY)

# SPDX-License-Identifier: BSD-3-Clause
"""One unit with n inputs: threshold and bias, what they mean, and the units that have neither."""

from __future__ import annotations

from sympy import Eq, Expr, Ge, Gt, IndexedBase, Le, Lt, Ne, Rational, S, Sum, exp, log, sqrt, symbols, tanh
from sympy.core.relational import Relational

from .activations_terms import gelu, relu, swish
from .claim import Claim, ForAll, Refutation, Sequent, Source

n, i, j, k = symbols("n i j k", integer=True)
b, c, d, x, y, z, q, T, U = symbols("b c d x y z q T U", real=True)
w, v = (IndexedBase(name, real=True) for name in ("w", "x"))

ROSENBLATT = Source("rosenblatt1958")


def eq(left: Expr, right: Expr) -> Relational:
    return Eq(left, right, evaluate=False)


def dot(size: Expr = n) -> Expr:
    """w·x."""
    return Sum(w[i] * v[i], (i, 0, size - 1))


def scaled() -> Expr:
    """(c w)·x."""
    return Sum(c * w[i] * v[i], (i, 0, n - 1))


THRESHOLD = Claim(
    id="bias.threshold-to-bias",
    title="A threshold is a bias with the other sign",
    prose="A unit that fires for w·x > T is the unit that fires for w·x + b > 0, with b = −T.",
    statement=(
        Sequent("to-bias", Gt(dot() + b, 0), (Gt(dot(), T), eq(b, -T))),
        Sequent("to-threshold", Gt(dot(), T), (Gt(dot() + b, 0), eq(b, -T))),
    ),
    sources=(ROSENBLATT,),
)

MONOTONE = Claim(
    id="bias.threshold-monotone",
    title="For fixed weights, a larger bias fires wherever a smaller one does",
    prose="With the weights fixed, raising the threshold from T to U shrinks the set of inputs that fire.",
    statement=(
        Sequent("threshold", Gt(dot(), T), (Gt(dot(), U), Le(T, U))),
        Sequent("bias", Gt(dot() + c, 0), (Gt(dot() + b, 0), Le(b, c))),
    ),
    sources=(ROSENBLATT,),
)

SIZE = Claim(
    id="bias.size-is-difficulty",
    title="The size of a bias is not how hard a unit is to fire",
    prose=(
        "Multiply weights and bias by the same c > 0: the unit fires on the same inputs, and its bias is any number of "
        "its sign. What is invariant is the signed distance −b/‖w‖ of the hyperplane from the origin. With w = 3, "
        "b = −2 a unit fires at x = 4/5, where w = 1, b = −1 does not."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "larger-bias-fires-more",
            Sequent("larger-bias-fires-more", Gt(c * x + T, 0), (Gt(d * x + b, 0), Ge(T, b), Gt(c, 0), Gt(d, 0))),
            ((c, S(1)), (T, S(-1)), (d, S(3)), (b, S(-2)), (x, Rational(4, 5))),
        ),
        Sequent("same-unit", Gt(scaled() + c * b, 0), (Gt(dot() + b, 0), Gt(c, 0))),
        Sequent("back", Gt(dot() + b, 0), (Gt(scaled() + c * b, 0), Gt(c, 0))),
        Sequent(
            "distance",
            eq(c * b / sqrt(Sum((c * w[i]) ** 2, (i, 0, n - 1))), b / sqrt(Sum(w[i] ** 2, (i, 0, n - 1)))),
            (Gt(c, 0), Gt(Sum(w[i] ** 2, (i, 0, n - 1)), 0)),
        ),
    ),
    sources=(ROSENBLATT,),
)

BOUNDARY = Claim(
    id="bias.strict-boundary",
    title="> and ≥ differ on the hyperplane",
    prose=(
        "Off the hyperplane the two agree. On it they differ: for x = 0 and b = 0, or for integer data, that is not "
        "an event of probability zero."
    ),
    statement=(
        Sequent("off", Gt(dot() + b, 0), (Ge(dot() + b, 0), Ne(dot() + b, 0))),
        Refutation("on", Sequent("on", Gt(c * x + b, 0), (Ge(c * x + b, 0),)), ((c, S(1)), (x, S(0)), (b, S(0)))),
    ),
    sources=(ROSENBLATT,),
)

AUGMENTED = Claim(
    id="bias.augmented-input",
    title="A bias is the weight of a constant input",
    prose=(
        "w·x + b is the product of (w, b) and (x, 1). In a network every layer needs its own constant channel, unless "
        "the layer before it can pass one on."
    ),
    statement=(Sequent("augmented", eq(dot(n + 1), dot() + b), (Ge(n, 0), eq(w[n], b), eq(v[n], S.One))),),
    sources=(ROSENBLATT,),
)

ORIGIN = Claim(
    id="bias.origin-hyperplane",
    title="Without a bias a linear classifier cannot tell x from c x",
    prose=(
        "Its hyperplane goes through the origin, so x and c x lie on the same side for every c > 0: the points 1 and "
        "2 of the line cannot be separated. With a bias x − 3/2 does it."
    ),
    statement=(
        Sequent("same-side", Gt(scaled(), 0), (Gt(dot(), 0), Gt(c, 0))),
        Sequent("other-side", Le(scaled(), 0), (Le(dot(), 0), Gt(c, 0))),
        Sequent("one-and-two", Gt(2 * d, 0), (Gt(d, 0),)),
        Sequent("with-bias", Lt((x - Rational(3, 2)) * (y - Rational(3, 2)), 0), (eq(x, S.One), eq(y, S(2)))),
    ),
    sources=(ROSENBLATT,),
)

ZERO = Claim(
    id="bias.zero-in-zero-out",
    title="Zero in, zero out needs more than no bias",
    prose=(
        "A layer without bias maps 0 to f(0): that is 0 for ReLU, tanh, GELU and SiLU, but 1/2 for the sigmoid, log 2 "
        "for softplus, and 1/n for a softmax over n."
    ),
    kind="refutation",
    statement=(
        Refutation("sigmoid", Sequent("sigmoid", eq(1 / (1 + exp(-x)), S.Zero), (eq(x, S.Zero),)), ((x, S(0)),)),
        Refutation("softplus", Sequent("softplus", eq(log(1 + exp(x)), S.Zero), (eq(x, S.Zero),)), ((x, S(0)),)),
        Sequent("linear", eq(dot(), S.Zero), (ForAll((i,), eq(v[i], S.Zero)),)),
        Sequent("relu", eq(relu(x), S.Zero), (eq(x, S.Zero),)),
        Sequent("tanh", eq(tanh(x), S.Zero), (eq(x, S.Zero),)),
        Sequent("gelu", eq(gelu(x), S.Zero), (eq(x, S.Zero),)),
        Sequent("silu", eq(swish(x), S.Zero), (eq(x, S.Zero),)),
        Sequent(
            "softmax",
            eq(exp(v[k]) / Sum(exp(v[i]), (i, 0, n - 1)), 1 / n),
            (Ge(n, 1), ForAll((i,), eq(v[i], S.Zero))),
        ),
    ),
    sources=(ROSENBLATT,),
    no_law="no contract applies an activation to a layer",
)

CLAIMS = (THRESHOLD, MONOTONE, SIZE, BOUNDARY, AUGMENTED, ORIGIN, ZERO)

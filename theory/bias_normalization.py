# SPDX-License-Identifier: BSD-3-Clause
"""A bias before a normalisation: where it cancels, and where it does not."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Function, Ge, Gt, IndexedBase, Max, Ne, Rational, S, Sum, Symbol, sqrt, symbols

from .bias_units import dot, eq, i, k, n, v, w
from .claim import Claim, Refutation, Sequent, Source

m, sample, channel = symbols("m s c", integer=True)
b, c, d, x, y, e, g, h, mu, var = symbols("b c d x y epsilon gamma beta mu v", real=True)
z, B = (IndexedBase(name, real=True) for name in ("z", "B"))
IOFFE = Source("ioffe2015", "sec. 3.2")
BATCH = (Ge(n, 1), Gt(e, 0))


def mean(shift: Expr) -> Expr:
    """Mean over the n values z_i + shift of one channel."""
    return Sum(z[i] + shift, (i, 0, n - 1)) / n


def variance(shift: Expr) -> Expr:
    return Sum((z[m] + shift - mean(shift)) ** 2, (m, 0, n - 1)) / n


def normalised(shift: Expr, at: Expr = k) -> Expr:
    """Batch normalisation in training of z + shift: γ (z_k + shift − mean)/√(variance + ε) + β."""
    return g * (z[at] + shift - mean(shift)) / sqrt(variance(shift) + e) + h


def stored(at: Expr) -> Expr:
    """Batch normalisation at evaluation, with stored mean μ and variance v."""
    return g * (at - mu) / sqrt(var + e) + h


CANCELS = Claim(
    id="bias.bn-cancels",
    title="Batch normalisation in training removes the bias before it",
    prose=(
        "Adding b to every value of a channel moves the mean by b and leaves the variance: the normalised values are "
        "the same for every batch. A convolution in front of a batch normalisation needs no bias."
    ),
    statement=(
        Sequent("mean", eq(mean(b), mean(S.Zero) + b), BATCH[:1]),
        Sequent("variance", eq(variance(b), variance(S.Zero)), BATCH[:1]),
        Sequent("output", eq(normalised(b), normalised(S.Zero)), BATCH),
    ),
    sources=(IOFFE,),
)

loss = Function("l", real=True)


def total_loss(shift: Expr) -> Expr:
    """Σ_k ℓ(k, y_k) over the outputs of the normalisation of z + shift."""
    return Sum(loss(k, normalised(shift)), (k, 0, n - 1))


GRADIENT = Claim(
    id="bias.bn-gradient-zero",
    title="The bias before a batch normalisation gets no gradient",
    prose=(
        "In training no output depends on b, so every difference quotient of it is 0, and so is that of a loss of the "
        "outputs, here a sum of terms ℓ(k, y_k) of any kind. Only weight decay moves b, towards 0."
    ),
    hypotheses=BATCH,
    statement=(
        Sequent("quotient", eq((normalised(b + c) - normalised(b)) / c, S.Zero), (Ne(c, 0),)),
        Sequent("loss", eq(total_loss(b + c), total_loss(b))),
        Sequent("loss-quotient", eq((total_loss(b + c) - total_loss(b)) / c, S.Zero), (Ne(c, 0),)),
    ),
    uses=("bias.bn-cancels",),
    sources=(IOFFE,),
    no_law="no contract trains through a normalisation",
)

STALE = Claim(
    id="bias.bn-eval-stale",
    title="At evaluation a changed bias is not removed",
    prose=(
        "With stored statistics, changing the bias by d shifts the output by γ d/√(v + ε). It cancels only if the "
        "stored mean has moved by d as well. The same identity folds the normalisation into the layer before it, with "
        "weights γ w_i/√(v + ε) and bias β + γ (b − μ)/√(v + ε), for any number of inputs."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "never-matters",
            Sequent("never-matters", eq(stored(x + d), stored(x)), (Gt(var + e, 0),)),
            ((x, S(0)), (d, S(1)), (g, S(1)), (h, S(0)), (mu, S(0)), (var, S(1)), (e, S(3))),
        ),
        Sequent("shift", eq(stored(x + d) - stored(x), g * d / sqrt(var + e)), (Gt(var + e, 0),)),
        Sequent(
            "absorbed",
            eq(g * (x + d - y) / sqrt(var + e) + h, stored(x)),
            (Gt(var + e, 0), eq(y, mu + d)),
        ),
        Sequent(
            "folded",
            eq(
                stored(dot() + b),
                Sum(g * w[i] / sqrt(var + e) * v[i], (i, 0, n - 1)) + (h + g * (b - mu) / sqrt(var + e)),
            ),
            (Gt(var + e, 0),),
        ),
    ),
    sources=(IOFFE,),
)


def after_relu(shift: Expr) -> Expr:
    """The first of two values, z_0 and z_1, after ReLU and batch normalisation with ε = 3/4."""
    first, second = Max(0, z[0] + shift), Max(0, z[1] + shift)
    return (first - second) / 2 / sqrt(((first - second) / 2) ** 2 + Rational(3, 4))


NOT_ADJACENT = Claim(
    id="bias.bn-not-adjacent",
    title="With a ReLU in between, the bias matters",
    prose="For the batch −1, 1 a bias of −2 turns both units off; without it one of them is on.",
    kind="refutation",
    statement=(
        Refutation(
            "also-cancels",
            Sequent("also-cancels", eq(after_relu(b), after_relu(S.Zero))),
            ((z[0], S(-1)), (z[1], S(1)), (b, S(-2))),
        ),
    ),
    sources=(IOFFE,),
    no_law="no contract takes what stands between bias and normalisation",
)


def instance(shift: Expr) -> Expr:
    """Instance normalisation of z + shift: mean and variance over the n positions of a channel of a sample."""

    def mean_of(term: Callable[[Expr], Expr], index: Symbol) -> Expr:
        return Sum(term(index), (index, 0, n - 1)) / n

    def centred(at: Expr) -> Expr:
        return z[sample, channel, at] + shift - mean_of(lambda at: z[sample, channel, at] + shift, i)

    return g * centred(k) / sqrt(mean_of(lambda at: centred(at) ** 2, m) + e) + h


INSTANCE = Claim(
    id="bias.instance-norm-cancels",
    title="Instance normalisation removes a bias per channel, and so does a group of one channel",
    prose=(
        "The n values are then the positions of one channel of one sample, and the bias B of the channel is the same "
        "for all of them: it is the statement of bias.bn-cancels over another set, and a group of one channel is that "
        "set. What all members of a larger group have in common is removed likewise, and nothing else "
        "(bias.layernorm)."
    ),
    hypotheses=BATCH,
    statement=(Sequent("channel", eq(instance(B[channel]), instance(S.Zero))),),
    uses=("bias.bn-cancels",),
    sources=(Source("ulyanov2016"), Source("wu2018")),
)


def layer(first: Expr, second: Expr) -> Expr:
    """Layer normalisation of two channels, the first of them, with ε = 3/4."""
    return (first - second) / 2 / sqrt(((first - second) / 2) ** 2 + Rational(3, 4))


def rms(first: Expr, second: Expr) -> Expr:
    """RMS normalisation of two channels, the first of them, with ε = 3/4."""
    return first / sqrt((first**2 + second**2) / 2 + Rational(3, 4))


LAYERNORM = Claim(
    id="bias.layernorm",
    title="Layer normalisation removes only what all channels have in common; RMS normalisation nothing",
    prose=(
        "Subtracting the mean over the group removes the component of the bias along the vector of ones, and leaves "
        "the differences between channels. RMS normalisation subtracts no mean, so that even a common bias stays."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "any-norm-cancels",
            Sequent("any-norm-cancels", eq(layer(x + b, y + c), layer(x, y))),
            ((x, S(0)), (y, S(0)), (b, S(1)), (c, S(-1))),
        ),
        Refutation(
            "rms-cancels",
            Sequent("rms-cancels", eq(rms(x + b, y + b), rms(x, y))),
            ((x, S(0)), (y, S(0)), (b, S(1))),
        ),
        Sequent(
            "what-is-left",
            eq(
                z[k] + B[k] - Sum(z[i] + B[i], (i, 0, n - 1)) / n,
                (z[k] - Sum(z[i], (i, 0, n - 1)) / n) + (B[k] - Sum(B[i], (i, 0, n - 1)) / n),
            ),
            (Ge(n, 1),),
        ),
    ),
    sources=(Source("ba2016"), Source("zhang2019")),
)

CLAIMS = (CANCELS, GRADIENT, STALE, NOT_ADJACENT, INSTANCE, LAYERNORM)

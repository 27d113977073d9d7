# SPDX-License-Identifier: BSD-3-Clause
"""Activation functions: their formulas, once, with derivatives, knees and limits.

``ELEMENTWISE`` lists every activation that maps a number to a number. Each ``expression`` is total on the real
line under ``requires`` and has a certain enclosure at every float: no branch is decided by an inexact number,
and no intermediate value is undefined, so the oracle only has to raise its precision in the tails.

Conventions. A function with a knee has no derivative there; ``derivative`` then gives the value that automatic
differentiation in this field gives, which is the derivative of the piece that owns the knee (relu′(0) = 0,
leaky relu: the negative slope, elu: α, hard-swish: 0 at −3 and 1 at 3). Values at ±∞ are limits.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Abs,
    Eq,
    Expr,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Symbol,
    erf,
    erfc,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)
from sympy.core.relational import Gt, Ne, Relational

from .gradient import gradient

x = Symbol("x", real=True)
alpha, beta, negative_slope, weight, threshold, a = symbols("alpha beta negative_slope weight threshold a", real=True)


# --- functions ---------------------------------------------------------------------------------------------------


def step(at: Expr, level: Expr = S.Zero) -> Expr:
    """1 where x > T, else 0."""
    return Piecewise((S.One, Gt(at, level)), (S.Zero, True))


def sigmoid(at: Expr) -> Expr:
    """σ(x) = 1/(1 + e^(−x))."""
    return 1 / (1 + exp(-at))


def softplus(at: Expr) -> Expr:
    """log(1 + e^x)."""
    return log(1 + exp(at))


def relu(at: Expr) -> Expr:
    """max(x, 0)."""
    return Max(at, 0)


def relu6(at: Expr) -> Expr:
    """min(max(x, 0), 6)."""
    return Min(Max(at, 0), 6)


def hardsigmoid(at: Expr) -> Expr:
    """relu6(x + 3)/6."""
    return relu6(at + 3) / 6


def hardswish(at: Expr) -> Expr:
    """x relu6(x + 3)/6."""
    return at * relu6(at + 3) / 6


def leaky(at: Expr, slope: Expr) -> Expr:
    """x above 0, αx below."""
    return Piecewise((at, Gt(at, 0)), (slope * at, True))


def elu(at: Expr, level: Expr) -> Expr:
    """x above 0, α(e^x − 1) below."""
    return Piecewise((at, Gt(at, 0)), (level * (exp(at) - 1), True))


def celu(at: Expr, level: Expr) -> Expr:
    """x above 0, α(e^(x/α) − 1) below."""
    return Piecewise((at, Gt(at, 0)), (level * (exp(at / level) - 1), True))


_TAIL = erfc(1 / sqrt(2))  # P(|Z| > 1) for a standard normal Z
SELU_ALPHA = -sqrt(2 / pi) / (_TAIL * exp(Rational(1, 2)) - 1)
SELU_SCALE = (1 - _TAIL * exp(Rational(1, 2))) * sqrt(
    2 * pi / (2 * erfc(sqrt(2)) * exp(2) + pi * _TAIL**2 * exp(1) - 2 * (2 + pi) * _TAIL * exp(Rational(1, 2)) + pi + 2)
)


def selu(at: Expr) -> Expr:
    """λ elu(x; α), with the α and λ that keep mean 0 and variance 1 of a standard normal input."""
    return Piecewise((SELU_SCALE * at, Gt(at, 0)), (SELU_SCALE * SELU_ALPHA * (exp(at) - 1), True))


def normal_pdf(at: Expr) -> Expr:
    """φ(x) = e^(−x²/2)/√(2π)."""
    return exp(-(at**2) / 2) / sqrt(2 * pi)


def normal_cdf(at: Expr) -> Expr:
    """Φ(x) = (1 + erf(x/√2))/2."""
    return (1 + erf(at / sqrt(2))) / 2


def gelu(at: Expr) -> Expr:
    """x Φ(x)."""
    return at * normal_cdf(at)


GELU_CUBIC = Rational(44715, 1000000)
QUICK_GELU_RATE = Rational(1702, 1000)


def gelu_tanh(at: Expr, cubic: Expr = GELU_CUBIC) -> Expr:
    """x (1 + tanh(√(2/π)(x + 0.044715 x³)))/2."""
    return at * (1 + tanh(sqrt(2 / pi) * (at + cubic * at**3))) / 2


def swish(at: Expr, rate: Expr = S.One) -> Expr:
    """x σ(βx); β = 1 is SiLU."""
    return at * sigmoid(rate * at)


def mish(at: Expr) -> Expr:
    """x tanh(log(1 + e^x))."""
    return at * tanh(softplus(at))


def snake(at: Expr, frequency: Expr) -> Expr:
    """x + sin²(ax)/a."""
    return at + sin(frequency * at) ** 2 / frequency


# --- the table ---------------------------------------------------------------------------------------------------

Ends = tuple[Expr | None, Expr | None]


@dataclass(frozen=True)
class Elementwise:
    """One activation as a function of the real number ``x`` and of its parameters.

    ``at_infinity`` holds the limits at −∞ and +∞ of the value, ``slope_at_infinity`` those of the derivative, None
    where there is none; they may depend on the parameters. ``kinks`` are the points without a derivative for
    generic parameters (at special ones the knee may vanish), ``jumps`` those where the value itself jumps.
    ``requires`` are conditions on the parameters under which everything here is true, ``defaults`` the values
    that the field uses when a caller names none.
    """

    name: str
    expression: Expr
    derivative: Expr
    at_infinity: Ends
    slope_at_infinity: Ends
    kinks: tuple[Expr, ...] = ()
    jumps: tuple[Expr, ...] = ()
    parameters: tuple[Symbol, ...] = ()
    defaults: tuple[tuple[Symbol, Rational], ...] = ()
    requires: tuple[Relational, ...] = ()
    by_parameters: tuple[tuple[Symbol, Expr], ...] = ()


def _slope(expression: Expr, by: Symbol = x) -> Expr:
    """The derivative, piece by piece: the piece that owns a knee gives the value there."""
    if isinstance(expression, Piecewise):
        return Piecewise(*((gradient(value, by), condition) for value, condition in expression.args))
    return gradient(expression, by)


def sensitivity(row: Elementwise) -> Expr:
    """x f″(x): what a relative change of x does to the slope, away from the knees.

    |x| and max(x, 0) are homogeneous, so that x d/dx g(h(x)) = h g′(h) for both of them.
    """
    h = Symbol("h", real=True)
    for homogeneous in (Abs(x), Max(x, 0)):
        if row.derivative.has(homogeneous):
            return (h * gradient(row.derivative.subs(homogeneous, h), h)).subs(h, homogeneous)
    return x * _slope(row.derivative)


def _by_sign(of: Expr, positive: Expr, zero: Expr, negative: Expr) -> Expr:
    return Piecewise((positive, Gt(of, 0)), (zero, Eq(of, 0)), (negative, True))


def _between(low: Expr, inside: Expr, high: Expr, start: int, end: int) -> Expr:
    """Three pieces, of which the outer ones own the knees."""
    return Piecewise((low, x <= start), (high, x >= end), (inside, True))


_HALF, _TO_IDENTITY = Rational(1, 2), (S.Zero, S.One)


def _leaky(name: str, slope: Symbol, default: Rational) -> Elementwise:
    return Elementwise(
        name,
        leaky(x, slope),
        _slope(leaky(x, slope)),
        (_by_sign(slope, -oo, S.Zero, oo), oo),
        (slope, S.One),
        kinks=(S.Zero,),
        parameters=(slope,),
        defaults=((slope, default),),
        by_parameters=((slope, Min(x, 0)),),
    )


def _swish(name: str, rate: Expr, *parameters: Symbol) -> Elementwise:
    """xσ(βx); at β = 0 it is x/2, below 0 the mirror image −swish(−x; −β)."""
    return Elementwise(
        name,
        swish(x, rate),
        _slope(swish(x, rate)),
        (_by_sign(rate, S.Zero, -oo, -oo), _by_sign(rate, oo, oo, S.Zero)),
        (_by_sign(rate, S.Zero, _HALF, S.One), _by_sign(rate, S.One, _HALF, S.Zero)),
        parameters=parameters,
        defaults=tuple((p, S.One) for p in parameters),
        by_parameters=tuple((p, gradient(swish(x, rate), p)) for p in parameters),
    )


ELEMENTWISE: tuple[Elementwise, ...] = (
    Elementwise(
        "threshold",
        step(x, threshold),
        S.Zero,
        (S.Zero, S.One),
        (S.Zero, S.Zero),
        kinks=(threshold,),
        jumps=(threshold,),
        parameters=(threshold,),
        defaults=((threshold, S.Zero),),
    ),
    Elementwise("sigmoid", sigmoid(x), _slope(sigmoid(x)), (S.Zero, S.One), (S.Zero, S.Zero)),
    Elementwise("logsigmoid", -softplus(-x), _slope(-softplus(-x)), (-oo, S.Zero), (S.One, S.Zero)),
    Elementwise("tanh", tanh(x), _slope(tanh(x)), (-S.One, S.One), (S.Zero, S.Zero)),
    Elementwise("relu", relu(x), step(x), (S.Zero, oo), _TO_IDENTITY, kinks=(S.Zero,)),
    Elementwise(
        "relu6",
        relu6(x),
        _between(S.Zero, S.One, S.Zero, 0, 6),
        (S.Zero, S(6)),
        (S.Zero, S.Zero),
        kinks=(S.Zero, S(6)),
    ),
    _leaky("leaky_relu", negative_slope, Rational(1, 100)),
    _leaky("prelu", weight, Rational(1, 4)),
    Elementwise(
        "elu",
        elu(x, alpha),
        _slope(elu(x, alpha)),
        (-alpha, oo),
        _TO_IDENTITY,
        kinks=(S.Zero,),
        parameters=(alpha,),
        defaults=((alpha, S.One),),
    ),
    Elementwise(
        "celu",
        celu(x, alpha),
        _slope(celu(x, alpha)),
        (-alpha, oo),
        _TO_IDENTITY,
        parameters=(alpha,),
        defaults=((alpha, S.One),),
        requires=(Gt(alpha, 0),),
    ),
    Elementwise(
        "selu",
        selu(x),
        _slope(selu(x)),
        (-SELU_SCALE * SELU_ALPHA, oo),
        (S.Zero, SELU_SCALE),
        kinks=(S.Zero,),
    ),
    Elementwise(
        "softplus",
        softplus(beta * x) / beta,
        _slope(softplus(beta * x) / beta),
        (S.Zero, oo),
        _TO_IDENTITY,
        parameters=(beta,),
        defaults=((beta, S.One),),
        requires=(Gt(beta, 0),),
        by_parameters=((beta, gradient(softplus(beta * x) / beta, beta)),),
    ),
    Elementwise("softsign", x / (1 + Abs(x)), 1 / (1 + Abs(x)) ** 2, (-S.One, S.One), (S.Zero, S.Zero)),
    Elementwise("tanhshrink", x - tanh(x), tanh(x) ** 2, (-oo, oo), (S.One, S.One)),
    Elementwise("gelu", gelu(x), normal_cdf(x) + x * normal_pdf(x), (S.Zero, oo), _TO_IDENTITY),
    Elementwise("gelu_tanh", gelu_tanh(x), _slope(gelu_tanh(x)), (S.Zero, oo), _TO_IDENTITY),
    _swish("quick_gelu", QUICK_GELU_RATE),
    _swish("silu", S.One),
    _swish("swish", beta, beta),
    Elementwise("mish", mish(x), _slope(mish(x)), (S.Zero, oo), _TO_IDENTITY),
    Elementwise(
        "hardsigmoid",
        hardsigmoid(x),
        _between(S.Zero, Rational(1, 6), S.Zero, -3, 3),
        (S.Zero, S.One),
        (S.Zero, S.Zero),
        kinks=(S(-3), S(3)),
    ),
    Elementwise(
        "hardswish",
        hardswish(x),
        _between(S.Zero, (2 * x + 3) / 6, S.One, -3, 3),
        (S.Zero, oo),
        _TO_IDENTITY,
        kinks=(S(-3), S(3)),
    ),
    Elementwise("squared_relu", relu(x) ** 2, 2 * relu(x), (S.Zero, oo), (S.Zero, oo)),
    Elementwise(
        "snake",
        snake(x, a),
        _slope(snake(x, a)),
        (-oo, oo),
        (None, None),
        parameters=(a,),
        defaults=((a, S.One),),
        requires=(Ne(a, 0),),
        by_parameters=((a, gradient(snake(x, a), a)),),
    ),
)

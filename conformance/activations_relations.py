# SPDX-License-Identifier: BSD-3-Clause
"""What the claims say about single activations: ranges, symmetries, witnesses against folklore, Gaussian moments.

All of it follows from the exact values. Tested by itself it names the property that a wrong formula has lost, and
it compares outputs of the code with each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Expr, Max, Min, Piecewise, S, log, oo

from ..theory import activations_folklore as folklore
from ..theory import activations_gaussian as gaussian
from ..theory import activations_notation as notation
from ..theory import activations_rectifiers as rectifiers
from ..theory import activations_selfgated as selfgated
from ..theory.activations_terms import beta, gelu, negative_slope, relu, sigmoid, swish, x
from ..theory.claim import Claim, Sequent
from ..theory.oracle import enclose
from .activations_bounds import slope
from .activations_cases import Case, call_of, cases, parameters_of, row_of
from .activations_elementwise import expected
from .call import Array, Call
from .contract import NotApplicable
from .floats import Floats, gamma, half_digits, rounded
from .law import Law
from .subject import Output, Subject
from .verdict import Comparison, Expectation, agreeing, exactly

_SHAPES: tuple[tuple[int, ...], ...] = ((6,), (16,))


# Ranges --------------------------------------------------------------------------------------------

_LEAKY = Piecewise((Max(x, negative_slope * x), negative_slope <= 1), (Min(x, negative_slope * x), True))

# (contract, claim, what is said, least, most)
VALUES: tuple[tuple[str, str, str, Expr, Expr], ...] = (
    ("sigmoid", "sigmoid", "σ lies between 0 and 1.", S.Zero, S.One),
    ("tanh", "sigmoid", "tanh x = 2σ(2x) − 1.", 2 * sigmoid(2 * x) - 1, 2 * sigmoid(2 * x) - 1),
    ("softplus", "softplus", "0 ≤ softplus − relu ≤ log 2/β.", relu(x), relu(x) + log(2) / beta),
    ("gelu", "gelu-tanh-error", "Both forms are within 4.7324e-4 of GELU.",
     gelu(x) - gaussian.TANH_BOUND, gelu(x) + gaussian.TANH_BOUND),
    ("quick_gelu", "gelu-sigmoid-error", "xσ(1.702x) is within 0.0203349 of GELU.",
     gelu(x) - gaussian.SIGMOID_BOUND, gelu(x) + gaussian.SIGMOID_BOUND),
    ("silu", "silu-min", "SiLU is never below −W(1/e).", -selfgated.W, oo),
    ("silu", "relu-gap", "0 ≤ relu − silu ≤ W(1/e).", relu(x) - selfgated.W, relu(x)),
    ("mish", "mish", "Mish is never below −0.308843414.", selfgated.MISH_LEAST, oo),
    ("hardsigmoid", "relu6-hard", "The hard sigmoid is within 0.069183 of σ.",
     sigmoid(x) - rectifiers.HARD_SIGMOID_GAP, sigmoid(x) + rectifiers.HARD_SIGMOID_GAP),
    ("hardswish", "relu6-hard", "Hard swish is within 3/(1 + e³) of SiLU.",
     swish(x) - rectifiers.HARD_SWISH_GAP, swish(x) + rectifiers.HARD_SWISH_GAP),
    ("leaky_relu", "leaky", "A maximum for slopes up to 1, a minimum beyond.", _LEAKY, _LEAKY),
    ("squared_relu", "squared-relu", "relu(x)² = x relu(x).", x * relu(x), x * relu(x)),
)  # fmt: skip
# GELU's own range; its tanh form has another one.
GELU_VALUES = (
    ("gelu", "gelu-extrema", "GELU is never below −0.1699712076.", selfgated.GELU_LEAST, oo),
    ("gelu", "relu-gap", "0 ≤ relu − gelu ≤ 0.1699712076.", relu(x) + selfgated.GELU_LEAST, relu(x)),
)
_SILU_STEEPEST = selfgated.SILU_SLOPE_MOST
SLOPE_RANGES: tuple[tuple[str, str, str, Expr, Expr], ...] = (
    ("sigmoid", "sigmoid", "0 ≤ σ′ ≤ 1/4.", S.Zero, S.One / 4),
    ("tanh", "sigmoid", "0 ≤ tanh′ ≤ 1.", S.Zero, S.One),
    ("relu", "relu-ad", "The slope is in [0, 1], at 0 as well.", S.Zero, S.One),
    ("gelu", "gelu-extrema", "GELU's slope is at most 1.1289…", -gaussian.STEEPEST, gaussian.STEEPEST),
    ("silu", "silu-slope", "SiLU's slope is at most 1.0998394.", 1 - _SILU_STEEPEST, _SILU_STEEPEST),
    ("mish", "mish", "Mish's slope is at most 1.0884982.", -S.One, selfgated.MISH_SLOPE_MOST),
    ("snake", "snake", "Snake's slope is between 0 and 2.", S.Zero, S(2)),
)  # fmt: skip


def _outside(got: Floats, low: Any, high: Any, e: Expectation, code: str, label: str) -> Comparison:
    """How far an output leaves a range, against 0: the bound of the output itself.

    A value beyond the format is infinite when it is rounded: there, and only there, infinity is no excess.
    """
    beyond = np.where(np.isinf(e.high), e.high, np.nan)
    with np.errstate(invalid="ignore"):
        excess = np.where(got == beyond, 0.0, np.maximum(np.maximum(low - got, got - high), 0.0))
    slack = e.bound + 2.0**-50 * np.where(np.isfinite(got), np.abs(got), 0.0)
    outside = f"np.maximum(np.maximum(np.array({low.tolist()}) - {code}, {code} - np.array({high.tolist()})), 0.0)"
    written = f"np.where({code} == np.array({beyond.tolist()}), 0.0, {outside})"
    return Comparison(excess, agreeing(np.zeros(got.shape), slack, slack + e.refuted_above), written, label)


def _sides(least: Expr, most: Expr, parameters: dict[Any, Any], points: Floats) -> list[Floats]:
    """Both ends of the range at the points."""
    ends = []
    for side in (least, most):
        if side in (oo, -oo):
            ends.append(np.full(points.shape, float(side)))
        else:
            ends.append(np.broadcast_to(enclose(side, {x: points, **parameters}, dtype="float64").hi, points.shape))
    return ends


def _in_range(least: Expr, most: Expr, *, gelu_only: bool = False) -> Callable[[Subject, Case], Iterator[Comparison]]:
    def check(subject: Subject, case: Case) -> Iterator[Comparison]:
        """The exact value lies in the range, so the output leaves it by no more than its own bound, that of the value
        law: γ₈ (|f| + |x f′|) and the underflow; the ends are rounded to float64 once."""
        call = _plain(subject, case, gelu_only)
        output = subject.run(call)
        low, high = _sides(least, most, parameters_of(subject, call), call.arguments[0].values)
        (e,) = expected(subject, call, output.dtypes)
        yield _outside(output.values[0], low, high, e, output.code(), "how far the value leaves its range")

    return check


def _plain(subject: Subject, case: Case, gelu_only: bool) -> Call:
    """The call on an array of moderate numbers; with the exact GELU where the claim is about that."""
    if gelu_only:
        case = replace(case, parameters={"approximate": "none"})
    call = call_of(subject, case, top=2.0**-8)
    if gelu_only and row_of(subject, call).name == "gelu_tanh":
        raise NotApplicable("the function is the tanh form of GELU")
    return call


def _slope_in_range(least: Expr, most: Expr, *, gelu_only: bool) -> Callable[[Subject, Case], Iterator[Comparison]]:
    def check(subject: Subject, case: Case) -> Iterator[Comparison]:
        """The exact slope lies in the range, so the gradient leaves it by no more than its own bound, that of the
        slope law: γ₈ (|f′| + |x f″|) and the underflow. At a knee both one-sided slopes lie in the range."""
        call = _plain(subject, case, gelu_only)
        ones = np.ones(case.shape)
        output = subject.gradient(call, (0,), (Array(ones),))
        points, parameters = call.arguments[0].values, parameters_of(subject, call)
        e = slope(row_of(subject, call), parameters, points, ones, subject.dtype)
        low, high = _sides(least, most, parameters, points)
        yield _outside(output.values[0], low, high, e, output.code(), "how far the slope leaves its range")

    return check


# Symmetries ----------------------------------------------------------------------------------------

# f(x) + s f(−x) = g(x): (contract, claim, what is said, s, g)
SYMMETRIES: tuple[tuple[str, str, str, int, Expr], ...] = (
    ("sigmoid", "sigmoid", "σ(x) + σ(−x) = 1.", 1, S.One),
    ("hardsigmoid", "relu6-hard", "hardsigmoid(x) + hardsigmoid(−x) = 1.", 1, S.One),
    ("tanh", "sigmoid", "tanh is odd.", 1, S.Zero),
    ("relu", "odd-part", "relu(x) − relu(−x) = x.", -1, x),
    ("gelu", "odd-part", "gelu(x) − gelu(−x) = x.", -1, x),
    ("silu", "odd-part", "silu(x) − silu(−x) = x.", -1, x),
    ("hardswish", "odd-part", "hardswish(x) − hardswish(−x) = x.", -1, x),
    ("softplus", "softplus", "softplus(x) − softplus(−x) = x.", -1, x),
)


def _symmetry(sign: int, total: Expr) -> Callable[[Subject, Case], Iterator[Comparison]]:
    def check(subject: Subject, case: Case) -> Iterator[Comparison]:
        """Both outputs are within their own bounds of exact values that add up to the right-hand side: the sum of the
        two bounds, γ₈ (|f| + |x f′|) at x and at −x, and the underflow."""
        call = call_of(subject, case, top=2.0**-8)
        mirrored = call.with_argument(0, Array(-call.arguments[0].values))
        here, there = subject.run(call), subject.run(mirrored)
        (e,), (f,) = (expected(subject, c, here.dtypes) for c in (call, mirrored))
        points = call.arguments[0].values
        exact = np.broadcast_to(enclose(total, {x: points}, dtype="float64").hi, points.shape)
        with np.errstate(invalid="ignore"):
            got = here.values[0] + sign * there.values[0]
        slack = e.bound + f.bound + 2.0**-51 * (np.abs(e.high) + np.abs(f.high))
        wanted = agreeing(exact, slack, slack + e.refuted_above + f.refuted_above)
        yield Comparison(got, wanted, f"{here.code()} + {sign} * {there.code()}", "f at x, with sign, and at −x")

    return check


def _relu_identities(subject: Subject, case: Case) -> Iterator[Comparison]:
    """Multiples of 1/8 below 2⁷ and their sums are exact in every format, and max(x, 0) rounds nothing: no bound."""
    rng = np.random.default_rng(case.seed)
    a, b = rng.integers(-64, 65, (2, *case.shape)) / 8.0

    def run(values: Floats) -> Output:
        return subject.run(subject.call("relu", Array(values)))

    up, down, twice, quarter = run(a), run(-a), run(np.maximum(a, 0.0)), run(a / 4)
    gap = run(a - b)
    pair = f"{up.code()} + {down.code()}"
    yield Comparison(up.values[0] + down.values[0], exactly(np.abs(a)), pair, "relu(x) + relu(−x), which is |x|")
    yield Comparison(twice.values[0], exactly(up.values[0]), twice.code(), "relu of relu(x)", up.code())
    yield Comparison(quarter.values[0], exactly(up.values[0] / 4), quarter.code(), "relu(x/4)", f"{up.code()} / 4")
    written = f"np.array({b.tolist()}) + {gap.code()}"
    yield Comparison(b + gap.values[0], exactly(np.maximum(a, b)), written, "b + relu(a − b), which is max(a, b)")


# Witnesses -----------------------------------------------------------------------------------------

# (contract, claim, its refutation)
WITNESSES: tuple[tuple[str, Claim, str], ...] = (
    ("mish", folklore.ODD_PART_FOLKLORE, "mish"),
    ("elu", folklore.ODD_PART_FOLKLORE, "elu"),
    *((name, folklore.MONOTONE_FOLKLORE, name) for name in ("gelu", "silu", "mish")),
    ("hardswish", folklore.MONOTONE_FOLKLORE, "hard-swish"),
    *((name, folklore.ONE_LIPSCHITZ_FOLKLORE, name) for name in ("gelu", "silu", "mish", "selu")),
    ("hardswish", folklore.ONE_LIPSCHITZ_FOLKLORE, "hard-swish"),
)


def _witness(claim: Claim, name: str) -> Callable[[Subject, int], Iterator[Comparison]]:
    (refutation,) = (r for r in claim.refutations() if r.name == name)
    numbers = [float(value) for _, value in refutation.witness]
    ends = numbers if len(numbers) == 2 else [-numbers[0], numbers[0]]

    def check(subject: Subject, seed: int) -> Iterator[Comparison]:
        """The difference of the values at the two points of the witness, rounded into the dtype: the bounds of both
        values. It is as far on the wrong side of what the popular statement says as the exact one."""
        call = subject.call(_contract_of(claim, name), Array(rounded(ends, subject.dtype)))
        output = subject.run(call)
        (e,) = expected(subject, call, output.dtypes)
        got = output.values[0]
        slack = float(e.bound.sum()) + 2.0**-50 * float(np.abs(e.high).sum())
        wrong = slack + half_digits(subject.dtype) * float(np.abs(np.diff(call.arguments[0].values))[0])
        wanted = agreeing(e.high[1] - e.high[0], slack, wrong)
        yield Comparison(np.asarray(got[1] - got[0]), wanted, f"{output.code()}[1] - {output.code()}[0]", "the rise")

    return check


def _contract_of(claim: Claim, name: str) -> str:
    return {"hard-swish": "hardswish"}.get(name, name)


# Moments -------------------------------------------------------------------------------------------

# (contract, claim, the largest slope)
MOMENTS: tuple[tuple[str, Claim, float], ...] = (
    ("relu", gaussian.RELU_HE, 1.0),
    ("gelu", gaussian.GELU_SECOND_MOMENT, 1.13),
    ("selu", gaussian.SELU, 1.76),
)
_REACH = 8


def _moments(claim: Claim, steepest: float) -> Callable[[Subject, int], Iterator[Comparison]]:
    exact = {s.name: _right_side(s) for s in claim.sequents() if s.name in ("mean", "second-moment")}

    def check(subject: Subject, seed: int) -> Iterator[Comparison]:
        """Σ f(xₖ) P(|Z − xₖ| < h/2) over a grid of spacing h on [−8, 8] is E f(Z) up to L h/2, f having slopes up to
        L (1 for ReLU, below 1.13 for GELU, below 1.76 for SELU); that of f² is off by L h (E|f| + L h/2) ≤ 2 L h, since
        E f² ≤ 1. f(0) = 0 makes |f| and |x f′| at most L |x|, so an output is off by 2 L γ₈ |x| more and its square by
        4 L² γ₈ x², with E|Z| < 1 and E Z² = 1. Beyond 8 there is less than 2⁻³⁸."""
        h = 2.0**-5 if subject.dtype == "bfloat16" else 2.0**-7
        points = np.arange(-_REACH / h, _REACH / h + 1) * h
        output = subject.run(subject.call(_of_moments(claim), Array(points)))
        edges = [0.5 * math.erf(t / math.sqrt(2)) for t in np.append(points - h / 2, points[-1] + h / 2)]
        places = f"np.append(np.arange({points.size}) * {h} - {_REACH + h / 2}, {_REACH + h / 2})"
        weights = f"np.diff([0.5 * __import__('math').erf(t * 0.5**0.5) for t in {places}])"
        rounding = 4 * gamma(8, subject.dtype) * steepest**2
        for power, name, grid in ((1, "mean", steepest * h / 2), (2, "second-moment", 2 * steepest * h)):
            bound = grid + rounding + 2.0**-38
            got = np.asarray((output.values[0] ** power * np.diff(edges)).sum())
            wanted = agreeing(exact[name], bound, bound + half_digits(subject.dtype))
            code = f"({output.code()} ** {power} * {weights}).sum()"
            yield Comparison(got, wanted, code, f"the {name} for a normal input")

    return check


def _of_moments(claim: Claim) -> str:
    """The contract that a claim about moments is about."""
    return next(name for name, c, _ in MOMENTS if c is claim)


def _right_side(sequent: Sequent) -> float:
    """The closed form, for unit deviation."""
    value = sequent.relation.rhs.subs({notation.s: S.One})
    return float(enclose(value, {}, dtype="float64").hi)


# The registry --------------------------------------------------------------------------------------


def _law(id: str, name: str, claim: str, statement: str, check: Any, **options: Any) -> Law:
    drawn = options.pop("cases", cases(name, shapes=_SHAPES))
    claims = (claim if "." in claim else f"activations.{claim}",)
    return Law(id, claims, (name,), statement, drawn, check, **{"examples": 8, **options})


def _once(subject: Subject) -> Any:
    return st.just(0)


LAWS = (
    *(_law(f"range-{c}", n, c, text, _in_range(low, high)) for n, c, text, low, high in VALUES),
    *(_law(f"range-{c}", n, c, text, _in_range(low, high, gelu_only=True)) for n, c, text, low, high in GELU_VALUES),
    *(
        _law(f"slope-range-{c}", n, c, text, _slope_in_range(low, high, gelu_only=n == "gelu"), gradient=True)
        for n, c, text, low, high in SLOPE_RANGES
    ),
    *(_law(f"symmetry-{c}", n, c, text, _symmetry(sign, total)) for n, c, text, sign, total in SYMMETRIES),
    _law("identities", "relu", "relu", "|x|, max(a, b), idempotence and homogeneity.", _relu_identities),
    *(
        _law(claim.id.partition(".")[2], n, claim.id, claim.title + ".", _witness(claim, name), cases=_once, examples=1)
        for n, claim, name in WITNESSES
    ),
    *(
        _law("moments", n, claim.id, claim.title + ".", _moments(claim, steepest), cases=_once, examples=1)
        for n, claim, steepest in MOMENTS
    ),
)

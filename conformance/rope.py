# SPDX-License-Identifier: BSD-3-Clause
"""Laws of rotary position embedding.

Norm preservation and relative offset are blind to wrong frequencies, so the weight lies on absolute
angles against the oracle: near and far, negative and fractional positions, any base, partial
dimensions, 2 to 4 axes, gradients, and repeated calls. Bounds are derived in ``rotations.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from ..theory import rope as theory
from ..theory.oracle import enclose
from . import regimes, xpos
from . import rope_cases as cases
from .call import Array, Call, integers
from .contract import Contract, NotApplicable, Promise
from .floats import gamma, half_digits, smallest_subnormal, unit_roundoff
from .law import Law
from .regimes import Drawn
from .rotations import (
    BASE,
    G0,
    G1,
    LINEAR,
    NTK,
    PLAIN,
    SCALE,
    THETA,
    X0,
    X1,
    D,
    Floats,
    I,
    Margins,
    Schedule,
    angle_errors,
    join,
    layout_of,
    margins,
    pulled_back,
    rotation,
    split,
)
from .subject import Misbehaviour, Output, Subject
from .verdict import Comparison, Expectation, agreeing

CONVENTIONS = {"layout": ("interleaved", "half")}


# What to expect ------------------------------------------------------------------------------------


def _schedule(subject: Subject, call: Call) -> Schedule:
    """The angles that a call should turn by."""
    name, keywords = call.contract, call.keywords
    dim = call.arguments[0].values.shape[-1]
    base = float(subject.value(name, "base", keywords.get("base")))
    if name in ("linear", "ntk"):
        scale = float(subject.value(name, "scale", keywords.get("scale")))
        return Schedule(LINEAR if name == "linear" else NTK, dim, base, scale)
    rotary = subject.value(name, "rotary_dim", keywords.get("rotary_dim")) if name == "rotate" else None
    if rotary is not None and rotary > dim:
        raise NotApplicable(f"rotary_dim is fixed to {rotary}, more than the dimensions tested")
    return Schedule(PLAIN, int(rotary or dim), base)


def _positions(call: Call) -> Floats:
    if call.contract == "decode":
        return np.asarray(call.arguments[1] + np.arange(call.arguments[0].values.shape[-2]), np.float64)
    return np.asarray(call.arguments[1].values, np.float64)


def _rotated(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    x: Floats = call.arguments[0].values
    return (rotation(_schedule(subject, call), x, _positions(call), layout_of(subject, call), subject.dtype),)


def _margins(subject: Subject, call: Call) -> Margins:
    x: Floats = call.arguments[0].values
    return margins(_schedule(subject, call), x, _positions(call), layout_of(subject, call), subject.dtype)


def _tables(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    positions, dim = np.asarray(call.arguments[0].values, np.float64), call.arguments[1]
    schedule = Schedule(PLAIN, dim, float(subject.value("cos_sin", "base", call.keywords.get("base"))))
    one_zero = theory.rotated(X0, X1, PLAIN)
    inputs = {k: v for k, v in schedule.inputs(positions).items() if k != SCALE}
    exact = enclose(list(one_zero), {**inputs, X0: 1, X1: 0}, dtype="float64")
    expectations = []
    for e, dtype in zip(exact, dtypes, strict=True):
        formed, refuting = angle_errors(schedule, positions, dtype)
        bound = 2 * unit_roundoff(dtype) * np.abs(e.hi) + formed + smallest_subnormal(dtype)
        expectations.append(Expectation(e.hi, e.lo, e.radius, bound, refuting + bound))
    return tuple(expectations)


def _frequencies(subject: Subject, call: Call, dtypes: tuple[str, ...]) -> tuple[Expectation, ...]:
    (dim,), (dtype,) = call.arguments, dtypes
    schedule = Schedule(PLAIN, dim, float(subject.value("frequencies", "base", call.keywords.get("base"))))
    exact = enclose(THETA, {I: np.arange(dim // 2), D: dim, BASE: schedule.base}, dtype="float64")
    bound = exact.hi * (2 * unit_roundoff(dtype) + schedule.constant * unit_roundoff("float64"))
    refuting = exact.hi * max(half_digits(dtype), schedule.constant * unit_roundoff("float32"))
    return (Expectation(exact.hi, exact.lo, exact.radius, bound, refuting + bound),)


# Laws ----------------------------------------------------------------------------------------------


def _value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The angle is formed in float64 with relative error (3 |ln B| + 6) 2⁻⁵³; cos and sin within 1 ulp, a product and
    a sum add γ₄ (|x₀| + |x₁|) in the working precision (float32 for 16-bit dtypes); a 16-bit result is rounded
    once, u |y|; underflow adds three subnormals. Features beyond rotary_dim pass through exactly."""
    output = subject.run(call)
    expect = subject.contracts[call.contract].expect
    if expect is None:
        raise NotApplicable(f"{call.contract} has no single right value")
    for i, expectation in enumerate(expect(subject, call, output.dtypes)):
        yield Comparison(output.values[i], expectation, output.code(i), f"{call.contract} against its exact value")


def _table_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The angle is formed in float64 with relative error (3 |ln B| + 6) 2⁻⁵³, an absolute error of cos and sin as
    large; these are within 1 ulp = 2u of the dtype that is returned."""
    yield from _value(subject, call)


def _frequency_value(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Through pow, exp or log in float64 the relative error is at most (3 |ln B| + 6) 2⁻⁵³; storing in the dtype that
    is returned adds one ulp, 2u."""
    yield from _value(subject, call)


def _repeated(subject: Subject, calls: tuple[Call, ...]) -> Iterator[Comparison]:
    """The bound is that of a single call, whatever was called before: a pure function has no memory."""
    for call in calls:
        yield from _value(subject, call)


def _gradient(subject: Subject, case: tuple[Call, Drawn]) -> Iterator[Comparison]:
    """The gradient of a rotation is the inverse rotation of the cotangent: the same operations on the same tables,
    so the bound is that of the rotation with |g₀| + |g₁| in place of |x₀| + |x₁|."""
    call, draw = case
    x: Floats = call.arguments[0].values
    g = regimes.build(draw, x.shape, subject.dtype)
    got = subject.gradient(call, (0,), (Array(g),))
    expectation = pulled_back(_schedule(subject, call), g, _positions(call), layout_of(subject, call), subject.dtype)
    yield Comparison(got.values[0], expectation, got.code(0), "the gradient with respect to x")


def _score(a: Output, ma: Margins, b: Output, mb: Margins) -> tuple[Floats, Floats, Floats]:
    """⟨a, b⟩ along the last axis, and what it may be off by: Σ |a| β + α |b| + α β, for either margin, and the
    rounding of the sum itself, γₙ₊₁ Σ |a b| in float64."""
    x, y = a.values[0], b.values[0]

    def spread(alpha: Floats, beta: Floats) -> Floats:
        total: Floats = (np.abs(x) * beta + alpha * np.abs(y) + alpha * beta).sum(-1)
        return total

    summing = gamma(x.shape[-1] + 1, "float64") * np.abs(x * y).sum(-1)
    return (x * y).sum(-1), spread(ma.bound, mb.bound) + summing, spread(ma.refuted_above, mb.refuted_above)


def _relative(subject: Subject, case: tuple[Call, Drawn, int, int]) -> Iterator[Comparison]:
    """Each score is off by at most Σ |q'| β + α |k'| + α β, where α and β bound the errors of the rotated q' and k'
    (those of a single call); two scores that are equal in exact arithmetic differ by at most the sum of both."""
    call, draw, offset, shift = case
    q, m = call.arguments
    k = Array(regimes.build(draw, q.values.shape, subject.dtype))

    def score(extra: int) -> tuple[Floats, Floats, Floats, str]:
        left = call.with_argument(1, integers(m.values + extra))
        right = left.with_argument(0, k).with_argument(1, integers(m.values + offset + extra))
        a, b = subject.run(left), subject.run(right)
        code = f"({a.code()} * {b.code()}).sum(-1)"
        return *_score(a, _margins(subject, left), b, _margins(subject, right)), code

    here, bound, refuting, against = score(0)
    there, more, refuting_more, code = score(shift)
    label = f"scores after a shift by {shift}, offset {offset}"
    yield Comparison(there, agreeing(here, bound + more, refuting + refuting_more), code, label, against)


def _complex_sum(subject: Subject, case: tuple[Call, Drawn, int]) -> Iterator[Comparison]:
    """A score is off by at most Σ |q'| β + α |k'| + α β, where α and β bound the errors of the rotated q' and k';
    summing n exact terms in float64 adds γₙ Σ |term|."""
    call, draw, offset = case
    q, m = call.arguments
    k = Array(regimes.build(draw, q.values.shape, subject.dtype))
    other = call.with_argument(0, k).with_argument(1, integers(m.values + offset))
    a, b = subject.run(call), subject.run(other)
    got, bound, refuting = _score(a, _margins(subject, call), b, _margins(subject, other))
    schedule, layout = _schedule(subject, call), layout_of(subject, call)
    (q0, q1, _), (k0, k1, rest) = (split(v.values, schedule.width, layout) for v in (q, k))
    y0, y1 = theory.rotated(X0, X1, PLAIN)
    inputs = {s: v for s, v in schedule.inputs(np.full(q.values.shape[-2], -float(offset))).items() if s != SCALE}
    terms = enclose(G0 * y0 + G1 * y1, {**inputs, X0: q0, X1: q1, G0: k0, G1: k1}, dtype="float64")
    high = terms.hi.sum(-1) + (split(q.values, schedule.width, layout)[2] * rest).sum(-1)
    bound = bound + gamma(terms.hi.shape[-1] + rest.shape[-1] + 2, "float64") * (np.abs(q.values * k.values)).sum(-1)
    bound = bound + terms.radius.sum(-1) + gamma(terms.hi.shape[-1], "float64") * np.abs(terms.hi).sum(-1)
    code = f"({a.code()} * {b.code()}).sum(-1)"
    yield Comparison(got, agreeing(high, bound, refuting + bound), code, f"the score at offset {offset}")


def _norm(subject: Subject, call: Call) -> Iterator[Comparison]:
    """‖y‖² is off by at most Σ 2 |y| β + β², where β bounds the error of y, and γₙ₊₁ ‖·‖² for each sum in float64."""
    output, allowed = subject.run(call), _margins(subject, call)
    got, bound, refuting = _score(output, allowed, output, allowed)
    x: Floats = call.arguments[0].values
    exact = (x * x).sum(-1)
    bound = bound + gamma(x.shape[-1] + 1, "float64") * exact
    code = f"({output.code()} ** 2).sum(-1)"
    yield Comparison(got, agreeing(exact, bound, refuting + bound), code, "the squared norm")


def _group(subject: Subject, case: tuple[Call, int]) -> Iterator[Comparison]:
    """The first rotation errs by α, which the second one carries on to both features of its pair; with the second's
    own error and that of the rotation by the sum, the difference is at most α₀ + α₁ + β + γ."""
    call, extra = case
    m = call.arguments[1]
    first = subject.run(call)
    again = call.with_argument(0, Array(first.values[0])).with_argument(1, integers(np.full_like(m.values, extra)))
    at_once = call.with_argument(1, integers(m.values + extra))
    twice, once = subject.run(again), subject.run(at_once)
    schedule, layout = _schedule(subject, call), layout_of(subject, call)
    parts = [_margins(subject, c) for c in (call, again, at_once)]

    def carried(first_error: Floats) -> Floats:
        e0, e1, rest = split(first_error, schedule.width, layout)
        return join(e0 + e1, e0 + e1, rest, layout)

    bound = carried(parts[0].bound) + parts[1].bound + parts[2].bound
    refuting = carried(parts[0].refuted_above) + parts[1].refuted_above + parts[2].refuted_above
    label = "rotated twice, against once by the sum of the positions"
    yield Comparison(twice.values[0], agreeing(once.values[0], bound, refuting), twice.code(), label, once.code())


def _rows(subject: Subject, call: Call) -> Iterator[Comparison]:
    """A row rotated alone and within its sequence is the same quantity twice, so both are within the bound of a
    single call of the exact value: they differ by at most twice that."""
    x, m = call.arguments
    last = x.values.shape[-2] - 1
    alone = call.with_argument(0, Array(x.values[..., last:, :])).with_argument(1, integers(m.values[last:]))
    whole, single = subject.run(call), subject.run(alone)
    allowed = _margins(subject, alone)
    reference = whole.values[0][..., last:, :]
    expectation = agreeing(reference, 2 * allowed.bound, 2 * allowed.refuted_above)
    against = f"{whole.code()}[..., {last}:, :]"
    yield Comparison(single.values[0], expectation, single.code(), "the last row alone against the whole", against)


def _permuted(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Both layouts rotate the same pairs, so each is within the bound of a single call of the same exact value: they
    differ by at most twice that."""
    x, schedule = call.arguments[0], _schedule(subject, call)
    moved = Array(join(*split(x.values, schedule.width, "interleaved"), "half"))
    interleaved = Call("rotate", call.arguments, {**call.keywords, "layout": "interleaved"})
    half = Call("rotate", (moved, call.arguments[1]), {**call.keywords, "layout": "half"})
    a, b = subject.run(interleaved), subject.run(half)
    allowed = margins(schedule, moved.values, _positions(call), "half", subject.dtype)
    reference = join(*split(a.values[0], schedule.width, "interleaved"), "half")
    expectation = agreeing(reference, 2 * allowed.bound, 2 * allowed.refuted_above)
    yield Comparison(b.values[0], expectation, b.code(), "the half layout against the interleaved one, reordered")


def _decay(subject: Subject, base: float) -> Iterator[Comparison]:
    """K(12) − K(11) = 0.037 and −K(1707) = 0.27 for d = 128, B = 10⁴ are positive by more than the 64 pairs can round
    away in float32 and float64 (64 γ₄ ≈ 2·10⁻⁵), tables formed in float32 included; 16-bit results are too coarse."""
    if unit_roundoff(subject.dtype) > unit_roundoff("float32"):
        raise NotApplicable(f"{subject.dtype} is too coarse to tell K(12) from K(11)")
    if float(subject.value("rotate", "base", base)) != base:
        raise NotApplicable("the statement is about base 10000")
    layout = subject.conventions["layout"]
    ones, zeros, none = np.ones((3, 64)), np.zeros((3, 64)), np.zeros((3, 0))
    x = Array(join(ones, zeros, none, layout))
    call = subject.call("rotate", x, integers([11, 12, 1707]), base=base, rotary_dim=None)
    output = subject.run(call)
    kernel = split(output.values[0], 128, layout)[0].sum(-1)
    columns = "[:, 0::2]" if layout == "interleaved" else "[:, :64]"
    if not kernel[1] > kernel[0] or not kernel[2] < 0:
        code = f"K = {output.code()}{columns}.sum(-1)\nassert K[1] > K[0] and K[2] < 0, K"
        raise Misbehaviour(f"K(11), K(12), K(1707) = {kernel.tolist()}, but K(12) > K(11) and K(1707) < 0", code)
    yield from ()


# The registries ------------------------------------------------------------------------------------


def _same_as_x(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(call.arguments[0].values.shape),)


FLOATS = ("float32", "float64")
ROWS = "x (..., seq, dim), positions (seq,) → same shape and dtype as x"

CONTRACTS = (
    Contract(
        "rotate",
        "(x, positions, *, base=10000.0, rotary_dim=None)",
        ROWS,
        cases.rotate,
        _same_as_x,
        _rotated,
        batched=("x",),
    ),
    Contract(
        "decode",
        "(x, cache_len, *, base=10000.0)",
        "x (..., new, dim): rows are positions cache_len, cache_len + 1, …",
        cases.decode,
        _same_as_x,
        _rotated,
        batched=("x",),
    ),
    Contract(
        "frequencies",
        "(dim, *, base=10000.0)",
        "→ (dim/2,)",
        cases.frequencies,
        lambda subject, call: (Promise((call.arguments[0] // 2,), FLOATS, host=True),),
        _frequencies,
        per_dtype=False,
    ),
    Contract(
        "cos_sin",
        "(positions, dim, *, base=10000.0)",
        "positions (seq,) → two arrays (seq, dim/2)",
        cases.cos_sin,
        lambda subject, call: 2 * (Promise((*call.arguments[0].values.shape, call.arguments[1] // 2), FLOATS),),
        _tables,
        per_dtype=False,
    ),
    Contract(
        "linear",
        "(x, positions, *, base=10000.0, scale)",
        ROWS,
        cases.scaled("linear", 1),
        _same_as_x,
        _rotated,
        batched=("x",),
    ),
    Contract(
        "ntk",
        "(x, positions, *, base=10000.0, scale)",
        ROWS + "; dim > 2",
        cases.scaled("ntk", 2),
        _same_as_x,
        _rotated,
        batched=("x",),
    ),
    Contract(
        "xpos",
        "(q, k, q_positions, k_positions, *, base=10000.0, scale_base=512.0)",
        "q and k (..., seq, dim), positions (seq,) → two arrays like q and k",
        cases.xpos,
        lambda subject, call: tuple(Promise(call.arguments[i].values.shape) for i in (0, 1)),
        batched=("q", "k"),
    ),
)


ABSOLUTE = ("rope.elementwise-form", "rope.block-rotation", "rope.theta-schedule")
EXACT = "Pair i of the row at position p is turned by p·B^(−2i/d); the layout says which features are a pair."

LAWS = (
    Law(
        "repeated",
        ABSOLUTE,
        ("rotate",),
        EXACT + " Earlier calls with other lengths, bases or dimensions do not matter.",
        cases.several,
        _repeated,
        stateful=True,
    ),
    Law("near", ABSOLUTE, ("rotate",), EXACT, cases.rotate, _value, examples=60),
    Law("far", ABSOLUTE, ("rotate",), EXACT, lambda s: cases.rotate(s, places=("far",)), _value),
    Law("fractional", ABSOLUTE, ("rotate",), EXACT, cases.fractional, _value),
    Law(
        "partial",
        ("rope.block-rotation",),
        ("rotate",),
        "The first rotary_dim features are rotated as if they were all; the others pass through.",
        cases.rotate,
        _value,
        varies=("rotary_dim",),
    ),
    Law(
        "gradient",
        ("rope.orthogonal",),
        ("rotate",),
        "The gradient is the inverse rotation of the cotangent, since R⁻¹ = Rᵀ.",
        lambda s: st.tuples(cases.rotate(s), cases.values(s)),
        _gradient,
    ),
    Law("norm", ("rope.orthogonal",), ("rotate",), "‖R_m x‖ = ‖x‖.", cases.ordinary, _norm, examples=20),
    Law(
        "relative",
        ("rope.relative-offset", "rope.shift-invariance"),
        ("rotate",),
        "⟨R_m q, R_n k⟩ depends on m and n only through n − m.",
        cases.pairs,
        _relative,
        examples=20,
    ),
    Law(
        "score",
        ("rope.complex-sum", "rope.complex-inner-product", "rope.kernel", "rope.two-dim-no-decay"),
        ("rotate",),
        "⟨R_m q, R_n k⟩ = Re Σ qᵢ k̄ᵢ e^(i(m−n)θᵢ) over pairs read as complex numbers.",
        lambda s: cases.pairs(s).map(lambda case: case[:3]),
        _complex_sum,
        examples=20,
    ),
    Law(
        "decay",
        ("rope.decay-not-monotone", "rope.decay-sign"),
        ("rotate",),
        "The score of equal vectors is neither monotone nor positive: K(12) > K(11) and K(1707) < 0 for d = 128.",
        lambda s: st.just(10000.0),
        _decay,
        examples=1,
    ),
    Law(
        "group",
        ("rope.group-law",),
        ("rotate",),
        "Rotating by m and then by n is rotating by m + n.",
        lambda s: st.tuples(cases.ordinary(s), st.integers(-500, 500)),
        _group,
        examples=20,
    ),
    Law(
        "rows",
        ("rope.block-rotation",),
        ("rotate",),
        "What happens to a row depends on its own position alone.",
        cases.ordinary,
        _rows,
        examples=20,
    ),
    Law(
        "layouts",
        ("rope.half-split-permutation", "rope.mixed-layout"),
        ("rotate",),
        "The half layout is the interleaved one after reordering the features, and not the same without.",
        cases.ordinary,
        _permuted,
        varies=("layout",),
        examples=20,
    ),
    Law(
        "value",
        ("rope.block-rotation",),
        ("decode",),
        "Row j is rotated to position cache_len + j.",
        cases.decode,
        _value,
    ),
    Law("value", ("rope.theta-schedule",), ("frequencies",), "θᵢ = B^(−2i/d).", cases.frequencies, _frequency_value),
    Law("value", ("rope.theta-schedule",), ("cos_sin",), "cos pθᵢ and sin pθᵢ.", cases.cos_sin, _table_value),
    Law(
        "value",
        ("rope.pi-interpolation",),
        ("linear",),
        "Positions are divided by the scale.",
        cases.scaled("linear", 1),
        _value,
    ),
    Law(
        "value",
        ("rope.ntk-endpoints",),
        ("ntk",),
        "The base becomes B·s^(d/(d−2)).",
        cases.scaled("ntk", 2),
        _value,
    ),
    Law(
        "products",
        ("rope.xpos-decay",),
        ("xpos",),
        "q'ᵢ k̄'ᵢ = ζᵢ^((m−n)/s) qᵢ k̄ᵢ e^(i(m−n)θᵢ) with ζᵢ = (2i/d + 0.4)/1.4.",
        cases.xpos,
        xpos.products,
    ),
    Law(
        "rows",
        ("rope.xpos-decay",),
        ("xpos",),
        "The scale of a row depends on its own position alone.",
        cases.xpos,
        xpos.rows,
        examples=20,
    ),
)

# SPDX-License-Identifier: BSD-3-Clause
"""Laws of xPos, rotation with a decay: queries are scaled up where keys are scaled down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..theory import rope as theory
from ..theory.oracle import enclose
from .call import Array, Call, integers
from .floats import gamma, smallest_subnormal, unit_roundoff
from .rotations import (
    G0,
    G1,
    PLAIN,
    SCALE,
    X0,
    X1,
    D,
    Floats,
    I,
    P,
    Schedule,
    angle_errors,
    join,
    layout_of,
    split,
    working,
)
from .subject import Output, Subject
from .verdict import Comparison, Expectation, agreeing


def products(subject: Subject, call: Call) -> Iterator[Comparison]:
    """Only products of a rotated query and key are fixed, wherever the scale is centred. Each of q' and k' errs by a
    relative γ₇ in the working precision (a rotation's γ₄, the scale within 1 ulp, its product), the angle's
    (3 |ln B| + 6) |a| 2⁻⁵³, that of the scale's exponent, 8 |e| 2⁻⁵³, and u for a 16-bit result; with δ for query and
    key the product errs by √2 ((1 + δ)(1 + δ') − 1) |q|₁ |k|₁. Underflow of one is multiplied by the other."""
    output = subject.run(call)
    q, k, m, n = (a.values for a in call.arguments)
    base, span = (float(subject.value("xpos", p, call.keywords.get(p))) for p in ("base", "scale_base"))
    layout, schedule = layout_of(subject, call), Schedule(PLAIN, q.shape[-1], base)
    (q0, q1, _), (k0, k1, _) = (split(v, schedule.width, layout) for v in (q, k))
    (a, b, _), (c, d, _) = (split(v, schedule.width, layout) for v in output.values)
    y0, y1 = theory.rotated(X0, X1, PLAIN)
    decay = theory.xpos_ratio(I, D) ** (P / SCALE)
    inputs = {**schedule.inputs(np.asarray(m - n, np.float64)), SCALE: span, X0: q0, X1: q1, G0: k0, G1: k1}
    exact = enclose([decay * (y0 * G0 + y1 * G1), decay * (y1 * G0 - y0 * G1), decay], inputs, dtype="float64")
    weight = np.sqrt(2) * (np.abs(q0) + np.abs(q1)) * (np.abs(k0) + np.abs(k1)) * exact[2].hi
    (held, refuting), (held_k, refuting_k) = (_side(schedule, p, span, subject.dtype) for p in (m, n))
    underflow = smallest_subnormal(subject.dtype) * (np.abs(a) + np.abs(b) + np.abs(c) + np.abs(d))
    bound = weight * ((1 + held) * (1 + held_k) - 1) + underflow
    refuted_above = weight * ((1 + refuting) * (1 + refuting_k) - 1) + bound
    for got, e, part, code in zip(
        (a * c + b * d, b * c - a * d), exact[:2], ("real", "imaginary"), _code(output, layout), strict=True
    ):
        expectation = Expectation(e.hi, e.lo, e.radius, bound, refuted_above)
        yield Comparison(got, expectation, code, f"{part} part of q' times the conjugate of k', pair by pair")


def _side(schedule: Schedule, positions: Any, span: float, dtype: str) -> tuple[Floats, Floats]:
    """Relative error of a rotated and scaled query or key: what holds, and what refutes."""
    places = np.asarray(positions, np.float64)
    formed, refuting = angle_errors(schedule, places, dtype)
    # The centre is unknown; one within the positions tested doubles the exponent at most. ζ₀ = 2/7.
    exponent = 2 * 1000 / span * np.log(3.5)
    stored = 0.0 if dtype == working(dtype) else unit_roundoff(dtype)
    held = gamma(7, working(dtype)) + formed + 8 * exponent * unit_roundoff("float64") + stored
    return held, refuting + 8 * exponent * unit_roundoff("float32") + held


def _code(output: Output, layout: str) -> tuple[str, str]:
    """The two products as source."""
    cut = ("[..., 0::2]", "[..., 1::2]")
    if layout == "half":
        half = output.values[0].shape[-1] // 2
        cut = (f"[..., :{half}]", f"[..., {half}:]")
    (a, b), (c, d) = ((output.code(i) + cut[0], output.code(i) + cut[1]) for i in (0, 1))
    return f"{a} * {c} + {b} * {d}", f"{b} * {c} - {a} * {d}"


def rows(subject: Subject, call: Call) -> Iterator[Comparison]:
    """A scale that is centred anew for every call makes cached keys useless: the last row alone must be what it is in
    its sequence. Both values err by a relative δ (see the products), so they differ by at most 2 δ |y|₁ of the pair."""
    q, k, m, n = call.arguments
    last = q.values.shape[-2] - 1
    cut = tuple(Array(v.values[..., last:, :]) for v in (q, k)) + tuple(integers(p.values[last:]) for p in (m, n))
    alone = Call("xpos", cut, call.keywords)
    whole, single = subject.run(call), subject.run(alone)
    base, span = (float(subject.value("xpos", p, call.keywords.get(p))) for p in ("base", "scale_base"))
    layout, schedule = layout_of(subject, call), Schedule(PLAIN, q.values.shape[-1], base)
    for i, (label, places) in enumerate((("query", m), ("key", n))):
        reference = whole.values[i][..., last:, :]
        first, second, rest = split(reference, schedule.width, layout)
        held, refuting = _side(schedule, places.values[last:], span, subject.dtype)
        size = 2 * (np.abs(first) + np.abs(second))
        tiny = 4 * smallest_subnormal(subject.dtype)
        bound, above = size * held + tiny, size * (held + refuting) + tiny
        expectation = agreeing(reference, join(bound, bound, rest, layout), join(above, above, rest, layout))
        against, words = f"{whole.code(i)}[..., {last}:, :]", f"the last {label} alone against the whole"
        yield Comparison(single.values[i], expectation, single.code(i), words, against)

# SPDX-License-Identifier: BSD-3-Clause
"""Expected rotations and what rounding may do to them: the numerical side of the laws of ``rope``.

Derivation of the bound. A pair (x₀, x₁) turned by the angle a = pθ is computed as x₀c − x₁s, x₀s + x₁c.

1. The angle can be formed in float64, whatever the dtype of x: θ = B^(−2i/d) through pow, exp or log
   has a relative error of at most (3 |ln B| + 6) 2⁻⁵³ (exponent, logarithm and their product rounded,
   amplified by |ln B|; the function, a division and the product with p within 1 ulp each). An absolute
   error of the angle is one of c and s. So *formed* = (3 |ln B| + 6) |a| 2⁻⁵³ per unit of |x₀| + |x₁|.
2. c and s within 1 ulp (2u), one product and one sum: γ₄ |x₀| + γ₄ |x₁| (Higham, section 3.1), where u is
   that of the working precision: float32 for 16-bit dtypes, the dtype itself otherwise.
3. 16-bit dtypes: one rounding of the result, u |y|, and half a subnormal.
4. Underflow of two products and a sum: three subnormals of the working precision.

Refutation. Practice forms tables in float32. The right formula then errs by (3 |ln B| + 6)(1 + |a|) 2⁻²⁴,
growing with the position: that is *inaccurate*, however large, while a wrong formula errs by O(1) where
|a| is moderate. So a value is refuted when it is off by more than max(√u, (3 |ln B| + 6)(1 + |a|) 2⁻²⁴)
times |x₀| + |x₁|, beyond the bound itself. At |a| ≤ 100 and B = 10⁴ that is 2·10⁻⁴. Beyond |a| ≈ 10⁶ nothing
can be refuted: there the positions near zero decide about the formula, and the far ones about accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sympy import Expr, Symbol, diff

from ..theory import rope as theory
from ..theory.oracle import Enclosure, enclose
from .call import Call
from .floats import gamma, half_digits, smallest_normal, smallest_subnormal, unit_roundoff
from .subject import Subject
from .verdict import Expectation

Floats = npt.NDArray[np.float64]

X0, X1, G0, G1, P = (Symbol(name, real=True) for name in ("x0", "x1", "g0", "g1", "p"))
I, D = Symbol("i", integer=True, nonnegative=True), Symbol("d", integer=True, positive=True)
BASE, SCALE = Symbol("B", positive=True), Symbol("s", positive=True)

THETA = theory.frequency(I, D, BASE)
PLAIN: Expr = P * THETA
LINEAR: Expr = P / SCALE * THETA
NTK: Expr = P * theory.frequency(I, D, theory.ntk_base(BASE, SCALE, D))


@dataclass(frozen=True)
class Schedule:
    """The angle as an expression in p, i, d, B and s, and the numbers to put in."""

    angle: Expr
    width: int
    base: float
    scale: float = 1.0

    @property
    def constant(self) -> float:
        """Units of roundoff per unit of angle: 3 |ln B| + 6, with the scale's own pow where there is one."""
        stretch = 0.0 if self.scale == 1 else 3 * abs(float(np.log(self.scale))) + 6
        return 3 * abs(float(np.log(self.base))) + 6 + stretch

    def inputs(self, positions: Floats) -> dict[Symbol, npt.ArrayLike]:
        """What the oracle needs for every (position, pair)."""
        return {
            P: positions[:, None],
            I: np.arange(self.width // 2),
            D: self.width,
            BASE: self.base,
            SCALE: self.scale,
        }

    def size(self, positions: Floats) -> Floats:
        """|angle| for every (position, pair), in float64: it only weighs errors."""
        exponent = -2.0 * np.arange(self.width // 2) / max(self.width, 1)
        stretch = self.scale ** (self.width / (self.width - 2)) if self.angle == NTK else 1.0
        shrink = self.scale if self.angle == LINEAR else 1.0
        sizes: Floats = np.abs(positions)[:, None] / shrink * (self.base * stretch) ** exponent
        return sizes


@dataclass(frozen=True, eq=False)
class Margins:
    """What an output may be off by: within ``bound`` it holds, beyond ``refuted_above`` it is wrong."""

    bound: Floats
    refuted_above: Floats


def working(dtype: str) -> str:
    """The precision that a correct implementation computes in."""
    return "float64" if dtype == "float64" else "float32"


def layout_of(subject: Subject, call: Call) -> str:
    """The layout that a call is made in."""
    return str(call.keywords.get("layout", subject.conventions["layout"]))


def split(values: Floats, width: int, layout: str) -> tuple[Floats, Floats, Floats]:
    """First and second features of the rotated pairs, and the features that pass through."""
    turned, rest = values[..., :width], values[..., width:]
    if layout == "interleaved":
        return turned[..., 0::2], turned[..., 1::2], rest
    return turned[..., : width // 2], turned[..., width // 2 :], rest


def join(first: Floats, second: Floats, rest: Floats, layout: str) -> Floats:
    """The inverse of ``split``."""
    if layout == "interleaved":
        turned = np.stack([first, second], -1).reshape(*first.shape[:-1], -1)
    else:
        turned = np.concatenate([first, second], -1)
    return np.concatenate([turned, rest], -1)


def angle_errors(schedule: Schedule, positions: Floats, dtype: str) -> tuple[Floats, Floats]:
    """Per unit of |x₀| + |x₁|: the error of an angle formed in float64, and what refutes (module docstring)."""
    size = schedule.size(positions)
    formed = schedule.constant * size * unit_roundoff("float64")
    tables = schedule.constant * (1 + size) * unit_roundoff("float32")
    return formed, np.maximum(half_digits(dtype), tables)


def margins(
    schedule: Schedule, x: Floats, positions: Floats, layout: str, dtype: str, *, y: Floats | None = None
) -> Margins:
    """The bound of the module docstring for every output feature; features that pass through get 0.

    ``y`` is the exact output; where it is not known, |y| ≤ |x₀| + |x₁| takes its place.
    """
    x0, x1, rest = split(x, schedule.width, layout)
    size = np.abs(x0) + np.abs(x1)
    formed, refuting = angle_errors(schedule, positions, dtype)
    bound = size * (gamma(4, working(dtype)) + formed) + 3 * smallest_subnormal(working(dtype))
    through = np.zeros(rest.shape)
    # What underflows in float32 may be flushed to zero, whatever the dtype: no formula is refuted by it.
    refuting_size = size * refuting + 3 * smallest_normal("float32")
    refuted = join(refuting_size, refuting_size, through, layout)
    total = join(bound, bound, through, layout)
    if dtype != working(dtype):
        result = join(size, size, through, layout) if y is None else np.abs(y)
        result = np.where(total > 0, result, 0.0)  # what passes through is not rounded
        total = total * (1 + unit_roundoff(dtype)) + result * unit_roundoff(dtype)
        total = np.where(total > 0, total + smallest_subnormal(dtype), 0.0)
    return Margins(total, refuted + total)


def rotation(schedule: Schedule, x: Floats, positions: Floats, layout: str, dtype: str) -> Expectation:
    """``x`` ``(..., seq, dim)`` rotated exactly; features from ``schedule.width`` on pass through."""
    x0, x1, rest = split(x, schedule.width, layout)
    turned = theory.rotated(X0, X1, schedule.angle)
    features = {X0: x0, X1: x1}
    exact = _evaluated(turned, {**schedule.inputs(positions), **features})
    return _expectation(exact, rest, layout, lambda y: margins(schedule, x, positions, layout, dtype, y=y))


def pulled_back(schedule: Schedule, g: Floats, positions: Floats, layout: str, dtype: str) -> Expectation:
    """The gradient of ⟨g, rotation of x⟩ with respect to x, by differentiating the theory's rotation."""
    g0, g1, rest = split(g, schedule.width, layout)
    y0, y1 = theory.rotated(X0, X1, schedule.angle)
    paired = G0 * y0 + G1 * y1
    back = (diff(paired, X0), diff(paired, X1))
    exact = _evaluated(back, {**schedule.inputs(positions), G0: g0, G1: g1})
    return _expectation(exact, rest, layout, lambda y: margins(schedule, g, positions, layout, dtype, y=y))


def _expectation(
    exact: tuple[Enclosure, Enclosure], rest: Floats, layout: str, allowed: Callable[[Floats], Margins]
) -> Expectation:
    first, second = exact
    zero, high = np.zeros(rest.shape), join(first.hi, second.hi, rest, layout)
    low = join(first.lo, second.lo, zero, layout)
    radius = join(first.radius, second.radius, zero, layout)
    return Expectation(high, low, radius, allowed(high).bound, allowed(high).refuted_above)


def _evaluated(pair: tuple[Expr, Expr], inputs: dict[Symbol, npt.ArrayLike]) -> tuple[Enclosure, Enclosure]:
    used = pair[0].free_symbols | pair[1].free_symbols
    shape = np.broadcast_shapes(*(np.shape(v) for v in inputs.values()))
    broadcast = {s: np.broadcast_to(v, shape) for s, v in inputs.items() if s in used}
    first, second = enclose(list(pair), broadcast, dtype="float64")
    return first, second

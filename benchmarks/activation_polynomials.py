# SPDX-License-Identifier: BSD-3-Clause
"""Derives the polynomials of ``impl/_polynomials.py`` and its narrow companion and prints the one or the other.

    python benchmarks/activation_polynomials.py > impl/_polynomials.py
    python benchmarks/activation_polynomials.py narrow > impl/_polynomials_narrow.py

Each is the interpolant of an analytic function in Chebyshev points, which is within a factor of a few
of the best approximation, computed with 60 digits and written with coefficients rounded to float64.
The relative error that it prints is measured with the rounded coefficients, in exact arithmetic, at
2001 points; it is a statement about the polynomial, not about its evaluation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import mpmath as mp

mp.mp.dps = 60

HEADER = '''# SPDX-License-Identifier: BSD-3-Clause
"""Polynomials of the elementary functions and activations; written by ``benchmarks/activation_polynomials.py``.

Each function says what it approximates, where, and how well in exact arithmetic. They consist of sums
and products only, so that they serve numbers, arrays and the compiler alike.
"""

from __future__ import annotations

from typing import Any'''


NARROW_HEADER = '''# SPDX-License-Identifier: BSD-3-Clause
"""Shorter polynomials for input of 32 bits or fewer; written by ``benchmarks/activation_polynomials.py narrow``.

They take the place of those of the same name in ``_polynomials.py``.
"""

from __future__ import annotations

from typing import Any
'''
NARROW = {
    "exp_remainder": 4,
    "log_remainder": 6,
    "normal_tail": 16,
    "tanhshrink_middle": 13,
    "tanh_square": 14,
    "gelu_slope_near": 15,
    "gelu_tanh_slope_near": 14,
    "silu_slope_near": 14,
    "mish_slope_near": 18,
}


@dataclass(frozen=True)
class Approximation:
    """``function`` on [low, high] by a polynomial with ``count`` coefficients.

    A ``carried`` one returns what its last sum leaves as well, the rest of its first coefficient included.
    """

    name: str
    text: str
    function: Callable[[mp.mpf], mp.mpf]
    low: mp.mpf
    high: mp.mpf
    count: int
    carried: bool = False


def interpolant(f: Callable[[mp.mpf], mp.mpf], n: int, low: mp.mpf, high: mp.mpf) -> list[mp.mpf]:
    """Coefficients, from the constant one on, of the interpolant in n Chebyshev points."""
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle + half * mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    divided = [f(x) for x in nodes]
    for order in range(1, n):
        for k in range(n - 1, order - 1, -1):
            divided[k] = (divided[k] - divided[k - 1]) / (nodes[k] - nodes[k - order])
    coefficients = [mp.mpf(0)] * n
    for value, node in zip(reversed(divided), reversed(nodes), strict=True):
        shifted = [mp.mpf(0), *coefficients[:-1]]
        coefficients = [s - node * c for s, c in zip(shifted, coefficients, strict=True)]
        coefficients[0] += value
    return coefficients


def worst(f: Callable[[mp.mpf], mp.mpf], coefficients: list[mp.mpf], low: mp.mpf, high: mp.mpf) -> mp.mpf:
    points = [low + (high - low) * k / 2000 for k in range(2001)]
    return max(abs(mp.polyval(coefficients[::-1], x) / f(x) - 1) for x in points if f(x) != 0)


def series(g: Callable[[mp.mpf], mp.mpf], at_zero: mp.mpf) -> Callable[[mp.mpf], mp.mpf]:
    """The function where it is 0/0 at 0 only; near 0 cancellation costs fewer than half of the 60 digits."""
    return lambda t: at_zero if abs(t) < mp.mpf(10) ** -25 else g(t)


def exp_remainder(t: mp.mpf) -> mp.mpf:
    r = mp.sqrt(t)
    return (r * mp.coth(r / 2) - 2) / t


def log_remainder(t: mp.mpf) -> mp.mpf:
    s = mp.sqrt(t)
    return (2 * mp.atanh(s) / s - 2) / t


def ratio(t: mp.mpf) -> mp.mpf:
    """P(Z > t)/e^(−t²/2)."""
    return mp.erfc(t / mp.sqrt(2)) * mp.exp(t * t / 2) / 2


def tail(u: mp.mpf) -> mp.mpf:
    t = 4 * (1 + u) / (1 - u)
    return (t + 4) * ratio(t)


def gelu_tail(u: mp.mpf) -> mp.mpf:
    t = (1 + 3 * u) / (1 - u)
    return t * ratio(t)


def gelu_slope_tail(u: mp.mpf) -> mp.mpf:
    t = (2 + u) / (1 - u)
    return 1 / mp.sqrt(2 * mp.pi) - ratio(t) / t


def normal_middle(t: mp.mpf) -> mp.mpf:
    x = mp.sqrt(t)
    return mp.erf(x / mp.sqrt(2)) / (2 * x)


def tanhshrink_middle(t: mp.mpf) -> mp.mpf:
    x = mp.sqrt(t)
    return (x - mp.tanh(x)) / (t * x)


def tanh_square(t: mp.mpf) -> mp.mpf:
    return mp.tanh(mp.sqrt(t)) ** 2 / t


def snake_over(centre: str) -> Callable[[mp.mpf], mp.mpf]:
    def value(d: mp.mpf) -> mp.mpf:
        z = d - mp.mpf(float(centre))
        return 1 + mp.sin(z) ** 2 / z

    return value


def gelu(x: mp.mpf) -> mp.mpf:
    return x * mp.ncdf(x)


def gelu_tanh(x: mp.mpf) -> mp.mpf:
    return x * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))) / 2


def silu(x: mp.mpf) -> mp.mpf:
    return x / (1 + mp.exp(-x))


def mish(x: mp.mpf) -> mp.mpf:
    return x * mp.tanh(mp.log1p(mp.exp(x)))


def gelu_slope(x: mp.mpf) -> mp.mpf:
    return mp.ncdf(x) + x * mp.npdf(x)


def by_differences(f: Callable[[mp.mpf], mp.mpf]) -> Callable[[mp.mpf], mp.mpf]:
    return lambda x: mp.diff(f, x)


ROOTS = (  # function, slope, where the root is sought, how far right of it a polynomial serves, its terms
    ("gelu", gelu_slope, "-0.75", "0.7518", 19),
    ("gelu_tanh", by_differences(gelu_tanh), "-0.75", "0.5", 19),
    ("silu", by_differences(silu), "-1.28", "0.5", 17),
    ("mish", by_differences(mish), "-1.19", "1.1925", 24),
)


def near_root(slope: Callable[[mp.mpf], mp.mpf], root: mp.mpf) -> Callable[[mp.mpf], mp.mpf]:
    return series(lambda d: slope(root + d) / d, mp.diff(slope, root))


def approximations() -> list[Approximation]:
    half, log2 = mp.mpf(1) / 2, mp.log(2)
    found = [
        Approximation(
            "exp_remainder",
            "(r coth(r/2) − 2)/t of t = r², |r| ≤ 0.3467",
            series(exp_remainder, mp.mpf(1) / 6),
            mp.mpf(0),
            (log2 / 2 + mp.mpf("0.0001")) ** 2,
            6,
        ),
        Approximation(
            "log_remainder",
            "(2 artanh(s)/s − 2)/t of t = s², |s| ≤ 0.1716",
            series(log_remainder, mp.mpf(2) / 3),
            mp.mpf(0),
            (3 - 2 * mp.sqrt(2)) ** 2 + mp.mpf("0.0001"),
            8,
        ),
        Approximation(
            "gelu_tail",
            "t P(Z > t)/e^(−t²/2) of u = (t − 1)/(t + 3), 1/2 ≤ t ≤ 40",
            gelu_tail,
            mp.mpf(-1) / 7,
            mp.mpf(39) / 43,
            24,
            carried=True,
        ),
        Approximation(
            "gelu_slope_tail",
            "1/√(2π) − P(Z > t)/(t e^(−t²/2)) of u = (t − 2)/(t + 1), 5/4 ≤ t ≤ 40",
            gelu_slope_tail,
            mp.mpf(-1) / 3,
            mp.mpf(38) / 41,
            25,
            carried=True,
        ),
        Approximation(
            "normal_middle",
            "(P(Z ≤ x) − 1/2)/x of t = x², |x| ≤ 1/2",
            series(normal_middle, 1 / mp.sqrt(2 * mp.pi)),
            mp.mpf(0),
            mp.mpf("0.25"),
            8,
        ),
        Approximation(
            "tanhshrink_middle",
            "(x − tanh x)/x³ of t = x², |x| ≤ 1",
            series(tanhshrink_middle, mp.mpf(1) / 3),
            mp.mpf(0),
            mp.mpf(1),
            17,
            carried=True,
        ),
        Approximation(
            "tanh_square",
            "(tanh x)²/x² of t = x², |x| ≤ 1",
            series(tanh_square, mp.mpf(1)),
            mp.mpf(0),
            mp.mpf(1),
            18,
            carried=True,
        ),
        Approximation(
            "snake_left",
            "1 + sin²(z)/z of d = z + 1.7, |d| ≤ 0.55",
            snake_over("1.7"),
            mp.mpf("-0.55"),
            mp.mpf("0.55"),
            16,
            carried=True,
        ),
        Approximation(
            "snake_right",
            "1 + sin²(z)/z of d = z + 0.7, |d| ≤ 0.45",
            snake_over("0.7"),
            mp.mpf("-0.45"),
            mp.mpf("0.45"),
            15,
            carried=True,
        ),
    ]
    for name, slope, start, right, count in ROOTS:
        root = mp.findroot(slope, mp.mpf(start))
        text = f"{name}′(ρ + d)/d, −0.5 ≤ d ≤ {right}, at the root ρ of {name}′"
        near = near_root(slope, root)
        found.append(Approximation(f"{name}_slope_near", text, near, -half, mp.mpf(right), count, carried=True))
    return found


NARROW_TAIL = Approximation(
    "normal_tail",
    "(t + 4) P(Z > t)/e^(−t²/2) of u = (t − 4)/(t + 4), 0 ≤ t ≤ 16",
    tail,
    mp.mpf(-1),
    mp.mpf(12) / 20,
    16,
)


def source(a: Approximation, narrow: bool = False) -> str:
    exact = interpolant(a.function, a.count, a.low, a.high)
    coefficients = [float(c) for c in exact]
    rest = float(exact[0] - coefficients[0])
    used = [coefficients[0] + mp.mpf(rest) if a.carried else coefficients[0], *coefficients[1:]]
    bound = int(mp.floor(-mp.log(worst(a.function, used, a.low, a.high), 2)))
    lines = [f"def {a.name}(t: Any) -> Any:", f'    """{a.text}; relative error below 2^(−{bound})."""']
    lines.append(f"    p = t * {coefficients[-1]!r} + {coefficients[-2]!r}")
    lines += [f"    p = p * t + {c!r}" for c in reversed(coefficients[1:-2])]
    if a.carried and narrow:
        lines.append(f"    return p * t + {coefficients[0]!r}, 0.0")
    elif a.carried:
        lines += ["    p = p * t", f"    s = p + {coefficients[0]!r}"]
        lines.append(f"    return s, (p - (s - {coefficients[0]!r})) + {rest!r}")
    else:
        lines.append(f"    return p * t + {coefficients[0]!r}")
    return "\n".join(lines).replace("+ -", "- ")


def constants() -> list[str]:
    """Numbers that float64 cannot hold, as a float64 and the rest."""
    found = []
    log2 = mp.log(2)
    high = mp.floor(log2 * 2**42) / 2**42  # 42 bits: its product with an exponent of 11 bits is exact
    found += [("LOG2_HIGH", high, None), ("LOG2_LOW", log2 - high, None), ("PER_LOG2", 1 / log2, None)]
    for name, slope, start, *_ in ROOTS:
        root = mp.findroot(slope, mp.mpf(start))
        found += [(f"{name.upper()}_ROOT", root, f"{name.upper()}_ROOT_LOW")]
    tail_of_one = mp.erfc(1 / mp.sqrt(2)) * mp.exp(mp.mpf(1) / 2)
    alpha = -mp.sqrt(2 / mp.pi) / (tail_of_one - 1)
    second = mp.quad(lambda z: mp.expm1(z) ** 2 * mp.npdf(z), [-mp.inf, -8, 0])
    scale = 1 / mp.sqrt(mp.mpf(1) / 2 + alpha**2 * second)
    found += [("SELU_SCALE", scale, None), ("SELU_LEVEL", scale * alpha, None)]
    rate = mp.sqrt(8 / mp.pi)
    found += [("DENSITY", 1 / mp.sqrt(2 * mp.pi), None), ("SQRT2", mp.sqrt(2), None)]
    found += [("GELU_RATE", rate, "GELU_RATE_LOW"), ("GELU_CUBIC", rate * mp.mpf("0.044715"), "GELU_CUBIC_LOW")]
    found += [("QUICK_RATE", mp.mpf("1.702"), "QUICK_RATE_LOW")]
    lines = []
    for name, value, rest in found:
        lines.append(f"{name} = {float(value)!r}")
        if rest:
            lines.append(f"{rest} = {float(value - float(value))!r}")
    return lines


def main() -> None:
    found = approximations()
    if sys.argv[1:] == ["narrow"]:
        shorter = [replace(a, count=NARROW[a.name]) for a in [*found, NARROW_TAIL] if a.name in NARROW]
        print("\n\n\n".join([NARROW_HEADER.rstrip(), *(source(a, narrow=True) for a in shorter)]))
    else:
        print("\n\n\n".join(["\n".join([HEADER, "", *constants()]), *(source(a) for a in found)]))


if __name__ == "__main__":
    main()

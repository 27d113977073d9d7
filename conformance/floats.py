# SPDX-License-Identifier: BSD-3-Clause
"""Floating-point formats: unit roundoff, ulp, Higham's γₙ, and rounding a float64 into a narrower format.

Every error bound of a law is a multiple of ``unit_roundoff`` of the dtype under test; there are no
other tolerances. All functions take the dtype's name, so that they serve every backend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary format: ``precision`` bits with the hidden one, normal exponents ``emin`` to ``emax``."""

    name: str
    precision: int
    emin: int
    emax: int


FORMATS = {
    "float16": Format("float16", 11, -14, 15),
    "bfloat16": Format("bfloat16", 8, -126, 127),
    "float32": Format("float32", 24, -126, 127),
    "float64": Format("float64", 53, -1022, 1023),
}


def format_of(dtype: str) -> Format:
    """The format of that name; ``ValueError`` with the known names otherwise."""
    try:
        return FORMATS[dtype]
    except KeyError:
        raise ValueError(f"dtype must be one of {', '.join(FORMATS)}, got {dtype!r}") from None


def unit_roundoff(dtype: str) -> float:
    """u = 2⁻ᵖ: the largest relative error of one rounding to nearest.

    Examples:
        >>> unit_roundoff("float32") == 2.0**-24
        True
    """
    return float(2.0 ** -format_of(dtype).precision)


def gamma(n: float, dtype: str) -> float:
    """γₙ = n u / (1 − n u): the relative error that n successive roundings can add up to (Higham, lemma 3.1)."""
    nu = n * unit_roundoff(dtype)
    if nu >= 1:
        raise ValueError(f"gamma({n}, {dtype!r}) needs n·u < 1, got {nu}")
    return nu / (1 - nu)


def half_digits(dtype: str) -> float:
    """√u: a relative error above it has lost more than half of the format's digits."""
    return float(np.sqrt(unit_roundoff(dtype)))


def smallest_normal(dtype: str) -> float:
    """The smallest positive normal number."""
    return float(2.0 ** format_of(dtype).emin)


def smallest_subnormal(dtype: str) -> float:
    """The smallest positive number; a product that underflows is off by at most half of it."""
    f = format_of(dtype)
    return float(2.0 ** (f.emin - f.precision + 1))


def largest(dtype: str) -> float:
    """The largest finite number."""
    f = format_of(dtype)
    return float((2.0 - 2.0 ** (1 - f.precision)) * 2.0**f.emax)


def ulp(values: npt.ArrayLike, dtype: str) -> Floats:
    """Spacing of the format at each |value|: that of the binade it lies in, and of the subnormals below.

    Examples:
        >>> float(ulp(1.0, "float16"))
        0.0009765625
    """
    f = format_of(dtype)
    magnitude = np.asarray(values, np.float64)
    _, exponent = np.frexp(np.where(magnitude == 0, smallest_subnormal(dtype), magnitude))
    spacing: Floats = np.ldexp(1.0, np.maximum(exponent - 1, f.emin) - f.precision + 1)
    return spacing


def rounded(values: npt.ArrayLike, dtype: str) -> Floats:
    """Each float64 rounded to nearest, ties to even, into the format, as float64; overflow goes to ±inf.

    Examples:
        >>> float(rounded(1.001, "bfloat16"))
        1.0
    """
    exact = np.asarray(values, np.float64)
    spacing = ulp(exact, dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        nearest = np.where(np.isfinite(exact), np.rint(exact / spacing) * spacing, exact)
    overflow = np.abs(nearest) > largest(dtype)
    return np.where(overflow & np.isfinite(exact), np.copysign(np.inf, exact), nearest)

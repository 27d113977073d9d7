# SPDX-License-Identifier: BSD-3-Clause
"""Expected values: expressions of the theory, enclosed by its oracle over whole arrays of inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sympy import Expr, Symbol

from ..theory import oracle

Floats = npt.NDArray[np.float64]
PRECISION = 192  # bits: an angle of 2³¹ radians still has 160 bits after the point


class Enclosed:
    """Exact values lie within ``radius`` of ``high + low``, elementwise."""

    def __init__(self, high: Floats, low: Floats, radius: Floats) -> None:
        self.high, self.low, self.radius = high, low, radius


def enclosed(expressions: Sequence[Expr], inputs: Mapping[Symbol, npt.ArrayLike]) -> list[Enclosed]:
    """Every expression at every element of the inputs, which broadcast against each other.

    Inputs are taken as the exact dyadic rationals that the floats are.
    """
    symbols = tuple(inputs)
    compiled = _compiled(tuple(expressions), symbols)
    arrays = np.broadcast_arrays(*(np.asarray(v) for v in inputs.values()))
    shape = arrays[0].shape
    table = np.zeros((len(expressions), 3, arrays[0].size))
    for place, numbers in enumerate(zip(*(a.ravel().tolist() for a in arrays), strict=True)):
        for e, ball in enumerate(compiled(*numbers, prec=PRECISION)):
            table[e, :, place] = _parts(ball)
    return [Enclosed(*(row.reshape(shape) for row in rows)) for rows in table]


@cache
def _compiled(expressions: tuple[Expr, ...], symbols: tuple[Symbol, ...]) -> Any:
    return oracle.compile(expressions, symbols)


def _parts(ball: Any) -> tuple[float, float, float]:
    """Midpoint as a float64 and its remainder, and a radius that covers everything else."""
    high = float(ball.mid())
    rest = ball - high
    low = float(rest.mid())
    return high, low, float((rest - low).abs_upper())

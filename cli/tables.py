# SPDX-License-Identifier: BSD-3-Clause
"""Checksums of the correctly rounded 16-bit tables of the activations, from the oracle.

    python -m lemmata.cli.tables                  prints impl/_activations_checksums.py anew (some minutes)
    python -m lemmata.cli.tables gelu silu        compares these functions with the checksums that are there

Each entry of a table is the enclosure of the theory's formula at one of the 65,536 inputs, rounded to
nearest, ties to even; ±inf maps to the limit, NaN to NaN, and zeros lose their sign.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from math import inf, isinf, nan

import numpy as np
from sympy import Expr, Rational, Symbol

from ..impl._activations_checksums import CHECKSUMS
from ..impl._activations_tables import Memory, all_inputs, checksum, to_sixteen
from ..theory import activations_terms as terms
from ..theory.enclosure import enclose

NAMES = (
    *("sigmoid", "logsigmoid", "tanh", "leaky_relu", "elu", "celu", "selu", "softplus", "softsign", "tanhshrink"),
    *("gelu", "gelu_tanh", "quick_gelu", "silu", "mish", "hardsigmoid", "hardswish", "squared_relu", "snake"),
)
DTYPES = ("float16", "bfloat16")


def expression(name: str, slope: bool) -> tuple[Expr, tuple[float, float]]:
    """The formula with default parameters, and its limits at −∞ and +∞ (NaN where there is none)."""
    (term,) = (t for t in terms.ELEMENTWISE if t.name == name)
    formula = (term.derivative if slope else term.expression).subs(_defaults(term))
    ends = [
        None if end is None else end.subs(_defaults(term))
        for end in (term.slope_at_infinity if slope else term.at_infinity)
    ]
    low, high = (nan if end is None else float(end) for end in ends)
    return formula, (low, high)


def _defaults(term: terms.Elementwise) -> dict[Symbol, Rational]:
    """The parameter that a caller gets by writing 0.01 is a float, and the table is that of this float."""
    return {p: Rational(*float(default).as_integer_ratio()) for p, default in term.defaults}


def table(name: str, slope: bool, dtype: str) -> Memory:
    """65,536 patterns of exactly rounded values."""
    formula, ends = expression(name, slope)
    x = all_inputs(dtype)
    y = np.full(x.shape, nan)
    finite = np.isfinite(x)
    if formula.free_symbols:
        y[finite] = enclose(formula, {terms.x: x[finite]}, dtype=dtype).rounded()
    else:
        y[finite] = float(formula)
    y[x == -inf], y[x == inf] = ends
    y[np.isinf(x)] = np.array([_limit(v, dtype) for v in y[np.isinf(x)]])
    return to_sixteen(y.astype(np.float32), dtype)


def _limit(value: float, dtype: str) -> float:
    """A limit, known to float64, rounded: none of them is near a tie."""
    if isinf(value) or np.isnan(value):
        return value
    constant = enclose(terms.x, {terms.x: np.float64(value)}, dtype=dtype).rounded()
    return float(constant)


def checksums(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for slope in (False, True):
            for dtype in DTYPES:
                yield f"{name}{'_slope' if slope else ''} {dtype}", checksum(table(name, slope, dtype))


def main(names: Sequence[str]) -> int:
    if names:
        wrong = [key for key, found in checksums(names) if CHECKSUMS.get(key) != found]
        print("\n".join(f"{key}: differs from the exact table" for key in wrong) or "all as committed")
        return int(bool(wrong))
    print("# SPDX-License-Identifier: BSD-3-Clause")
    print('"""Checksums of the correctly rounded 16-bit tables; written by ``python -m lemmata.cli.tables``."""\n')
    print("from __future__ import annotations\n\nCHECKSUMS: dict[str, str] = {")
    for key, found in checksums(NAMES):
        print(f'    "{key}": "{found}",', flush=True)
    print("}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

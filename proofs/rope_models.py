# SPDX-License-Identifier: BSD-3-Clause
"""Exact values that satisfy the hypotheses of ``theory.rope``, where small random values do not.

Mutants of a statement are refuted at these points, so they are chosen without symmetry: no two members
of a family are equal, and no position is 0 unless the hypotheses force it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import acb
from sympy import Expr, I, Rational, S, conjugate, expand

from ..theory import rope as t
from ..theory import rope_decay as decay
from ..theory import rope_uniqueness as unique
from ..theory.rope_terms import c, h, k, l, m, n, q, theta
from ..theory.rope_terms import t as shift

Model = Mapping[Any, Any]
_COUNT = 12


def _family(seed: int) -> Callable[..., Fraction]:
    """Distinct fractions: (seed + …)/8 in an order that looks arbitrary."""
    return lambda *index: Fraction((seed + sum((7 + 6 * k) * i for k, i in enumerate(index))) * 5 % 53 - 19, 8)


def _places() -> Iterator[tuple[int, int, int]]:
    """A number, and a pair l of h pairs."""
    for number in range(_COUNT):
        pairs = 1 + number % 3
        yield number, number // 3 % pairs, pairs


def _halves(whole: Callable[..., Fraction], pairs: int) -> Callable[[int], Fraction]:
    return lambda i: whole(2 * i if i < pairs else 2 * (i - pairs) + 1)


def _half_split() -> Iterator[Model]:
    for number, index, pairs in _places():
        query, key = _family(number), _family(number + 20)
        yield {
            q: query, k: key, t.u: _halves(query, pairs), t.w: _halves(key, pairs), theta: _family(number + 3),
            m: Fraction(number + 1, 4), n: Fraction(5 - 2 * number, 8), l: index, h: pairs,
        }  # fmt: skip


def _block_rotation() -> Iterator[Model]:
    """Position 0, where cos and sin are rational: R is the identity."""
    for number, index, pairs in _places():
        yield {t.R: lambda a, b: int(a == b), q: _family(number), theta: _family(9), m: 0, l: index, h: pairs}


def _elementwise() -> Iterator[Model]:
    """Position 0 again: the cosines are 1 and the sines 0."""
    for number in range(_COUNT):
        x = _family(number)
        yield {
            q: x, t.turned: lambda at, x=x: -x(at + 1) if at % 2 == 0 else x(at - 1), t.cosines: lambda at: 1,
            t.sines: lambda at: 0, theta: _family(number + 7), m: 0, l: number % 4,
        }  # fmt: skip


def _first_units() -> Iterator[Model]:
    for number in range(_COUNT):
        unit = [1, 0, 0, 0]
        yield {q: unit, k: unit, theta: [1, Fraction(1, 100)], m: Fraction(number + 1, 3), n: Fraction(2 - number, 5)}


def _attention() -> Iterator[Model]:
    for number in range(_COUNT):
        yield {
            q: _family(number), k: _family(number + 5), t.p: _family(number + 11), t.v: _family(number + 1),
            theta: _family(number + 30), shift: Fraction(number + 1, 2), t.N: 2, l: number % 2, h: 1,
        }  # fmt: skip


def _number(z: object) -> Expr:
    """An exact complex number as a term; the values that a function of a model sees are dyadic."""
    if isinstance(z, acb):
        parts = [Rational(int(x.man_exp()[0])) * S(2) ** int(x.man_exp()[1]) for x in (z.real, z.imag)]
        return parts[0] + I * parts[1]
    return Rational(z)


def _rotations() -> Iterator[Model]:
    """f(q, m) = q·uᵐ for numbers u of modulus 1 with rational parts."""
    for number in range(_COUNT):
        unit = [(3 + 4 * I) / 5, I, (5 - 12 * I) / 13, S.NegativeOne][number % 4]

        def turned(value: object, position: Fraction, unit: Expr = unit) -> Expr:
            whole = int(position)
            return expand(_number(value) * (unit if whole >= 0 else conjugate(unit)) ** abs(whole))

        yield {
            unique.f: turned,
            unique.g: lambda x, y, r, turned=turned: expand(turned(x, r) * conjugate(_number(y))),
            unique.x: Rational(number + 1, 2) + I * Rational(3 - 2 * number, 4),
            unique.mu: number % 5,
        }  # fmt: skip


def _jumps() -> Iterator[Model]:
    """A ramp with uneven steps that ends at 0, and the largest of its steps."""
    for number in range(_COUNT):
        pairs = 1 + number % 3
        ramp = [Rational(j * j, 2) * (number + 1) for j in range(pairs + 1)][::-1]
        largest = max(abs(a - b) for a, b in itertools.pairwise(ramp))
        terms = [Rational(5 - j, 2) for j in range(pairs + 2)]
        yield {
            c: lambda i, ramp=ramp: ramp[i] if 0 <= i < len(ramp) else S(3), decay.w: terms,
            h: pairs, decay.M: largest + (number % 2) * Rational(1, 8),
        }  # fmt: skip


MODELS: Mapping[str, Sequence[Model]] = {
    "rope.block-rotation": tuple(_block_rotation()),
    "rope.elementwise-form": tuple(_elementwise()),
    "rope.half-split-permutation": tuple(_half_split()),
    "rope.mixed-layout": tuple(_first_units()),
    "rope.shift-invariance": tuple(_attention()),
    "rope.uniqueness-complex": tuple(_rotations()),
    "rope.abel-bound": tuple(_jumps()),
    "rope.decay-not-monotone": tuple({decay.offset: offset} for offset in range(64)),
}

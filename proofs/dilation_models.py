# SPDX-License-Identifier: BSD-3-Clause
"""Values that satisfy the hypotheses of the claims about dilation, which small random values do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..theory import dilation_terms as t

Model = dict[Any, Any]


def _layers(values: Sequence[int], beyond: int = 1) -> Callable[[int], int]:
    """A family that is given for the layers 1, 2, … and constant beyond them."""
    return lambda layer: values[int(layer) - 1] if 1 <= int(layer) <= len(values) else beyond


def stack(rates: Sequence[int], sizes: Sequence[int] | int = 3, **more: Any) -> Model:
    """Layers with these rates and sizes; further layers have the last rate, and the depth is theirs."""
    taps = _layers(sizes, 3) if not isinstance(sizes, int) else _layers((), sizes)
    depth = len(rates)
    symbols = {"o": t.o, "e": t.e, "j": t.j, "g": t.g, "a": t.a, "b": t.b, "d": t.d, "i": t.i, "q": t.q, "t": t.t}
    values = {symbols[name]: value for name, value in more.items() if name in symbols}
    beyond = _layers(rates, rates[-1] if rates else 1)
    ahead = {t.r: lambda l: beyond(l) if int(l) >= 1 else 1, t.k: taps}
    return {t.L: depth, t.n: depth, t.K: sizes if isinstance(sizes, int) else 3, **ahead, **values}


def powers(ratio: int, taps: int, depth: int, **more: Any) -> Model:
    """Rates 1, a, a², … of every layer."""
    return {
        **stack([ratio**e for e in range(depth)], taps, **more),
        t.r: lambda l: ratio ** max(int(l) - 1, 0),
        **({} if "a" in more else {t.a: ratio}),
    }


def one_rate(rate: int, taps: int, depth: int, place: int) -> Model:
    return {**stack([rate] * depth, taps), t.r: lambda l: rate, t.g: rate, t.t: taps - 1, t.a: place}


def exchange(rates: Sequence[int], sizes: Sequence[int], place: int, offset: int) -> Model:
    """A stack, and the same with the layers ``place`` and ``place + 1`` exchanged."""

    def swapped(values: Sequence[int]) -> list[int]:
        changed = list(values)
        changed[place - 1 : place + 1] = changed[place - 1 : place + 1][::-1]
        return changed

    other = {t.r_other: _layers(swapped(rates)), t.k_other: _layers(swapped(sizes), 3)}
    return {**stack(rates, sizes, o=offset), t.r: _layers(rates), **other, t.j: place}


def common(factor: int, multiples: Sequence[int], **more: int) -> Model:
    """Rates with a common factor."""
    of_layer = _layers(multiples)
    rates = {t.r: lambda l: factor * of_layer(l), t.multiple: of_layer}
    return {**stack([factor * m for m in multiples], 3, g=factor, **more), **rates}


def inserted(rate: int, taps: int, weight: Callable[[int], int], **more: Any) -> Model:
    """A kernel with rate − 1 zeros between its taps."""
    spread = {t.v: lambda u: weight(int(u) // rate) if int(u) % rate == 0 else 0, t.w: lambda s: weight(int(s))}
    signal = {t.F: lambda s: 3 * int(s) - 1}
    return {t.rate: rate, t.K: taps, t.p: 4, t.x: 2, **spread, **signal, **more}


def _impulse(at: int) -> Callable[[int], int]:
    return lambda s: int(int(s) == at)


def _pulse(rate: int, taps: int, at: int) -> Model:
    return {
        t.F: _impulse(0),
        t.w: lambda s: 2 * int(s) + 3,
        t.rate: rate,
        t.K: taps,
        t.a: at,
    }


def _dark(size: int, rate: int, at: int) -> Model:
    return {
        t.F: lambda s: int(s) + 2 if 0 <= int(s) < size else 0,
        t.w: lambda s: 2 * int(s) + 5,
        t.n: size,
        t.rate: rate,
        t.p: at,
    }


_doubling = [powers(2, 3, depth, o=o) for depth in (0, 1, 2, 3) for o in (0, 2)]
_three = [
    stack(rates, 3, o=o, j=j) for rates in ((1, 2, 5), (1, 1, 3), (1, 3, 9), (1, 3)) for o in (0, 3) for j in (0, 1)
]

MODELS: Mapping[str, Sequence[Mapping[Any, Any]]] = {
    "dilation.definition": [_pulse(2, 3, 1), _pulse(3, 4, 3), _pulse(1, 2, 0)],
    "dilation.zero-insertion": [
        inserted(rate, taps, lambda s: s + 2) for rate, taps in ((1, 3), (2, 3), (3, 2), (2, 1))
    ],
    "dilation.same-cost": [inserted(rate, taps, lambda s: 1) for rate, taps in ((1, 3), (2, 3), (3, 2), (2, 1))],
    "dilation.commute": [
        exchange((1, 5, 2), (3, 2, 3), 2, 4),
        exchange((2, 3), (3, 4), 1, 5),
        exchange((1, 4, 2, 3), (2, 3, 3, 2), 2, 8),
    ],
    "dilation.path-counts": [
        {**stack(rates, sizes, o=1), t.tap: lambda l: int(l) % 2, t.x: 2}
        for rates, sizes in (((1, 2), (3, 2)), ((2, 1, 4), (2, 3, 2)))
    ],
    "dilation.coverage-criterion": [
        stack((1, 3), 3, o=3, e=1),
        stack((1, 2, 5), 3, o=7, e=2),
        stack((1, 2, 4), (2, 3, 2), o=0, e=0),
        stack((1, 4), 3, o=-1, e=1),
        stack((1, 2, 9), 3, o=25, e=2),
        stack((2, 3), 3, o=11, e=0),
    ],
    "dilation.gridding-sublattice": [
        common(2, (1, 2), a=1, d=1, b=0, i=1, q=2),
        common(3, (1, 1, 2), a=2, d=2, b=1, i=4, q=1),
        common(3, (2, 1), a=1, d=1, b=0, i=2, q=3),
    ],
    "dilation.gridding-fraction": [
        one_rate(rate, taps, depth, place)
        for rate, taps, depth, place in ((2, 3, 1, 1), (2, 3, 2, 4), (3, 2, 2, 0), (1, 4, 1, 2))
    ],
    "dilation.gcd-necessary": [common(1, (1, 2)), common(1, (1, 3, 2))],
    "dilation.hdc-monotone-exact": [m | {t.n: m[t.L]} for m in _three],
    "dilation.balanced-ternary": [powers(k, k, depth, o=o) for k in (2, 3) for depth in (0, 1, 2) for o in (0, 1, 3)],
    "dilation.exponential-free": [
        *(powers(a, 3, depth, o=o) for a in (1, 2, 3) for depth in (1, 3) for o in (0, 2)),
        *(powers(a, k, depth) for a, k, depth in ((4, 3, 2), (3, 2, 3), (5, 3, 3))),
    ],
    "dilation.yu-koltun": _doubling,
    "dilation.wavenet": [powers(2, 2, depth, o=o) for depth in (0, 1, 2, 3) for o in (0, 1)],
    "dilation.resampling-fixed": [
        {t.F: _impulse(at), t.w: lambda s: 2 * int(s) + 5, **{t.g: 2, t.i: i, t.a: a, t.K: 4, t.n: 5, t.q: 7}}
        for at, i, a in ((3, 1, 1), (2, 0, 2), (1, 1, 0), (3, 3, 0))
    ],
    "dilation.aspp-degenerate": [_dark(3, 3, 1), _dark(4, 5, 0), _dark(2, 7, 1)],
}

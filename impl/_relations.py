# SPDX-License-Identifier: BSD-3-Clause
"""What the positions of one axis see of another: the arithmetic of receptive fields, in exact integers.

A *relation* is one operation along one axis: output position ``o`` sees the input positions
``step·(o // period) + t`` for the taps ``t`` of its phase ``o mod period``. A convolution has period 1
and step ``stride``; a transposed convolution has period ``stride`` and step 1; resizing by ``a/b`` has
period ``b`` and step ``a``. A *field* is what relations compose to, from the input of a network to one
of its nodes: it has the same form, with the taps of a phase held as the bits of one integer.

Fields are those of an axis without ends. What happens at the ends (padding, cropping, clamping) is the
``border`` of a relation and is applied by :func:`seen_from`, which walks back from one position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

Taps = tuple[tuple[int, ...], ...]
Span = tuple[int, int]  # least position and, as bits from there, the positions seen; no bits: sees nothing
ALL: Span = (0, -1)  # the whole axis, however long
NOTHING: Span = (0, 0)
LONGEST = 64  # a period that is kept though the axis is shorter
WIDEST = 2**28  # positions that a field may span: 32 MiB of bits


@dataclass(frozen=True, slots=True)
class Relation:
    """Output position ``o`` sees ``step·(o // period) + t`` for ``t`` in ``taps[o % period]``.

    ``border`` tells what a position beyond the ends of the input (of length n) stands for: ``cut``
    nothing, ``reflect``, ``replicate`` and ``circular`` the position that the padding copies.
    ``bounded`` relations are cut even on an axis without ends: a piece of a concatenation ends where
    the next one begins.
    """

    period: int
    step: int
    taps: Taps
    border: str = "cut"
    bounded: bool = False

    def at(self, o: int, length: int) -> set[int]:
        """Positions that ``o`` sees in an input of this length."""
        block, phase = divmod(o, self.period)
        found = (self.step * block + t for t in self.taps[phase])
        if self.border == "cut":
            return {i for i in found if 0 <= i < length}
        return {_inside(i, length, self.border) for i in found}


@dataclass(frozen=True, slots=True)
class Mixing:
    """Every output position sees every input position, for this reason.

    Not ``exact``: some may see less, and the whole axis is an upper bound.
    """

    reason: str
    exact: bool = True


Link = Relation | Mixing
IDENTITY = Relation(1, 1, ((0,),))
CONSTANT = Relation(1, 0, ((0,),))  # broadcast: all outputs see position 0


def _inside(i: int, length: int, border: str) -> int:
    if border == "circular":
        return i % length
    if border == "replicate":
        return min(max(i, 0), length - 1)
    turn = 2 * (length - 1)  # reflect, as often as it takes
    i = i % turn if turn else 0
    return min(i, turn - i)


@dataclass(frozen=True, slots=True)
class Field:
    """What the positions of a node see of the network's input, along one axis.

    Position ``o`` sees the span of its phase moved by ``step·(o // period)``. Where ``step`` is ``None``
    there is no period: ``spans`` has one entry a position, and positions beyond see nothing.
    """

    period: int
    step: int | None
    spans: tuple[Span, ...]
    reason: str = ""
    exact: bool = True

    def at(self, o: int) -> Span:
        """Span of any position."""
        if self.step is None:
            return self.spans[o] if 0 <= o < self.period else NOTHING
        block, phase = divmod(o, self.period)
        low, bits = self.spans[phase]
        return (low + self.step * block, bits) if bits > 0 else (low, bits)

    @property
    def nothing(self) -> bool:
        return not any(bits for _, bits in self.spans)

    @property
    def everything(self) -> bool:
        return self.period == 1 and self.spans[0] == ALL


INPUT = Field(1, 1, ((0, 1),))
EMPTY = Field(1, 0, (NOTHING,))


def unite(spans: Sequence[Span]) -> Span:
    """The union of spans."""
    seen = [s for s in spans if s[1]]
    if not seen:
        return NOTHING
    if any(bits < 0 for _, bits in seen):
        return ALL
    base = min(low for low, _ in seen)
    reach = max(low + bits.bit_length() for low, bits in seen) - base
    if reach > WIDEST:
        raise OverflowError(f"a receptive field of {reach} positions is longer than {WIDEST}")
    united = 0
    for low, bits in seen:
        united |= bits << (low - base)
    return base, united


def follow(link: Link, field: Field, source: int, length: int) -> Field:
    """The field of an operation's output from that of its input; ``source`` and ``length`` are their lengths."""
    if isinstance(link, Mixing):
        if field.nothing:
            return field
        return Field(1, 1, (ALL,), field.reason or link.reason, link.exact)
    if link is IDENTITY:
        return field
    step, period = field.step, link.period
    if step is None or link.bounded:
        return _listed(link, field, source, length)
    repeat = field.period // gcd(link.step, field.period)  # blocks of the relation until the field's phase is back
    if period * repeat > max(length, LONGEST):
        return _listed(link, field, source, length)
    spans = tuple(
        unite([field.at(link.step * block + t) for t in link.taps[phase]])
        for block in range(repeat)
        for phase in range(period)
    )
    moved = link.step * repeat // field.period * step
    return reduced(Field(period * repeat, moved, spans, field.reason, field.exact))


def _listed(link: Relation, field: Field, source: int, length: int) -> Field:
    """A field without a period, one span a position: here the axis has ends."""
    spans = tuple(unite([field.at(i) for i in link.at(o, source)]) for o in range(length))
    return Field(length, None, spans, field.reason, field.exact)


def reduced(field: Field) -> Field:
    """The same field with the least period; a field that is everything everywhere is so with period 1."""
    if field.period == 1 or field.step is None:
        return field
    if all(span == ALL for span in field.spans):
        return Field(1, 1, (ALL,), field.reason, field.exact)
    for period in range(1, field.period):
        if field.period % period or field.step * period % field.period:
            continue
        step = field.step * period // field.period
        shorter = Field(period, step, field.spans[:period], field.reason, field.exact)
        if all(_equal(shorter.at(o), span) for o, span in enumerate(field.spans)):
            return shorter
    return field


def _equal(one: Span, other: Span) -> bool:
    return one == other or (one[1] == other[1] == 0)


def union(fields: Sequence[Field], length: int) -> Field:
    """The field of branches that are added or concatenated, along an axis of this length."""
    several = list(dict.fromkeys(f for f in fields if not f.nothing))
    if len(several) <= 1:
        return several[0] if several else EMPTY
    reason = next((f.reason for f in several if f.reason), "")
    whole = [f for f in several if f.everything]
    if whole:
        return Field(1, 1, (ALL,), reason, any(f.exact for f in whole))
    exact = all(f.exact for f in several)
    period = lcm(*(f.period for f in several))
    rates = {None if f.step is None else f.step * period // f.period for f in several}
    if len(rates) > 1 or None in rates or period > max(length, LONGEST):
        spans = tuple(unite([f.at(o) for f in several]) for o in range(length))
        return Field(length, None, spans, reason, exact)
    spans = tuple(unite([f.at(o) for f in several]) for o in range(period))
    return reduced(Field(period, rates.pop(), spans, reason, exact))


@dataclass(frozen=True, slots=True)
class Node:
    """A place of the network along one axis: its length, and what it sees of which earlier nodes."""

    length: int
    links: tuple[tuple[int, Link], ...]


def field_of(node: Node, nodes: Sequence[Node], fields: Sequence[Field]) -> Field:
    """The field of a node from those of the nodes before it. ``OverflowError`` where it is too long."""
    parts = [follow(link, fields[parent], nodes[parent].length, node.length) for parent, link in node.links]
    return parts[0] if len(parts) == 1 else union(parts, node.length)


def seen_from(nodes: Sequence[Node], place: int, o: int) -> frozenset[int]:
    """Input positions that position ``o`` of a node sees, with the ends of every axis as they are."""
    wanted: dict[int, set[int]] = {place: {o}}
    for number in range(place, 0, -1):
        for parent, link in nodes[number].links if wanted.get(number) else ():
            length = nodes[parent].length
            held = wanted.setdefault(parent, set())
            if isinstance(link, Mixing):
                held.update(range(length))
                continue
            for position in wanted[number]:
                held |= link.at(position, length)
    return frozenset(wanted.get(0, ()))


# Relations of the operations -----------------------------------------------------------------------


def window(kernel: int, stride: int, padding: int, dilation: int, border: str = "cut") -> Relation:
    """A convolution or a pool."""
    return Relation(1, stride, (tuple(range(-padding, -padding + dilation * (kernel - 1) + 1, dilation)),), border)


def transposed(kernel: int, stride: int, padding: int, dilation: int) -> Relation:
    """A transposed convolution: ``o`` sees ``i`` where ``o = stride·i − padding + dilation·tap``."""
    reach = [padding - dilation * tap for tap in range(kernel)]
    taps = tuple(tuple((o + r) // stride for r in reach if (o + r) % stride == 0) for o in range(stride))
    return Relation(stride, 1, taps)


def adaptive(length: int, out: int) -> Relation:
    """Adaptive pooling: ``⌊o·n/out⌋ … ⌈(o + 1)·n/out⌉ − 1``."""
    common = gcd(length, out)
    n, period = length // common, out // common
    return Relation(period, n, tuple(tuple(range(o * n // period, -((o + 1) * -n // period))) for o in range(period)))


def resized(mode: str, up: int, down: int, shift: Fraction, out: int) -> Relation:
    """Interpolation at ``o·down/up + shift``, for a reduced ratio; taps whose weight is zero are not seen.

    ``nearest`` takes the floor, ``linear`` the two neighbours, ``cubic`` four. With more phases than
    outputs, there are only those that are needed.
    """
    around = {"nearest": (0,), "linear": (0, 1), "cubic": (-1, 0, 1, 2)}[mode]
    taps = []
    for o in range(min(up, out)):
        place = Fraction(o * down, up) + shift
        floor = place.numerator // place.denominator
        taps.append(tuple(floor + t for t in (around if place != floor else (0,))))
    return Relation(len(taps), down, tuple(taps), "replicate")

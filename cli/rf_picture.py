# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of receptive fields: how the field of one output grows layer by layer, and where it has holes.

Every picture is made of shares: a cell stands for a few input positions, and its darkness for how many of them
are seen. In two dimensions the picture is the product of both axes, which is the very set for a stack
and an outline for branches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any

SHADES = " ░▒▓█"
MOST_LAYERS, MOST_CELLS = 16, 96
Shares = list[float]


def widest(axis: Any) -> Any:
    """The phase with the largest hull."""
    return max(axis.phases, key=lambda p: p.size)


def shares(phase: Any, start: int, length: int, cells: int) -> Shares:
    """How much of each piece of ``start … start + length − 1`` is seen: at most ``cells`` pieces of one length."""
    piece = -(-length // cells)
    count = -(-length // piece)
    if phase.size == inf:
        return [1.0] * count
    seen = [0] * count
    for position in phase.positions:
        seen[(position - start) // piece] += 1
    return [s / min(piece, length - i * piece) for i, s in enumerate(seen)]


def growth(report: Any, axis: int) -> list[tuple[str, Any]]:
    """Layers at which the field along an axis changes, with the phase drawn; the middle ones are left out if many."""
    drawn: list[tuple[str, Any]] = []
    for layer in report.layers:
        if layer.axes:
            phase = widest(layer.axes[axis])
            if phase.size and (not drawn or _outline(drawn[-1][1]) != _outline(phase)):
                drawn.append((layer.name, phase))
    if len(drawn) <= MOST_LAYERS:
        return drawn
    return [drawn[i * (len(drawn) - 1) // (MOST_LAYERS - 1)] for i in range(MOST_LAYERS)]


def _outline(phase: Any) -> tuple[float, float]:
    return phase.size, phase.used


def strips(report: Any, axis: int, cells: int) -> Iterator[tuple[str, float, Shares]]:
    """Name, size and shares of every layer drawn, each centred, all on one scale."""
    drawn = growth(report, axis)
    finite = [p.size for _, p in drawn if p.size < inf]
    span = max(finite, default=1)
    if any(p.size == inf for _, p in drawn):
        span = max(span, report.axes[axis].input_length)
    for name, phase in drawn:
        start = 0 if phase.size == inf else int(phase.left - (span - phase.size) // 2)
        yield name, phase.size, shares(phase, start, int(span), cells)


def terminal(report: Any, columns: int) -> list[str]:
    """The picture in block characters."""
    lines = []
    for axis, field in enumerate(report.axes):
        if axis and _alike(field, report.axes[0]):
            continue
        rows = list(strips(report, axis, columns - 32))
        lines.append(f"axis {axis}: what one output sees after each layer (█ all, ░ few, blank none of the positions)")
        for name, size, row in rows:
            lines.append(f"{name[-18:]:>18} {_size(size):>6}  {''.join(_shade(s) for s in row)}".rstrip())
        lines.append("")
    if len(report.axes) == 2 and _holes(report):
        lines.append("both axes: the positions that are used, as the product of the axes")
        grid = plane(report, min(columns - 4, 48) // 2)
        lines += ["  " + "".join(2 * _shade(s) for s in row).rstrip() for row in grid]
        lines.append("")
    return lines[:-1]


def _alike(one: Any, other: Any) -> bool:
    return bool(one.phases == other.phases)


def _holes(report: Any) -> bool:
    return any(p.holes for axis in report.axes for p in axis.phases)


def _size(size: float) -> str:
    return "∞" if size == inf else str(int(size))


def _shade(share: float) -> str:
    """Something seen is never blank."""
    return SHADES[0] if share <= 0 else SHADES[max(1, min(4, round(4 * share)))]


def plane(report: Any, cells: int) -> list[Shares]:
    """Shares of the last layer in two dimensions, rows along the first axis."""
    sides = []
    for field in report.axes:
        phase = widest(field)
        length = field.input_length if phase.size == inf else int(phase.size)
        start = 0 if phase.size in (0, inf) else int(phase.left)
        sides.append(shares(phase, start, max(length, 1), cells))
    down, across = sides[0], sides[-1] if len(sides) > 1 else [1.0]
    return [[a * b for b in across] for a in down]


# Files ---------------------------------------------------------------------------------------------

_WIDTH, _LEFT, _ROW, _SIDE = 760, 170, 18, 384
_INK = "#1b4f72"


def svg(report: Any) -> str:
    """The picture as SVG, without any library."""
    parts: list[str] = []
    y = 30
    for axis, field in enumerate(report.axes):
        if axis and _alike(field, report.axes[0]):
            continue
        parts.append(_text(10, y, f"axis {axis}: what one output sees after each layer", bold=True))
        y += 12
        for name, size, row in strips(report, axis, 2 * MOST_CELLS):
            parts.append(_text(_LEFT - 50, y + 12, name[-18:], end=True))
            parts.append(_text(_LEFT - 10, y + 12, _size(size), end=True))
            cell = (_WIDTH - _LEFT - 10) / len(row)
            parts += _cells(row, _LEFT, y + 2, cell, _ROW - 4)
            y += _ROW
        y += 26
    if len(report.axes) == 2:
        parts.append(_text(10, y, "both axes: the positions that are used, as the product of the axes", bold=True))
        grid = plane(report, MOST_CELLS)
        cell = _SIDE / max(len(grid), len(grid[0]))
        for number, row in enumerate(grid):
            parts += _cells(row, _LEFT, y + 12 + number * cell, cell, cell)
        y += 12 + int(cell * len(grid)) + 10
    title = f"{report.module}, input {'×'.join(map(str, report.input_shape))}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y + 10}" '
        f'viewBox="0 0 {_WIDTH} {y + 10}" font-family="sans-serif" font-size="11">'
    )
    white = '<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([head, f"<title>{_escaped(title)}</title>", white, *parts, "</svg>\n"])


def _cells(row: Sequence[float], x: float, y: float, cell: float, height: float) -> Iterator[str]:
    """Rectangles for a row of shares, equal neighbours in one."""
    start = 0
    for i in range(1, len(row) + 1):
        if i == len(row) or row[i] != row[start]:
            if row[start]:
                yield (
                    f'<rect x="{x + start * cell:.2f}" y="{y:.2f}" width="{(i - start) * cell:.2f}" '
                    f'height="{height:.2f}" fill="{_INK}" fill-opacity="{max(row[start], 0.08):.2f}"/>'
                )
            start = i


def _text(x: float, y: float, text: str, *, bold: bool = False, end: bool = False) -> str:
    style = (' font-weight="bold"' if bold else "") + (' text-anchor="end"' if end else "")
    return f'<text x="{x}" y="{y}"{style}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def png(report: Any, path: Path) -> None:
    """The picture by matplotlib; ``ModuleNotFoundError`` where it is not installed."""
    from matplotlib.figure import Figure

    drawn = [a for a, field in enumerate(report.axes) if not a or not _alike(field, report.axes[0])]
    panels = len(drawn) + (len(report.axes) == 2)
    figure = Figure(figsize=(8, 3 * panels), layout="constrained")
    for number, axis in enumerate(drawn):
        rows = list(strips(report, axis, 2 * MOST_CELLS))
        panel = figure.add_subplot(panels, 1, number + 1)
        panel.imshow([row for _, _, row in rows], cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="none")
        panel.set_yticks(range(len(rows)), [f"{name}  {_size(size)}" for name, size, _ in rows], fontsize=7)
        panel.set_xticks([])
        panel.set_title(f"axis {axis}: what one output sees after each layer", fontsize=9)
    if len(report.axes) == 2:
        panel = figure.add_subplot(panels, 1, panels)
        panel.imshow(plane(report, MOST_CELLS), cmap="Blues", vmin=0, vmax=1, interpolation="none")
        panel.set_axis_off()
        panel.set_title("both axes: the positions that are used, as the product of the axes", fontsize=9)
    figure.savefig(path)

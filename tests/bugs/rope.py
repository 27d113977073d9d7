# SPDX-License-Identifier: BSD-3-Clause
"""Rotary embeddings as people write them, with one mistake each; and correct ones of unusual form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from . import Planted

HALF = {"layout": "half"}


def angles(positions: Tensor, dim: int, base: float) -> Tensor:
    """The right angles ``(seq, dim/2)``, in float64."""
    exponent = torch.arange(0, dim, 2, dtype=torch.float64) / dim
    return positions.double()[:, None] * base**-exponent


def turn(x: Tensor, angle: Tensor) -> Tensor:
    """The right interleaved rotation of ``x`` by angles that broadcast against its pairs."""
    work = torch.float64 if x.dtype == torch.float64 else torch.float32
    c, s = angle.cos().to(work), angle.sin().to(work)
    a, b = x[..., 0::2].to(work), x[..., 1::2].to(work)
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2).to(x.dtype)


def rotate_half(x: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat([-b, a], -1)


def by_angles(wrong: Callable[[Tensor, int, float], Tensor]) -> Callable[..., Tensor]:
    """A rotation whose only mistake is in its angles."""

    def rotate(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
        return turn(x, wrong(positions, x.shape[-1], base))

    return rotate


# Frequencies -------------------------------------------------------------------------------------


def _exponent_of_one_based_index(positions: Tensor, dim: int, base: float) -> Tensor:
    return positions.double()[:, None] * base ** -(torch.arange(2, dim + 2, 2, dtype=torch.float64) / dim)


def _exponent_without_the_two(positions: Tensor, dim: int, base: float) -> Tensor:
    return positions.double()[:, None] * base ** -(torch.arange(dim // 2, dtype=torch.float64) / dim)


def _exponent_over_dim_minus_two(positions: Tensor, dim: int, base: float) -> Tensor:
    return positions.double()[:, None] * base ** -(torch.arange(0, dim, 2, dtype=torch.float64) / max(dim - 2, 1))


def _linspace_to_the_end(positions: Tensor, dim: int, base: float) -> Tensor:
    return positions.double()[:, None] * base ** -torch.linspace(0, 1, dim // 2, dtype=torch.float64)


def _frequencies_reversed(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions, dim, base).flip(-1)


def _positive_exponent(positions: Tensor, dim: int, base: float) -> Tensor:
    return positions.double()[:, None] * base ** (torch.arange(0, dim, 2, dtype=torch.float64) / dim)


def _base_ignored(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions, dim, 10000.0)


def _degrees_of_turn(positions: Tensor, dim: int, base: float) -> Tensor:
    return 2 * torch.pi * angles(positions, dim, base)


def _frequencies_in_float16(positions: Tensor, dim: int, base: float) -> Tensor:
    return positions.double()[:, None] * angles(torch.ones(1), dim, base).half().double()


# Angles and positions ----------------------------------------------------------------------------


def _angles_in_bfloat16(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions, dim, base).bfloat16().double()


def _angles_in_float16(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions, dim, base).half().double()


def _positions_in_bfloat16(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions.bfloat16(), dim, base)


def _positions_from_one(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions + 1, dim, base)


def _positions_from_their_order(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(torch.arange(len(positions)), dim, base)


def _positions_relative_to_first(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions - positions[0], dim, base)


def _negative_positions_clipped(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions.clamp(min=0), dim, base)


def _negative_positions_folded(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions.abs(), dim, base)


def _positions_wrap_at_the_table(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions % 2048, dim, base)


def _positions_capped_at_the_table(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions.clamp(max=4095), dim, base)


def _positions_truncated(positions: Tensor, dim: int, base: float) -> Tensor:
    return angles(positions.long(), dim, base)


def _sign_flipped(positions: Tensor, dim: int, base: float) -> Tensor:
    return -angles(positions, dim, base)


WRONG_ANGLES = (
    _exponent_of_one_based_index,
    _exponent_without_the_two,
    _exponent_over_dim_minus_two,
    _linspace_to_the_end,
    _frequencies_reversed,
    _positive_exponent,
    _base_ignored,
    _degrees_of_turn,
    _frequencies_in_float16,
    _angles_in_bfloat16,
    _angles_in_float16,
    _positions_in_bfloat16,
    _positions_from_one,
    _positions_from_their_order,
    _positions_relative_to_first,
    _negative_positions_clipped,
    _negative_positions_folded,
    _positions_wrap_at_the_table,
    _positions_capped_at_the_table,
    _positions_truncated,
    _sign_flipped,
)


# Caches ------------------------------------------------------------------------------------------


def cached_by(key: Callable[[Tensor, int, float], Any]) -> Callable[..., Tensor]:
    """Tables kept under a key that leaves something out."""
    tables: dict[Any, Tensor] = {}

    def rotate(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
        place = key(positions, x.shape[-1], base)
        if place not in tables:
            tables[place] = angles(positions, x.shape[-1], base)
        return turn(x, tables[place])

    return rotate


def grown_table() -> Callable[..., Tensor]:
    """A table for positions 0 … n − 1 that is grown when it is too short, with the base of the moment kept."""
    table = torch.zeros(0, 0)

    def rotate(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
        nonlocal table
        last = int(positions.abs().max()) + 1
        if table.shape[0] < last or 2 * table.shape[1] != x.shape[-1]:
            table = angles(torch.arange(last), x.shape[-1], base)
        sign = positions.sign().double()[:, None]
        return turn(x, sign * table[positions.abs().long()])

    return rotate


# Axes, layouts and memory ------------------------------------------------------------------------


def sequence_on_axis_one(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Written for (batch, seq, heads, dim); with four axes the heads are taken for the sequence."""
    angle = angles(positions, x.shape[-1], base)
    if x.ndim == 4 and x.shape[1] == len(positions):
        return turn(x, angle[None, :, None, :])
    return turn(x, angle)


def heads_rotated_by_head(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Flattens batch and heads into the sequence and repeats the positions in the wrong order."""
    rows = x.reshape(-1, x.shape[-1])
    repeated = positions.repeat_interleave(rows.shape[0] // len(positions))
    return turn(rows, angles(repeated, x.shape[-1], base)).reshape(x.shape)


def in_place(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    with torch.no_grad():
        return x.copy_(turn(x, angles(positions, x.shape[-1], base)))


def positions_shifted_in_place(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    y = turn(x, angles(positions, x.shape[-1], base))
    positions -= positions.min()
    return y


def storage_read_directly(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Like a kernel that takes a pointer and believes it to be contiguous."""
    dense = torch.as_strided(x, x.shape, torch.empty(x.shape, device="meta").stride())
    return turn(dense, angles(positions, x.shape[-1], base))


def halves_for_interleaved(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    c, s = (f(torch.cat([angles(positions, x.shape[-1], base)] * 2, -1)).to(x.dtype) for f in (torch.cos, torch.sin))
    return x * c + rotate_half(x) * s


def layouts_mixed(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """rotate_half, but with tables repeated for the interleaved layout."""
    angle = angles(positions, x.shape[-1], base).repeat_interleave(2, -1)
    return x * angle.cos().to(x.dtype) + rotate_half(x) * angle.sin().to(x.dtype)


def rotate_half_without_sign(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    angle = torch.cat([angles(positions, x.shape[-1], base)] * 2, -1)
    a, b = x.chunk(2, -1)
    return x * angle.cos().to(x.dtype) + torch.cat([b, a], -1) * angle.sin().to(x.dtype)


def batch_statistics(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Guards against overflow by scaling with the largest entry of the whole batch, and clips."""
    y = turn(x, angles(positions, x.shape[-1], base))
    return y.clamp(-x[..., :1, :].abs().amax(), x[..., :1, :].abs().amax()) if x.ndim > 2 else y


# Dtypes ------------------------------------------------------------------------------------------


def promoted_to_float32(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    return turn(x.float(), angles(positions, x.shape[-1], base))


def demoted_to_float32(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Right in float32; in float64 half of the digits are gone."""
    return turn(x.float(), angles(positions, x.shape[-1], base)).to(x.dtype)


def tables_in_bfloat16(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    angle = angles(positions, x.shape[-1], base)
    c, s = angle.cos().bfloat16().to(x.dtype), angle.sin().bfloat16().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2)


def norm_restored(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Normalises afterwards, "to be safe", and divides by zero for zero rows."""
    y = turn(x, angles(positions, x.shape[-1], base))
    return y / y.norm(dim=-1, keepdim=True) * x.norm(dim=-1, keepdim=True)


# Gradients ---------------------------------------------------------------------------------------


class _ForwardTwice(torch.autograd.Function):
    """The backward pass rotates forward again instead of back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, angle: Tensor) -> Tensor:
        ctx.save_for_backward(angle)
        return turn(x, angle)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        return turn(g, ctx.saved_tensors[0]), None


class _SineDropped(_ForwardTwice):
    """The backward pass forgets the sine."""

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        return g * ctx.saved_tensors[0].cos().repeat_interleave(2, -1).to(g.dtype), None


def with_backward(function: Any) -> Callable[..., Tensor]:
    def rotate(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
        result: Tensor = function.apply(x, angles(positions, x.shape[-1], base))
        return result

    return rotate


def detached_half(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """One of the features of each pair is cut off from the graph."""
    mask = torch.arange(x.shape[-1]) % 2 == 0
    return turn(torch.where(mask, x, x.detach()), angles(positions, x.shape[-1], base))


# Partial rotation --------------------------------------------------------------------------------


def rotary_dim_ignored(x: Tensor, positions: Tensor, *, base: float = 10000.0, rotary_dim: int | None = None) -> Tensor:
    return turn(x, angles(positions, x.shape[-1], base))


def frequencies_of_full_dim(
    x: Tensor, positions: Tensor, *, base: float = 10000.0, rotary_dim: int | None = None
) -> Tensor:
    n = rotary_dim or x.shape[-1]
    angle = angles(positions, x.shape[-1], base)[:, : n // 2]
    return torch.cat([turn(x[..., :n], angle), x[..., n:]], -1)


def rest_dropped(x: Tensor, positions: Tensor, *, base: float = 10000.0, rotary_dim: int | None = None) -> Tensor:
    n = rotary_dim or x.shape[-1]
    return turn(x[..., :n], angles(positions, n, base))


def last_features_rotated(
    x: Tensor, positions: Tensor, *, base: float = 10000.0, rotary_dim: int | None = None
) -> Tensor:
    n = rotary_dim or x.shape[-1]
    return torch.cat([x[..., :-n], turn(x[..., -n:], angles(positions, n, base))], -1)


# Other contracts ---------------------------------------------------------------------------------


def decode_from_zero(x: Tensor, cache_len: int, *, base: float = 10000.0) -> Tensor:
    return turn(x, angles(torch.arange(x.shape[-2]), x.shape[-1], base))


def decode_at_one_position(x: Tensor, cache_len: int, *, base: float = 10000.0) -> Tensor:
    """Right for one new token at a time."""
    return turn(x, angles(torch.full((x.shape[-2],), cache_len), x.shape[-1], base))


def decode_off_by_one(x: Tensor, cache_len: int, *, base: float = 10000.0) -> Tensor:
    return turn(x, angles(max(cache_len - 1, 0) + torch.arange(x.shape[-2]), x.shape[-1], base))


def linear_multiplies(x: Tensor, positions: Tensor, *, base: float = 10000.0, scale: float) -> Tensor:
    return turn(x, angles(positions, x.shape[-1], base) * scale)


def linear_in_whole_positions(x: Tensor, positions: Tensor, *, base: float = 10000.0, scale: float) -> Tensor:
    return turn(x, angles(torch.div(positions, scale, rounding_mode="floor"), x.shape[-1], base))


def ntk_without_exponent(x: Tensor, positions: Tensor, *, base: float = 10000.0, scale: float) -> Tensor:
    return turn(x, angles(positions, x.shape[-1], base * scale))


def ntk_exponent_upside_down(x: Tensor, positions: Tensor, *, base: float = 10000.0, scale: float) -> Tensor:
    dim = x.shape[-1]
    return turn(x, angles(positions, dim, base * scale ** ((dim - 2) / dim)))


def ntk_scales_positions_too(x: Tensor, positions: Tensor, *, base: float = 10000.0, scale: float) -> Tensor:
    dim = x.shape[-1]
    return turn(x, angles(positions / scale, dim, base * scale ** (dim / (dim - 2))))


def frequencies_of_paper_index(dim: int, *, base: float = 10000.0) -> Tensor:
    return base ** -(torch.arange(2, dim + 2, 2, dtype=torch.float64) / dim)


def frequencies_for_every_feature(dim: int, *, base: float = 10000.0) -> Tensor:
    return (base ** -(torch.arange(0, dim, 2, dtype=torch.float64) / dim)).repeat_interleave(2)


def sin_before_cos(positions: Tensor, dim: int, *, base: float = 10000.0) -> tuple[Tensor, Tensor]:
    angle = angles(positions, dim, base)
    return angle.sin(), angle.cos()


def _ratio(dim: int) -> Tensor:
    return (torch.arange(0, dim, 2, dtype=torch.float64) / dim + 0.4) / 1.4


def _xpos(query_center: Callable[[Tensor], Any], key_sign: float, query_sign: float = 1.0) -> Callable[..., Any]:
    def xpos(
        q: Tensor,
        k: Tensor,
        q_positions: Tensor,
        k_positions: Tensor,
        *,
        base: float = 10000.0,
        scale_base: float = 512.0,
    ) -> tuple[Tensor, Tensor]:
        def one(x: Tensor, positions: Tensor, sign: float) -> Tensor:
            power = (positions.double() - query_center(positions))[:, None] / scale_base
            scale = (_ratio(x.shape[-1]) ** (sign * power)).repeat_interleave(2, -1)
            turned = turn(x.double(), angles(positions, x.shape[-1], base))
            return (turned * scale).to(x.dtype)

        return one(q, q_positions, query_sign), one(k, k_positions, key_sign)

    return xpos


def rotating(function: Callable[..., Any]) -> Callable[[], dict[str, Callable[..., Any]]]:
    return lambda: {"rotate": function}


def _named(function: Callable[..., Any]) -> str:
    return function.__name__.strip("_").replace("_", " ")


PLAIN_BUGS = (
    sequence_on_axis_one,
    heads_rotated_by_head,
    in_place,
    positions_shifted_in_place,
    storage_read_directly,
    halves_for_interleaved,
    batch_statistics,
    tables_in_bfloat16,
    norm_restored,
    detached_half,
    rotary_dim_ignored,
    frequencies_of_full_dim,
    rest_dropped,
    last_features_rotated,
)
OTHER_CONTRACTS = (
    ("decode", decode_from_zero),
    ("decode", decode_at_one_position),
    ("decode", decode_off_by_one),
    ("linear", linear_multiplies),
    ("linear", linear_in_whole_positions),
    ("ntk", ntk_without_exponent),
    ("ntk", ntk_exponent_upside_down),
    ("ntk", ntk_scales_positions_too),
    ("frequencies", frequencies_of_paper_index),
    ("frequencies", frequencies_for_every_feature),
    ("cos_sin", sin_before_cos),
)


def _of(contract: str, function: Callable[..., Any]) -> Callable[[], dict[str, Callable[..., Any]]]:
    return lambda: {contract: function}


BUGS = (
    *(Planted(_named(wrong), rotating(by_angles(wrong))) for wrong in WRONG_ANGLES),
    *(Planted(_named(wrong), rotating(wrong)) for wrong in PLAIN_BUGS),
    *(Planted(_named(wrong), _of(contract, wrong)) for contract, wrong in OTHER_CONTRACTS),
    Planted("layouts mixed", rotating(layouts_mixed), HALF),
    Planted("rotate_half without its sign", rotating(rotate_half_without_sign), HALF),
    Planted("dtype promoted to float32", rotating(promoted_to_float32), {"dtypes": ("bfloat16",)}),
    Planted("float64 through float32", rotating(demoted_to_float32), {"dtypes": ("float64",)}),
    Planted("cache keyed on the length", lambda: {"rotate": cached_by(lambda p, d, b: (len(p), d))}),
    Planted("cache keyed without the base", lambda: {"rotate": cached_by(lambda p, d, b: (tuple(p.tolist()), d))}),
    Planted(
        "cache keyed on the last position", lambda: {"rotate": cached_by(lambda p, d, b: (len(p), int(p[-1]), d, b))}
    ),
    Planted("table grown, base forgotten", lambda: {"rotate": grown_table()}),
    Planted("gradient rotates forward again", rotating(with_backward(_ForwardTwice))),
    Planted("gradient forgets the sine", rotating(with_backward(_SineDropped))),
    Planted("xpos key not inverted", lambda: {"xpos": _xpos(lambda p: 0, 1.0)}),
    Planted("xpos grows instead of decaying", lambda: {"xpos": _xpos(lambda p: 0, 1.0, -1.0)}),
    Planted("xpos centred anew for each call", lambda: {"xpos": _xpos(lambda p: p.double().mean(), -1.0)}),
)


# Correct, but unusual ----------------------------------------------------------------------------


def complex_product(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Pairs as complex numbers, times e^{ipθ}."""
    work = torch.float64 if x.dtype == torch.float64 else torch.float32
    angle = angles(positions, x.shape[-1], base)
    z = torch.view_as_complex(x.to(work).unflatten(-1, (-1, 2)).contiguous())
    w = torch.polar(torch.ones_like(angle), angle).to(torch.complex128 if work == torch.float64 else torch.complex64)
    return torch.view_as_real(z * w).flatten(-2).to(x.dtype)


def matrix_exponential(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """exp(pθJ) by its own series, in float64, after taking whole turns off the angle."""
    angle = torch.remainder(angles(positions, x.shape[-1], base), 2 * torch.pi)
    generator = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    blocks = torch.linalg.matrix_exp(angle[..., None, None] * generator)
    pairs = x.double().unflatten(-1, (-1, 2))
    return (blocks @ pairs[..., None]).squeeze(-1).flatten(-2).to(x.dtype)


def three_shears(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """A rotation as three shears, as in image processing; half turns are taken off first, where tan is large."""
    angle = angles(positions, x.shape[-1], base)
    turns = torch.round(angle / torch.pi)
    rest, sign = angle - turns * torch.pi, 1 - 2 * torch.remainder(turns, 2)
    t, s = torch.tan(rest / 2), torch.sin(rest)
    a, b = x[..., 0::2].double() * sign, x[..., 1::2].double() * sign
    a = a - t * b
    b = b + s * a
    a = a - t * b
    return torch.stack([a, b], -1).flatten(-2).to(x.dtype)


def block_diagonal_matrix(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """One dense (dim, dim) matrix for each position."""
    angle = angles(positions, x.shape[-1], base)
    c, s = angle.cos(), angle.sin()
    blocks = torch.stack([torch.stack([c, -s], -1), torch.stack([s, c], -1)], -2)
    matrices = torch.stack([torch.block_diag(*row) for row in blocks])
    return (matrices @ x.double()[..., None]).squeeze(-1).to(x.dtype)


def einsum_of_pairs(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """A (seq, pair, 2, 2) tensor contracted with the pairs."""
    angle = angles(positions, x.shape[-1], base)
    blocks = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], -1).unflatten(-1, (2, 2))
    pairs = x.double().unflatten(-1, (-1, 2))
    return torch.einsum("sfij,...sfj->...sfi", blocks, pairs).flatten(-2).to(x.dtype)


def angle_doubling(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """cos and sin by forty doublings of a tiny angle: 1 − cos and sin are carried, so that nothing cancels."""
    angle = torch.remainder(angles(positions, x.shape[-1], base), 2 * torch.pi)
    tiny = angle / 2.0**20
    v, s = 2 * torch.sin(tiny / 2) ** 2, torch.sin(tiny)
    for _ in range(20):
        v, s = 2 * v * (2 - v), 2 * s * (1 - v)
    c = 1 - v
    a, b = x[..., 0::2].double(), x[..., 1::2].double()
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2).to(x.dtype)


def half_angle_tangent(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Rational functions of t = tan(a/2) instead of cos and sin."""
    t = torch.tan(angles(positions, x.shape[-1], base) / 2)
    c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    a, b = x[..., 0::2].double(), x[..., 1::2].double()
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2).to(x.dtype)


def float32_tables(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """What most libraries do: everything in float32. Right, and inaccurate far out."""
    inverse = 1.0 / (base ** (torch.arange(0, x.shape[-1], 2).float() / x.shape[-1]))
    angle = positions.float()[:, None] * inverse
    c, s = angle.cos(), angle.sin()
    a, b = x[..., 0::2].float(), x[..., 1::2].float()
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2).to(x.dtype)


def exp_of_log_frequencies(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """θ through exp and log in float32, as in fairseq's sinusoids."""
    step = torch.log(torch.tensor(base)) / (x.shape[-1] // 2)
    inverse = torch.exp(torch.arange(x.shape[-1] // 2).float() * -step)
    angle = positions.float()[:, None] * inverse
    a, b = x[..., 0::2].float(), x[..., 1::2].float()
    turned = [a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()]
    return torch.stack(turned, -1).flatten(-2).to(x.dtype)


def native_precision(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Tables cast to the dtype of x and everything computed there."""
    angle = angles(positions, x.shape[-1], base)
    c, s = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2)


def through_the_half_layout(x: Tensor, positions: Tensor, *, base: float = 10000.0) -> Tensor:
    """Reorders the features, rotates halves, and reorders them back."""
    angle = torch.cat([angles(positions, x.shape[-1], base)] * 2, -1)
    h = torch.cat([x[..., 0::2], x[..., 1::2]], -1).double()
    y = h * angle.cos() + rotate_half(h) * angle.sin()
    return torch.stack(y.chunk(2, -1), -1).flatten(-2).to(x.dtype)


VARIANTS = (
    *(
        Planted(_named(right), rotating(right))
        for right in (
            complex_product,
            matrix_exponential,
            three_shears,
            block_diagonal_matrix,
            einsum_of_pairs,
            angle_doubling,
            half_angle_tangent,
            float32_tables,
            exp_of_log_frequencies,
            native_precision,
            through_the_half_layout,
        )
    ),
    Planted("xpos centred at 100", lambda: {"xpos": _xpos(lambda p: 100, -1.0)}),
    Planted("native precision in bfloat16", rotating(native_precision), {"dtypes": ("bfloat16", "float16")}),
    Planted("float32 tables in 16 bits", rotating(float32_tables), {"dtypes": ("bfloat16", "float16")}),
)

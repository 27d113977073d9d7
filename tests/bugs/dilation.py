# SPDX-License-Identifier: BSD-3-Clause
"""Coverage tests and dilated convolutions as people write them, with one mistake each; and unusual correct ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise, product
from math import gcd, prod
from typing import Any

import numpy as np
import torch

from . import Planted

Rates = Sequence[int]
Tensor = torch.Tensor

# Coverage --------------------------------------------------------------------------------------------


def reached(rates: Rates, kernel_size: int) -> Counter[int]:
    """Paths to every offset, centred for odd kernels."""
    taps = range(kernel_size) if kernel_size % 2 == 0 else range(-(kernel_size // 2), kernel_size // 2 + 1)
    total: Counter[int] = Counter({0: 1})
    for rate in rates:
        step: Counter[int] = Counter()
        for offset, paths in total.items():
            for tap in taps:
                step[offset + rate * tap] += paths
        total = step
    return total


def hull(offsets: Counter[int]) -> range:
    return range(min(offsets), max(offsets) + 1)


def gcd_rule(rates: Rates, *, kernel_size: int = 3) -> bool:
    """No common factor, no gridding."""
    return not rates or kernel_size == 1 or gcd(*rates) == 1


def published_rule(rates: Rates, *, kernel_size: int = 3) -> bool:
    """M_2 ≤ K from the last layer to the second, as printed."""
    if len(rates) < 2:
        return not rates or rates[0] == 1 or kernel_size == 1
    gap = rates[-1]
    for rate in reversed(rates[1:-1]):
        gap = max(gap - 2 * rate, gap - 2 * (gap - rate), rate)
    return gap <= kernel_size


def published_rule_sorted(rates: Rates, *, kernel_size: int = 3) -> bool:
    """The same on sorted rates: still blind to the first."""
    return published_rule(sorted(rates), kernel_size=kernel_size)


def published_rule_and_gcd(rates: Rates, *, kernel_size: int = 3) -> bool:
    """Both published rules together."""
    return gcd_rule(rates, kernel_size=kernel_size) and published_rule_sorted(rates, kernel_size=kernel_size)


def three_taps_built_in(rates: Rates, *, kernel_size: int = 3) -> bool:
    """The criterion with 2 for K − 1."""
    reach = 1
    for rate in sorted(rates):
        if rate > reach and kernel_size > 1:
            return False
        reach += 2 * rate
    return True


def order_of_layers(rates: Rates, *, kernel_size: int = 3) -> bool:
    """The criterion without sorting."""
    reach = 1
    for rate in rates:
        if rate > reach and kernel_size > 1:
            return False
        reach += (kernel_size - 1) * rate
    return True


def ratio_at_most_kernel(rates: Rates, *, kernel_size: int = 3) -> bool:
    """Each rate at most K times the one before: sufficient, not necessary."""
    ascending = sorted(rates)
    pairs = pairwise(ascending)
    return kernel_size == 1 or not rates or (ascending[0] == 1 and all(b <= kernel_size * a for a, b in pairs))


def ratio_at_most_two(rates: Rates, *, kernel_size: int = 3) -> bool:
    ascending = sorted(rates)
    pairs = pairwise(ascending)
    return kernel_size == 1 or not rates or (ascending[0] == 1 and all(b <= 2 * a for a, b in pairs))


def starts_with_one(rates: Rates, *, kernel_size: int = 3) -> bool:
    return not rates or kernel_size == 1 or 1 in rates


def strict_inequality(rates: Rates, *, kernel_size: int = 3) -> bool:
    """Off by one: the next rate may not touch."""
    reach = 1
    for rate in sorted(rates):
        if rate >= reach and rate > 1 and kernel_size > 1:
            return False
        if rate > reach and kernel_size > 1:
            return False
        reach += (kernel_size - 1) * rate
    return True


def one_too_far(rates: Rates, *, kernel_size: int = 3) -> bool:
    """Off by one: 2 + Σ instead of 1 + Σ."""
    reach = 1
    for rate in sorted(rates):
        if rate > reach + (reach > 1) and kernel_size > 1:
            return False
        reach += (kernel_size - 1) * rate
    return True


def enough_offsets(rates: Rates, *, kernel_size: int = 3) -> bool:
    """Counts paths, as if all led to different offsets."""
    return kernel_size ** len(rates) >= 1 + (kernel_size - 1) * sum(rates)


def largest_rate_only(rates: Rates, *, kernel_size: int = 3) -> bool:
    return kernel_size == 1 or not rates or max(rates) <= kernel_size


def short_floats(rates: Rates, *, kernel_size: int = 3) -> bool:
    """float16 sums."""
    reach = np.float16(1)
    for rate in sorted(rates):
        if np.float16(rate) > reach and kernel_size > 1:
            return False
        reach += np.float16((kernel_size - 1) * rate)
    return True


# Holes and paths -------------------------------------------------------------------------------------


def holes_of_one_side(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    seen = reached(rates, kernel_size)
    return [o for o in hull(seen) if o not in seen and o >= 0]


def holes_from_the_left(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """Counted from the left end of the hull, not from the centre."""
    seen = reached(rates, kernel_size)
    return [o - min(seen) for o in hull(seen) if o not in seen]


def first_hole_only(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    seen = reached(rates, kernel_size)
    return [o for o in hull(seen) if o not in seen][:1]


def holes_of_the_largest_layer(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    return holes_right([max(rates)] if rates else [], kernel_size=kernel_size)


def holes_even_kernels_centred(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """Even kernels are taken from −K/2."""
    seen = reached(rates, kernel_size)
    shift = 0 if kernel_size % 2 else -(kernel_size // 2) * sum(rates)
    return [o + shift for o in hull(seen) if o not in seen]


def holes_even_kernels_rounded(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """Radius K // 2 on both sides: even kernels become odd."""
    return holes_right(rates, kernel_size=kernel_size // 2 * 2 + 1)


def holes_dilation_ignored(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    return holes_right([1] * len(rates), kernel_size=kernel_size)


def holes_of_zero_rates_added(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """Rates are the number of zeros between taps, off by one."""
    return holes_right([rate + 1 for rate in rates], kernel_size=kernel_size)


def paths_as_coverage(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """1 where an offset is reached."""
    seen = reached(rates, kernel_size)
    return [int(o in seen) for o in hull(seen)]


def paths_of_shorts(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """32-bit counters wrap."""
    return [(n + 2**31) % 2**32 - 2**31 for n in paths_right(rates, kernel_size=kernel_size)]


def paths_in_single_precision(rates: Rates, *, kernel_size: int = 3) -> list[float]:
    return [float(np.float32(n)) for n in paths_right(rates, kernel_size=kernel_size)]


def paths_without_holes(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """Only offsets that are reached."""
    return [n for _, n in sorted(reached(rates, kernel_size).items())]


def paths_of_half(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """From the centre to the right end."""
    counts = paths_right(rates, kernel_size=kernel_size)
    return counts[len(counts) // 2 :]


def paths_normalised(rates: Rates, *, kernel_size: int = 3) -> list[float]:
    """Fractions of all paths."""
    counts = paths_right(rates, kernel_size=kernel_size)
    return [n / sum(counts) for n in counts]


def rates_doubled(layers: int, kernel_size: int) -> list[int]:
    """Powers of two for every kernel."""
    return [2**i for i in range(layers)]


def rates_one_power_on(layers: int, kernel_size: int) -> list[int]:
    return [kernel_size ** (i + 1) for i in range(layers)]


def rates_of_the_extent(layers: int, kernel_size: int) -> list[int]:
    """Each rate is the extent so far instead of one more."""
    rates: list[int] = []
    for _ in range(layers):
        rates.append(max(1, (kernel_size - 1) * sum(rates)))
    return rates


def extent_without_one(kernel_size: int, rate: int) -> int:
    return rate * (kernel_size - 1)


def extent_times_kernel(kernel_size: int, rate: int) -> int:
    return rate * kernel_size


def extent_with_rate_zeros(kernel_size: int, rate: int) -> int:
    """ρ zeros between taps instead of ρ − 1."""
    return kernel_size + (kernel_size - 1) * rate


def extent_in_single_precision(kernel_size: int, rate: int) -> int:
    return int(np.float32(rate) * np.float32(kernel_size - 1) + np.float32(1))


# Convolutions ----------------------------------------------------------------------------------------


def conv(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """The library's correlation with the kernel turned round: correct."""
    flat = x.reshape(-1, 1, x.shape[-1])
    y = torch.nn.functional.conv1d(flat, kernel.flip(0)[None, None], dilation=rate)
    return y.reshape(*x.shape[:-1], y.shape[-1])


def kernel_not_turned(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Correlation, which the library calls convolution."""
    return conv(x, kernel.flip(0), rate)


def dilation_forgotten(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Ordinary convolution, cut to the right size."""
    return conv(x, kernel, 1)[..., : x.shape[-1] - rate * (len(kernel) - 1)]


def padded_to_same(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Zeros at the left, as causal stacks have it."""
    return conv(torch.nn.functional.pad(x, (rate * (len(kernel) - 1), 0)), kernel, rate)


def shifted_by_one(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """One position to the right, with the end repeated."""
    return torch.cat([conv(x, kernel, rate)[..., 1:], conv(x, kernel, rate)[..., -1:]], -1)


def stride_for_dilation(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Steps by the rate and fills up with what comes first."""
    y = conv(x, kernel, 1)
    size = x.shape[-1] - rate * (len(kernel) - 1)
    return torch.cat([y[..., ::rate], y], -1)[..., :size]


def zeros_at_the_ends(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """The zeros of dilation are put behind the kernel, not between its taps."""
    longer = torch.nn.functional.pad(kernel, (0, (rate - 1) * (len(kernel) - 1)))
    return conv(x, longer, 1)


def first_phase_for_all(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Space to batch, with phase 0 for every phase."""
    size = x.shape[-1] - rate * (len(kernel) - 1)
    y = conv(x[..., ::rate], kernel, 1)
    return y.repeat_interleave(rate, -1)[..., :size]


def half_precision(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Computed in bfloat16, as under autocast."""
    return conv(x.bfloat16(), kernel.bfloat16(), rate).to(x.dtype)


def kernel_detached(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """No gradient for the first tap."""
    return conv(x, torch.cat([kernel[:1].detach(), kernel[1:]]), rate)


def last_of_batch(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Centres every signal by the mean of the batch and puts it back: rounding depends on the neighbours."""
    mean = x.mean() if x.ndim > 1 else x.new_zeros(())
    return conv(x - mean, kernel, rate) + 2 * mean * kernel.sum()


# Correct ---------------------------------------------------------------------------------------------


def covers_by_enumeration(rates: Rates, *, kernel_size: int = 3) -> bool:
    seen = reached(rates, kernel_size)
    return len(seen) == len(hull(seen)) if max(rates, default=1) < 10**4 else covers_by_gaps(rates, kernel_size)


def covers_by_gaps(rates: Rates, kernel_size: int = 3) -> bool:
    """The corrected recursion on sorted rates, from the last layer to the first."""
    if kernel_size == 1 or not rates:
        return True
    ascending = sorted(rates)
    gap = ascending[-1]
    for rate in reversed(ascending[:-1]):
        gap = max(gap - (kernel_size - 1) * rate, rate)
    return gap <= 1


def three_taps_only(rates: Rates) -> bool:
    """No kernel size to choose."""
    return covers_by_gaps(rates, 3)


def holes_right(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    seen = reached(rates, kernel_size)
    return [o for o in hull(seen) if o not in seen]


def holes_descending(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """As a list from the right end."""
    return holes_right(rates, kernel_size=kernel_size)[::-1]


def holes_by_set(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """Every path walked by itself."""
    if kernel_size ** len(rates) > 10**5:
        return holes_right(rates, kernel_size=kernel_size)
    taps = range(kernel_size) if kernel_size % 2 == 0 else range(-(kernel_size // 2), kernel_size // 2 + 1)
    ends = {sum(r * t for r, t in zip(rates, choice, strict=True)) for choice in product(taps, repeat=len(rates))}
    return sorted(set(range(min(ends), max(ends) + 1)) - ends)


def paths_right(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    seen = reached(rates, kernel_size)
    return [seen[o] for o in hull(seen)]


def paths_by_polynomials(rates: Rates, *, kernel_size: int = 3) -> list[int]:
    """numpy.convolve of Python integers."""

    def spread(total: np.ndarray[Any, Any], rate: int) -> np.ndarray[Any, Any]:
        factor = np.zeros(rate * (kernel_size - 1) + 1, dtype=object)
        factor[::rate] = 1
        return np.convolve(total, factor)

    return [int(n) for n in reduce(spread, rates, np.array([1], dtype=object))]


def descending_design(layers: int, kernel_size: int) -> list[int]:
    return [kernel_size**i for i in range(layers)][::-1]


def greedy_design(layers: int, kernel_size: int) -> list[int]:
    rates: list[int] = []
    for _ in range(layers):
        rates.append(1 + (kernel_size - 1) * sum(rates))
    return rates


def product_design(layers: int, kernel_size: int) -> list[int]:
    return [prod([kernel_size] * i) for i in range(layers)]


def by_zero_insertion(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    longer = torch.stack([kernel, *[torch.zeros_like(kernel)] * (rate - 1)], -1).reshape(-1)
    return conv(x, longer[: rate * (len(kernel) - 1) + 1], 1)


def by_space_to_batch(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    size = x.shape[-1] - rate * (len(kernel) - 1)
    y = x.new_zeros((*x.shape[:-1], size))
    for phase in range(min(rate, size)):
        y[..., phase::rate] = conv(x[..., phase::rate], kernel, 1)
    return y


def by_windows(x: Tensor, kernel: Tensor, rate: int) -> Tensor:
    """Windows as a view, then a product with the kernel."""
    return x.unfold(-1, rate * (len(kernel) - 1) + 1, 1)[..., ::rate] @ kernel.flip(0)


def _one(contract: str, function: Callable[..., Any], **options: Any) -> Planted:
    return Planted(function.__name__.replace("_", "-"), lambda: {contract: function}, options)


BUGS: tuple[Planted, ...] = (
    *(
        _one("covers", f)
        for f in (
            gcd_rule,
            published_rule,
            published_rule_sorted,
            published_rule_and_gcd,
            three_taps_built_in,
            order_of_layers,
            ratio_at_most_kernel,
            ratio_at_most_two,
            starts_with_one,
            strict_inequality,
            one_too_far,
            enough_offsets,
            largest_rate_only,
            short_floats,
        )
    ),
    *(
        _one("holes", f)
        for f in (
            holes_of_one_side,
            holes_from_the_left,
            first_hole_only,
            holes_of_the_largest_layer,
            holes_even_kernels_centred,
            holes_even_kernels_rounded,
            holes_dilation_ignored,
            holes_of_zero_rates_added,
        )
    ),
    *(
        _one("path_counts", f)
        for f in (
            paths_as_coverage,
            paths_of_shorts,
            paths_in_single_precision,
            paths_without_holes,
            paths_of_half,
            paths_normalised,
        )
    ),
    *(_one("design", f) for f in (rates_doubled, rates_one_power_on, rates_of_the_extent)),
    *(
        _one("effective_kernel", f)
        for f in (extent_without_one, extent_times_kernel, extent_with_rate_zeros, extent_in_single_precision)
    ),
    *(
        _one("dilated_conv1d", f)
        for f in (
            kernel_not_turned,
            dilation_forgotten,
            padded_to_same,
            shifted_by_one,
            stride_for_dilation,
            zeros_at_the_ends,
            first_phase_for_all,
            half_precision,
            kernel_detached,
            last_of_batch,
        )
    ),
    Planted("turned-correlation", lambda: {"dilated_conv1d": conv}, {"orientation": "correlation"}),
)

VARIANTS: tuple[Planted, ...] = (
    *(_one("covers", f) for f in (covers_by_enumeration, covers_by_gaps, three_taps_only)),
    *(_one("holes", f) for f in (holes_right, holes_descending, holes_by_set)),
    *(_one("path_counts", f) for f in (paths_right, paths_by_polynomials)),
    *(_one("design", f) for f in (descending_design, greedy_design, product_design)),
    *(_one("dilated_conv1d", f) for f in (conv, by_zero_insertion, by_space_to_batch, by_windows)),
    Planted("correlation", lambda: {"dilated_conv1d": kernel_not_turned}, {"orientation": "correlation"}),
)

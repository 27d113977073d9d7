# SPDX-License-Identifier: BSD-3-Clause
"""Sampling by reparameterization as people write it, with one mistake each; and correct samplers of unusual form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import Planted

F32, F64 = torch.float32, torch.float64


# Noise -------------------------------------------------------------------------------------------


def fine(shape: Any, generator: torch.Generator) -> Tensor:
    """Good Gumbel noise in float64: −log of an exponential variable."""
    u = torch.rand(shape, generator=generator, dtype=F64)
    return -torch.log(-torch.log1p(-u))


def float32_uniform(shape: Any, generator: torch.Generator) -> Tensor:
    return -torch.log(-torch.log(torch.rand(shape, generator=generator)))


def native_uniform(shape: Any, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
    return -torch.log(-torch.log(torch.rand(shape, generator=generator, dtype=dtype)))


def tiny_epsilon(shape: Any, generator: torch.Generator) -> Tensor:
    """1e-20 added in float32 keeps infinities away, and adds nothing to the resolution."""
    u = torch.rand(shape, generator=generator)
    return -torch.log(-torch.log(u + 1e-20) + 1e-20)


def epsilon_of_a_millionth(shape: Any, generator: torch.Generator) -> Tensor:
    u = torch.rand(shape, generator=generator)
    return -torch.log(-torch.log(u + 1e-6) + 1e-6)


def epsilon_of_ten_digits(shape: Any, generator: torch.Generator) -> Tensor:
    u = torch.rand(shape, generator=generator).clamp(1e-10, 1)
    return -torch.log(-torch.log(u).clamp(min=1e-10))


def clamped_uniform(shape: Any, generator: torch.Generator) -> Tensor:
    """Kept 10⁻⁴ away from 0 and 1."""
    u = torch.rand(shape, generator=generator, dtype=F64).clamp(1e-4, 1 - 1e-4)
    return -torch.log(-torch.log(u))


def clipped_uniform(shape: Any, generator: torch.Generator) -> Tensor:
    """Kept 10⁻³ away from 0 and 1."""
    u = torch.rand(shape, generator=generator, dtype=F64).clamp(1e-3, 1 - 1e-3)
    return -torch.log(-torch.log(u))


def minimum_gumbel(shape: Any, generator: torch.Generator) -> Tensor:
    return -fine(shape, generator)


def one_logarithm(shape: Any, generator: torch.Generator) -> Tensor:
    return -torch.log1p(-torch.rand(shape, generator=generator, dtype=F64))


def normal_noise(shape: Any, generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=F64)


def normal_of_same_moments(shape: Any, generator: torch.Generator) -> Tensor:
    """Mean and variance are those of the Gumbel distribution."""
    return 0.5772156649 + torch.pi / 6**0.5 * torch.randn(shape, generator=generator, dtype=F64)


def centred(shape: Any, generator: torch.Generator) -> Tensor:
    """Euler's constant is subtracted."""
    return fine(shape, generator) - 0.5772156649


def generator_ignored(shape: Any, generator: torch.Generator) -> Tensor:
    u = torch.rand(shape, dtype=F64)
    return -torch.log(-torch.log1p(-u))


def reseeded(shape: Any, generator: torch.Generator) -> Tensor:
    """The same noise at every call, whatever the generator."""
    return fine(shape, torch.Generator().manual_seed(0))


def rows_shared(shape: Any, generator: torch.Generator) -> Tensor:
    """One row of noise for the whole batch."""
    n = len(shape)
    return fine((*(1,) * (n - 1), *shape[-1:]), generator).expand(shape) if n else fine(shape, generator)


def first_axis_shared(shape: Any, generator: torch.Generator) -> Tensor:
    """One batch of noise for all along the first axis."""
    return fine((1, *shape[1:]), generator).expand(shape) if shape else fine(shape, generator)


def noise(wrong: Callable[..., Tensor]) -> Callable[[], dict[str, Callable[..., Any]]]:
    """The contract ``gumbel`` with this noise."""

    def gumbel(shape: Any, *, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
        return wrong(shape, generator).to(dtype)

    return lambda: {"gumbel": gumbel}


def native_noise() -> dict[str, Callable[..., Any]]:
    return {"gumbel": lambda shape, *, generator, dtype: native_uniform(shape, generator, dtype)}


# Gumbel-max --------------------------------------------------------------------------------------


def by_noise(wrong: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def gumbel_max(logits: Tensor, *, generator: torch.Generator) -> Tensor:
        return (logits.double() + wrong(logits.shape, generator)).argmax(-1)

    return gumbel_max


def native_sum(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """Noise and sum in the dtype of the logits."""
    return (logits + native_uniform(logits.shape, generator, logits.dtype)).argmax(-1)


def rounded_noise(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """Good noise, rounded to bfloat16."""
    return (logits.bfloat16() + fine(logits.shape, generator).bfloat16()).argmax(-1)


def probabilities_as_logits(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    return (logits.double().softmax(-1) + fine(logits.shape, generator)).argmax(-1)


def impossible_made_possible(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """−inf is replaced by a number, here too near."""
    return (logits.double().clamp(min=-5) + fine(logits.shape, generator)).argmax(-1)


def impossible_zeroed(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    return (torch.nan_to_num(logits.double(), neginf=0.0) + fine(logits.shape, generator)).argmax(-1)


def centred_by_the_mean(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """Subtracting the mean turns −inf into NaN."""
    x = logits.double()
    return (x - x.mean(-1, keepdim=True) + fine(logits.shape, generator)).argmax(-1)


def float_indices(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    return (logits.double() + fine(logits.shape, generator)).argmax(-1).float()


def greedy(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    return logits.argmax(-1)


def smallest(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """The smallest score of all, the noise subtracted."""
    return (fine(logits.shape, generator) - logits.double()).argmin(-1)


def cumulated_in_16_bits(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """Inverse distribution function with a running sum in bfloat16."""
    c = logits.float().softmax(-1).bfloat16().cumsum(-1).float()
    u = torch.rand((*logits.shape[:-1], 1), generator=generator) * c[..., -1:]
    return torch.searchsorted(c, u, right=True).squeeze(-1).clamp(max=logits.shape[-1] - 1)


# Gumbel-softmax ----------------------------------------------------------------------------------


def relaxed(
    scores: Callable[[Tensor, Tensor, float], Tensor],
    source: Callable[..., Tensor] = fine,
    dim: int = -1,
    hard_of: Callable[[Tensor], Tensor] = lambda y: y.argmax(-1, keepdim=True),
    straight: bool = True,
) -> Callable[..., Tensor]:
    """A Gumbel-softmax from its parts."""

    def gumbel_softmax(logits: Tensor, *, tau: float = 1.0, hard: bool = False, generator: torch.Generator) -> Tensor:
        y = scores(logits.double(), source(logits.shape, generator), tau).softmax(dim)
        if hard:
            one = torch.zeros_like(y).scatter(-1, hard_of(y), 1.0)
            y = one + (y - y.detach()) if straight else one
        return y.to(logits.dtype)

    return gumbel_softmax


def _right(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return (o + g) / tau


def tempered_logits(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return o / tau + g


def tempered_noise(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return o + g / tau


def tempered_twice(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return (o / tau + g) / tau


def multiplied_by_tau(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return (o + g) * tau


def tau_ignored(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return o + g


def relaxed_probabilities(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return (o.softmax(-1) + g) / tau


def noise_forgotten(o: Tensor, g: Tensor, tau: float) -> Tensor:
    return o / tau


def detached_logits(o: Tensor, g: Tensor, tau: float) -> Tensor:
    """The gradient is that of half of the logits."""
    return (o / 2 + o.detach() / 2 + g) / tau


def native_softmax(logits: Tensor, *, tau: float = 1.0, hard: bool = False, generator: torch.Generator) -> Tensor:
    """Everything in the dtype of the logits, as torch does."""
    g = -torch.empty_like(logits).exponential_(generator=generator).log()
    y = ((logits + g) / tau).softmax(-1)
    return torch.zeros_like(y).scatter(-1, y.argmax(-1, keepdim=True), 1.0) - y.detach() + y if hard else y


def uniform_softmax(logits: Tensor, *, tau: float = 1.0, hard: bool = False, generator: torch.Generator) -> Tensor:
    """Uniforms of the dtype of the logits, one in a few thousand of which is 0 or 1."""
    y = ((logits + native_uniform(logits.shape, generator, logits.dtype)) / tau).softmax(-1)
    return torch.zeros_like(y).scatter(-1, y.argmax(-1, keepdim=True), 1.0) - y.detach() + y if hard else y


def detached_soft(logits: Tensor, *, tau: float = 1.0, hard: bool = False, generator: torch.Generator) -> Tensor:
    """With ``hard`` the gradient is cut off, although it exists."""
    y = relaxed(_right)(logits, tau=tau, generator=generator)
    return torch.zeros_like(y).scatter(-1, y.argmax(-1, keepdim=True), 1.0) + 0 * logits.nan_to_num() if hard else y


# Gumbel-top-k ------------------------------------------------------------------------------------


def top_k(pick: Callable[[Tensor, int], Tensor], source: Callable[..., Tensor] = fine) -> Callable[..., Tensor]:
    def gumbel_top_k(logits: Tensor, k: int, *, generator: torch.Generator) -> Tensor:
        return pick(logits.double() + source(logits.shape, generator), k)

    return gumbel_top_k


def ascending(s: Tensor, k: int) -> Tensor:
    return s.topk(k, -1).indices.flip(-1)


def sorted_by_index(s: Tensor, k: int) -> Tensor:
    return s.topk(k, -1).indices.sort(-1).values


def one_less(s: Tensor, k: int) -> Tensor:
    return s.topk(k - 1, -1).indices


def values_returned(s: Tensor, k: int) -> Tensor:
    return s.topk(k, -1).values


def the_smallest(s: Tensor, k: int) -> Tensor:
    return s.topk(k, -1, largest=False).indices


def with_replacement(logits: Tensor, k: int, *, generator: torch.Generator) -> Tensor:
    s = logits.double()[..., None, :]
    return (s + fine((*logits.shape[:-1], k, logits.shape[-1]), generator)).argmax(-1)


def top_of_the_logits(logits: Tensor, k: int, *, generator: torch.Generator) -> Tensor:
    """The first is drawn, the others are the likeliest that remain."""
    first = (logits.double() + fine(logits.shape, generator)).argmax(-1, keepdim=True)
    rest = logits.double().scatter(-1, first, -torch.inf).topk(k - 1, -1).indices
    return torch.cat([first, rest], -1)


# Gaussian and score ------------------------------------------------------------------------------


def gauss(spread: Callable[[Tensor], Tensor], source: Callable[..., Tensor] = normal_noise) -> Callable[..., Tensor]:
    def gaussian(mean: Tensor, std: Tensor, *, generator: torch.Generator) -> Tensor:
        e = source(mean.shape, generator)
        return (mean.double() + spread(std.double()) * e).to(mean.dtype)

    return gaussian


def _uniform_sum(shape: Any, generator: torch.Generator) -> Tensor:
    """Three uniforms, which are never beyond three standard deviations."""
    return 2 * torch.rand((3, *shape), generator=generator, dtype=F64).sum(0) - 3


def _normal_rows_shared(shape: Any, generator: torch.Generator) -> Tensor:
    return torch.randn(shape[-1:], generator=generator, dtype=F64).expand(shape)


def _half_normal(shape: Any, generator: torch.Generator) -> Tensor:
    return normal_noise(shape, generator).abs()


def not_differentiable(mean: Tensor, std: Tensor, *, generator: torch.Generator) -> Tensor:
    """Drawn without a path from the parameters to the sample."""
    return torch.normal(mean.detach().double(), std.detach().double(), generator=generator).to(mean.dtype)


def deviation_detached(mean: Tensor, std: Tensor, *, generator: torch.Generator) -> Tensor:
    e = normal_noise(mean.shape, generator)
    return (mean.double() + std.detach().double() * e + 0 * std.double()).to(mean.dtype)


SCORES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "score with the sign of a loss": lambda lp, r: -(lp * r.detach()).mean(),
    "score with a sum for the mean": lambda lp, r: (lp * r.detach()).sum(),
    "score differentiates the reward": lambda lp, r: (lp * r).mean(),
    "score of probabilities": lambda lp, r: (lp.exp() * r.detach()).mean(),
    "score with centred rewards": lambda lp, r: (lp * (r - r.mean()).detach()).mean(),
    "score with standardised rewards": lambda lp, r: (
        lp * ((r - r.mean()) / (r.std(correction=0) + 1e-8)).detach()
    ).mean(),
    "score over n minus one": lambda lp, r: (lp * r.detach()).sum() / max(len(lp) - 1, 1),
    "score for each sample": lambda lp, r: lp * r.detach(),
}


def _of(contract: str, function: Callable[..., Any]) -> Callable[[], dict[str, Callable[..., Any]]]:
    return lambda: {contract: function}


def _named(function: Callable[..., Any]) -> str:
    return function.__name__.strip("_").replace("_", " ")


WRONG_NOISE = (
    float32_uniform,
    tiny_epsilon,
    epsilon_of_a_millionth,
    epsilon_of_ten_digits,
    clamped_uniform,
    minimum_gumbel,
    one_logarithm,
    normal_noise,
    normal_of_same_moments,
    centred,
    generator_ignored,
    reseeded,
    rows_shared,
    first_axis_shared,
)
WRONG_FOR_MAX = (
    minimum_gumbel,
    one_logarithm,
    normal_noise,
    normal_of_same_moments,
    clipped_uniform,
    generator_ignored,
    reseeded,
    rows_shared,
    first_axis_shared,
)
WRONG_MAX = (
    rounded_noise,
    probabilities_as_logits,
    impossible_made_possible,
    impossible_zeroed,
    centred_by_the_mean,
    float_indices,
    greedy,
    smallest,
    cumulated_in_16_bits,
)
WRONG_SCORES = (
    tempered_logits,
    tempered_noise,
    tempered_twice,
    multiplied_by_tau,
    tau_ignored,
    relaxed_probabilities,
    noise_forgotten,
    detached_logits,
)
WRONG_FOR_RELAXED = (float32_uniform, tiny_epsilon, normal_noise, minimum_gumbel, reseeded, rows_shared)
HALF = {"dtypes": ("float16",)}
BRAIN = {"dtypes": ("bfloat16",)}

BUGS = (
    *(Planted(f"noise: {_named(wrong)}", noise(wrong)) for wrong in WRONG_NOISE),
    Planted("noise: uniform in float16", native_noise, HALF),
    Planted("noise: uniform in bfloat16", native_noise, BRAIN),
    Planted("noise: clamped uniform in float64", noise(clamped_uniform), {"dtypes": ("float64",)}),
    Planted("noise: float32 uniform for float64", noise(float32_uniform), {"dtypes": ("float64",)}),
    *(Planted(f"max: {_named(wrong)}", _of("gumbel_max", by_noise(wrong))) for wrong in WRONG_FOR_MAX),
    *(Planted(f"max: {_named(wrong)}", _of("gumbel_max", wrong)) for wrong in WRONG_MAX),
    Planted("max: native sum in float16", _of("gumbel_max", native_sum), HALF),
    Planted("max: native sum in bfloat16", _of("gumbel_max", native_sum), BRAIN),
    *(Planted(f"relaxed: {_named(wrong)}", _of("gumbel_softmax", relaxed(wrong))) for wrong in WRONG_SCORES),
    *(Planted(f"relaxed: {_named(w)}", _of("gumbel_softmax", relaxed(_right, w))) for w in WRONG_FOR_RELAXED),
    Planted("relaxed: softmax over the batch", _of("gumbel_softmax", relaxed(_right, dim=0))),
    Planted("relaxed: hard without a gradient", _of("gumbel_softmax", relaxed(_right, straight=False))),
    Planted("relaxed: hard with gradient zero", _of("gumbel_softmax", detached_soft)),
    Planted(
        "relaxed: hard from argmin",
        _of("gumbel_softmax", relaxed(_right, hard_of=lambda y: y.argmin(-1, keepdim=True))),
    ),
    Planted("relaxed: uniform in float16", _of("gumbel_softmax", uniform_softmax), HALF),
    *(
        Planted(f"top-k: {_named(wrong)}", _of("gumbel_top_k", top_k(wrong)))
        for wrong in (ascending, sorted_by_index, one_less, values_returned, the_smallest)
    ),
    *(
        Planted(f"top-k: {_named(wrong)}", _of("gumbel_top_k", top_k(lambda s, k: s.topk(k, -1).indices, wrong)))
        for wrong in (normal_noise, minimum_gumbel, rows_shared, reseeded)
    ),
    Planted("top-k: with replacement", _of("gumbel_top_k", with_replacement)),
    Planted("top-k: top of the logits", _of("gumbel_top_k", top_of_the_logits)),
    Planted("gaussian: variance for deviation", _of("gaussian", gauss(torch.square))),
    Planted("gaussian: square root of the deviation", _of("gaussian", gauss(torch.sqrt))),
    Planted("gaussian: log-variance for deviation", _of("gaussian", gauss(lambda s: torch.exp(s / 2)))),
    Planted("gaussian: softplus of the deviation", _of("gaussian", gauss(torch.nn.functional.softplus))),
    Planted("gaussian: sum of uniforms", _of("gaussian", gauss(torch.abs, _uniform_sum))),
    Planted("gaussian: rows shared", _of("gaussian", gauss(torch.abs, _normal_rows_shared))),
    Planted("gaussian: half normal", _of("gaussian", gauss(torch.abs, _half_normal))),
    Planted("gaussian: not differentiable", _of("gaussian", not_differentiable)),
    Planted("gaussian: deviation detached", _of("gaussian", deviation_detached)),
    *(Planted(name, _of("score_surrogate", wrong)) for name, wrong in SCORES.items()),
)


# Correct, but unusual ----------------------------------------------------------------------------


def race(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """The class whose exponential clock rings first."""
    e = -torch.log1p(-torch.rand(logits.shape, generator=generator, dtype=F64))
    weights = torch.exp(logits.double() - logits.double().amax(-1, keepdim=True))
    return (weights / e).argmax(-1)


def inverse_distribution(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    """One uniform a row, looked up in the running sum."""
    c = logits.double().softmax(-1).cumsum(-1)
    u = torch.rand((*logits.shape[:-1], 1), generator=generator, dtype=F64) * c[..., -1:]
    return torch.searchsorted(c, u, right=True).squeeze(-1)


def by_multinomial(logits: Tensor, *, generator: torch.Generator) -> Tensor:
    p = logits.double().softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(p, 1, generator=generator).reshape(logits.shape[:-1])


def numpy_noise(shape: Any, generator: torch.Generator) -> Tensor:
    """Drawn by NumPy, from a seed that the generator gives."""
    seed = int(torch.randint(2**62, (), generator=generator))
    return torch.from_numpy(np.asarray(np.random.default_rng(seed).gumbel(size=tuple(shape))))


def distribution_noise(shape: Any, generator: torch.Generator) -> Tensor:
    """The inverse distribution function of torch.distributions, at float64 uniforms."""
    u = torch.rand(shape, generator=generator, dtype=F64)
    zero, one = torch.zeros((), dtype=F64), torch.ones((), dtype=F64)
    return torch.distributions.Gumbel(zero, one, validate_args=False).icdf(u)


def exponential_noise(shape: Any, generator: torch.Generator) -> Tensor:
    return -torch.empty(shape, dtype=F64).exponential_(generator=generator).log()


def plain_double(shape: Any, generator: torch.Generator) -> Tensor:
    """−log(−log u) as everybody writes it, in float64."""
    return -torch.log(-torch.log(torch.rand(shape, generator=generator, dtype=F64)))


def sorted_clocks(logits: Tensor, k: int, *, generator: torch.Generator) -> Tensor:
    """The k exponential clocks that ring first."""
    e = torch.empty(logits.shape, dtype=F64).exponential_(generator=generator)
    return (e.log() - logits.double()).argsort(-1)[..., :k]


def one_after_the_other(logits: Tensor, k: int, *, generator: torch.Generator) -> Tensor:
    """Each next class is drawn anew from those that remain."""
    remaining, drawn = logits.double(), []
    for _ in range(k):
        drawn.append(race(remaining, generator=generator))
        remaining = remaining.scatter(-1, drawn[-1][..., None], -torch.inf)
    return torch.stack(drawn, -1)


def through_log_softmax(o: Tensor, g: Tensor, tau: float) -> Tensor:
    """Normalised first, which changes nothing."""
    return (o.log_softmax(-1) + g) / tau


def float32_relaxation(logits: Tensor, *, tau: float = 1.0, hard: bool = False, generator: torch.Generator) -> Tensor:
    """Noise rounded to float32, and everything else in float32."""
    y = ((logits.float() + fine(logits.shape, generator).float()) / tau).softmax(-1)
    if hard:
        y = torch.zeros_like(y).scatter(-1, y.argmax(-1, keepdim=True), 1.0) + (y - y.detach())
    return y.to(logits.dtype)


def box_muller(shape: Any, generator: torch.Generator) -> Tensor:
    u, v = torch.rand((2, *shape), generator=generator, dtype=F64)
    return torch.sqrt(-2 * torch.log1p(-u)) * torch.cos(2 * torch.pi * v)


def native_gaussian(mean: Tensor, std: Tensor, *, generator: torch.Generator) -> Tensor:
    return mean + std * torch.randn(mean.shape, generator=generator).to(mean.dtype)


def magic_box(log_prob: Tensor, reward: Tensor) -> Tensor:
    """Its value is the mean reward, its gradient the estimator (as in DiCE)."""
    return ((log_prob - log_prob.detach()).exp() * reward.detach()).mean()


VARIANTS = (
    *(
        Planted(f"noise: {_named(right)}", noise(right))
        for right in (fine, numpy_noise, distribution_noise, exponential_noise, plain_double)
    ),
    Planted("noise: plain double for float64", noise(plain_double), {"dtypes": ("float64", "bfloat16")}),
    *(
        Planted(f"max: {_named(right)}", _of("gumbel_max", right))
        for right in (race, inverse_distribution, by_multinomial, by_noise(numpy_noise))
    ),
    Planted("max: race in 16 bits", _of("gumbel_max", race), {"dtypes": ("bfloat16", "float16")}),
    Planted("relaxed: through log-softmax", _of("gumbel_softmax", relaxed(through_log_softmax))),
    Planted("relaxed: in float32", _of("gumbel_softmax", float32_relaxation)),
    Planted("relaxed: in float32 for bfloat16", _of("gumbel_softmax", float32_relaxation), BRAIN),
    Planted("relaxed: native in float32", _of("gumbel_softmax", native_softmax)),
    Planted("top-k: sorted clocks", _of("gumbel_top_k", sorted_clocks)),
    Planted("top-k: one after the other", _of("gumbel_top_k", one_after_the_other)),
    Planted("gaussian: Box and Muller", _of("gaussian", gauss(torch.abs, box_muller))),
    Planted("gaussian: native", _of("gaussian", native_gaussian)),
    Planted("gaussian: native in bfloat16", _of("gaussian", native_gaussian), BRAIN),
    Planted("score: magic box", _of("score_surrogate", magic_box)),
)

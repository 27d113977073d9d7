# SPDX-License-Identifier: BSD-3-Clause
"""Sampling as a deterministic function of parameters and noise, and gradients of expectations.

Gumbel noise is G = −log(−log U). A float32 uniform cannot represent 1 − U below 2⁻²⁴, so that rare
classes are drawn too seldom or never. Here U = (b + 1/2)/2⁶³ for 63 random bits b, kept exact where it
matters: from the half in which it is small, U itself or 1 − U is formed. E = −log U then lies
between 2⁻⁶⁴ and 64 log 2, so that every draw lies in [−3.80, 44.37]: never infinite, never NaN.

Scores are added and compared in float64 whatever the dtype of the logits, so that float16 and
bfloat16 logits are sampled with the probabilities that they encode. The maps from bits to noise and
to the selected class are public (``gumbel_from_bits``, ``select_from_bits``): the distribution can be
enumerated instead of being estimated from draws.

Sources: Gumbel 1954; Maddison, Tarlow and Minka, arXiv 1411.0030; Jang, Gu and Poole, arXiv
1611.01144; Maddison, Mnih and Teh, arXiv 1611.00712; Su, Scientific Spaces 6705.
"""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any

import numpy as np
from array_api_compat import device, is_jax_array, is_torch_array

from . import _random
from ._arrays import (
    Array,
    Namespace,
    detach,
    dtype_name,
    namespace,
    require_positive,
    require_real,
    require_same_place,
    working_dtype,
)

__all__ = [
    "gaussian",
    "gumbel",
    "gumbel_from_bits",
    "gumbel_max",
    "gumbel_softmax",
    "gumbel_top_k",
    "score_surrogate",
    "select_from_bits",
]

_BLOCK = 1 << 16  # elements drawn and compared at a time, so that they stay in the cache


def gumbel_from_bits(bits: Array) -> Array:
    """The Gumbel noise that 63 random bits stand for: −log(−log((b + 1/2)/2⁶³)) in float64.

    Args:
        bits: int64, 0 ≤ b < 2⁶³.

    Returns:
        float64 of the same shape, within [−3.80, 44.37], increasing with b.

    Claims: :claim:`reparameterization.gumbel`.

    Raises:
        TypeError: ``bits`` is not an array of int64.

    Examples:
        >>> import numpy as np
        >>> gumbel_from_bits(np.asarray([0, 2**62, 2**63 - 1])).round(3).tolist()
        [-3.792, 0.367, 44.361]
    """
    xp = namespace("gumbel_from_bits", "bits", bits)
    if dtype_name(bits) != "int64":
        raise TypeError(f"gumbel_from_bits: bits must have dtype int64, got {dtype_name(bits)}")
    # The half of (0, 1) in which U lies chooses between U and 1 − U, whichever is small. Arithmetic with
    # 0 and 1 takes the place of a branch, several times faster here, and exact as both logarithms are finite.
    upper = bits >> 62
    distance = xp.astype(bits ^ (-upper & (2**63 - 1)), xp.float64)
    distance += 0.5
    distance *= 2.0**-63
    near_one = xp.astype(upper, xp.float64)
    near_zero = 1.0 - near_one
    near_zero *= xp.log(distance)
    near_one *= xp.log1p(-distance)
    near_one += near_zero
    return -xp.log(-near_one)


def select_from_bits(logits: Array, bits: Array) -> Array:
    """The class that :func:`gumbel_max` selects when these are its random bits.

    Args:
        logits: ``(..., classes)``, real, unnormalised log-probabilities; −inf for probability 0.
        bits: int64 of the same shape, 0 ≤ b < 2⁶³.

    Returns:
        int64 ``(...)``, the index of the largest ``logits + gumbel_from_bits(bits)``; the first one
        of equals, which happens with a probability of about 2⁻⁴⁸ a pair.

    Claims: :claim:`reparameterization.gumbel-max`.

    Raises:
        TypeError, ValueError: as :func:`gumbel_max`.

    Examples:
        >>> import numpy as np
        >>> int(select_from_bits(np.asarray([0.0, 0.0]), np.asarray([5, 6])))
        1
    """
    xp = _check_logits("select_from_bits", logits)
    if tuple(bits.shape) != tuple(logits.shape):
        raise ValueError(
            f"select_from_bits: bits must have the shape of logits {tuple(logits.shape)}, got {tuple(bits.shape)}"
        )
    return _like(logits, xp.argmax(xp.astype(logits, xp.float64) + gumbel_from_bits(bits), axis=-1))


def gumbel(shape: int | tuple[int, ...], *, generator: Any, dtype: Any = None) -> Array:
    """Standard Gumbel noise, P(G ≤ x) = exp(−exp(−x)), never infinite and never NaN.

    Args:
        shape: of the result.
        generator: ``numpy.random.Generator``, ``torch.Generator`` or JAX key; decides backend and
            device, and is advanced by one 64-bit word an element.
        dtype: floating dtype of the backend, or its name; float64 is drawn and rounded once.
            The backend's default floating dtype otherwise.

    Claims: :claim:`reparameterization.gumbel`, :claim:`reparameterization.gumbel-difference-logistic`.

    Raises:
        TypeError: not a generator, or ``dtype`` not a real floating one.

    Examples:
        >>> import numpy as np
        >>> gumbel((2, 3), generator=np.random.default_rng(0)).shape
        (2, 3)
    """
    xp = _random.backend("gumbel", generator)
    size = (index(shape),) if hasattr(shape, "__index__") else tuple(index(n) for n in shape)
    if dtype is None:
        dtype = xp.__array_namespace_info__().default_dtypes()["real floating"]
    elif isinstance(dtype, str):
        dtype = getattr(xp, dtype)
    if not xp.isdtype(dtype, "real floating"):
        raise TypeError(f"gumbel: dtype must be a real floating dtype, got {dtype}")
    noise = gumbel_from_bits(_random.bits63(generator, size))
    return xp.asarray(noise, dtype=dtype)


def gumbel_max(logits: Array, *, generator: Any) -> Array:
    """Sample one class a row: argmax_i (logits_i + G_i) has the law softmax(logits).

    A class of probability p is drawn with probability p(1 + ε), |ε| < 10⁻⁵ for every p ≥ 2⁻⁴⁰ and every
    dtype of the logits; a class of logit −inf never wins. The sample is a pure function of logits and
    random bits (:func:`select_from_bits`).

    Args:
        logits: ``(..., classes)`` of float16, bfloat16, float32 or float64, unnormalised.
        generator: of the backend and device of ``logits``; advanced by one word an element.

    Returns:
        int64 ``(...)``, on the device of ``logits``.

    Claims: :claim:`reparameterization.gumbel-max`, :claim:`reparameterization.gumbel-shift`,
    :claim:`reparameterization.exponential-race`, :claim:`reparameterization.gumbel-max-stability`.

    Raises:
        TypeError: unsupported dtype; generator of another backend.
        ValueError: no class, NaN or +inf among the logits, a row that is −inf throughout.

    Examples:
        >>> import numpy as np
        >>> logits = np.asarray([[-np.inf, 0.0], [0.0, -np.inf]])
        >>> gumbel_max(logits, generator=np.random.default_rng(0)).tolist()
        [1, 0]
    """
    xp = _check_logits("gumbel_max", logits)
    classes, rows = logits.shape[-1], prod(logits.shape[:-1])
    step = max(1, _BLOCK // classes)
    if rows <= step or str(device(logits)) != "cpu" or is_jax_array(logits):
        return _like(logits, xp.argmax(_perturbed("gumbel_max", xp, logits, generator), axis=-1))
    flat = xp.reshape(detach(logits), (rows, classes))
    selected = xp.empty((rows,), dtype=xp.int64)
    for start in range(0, rows, step):
        block = slice(start, start + step)
        selected[block] = xp.argmax(_perturbed("gumbel_max", xp, flat[block, :], generator), axis=-1)
    return xp.reshape(selected, logits.shape[:-1])


def gumbel_softmax(logits: Array, *, tau: float = 1.0, hard: bool = False, generator: Any) -> Array:
    """Relaxed one-hot sample softmax((logits + G)/tau), differentiable in the logits.

    From the same generator state its largest entry is the class that :func:`gumbel_max` draws,
    whatever ``tau`` (in 16 bits, rounding may tie entries of the soft sample; the hard one is exact).
    It is a biased stand-in for a one-hot sample in every other respect.

    Args:
        logits: as for :func:`gumbel_max`.
        tau: temperature, finite and greater than 0.
        hard: return the exact one-hot vector, with the gradient of the soft one (straight through).
        generator: as for :func:`gumbel_max`.

    Returns:
        The shape and dtype of ``logits``; computed in float64, rounded once.

    Claims: :claim:`reparameterization.gumbel-softmax`, :claim:`reparameterization.gs-argmax-exact`,
    :claim:`reparameterization.gs-limits`, :claim:`reparameterization.gs-mean-biased`,
    :claim:`reparameterization.straight-through-bias`.

    Raises:
        TypeError, ValueError: as :func:`gumbel_max`; ``tau`` not finite or not greater than 0.

    Examples:
        >>> import numpy as np
        >>> y = gumbel_softmax(np.zeros(4), tau=0.5, hard=True, generator=np.random.default_rng(0))
        >>> sorted(y.tolist())
        [0.0, 0.0, 0.0, 1.0]
    """
    temperature = require_positive("gumbel_softmax", "tau", tau)
    xp = _check_logits("gumbel_softmax", logits)
    scores = _perturbed("gumbel_softmax", xp, logits, generator)
    largest = detach(xp.max(scores, axis=-1, keepdims=True))
    weights = xp.exp((scores - largest) / temperature)
    soft = xp.astype(weights / xp.sum(weights, axis=-1, keepdims=True), logits.dtype)
    if not hard:
        return soft
    classes = xp.arange(logits.shape[-1], device=device(logits))
    one_hot = xp.astype(xp.argmax(scores, axis=-1)[..., None] == classes, logits.dtype)
    return one_hot + (soft - detach(soft))  # the bracket is exactly 0 and carries the gradient


def gumbel_top_k(logits: Array, k: int, *, generator: Any) -> Array:
    """Sample ``k`` different classes a row without replacement, in the order of their being drawn.

    The k largest perturbed logits in descending order follow the Plackett–Luce law: each next class
    is drawn with the probabilities of those that remain. The first one is what :func:`gumbel_max`
    draws from the same generator state.

    Args:
        logits: as for :func:`gumbel_max`.
        k: 0 ≤ k ≤ number of classes with probability greater than 0 in every row.
        generator: as for :func:`gumbel_max`.

    Returns:
        int64 ``(..., k)``.

    Claims: :claim:`reparameterization.gumbel-top-k`. Source: Kool, van Hoof and Welling, arXiv 1903.06059.

    Raises:
        TypeError, ValueError: as :func:`gumbel_max`; ``k`` not an integer or out of range.

    Examples:
        >>> import numpy as np
        >>> sorted(gumbel_top_k(np.zeros(3), 3, generator=np.random.default_rng(0)).tolist())
        [0, 1, 2]
    """
    xp = _check_logits("gumbel_top_k", logits)
    try:
        count = index(k)
    except TypeError:
        raise TypeError(f"gumbel_top_k: k must be an integer, got {k!r}") from None
    possible = xp.sum(xp.astype(logits > -xp.inf, xp.int64), axis=-1)
    least = int(xp.min(possible)) if possible.size and 0 not in possible.shape else logits.shape[-1]
    if not 0 <= count <= least:
        raise ValueError(
            f"gumbel_top_k: k must be between 0 and {least}, the number of classes with probability > 0, got {count}"
        )
    scores = detach(_perturbed("gumbel_top_k", xp, logits, generator))
    if is_torch_array(scores):
        return scores.topk(count, dim=-1).indices
    return _like(logits, xp.argsort(scores, axis=-1, descending=True, stable=True)[..., :count])


def gaussian(mean: Array, std: Array, *, generator: Any) -> Array:
    """Sample N(mean, std²) as mean + std · ε, differentiable in both.

    Args:
        mean: real floating array.
        std: array of the same dtype that broadcasts with ``mean``, finite, ≥ 0 (0 gives the mean).
        generator: of the backend and device of ``mean``.

    Returns:
        The broadcast shape, the dtype of ``mean``; ε is drawn in float64, 16-bit input is computed in
        float32 and rounded once.

    Claims: :claim:`reparameterization.gaussian`. Source: Kingma and Welling, arXiv 1312.6114, section 2.4.

    Raises:
        TypeError: unsupported or different dtypes, arrays or generator of different backends.
        ValueError: std negative, infinite or NaN, shapes that do not broadcast, two devices.

    Examples:
        >>> import numpy as np
        >>> gaussian(np.asarray([1.0, 2.0]), np.asarray([0.0, 0.0]), generator=np.random.default_rng(0)).tolist()
        [1.0, 2.0]
    """
    xp = namespace("gaussian", "mean", mean)
    namespace("gaussian", "std", std)
    for argument, x in (("mean", mean), ("std", std)):
        require_real("gaussian", argument, x)
    require_same_place("gaussian", "std", std, "mean", mean)
    _random.check_generator("gaussian", generator, "mean", mean)
    if mean.dtype != std.dtype:
        raise TypeError(f"gaussian: mean and std must have one dtype, got {dtype_name(mean)} and {dtype_name(std)}")
    if not bool(xp.all((std >= 0) & (std < xp.inf))):
        raise ValueError("gaussian: std must be finite and at least 0 everywhere")
    working = working_dtype(xp, mean)
    center, spread = xp.astype(mean, working, copy=False), xp.astype(std, working, copy=False)
    shape = _broadcast("gaussian", tuple(mean.shape), tuple(std.shape))
    noise = xp.astype(_random.normal(generator, shape, mean), working, copy=False)
    return xp.astype(center + spread * noise, mean.dtype, copy=False)


def score_surrogate(log_prob: Array, reward: Array) -> Array:
    """Scalar whose gradient is the score-function estimate of ∇ E[reward]: mean(log_prob · reward).

    ``reward`` is a constant for differentiation. Ascend this scalar to increase the expected reward;
    its value has no meaning of its own. The estimate is unbiased where the support does not depend on
    the parameters.

    Args:
        log_prob: log-probabilities of the samples, real floating, any non-empty shape.
        reward: of the same shape and dtype, one a sample.

    Returns:
        0-d array of the dtype of ``log_prob``; 16-bit input is summed in float32.

    Claims: :claim:`reparameterization.score-estimator`, :claim:`reparameterization.score-mean-zero`,
    :claim:`reparameterization.score-moving-support`.

    Raises:
        TypeError: unsupported or different dtypes. ValueError: different shapes, no sample, two devices.

    Examples:
        >>> import numpy as np
        >>> float(score_surrogate(np.asarray([-1.0, -2.0]), np.asarray([3.0, 0.0])))
        -1.5
    """
    xp = namespace("score_surrogate", "log_prob", log_prob)
    namespace("score_surrogate", "reward", reward)
    for argument, x in (("log_prob", log_prob), ("reward", reward)):
        require_real("score_surrogate", argument, x)
    require_same_place("score_surrogate", "reward", reward, "log_prob", log_prob)
    shape = tuple(log_prob.shape)
    if shape != tuple(reward.shape):
        raise ValueError(f"score_surrogate: reward must have the shape of log_prob {shape}, got {tuple(reward.shape)}")
    if log_prob.dtype != reward.dtype:
        raise TypeError(
            f"score_surrogate: reward must have the dtype of log_prob {dtype_name(log_prob)}, got {dtype_name(reward)}"
        )
    if 0 in shape:
        raise ValueError(f"score_surrogate: log_prob must hold at least one sample (log_prob.shape = {shape})")
    working = working_dtype(xp, log_prob)
    scores, weights = (xp.astype(x, working, copy=False) for x in (log_prob, detach(reward)))
    return _like(log_prob, xp.astype(xp.mean(scores * weights), log_prob.dtype, copy=False))


def _perturbed(name: str, xp: Namespace, logits: Array, generator: Any) -> Array:
    """logits + G in float64 (in float32 on JAX where 64 bits are not enabled)."""
    _random.check_generator(name, generator, "logits", logits)
    noise = gumbel_from_bits(_random.bits63(generator, tuple(logits.shape), logits))
    if is_jax_array(logits):
        noise = xp.asarray(noise)
    return xp.astype(logits, noise.dtype, copy=False) + noise


def _check_logits(name: str, logits: Array) -> Namespace:
    xp = namespace(name, "logits", logits)
    require_real(name, "logits", logits)
    shape = tuple(logits.shape)
    if not shape or shape[-1] == 0:
        raise ValueError(f"{name}: logits must have shape (..., classes) with at least one class, got {shape}")
    if 0 in shape:
        return xp
    largest = xp.max(detach(logits), axis=-1)  # NaN where the row holds one
    if bool(xp.any(xp.isnan(largest))):
        raise ValueError(f"{name}: logits must not be NaN")
    if bool(xp.any(largest == xp.inf)):
        raise ValueError(f"{name}: logits must be less than +inf")
    if bool(xp.any(largest == -xp.inf)):
        raise ValueError(f"{name}: logits must have a finite entry in every row, got a row of -inf")
    return xp


def _broadcast(name: str, mean: tuple[int, ...], std: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(mean, std)
    except ValueError:
        raise ValueError(f"{name}: mean and std must broadcast, got shapes {mean} and {std}") from None


def _like(x: Array, result: Array) -> Array:
    """The result as an array even where NumPy returns a scalar."""
    if is_torch_array(x) or is_jax_array(x):
        return result
    return np.asarray(result)

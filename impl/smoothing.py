# SPDX-License-Identifier: BSD-3-Clause
"""Smooth stand-ins for maximum, argmax, absolute value, rank, sorting, rounding down, accuracy, F1 and Dice.

``sharpness`` k > 0 is an inverse temperature: the limit k → ∞ is the function that is smoothed, and
1/k the scale on which it is. ``tau`` is a temperature, 1/k. Everything is computed in float64 and
rounded once to the dtype of the input, differentiable, and works along the last axis.
"""

from __future__ import annotations

import numpy as np
from array_api_compat import device

from ._arrays import Array, detach, require_positive
from ._rounding import periodic_floor
from ._smooth_abs import FORMS
from ._soft_rows import away, leader, soft_weights
from ._surrogates import counts, true_class
from ._wide import require_row, rounded, widened

__all__ = [
    "boltzmann_max",
    "neural_sort",
    "smooth_abs",
    "smooth_floor",
    "smooth_max",
    "soft_accuracy",
    "soft_argmax",
    "soft_dice",
    "soft_f1",
    "soft_onehot",
    "soft_rank",
]


def smooth_max(x: Array, *, sharpness: float) -> Array:
    """Log-sum-exp, LSE_k(x) = (1/k) log Σ e^(k xᵢ): above the maximum, by at most (log n)/k.

    As max + log1p(Σ of the others)/k, so that nothing overflows and an excess over the maximum that is
    far below 1/k keeps its digits. The smooth minimum is −smooth_max(−x). Entries −inf drop out; a row
    of them gives −inf, a row with +inf gives +inf. The gradient is ``soft_onehot``.

    Args:
        x: ``(..., n)``, real floating, n ≥ 1.
        sharpness: k > 0.

    Returns:
        ``(...)``, the dtype of x.

    Claims: :claim:`smoothing.lse-sandwich`, :claim:`smoothing.lse-calculus`, :claim:`smoothing.k-equals-one`,
    :claim:`smoothing.softplus`, :claim:`smoothing.min`, :claim:`smoothing.nesterov`.

    Raises:
        TypeError: no real floating array. ValueError: an empty row, sharpness not finite and positive.

    Examples:
        >>> smooth_max(np.asarray([1000.0, 1000.0]), sharpness=1.0)
        array(1000.69314718)
    """
    k = require_positive("smooth_max", "sharpness", sharpness)
    require_row("smooth_max", "x", x)
    xp, wide = widened("smooth_max", "x", x)
    with np.errstate(all="ignore"):
        first, m = leader(xp, wide)
        exponentials = xp.where(first, 0.0, xp.exp(k * away(xp, wide, m)))
        return rounded(xp, m + xp.log1p(xp.sum(exponentials, axis=-1)) / k, x)


def boltzmann_max(x: Array, *, sharpness: float) -> Array:
    """The mean of x under softmax(kx), B_k(x): below the maximum, by at most (log n)/k; not monotone.

    As max + Σ sᵢ (xᵢ − max). Entries −inf have weight 0. For two numbers, x and 0, it is SiLU at k = 1.

    Args:
        x: ``(..., n)``, real floating, n ≥ 1.
        sharpness: k > 0.

    Returns:
        ``(...)``, the dtype of x.

    Claims: :claim:`smoothing.boltzmann`, :claim:`smoothing.boltzmann-monotone`, :claim:`smoothing.lse-entropy`.

    Raises:
        TypeError: no real floating array. ValueError: an empty row, sharpness not finite and positive.

    Examples:
        >>> boltzmann_max(np.asarray([3.0, 3.0, 3.0]), sharpness=2.0)
        array(3.)
    """
    k = require_positive("boltzmann_max", "sharpness", sharpness)
    require_row("boltzmann_max", "x", x)
    xp, wide = widened("boltzmann_max", "x", x)
    with np.errstate(all="ignore"):
        _, m = leader(xp, wide)
        weights = soft_weights(xp, wide, k)
        distance = xp.where(weights > 0, away(xp, wide, m), 0.0)  # −inf · 0 is NaN
        mean = m + xp.sum(weights * distance, axis=-1)
        return rounded(xp, xp.where(xp.isfinite(m), mean, m), x)


def soft_onehot(x: Array, *, sharpness: float) -> Array:
    """softmax(kx): tends to the one-hot argmax where the maximiser is unique, else to 1/m on the m maximisers.

    A row of nothing but −inf, or with +inf, gives NaN.

    Args:
        x: ``(..., n)``, real floating, n ≥ 1.
        sharpness: k > 0.

    Returns:
        shape and dtype of x.

    Claims: :claim:`smoothing.softmax-derivation`, :claim:`smoothing.softmax-onehot`,
    :claim:`smoothing.softmax-is-soft-max`, :claim:`smoothing.softmax-half-lipschitz`.

    Raises:
        TypeError: no real floating array. ValueError: an empty row, sharpness not finite and positive.

    Examples:
        >>> soft_onehot(np.asarray([0.0, 1000.0]), sharpness=1.0)
        array([0., 1.])
    """
    k = require_positive("soft_onehot", "sharpness", sharpness)
    require_row("soft_onehot", "x", x)
    xp, wide = widened("soft_onehot", "x", x)
    with np.errstate(all="ignore"):
        return rounded(xp, soft_weights(xp, wide, k), x)


def soft_argmax(x: Array, *, sharpness: float) -> Array:
    """Σ i softmax(kx)ᵢ, indices from 0: near the argmax only where the maximiser is unique.

    Args:
        x: ``(..., n)``, real floating, n ≥ 1.
        sharpness: k > 0.

    Returns:
        ``(...)``, the dtype of x.

    Claims: :claim:`smoothing.softargmax`.

    Raises:
        TypeError: no real floating array. ValueError: an empty row, sharpness not finite and positive.

    Examples:
        >>> soft_argmax(np.asarray([10.0, 0.0, 10.0]), sharpness=1.0)
        array(1.)
    """
    k = require_positive("soft_argmax", "sharpness", sharpness)
    n = require_row("soft_argmax", "x", x)
    xp, wide = widened("soft_argmax", "x", x)
    with np.errstate(all="ignore"):
        weights = soft_weights(xp, wide, k)
        index = xp.astype(xp.arange(n, device=device(x)), wide.dtype)
        return rounded(xp, xp.sum(weights * index, axis=-1), x)


def smooth_abs(x: Array, *, sharpness: float, form: str = "log_cosh") -> Array:
    """A smooth |x|, within a multiple of 1/k of it, in one of four forms.

    ``"log_cosh"``: (2/k) log cosh(kx/2), the integral of 2σ(kx) − 1; 0 at 0, below |x| by at most 1.39/k.
    ``"log_sum"``: (1/k) log(e^(kx) + e^(−kx)), above by at most 0.69/k. ``"root"``: √(x² + 1/k²), above by
    at most 1/k. ``"erf"``: x erf(kx), below by at most 0.241/k (one number at a time on NumPy).

    Args:
        x: any shape, real floating.
        sharpness: k > 0.
        form: one of the four.

    Returns:
        shape and dtype of x.

    Claims: :claim:`smoothing.abs-logistic`, :claim:`smoothing.abs-variants`.

    Raises:
        TypeError: no real floating array. ValueError: unknown form, sharpness not finite and positive.

    Examples:
        >>> smooth_abs(np.asarray([0.0, -100.0]), sharpness=2.0).tolist()
        [0.0, 99.30685281944005]
        >>> smooth_abs(np.asarray([0.0, 3.0]), sharpness=0.25, form="root").tolist()
        [4.0, 5.0]
    """
    k = require_positive("smooth_abs", "sharpness", sharpness)
    if form not in FORMS:
        raise ValueError(f"smooth_abs: form must be one of {', '.join(FORMS)}, got {form!r}")
    xp, wide = widened("smooth_abs", "x", x)
    with np.errstate(all="ignore"):
        return rounded(xp, FORMS[form](xp, wide, k), x)


def soft_accuracy(probs: Array, labels: Array) -> Array:
    """The mean probability of the true class: accuracy where every row of ``probs`` is one-hot.

    Args:
        probs: ``(n, classes)``, real floating, n ≥ 1.
        labels: ``(n,)`` integers from 0 to classes − 1.

    Returns:
        0-d, the dtype of ``probs``.

    Claims: :claim:`smoothing.acc-soft`, :claim:`smoothing.surrogate-monotone`.

    Raises:
        TypeError: other dtypes. ValueError: other shapes, no sample, a label out of range.

    Examples:
        >>> soft_accuracy(np.asarray([[0.75, 0.25], [0.5, 0.5]]), np.asarray([0, 1]))
        array(0.625)
    """
    xp, wide = widened("soft_accuracy", "probs", probs)
    return rounded(xp, xp.mean(true_class(xp, wide, labels)), probs)


def soft_f1(probs: Array, labels: Array, *, zero_division: float = 1.0) -> Array:
    """2 Σ py / Σ (p + y): F1 with soft counts, hard F1 where p and y are 0 or 1.

    It is 0/0 where all probabilities and labels are 0: then ``zero_division``, by default 1, to which Dice with a
    small ε tends as well. It is no mean over samples: the mean over batches is another number.

    Args:
        probs: any shape, real floating, probabilities of the positive class.
        labels: the same shape, 0 or 1 (or between), floating, integer or boolean.
        zero_division: the value of 0/0, with gradient 0.

    Returns:
        0-d, the dtype of ``probs``.

    Claims: :claim:`smoothing.f1`, :claim:`smoothing.f1-gradient`, :claim:`smoothing.f1-minibatch-bias`.

    Raises:
        TypeError: other dtypes. ValueError: different shapes.

    Examples:
        >>> soft_f1(np.asarray([1.0, 1.0, 0.0, 0.0]), np.asarray([1, 0, 0, 1]))
        array(0.5)
    """
    xp, wide = widened("soft_f1", "probs", probs)
    overlap, mass, _ = counts(xp, wide, labels, "soft_f1", "labels")
    defined = mass != 0
    quotient = 2 * overlap / xp.where(defined, mass, 1.0)
    return rounded(xp, xp.where(defined, quotient, xp.full_like(quotient, zero_division)), probs)


def soft_dice(probs: Array, target: Array, *, eps: float) -> Array:
    """The Dice loss 1 − (2 Σ py + ε)/(Σ (p + y) + ε), over all entries together.

    The value as Σ (p(1 − y) + (1 − p)y)/(Σ (p + y) + ε), which is the same and does not cancel where the loss is small;
    its derivative would cancel where the loss is near 1, so that the gradient is that of the first form.

    Args:
        probs: any shape, real floating, probabilities of the foreground.
        target: the same shape, 0 or 1 (or between), floating, integer or boolean.
        eps: ε > 0; with it the loss of two empty masks is 0.

    Returns:
        0-d, the dtype of ``probs``.

    Claims: :claim:`smoothing.f1`.

    Raises:
        TypeError: other dtypes. ValueError: different shapes, eps not finite and positive.

    Examples:
        >>> soft_dice(np.asarray([1.0, 0.0]), np.asarray([1, 1]), eps=1.0)
        array(0.25)
    """
    epsilon = require_positive("soft_dice", "eps", eps)
    xp, wide = widened("soft_dice", "probs", probs)
    overlap, mass, apart = counts(xp, wide, target, "soft_dice", "target")
    score = (2 * overlap + epsilon) / (mass + epsilon)
    return rounded(xp, detach(apart / (mass + epsilon)) + (detach(score) - score), probs)


def soft_rank(scores: Array, *, tau: float) -> Array:
    """Smooth descending ranks, 1 + Σ_{j≠i} σ((sⱼ − sᵢ)/τ): near 1 for the largest score, near n for the least.

    As (n + 1)/2 + ½ Σ tanh((sⱼ − sᵢ)/2τ), so that the ranks add up to n(n + 1)/2. Equal scores share a rank. Takes
    memory for n × n numbers a row. (Qin, Liu, Li 2010.)

    Args:
        scores: ``(..., n)``, real floating, finite, n ≥ 1.
        tau: temperature τ > 0.

    Returns:
        shape and dtype of ``scores``.

    Claims: :claim:`smoothing.floor` (the distance of a logistic step from a step).

    Raises:
        TypeError: no real floating array. ValueError: an empty row, tau not finite and positive.

    Examples:
        >>> soft_rank(np.asarray([0.5, 9.0, 0.5]), tau=0.01).tolist()
        [2.5, 1.0, 2.5]
    """
    temperature = require_positive("soft_rank", "tau", tau)
    n = require_row("soft_rank", "scores", scores)
    xp, wide = widened("soft_rank", "scores", scores)
    with np.errstate(all="ignore"):
        ahead = (wide[..., None, :] - wide[..., :, None]) / (2 * temperature)
        return rounded(xp, (n + 1) / 2 + xp.sum(xp.tanh(ahead), axis=-1) / 2, scores)


def neural_sort(scores: Array, *, tau: float) -> Array:
    """A soft permutation matrix that sorts descending: row i is softmax(((n + 1 − 2i)s − A 1)/τ), i from 1.

    Aₗⱼ = |sₗ − sⱼ|. Every row adds up to 1, and its largest entry is at the i-th largest score; multiplied with
    the scores it sorts them. Row i does not change when the scores are shifted, so they are
    taken relative to the largest. (Grover, Wang, Zweig, Ermon 2019.)

    Args:
        scores: ``(..., n)``, real floating, finite, n ≥ 1.
        tau: temperature τ > 0.

    Returns:
        ``(..., n, n)``, the dtype of ``scores``.

    Claims: :claim:`smoothing.softmax-derivation`, :claim:`smoothing.softmax-onehot`.

    Raises:
        TypeError: no real floating array. ValueError: an empty row, tau not finite and positive.

    Examples:
        >>> neural_sort(np.asarray([1.0, 3.0, 2.0]), tau=0.001).tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    temperature = require_positive("neural_sort", "tau", tau)
    n = require_row("neural_sort", "scores", scores)
    xp, wide = widened("neural_sort", "scores", scores)
    with np.errstate(all="ignore"):
        apart = xp.sum(xp.abs(wide[..., None, :] - wide[..., :, None]), axis=-1)
        lead = xp.astype(n - 1 - 2 * xp.arange(n, device=device(scores)), wide.dtype)
        _, m = leader(xp, wide)
        logits = lead[:, None] * (wide - m[..., None])[..., None, :] - apart[..., None, :]
        return rounded(xp, soft_weights(xp, logits, 1 / temperature), scores)


def smooth_floor(x: Array, *, sharpness: float) -> Array:
    """Σ_{n≤0} (σ(k(x − n)) − 1) + Σ_{n≥1} σ(k(x − n)): every step of ⌊x⌋ becomes a sigmoid.

    f(x + 1) = f(x) + 1, so only the fraction v of x is needed. For large k few terms of the sum differ
    from 0; for small k its Fourier series, x − ½ + Σ (2π/k) sin(2πmx)/sinh(2π²m/k), converges as fast. They meet
    at k = √2 π, where 10 terms of either leave less than 2⁻⁶⁰: no sum is cut short.

    Args:
        x: any shape, real floating; ±inf stays.
        sharpness: k > 0.

    Returns:
        shape and dtype of x.

    Claims: :claim:`smoothing.floor`, :claim:`smoothing.floor-double-count`.

    Raises:
        TypeError: no real floating array. ValueError: sharpness not finite and positive.

    Examples:
        >>> smooth_floor(np.asarray([2.5, -0.75, 3.0]), sharpness=200.0).tolist()
        [2.0, -1.0, 2.5]
    """
    k = require_positive("smooth_floor", "sharpness", sharpness)
    xp, wide = widened("smooth_floor", "x", x)
    with np.errstate(all="ignore"):
        return rounded(xp, periodic_floor(xp, wide, k), x)

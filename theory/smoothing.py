# SPDX-License-Identifier: BSD-3-Clause
"""Claims of the topic ``smoothing``."""

from __future__ import annotations

from . import smoothing_abs as absolute
from . import smoothing_floor as rounding
from . import smoothing_kernels as kernels
from . import smoothing_max as maxima
from . import smoothing_powers as powers
from . import smoothing_rivals as rivals
from . import smoothing_scores as scores
from . import smoothing_softmax as softmax
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    maxima.MAX_IDENTITY,
    maxima.MAX_ABS_SUM,
    maxima.LSE_SANDWICH,
    maxima.LSE_CALCULUS,
    maxima.K_EQUALS_ONE,
    maxima.SOFTPLUS,
    maxima.MIN,
    rivals.LSE_ENTROPY,
    rivals.BOLTZMANN,
    rivals.BOLTZMANN_MONOTONE,
    powers.POWER_MEAN,
    powers.GENERAL_RECIPE,
    rivals.NESTEROV,
    softmax.SOFTMAX_DERIVATION,
    softmax.SOFTMAX_ONEHOT,
    softmax.SOFTMAX_IS_SOFT_MAX,
    softmax.SOFTMAX_HALF_LIPSCHITZ,
    softmax.SOFTARGMAX,
    scores.CE_VS_ACCURACY,
    scores.SURROGATE_MONOTONE,
    scores.ACCURACY_FLAT,
    scores.ACC_SOFT,
    scores.F1,
    scores.F1_GRADIENT,
    scores.F1_MINIBATCH_BIAS,
    absolute.ABS_LOGISTIC,
    absolute.ABS_VARIANTS,
    kernels.DIRAC_RECIPE,
    kernels.DIRAC_GAUSSIAN_RELU,
    kernels.DIRAC_LOGISTIC_RELU,
    kernels.DIRAC_CAUCHY,
    kernels.XTHETA,
    kernels.GELU_KERNEL,
    kernels.SMU_ACON,
    kernels.SIGMOID_TYPO,
    rounding.FLOOR,
    rounding.FLOOR_DOUBLE_COUNT,
)

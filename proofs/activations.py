# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of the topic ``activations``."""

from __future__ import annotations

from collections.abc import Callable

from ..theory.claim import Sequent
from . import activations_rectifiers, activations_sigmoids
from .kernel import Theorem

PROOFS: dict[str, Callable[[Sequent], Theorem]] = {**activations_sigmoids.PROOFS, **activations_rectifiers.PROOFS}

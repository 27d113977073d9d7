# SPDX-License-Identifier: BSD-3-Clause
"""The kernel under automatic differentiation: the gradient of a rotation is the opposite rotation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

Turn = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


class Rotation(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """``turn(x, cosine, sine)``, linear in x; the backward pass goes through ``turn`` and so has gradients too."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor, turn: Turn) -> torch.Tensor:
        ctx.save_for_backward(cosine, sine)
        ctx.turn = turn
        return turn(x, cosine, sine)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        cosine, sine = ctx.saved_tensors
        return ctx.turn(upstream[0], cosine, -sine), None, None, None


rotation: Any = Rotation.apply

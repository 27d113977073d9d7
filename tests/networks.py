# SPDX-License-Identifier: BSD-3-Clause
"""Well-known networks, written from their papers: the layers that matter for what an output sees, few channels.

Sources: VGG (Simonyan and Zisserman 2015, table 1, D), ResNet (He et al. 2016, table 1; in v1.5 the stride of a
bottleneck is on its 3 × 3, Goyal et al. 2017), U-Net (Ronneberger et al. 2015, with padded convolutions), ASPP
(Chen et al., DeepLab v3, 2017), WaveNet (van den Oord et al. 2016), TCN (Bai et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH = 2


def conv(kernel: int, stride: int = 1, inputs: int = WIDTH, outputs: int = WIDTH) -> nn.Sequential:
    """Convolution, normalisation, activation."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    """A body beside a shortcut."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + self.shortcut(x))


def basic(stride: int) -> Residual:
    return Residual(nn.Sequential(conv(3, stride), conv(3)), conv(1, stride) if stride > 1 else nn.Identity())


def bottleneck(stride: int, version: str) -> Residual:
    first, middle = (stride, 1) if version == "v1" else (1, stride)
    body = nn.Sequential(conv(1, first), conv(3, middle), conv(1))
    return Residual(body, conv(1, stride) if stride > 1 else nn.Identity())


BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet(depth: int, version: str = "v1", *, head: bool = False) -> nn.Module:
    """A ResNet up to its last block; with ``head`` also the global pool and the classifier, as functions."""
    layers: list[nn.Module] = [conv(7, 2, 3), nn.MaxPool2d(3, 2, 1)]
    for stage, blocks in enumerate(BLOCKS[depth]):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            layers.append(basic(stride) if depth == 18 else bottleneck(stride, version))
    body = nn.Sequential(*layers).eval()
    return Classifier(body).eval() if head else body


class Classifier(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body, self.head = body, nn.Linear(WIDTH, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.body(x), 1), 1))


class VGG16(nn.Module):
    """Pools are calls of functions: a walk over modules does not see them."""

    def __init__(self) -> None:
        super().__init__()
        stages, inputs = [], 3
        for count in (2, 2, 3, 3, 3):
            stages.append(nn.ModuleList())
            for _ in range(count):
                stages[-1].append(nn.Conv2d(inputs, WIDTH, 3, padding=1))
                inputs = WIDTH
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.stages:
            for convolution in stage:
                x = F.relu(convolution(x))
            x = F.max_pool2d(x, 2)
        return x


class UNet(nn.Module):
    """Four times down and up, skips concatenated; ``up`` is a transposed convolution 2 × 2 or bilinear resizing."""

    def __init__(self, depth: int = 4, up: str = "transposed") -> None:
        super().__init__()
        self.depth, self.up = depth, up
        self.down = nn.ModuleList(self.double(3 if not level else WIDTH) for level in range(depth))
        self.bottom = self.double(WIDTH)
        self.ups = nn.ModuleList(nn.ConvTranspose2d(WIDTH, WIDTH, 2, 2) for _ in range(depth))
        self.back = nn.ModuleList(self.double(2 * WIDTH) for _ in range(depth))
        self.head = nn.Conv2d(WIDTH, 1, 1)

    @staticmethod
    def double(inputs: int) -> nn.Sequential:
        return nn.Sequential(conv(3, inputs=inputs), conv(3))

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for level in range(self.depth):
            skip = skips.pop()
            if self.up == "transposed":
                x = self.ups[level](x)
            else:
                x = F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False)
            x = self.back[level](torch.cat([skip, x], dim=1))
        return self.head(x)


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: 1 × 1 and dilated 3 × 3 in parallel, and, if ``image_level``, a global pool."""

    def __init__(self, rates: Sequence[int] = (6, 12, 18), image_level: bool = False) -> None:
        super().__init__()
        self.image_level = image_level
        self.branches = nn.ModuleList([nn.Conv2d(3, WIDTH, 1)])
        self.branches.extend(nn.Conv2d(3, WIDTH, 3, padding=r, dilation=r) for r in rates)
        self.image = nn.Conv2d(3, WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        found = [branch(x) for branch in self.branches]
        if self.image_level:
            image = self.image(x.mean((2, 3), keepdim=True))
            found.append(F.interpolate(image, size=x.shape[-2:], mode="bilinear", align_corners=False))
        return torch.cat(found, 1)


class WaveNet(nn.Module):
    """Gated causal convolutions of kernel 2, the dilation doubling to 512, in ``stacks`` stacks; skips are added."""

    def __init__(self, stacks: int = 3, largest: int = 512) -> None:
        super().__init__()
        rates = [2**i for i in range(largest.bit_length())] * stacks
        self.rates = rates
        self.front = nn.Conv1d(1, WIDTH, 1)
        self.filters = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 2, dilation=r) for r in rates)
        self.gates = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 2, dilation=r) for r in rates)

    def forward(self, x: Tensor) -> Tensor:
        x = self.front(x)
        total = torch.zeros_like(x)
        for rate, filtered, gate in zip(self.rates, self.filters, self.gates, strict=True):
            late = F.pad(x, (rate, 0))
            z = torch.tanh(filtered(late)) * torch.sigmoid(gate(late))
            total = total + z
            x = x + z
        return total


class TCN(nn.Module):
    """Residual blocks of two causal convolutions each, the padding behind cut off again."""

    def __init__(self, kernel: int, rates: Sequence[int]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        for rate in rates:
            pair = [nn.Conv1d(WIDTH, WIDTH, kernel, padding=(kernel - 1) * rate, dilation=rate) for _ in range(2)]
            self.blocks.append(nn.ModuleList(pair))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            y = x
            for convolution in block:
                y = F.relu(convolution(y)[:, :, : x.shape[2]])
            x = F.relu(x + y)
        return x


class SqueezeExcite(nn.Module):
    """Channels weighed by a global pool: every output sees everything."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, WIDTH, 3, padding=1)
        self.narrow, self.widen = nn.Linear(WIDTH, 1), nn.Linear(1, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        batch, channels = x.shape[:2]
        weight = self.widen(F.relu(self.narrow(F.adaptive_avg_pool2d(x, 1).view(batch, channels))))
        return x * torch.sigmoid(weight).view(batch, channels, 1, 1)


class VisionTransformer(nn.Module):
    """Patches, one layer of attention over them, and the patches back in their places."""

    def __init__(self, patch: int = 4) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, patch, patch)
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x)
        tokens = self.norm(x.flatten(2).transpose(1, 2))
        tokens = tokens + self.attention(tokens, tokens, tokens, need_weights=False)[0]
        return tokens.transpose(1, 2).reshape(x.shape)

# SPDX-License-Identifier: BSD-3-Clause
"""Receptive fields of known networks: their layers, and the closed form over them."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Expr,
    Product,
    S,
    Sum,
)

from .claim import Case, Claim, Definition, Refutation, Sequent, Source
from .receptive_field_terms import (
    eq,
    i,
    l,
    n,
)

Table = tuple[tuple[int, int], ...]  # (kernel, stride) of every layer on the longest path


def vgg16() -> Table:
    """13 convolutions 3 × 3 in five stages, each closed by a pool 2 × 2 of stride 2."""
    return tuple(layer for convolutions in (2, 2, 3, 3, 3) for layer in (*((3, 1),) * convolutions, (2, 2)))


def alexnet() -> Table:
    """Convolutions 11/4, 5, 3, 3, 3, with pools 3 × 3 of stride 2 after the first, second and fifth."""
    return ((11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2))


STEM: Table = ((7, 2), (3, 2))
VERSIONS = ("v1", "v1.5", "slim")
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet18() -> Table:
    """Stem, then four stages of two blocks of two 3 × 3; the first of stages 2, 3, 4 has stride 2."""
    first = ((3, 1), (3, 2), (3, 2), (3, 2))
    return (*STEM, *(layer for entry in first for layer in (entry, (3, 1), (3, 1), (3, 1))))


def bottleneck(depth: int, version: str) -> Table:
    """Stem, then blocks 1 × 1, 3 × 3, 1 × 1 in four stages.

    The stride 2 between stages sits on the first 1 × 1 of the later stage (v1, the paper), on its first 3 × 3
    (v1.5), or on the last 3 × 3 of the earlier stage (TF-slim).
    """
    layers = list(STEM)
    stages = BLOCKS[depth]
    for number, blocks in enumerate(stages):
        for block in range(blocks):
            enters = number > 0 and block == 0
            leaves = number < len(stages) - 1 and block == blocks - 1
            first = 2 if enters and version == "v1" else 1
            middle = 2 if (enters and version == "v1.5") or (leaves and version == "slim") else 1
            layers += [(1, first), (3, middle), (1, 1)]
    return tuple(layers)


@dataclass(frozen=True)
class Network:
    """The layers of a network as two functions of the layer, by one equation each."""

    kernel: Definition
    stride: Definition

    def jump(self, layers: int) -> Expr:
        return Product(self.stride(l), (l, 1, layers))

    def size(self, layers: int) -> Expr:
        """The closed form over the layers of the network; none is dilated."""
        return 1 + Sum((self.kernel(l) - 1) * Product(self.stride(i), (i, 1, l - 1)), (l, 1, layers))


def network(name: str, layers: Table) -> Network:
    def column(kind: str, place: int) -> Definition:
        cases = tuple(Case((S(e),), S(layer[place])) for e, layer in enumerate(layers, 1))
        return Definition(f"{kind}_{name}", (n,), cases, "integer")

    return Network(column("k", 0), column("s", 1))


VGG16, ALEXNET, RESNET18 = network("vgg16", vgg16()), network("alexnet", alexnet()), network("resnet18", resnet18())
RESNETS = {
    (depth, version): network(f"resnet{depth}_{version.replace('.', '_')}", bottleneck(depth, version))
    for depth in BLOCKS
    for version in VERSIONS
}


def _tables(*networks: Network) -> tuple[Definition, ...]:
    return tuple(table for net in networks for table in (net.kernel, net.stride))


def _resnet(depth: int, version: str) -> Expr:
    return RESNETS[depth, version].size(2 + 3 * sum(BLOCKS[depth]))


GOLDENS = Claim(
    id="receptive_field.goldens",
    title="Receptive fields of well-known networks",
    prose=(
        "Along the longest path, with every layer as in the paper: VGG-16 sees 196 inputs at conv5_3 (jump 16) and 212 "
        "after its last pool (jump 32); AlexNet 195 after its last pool; ResNet-18 435; ResNet-50, -101 and -152, with "
        "the stride on the first 1 × 1 of a stage, 483, 1027 and 1507. In the residual blocks every padding is "
        "(k − 1)/2, so the shorter residual paths lie inside."
    ),
    definitions=_tables(VGG16, ALEXNET, RESNET18, *(RESNETS[depth, "v1"] for depth in BLOCKS)),
    statement=(
        Sequent("vgg16-conv5-3", eq(VGG16.size(17), S(196))),
        Sequent("vgg16-conv5-3-jump", eq(VGG16.jump(17), S(16))),
        Sequent("vgg16-pool5", eq(VGG16.size(18), S(212))),
        Sequent("vgg16-pool5-jump", eq(VGG16.jump(18), S(32))),
        Sequent("alexnet", eq(ALEXNET.size(8), S(195))),
        Sequent("resnet18", eq(RESNET18.size(18), S(435))),
        Sequent("resnet50", eq(_resnet(50, "v1"), S(483))),
        Sequent("resnet101", eq(_resnet(101, "v1"), S(1027))),
        Sequent("resnet152", eq(_resnet(152, "v1"), S(1507))),
    ),
    sources=(
        Source("simonyan2015", "table 1, D"),
        Source("krizhevsky2012"),
        Source("he2016", "table 1"),
        Source("araujo2019"),
    ),
)

RESNET50_ONE_NUMBER = Claim(
    id="receptive_field.resnet50-one-number",
    title="“ResNet-50” is not one network: 483 or 427",
    prose=(
        "With the stride of a stage on its first 1 × 1 (the paper), or on the last 3 × 3 of the stage before "
        "(TF-slim), ResNet-50 sees 483 inputs. With the stride on the first 3 × 3 (v1.5, as in torchvision) it sees "
        "427; ResNet-101 then sees 971 and ResNet-152 1451."
    ),
    kind="refutation",
    definitions=_tables(RESNETS[50, "v1.5"], RESNETS[50, "slim"], RESNETS[101, "v1.5"], RESNETS[152, "v1.5"]),
    statement=(
        Refutation("always-483", Sequent("always-483", eq(_resnet(50, "v1.5"), S(483))), ()),
        Sequent("v1.5", eq(_resnet(50, "v1.5"), S(427))),
        Sequent("v1.5-101", eq(_resnet(101, "v1.5"), S(971))),
        Sequent("v1.5-152", eq(_resnet(152, "v1.5"), S(1451))),
        Sequent("tf-slim", eq(_resnet(50, "slim"), S(483))),
    ),
    sources=(Source("he2016", "table 1"), Source("goyal2017")),
)

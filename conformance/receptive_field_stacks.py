# SPDX-License-Identifier: BSD-3-Clause
"""Stacks of layers as the laws of receptive fields draw them, and the theory's formulas evaluated for a stack."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from sympy import Expr, S

from ..theory import oracle
from ..theory import receptive_field as theory
from ..theory import receptive_field_networks as networks

Layer = tuple[int, int, int, int]  # kernel, stride, padding, dilation
Stack = list[Layer]
Draw = st.SearchStrategy[Any]

_FAR = 2**24 + 1  # the first integer that float32 does not hold

LAYERS = st.tuples(
    st.sampled_from([3, 1, 2, 5, 4, 7]),
    st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([0, 1, 2, 3, 8]),
    st.sampled_from([1, 2, 3, 5]),
)


@st.composite
def stacks(fetch: Callable[[Draw], Any], far: bool = True) -> Stack:
    """Up to five layers; in one draw out of eight the first layer may be dilated beyond what float32 can count.

    A first layer is reached last from the output, so that code that lists what is reached stays fast.
    """
    layers: Stack = fetch(st.lists(LAYERS, max_size=5))
    if far and layers and fetch(st.integers(0, 7)) == 7:
        kernel, stride, padding, _ = layers[0]
        layers = [(max(kernel, 2), stride, padding, _FAR), *layers[1:]]
    return layers


def column(layers: Stack, which: int) -> list[int]:
    return [layer[which] for layer in layers]


@st.composite
def aligned(fetch: Callable[[Draw], Any]) -> Stack:
    """Layers of odd extent, padded by half of it."""
    layers: Stack = fetch(stacks(far=False))
    odd = [(k if r * (k - 1) % 2 == 0 else k + 1, s, r) for k, s, _, r in layers]
    return [(k, s, r * (k - 1) // 2, r) for k, s, r in odd]


NETWORKS = (
    (networks.vgg16(), networks.VGG16),
    (networks.vgg16()[:-1], networks.VGG16),  # conv5_3, before the last pool
    (networks.alexnet(), networks.ALEXNET),
    (networks.resnet18(), networks.RESNET18),
    *((networks.bottleneck(*which), network) for which, network in networks.RESNETS.items()),
)

_DEFINITIONS = (theory.LEFT, theory.RIGHT, theory.TOP_DOWN, theory.CENTER, theory.JUMP)


def exact(expression: Expr, layers: Stack) -> Fraction:
    """A formula of the theory for a stack whose layers are counted from 1."""

    def member(which: int) -> Callable[[int], int]:
        return lambda place: layers[place - 1][which]

    families = {f: member(c) for c, f in enumerate((theory.k, theory.s, theory.p, theory.r))}
    value = oracle.exact(expression, families, definitions=_DEFINITIONS)
    if value is None:
        raise AssertionError(f"not rational: {expression}")
    return value


def depth(layers: Stack) -> Expr:
    return S(len(layers))


def edges(layers: Stack) -> tuple[Fraction, Fraction]:
    """First and last input that output 0 reaches."""
    count = depth(layers)
    return exact(theory.LEFT(count, S.Zero), layers), exact(theory.RIGHT(count, S.Zero), layers)


def network_size(which: int) -> Fraction:
    """The size of a known network by the closed form over its layers."""
    table, network = NETWORKS[which]
    value = oracle.exact(network.size(len(table)), definitions=(network.kernel, network.stride))
    assert value is not None
    return value

# SPDX-License-Identifier: BSD-3-Clause
"""Laws of decoders and of blocks of branches: integers, so that every bound is zero.

Decoders without holes are held to the formula of the theory, all others to what each output reaches, phase by phase,
by walking back through the layers. Blocks are held to the ends of what output 0 reaches through each branch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from hypothesis import strategies as st
from sympy import Expr

from ..theory import receptive_field as theory
from ..theory import receptive_field_blocks as blocks_theory
from .call import Call
from .contract import Contract, Promise
from .law import Law
from .receptive_field_module import SIZE, back, ends
from .receptive_field_stacks import LAYERS, Draw, Layer, Stack, column, depth, edges, exact, stacks
from .subject import Subject
from .verdict import Comparison, exactly

Block = tuple[list[Stack], Stack]  # branches of one total stride, and the layers behind them

# Cases ---------------------------------------------------------------------------------------------

UPSAMPLING = st.tuples(
    st.sampled_from([3, 4, 2, 1, 5]),
    st.sampled_from([2, 1, 3, 4]),
    st.sampled_from([0, 1, 2]),
    st.sampled_from([1, 2, 3]),
)
DECODERS = st.lists(UPSAMPLING, max_size=3)
SPARSE = st.tuples(  # few taps far apart: two of three such decoders span less than ⌈K/S⌉
    st.sampled_from([2, 3]), st.sampled_from([3, 4, 2]), st.sampled_from([0, 1, 2]), st.sampled_from([5, 3, 7])
)


def closed(stack: Stack) -> Stack:
    """The layers without dilation, kernels at least as long as strides in all but the first."""
    return [(k if place == 0 else max(k, s), s, p, 1) for place, (k, s, p, _) in enumerate(stack)]


@st.composite
def branches_of(fetch: Callable[[Draw], Any], factors: list[int]) -> Stack:
    """A branch whose total stride is the product of some factors, which it spreads over its layers."""
    layers: list[Layer] = fetch(st.lists(LAYERS, min_size=1 if factors else 0, max_size=3))
    strides = [1] * len(layers)
    for factor in factors:
        strides[fetch(st.integers(0, len(layers) - 1))] *= factor
    return [(k, s, p, r) for (k, _, p, r), s in zip(layers, strides, strict=True)]


@st.composite
def blocks(fetch: Callable[[Draw], Any], most: int = 4) -> Block:
    """Branches of one total stride with layers behind them."""
    factors = fetch(st.lists(st.sampled_from([2, 3]), max_size=2))
    branches = fetch(st.lists(branches_of(factors), min_size=1, max_size=most))
    return branches, fetch(stacks(far=False))


RESIDUALS = st.tuples(branches_of([]).map(lambda layers: [layers, []]), st.lists(LAYERS, max_size=2))


# Laws ----------------------------------------------------------------------------------------------


def _formula(subject: Subject, layers: Stack) -> Iterator[Comparison]:
    """⌈K/S⌉ for the extent K and the stride S of the whole stack, its layers counted from the output: no bound."""
    output = subject.run(subject.call("decoder_size", layers))
    formula: Expr = blocks_theory.most_seen(depth(layers))
    value = exact(formula, layers[::-1])
    yield Comparison(output.values[0], exactly(float(value)), output.code(), "the size against ⌈K/S⌉")


def _walked(subject: Subject, layers: Stack) -> Iterator[Comparison]:
    """The longest hull of what an output reaches back to, over all phases of the output: integers, no bound."""
    output = subject.run(subject.call("decoder_size", layers))
    stack = [("ConvTranspose", (layer,)) for layer in layers]
    longest = max(ends(back(stack, 0, {t}))[SIZE] for t in range(prod(column(layers, 1))))
    yield Comparison(output.values[0], exactly(longest), output.code(), "the size against what every phase reaches")


def _hull(subject: Subject, case: Block) -> Iterator[Comparison]:
    """Through every branch, from the first to the last input that output 0 reaches; the hull of all: no bound."""
    branches, tail = case
    output = subject.run(subject.call("inception_size", branches, tail))
    reached = [edges(branch + tail) for branch in branches]
    size = max(right for _, right in reached) - min(left for left, _ in reached) + 1
    yield Comparison(output.values[0], exactly(float(size)), output.code(), "the size against the hull of the union")


def _stack(subject: Subject, case: Block) -> Iterator[Comparison]:
    """One branch and the layers behind it are a stack, of which the closed form gives the size: no bound."""
    (branch,), tail = case
    output = subject.run(subject.call("inception_size", [branch], tail))
    size = exact(theory.span(depth(branch + tail)), branch + tail)
    yield Comparison(output.values[0], exactly(float(size)), output.code(), "one branch against the closed form")


# Contracts and laws --------------------------------------------------------------------------------


def _number(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(None),)


CONTRACTS = (
    Contract(
        "decoder_size",
        "(layers)",
        "transposed convolutions (kernel, stride, padding, dilation) from input to output → the longest hull of "
        "inputs that one output sees, over the phases of the output, away from the borders",
        lambda subject: DECODERS.map(lambda layers: subject.call("decoder_size", layers)),
        _number,
        per_dtype=False,
    ),
    Contract(
        "inception_size",
        "(branches, tail)",
        "branches of one total stride, then the layers behind them: lists of (kernel, stride, padding, dilation) → int",
        lambda subject: blocks().map(lambda block: subject.call("inception_size", *block)),
        _number,
        per_dtype=False,
    ),
)
LAWS = (
    Law(
        "decoder-formula",
        ("receptive_field.transposed-stack", "receptive_field.transposed"),
        ("decoder_size",),
        "Where no tap is missing, outputs of a decoder see at most ⌈K/S⌉ inputs.",
        lambda subject: st.lists(UPSAMPLING, max_size=4).map(closed),
        _formula,
        examples=60,
    ),
    Law(
        "decoder-walked",
        ("receptive_field.transposed-stack", "receptive_field.definition"),
        ("decoder_size",),
        "The size is the longest hull of what an output reaches, holes or not.",
        lambda subject: DECODERS,
        _walked,
        examples=60,
    ),
    Law(
        "decoder-holes",
        ("receptive_field.transposed-stack", "receptive_field.hull-vs-set"),
        ("decoder_size",),
        "With holes, an output may span less than the extent of the taps divided by the stride.",
        lambda subject: st.lists(SPARSE, min_size=1, max_size=3),
        _walked,
    ),
    Law(
        "inception-hull",
        ("receptive_field.inception", "receptive_field.branches"),
        ("inception_size",),
        "Layers behind branches see the union of what they see through each.",
        lambda subject: blocks(),
        _hull,
        examples=80,
    ),
    Law(
        "inception-residual",
        ("receptive_field.inception", "receptive_field.branches"),
        ("inception_size",),
        "A residual connection sees the position itself, wherever the layers beside it look.",
        lambda subject: RESIDUALS,
        _hull,
        examples=60,
    ),
    Law(
        "inception-stack",
        ("receptive_field.inception", "receptive_field.closed-form"),
        ("inception_size",),
        "One branch with layers behind it is a stack.",
        lambda subject: blocks(most=1),
        _stack,
        examples=60,
    ),
)

# SPDX-License-Identifier: BSD-3-Clause
"""Laws of receptive-field arithmetic: integers, so that every bound is zero.

Each function is held to the closed form of the theory, to the edges that reachability gives, and to how
it composes: a stack cut in two must give what the whole gives. Composition sees what a formula checked
on few layers does not (the product of all strides before a layer, not the last one alone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from hypothesis import strategies as st
from sympy import Expr, S

from ..theory import oracle
from ..theory import receptive_field as theory
from . import receptive_field_blocks as blocks
from . import receptive_field_module as module
from .call import Call
from .contract import Contract, NotApplicable, Promise
from .law import Law
from .receptive_field_stacks import (
    LAYERS,
    NETWORKS,
    Draw,
    Stack,
    aligned,
    column,
    depth,
    edges,
    exact,
    network_size,
    stacks,
)
from .subject import Output, Subject
from .verdict import Comparison, exactly

CONVENTIONS: dict[str, tuple[str, ...]] = {}

# Calls ---------------------------------------------------------------------------------------------


def call_of(subject: Subject, name: str, layers: Stack) -> Call:
    """The call of a contract for a stack; layers carry what the function lets us pass, else 1."""
    kernels, strides, paddings, dilations = (column(layers, c) for c in range(4))
    if name in ("size", "jump"):
        return subject.call(name, kernels, strides=strides, dilations=dilations)
    if name == "center":
        return subject.call(name, kernels, strides, paddings, dilations)
    if name == "effective_padding":
        return subject.call(name, kernels, strides, paddings)
    return subject.call(name, [layers])


def seen(subject: Subject, name: str, layers: Stack) -> Stack:
    """The stack as the function sees it: a parameter that it does not take is 1 for every layer."""
    if name not in ("size", "jump"):
        return layers
    takes = [subject.accepts(name, parameter) for parameter in ("strides", "dilations")]
    for parameter, taken in zip(("strides", "dilations"), takes, strict=True):
        if not taken and subject.value(name, parameter, None) is not None:
            raise NotApplicable(f"{name} has {parameter} fixed")
    return [(k, s if takes[0] else 1, p, r if takes[1] else 1) for k, s, p, r in layers]


def cases(name: str) -> Callable[[Subject], Draw]:
    def one(subject: Subject) -> Draw:
        return stacks().map(lambda layers: call_of(subject, name, layers))

    return one


def branches_of(smallest: int) -> Draw:
    """Parallel branches; a branch without layers is a residual connection."""
    several = st.lists(stacks(), min_size=smallest, max_size=4)
    residual = st.lists(LAYERS, max_size=2).map(lambda layers: [layers, []])
    return st.one_of(several, residual)


def branch_cases(subject: Subject) -> Draw:
    return branches_of(1).map(lambda branches: subject.call("branch_interval", branches))


# What to expect ------------------------------------------------------------------------------------


FORMULAS: dict[str, Callable[[Expr], Expr]] = {
    "size": theory.span,
    "jump": theory.strides_to,
    "center": lambda count: theory.weighted(theory.reach(theory.l) / 2 - theory.p[theory.l], count),
    "effective_padding": lambda count: theory.weighted(theory.p[theory.l], count),
}


def compared(output: Output, value: Fraction, label: str) -> Comparison:
    return Comparison(output.values[0], exactly(float(value)), output.code(), label)


# Laws ----------------------------------------------------------------------------------------------


def _formula(subject: Subject, case: tuple[str, Stack]) -> Iterator[Comparison]:
    """The closed form over the layers, in exact integers (half integers for a centre): the bound is zero."""
    name, layers = case
    output = subject.run(call_of(subject, name, layers))
    value = exact(FORMULAS[name](depth(layers)), seen(subject, name, layers))
    yield compared(output, value, f"{name} against the closed form")


def _reached(subject: Subject, case: tuple[str, Stack]) -> Iterator[Comparison]:
    """From the first to the last input that output 0 reaches, found layer by layer from the output: no bound."""
    name, layers = case
    output = subject.run(call_of(subject, name, layers))
    left, right = edges(seen(subject, name, layers))
    value = {"size": right - left + 1, "center": (left + right) / 2, "effective_padding": -left}[name]
    yield compared(output, value, f"{name} against what output 0 reaches")


def _top_down(subject: Subject, case: tuple[str, Stack]) -> Iterator[Comparison]:
    """N ← (N − 1)·s + r·(k − 1) + 1 from the last layer to the first, started with 1: no bound."""
    name, layers = case
    output = subject.run(call_of(subject, name, layers))
    value = exact(theory.TOP_DOWN(depth(layers), S.One), seen(subject, name, layers))
    yield compared(output, value, "size against the recursion from the output")


def _composed(subject: Subject, case: tuple[str, Stack, Stack]) -> Iterator[Comparison]:
    """What follows a stack is stretched by the stack's jump J: size − 1, centre and padding add up as a + J·b, jumps
    multiply. Both sides are integers (or half integers), so the bound is zero."""
    name, first, second = case
    whole = subject.run(call_of(subject, name, first + second))
    front, back = (subject.run(call_of(subject, name, part)) for part in (first, second))
    step = int(exact(theory.strides_to(depth(first)), seen(subject, name, first)))
    a, b = float(front.values[0]), float(back.values[0])
    value = {"size": a + step * (b - 1), "jump": a * b}.get(name, a + step * b)
    yield Comparison(whole.values[0], exactly(value), whole.code(), f"{name} of a stack against its two parts")


def _branches(subject: Subject, branches: Sequence[Stack]) -> Iterator[Comparison]:
    """The hull of a union runs from the smallest left end to the largest right end: integers, no bound."""
    output = subject.run(subject.call("branch_interval", list(branches)))
    ends = [edges(layers) for layers in branches]
    hull = [float(min(left for left, _ in ends)), float(max(right for _, right in ends))]
    yield Comparison(output.values[0], exactly(hull), output.code(), "the interval against the hull of the union")


def _order_of_branches(subject: Subject, branches: Sequence[Stack]) -> Iterator[Comparison]:
    """A union has no order: the interval of the reversed list is the same, to the last integer."""
    there = subject.run(subject.call("branch_interval", list(branches)))
    back = subject.run(subject.call("branch_interval", list(reversed(branches))))
    yield Comparison(back.values[0], exactly(there.values[0]), back.code(), "the branches in reverse order")


def _aligned(subject: Subject, layers: Stack) -> Iterator[Comparison]:
    """Padding r (k − 1)/2 in every layer keeps output 0 on input 0: the sum is 0 term by term, so no bound."""
    output = subject.run(call_of(subject, "center", layers))
    yield compared(output, exact(theory.CENTER(depth(layers)), layers), "the centre with half-kernel padding")


def _padding_moves(subject: Subject, case: tuple[Stack, list[int]]) -> Iterator[Comparison]:
    """Paddings move both ends alike, so that right − left stays: integers, no bound."""
    layers, paddings = case
    other = [(k, s, p, r) for (k, s, _, r), p in zip(layers, paddings, strict=False)]
    spans = [subject.run(subject.call("branch_interval", [stack])) for stack in (layers[: len(other)], other)]
    size, same = (s.values[0][1] - s.values[0][0] for s in spans)
    code = f"{spans[0].code()}[1] - {spans[0].code()}[0]"
    yield Comparison(size, exactly(same), code, "the length with one padding against that with another")


def _uniform(subject: Subject, case: tuple[int, int, int]) -> Iterator[Comparison]:
    """L layers of one kernel and one stride: a geometric (or, at stride 1, arithmetic) sum of integers, no bound."""
    kernel, step, count = case
    layers = seen(subject, "size", [(kernel, step, 0, 1)] * count)
    output = subject.run(call_of(subject, "size", layers))
    claim, part = (theory.THREE_3X3, "depth") if layers and layers[0][1] == 1 else (theory.STRIDE_EXPONENTIAL, "size")
    formula = next(s for s in claim.sequents() if s.name == part).relation.rhs
    value = oracle.exact(formula, {theory.K: kernel, theory.stride: step, theory.L: count})
    assert value is not None
    yield compared(output, value, f"{count} layers of kernel {kernel} and stride {step} against the closed sum")


def _networks(subject: Subject, case: int) -> Iterator[Comparison]:
    """VGG-16, AlexNet and the ResNets, layer by layer from their papers: integers, no bound."""
    table, _ = NETWORKS[case]
    if not subject.accepts("size", "strides"):
        raise NotApplicable("size takes no strides")
    layers = [(kernel, step, 0, 1) for kernel, step in table]
    output = subject.run(call_of(subject, "size", layers))
    yield compared(output, network_size(case), "a known network against the closed form over its layers")


def tcn_cases(subject: Subject) -> Draw:
    rates = st.lists(st.sampled_from([1, 2, 4, 3, 8, 16]), min_size=1, max_size=4)
    counts = st.sampled_from([2, 1, 3])
    return st.tuples(st.sampled_from([3, 2, 1, 5]), rates, counts, counts).map(
        lambda c: subject.call("tcn_size", c[0], c[1], nb_stacks=c[2], convs_per_block=c[3])
    )


def _tcn(subject: Subject, call: Call) -> Iterator[Comparison]:
    """The closed form over all convolutions, block by block and stack by stack: integers, no bound."""
    output = subject.run(call)
    kernel, rates = call.arguments
    stacks = subject.value("tcn_size", "nb_stacks", call.keywords.get("nb_stacks"))
    convs = subject.value("tcn_size", "convs_per_block", call.keywords.get("convs_per_block"))
    layers = [(kernel, 1, 0, rate) for rate in rates for _ in range(convs)] * stacks
    yield compared(output, exact(theory.span(depth(layers)), layers), "the size against the closed form")


# Contracts and laws --------------------------------------------------------------------------------


def _number(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(None),)


def _contract(name: str, signature: str, shapes: str) -> Contract:
    return Contract(name, signature, shapes, cases(name), _number, per_dtype=False)


CONTRACTS = (
    _contract("size", "(kernels, *, strides=None, dilations=None)", "lists of one length → int"),
    _contract("jump", "(kernels, *, strides=None, dilations=None)", "lists of one length → int"),
    _contract("center", "(kernels, strides, paddings, dilations)", "lists of one length → input coordinate"),
    _contract("effective_padding", "(kernels, strides, paddings)", "lists of one length → int"),
    Contract(
        "branch_interval",
        "(branches)",
        "branches: lists of (kernel, stride, padding, dilation) → (left, right)",
        branch_cases,
        _number,
        per_dtype=False,
    ),
    Contract(
        "tcn_size",
        "(kernel_size, dilations, *, nb_stacks=1, convs_per_block=2)",
        "int, list → int",
        tcn_cases,
        _number,
        per_dtype=False,
    ),
    *blocks.CONTRACTS,
    module.CONTRACT,
)


def _law(
    contract: str, id: str, claim: str, statement: str, check: Callable[..., Iterator[Comparison]], parts: int = 1
) -> Law:
    def one(subject: Subject) -> Draw:
        return st.tuples(st.just(contract), stacks(), *(stacks(far=False) for _ in range(parts - 1)))

    return Law(f"{contract}-{id}", (f"receptive_field.{claim}",), (contract,), statement, one, check, examples=60)


_COMPOSED = "A stack behind another one is stretched by the jump of the first."
LAWS = (
    _law("size", "formula", "closed-form", "The size is 1 + Σ r (k − 1) times the strides before.", _formula),
    _law("size", "reached", "definition", "The size is the hull of what output 0 reaches.", _reached),
    _law("size", "top-down", "top-down", "The size is what the recursion from the output gives.", _top_down),
    _law("size", "composed", "bottom-up", _COMPOSED, _composed, parts=2),
    _law("jump", "formula", "jump", "The jump is the product of all strides.", _formula),
    _law("jump", "composed", "jump", "Jumps multiply.", _composed, parts=2),
    _law("center", "formula", "start", "The centre is Σ (r (k − 1)/2 − p) times the strides before.", _formula),
    _law("center", "reached", "start", "The centre is the middle of what output 0 reaches.", _reached),
    _law("center", "composed", "start", _COMPOSED, _composed, parts=2),
    _law("effective_padding", "formula", "start", "Paddings add up, times the strides before.", _formula),
    _law("effective_padding", "reached", "start", "Output 0 begins that far before input 0.", _reached),
    _law("effective_padding", "composed", "start", _COMPOSED, _composed, parts=2),
    Law(
        "size-uniform",
        ("receptive_field.stride-exponential", "receptive_field.three-3x3"),
        ("size",),
        "Equal layers: the size grows linearly at stride 1, exponentially beyond.",
        lambda subject: st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(1, 8)),
        _uniform,
    ),
    Law(
        "size-networks",
        ("receptive_field.goldens", "receptive_field.resnet50-one-number"),
        ("size",),
        "Known networks have the sizes that their layers give.",
        lambda subject: st.sampled_from(range(len(NETWORKS))),
        _networks,
        varies=("strides",),
        examples=len(NETWORKS),
    ),
    Law(
        "center-aligned",
        ("receptive_field.alignment",),
        ("center",),
        "Half-kernel padding keeps the centre of output 0 on input 0.",
        lambda subject: aligned(),
        _aligned,
    ),
    Law(
        "branch-padding",
        ("receptive_field.padding-independent",),
        ("branch_interval",),
        "Padding moves the interval and does not change its length.",
        lambda subject: st.tuples(stacks(), st.lists(st.integers(0, 9), max_size=5)),
        _padding_moves,
    ),
    Law(
        "branch-hull",
        ("receptive_field.branches",),
        ("branch_interval",),
        "Parallel branches see the union of what each sees.",
        lambda subject: branches_of(1),
        _branches,
        examples=80,
    ),
    Law(
        "branch-order",
        ("receptive_field.branches",),
        ("branch_interval",),
        "The order of the branches does not matter.",
        lambda subject: branches_of(2),
        _order_of_branches,
    ),
    Law(
        "tcn-formula",
        ("receptive_field.closed-form",),
        ("tcn_size",),
        "A TCN has the size of the closed form over all its convolutions.",
        tcn_cases,
        _tcn,
    ),
    *blocks.LAWS,
    *module.LAWS,
)

# SPDX-License-Identifier: BSD-3-Clause
"""Laws of receptive fields read from networks: integers and infinity, so that every bound is zero.

A case is a network written as one Python expression, and what the theory says about it: the closed forms
over the layers of a stack, and for branches and upsampling the definition itself, output by output,
by walking back through the layers. The two axes of a network differ in every layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from hypothesis import strategies as st
from sympy import S

from ..theory import oracle
from ..theory import receptive_field as theory
from ..theory import receptive_field_layers as layers_theory
from ..theory.receptive_field_terms import K, o, outputs, stride
from .call import Call, Made
from .contract import Contract, Promise
from .law import Law
from .receptive_field_stacks import NETWORKS, Stack, column, depth, edges, exact, network_size
from .subject import Output, Subject
from .verdict import Comparison, exactly

Draw = st.SearchStrategy[Any]
Layer = tuple[str, tuple[tuple[int, int, int, int], ...]]  # kind; (kernel, stride, padding, dilation) of every axis

Branching = tuple[list[Layer], list[Layer], list[Layer]]  # a stem and two branches

POSITIONS = 6  # output positions that are looked at
SHAPE = (1, 300, 271)
READING = (
    "[[[p.left + (a.jump or 0) * (o // a.period), p.right + (a.jump or 0) * (o // a.period), p.size, p.used,"
    f" a.output_length] for o in range({POSITIONS}) for p in [a.phases[o % a.period]]] for a in {{}}.axes]"
)
LEFT, RIGHT, SIZE, USED, LENGTH = range(5)
STACKED = ("Conv", "MaxPool", "AvgPool", "max_pool", "avg_pool")


# Networks as source --------------------------------------------------------------------------------


def module_source(layer: Layer, axes: int) -> str:
    """A layer as a module; "" for one that is a function."""
    kind, settings = layer
    k, s, p, r = (tuple(values) for values in zip(*settings[:axes], strict=True))
    if kind == "Conv":
        return f"torch.nn.Conv{axes}d(1, 1, {k}, {s}, {p}, {r})"
    if kind == "MaxPool":
        return f"torch.nn.MaxPool{axes}d({k}, {s}, {p}, {r})"
    if kind == "AvgPool":
        return f"torch.nn.AvgPool{axes}d({k}, {s}, {p})"
    if kind == "ConvTranspose":
        return f"torch.nn.ConvTranspose{axes}d(1, 1, {k}, {s}, {p}, 0, 1, True, {r})"
    return ""


@dataclass
class Source:
    """A network as it is written: its modules, and the body of its ``forward``."""

    axes: int
    modules: list[str]

    def through(self, stack: Sequence[Layer], x: str) -> str:
        """The expression of a stack applied to the expression ``x``."""
        for layer in stack:
            made = module_source(layer, self.axes)
            if made:
                self.modules.append(made)
                x = f"self[{len(self.modules) - 1}]({x})"
                continue
            kind, settings = layer
            k, s, p, r = (tuple(values) for values in zip(*settings[: self.axes], strict=True))
            if kind == "max_pool":
                x = f"torch.nn.functional.max_pool{self.axes}d({x}, {k}, {s}, {p}, {r})"
            elif kind == "avg_pool":
                x = f"torch.nn.functional.avg_pool{self.axes}d({x}, {k}, {s}, {p})"
            else:
                x = f"torch.nn.functional.interpolate({x}, scale_factor={tuple(map(float, s))})"
        return x

    def module(self, forward: str) -> Made:
        modules = ", ".join(self.modules)
        return Made(
            f"type('Network', (torch.nn.ModuleList,), {{'forward': lambda self, x: {forward}}})([{modules}]).eval()"
        )


def network_call(subject: Subject, made: Made, axes: int) -> Call:
    return subject.call("of_module", made, SHAPE[: 1 + axes])


def stack_call(subject: Subject, stack: Sequence[Layer], axes: int) -> Call:
    source = Source(axes, [])
    return network_call(subject, source.module(source.through(stack, "x")), axes)


# Cases ---------------------------------------------------------------------------------------------


@st.composite
def layer_of(fetch: Callable[[Draw], Any], kinds: Sequence[str] = STACKED, steps: bool = True) -> Layer:
    """A layer with other settings along every axis."""
    kind = fetch(st.sampled_from(kinds))
    settings = []
    for _ in range(2):
        k = fetch(st.sampled_from([3, 2, 5, 1, 4]))
        s = fetch(st.sampled_from([2, 1, 3])) if steps else 1
        r = fetch(st.sampled_from([1, 2, 3])) if kind in ("Conv", "MaxPool", "max_pool", "ConvTranspose") else 1
        most = k // 2 if "ool" in kind else 3
        settings.append((k, s, fetch(st.integers(0, most)), r))
    return kind, tuple(settings)


AXES = st.sampled_from([1, 2])
STACKS = st.lists(layer_of(), max_size=3)


def along(stack: Sequence[Layer], axis: int) -> Stack:
    """The layers as one axis sees them."""
    return [settings[axis] for _, settings in stack]


# What is seen, by the definition -------------------------------------------------------------------


def back(stack: Sequence[Layer], axis: int, positions: set[int]) -> set[int]:
    """Positions of the input that are seen from these positions of the output, on an axis without ends."""
    for kind, settings in reversed(stack):
        k, s, p, r = settings[axis]
        if kind == "ConvTranspose":
            reached = {(t + p - r * tap, s) for t in positions for tap in range(k)}
            positions = {place // step for place, step in reached if place % step == 0}
        elif kind == "interpolate":
            positions = {t // s for t in positions}
        else:
            positions = {s * t - p + r * tap for t in positions for tap in range(k)}
    return positions


def ends(seen: set[int]) -> list[float]:
    """Left, right, size and number of a set; the empty one runs from ∞ to −∞."""
    if not seen:
        return [inf, -inf, 0, 0]
    return [min(seen), max(seen), max(seen) - min(seen) + 1, len(seen)]


def compared(output: Output, columns: Sequence[int], expected: Any, label: str) -> Comparison:
    """Some columns of the readings against what is expected of every axis and position."""
    got = output.values[0]
    if got.ndim == 3:
        got = got[..., list(columns)]
    return Comparison(got, exactly(expected), f"{output.code()}[..., {list(columns)}]", label)


# Laws ----------------------------------------------------------------------------------------------


def _stack(subject: Subject, case: tuple[list[Layer], int]) -> Iterator[Comparison]:
    """Along every axis: output t sees ``left + t·jump`` to ``right + t·jump``, by the closed forms: no bound."""
    stack, axes = case
    output = subject.run(stack_call(subject, stack, axes))
    expected = []
    for axis in range(axes):
        layers = along(stack, axis)
        left, right = (float(end) for end in edges(layers))
        jump = float(exact(theory.strides_to(depth(layers)), layers))
        size = float(exact(theory.span(depth(layers)), layers))
        expected.append([[left + t * jump, right + t * jump, size] for t in range(POSITIONS)])
    yield compared(output, (LEFT, RIGHT, SIZE), expected, "the ends and the size against the closed form")


def _length(subject: Subject, case: tuple[list[Layer], int]) -> Iterator[Comparison]:
    """⌊(n + 2p − k)/s⌋ + 1 with the size, jump and padding of the whole stack: integers, no bound."""
    stack, axes = case
    output = subject.run(stack_call(subject, stack, axes))
    expected = []
    for axis in range(axes):
        layers = along(stack, axis)
        count = depth(layers)
        padding = theory.weighted(theory.p[theory.l], count)
        number = outputs(S(SHAPE[1 + axis]), padding, theory.span(count), theory.strides_to(count))
        expected.append([[float(exact(number, layers))]] * POSITIONS)
    yield compared(output, (LENGTH,), expected, "the number of outputs against the formula for the stack")


def _used(subject: Subject, case: tuple[list[Layer], int]) -> Iterator[Comparison]:
    """Two layers: the number of positions that some pair of taps hits, against the theory's sum: no bound."""
    stack, axes = case
    output = subject.run(stack_call(subject, stack, axes))
    expected = [[[float(exact(layers_theory.used(), along(stack, axis)))]] * POSITIONS for axis in range(axes)]
    yield compared(output, (USED,), expected, "how many positions are used")


def _transposed(subject: Subject, case: tuple[Layer, int]) -> Iterator[Comparison]:
    """Output t of a transposed convolution sees ⌊t/s⌋ − ⌊(t − k)/s⌋ inputs, t counted from its first tap: no bound."""
    (_, settings), axes = case
    plain = ("ConvTranspose", tuple((k, s, p, 1) for k, s, p, _ in settings))
    output = subject.run(stack_call(subject, [plain], axes))
    expected = []
    for k, s, p, _ in plain[1][:axes]:
        formula = layers_theory.seen(o, K, stride)
        counts = [oracle.exact(formula, {o: t + p, K: k, stride: s}) for t in range(POSITIONS)]
        assert None not in counts
        expected.append([[float(c)] for c in counts if c is not None])
    yield compared(output, (USED,), expected, "how many inputs every output of a transposed convolution sees")


def _walked(subject: Subject, case: tuple[list[Layer], int]) -> Iterator[Comparison]:
    """With upsampling: hull and number of what the first outputs see, by walking back from each: no bound."""
    stack, axes = case
    output = subject.run(stack_call(subject, stack, axes))
    expected = [[ends(back(stack, axis, {t})) for t in range(POSITIONS)] for axis in range(axes)]
    yield compared(output, (LEFT, RIGHT, SIZE, USED), expected, "what every output sees against the walk back")


def _branches(
    subject: Subject, case: tuple[tuple[list[Layer], list[Layer], list[Layer]], str, int]
) -> Iterator[Comparison]:
    """A stack, then two branches added or concatenated: the union of what both see, by walking back: no bound."""
    (first, one, two), join, axes = case
    source = Source(axes, [])
    cut = "[:, :, " + ", ".join([":40"] * axes) + "]"
    stem = source.through(first, "x")
    parts = [f"{source.through(branch, 'y')}{cut}" for branch in (one, two)]
    joined = f"{parts[0]} + {parts[1]}" if join == "add" else f"torch.cat([{parts[0]}, {parts[1]}], 1)"
    output = subject.run(network_call(subject, source.module(f"(lambda y: {joined})({stem})"), axes))
    expected = [
        [ends(back(first, axis, back(one, axis, {t}) | back(two, axis, {t}))) for t in range(POSITIONS)]
        for axis in range(axes)
    ]
    yield compared(output, (LEFT, RIGHT, SIZE, USED), expected, "what every output sees against the union")


GLOBAL = (
    "torch.nn.BatchNorm{n}d(1).train()",
    "torch.nn.BatchNorm{n}d(1, track_running_stats=False)",
    "torch.nn.InstanceNorm{n}d(1)",
    "torch.nn.GroupNorm(1, 1)",
    "torch.nn.AdaptiveAvgPool{n}d(1)",
    "torch.nn.Softmax(-1)",
)
LOCAL = ("torch.nn.BatchNorm{n}d(1).eval()", "torch.nn.ReLU()", "torch.nn.Dropout()", "torch.nn.Identity()")


def _norm(subject: Subject, case: tuple[list[Layer], int]) -> Iterator[Comparison]:
    """Behind an operation over all positions every size is ∞ along the axes it covers; one that acts on every
    position by itself changes nothing. Infinity and integers: no bound. Each is tried behind every stack."""
    stack, axes = case
    for text in (*GLOBAL, *LOCAL):
        source = Source(axes, [])
        body = source.through(stack, "x")
        source.modules.append(text.format(n=axes))
        made = source.module(f"self[{len(source.modules) - 1}]({body})")
        made = Made(made.source.removesuffix(".eval()"))  # each module keeps the mode it is written with
        output = subject.run(network_call(subject, made, axes))
        sizes = [float(exact(theory.span(depth(along(stack, a))), along(stack, a))) for a in range(axes)]
        covered = range(axes - 1, axes) if "Softmax" in text else range(axes) if text in GLOBAL else ()
        expected = [[[inf if a in covered else size]] * POSITIONS for a, size in enumerate(sizes)]
        yield compared(output, (SIZE,), expected, f"the size behind {text.format(n=axes)}")


def _networks(subject: Subject, case: int) -> Iterator[Comparison]:
    """VGG-16, AlexNet and the ResNets, layer by layer along their longest path: integers, no bound."""
    table, _ = NETWORKS[case]
    stack: list[Layer] = [("Conv", ((k, s, k // 2, 1),) * 2) for k, s in table]
    call = stack_call(subject, stack, 1)
    output = subject.run(Call(call.contract, (call.arguments[0], (1, 1024)), call.keywords))
    expected = [[[float(network_size(case))]] * POSITIONS]
    yield compared(output, (SIZE,), expected, "a known network against the closed form over its layers")


# Contract and laws ---------------------------------------------------------------------------------


def _cases(subject: Subject) -> Draw:
    return st.tuples(STACKS, AXES).map(lambda case: stack_call(subject, *case))


def _readings(subject: Subject, call: Call) -> tuple[Promise, ...]:
    return (Promise(None, reading=READING),)


CONTRACT = Contract(
    "of_module",
    "(module, input_shape)",
    "a torch.nn.Module with one input; its shape without the batch → a report: .axes, each with .output_length, "
    ".period, .jump and .phases, each phase with .left, .right (of the hull, on an axis without ends), .size and .used "
    "(∞ for the whole axis). Output t sees what phase t mod period sees, moved by jump·⌊t/period⌋. An output that sees "
    "nothing has size 0 and runs from ∞ to −∞",
    _cases,
    _readings,
    per_dtype=False,
)


def _law(id: str, claims: Sequence[str], statement: str, cases: Draw, check: Any, examples: int = 15) -> Law:
    named = tuple(f"receptive_field.{claim}" for claim in claims)
    return Law(f"module-{id}", named, ("of_module",), statement, lambda subject: cases, check, examples=examples)


_UP = st.lists(layer_of(("ConvTranspose", "interpolate", "Conv", "max_pool")), min_size=1, max_size=3)
_FLAT = st.lists(layer_of(steps=False), max_size=2)
_PAIR = st.lists(layer_of(("Conv",)), min_size=2, max_size=2)
LAWS = (
    _law(
        "stack",
        ("closed-form", "start", "jump"),
        "A network that is a stack has the size, the ends and the jump of the closed form.",
        st.tuples(STACKS, AXES),
        _stack,
        25,
    ),
    _law(
        "length",
        ("output-size",),
        "A stack has as many outputs as its size, jump and padding say.",
        st.tuples(STACKS, AXES),
        _length,
    ),
    _law("used", ("hull-vs-set",), "Positions in holes are not used.", st.tuples(_PAIR, AXES), _used),
    _law(
        "transposed",
        ("transposed",),
        "Outputs of a transposed convolution see ⌈k/s⌉ or ⌊k/s⌋ inputs, by their phase.",
        st.tuples(layer_of(("ConvTranspose",)), AXES),
        _transposed,
    ),
    _law(
        "walked",
        ("definition",),
        "Every output sees what the walk back through the layers reaches, with upsampling phase by phase.",
        st.tuples(_UP, AXES),
        _walked,
        25,
    ),
    _law(
        "branches",
        ("branches",),
        "Branches that are added or concatenated unite what they see.",
        st.tuples(st.tuples(st.lists(layer_of(), max_size=1), _FLAT, _FLAT), st.sampled_from(["add", "cat"]), AXES),
        _branches,
        25,
    ),
    _law(
        "norm",
        ("definition", "pointwise", "norm-global", "global-pool"),
        "Pooling and normalisation over space see everything; what acts position by position adds nothing.",
        st.tuples(st.lists(layer_of(), max_size=1), AXES),
        _norm,
        4,
    ),
    _law(
        "networks",
        ("goldens", "resnet50-one-number"),
        "Known networks have the sizes that their layers give.",
        st.sampled_from(range(len(NETWORKS))),
        _networks,
        len(NETWORKS),
    ),
)
__all__ = ["CONTRACT", "LAWS", "column"]

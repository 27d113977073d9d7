# SPDX-License-Identifier: BSD-3-Clause
"""A module as a graph of operations, walked once with tensors that have no values.

``torch.fx`` traces the module; what it cannot trace (control flow that depends on shapes) goes through
``torch.export``. Shapes follow from the rules, so that nothing is computed on data and the size of the
input costs nothing. Sizes that a network computes on its way are computed as it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from ._modules import module_rule
from ._operators import OPERATIONS
from ._relations import INPUT, Node
from ._tensors import FREE, Graph, Tensor, Unsupported, constant


class UnknownOperation(NotImplementedError):
    """The receptive field is not known, because of one node; the message names it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: the name of its node, what it is, and its (first) tensor."""

    name: str
    operation: str
    tensor: Tensor


@dataclass(slots=True)
class Walk:
    """What walking a graph gives: the steps in order, the outputs, and the graphs of the axes."""

    graph: Graph
    steps: list[Step] = field(default_factory=list)
    outputs: list[Step] = field(default_factory=list)


def traced(module: Any, shape: Sequence[int]) -> tuple[Any, Any]:
    """The module's graph, and the module that holds what the graph calls; a graph is taken as it is."""
    import torch
    from torch import fx

    if isinstance(module, fx.GraphModule):
        return module.graph, module
    if isinstance(module, torch.export.ExportedProgram):
        exported = module.module()
        return exported.graph, exported
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"of_module: module must be a torch.nn.Module or a traced graph, got {module!r:.80}")
    try:
        tracer = fx.Tracer()
        return tracer.trace(module), tracer.root
    except Exception as first:  # whatever the module's own code makes of a tensor without a value
        return _exported(module, shape, first)


def _exported(module: Any, shape: Sequence[int], first: Exception) -> tuple[Any, Any]:
    """Through ``torch.export``, at this one shape."""
    import torch

    parameter = next((p for p in module.parameters() if p.is_floating_point()), torch.zeros(()))
    example = torch.zeros((1, *shape), dtype=parameter.dtype, device=parameter.device)
    try:
        exported = torch.export.export(module, (example,), strict=False).module()
    except Exception as second:
        raise UnknownOperation(
            f"of_module: neither torch.fx nor torch.export can trace {type(module).__name__}: "
            f"{_brief(first)}; {_brief(second)}"
        ) from second
    return exported.graph, exported


def _brief(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def start(shape: Sequence[int], axes: Sequence[int]) -> tuple[Walk, Tensor]:
    """A walk with nothing walked yet, and the input: a batch of one in front of ``shape``."""
    graph = Graph([[Node(int(shape[a]), ())] for a in axes], [[INPUT] for _ in axes])
    dims = tuple(((axes.index(d) if d in axes else FREE, int(n)),) for d, n in enumerate(shape))
    return Walk(graph), Tensor((((FREE, 1),), *dims), (0,) * len(axes))


def walked(graph: Any, root: Any, shape: Sequence[int], axes: Sequence[int]) -> Walk:
    """Every node of a graph, in order; ``root`` holds the modules and parameters that it names."""
    walk, x = start(shape, axes)
    modules = dict(root.named_modules(remove_duplicate=False))
    values: dict[Any, Any] = {}
    given = False
    for node in graph.nodes:
        if node.op == "placeholder":
            values[node] = _placeholder(node, x, given)
            given = True
        elif node.op == "output":
            walk.outputs = [Step(name, "output", t) for name, t in _tensors(node.args[0], values)]
        else:
            values[node] = _evaluated(walk, root, node, values, modules)
    return walk


def _placeholder(node: Any, x: Tensor, given: bool) -> Any:
    if not given:
        return x
    if node.args:  # an argument that has a default
        return node.args[0]
    raise UnknownOperation(
        f"of_module: the module takes a second input, {node.target!r}; wrap it with that input fixed"
    )


def _tensors(argument: Any, values: dict[Any, Any]) -> list[tuple[str, Tensor]]:
    """Tensors among the outputs, by the names of their nodes."""
    if isinstance(argument, dict):
        return [pair for v in argument.values() for pair in _tensors(v, values)]
    if isinstance(argument, (tuple, list)):
        return [pair for v in argument for pair in _tensors(v, values)]
    value = values.get(argument) if hasattr(argument, "op") else None
    found = value if isinstance(value, (tuple, list)) else [value]
    return [(str(argument.name), t) for t in found if isinstance(t, Tensor)]


def _evaluated(walk: Walk, root: Any, node: Any, values: dict[Any, Any], modules: dict[str, Any]) -> Any:
    """The value of a node: a tensor without values, or whatever its code gives for plain arguments."""
    args, kwargs = _filled(node.args, values), _filled(node.kwargs, values)
    try:
        value, operation = _applied(walk, root, node, args, kwargs, modules)
    except (Unsupported, TypeError, IndexError, OverflowError) as error:
        told = (
            str(error)
            if isinstance(error, (Unsupported, OverflowError))
            else f"a call that it has no rule for ({error})"
        )
        raise UnknownOperation(f"of_module: node {node.name!r} ({_described(root, node)}): {told}") from error
    first = value[0] if isinstance(value, tuple) and value else value
    if isinstance(first, Tensor):
        walk.steps.append(Step(str(node.name), operation, first))
        _write_back(node, value, values)
    return value


def _filled(argument: Any, values: dict[Any, Any]) -> Any:
    """An argument with the values of nodes in their places."""
    if isinstance(argument, (tuple, list)):
        filled = [_filled(a, values) for a in argument]
        return tuple(filled) if isinstance(argument, tuple) else filled
    if isinstance(argument, dict):
        return {key: _filled(a, values) for key, a in argument.items()}
    if isinstance(argument, slice):
        return slice(*(_filled(a, values) for a in (argument.start, argument.stop, argument.step)))
    return values[argument] if hasattr(argument, "op") and hasattr(argument, "target") else argument


def _described(root: Any, node: Any) -> str:
    if node.op == "call_module":
        return f"{node.target}: {type(root.get_submodule(node.target)).__name__}"
    return f"{node.op} {node.target}"


def _applied(walk: Walk, root: Any, node: Any, args: Any, kwargs: Any, modules: dict[str, Any]) -> tuple[Any, str]:
    """The value of a node and the name of its operation."""
    if node.op == "get_attr":
        value = root
        for part in str(node.target).split("."):
            value = getattr(value, part)
        return value, "get_attr"
    if node.op == "call_module":
        module = modules[node.target]
        if node.target == "_guards_fn":  # the checks that torch.export leaves behind
            return None, "guards"
        return module_rule(module)(walk.graph, str(node.target), module, *args, **kwargs), type(module).__name__
    name = node.target if node.op == "call_method" else _name(node.target)
    if not _abstract((args, kwargs)):
        run = (lambda: getattr(args[0], name)(*args[1:], **kwargs)) if node.op == "call_method" else None
        return (run() if run else node.target(*args, **kwargs)), name
    if name in _QUESTIONS:
        return _QUESTIONS[name](*args, **kwargs), name
    if name in OPERATIONS:
        kwargs = dict(kwargs)
        first = [kwargs.pop(key) for key in ("input", "self", "tensors") if key in kwargs]
        if "axis" in kwargs:
            kwargs["dim"] = kwargs.pop("axis")
        return OPERATIONS[name](walk.graph, str(node.name), *first, *args, **kwargs), name
    raise Unsupported("there is no rule for this operation")


def _name(target: Any) -> str:
    """``conv2d`` for the function of that name, wherever it is, and for the ATen operator."""
    schema = getattr(target, "_schema", None)
    return str(schema.name).rpartition("::")[2] if schema is not None else str(getattr(target, "__name__", target))


def _abstract(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_abstract, value))
    if isinstance(value, dict):
        return any(map(_abstract, value.values()))
    if isinstance(value, slice):
        return any(map(_abstract, (value.start, value.stop, value.step)))
    return isinstance(value, Tensor)


def _write_back(node: Any, value: Any, values: dict[Any, Any]) -> None:
    """An operation in place changes its first operand, too."""
    name = str(node.target) if node.op == "call_method" else _name(node.target)
    if node.op == "call_module" or not (_IN_PLACE.get(name) or (name.endswith("_") and not name.endswith("__"))):
        return
    target = node.args[0] if node.args else None
    if target is None or values.get(target) is value:
        return
    if target.op in ("call_method", "call_function") and _name(target.target) in _VIEWS:
        raise UnknownOperation(f"of_module: node {node.name!r} ({name}): it writes into a view, {target.name!r}")
    values[target] = value


def _size(x: Tensor, dim: int | None = None) -> Any:
    return x.shape if dim is None else x.shape[dim]


def _attribute(x: Any, name: str) -> Any:
    import torch

    known = {"shape": _shape(x), "ndim": len(_shape(x)), "dtype": torch.float32, "device": torch.device("cpu")}
    known |= {"is_cuda": False, "requires_grad": False}
    if name in known:
        return known[name]
    raise Unsupported(f"the attribute {name!r} of a tensor")


def _shape(x: Any) -> tuple[int, ...]:
    return x.shape if isinstance(x, Tensor) else tuple(getattr(x, "shape", ()))


def _blank(x: Tensor, shape: Any = None, *rest: Any, **more: Any) -> Tensor:
    """A new tensor, whose values do not come from the input."""
    return constant(x.shape if shape is None or not isinstance(shape, (tuple, list)) else shape)


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


_IN_PLACE = dict.fromkeys(("iadd", "isub", "imul", "itruediv"), True)
_VIEWS = {
    "getitem",
    "view",
    "reshape",
    "slice",
    "select",
    "narrow",
    "transpose",
    "permute",
    "chunk",
    "split",
    "flatten",
}
_VIEWS |= {"squeeze", "unsqueeze", "unbind", "expand", "t"}
_QUESTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("size", "sym_size"), _size),
    "dim": lambda x: len(x.shape),
    "numel": lambda x: prod(x.shape),
    "len": lambda x: x.shape[0],
    "getattr": _attribute,
    "is_contiguous": lambda x, *rest: True,
    "is_floating_point": lambda x: True,
    **{f"{kind}_like": _blank for kind in ("zeros", "ones", "empty", "full", "rand", "randn")},
    **{f"new_{kind}": _blank for kind in ("zeros", "ones", "empty", "full")},
    **dict.fromkeys(("_assert_tensor_metadata", "_assert_async", "_assert_scalar"), _nothing),
}

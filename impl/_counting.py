# SPDX-License-Identifier: BSD-3-Clause
"""Exact counts of labels and of pairs of labels, in one pass over the data and with little memory.

Labels are read a block at a time. The range of a block is looked at before the block is counted, so that
no label outside of it can be dropped, wrapped around or counted as another one. Counts are int64, which
the number of elements of an array in memory does not reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import index
from typing import Any, NoReturn

import numpy as np
from array_api_compat import is_torch_array

Labels = np.ndarray[Any, Any]
Counts = np.ndarray[Any, np.dtype[np.int64]]

_BLOCK = 1 << 16  # labels whose indices stay in the cache until they are counted
_DEVICE_BLOCK = 1 << 24  # on a GPU, where the int64 indices of a block lie beside the labels
_INTEGERS = ("bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))


def integer(name: str, argument: str, value: Any, *, least: int | None = None) -> int:
    """The value as a Python integer, or an error that names the argument."""
    try:
        number = index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: {argument} must be an integer, got {value!r}")
    if least is not None and number < least:
        raise ValueError(f"{name}: {argument} must be at least {least}, got {number}")
    return number


def tally(
    name: str, labels: Sequence[tuple[str, Any]], classes: int, ignore_index: int | None = None, *, hint: str = ""
) -> Counts:
    """How often each tuple of labels occurs at one place: ``(classes,) * len(labels)``, on the host.

    ``labels`` are arrays of one shape with the names of their arguments. Where the first of them is
    ``ignore_index`` nothing is counted and the others are not looked at. ``ValueError`` names the first label
    outside ``0 … classes − 1``, in the order of the indices, and ends with ``hint``.
    """
    _require_labels(name, labels)
    first = labels[0][1]
    ignored = ignore_index if ignore_index is not None and _holds(first, ignore_index) else None
    arrays = [x for _, x in labels]
    counts = (_on_device if _is_elsewhere(first) else _on_host)(arrays, classes, ignored)
    if counts is None:
        _refuse(name, labels, classes, ignored, hint)
    return counts.reshape((classes,) * len(labels))


def _require_labels(name: str, labels: Sequence[tuple[str, Any]]) -> None:
    """Integers of one library, on one device and of one shape, or an error with what was seen."""
    for argument, x in labels:
        if not (isinstance(x, np.ndarray) or is_torch_array(x)) or isinstance(x, np.ma.MaskedArray):
            raise TypeError(f"{name}: {argument} must be a NumPy array or a torch tensor, got {type(x).__name__}")
        dtype = str(x.dtype).rpartition(".")[2]
        if dtype.lstrip("<>") not in _INTEGERS and not (isinstance(x, np.ndarray) and x.dtype.kind in "iu"):
            raise TypeError(f"{name}: {argument} must have an integer dtype or bool, got {dtype}")
    (one, x), *others = labels
    for other, y in others:
        both = f"{name}: {other} and {one} must"
        if is_torch_array(x) != is_torch_array(y):
            raise TypeError(f"{both} be of one library, got {type(y).__name__} and {type(x).__name__}")
        if is_torch_array(x) and x.device != y.device:
            raise ValueError(f"{both} be on one device, got {y.device} and {x.device}")
        if tuple(x.shape) != tuple(y.shape):
            raise ValueError(f"{both} have one shape, got {tuple(y.shape)} and {tuple(x.shape)}")


def _is_elsewhere(x: Any) -> bool:
    return bool(is_torch_array(x) and x.device.type != "cpu")


def _host(x: Any) -> Labels:
    """Labels in main memory as a NumPy array without a copy, booleans as 0 and 1."""
    seen: Labels = np.asarray(x.detach().numpy() if is_torch_array(x) else x)
    return seen.view(np.uint8) if seen.dtype == np.bool_ else seen


def _holds(x: Any, value: int) -> bool:
    """Whether the dtype can hold the value: -100 is no uint8, and comparing in that dtype would wrap it."""
    limits: Any
    if is_torch_array(x):
        import torch

        limits = torch.iinfo(torch.uint8 if x.dtype == torch.bool else x.dtype)
    else:
        limits = np.iinfo(np.uint8 if x.dtype == np.bool_ else x.dtype)
    return bool(limits.min <= value <= limits.max)


def _on_host(arrays: Sequence[Any], classes: int, ignored: int | None) -> Counts | None:
    """Counts of the tuples, flat; ``None`` if a label is out of range."""
    bins = classes ** len(arrays)
    narrow = np.uint16 if bins <= 1 << 16 else np.intp
    counts = np.zeros(bins, dtype=np.int64)
    for block in _blocks([_host(x) for x in arrays], max(_BLOCK, 4 * bins)):
        parts = block
        if ignored is not None and not (keep := parts[0] != ignored).all():
            parts = [part[keep] for part in parts]
        if not parts[0].size:
            continue
        if any(int(part.max()) >= classes or int(part.min()) < 0 for part in parts):
            return None
        place = parts[0].astype(narrow)
        for part in parts[1:]:
            np.multiply(place, classes, out=place, dtype=narrow)
            np.add(place, part, out=place, dtype=narrow, casting="unsafe")
        counts += np.bincount(place, minlength=bins)
    return counts


def _blocks(arrays: list[Labels], size: int) -> Iterator[list[Labels]]:
    """The same places of all arrays, ``size`` at a time, whatever their layout; only blocks are ever copied."""
    if all(x.flags.c_contiguous for x in arrays):
        flat = [x.reshape(-1) for x in arrays]
        for start in range(0, flat[0].size, size):
            yield [x[start : start + size] for x in flat]
        return
    flags: Any = ["external_loop", "buffered", "zerosize_ok"]
    operands: Any = [["readonly"]] * len(arrays)
    for block in np.nditer(arrays, flags, operands, buffersize=size):
        yield [np.asarray(part) for part in block] if len(arrays) > 1 else [np.asarray(block)]


def _on_device(arrays: Sequence[Any], classes: int, ignored: int | None) -> Counts | None:
    """The same with torch's operations, where the labels are; only the counts come to the host."""
    import torch

    flat = [x.detach().reshape(-1) for x in arrays]
    bins = classes ** len(arrays)
    total = torch.zeros(bins, dtype=torch.int64, device=flat[0].device)
    for start in range(0, flat[0].shape[0], _DEVICE_BLOCK):
        parts = [x[start : start + _DEVICE_BLOCK].to(torch.int64) for x in flat]
        if ignored is not None:
            keep = parts[0] != ignored
            parts = [part[keep] for part in parts]
        if not parts[0].numel():
            continue
        if any(int(part.max()) >= classes or int(part.min()) < 0 for part in parts):
            return None
        place = parts[0]
        for part in parts[1:]:
            place = place * classes + part
        total += torch.bincount(place, minlength=bins)
    counts: Counts = total.cpu().numpy()
    return counts


def _refuse(name: str, labels: Sequence[tuple[str, Any]], classes: int, ignored: int | None, hint: str) -> NoReturn:
    """``ValueError`` with the first label that is out of range."""
    values = [(argument, _host(x.cpu() if _is_elsewhere(x) else x)) for argument, x in labels]
    for argument, x in values:
        outside = (x < 0) | (x >= classes)
        if ignored is not None:
            outside &= values[0][1] != ignored
        if outside.any():
            place = tuple(int(i) for i in np.unravel_index(int(np.argmax(outside)), outside.shape))
            wanted = f"{name}: {argument} must lie in 0 … {classes - 1}, got {int(x[place])} at index {place}"
            raise ValueError(f"{wanted}{hint if argument == labels[0][0] else ''}")
    raise RuntimeError(f"{name}: the labels changed while they were counted")

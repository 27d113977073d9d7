# SPDX-License-Identifier: BSD-3-Clause
"""Calls of the metrics and what their outputs are compared with, shared by the laws of segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr

from ..theory.claim import Claim, Refutation
from .call import Call, Kind
from .floats import gamma, half_digits
from .law import Law
from .segmentation_cases import Exact, Labelled, Matrix, pixels, rounded, score
from .subject import Misbehaviour, Output, Subject
from .verdict import Comparison, agreeing

SCORES = ("pixel_accuracy", "mean_class_accuracy", "iou", "miou", "fwiou")
FLOATS = ("float64", "float32")


def call_of(subject: Subject, name: str, case: Labelled) -> Call:
    """The call of a contract on these pixels."""
    if name == "dice":
        return subject.call(name, *case.arrays(), absent=case.absent)
    options = {} if case.ignored is None else {"ignore_index": case.ignored}
    if name == "confusion_matrix":
        return subject.call(name, *case.arrays(), case.classes, **options)
    return subject.call(name, *case.arrays(), case.classes, **options, absent=case.absent)


def measured(subject: Subject, call: Call, case: Labelled) -> Output:
    """Make the call; a score that is not one number, or one a class, is none."""
    output = subject.run(call)
    count = case.classes if call.contract == "iou" else 1
    if output.values[0].size != count:
        raise Misbehaviour(
            f"returned {output.values[0].size} values, promised {count}",
            f"assert np.size({output.code()}) == {count}",
        )
    return output


def compared(subject: Subject, name: str, output: Output, case: Labelled, label: str) -> Comparison:
    """The output against the theory's formula at the matrix of the case."""
    return against(output, score(name, case.matrix, subject.value(name, "absent", case.absent)), case.classes, label)


def against(output: Output, values: list[Exact], classes: int, label: str) -> Comparison:
    """The output against exact values, flat."""
    got = np.asarray(output.values[0], np.float64).reshape(-1)
    return Comparison(got, rounded(values, output.dtypes[0], classes), f"np.reshape({output.code()}, -1)", label)


def refused(subject: Subject, call: Call, what: str) -> None:
    """``Misbehaviour`` unless the call raises."""
    try:
        output = subject.run(call)
    except Misbehaviour as error:
        if not error.assertion:  # it raised, as it should
            return
        raise
    raise Misbehaviour(f"accepted {what}", f'assert False, "accepted {what}: " + repr({output.name})')


def made(matrix: Matrix, seed: int = 0, kind: Kind = "integer") -> Labelled:
    """Pixels with that matrix."""
    return Labelled(matrix, *pixels(matrix, np.random.default_rng(seed)), kind)


def run(subject: Subject, name: str, case: Labelled) -> Output:
    return measured(subject, call_of(subject, name, case), case)


def flat(output: Output) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(output.values[0], np.float64).reshape(-1)


def code(output: Output) -> str:
    return f"np.reshape({output.code()}, -1)"


def width(output: Output, classes: int) -> float:
    """The bound of a score of at most 1: γ of K + 4, as in ``segmentation_cases.rounded``."""
    return gamma(classes + 4, output.dtypes[0])


def at_most(output: Output, limit: Sequence[Fraction], classes: int, label: str) -> Comparison:
    """Nothing of the output above the limit, which is exact: one bound of the output."""
    ceiling = np.array([float(v) for v in limit])
    excess = np.maximum(flat(output) - ceiling, 0)
    written = f"np.maximum({code(output)} - np.array({ceiling.tolist()}), 0)"
    expected = agreeing(np.zeros(ceiling.shape), width(output, classes), half_digits(output.dtypes[0]))
    return Comparison(excess, expected, written, label)


def below(lower: Output, upper: Output, classes: int, label: str) -> Comparison:
    """One output at most another: the bounds of both."""
    excess = np.maximum(flat(lower) - flat(upper), 0)
    bound = width(lower, classes) + width(upper, classes)
    wrong = half_digits(lower.dtypes[0]) + half_digits(upper.dtypes[0])
    written = f"np.maximum({code(lower)} - {code(upper)}, 0)"
    return Comparison(excess, agreeing(np.zeros(excess.shape), bound, wrong), written, label)


def same(got: Output, reference: Output, classes: int, label: str) -> Comparison:
    """Two outputs that are one number: the bounds of both."""
    bound = width(got, classes) + width(reference, classes)
    wrong = half_digits(got.dtypes[0]) + half_digits(reference.dtypes[0])
    return Comparison(flat(got), agreeing(flat(reference), bound, wrong), code(got), label, code(reference))


def sides(claim: Claim, name: str) -> tuple[Expr, Expr]:
    """Both sides of a statement of a claim."""
    relation = next(s for s in claim.sequents() if s.name == name).relation
    return relation.lhs, relation.rhs


def witness(refutation: Refutation) -> Matrix:
    """The confusion matrix of a refutation."""
    cells = {tuple(int(i) for i in place.indices): int(value) for place, value in refutation.witness}
    classes = 1 + max(i for place in cells for i in place)
    return np.array([[cells[i, j] for j in range(classes)] for i in range(classes)])


def law(name: str, id: str, claim: str, statement: str, cases: Any, check: Any, examples: int = 20) -> Law:
    """A law of one contract, or of two that are joined by a plus."""
    contracts = tuple(name.split("+"))
    short = f"{contracts[0]}-{id}"
    return Law(short, (f"segmentation.{claim}",), contracts, statement, cases, check, examples=examples)

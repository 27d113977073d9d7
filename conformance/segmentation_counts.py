# SPDX-License-Identifier: BSD-3-Clause
"""Laws of counting labels: the confusion matrix, sums of such matrices, the histogram of one array."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from hypothesis import strategies as st

from ..theory import balls, oracle
from ..theory import segmentation_matrix as matrices
from ..theory import segmentation_terms as terms
from .call import Array
from .law import Law
from .regimes import SEEDS
from .segmentation_cases import ORDINARY, Draw, Labelled, Matrix, drawn
from .segmentation_scores import call_of, refused
from .subject import Subject
from .verdict import Comparison, exactly


def entries(case: Labelled) -> Matrix:
    """The theory's count of pixels at every pair of labels that occurs; the others are 0, since every pixel counts."""
    keep = case.target.reshape(-1) != case.ignored if case.ignored is not None else slice(None)
    target, pred = case.target.reshape(-1)[keep].tolist(), case.pred.reshape(-1)[keep].tolist()
    count = oracle.compile(
        [matrices.count(terms.a, terms.b)],
        [terms.a, terms.b, terms.P],
        values={matrices.Y: target, matrices.Z: pred},
    )
    matrix = np.zeros((case.classes, case.classes), dtype=np.int64)
    for i, j in set(zip(target, pred, strict=True)):
        matrix[i, j] = int(balls.to_fraction(count.values([i, j, len(target)], 64)[0]))
    return matrix


def _counted(subject: Subject, case: Labelled) -> Iterator[Comparison]:
    """Pixel by pixel, the indicator of (true class, predicted class): integers, so that the bound is zero."""
    output = subject.run(call_of(subject, "confusion_matrix", case))
    yield Comparison(output.values[0], exactly(entries(case)), output.code(), "the matrix against its definition")


def _constructed(subject: Subject, case: Labelled) -> Iterator[Comparison]:
    """The pixels were made from this matrix, which is an array of integers: no bound."""
    output = subject.run(call_of(subject, "confusion_matrix", case))
    yield Comparison(output.values[0], exactly(case.matrix), output.code(), "the matrix that the pixels were made from")


def _added(subject: Subject, case: tuple[Labelled, int]) -> Iterator[Comparison]:
    """Every pixel counts once, wherever the data are cut: integers, no bound."""
    whole, cut = case
    flat = [x.reshape(-1) for x in (whole.pred, whole.target)]
    parts = [Labelled(whole.matrix, p, t, whole.kind) for p, t in zip(*([x[:cut], x[cut:]] for x in flat), strict=True)]
    first, second = (subject.run(call_of(subject, "confusion_matrix", part)) for part in parts)
    total = first.values[0] + second.values[0]
    output = subject.run(call_of(subject, "confusion_matrix", whole))
    against = f"{first.code()} + {second.code()}"
    yield Comparison(output.values[0], exactly(total), output.code(), "all pixels against two parts", against)


def _range(subject: Subject, case: tuple[str, int, int, bool]) -> Iterator[Comparison]:
    """A label that is no class has no place in the matrix; the code must say so instead of counting it. No bound."""
    name, seed, offset, in_target = case
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(1, 20))
    arrays = [rng.integers(0, classes, (2, 5)) for _ in range(2)]
    wrong = classes + offset if offset >= 0 else offset
    arrays[int(in_target)][tuple(rng.integers(0, (2, 5)))] = wrong
    labels = [Array(x, "integer") for x in (arrays if name == "confusion_matrix" else arrays[int(in_target) :][:1])]
    refused(subject, subject.call(name, *labels, classes), f"the label {wrong} with {classes} classes")
    yield from ()


def _histogram(subject: Subject, case: Labelled) -> Iterator[Comparison]:
    """The sums of the rows of the matrix that the targets were made from: integers, no bound."""
    output = subject.run(subject.call("class_histogram", Array(case.target, case.kind), case.classes))
    rows = [int(t) for t in case.matrix.sum(axis=1)]
    yield Comparison(output.values[0], exactly(rows), output.code(), "the histogram against the rows of the matrix")


def _sum(subject: Subject, stack: Matrix) -> Iterator[Comparison]:
    """A sum of integers, compared with Python's; sums below 2⁵³ are exact in the comparison, so that the bound is 0."""
    output = subject.run(subject.call("accumulate", Array(stack, "integer")))
    total = stack.astype(object).sum(axis=0).astype(np.int64)
    difference = output.values[0].astype(np.int64) - total
    code = f"np.asarray({output.code()}) - {total.astype(float).tolist()}"
    yield Comparison(difference, exactly(np.zeros(total.shape)), code, "the sum of the matrices, less the exact sum")


def _order(subject: Subject, case: tuple[Matrix, int]) -> Iterator[Comparison]:
    """Addition of integers is commutative and associative: any order and any grouping, no bound."""
    stack, cut = case
    whole = subject.run(subject.call("accumulate", Array(stack, "integer")))
    back = subject.run(subject.call("accumulate", Array(stack[::-1].copy(), "integer")))
    yield Comparison(back.values[0], exactly(whole.values[0]), back.code(), "the reverse order", whole.code())
    parts = [subject.run(subject.call("accumulate", Array(p, "integer"))) for p in (stack[:cut], stack[cut:])]
    both = np.stack([part.values[0] for part in parts]).astype(np.int64)
    grouped = subject.run(subject.call("accumulate", Array(both, "integer")))
    yield Comparison(grouped.values[0], exactly(whole.values[0]), grouped.code(), "two groups", whole.code())


# Cases ---------------------------------------------------------------------------------------------


def _any_labels(subject: Subject) -> Draw:
    return drawn()


def _small_labels(subject: Subject) -> Draw:
    return drawn(ORDINARY)


def _cut_labels(subject: Subject) -> Draw:
    return st.tuples(drawn(), st.integers(0, 12))


def _out_of_range(name: str) -> Callable[[Subject], Draw]:
    def cases(subject: Subject) -> Draw:
        return st.tuples(st.just(name), SEEDS, st.sampled_from([0, -1, 1, 7, 250, 1000, -300]), st.booleans())

    return cases


def _stack(seed: int, images: int, large: int) -> Matrix:
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(1, 5))
    stack = rng.integers(0, 100, (images, classes, classes))
    if large:  # one entry that leaves no room for another in a format of that many bits
        stack[0][tuple(rng.integers(0, classes, 2))] = 2**large - 1
    return stack


def stacks(smallest: int, large: tuple[int, ...]) -> Draw:
    return st.tuples(SEEDS, st.integers(smallest, 5), st.sampled_from(large)).map(lambda drawn: _stack(*drawn))


def _ignored_labels(subject: Subject) -> Draw:
    return drawn(ORDINARY, ("beyond", "class"))


def _histogram_cases(subject: Subject) -> Draw:
    return drawn()


LAWS = (
    Law(
        "confusion-definition",
        ("segmentation.confusion",),
        ("confusion_matrix",),
        "Entry i, j counts the pixels of true class i that are predicted as j.",
        _small_labels,
        _counted,
    ),
    Law(
        "confusion-constructed",
        ("segmentation.confusion",),
        ("confusion_matrix",),
        "However many pixels and classes, every pair is counted as itself.",
        _any_labels,
        _constructed,
        examples=50,
    ),
    Law(
        "confusion-ignored",
        ("segmentation.confusion",),
        ("confusion_matrix",),
        "Pixels whose target is ignored are left out, whatever is predicted there.",
        _ignored_labels,
        _constructed,
        ("ignore_index",),
    ),
    Law(
        "confusion-additive",
        ("segmentation.confusion",),
        ("confusion_matrix",),
        "Matrices of parts add up to the matrix of all.",
        _cut_labels,
        _added,
    ),
    Law(
        "confusion-range",
        ("segmentation.confusion",),
        ("confusion_matrix",),
        "A label that is no class is refused.",
        _out_of_range("confusion_matrix"),
        _range,
    ),
    Law(
        "histogram-rows",
        ("segmentation.confusion",),
        ("class_histogram",),
        "The histogram of the targets is the row sums of the confusion matrix.",
        _histogram_cases,
        _histogram,
        examples=50,
    ),
    Law(
        "histogram-range",
        ("segmentation.confusion",),
        ("class_histogram",),
        "A label that is no class is refused.",
        _out_of_range("class_histogram"),
        _range,
    ),
    Law(
        "accumulate-sum",
        ("segmentation.batch-average", "segmentation.confusion"),
        ("accumulate",),
        "The matrix of all pixels is the sum, exact beyond what floats and 32 bits hold.",
        lambda subject: stacks(1, (0, 24, 31, 53, 62)),
        _sum,
    ),
    Law(
        "accumulate-order",
        ("segmentation.confusion",),
        ("accumulate",),
        "Order and grouping of the matrices do not matter.",
        lambda subject: st.tuples(stacks(2, (0, 24, 31, 40)), st.just(1)),
        _order,
    ),
)

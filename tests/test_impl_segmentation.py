# SPDX-License-Identifier: BSD-3-Clause
"""What the laws leave open about ``lemmata.segmentation``: dtypes, layouts, errors, overflow, several processes."""

from __future__ import annotations

import os
from math import isnan

import numpy as np
import pytest
from impl_backends import BACKENDS
from lemmata import segmentation as sg
from lemmata.impl import _counting

DTYPES = ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
backends = pytest.mark.parametrize("backend", BACKENDS)


def counted(pred, target, classes, ignored=None):
    """Pixel by pixel, in plain Python."""
    matrix = np.zeros((classes, classes), dtype=np.int64)
    for p, t in zip(np.asarray(pred).reshape(-1).tolist(), np.asarray(target).reshape(-1).tolist(), strict=True):
        if t != ignored:
            matrix[int(t), int(p)] += 1
    return matrix


def labels(shape, classes, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, shape), rng.integers(0, classes, shape)


class TestConfusionMatrix:
    @backends
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shape", [(), (0,), (3, 0), (7,), (3, 4, 5)])
    def test_every_dtype_and_shape_is_counted(self, backend, dtype, shape):
        classes = 2 if dtype == "bool" else 19
        pred, target = labels(shape, classes)
        got = sg.confusion_matrix(backend.array(pred, dtype), backend.array(target, dtype), classes)
        assert str(got.dtype).removeprefix("torch.") == "int64"
        assert np.array_equal(backend.doubles(got), counted(pred, target, classes))

    @backends
    @pytest.mark.parametrize("ignored", [-100, -1, 0, 1, 255, 2**40])
    def test_an_ignored_label_need_not_fit_the_dtype(self, backend, ignored):
        """-1 as uint8 would be 255, and 2⁴⁰ would be 0."""
        pred, target = labels((50,), 4)
        got = sg.confusion_matrix(backend.array(pred, "uint8"), backend.array(target, "uint8"), 4, ignore_index=ignored)
        assert np.array_equal(backend.doubles(got), counted(pred, target, 4, ignored))

    def test_the_largest_uint64_is_no_ignored_minus_one(self):
        with pytest.raises(ValueError, match="got 18446744073709551615 at index"):
            sg.confusion_matrix(np.zeros(1, np.int64), np.array([2**64 - 1], np.uint64), 2, ignore_index=-1)

    def test_predictions_at_ignored_pixels_are_not_looked_at(self):
        assert sg.confusion_matrix(np.array([999, 1]), np.array([255, 1]), 2, ignore_index=255).tolist() == [
            [0, 0],
            [0, 1],
        ]

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    def test_every_layout_is_counted_without_being_copied_whole(self, order):
        pred, target = labels((40, 50, 60), 7)
        expected = counted(pred, target, 7)
        other = np.ascontiguousarray(target.transpose(order)).transpose(np.argsort(order))
        assert np.array_equal(sg.confusion_matrix(pred, other, 7), expected)
        assert np.array_equal(
            sg.confusion_matrix(pred[::-1, ::2], other[::-1, ::2], 7), counted(pred[::-1, ::2], target[::-1, ::2], 7)
        )

    def test_more_pixels_than_a_block_and_more_classes_than_bytes(self):
        pred, target = labels((3, 100_000), 300)
        expected = np.zeros((300, 300), dtype=np.int64)
        np.add.at(expected, (target, pred), 1)
        assert np.array_equal(sg.confusion_matrix(pred, target, 300), expected)
        big_endian = [x.astype(">i4") for x in (pred, target)]
        assert np.array_equal(sg.confusion_matrix(*big_endian, 300), expected)

    def test_what_runs_on_a_gpu_counts_the_same(self):
        """The same operations on the CPU; the device itself is covered where there is one."""
        torch = pytest.importorskip("torch")
        pred, target = (torch.from_numpy(x) for x in labels((1000,), 19))
        for ignored in (None, 3):
            flat = _counting._on_device([target, pred], 19, ignored)
            assert np.array_equal(flat.reshape(19, 19), counted(pred, target, 19, ignored))
        assert _counting._on_device([target, pred], 18, None) is None

    def test_counting_is_exact_where_single_precision_saturates(self):
        """2²⁴ + 3 pixels in one cell."""
        zeros = np.broadcast_to(np.uint8(0), (2**24 + 3,))
        assert sg.confusion_matrix(zeros, zeros, 2)[0, 0] == 2**24 + 3


class TestErrors:
    @backends
    @pytest.mark.parametrize(("value", "dtype"), [(5, "uint8"), (-1, "int64"), (1000, "int32")])
    def test_the_first_label_out_of_range_is_named(self, backend, value, dtype):
        good, bad = np.zeros((2, 3), np.int64), np.array([[0, 1, 4], [0, value, value]])
        arrays = [backend.array(x, dtype) for x in (good, bad)]
        with pytest.raises(ValueError, match=rf"target must lie in 0 … 4, got {value} at index \(1, 1\); pass ignore"):
            sg.confusion_matrix(*arrays, 5)
        with pytest.raises(ValueError, match=rf"miou: pred must lie in 0 … 4, got {value} at index \(1, 1\)$"):
            sg.miou(*arrays[::-1], 5)
        with pytest.raises(ValueError, match=rf"class_histogram: labels must lie in 0 … 4, got {value}"):
            sg.class_histogram(arrays[1], 5)

    ONE = np.zeros(2, np.int64)

    @pytest.mark.parametrize(
        ("arguments", "options", "error", "message"),
        [
            ((ONE, ONE.astype(float), 2), {}, TypeError, "target must have an integer dtype or bool, got float64"),
            (([0, 1], ONE, 2), {}, TypeError, "pred must be a NumPy array or a torch tensor, got list"),
            ((np.ma.masked_array(ONE), ONE, 2), {}, TypeError, "got MaskedArray"),
            ((ONE, ONE[:1], 2), {}, ValueError, r"must have one shape, got \(2,\) and \(1,\)"),
            ((ONE, ONE, 0), {}, ValueError, "num_classes must be at least 1, got 0"),
            ((ONE, ONE, 2.0), {}, TypeError, "num_classes must be an integer, got 2.0"),
            ((ONE, ONE, 2), {"ignore_index": 0.5}, TypeError, "ignore_index must be an integer, got 0.5"),
            ((ONE, ONE, 2), {"absent": "drop"}, ValueError, "absent must be one of skip, zero, one, nan, got 'drop'"),
        ],
    )
    def test_bad_arguments_are_named(self, arguments, options, error, message):
        with pytest.raises(error, match=f"miou: .*{message}"):
            sg.miou(*arguments, **options)

    def test_images_must_pair_up(self):
        with pytest.raises(ValueError, match="got 1 targets and more preds"):
            sg.miou_dataset([self.ONE, self.ONE], [self.ONE], 2)
        with pytest.raises(ValueError, match="got more targets"):
            sg.miou_dataset([self.ONE], [self.ONE, self.ONE], 2)

    @pytest.mark.parametrize(
        ("confusions", "error", "message"),
        [
            ([], ValueError, "at least one confusion matrix"),
            ([np.eye(2)], TypeError, r"confusions\[0\] must hold integers, got dtype float64"),
            ([np.ones((2, 3), int)], ValueError, r"must be a square matrix, got shape \(2, 3\)"),
            ([-np.ones((2, 2), int)], ValueError, "must hold counts in"),
            ([np.ones((2, 2), int), np.ones((3, 3), int)], ValueError, r"confusions\[1\] must have the shape"),
        ],
    )
    def test_matrices_that_are_none_are_refused(self, confusions, error, message):
        with pytest.raises(error, match=message):
            sg.accumulate(confusions)

    def test_a_total_that_does_not_fit_is_refused_instead_of_wrapping(self):
        half = np.full((1, 1), 2**62, dtype=np.int64)
        assert sg.accumulate([half, half - 1])[0, 0] == 2**63 - 1
        with pytest.raises(OverflowError, match="9223372036854775808 counts in all"):
            sg.accumulate([half, half])
        full = sg.ConfusionMatrix(1, state=half).merge(sg.ConfusionMatrix(1, state=half - 1))
        with pytest.raises(OverflowError, match="update: "):
            full.update(np.zeros(1, int), np.zeros(1, int))
        assert full.state[0, 0] == 2**63 - 1


class TestScores:
    @pytest.mark.parametrize(("absent", "expected"), [("skip", 0.5), ("zero", 0.25), ("one", 0.75)])
    def test_an_absent_class_counts_as_asked(self, absent, expected):
        pred, target = np.array([0, 1]), np.array([0, 0])  # IoU 1/2, 0, and a third and a fourth that nobody has
        matrix = sg.ConfusionMatrix(1, state=np.array([[1]]))
        assert sg.miou(pred[:1], target[:1], 2, absent="one") == matrix.miou() == 1.0
        assert sg.mean_class_accuracy(pred, target, 2, absent=absent) == expected

    def test_nan_spreads_only_where_it_is_asked_for(self):
        pred, target = np.array([0, 1]), np.array([0, 0])
        assert isnan(sg.mean_class_accuracy(pred, target, 2, absent="nan"))
        assert sg.miou(pred, target, 2, absent="nan") == 0.25  # class 1 is predicted: its IoU is 0, not 0/0
        assert sg.fwiou(pred, target, 3, absent="nan") == 0.5

    @pytest.mark.parametrize("name", ["pixel_accuracy", "mean_class_accuracy", "miou", "fwiou"])
    @pytest.mark.parametrize(("absent", "expected"), [("zero", 0.0), ("one", 1.0)])
    def test_without_pixels_everything_is_what_absent_says(self, name, absent, expected):
        empty = np.zeros((0, 5), np.uint8)
        assert getattr(sg, name)(empty, empty, 3, absent=absent) == expected
        assert isnan(getattr(sg, name)(empty, empty, 3))

    def test_quotients_of_counts_beyond_floats_are_correctly_rounded(self):
        """(2⁵³ + 1)/(2⁵³ + 3): both counts are no floats."""
        matrix = sg.ConfusionMatrix(2, state=np.array([[2**53 + 1, 2], [0, 0]]))
        assert matrix.pixel_accuracy() == (2**53 + 1) / (2**53 + 3)

    def test_a_matrix_gives_what_its_pixels_give(self):
        pred, target = labels((500,), 5)
        matrix = sg.ConfusionMatrix(5)
        matrix.update(pred, target)
        for name in ("pixel_accuracy", "mean_class_accuracy", "miou", "fwiou"):
            assert getattr(matrix, name)() == getattr(sg, name)(pred, target, 5)
        assert np.array_equal(matrix.iou(), sg.iou(pred, target, 5))
        masks = [(x == 2) for x in (pred, target)]
        assert matrix.dice()[2] == sg.dice(*masks)


def matrix_of(seed):
    total = sg.ConfusionMatrix(3, ignore_index=255)
    total.update(*labels((20,), 3, seed))
    return total


class TestAccumulator:
    def test_merging_is_associative_and_commutative_and_changes_neither(self):
        a, b, c = (matrix_of(seed) for seed in range(3))
        before = a.state
        states = [a.merge(b).merge(c), a.merge(b.merge(c)), c.merge(a, b), b.merge(c, a)]
        assert all(np.array_equal(s.state, states[0].state) for s in states)
        assert np.array_equal(a.state, before)

    def test_a_failed_update_counts_nothing(self):
        total = matrix_of(0)
        before = total.state
        with pytest.raises(ValueError, match="update: pred must lie in"):
            total.update(np.array([0, 3]), np.array([0, 0]))
        assert np.array_equal(total.state, before)

    def test_the_state_is_a_copy_that_another_process_can_start_from(self):
        total = matrix_of(0)
        total.state[0, 0] += 1
        assert np.array_equal(sg.ConfusionMatrix(3, ignore_index=255, state=total.state).state, matrix_of(0).state)

    def test_only_matrices_of_one_kind_merge(self):
        with pytest.raises(ValueError, match="num_classes and ignore_index must be 3 and 255, got 3 and None"):
            matrix_of(0).merge(sg.ConfusionMatrix(3))

    def test_two_processes_sum_their_states(self, tmp_path):
        """all_reduce of gloo, as in training on several machines."""
        torch = pytest.importorskip("torch")
        if not torch.distributed.is_available():
            pytest.skip("torch.distributed is not built in")
        import subprocess
        import sys

        code = (
            "import sys, torch, numpy as np\n"
            "import torch.distributed as dist\n"
            "from lemmata import segmentation as sg\n"
            "rank, store = int(sys.argv[1]), sys.argv[2]\n"
            "dist.init_process_group('gloo', init_method='file://' + store, rank=rank, world_size=2)\n"
            "rng = np.random.default_rng(rank)\n"
            "total = sg.ConfusionMatrix(3)\n"
            "total.update(rng.integers(0, 3, 100 + rank), rng.integers(0, 3, 100 + rank))\n"
            "state = torch.from_numpy(total.state)\n"
            "dist.all_reduce(state)\n"
            "print(sg.ConfusionMatrix(3, state=state).state.tolist())\n"
            "dist.destroy_process_group()\n"
        )
        command = [sys.executable, "-W", "ignore", "-c", code]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
        ranks = [
            subprocess.Popen(
                [*command, str(rank), str(tmp_path / "store")], stdout=subprocess.PIPE, text=True, env=environment
            )
            for rank in range(2)
        ]
        printed = [rank.communicate(timeout=120)[0].strip() for rank in ranks]
        whole = sg.ConfusionMatrix(3)
        for rank in range(2):
            rng = np.random.default_rng(rank)
            whole.update(rng.integers(0, 3, 100 + rank), rng.integers(0, 3, 100 + rank))
        assert printed == [str(whole.state.tolist())] * 2


class TestTorchmetrics:
    """``Metric`` does what torchmetrics asks of a metric, and gives what our functions give."""

    @pytest.fixture
    def torch(self):
        torch = pytest.importorskip("torch")
        pytest.importorskip(
            "torchmetrics", reason="torchmetrics is not installed (extra: metrics)", exc_type=ImportError
        )
        return torch

    @pytest.mark.parametrize("score", ["miou", "iou", "fwiou", "pixel_accuracy", "mean_class_accuracy"])
    def test_batches_are_pooled(self, torch, score):
        metric = sg.Metric(4, score=score, ignore_index=255)
        pred, target = (torch.from_numpy(x) for x in labels((6, 10), 4))
        target[0, :3] = 255
        for i in range(0, 6, 2):
            metric.update(pred[i : i + 2], target[i : i + 2])
        expected = getattr(sg, score)(pred, target, 4, ignore_index=255)
        assert np.array_equal(metric.compute().numpy(), np.asarray(expected))

    def test_it_resets_and_merges(self, torch):
        first, second = sg.Metric(3), sg.Metric(3)
        first.update(*(torch.from_numpy(x) for x in labels((9,), 3, 1)))
        second.update(*(torch.from_numpy(x) for x in labels((9,), 3, 2)))
        both = first.confusion + second.confusion
        first.merge_state(second)
        assert torch.equal(first.confusion, both)
        first.reset()
        assert not first.confusion.any()

    def test_bad_options_are_named(self, torch):
        with pytest.raises(ValueError, match="Metric: score must be one of"):
            sg.Metric(3, score="accuracy")
        with pytest.raises(ValueError, match="Metric: absent must be one of"):
            sg.Metric(3, absent="drop")


def test_an_unknown_attribute_is_named():
    with pytest.raises(AttributeError, match="has no attribute 'mIoU'"):
        sg.mIoU  # noqa: B018

# SPDX-License-Identifier: BSD-3-Clause
"""``lemmata rf``: the table, the pictures, the errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from lemmata.cli.main import main

NETWORKS = """
from torch import nn

def gridded():
    return nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=2) for _ in range(3)))

class Pooled(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv1d(2, 2, 3), nn.BatchNorm1d(2), nn.AdaptiveAvgPool1d(1))

ready = nn.Sequential(nn.Conv1d(2, 2, 3), nn.BatchNorm1d(2))

def recurrent():
    return nn.LSTM(4, 4)

def broken():
    raise RuntimeError("no weights")
"""


@pytest.fixture
def rf(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command in a folder with a module of networks: exit code, output, errors."""
    (tmp_path / "rf_networks.py").write_text(NETWORKS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(("rf", *arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


class TestNetworks:
    @pytest.fixture(autouse=True)
    def _torch(self) -> None:
        pytest.importorskip("torch")

    def test_the_table_and_the_picture(self, rf: Any) -> None:
        code, out, err = rf("rf_networks:gridded", "--input", "1x32x32")
        assert (code, err) == (0, "")
        assert "_2     Conv2d     1×20×20  13    1       0 … 12             7" in out
        assert "axis 0: size 13, stride 1, output 0 sees 0 … 12, centre 6" in out
        assert "█ █ █ █ █ █ █" in out
        assert "██  ██  ██  ██  ██  ██  ██" in out
        assert out.count("axis 1") == 1  # the picture of an axis like the first is not repeated

    def test_json(self, rf: Any) -> None:
        code, out, _ = rf("rf_networks:gridded", "--input", "1x32x32", "--json")
        assert code == 0
        assert json.loads(out)["axes"][0]["phases"][0]["holes"] == 6

    def test_a_class_and_a_global_pool(self, rf: Any) -> None:
        code, out, _ = rf("rf_networks:Pooled", "--input", "2x50")
        assert code == 0
        assert "size ∞: 2 pools over the whole axis" in out

    def test_training_mode_is_asked_for(self, rf: Any) -> None:
        assert "size 3," in rf("rf_networks:ready", "--input", "2x50")[1]
        import rf_networks  # type: ignore[import-not-found]

        rf_networks.ready.train()
        assert "size ∞: 1 normalises by" in rf("rf_networks:ready", "--input", "2x50", "--train")[1]

    def test_an_svg_shows_what_is_used(self, rf: Any, tmp_path: Path) -> None:
        assert rf("rf_networks:gridded", "--input", "1x32x32", "--plot", "field.svg")[0] == 0
        root = ElementTree.parse(tmp_path / "field.svg").getroot()
        rectangles = [e for e in root.iter() if e.tag.endswith("rect") and "fill-opacity" in e.attrib]
        assert len(rectangles) == 3 + 5 + 7 + 7 * 7  # the three layers, then both axes

    def test_a_png(self, rf: Any, tmp_path: Path) -> None:
        pytest.importorskip("matplotlib")
        assert rf("rf_networks:gridded", "--input", "1x32x32", "--plot", "field.png")[0] == 0
        assert (tmp_path / "field.png").read_bytes().startswith(b"\x89PNG")

    def test_an_unknown_operation_exits_1_and_is_named(self, rf: Any) -> None:
        code, out, err = rf("rf_networks:recurrent", "--input", "4x4")
        assert (code, out) == (1, "")
        assert "LSTM" in err

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("rf_networks:gridded",), "--input is needed"),
            (("rf_networks:gridded", "--input", "3"), "such as 3x224x224, got '3'"),
            (("rf_networks:gridded", "--input", "1x32x32", "--plot", "a.jpg"), ".svg or .png"),
            (("rf_networks:missing", "--input", "1x8"), "has no 'missing'"),
            (("rf_nowhere:net", "--input", "1x8"), "rf_nowhere"),
            (("rf_networks:broken", "--input", "1x8"), "rf_networks:broken() raised RuntimeError: no weights"),
        ],
    )
    def test_wrong_usage_exits_2(self, rf: Any, arguments: tuple[str, ...], message: str) -> None:
        code, out, err = rf(*arguments)
        assert (code, out) == (2, "")
        assert message in err


def test_a_missing_library_is_named(rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    code, _, err = rf("model.onnx")
    assert code == 2
    assert "lemmata[onnx]" in err

# SPDX-License-Identifier: BSD-3-Clause
"""Pictures and tables of certificates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from lemmata.cli import certificates, peers, plot
from lemmata.cli.main import main
from lemmata.conformance.certificate import FUNCTIONS, Certificate, Question


def made(target: str, worst: float, **changed: object) -> Certificate:
    plain = Certificate(
        "gelu", target, {}, "value", "bfloat16", "torch", "cpu", 1 << 16, worst, "0x1p+0", 3, (), 0, "", "", (), ""
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def test_a_picture_is_an_svg_that_names_what_it_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "silu.svg"
    assert main(["plot", "torch.nn.functional:silu", "--dtype", "bfloat16", "--save", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    text = file.read_text("utf-8")
    assert text.lstrip().startswith("<?xml")
    assert "torch.nn.functional:silu bfloat16" in text


def test_several_pictures_do_not_fit_one_file(capsys: pytest.CaptureFixture[str]) -> None:
    functions = ("torch.nn.functional:silu", "torch.nn.functional:mish")
    assert main(["plot", *functions, "--save", "one.svg"]) == 2
    assert "name a folder" in capsys.readouterr().err


def test_errors_are_drawn_where_they_are() -> None:
    """PyTorch's bfloat16 gelu loses every digit below −5 and is right to half an ulp above 8."""
    places, worst = plot.errors(Question("gelu", "torch.nn.functional:gelu", dtype="bfloat16"))
    below, above = places < 0, (places > 0.52) & (places < 0.9)  # ±1 is half of the way, as exponents go
    assert np.all(np.diff(places) > 0)
    assert worst[below].max() > 100
    assert worst[above].max() <= 1


def test_a_table_has_ours_first_and_a_row_for_each_function() -> None:
    ours = made("lemmata.activations:gelu", 0.5)
    peer = made("torch.nn.functional:gelu", float("inf"), wrong_at=("-inf",))
    lines = certificates.markdown([peer, ours]).splitlines()
    assert lines[0] == "| value, bfloat16 | lemmata, no Numba | torch |"
    assert lines[2] == "| `gelu` | 0.500000 (3 not nearest) | inf (3 not nearest, wrong at -inf) |"


def test_file_names_tell_libraries_apart() -> None:
    names = {
        certificates.file_name(made(target, 0.0, backend=backend).question)
        for target, backend in (("torch.nn.functional:gelu", "torch"), ("lemmata.activations:gelu", "torch"),
                                ("lemmata.activations:gelu", "numpy"), ("scipy.special:expit", "numpy"))
    }  # fmt: skip
    assert len(names) == 4


@pytest.mark.parametrize(("library", "name"), [(lib, n) for lib, fs in peers.PEERS.items() for n in fs])
def test_peers_are_activations_of_ours(library: str, name: str) -> None:
    assert name in FUNCTIONS
    if library == "torch":
        (question,) = (q for q in peers.questions(name, "float32") if q.backend == "torch")
        question.try_out()

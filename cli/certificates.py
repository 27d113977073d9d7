# SPDX-License-Identifier: BSD-3-Clause
"""The certificates that the package carries, and whether they still speak of its sources."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from . import cache

if TYPE_CHECKING:
    from ..conformance.certificate import Certificate, Question

TOPIC = "activations"
FOLDER = cache.PACKAGE / "certificates"
OURS = f"lemmata.{TOPIC}:"
# Activations that are another function of ours with a keyword.
_KEYWORDS = {"gelu_tanh": ("gelu", (("approximate", "tanh"),))}
# The weight of prelu is an array, and at one weight it is leaky_relu; swish at its default is silu.
_NO_FUNCTION_OF_ONE_ARRAY = ("prelu", "swish")


def our_target(activation: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Target and keywords of our own function for an activation."""
    name, keywords = _KEYWORDS.get(activation, (activation, ()))
    return f"{OURS}{name}", keywords


def our_activations() -> tuple[str, ...]:
    """The activations that can be certified by name."""
    from ..conformance.certificate import FUNCTIONS

    return tuple(name for name in FUNCTIONS if name not in _NO_FUNCTION_OF_ONE_ARRAY)


def source(question: Question) -> str:
    """The fingerprint of the code behind a target, where it is ours; empty otherwise."""
    return cache.module_sources(f"impl.{TOPIC}")[:16] if question.target.startswith(OURS) else ""


def file_name(question: Question) -> str:
    """gelu-gradient-float32-lemmata-torch.json: what was certified, whose it is, on which arrays."""
    gradient = "-gradient" if question.gradient else ""
    library = question.target.partition(":")[0].partition(".")[0]
    on = f"-{question.backend}" if question.backend != library else ""
    return f"{question.function}{gradient}-{question.dtype}-{library}{on}.json"


def load_all(folder: Path = FOLDER) -> dict[str, Certificate]:
    """By file name."""
    from ..conformance.certificate import Certificate

    return {
        p.relative_to(folder).as_posix(): Certificate.from_json(p.read_text("utf-8"))
        for p in sorted(folder.rglob("*.json"))
    }


def stale(folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Names of the certificates that no longer match, each with what has changed."""
    from ..conformance.certificate import reference_fingerprint

    found = []
    for name, certificate in load_all(folder).items():
        if certificate.source != source(certificate.question):
            found.append((name, "the implementation has changed"))
        elif certificate.reference != reference_fingerprint(certificate.question):
            found.append((name, "the formula that it was held against has changed"))
    return found


def markdown(found: Iterable[Certificate]) -> str:
    """Tables of certificates side by side: one for each dtype and for value and gradient, a column for each library.

    A cell says the worst error in ulp and how many outputs are not the nearest float, and where ±inf or nan go wrong.
    """
    tables: dict[tuple[str, str], dict[str, dict[str, Certificate]]] = {}
    for c in found:
        tables.setdefault((c.what, c.dtype), {}).setdefault(c.function, {})[_library(c)] = c
    parts = []
    for (what, dtype), rows in sorted(tables.items(), key=lambda t: (t[0][0] != "value", t[0][1])):
        columns = sorted(
            {library for row in rows.values() for library in row}, key=lambda n: (not n.startswith("lemmata"), n)
        )
        lines = [f"| {what}, {dtype} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
        for function, row in sorted(rows.items()):
            cells = [_cell(row[library]) if library in row else "–" for library in columns]
            lines.append(f"| `{function}` | " + " | ".join(cells) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _library(c: Certificate) -> str:
    library = c.target.partition(":")[0].partition(".")[0]
    compiled = any(v.startswith("numba ") and not v.endswith("-") for v in c.versions)
    return "lemmata, no Numba" if library == "lemmata" and not compiled else library


def _cell(c: Certificate) -> str:
    worst = f"{c.worst_ulp:.6f}" if c.worst_ulp < 1 else f"{c.worst_ulp:.3g}"
    wrong = f", wrong at {' '.join(c.wrong_at)}" if c.wrong_at else ""
    return f"{worst} ({c.not_nearest:,} not nearest{wrong})"

# SPDX-License-Identifier: BSD-3-Clause
"""The certificates that the package carries, and whether they still speak of its sources."""

from __future__ import annotations

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
    gradient = "-gradient" if question.gradient else ""
    return f"{question.function}{gradient}-{question.dtype}-{question.backend}.json"


def load_all(folder: Path = FOLDER) -> dict[str, Certificate]:
    """By file name."""
    from ..conformance.certificate import Certificate

    return {p.name: Certificate.from_json(p.read_text("utf-8")) for p in sorted(folder.glob("*.json"))}


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

# SPDX-License-Identifier: BSD-3-Clause
"""What is true: claims as SymPy objects, one module per topic, and the oracle that evaluates them.

The registry is explicit: a topic is a module of this package with a tuple ``CLAIMS``, named in
``TOPICS``. Nothing is registered by importing.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module

from .claim import Case, Claim, Definition, ForAll, Refutation, Sequent, Source

__all__ = [
    "TOPICS",
    "Case",
    "Claim",
    "Definition",
    "ForAll",
    "Refutation",
    "Sequent",
    "Source",
    "claim",
    "claims",
    "used_by",
]

TOPICS = (
    "rope",
    "reparameterization",
    "receptive_field",
    "dilation",
    "segmentation",
    "activations",
    "smoothing",
    "bias",
)


@cache
def claims(topic: str | None = None) -> tuple[Claim, ...]:
    """All claims, or those of one topic, in the order of their modules; ``LookupError`` for an unknown topic."""
    if topic is None:
        return tuple(c for t in TOPICS for c in claims(t))
    if topic not in TOPICS:
        raise LookupError(f"no topic {topic!r}; topics are {', '.join(TOPICS)}")
    return tuple(import_module(f"{__name__}.{topic}").CLAIMS)


def claim(id: str) -> Claim:
    """The claim of that id; ``LookupError`` with the nearest ids otherwise."""
    topic = id.partition(".")[0]
    if topic in TOPICS:
        for c in claims(topic):
            if c.id == id:
                return c
    near = difflib.get_close_matches(id, [c.id for c in claims()], n=3, cutoff=0.4)
    raise LookupError(f"no claim {id!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))


def used_by(id: str) -> tuple[str, ...]:
    """Ids of the claims whose proofs rest on this one."""
    return tuple(c.id for c in claims() if id in c.uses)

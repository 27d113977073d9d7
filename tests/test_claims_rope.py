# SPDX-License-Identifier: BSD-3-Clause
"""The claims of rope: every one is proved, and its proof rejects the statement when it is broken by hand."""

from __future__ import annotations

import pytest
from lemmata.proofs.verify import verify
from lemmata.theory import rope
from lemmata.theory.claim import Claim


@pytest.mark.parametrize("claim", rope.CLAIMS, ids=lambda c: c.id)
def test_every_claim_is_proved(claim: Claim) -> None:
    """Proved, or open with a reason; the reasons of the parts are shown otherwise."""
    result = verify(claim)
    assert result.verdict == "proved", [(p.name, p.reason) for p in result.parts if p.verdict != "proved"]

# SPDX-License-Identifier: BSD-3-Clause
"""The trusted rules. Anything may find a proof; only these rules accept one.

A ``Theorem`` says: for all values of its variables in their domains that satisfy its hypotheses, both
sides of its relation are defined and the relation holds. Theorems are made by the rules of the families
below and by nothing else; a rule that is not satisfied raises ``Undecided`` with the reason. The names are
those of Lean's mathlib where it has the rule.
"""

from __future__ import annotations

from .rules_compute import Refuted, axiom, decide, interval, witness
from .rules_derivatives import has_deriv, mean_value
from .rules_equality import congr, linear_combination, refl, rewrite, ring, symm, trans
from .rules_integrals import antiderivative, integral_congr, integral_join, integral_mono, substitution
from .rules_limits import le_of_tendsto, limit, limit_congr, one_sided, squeeze
from .rules_logic import (
    assume,
    discharge,
    discharge_all,
    generalize,
    induction,
    instantiate,
    recall,
    specialize,
    unfold,
)
from .rules_order import add_one_le_exp, cases, contradiction, lambert_w, monotone, nlinarith, positivity, triangle
from .rules_sums import split, swap, termwise
from .terms import Undecided, substitute
from .theorems import Given, Theorem

__all__ = [
    "Given",
    "Refuted",
    "Theorem",
    "Undecided",
    "add_one_le_exp",
    "antiderivative",
    "assume",
    "axiom",
    "cases",
    "congr",
    "contradiction",
    "decide",
    "discharge",
    "discharge_all",
    "generalize",
    "has_deriv",
    "induction",
    "instantiate",
    "integral_congr",
    "integral_join",
    "integral_mono",
    "interval",
    "lambert_w",
    "le_of_tendsto",
    "limit",
    "limit_congr",
    "linear_combination",
    "mean_value",
    "monotone",
    "nlinarith",
    "one_sided",
    "positivity",
    "recall",
    "refl",
    "rewrite",
    "ring",
    "specialize",
    "split",
    "squeeze",
    "substitute",
    "substitution",
    "swap",
    "symm",
    "termwise",
    "trans",
    "triangle",
    "unfold",
    "witness",
]

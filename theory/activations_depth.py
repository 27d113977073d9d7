# SPDX-License-Identifier: BSD-3-Clause
"""Depth without a nonlinearity, and width with a polynomial one: what such networks can't compute."""

from __future__ import annotations

from sympy import Expr, Function, IndexedBase, Piecewise, S, Sum, Symbol

from .activations_notation import at_least, equal, family, i, j, k, l, m, n, t, u, v
from .claim import Case, Claim, Definition, Sequent, Source

# --- affine layers -----------------------------------------------------------------------------------------------

W, B, inputs = family("W"), family("b"), family("x")
widths = IndexedBase("n", integer=True)
p, q = Symbol("p", integer=True), Symbol("q", integer=True)
_NET, _MATRIX, _OFFSET, _AFTER = (Function(name, real=True) for name in ("layer", "matrix", "offset", "after"))
_DEEPER = (at_least(k, S.Zero),)


def weighted(layer: Expr, row: Expr, below: Expr) -> Expr:
    """Σ_l W[k, i, l] f_l over the inputs of a layer."""
    return Sum(W[layer, row, l] * below, (l, 0, widths[layer] - 1))


NET = Definition(
    "layer",
    (k, i),
    (
        Case((S.Zero, i), weighted(S.Zero, i, inputs[l]) + B[0, i]),
        Case((k + 1, i), weighted(k + 1, i, _NET(k, l)) + B[k + 1, i], _DEEPER),
    ),
    domain="real",
)
MATRIX = Definition(
    "matrix",
    (k, i, j),
    (
        Case((S.Zero, i, j), W[0, i, j]),
        Case((k + 1, i, j), weighted(k + 1, i, _MATRIX(k, l, j)), _DEEPER),
    ),
    domain="real",
)
OFFSET = Definition(
    "offset",
    (k, i),
    (
        Case((S.Zero, i), B[0, i]),
        Case((k + 1, i), weighted(k + 1, i, _OFFSET(k, l)) + B[k + 1, i], _DEEPER),
    ),
    domain="real",
)
AFTER = Definition(
    "after",
    (k, i, j, p),
    (
        Case((S.Zero, i, j, p), W[p + 1, i, j]),
        Case((k + 1, i, j, p), weighted(p + k + 2, i, _AFTER(k, l, j, p)), _DEEPER),
    ),
    domain="real",
)

LINEAR_COLLAPSE = Claim(
    id="activations.linear-collapse",
    title="Layers without an activation are one layer",
    prose=(
        "Any number of affine layers, of any widths, compute an affine map: layer k is a matrix times the input plus "
        "an offset, and the recursions for the two are those of matrix products. The matrix of the whole factors "
        "through every layer p, as what comes after it times what comes before: through n[p + 1] numbers. So its rank "
        "is at most the smallest width, and depth adds nothing but that constraint."
    ),
    statement=(
        Sequent(
            "affine",
            equal(NET(k, i), Sum(MATRIX(k, i, j) * inputs[j], (j, 0, widths[0] - 1)) + OFFSET(k, i)),
            (at_least(k, S.Zero),),
        ),
        Sequent(
            "bottleneck",
            equal(
                MATRIX(p + 1 + k, i, j),
                Sum(AFTER(k, i, q, p) * MATRIX(p, q, j), (q, 0, widths[p + 1] - 1)),
            ),
            (at_least(k, S.Zero), at_least(p, S.Zero)),
        ),
    ),
    definitions=(NET, MATRIX, OFFSET, AFTER),
    sources=(Source("minsky1969"),),
    no_law="about networks without activations, of which the topic has no contract",
)

# --- polynomial activations --------------------------------------------------------------------------------------

outer, inner, shift, power = family("a"), family("w"), family("b"), family("c")
_EXPANSION = Function("coefficient", real=True)
EXPANSION = Definition(
    "coefficient",
    (k, j, u, v),
    (
        Case((S.Zero, j, u, v), Piecewise((S.One, equal(j, S.Zero)), (S.Zero, True))),
        Case((k + 1, j, u, v), v * _EXPANSION(k, j, u, v) + u * _EXPANSION(k, j - 1, u, v), _DEEPER),
    ),
    domain="real",
)


def coefficient(degree: Expr) -> Expr:
    """Σᵢ aᵢ Σₖ cₖ · (coefficient of t^j in (wᵢt + bᵢ)^k)."""
    return Sum(outer[i] * Sum(power[k] * EXPANSION(k, degree, inner[i], shift[i]), (k, 0, m)), (i, 0, n - 1))


POLYNOMIAL = Claim(
    id="activations.polynomial-not-universal",
    title="A polynomial activation gives polynomials of its own degree, at any width",
    prose=(
        "Let the activation be Σ cₖ s^k up to degree m, in one hidden layer with n units, seen along any line x(t) "
        "through the input space, where pre-activations are wᵢt + bᵢ. The network is a polynomial in t of degree ≤ m, "
        "with coefficients written out, whatever n is: width does not help. (wt + b)^k is expanded by the recursion "
        "of Pascal's triangle with weights. Conversely, every locally bounded, piecewise continuous activation that is "
        "not almost everywhere a polynomial is universal: that is the theorem of Leshno et al., quoted here."
    ),
    statement=(
        Sequent(
            "power",
            equal((u * t + v) ** k, Sum(EXPANSION(k, j, u, v) * t**j, (j, 0, k))),
            (at_least(k, S.Zero),),
        ),
        Sequent(
            "network",
            equal(
                Sum(outer[i] * Sum(power[k] * (inner[i] * t + shift[i]) ** k, (k, 0, m)), (i, 0, n - 1)),
                Sum(coefficient(j) * t**j, (j, 0, m)),
            ),
            (at_least(m, S.Zero),),
        ),
    ),
    definitions=(EXPANSION,),
    sources=(Source("leshno1993"),),
    no_law="about all networks with a polynomial activation; the topic has no contract for one",
)

CLAIMS = (LINEAR_COLLAPSE, POLYNOMIAL)

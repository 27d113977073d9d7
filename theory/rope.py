# SPDX-License-Identifier: BSD-3-Clause
"""Rotary position embedding: what the rotation of pairs is, and why scores see only offsets.

Main results: ``rope.relative-offset`` (scores depend on n − m only), ``rope.shift-invariance`` (so do
attention outputs) and ``rope.half-split-permutation`` (the two layouts in use are one rotation up to a
permutation). Notation: ``rope_terms``; that nothing else has this property is in ``rope_uniqueness``, the
behaviour over distance in ``rope_decay``, schedules and relatives in ``rope_variants``.
"""

from __future__ import annotations

from sympy import (
    Eq,
    Expr,
    Ge,
    I,
    IndexedBase,
    Le,
    Lt,
    Ne,
    Product,
    S,
    Sum,
    Symbol,
    conjugate,
    cos,
    exp,
    im,
    re,
    sin,
    symbols,
)

from . import rope_decay, rope_uniqueness, rope_variants
from .claim import Claim, ForAll, Refutation, Sequent, Source
from .rope_terms import (
    Pair,
    dot,
    frequency,
    h,
    i,
    j,
    k,
    kernel,
    l,
    m,
    n,
    ntk_base,
    pair,
    phi,
    q,
    rotated,
    score,
    t,
    theta,
    x0,
    x1,
    xpos_ratio,
    y0,
    y1,
)

__all__ = ["CLAIMS", "frequency", "kernel", "ntk_base", "pair", "rotated", "score", "xpos_ratio"]

a, b = symbols("a b")  # complex

COMPLEX_INNER_PRODUCT = Claim(
    id="rope.complex-inner-product",
    title="The inner product of two planar vectors is the real part of a product of complex numbers",
    prose=(
        "Read the vector (x, y) as the complex number x + iy. Then ⟨a, b⟩ = Re(a·b̄), and the imaginary part of the "
        "same product is the oriented area that a and b span. Rotations become multiplications by e^{iφ}, which is "
        "why all of RoPE can be computed in complex arithmetic."
    ),
    statement=(
        Sequent("inner-product", Eq(re(a) * re(b) + im(a) * im(b), re(a * conjugate(b)), evaluate=False)),
        Sequent("area", Eq(im(a) * re(b) - re(a) * im(b), im(a * conjugate(b)), evaluate=False)),
    ),
    sources=(Source("su8130"), Source("su8265", "eq. 13")),
)


# --- the rotation ------------------------------------------------------------------------------------------------

R = IndexedBase("R", real=True)


def block_rotation_entries() -> tuple[ForAll, ...]:
    """R_m = diag(R(mθ₀), …, R(mθ_{h−1})) as a family: its diagonal blocks, and zeros elsewhere."""
    angle = m * theta[i]
    diagonal = (
        (R[2 * i, 2 * i], cos(angle)),
        (R[2 * i, 2 * i + 1], -sin(angle)),
        (R[2 * i + 1, 2 * i], sin(angle)),
        (R[2 * i + 1, 2 * i + 1], cos(angle)),
    )
    elsewhere = (R[2 * i, 2 * j], R[2 * i, 2 * j + 1], R[2 * i + 1, 2 * j], R[2 * i + 1, 2 * j + 1])
    return (
        *(ForAll((i,), Eq(entry, value, evaluate=False)) for entry, value in diagonal),
        *(ForAll((i, j), Eq(entry, 0, evaluate=False), (Ne(i, j),)) for entry in elsewhere),
    )


def matrix_row(row: Expr) -> Expr:
    """Σ over all 2h columns of R[row, column]·q[column], two columns at a time."""
    return Sum(R[row, 2 * j] * q[2 * j] + R[row, 2 * j + 1] * q[2 * j + 1], (j, 0, h - 1))


ENTRIES = block_rotation_entries()
ROW_EXISTS = (Le(0, l), Lt(l, h))

BLOCK_ROTATION = Claim(
    id="rope.block-rotation",
    title="RoPE multiplies by a block-diagonal rotation, pair by pair",
    kind="definition",
    prose=(
        "For angles θ₀, …, θ_{h−1} let R_m be the 2h × 2h matrix with the rotations R(mθᵢ) on its diagonal and zeros "
        "elsewhere; RoPE sends a vector q at position m to R_m q. Since all other entries vanish, row 2l and row "
        "2l + 1 of the product see pair l only, and as a complex number that pair is multiplied by e^{imθ_l}. "
        "Positions may be any real numbers. Computed as a matrix product this costs d² multiplications; the "
        "elementwise form costs 2d."
    ),
    statement=(
        Sequent(
            "even-row",
            Eq(matrix_row(2 * l), rotated(*pair(q, l), m * theta[l])[0], evaluate=False),
            (ENTRIES[0], ENTRIES[1], ENTRIES[4], ENTRIES[5], *ROW_EXISTS),
        ),
        Sequent(
            "odd-row",
            Eq(matrix_row(2 * l + 1), rotated(*pair(q, l), m * theta[l])[1], evaluate=False),
            (ENTRIES[2], ENTRIES[3], ENTRIES[6], ENTRIES[7], *ROW_EXISTS),
        ),
        Sequent(
            "complex",
            Eq(
                rotated(*pair(q, i), m * theta[i])[0] + I * rotated(*pair(q, i), m * theta[i])[1],
                (q[2 * i] + I * q[2 * i + 1]) * exp(I * m * theta[i]),
                evaluate=False,
            ),
        ),
    ),
    sources=(Source("su8265", "eq. 21"), Source("su2021roformer", "eq. 15")),
)

COLUMNS = rotated(S.One, S.Zero, phi), rotated(S.Zero, S.One, phi)

ORTHOGONAL = Claim(
    id="rope.orthogonal",
    title="R_m is orthogonal with determinant 1, so it preserves lengths",
    prose=(
        "Every block keeps inner products, and its columns have length 1: RᵀR = I. The determinant of a "
        "block-diagonal matrix is the product of its blocks' determinants, here 1. So ‖R_m q‖ = ‖q‖ and, more "
        "generally, rotating query and key by the same position leaves their inner product alone. Norms are "
        "preserved; the logit of one rotated and one unrotated vector is not."
    ),
    statement=(
        Sequent("column-0", Eq(dot(COLUMNS[0], COLUMNS[0]), 1, evaluate=False)),
        Sequent("column-1", Eq(dot(COLUMNS[1], COLUMNS[1]), 1, evaluate=False)),
        Sequent(
            "block",
            Eq(dot(rotated(x0, x1, phi), rotated(y0, y1, phi)), dot((x0, x1), (y0, y1)), evaluate=False),
        ),
        Sequent(
            "determinant",
            Eq(
                Product(
                    cos(m * theta[i]) * cos(m * theta[i]) - (-sin(m * theta[i])) * sin(m * theta[i]), (i, 0, h - 1)
                ),
                1,
                evaluate=False,
            ),
        ),
        Sequent(
            "norm",
            Eq(
                score(rotated(*pair(q, i), m * theta[i]), rotated(*pair(q, i), m * theta[i])),
                score(pair(q, i), pair(q, i)),
                evaluate=False,
            ),
        ),
        Sequent(
            "inner-product",
            Eq(
                score(rotated(*pair(q, i), m * theta[i]), rotated(*pair(k, i), m * theta[i])),
                score(pair(q, i), pair(k, i)),
                evaluate=False,
            ),
        ),
        Refutation(
            "key-alone",
            Sequent("key-alone", Eq(dot((x0, x1), rotated(y0, y1, phi)), dot((x0, x1), (y0, y1)), evaluate=False)),
            ((x0, S.One), (x1, S.Zero), (y0, S.One), (y1, S.Zero), (phi, S.One)),
        ),
    ),
    sources=(Source("su8265", "after eq. 22"),),
)


def _twice(part: int) -> Eq:
    inner = rotated(*pair(q, i), n * theta[i])
    outer = rotated(*inner, m * theta[i])
    return Eq(outer[part], rotated(*pair(q, i), (m + n) * theta[i])[part], evaluate=False)


def _adjoint() -> Eq:
    """⟨R_{−m}q, k⟩ = ⟨q, R_m k⟩, pair by pair: R_{−m} is the transpose of R_m."""
    back, forth = rotated(*pair(q, i), -m * theta[i]), rotated(*pair(k, i), m * theta[i])
    return Eq(dot(back, pair(k, i)), dot(pair(q, i), forth), evaluate=False)


def _undone(part: int) -> Eq:
    turned = rotated(*pair(q, i), m * theta[i])
    return Eq(rotated(*turned, -m * theta[i])[part], pair(q, i)[part], evaluate=False)


GROUP_LAW = Claim(
    id="rope.group-law",
    title="Positions add: R_m R_n = R_{m+n}",
    prose=(
        "Rotating by n and then by m rotates by m + n, R_{−m} is the transpose of R_m and undoes it, for all real "
        "positions. That is what allows a cache of rotated keys to be moved by a further rotation."
    ),
    statement=(
        Sequent("sum-even", _twice(0)),
        Sequent("sum-odd", _twice(1)),
        Sequent("transpose", _adjoint()),
        Sequent("inverse-even", _undone(0)),
        Sequent("inverse-odd", _undone(1)),
    ),
    sources=(Source("su2021roformer", "sec. 3.2.2"),),
)


# --- scores ------------------------------------------------------------------------------------------------------

ROTATED_SCORE = score(rotated(*pair(q, i), m * theta[i]), rotated(*pair(k, i), n * theta[i]))
CROSS = q[2 * i] * k[2 * i + 1] - q[2 * i + 1] * k[2 * i]

RELATIVE_OFFSET = Claim(
    id="rope.relative-offset",
    title="RoPE scores depend only on the offset",
    prose=(
        "Rotating the query to position m and the key to position n gives the same score as leaving the query "
        "where it is and rotating the key by n − m. So attention scores see positions only through their difference. "
        "The sign of the subscript depends on the convention for vectors. Taking R_{m−n} instead changes the score "
        "by twice the sine part, so a test of the sign needs q and k with cross terms."
    ),
    statement=(
        Sequent(
            "score",
            Eq(ROTATED_SCORE, score(pair(q, i), rotated(*pair(k, i), (n - m) * theta[i])), evaluate=False),
        ),
        Sequent(
            "wrong-subscript",
            Eq(
                score(pair(q, i), rotated(*pair(k, i), (m - n) * theta[i])),
                ROTATED_SCORE - 2 * Sum(sin((m - n) * theta[i]) * CROSS, (i, 0, h - 1)),
                evaluate=False,
            ),
        ),
    ),
    sources=(Source("su8265", "eq. 22"), Source("su2021roformer", "eq. 16")),
)

COMPLEX_SUM = Claim(
    id="rope.complex-sum",
    title="The score is the real part of a sum of phases",
    prose=(
        "With each pair read as a complex number, the score is Re Σᵢ qᵢ k̄ᵢ e^{i(m−n)θᵢ}: a trigonometric sum in the "
        "offset whose coefficients are the products of query and key."
    ),
    statement=(
        Sequent(
            "score",
            Eq(
                ROTATED_SCORE,
                re(
                    Sum(
                        (q[2 * i] + I * q[2 * i + 1])
                        * conjugate(k[2 * i] + I * k[2 * i + 1])
                        * exp(I * (m - n) * theta[i]),
                        (i, 0, h - 1),
                    )
                ),
                evaluate=False,
            ),
        ),
    ),
    sources=(Source("su8265", "eq. 24"),),
)


cosines, sines, turned = (IndexedBase(name, real=True) for name in ("cosines", "sines", "rot"))


def _elementwise(part: int) -> Sequent:
    """Coordinate 2l + part of q ⊙ cosines + rot(q) ⊙ sines."""
    at = 2 * i + part
    partner = -q[2 * i + 1] if part == 0 else q[2 * i]
    vectors = (cosines[at], cos(m * theta[i])), (sines[at], sin(m * theta[i])), (turned[at], partner)
    here = 2 * l + part
    return Sequent(
        ("even", "odd")[part],
        Eq(
            q[here] * cosines[here] + turned[here] * sines[here],
            rotated(*pair(q, l), m * theta[l])[part],
            evaluate=False,
        ),
        tuple(ForAll((i,), Eq(member, value, evaluate=False)) for member, value in vectors),
    )


ELEMENTWISE_FORM = Claim(
    id="rope.elementwise-form",
    title="Two elementwise products are enough",
    prose=(
        "R_m q = q ⊙ cos + rot(q) ⊙ sin, where rot(q) = (−q₁, q₀, −q₃, q₂, …) and both vectors of angles hold each "
        "mθᵢ twice. This is what fast implementations compute."
    ),
    statement=(_elementwise(0), _elementwise(1)),
    sources=(Source("su8265", "eq. 23"), Source("su2021roformer", "eq. 34")),
)


# --- layouts -----------------------------------------------------------------------------------------------------

u, w = (IndexedBase(name, real=True) for name in ("u", "w"))
IN_RANGE = (Le(0, i), Lt(i, h))


def split_halves(halves: IndexedBase, family: IndexedBase) -> tuple[ForAll, ForAll]:
    """``halves`` = P·``family``: even coordinates first, odd coordinates after them."""
    return (
        ForAll((i,), Eq(halves[i], family[2 * i], evaluate=False), IN_RANGE),
        ForAll((i,), Eq(halves[i + h], family[2 * i + 1], evaluate=False), IN_RANGE),
    )


def half_pair(family: IndexedBase, index: Expr) -> Pair:
    """Coordinates i and i + h: pair i of the half-split layout."""
    return family[index], family[index + h]


def _in_halves(part: int) -> Eq:
    turned = rotated(*half_pair(u, l), m * theta[l])[part]
    return Eq(turned, rotated(*pair(q, l), m * theta[l])[part], evaluate=False)


HALF_SPLIT_PERMUTATION = Claim(
    id="rope.half-split-permutation",
    title="The rotate-half layout is the interleaved one, permuted",
    prose=(
        "Some models rotate neighbours (2i, 2i + 1), others coordinates (i, i + h), d = 2h. Let P collect the even "
        "coordinates before the odd ones. Rotating P q in the second layout gives P R_m q, coordinate by coordinate; "
        "P preserves inner products; and the scores of permuted queries and keys are those of the first layout. So "
        "a model is converted by permuting the rows of its query and key projections, for all even d. Both must be "
        "permuted: rope.mixed-layout shows what happens otherwise."
    ),
    statement=(
        Sequent("first-half", _in_halves(0), (*split_halves(u, q), *ROW_EXISTS)),
        Sequent("second-half", _in_halves(1), (*split_halves(u, q), *ROW_EXISTS)),
        Sequent(
            "score",
            Eq(
                score(rotated(*half_pair(u, i), m * theta[i]), rotated(*half_pair(w, i), n * theta[i])),
                ROTATED_SCORE,
                evaluate=False,
            ),
            (*split_halves(u, q), *split_halves(w, k)),
        ),
        Sequent(
            "permutation",
            Eq(Sum(u[i] * w[i], (i, 0, 2 * h - 1)), Sum(q[i] * k[i], (i, 0, 2 * h - 1)), evaluate=False),
            (*split_halves(u, q), *split_halves(w, k), Ge(h, 0)),
        ),
    ),
    sources=(Source("su2021roformer", "eq. 34"),),
)


def mixed_score(query_position: Expr, key_position: Expr) -> Expr:
    """d = 4: an interleaved query against a half-split key, in the coordinates as they lie in memory."""
    angles = [(query_position * theta[x], key_position * theta[x]) for x in (0, 1)]
    query = [*rotated(q[0], q[1], angles[0][0]), *rotated(q[2], q[3], angles[1][0])]
    (k0, k2), (k1, k3) = rotated(k[0], k[2], angles[0][1]), rotated(k[1], k[3], angles[1][1])
    return sum((x * y for x, y in zip(query, (k0, k1, k2, k3), strict=True)), S.Zero)


FIRST_UNIT = tuple((x[index], S.One if index == 0 else S.Zero) for x in (q, k) for index in range(4))

MIXED_LAYOUT = Claim(
    id="rope.mixed-layout",
    title="The two layouts must not be mixed",
    kind="refutation",
    prose=(
        "With an interleaved query and a half-split key, scores are no function of the offset. For d = 4, "
        "q = k = (1, 0, 0, 0) and θ₀ = 1 the score is cos m · cos n, which contains cos(m + n): moving both "
        "positions by one changes it."
    ),
    statement=(
        Refutation(
            "shift",
            Sequent("shift", Eq(mixed_score(m + t, n + t), mixed_score(m, n), evaluate=False)),
            (*FIRST_UNIT, (theta[0], S.One), (theta[1], S(1) / 100), (m, S.Zero), (n, S.Zero), (t, S.One)),
        ),
        Sequent(
            "first-unit-vectors",
            Eq(
                mixed_score(m, n),
                (cos((m - n) * theta[0]) + cos((m + n) * theta[0])) / 2,
                evaluate=False,
            ),
            tuple(Eq(x, value, evaluate=False) for x, value in FIRST_UNIT),
        ),
    ),
)


# --- attention ---------------------------------------------------------------------------------------------------

N = Symbol("N", integer=True)
p, v = (IndexedBase(name, real=True) for name in ("p", "v"))


def row(family: IndexedBase, token: Expr, index: Expr) -> Pair:
    """Pair i of the vector of one token."""
    return family[token, 2 * index], family[token, 2 * index + 1]


def logit(query: Expr, key: Expr, shift: Expr) -> Expr:
    """The score of two tokens at their positions p, all moved by ``shift``."""
    return score(
        rotated(*row(q, query, i), (p[query] + shift) * theta[i]), rotated(*row(k, key, i), (p[key] + shift) * theta[i])
    )


def attention(query: Expr, last: Expr, shift: Expr) -> Expr:
    """Σⱼ e^{sⱼ} vⱼ / Σⱼ e^{sⱼ} over keys 0 … last: one coordinate of the output of one query."""
    weight = exp(logit(query, j, shift))
    return Sum(weight * v[j], (j, 0, last)) / Sum(weight, (j, 0, last))


SHIFT_INVARIANCE = Claim(
    id="rope.shift-invariance",
    title="Moving all positions by one constant changes no attention output",
    prose=(
        "The softmax sees scores, and scores see offsets. So every output, any number of tokens and pairs, stays as "
        "it is when a constant is added to all positions, with or without a causal mask, as long as the values are "
        "not rotated. Positions need not be consecutive, nor integers. A factor such as 1/√d may be read into q."
    ),
    statement=(
        Sequent("full", Eq(attention(l, N - 1, t), attention(l, N - 1, S.Zero), evaluate=False), (Ge(N, 1),)),
        Sequent("causal", Eq(attention(l, l, t), attention(l, l, S.Zero), evaluate=False), (Ge(l, 0),)),
    ),
    sources=(Source("su8265", "eq. 22"),),
)

CLAIMS: tuple[Claim, ...] = (
    COMPLEX_INNER_PRODUCT,
    BLOCK_ROTATION,
    ORTHOGONAL,
    GROUP_LAW,
    RELATIVE_OFFSET,
    COMPLEX_SUM,
    ELEMENTWISE_FORM,
    HALF_SPLIT_PERMUTATION,
    MIXED_LAYOUT,
    SHIFT_INVARIANCE,
    *rope_uniqueness.CLAIMS,
    *rope_decay.CLAIMS,
    *rope_variants.CLAIMS,
)

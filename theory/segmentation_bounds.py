# SPDX-License-Identifier: BSD-3-Clause
"""Sharp bounds: every metric lies between 0 and 1, and FWIoU between PA² and PA; when bounds are reached."""

from __future__ import annotations

from sympy import Ge, Gt, IndexedBase, Le, Lt, Ne, S

from .claim import Claim, ForAll, Sequent, Source
from .segmentation_terms import (
    CLASS_A,
    CLASS_B,
    CLASSES,
    COUNTS,
    PIXELS,
    PRESENT,
    SEEN,
    C,
    K,
    a,
    b,
    column,
    eq,
    fwiou,
    i,
    j,
    miou,
    mpa,
    pa,
    row,
)

GARCIA = Source("garcia2017", "evaluation metrics")
DIAGONAL = ForAll((i, j), eq(C[i, j], S.Zero), (Ne(i, j), Ge(i, 0), Le(i, K - 1), Ge(j, 0), Le(j, K - 1)))
OFF_DIAGONAL = (*CLASS_A, *CLASS_B, Ne(a, b))
R = IndexedBase("R", real=True)

RANGE = Claim(
    id="segmentation.range",
    title="Every metric lies between 0 and 1, and is 1 exactly for a diagonal matrix",
    prose=(
        "PA, MPA, MIoU and FWIoU are fractions. Any one of them is 1 if and only if no pixel lies off the diagonal. "
        "MPA needs every class to occur, MIoU that every class occurs or is predicted; for FWIoU and the converse "
        "the classes that nobody has seen are left out of the matrix."
    ),
    statement=(
        Sequent(
            "pa-least",
            Ge(pa(), 0),
            (
                COUNTS,
                PIXELS,
            ),
        ),
        Sequent(
            "pa-most",
            Le(pa(), 1),
            (
                COUNTS,
                PIXELS,
            ),
        ),
        Sequent("mpa-least", Ge(mpa(), 0), (COUNTS, CLASSES, PRESENT)),
        Sequent("mpa-most", Le(mpa(), 1), (COUNTS, CLASSES, PRESENT)),
        Sequent("miou-least", Ge(miou(), 0), (COUNTS, CLASSES, SEEN)),
        Sequent("miou-most", Le(miou(), 1), (COUNTS, CLASSES, SEEN)),
        Sequent("fwiou-least", Ge(fwiou(), 0), (COUNTS, PIXELS, SEEN)),
        Sequent("fwiou-most", Le(fwiou(), 1), (COUNTS, PIXELS, SEEN)),
        Sequent("pa-diagonal", eq(pa(), S.One), (PIXELS, DIAGONAL)),
        Sequent("mpa-diagonal", eq(mpa(), S.One), (CLASSES, PRESENT, DIAGONAL)),
        Sequent("miou-diagonal", eq(miou(), S.One), (CLASSES, SEEN, DIAGONAL)),
        Sequent("fwiou-diagonal", eq(fwiou(), S.One), (PIXELS, SEEN, DIAGONAL)),
        Sequent("pa-only", eq(C[a, b], S.Zero), (COUNTS, PIXELS, eq(pa(), S.One), *OFF_DIAGONAL)),
        Sequent("mpa-only", eq(C[a, b], S.Zero), (COUNTS, CLASSES, PRESENT, eq(mpa(), S.One), *OFF_DIAGONAL)),
        Sequent("miou-only", eq(C[a, b], S.Zero), (COUNTS, CLASSES, SEEN, eq(miou(), S.One), *OFF_DIAGONAL)),
        Sequent("fwiou-only", eq(C[a, b], S.Zero), (COUNTS, PIXELS, SEEN, eq(fwiou(), S.One), *OFF_DIAGONAL)),
    ),
    sources=(GARCIA,),
)

TIGHT_ABOVE = ForAll((i,), eq(C[i, i] * (column(i) - C[i, i]), S.Zero))
TIGHT_BELOW = (
    ForAll((i,), eq(C[i, i], R[0] * column(i))),
    ForAll((i,), eq((row(i) - C[i, i]) * column(i), S.Zero)),
)

FWIOU_SHARP = Claim(
    id="segmentation.fwiou-sharp",
    title="PA² ≤ FWIoU ≤ PA, for every number of classes, both sharp",
    prose=(
        "Above: t_i IoU_i ≤ C_ii, with equality if and only if no class has both a hit and a false positive. "
        "Below: t_i IoU_i ≥ C_ii²/u_i, and by Titu's form of the Cauchy–Schwarz inequality the sum of these is at "
        "least (Σ C_ii)²/Σ u_i. Equality there, for 0 < PA < 1, if and only if every class that is predicted at all "
        "is found completely and has precision PA: the all-background prediction is one such. So the "
        "frequency-weighted mean says little that pixel accuracy does not say. The proof needs no Cauchy–Schwarz: "
        "t_i IoU_i − 2 PA C_ii + PA² u_i is a sum of squares over t_i + u_i − C_ii."
    ),
    hypotheses=(PIXELS, SEEN),
    statement=(
        Sequent("lower", Ge(fwiou(), pa() ** 2), (COUNTS,)),
        Sequent("upper", Le(fwiou(), pa()), (COUNTS,)),
        Sequent("upper-attained", eq(fwiou(), pa()), (TIGHT_ABOVE,)),
        Sequent(
            "upper-only",
            eq(C[a, a] * (column(a) - C[a, a]), S.Zero),
            (COUNTS, eq(fwiou(), pa()), *CLASS_A),
        ),
        Sequent("lower-attained", eq(fwiou(), pa() ** 2), (eq(R[0], pa()), *TIGHT_BELOW)),
        Sequent(
            "lower-only-precision",
            eq(C[a, a], pa() * column(a)),
            (COUNTS, eq(fwiou(), pa() ** 2), *CLASS_A),
        ),
        Sequent(
            "lower-only-recall",
            eq((row(a) - C[a, a]) * column(a), S.Zero),
            (COUNTS, eq(fwiou(), pa() ** 2), Gt(pa(), 0), Lt(pa(), 1), *CLASS_A),
        ),
    ),
    sources=(GARCIA,),
)

CLAIMS = (RANGE, FWIOU_SHARP)

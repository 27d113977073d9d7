# SPDX-License-Identifier: BSD-3-Clause
"""Schedules of rates: the largest hole-free field, doubling, other ratios, known modules."""

from __future__ import annotations

from sympy import Ge, Gt, Le, Product, S, Sum

from .claim import Claim, ForAll, Sequent, Source
from .dilation_terms import (
    DEPTH,
    KERNELS,
    PATHS,
    RATES,
    K,
    L,
    a,
    covered,
    eq,
    extent,
    full,
    k,
    l,
    o,
    path_counts,
    r,
    table,
)

FIRST = eq(r[1], S.One)
INSIDE = (Ge(o, 0), Le(o, extent(L)))


def growing(ratio: object) -> ForAll:
    """Each rate is the one before times a ratio."""
    return ForAll((l,), eq(r[l + 1], ratio * r[l]), (Ge(l, 1),))


def sizes(taps: object) -> ForAll:
    return ForAll((l,), eq(k[l], S(taps)))


BALANCED = Claim(
    id="dilation.balanced-ternary",
    title="Rates K^(l−1): every input exactly once, and no hole-free field is larger",
    prose=(
        "With K taps and rates 1, K, K², … the taps are the digits of the offset in base K (for three taps around the "
        "centre: balanced ternary). So every one of the K^L offsets is reached by exactly one path. No choice of "
        "rates does better: L layers have Π k_l paths, so they cover at most that many offsets, and a hull without "
        "holes has at most Π k_l positions."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("size", eq(extent(L) + 1, K**L), (DEPTH, FIRST, growing(K), sizes(K))),
        Sequent("once", eq(PATHS(L, o), S.One), (DEPTH, Ge(K, 1), FIRST, growing(K), sizes(K), *INSIDE)),
        Sequent(
            "paths",
            eq(Sum(PATHS(L, o), (o, 0, extent(L))), Product(k[l], (l, 1, L))),
            (DEPTH, KERNELS, RATES),
        ),
        Sequent("at-most", Le(covered(L, extent(L)), Product(k[l], (l, 1, L))), (DEPTH, KERNELS, RATES)),
        Sequent("largest", Le(extent(L) + 1, Product(k[l], (l, 1, L))), (DEPTH, KERNELS, RATES, full(L))),
    ),
    uses=("dilation.path-counts",),
    sources=(Source("brown1961"),),
)

EXPONENTIAL_FREE = Claim(
    id="dilation.exponential-free",
    title="“Exponential growth without loss of coverage”: up to ratio K, and not beyond",
    prose=(
        "If each rate is a times the one before, starting at 1, a stack of K taps covers its hull for every depth if "
        "1 ≤ a ≤ K; its extent is (K − 1)(a^L − 1)/(a − 1), exponential in the depth for a > 1. For a > K the offset K "
        "is a hole as soon as there are two layers (of K ≥ 2 taps): three taps at rates 1, 4, 16 miss 3."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("covers", Ge(PATHS(L, o), 1), (DEPTH, Ge(a, 1), Le(a, K), FIRST, growing(a), sizes(K), *INSIDE)),
        Sequent(
            "size",
            eq((a - 1) * extent(L), (K - 1) * (a**L - 1)),
            (DEPTH, FIRST, growing(a), sizes(K)),
        ),
        Sequent("hole", eq(PATHS(L, K), S.Zero), (Ge(L, 2), Ge(K, 1), Gt(a, K), FIRST, growing(a), sizes(K))),
    ),
    uses=("dilation.coverage-criterion",),
    sources=(Source("yu2016"),),
)

YU_KOLTUN = Claim(
    id="dilation.yu-koltun",
    title="Three taps, doubling rates: 2^(L+1) − 1 inputs without holes",
    prose=(
        "L layers of three taps at rates 1, 2, 4, …, 2^(L−1) see 2^(L+1) − 1 inputs on each axis, all of them, with a "
        "number of weights that is linear in the depth: 3L for one channel and one axis. Inputs are not used equally "
        "often (dilation.path-counts)."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("size", eq(extent(L) + 1, 2 ** (L + 1) - 1), (DEPTH, FIRST, growing(S(2)), sizes(3))),
        Sequent("covers", Ge(PATHS(L, o), 1), (DEPTH, FIRST, growing(S(2)), sizes(3), *INSIDE)),
        Sequent("weights", eq(Sum(k[l], (l, 1, L)), 3 * L), (DEPTH, sizes(3))),
    ),
    uses=("dilation.exponential-free",),
    sources=(Source("yu2016"),),
)

WAVENET = Claim(
    id="dilation.wavenet",
    title="Two taps, doubling rates: each of 2^L past samples by exactly one path",
    prose=(
        "The causal stack of WaveNet: L layers of two taps at rates 1, 2, …, 2^(L−1) see the last 2^L samples, and the "
        "taps are the binary digits of the delay, so there is one path to each. Rates up to 512 see 1024 samples."
    ),
    definitions=(PATHS,),
    statement=(
        Sequent("size", eq(extent(L) + 1, 2**L), (DEPTH, FIRST, growing(S(2)), sizes(2))),
        Sequent("once", eq(PATHS(L, o), S.One), (DEPTH, FIRST, growing(S(2)), sizes(2), *INSIDE)),
        Sequent("last-rate", eq(r[10], S(512)), (FIRST, growing(S(2)))),
        Sequent("ten-layers", eq(extent(S(10)) + 1, S(1024)), (FIRST, growing(S(2)), sizes(2))),
    ),
    uses=("dilation.balanced-ternary",),
    sources=(Source("oord2016"),),
)

CONTEXT_RATES = table("r_context", (1, 1, 2, 4, 8, 16, 1))
CONTEXT_PATHS = path_counts("P_context", CONTEXT_RATES, S(3))

CONTEXT_MODULE = Claim(
    id="dilation.context-module",
    title="The context module sees 67 × 67 inputs",
    prose=(
        "Layers of 3 × 3 at rates 1, 1, 2, 4, 8, 16, 1 and a last layer of 1 × 1 see 67 inputs on each axis, all of "
        "them covered."
    ),
    definitions=(CONTEXT_RATES, CONTEXT_PATHS),
    statement=(
        Sequent("size", eq(1 + Sum(2 * CONTEXT_RATES(l), (l, 1, 7)), S(67))),
        Sequent("covers", eq(covered(S(7), S(66), CONTEXT_PATHS), S(67))),
    ),
    sources=(Source("yu2016", "table 1"),),
)

CLAIMS = (BALANCED, EXPONENTIAL_FREE, YU_KOLTUN, WAVENET, CONTEXT_MODULE)

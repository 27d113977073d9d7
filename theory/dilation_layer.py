# SPDX-License-Identifier: BSD-3-Clause
"""One dilated convolution: what it computes, what it costs, how it equals ordinary convolutions."""

from __future__ import annotations

from sympy import Ge, Gt, Le, Lt, Ne, S, Sum, floor

from .claim import Claim, ForAll, Sequent, Source
from .dilation_terms import (
    PATHS,
    PATHS_OTHER,
    F,
    K,
    L,
    M,
    a,
    b,
    convolved,
    d,
    eq,
    h,
    i,
    j,
    k,
    k_other,
    l,
    o,
    p,
    q,
    r,
    r_other,
    rate,
    rate_other,
    t,
    u,
    v,
    w,
    x,
)

DEFINITION = Claim(
    id="dilation.definition",
    title="Dilated convolution",
    prose=(
        "The convolution of F with K weights at rate ρ is (F ∗_ρ w)(p) = Σ_t F(p − ρt) w(t): the sum of F(s) w(t) over "
        "s + ρt = p. An impulse at 0 comes out as the weights, ρ apart. What neural networks compute, Σ_t F(i + ρt) "
        "w(t), is correlation: the same with the weights in the opposite order, read at i + ρ(K − 1). Rate 1 is the "
        "ordinary convolution."
    ),
    kind="definition",
    statement=(
        Sequent(
            "impulse",
            eq(convolved(F, w, K, rate, rate * a), w[a]),
            (
                Ge(rate, 1),
                Ge(a, 0),
                Le(a, K - 1),
                eq(F[0], S.One),
                ForAll((i,), eq(F[i], S.Zero), (Gt(i, 0),)),
                ForAll((i,), eq(F[i], S.Zero), (Lt(i, 0),)),
            ),
        ),
        Sequent(
            "correlation",
            eq(
                Sum(F[i + rate * t] * w[t], (t, 0, K - 1)),
                Sum(F[i + rate * (K - 1) - rate * t] * w[K - 1 - t], (t, 0, K - 1)),
            ),
            (Ge(K, 0),),
        ),
    ),
    sources=(Source("yu2016", "eq. 2"),),
)

_INSERTED = (
    ForAll((t,), eq(v[rate * t], w[t])),
    ForAll((t, d), eq(v[rate * t + d], S.Zero), (Ge(d, 1), Lt(d, rate))),
)

ZERO_INSERTION = Claim(
    id="dilation.zero-insertion",
    title="Dilation is ordinary convolution with zeros between the taps",
    prose=(
        "Let v hold the weights w at the multiples of ρ and ρ − 1 zeros between neighbours. Ordinary convolution with "
        "the ρ(K − 1) + 1 entries of v is dilated convolution with w; as polynomials, Σ_u v_u x^u = Σ_t w_t (x^ρ)^t."
    ),
    statement=(
        Sequent(
            "convolution",
            eq(convolved(F, v, rate * (K - 1) + 1, S.One, p), convolved(F, w, K, rate, p)),
            (Ge(K, 1), Ge(rate, 1), *_INSERTED),
        ),
        Sequent(
            "polynomial",
            eq(Sum(v[u] * x**u, (u, 0, rate * (K - 1))), Sum(w[t] * x ** (rate * t), (t, 0, K - 1))),
            (Ge(K, 1), Ge(rate, 1), Ne(x, 0), *_INSERTED),
        ),
    ),
    sources=(Source("yu2016"), Source("dumoulin2016", "sec. 5.1")),
)

EFFECTIVE_KERNEL = Claim(
    id="dilation.effective-kernel",
    title="The effective kernel size ρ(K − 1) + 1",
    prose=(
        "From the first tap to the last there are ρ(K − 1) + 1 positions, which is K + (K − 1)(ρ − 1): the taps and "
        "ρ − 1 zeros in each of the K − 1 spaces between them. A dilated layer enters receptive-field formulas with "
        "that size."
    ),
    statement=(
        Sequent("zeros-added", eq(K + (K - 1) * (rate - 1), rate * (K - 1) + 1)),
        Sequent("positions", eq(Sum(1, (u, p - rate * (K - 1), p)), rate * (K - 1) + 1), (Ge(K, 1), Ge(rate, 1))),
    ),
    sources=(Source("dumoulin2016", "sec. 5.1"),),
)

SAME_COST = Claim(
    id="dilation.same-cost",
    title="Dilation costs no weights and no products",
    prose=(
        "Of the ρ(K − 1) + 1 positions of the zero-inserted kernel K hold a weight, for every rate, so with C input "
        "channels an output takes C·K products, as without dilation. Run as an ordinary convolution with the zeros "
        "in place it would take C(ρ − 1)(K − 1) more. The pattern of memory access is another matter, and not the same."
    ),
    statement=(
        Sequent(
            "weights",
            eq(Sum(v[u], (u, 0, rate * (K - 1))), K),
            (
                Ge(K, 1),
                Ge(rate, 1),
                ForAll((t,), eq(v[rate * t], S.One)),
                ForAll((t, d), eq(v[rate * t + d], S.Zero), (Ge(d, 1), Lt(d, rate))),
            ),
        ),
        Sequent("products", eq(Sum(Sum(1, (t, 0, K - 1)), (i, 1, M)), M * K), (Ge(K, 0), Ge(M, 0))),
        Sequent(
            "with-zeros",
            eq(
                Sum(Sum(1, (u, 0, rate * (K - 1))), (i, 1, M)) - Sum(Sum(1, (t, 0, K - 1)), (i, 1, M)),
                M * (rate - 1) * (K - 1),
            ),
            (Ge(K, 1), Ge(M, 0), Ge(rate, 1)),
        ),
    ),
    sources=(Source("yu2016"),),
    no_law="costs are counted, not returned",
)

OUTPUT_SIZE = Claim(
    id="dilation.output-size",
    title="Output size n + 2p − ρ(K − 1), and the padding that keeps the size",
    prose=(
        "Over n inputs padded by p on each side, at stride 1, an output fits if its last tap does; there are "
        "n + 2p − ρ(K − 1) of them, if that is not negative. The size is kept exactly if 2p = ρ(K − 1): p = ρ(K − 1)/2 "
        "for an odd number of taps. For an even number and an odd rate no symmetric padding does it."
    ),
    statement=(
        Sequent("fits", Le(o + rate * (K - 1), b + 2 * p - 1), (Le(o, b + 2 * p - rate * (K - 1) - 1),)),
        Sequent("largest", Le(o, b + 2 * p - rate * (K - 1) - 1), (Le(o + rate * (K - 1), b + 2 * p - 1),)),
        Sequent(
            "number",
            eq(Sum(1, (o, 0, b + 2 * p - rate * (K - 1) - 1)), b + 2 * p - rate * (K - 1)),
            (Ge(b + 2 * p, rate * (K - 1)),),
        ),
        Sequent("same", eq(b + 2 * p - rate * (K - 1), b), (eq(2 * p, rate * (K - 1)),)),
        Sequent("only-same", eq(2 * p, rate * (K - 1)), (eq(b + 2 * p - rate * (K - 1), b),)),
        Sequent("even-taps", Ne(2 * p, (2 * a + 1) * (2 * q + 1), evaluate=False)),
    ),
    sources=(Source("dumoulin2016", "sec. 5.1"),),
)

COMMUTE = Claim(
    id="dilation.commute",
    title="Single-channel dilated convolutions commute, and coverage does not depend on the order",
    prose=(
        "Two linear dilated convolutions of one channel can be exchanged, weights and rates together. In a stack of "
        "any depth, exchanging two neighbouring layers leaves every path count as it is; since every order of the "
        "layers comes from exchanges of neighbours, the covered set depends on the layers as a multiset only. With "
        "several channels or with nonlinearities between them the layers do not commute, but what they can see is "
        "the same. Here Q counts the paths of the stack with the rates y and sizes z, which are r and k but for the "
        "exchange of layers j and j + 1."
    ),
    definitions=(PATHS, PATHS_OTHER),
    statement=(
        Sequent(
            "two-layers",
            eq(
                Sum(Sum(F[p - rate_other * h - rate * t] * w[t], (t, 0, K - 1)) * v[h], (h, 0, M - 1)),
                Sum(Sum(F[p - rate * t - rate_other * h] * v[h], (h, 0, M - 1)) * w[t], (t, 0, K - 1)),
            ),
        ),
        Sequent(
            "stack",
            eq(PATHS_OTHER(L, o), PATHS(L, o)),
            (
                Ge(j, 1),
                Ge(L, j + 1),
                eq(r_other[j], r[j + 1]),
                eq(r_other[j + 1], r[j]),
                eq(k_other[j], k[j + 1]),
                eq(k_other[j + 1], k[j]),
                ForAll((l,), eq(r_other[l], r[l]), (Lt(l, j),)),
                ForAll((l,), eq(r_other[l], r[l]), (Gt(l, j + 1),)),
                ForAll((l,), eq(k_other[l], k[l]), (Lt(l, j),)),
                ForAll((l,), eq(k_other[l], k[l]), (Gt(l, j + 1),)),
            ),
        ),
    ),
    sources=(Source("yu2016"),),
)

SPACE_TO_BATCH = Claim(
    id="dilation.space-to-batch",
    title="A dilated convolution is an ordinary one on each phase",
    prose=(
        "The output at ρq + d depends only on inputs of the same remainder d: it is the ordinary convolution, at q, of "
        "the phase F_d(q) = F(ρq + d) with the same weights. Every position is ρq + d for exactly one q and one "
        "remainder 0 ≤ d < ρ, so splitting into phases (ρ² of them in two dimensions), convolving each and "
        "interleaving is the whole."
    ),
    statement=(
        Sequent("phase", eq(convolved(F, w, K, rate, rate * q + d), Sum(F[rate * (q - t) + d] * w[t], (t, 0, K - 1)))),
        Sequent("remainder-from", Ge(p - rate * floor(p / rate), 0), (Ge(rate, 1),)),
        Sequent("remainder-to", Lt(p - rate * floor(p / rate), rate), (Ge(rate, 1),)),
        Sequent("once", eq(floor((rate * q + d) / rate), q), (Ge(d, 0), Lt(d, rate))),
    ),
    sources=(Source("yu2016"),),
)

CLAIMS = (
    DEFINITION,
    ZERO_INSERTION,
    EFFECTIVE_KERNEL,
    SAME_COST,
    OUTPUT_SIZE,
    COMMUTE,
    SPACE_TO_BATCH,
)

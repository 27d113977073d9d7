# SPDX-License-Identifier: BSD-3-Clause
"""Biases of queries, keys and values in attention, and of the layer below a softmax."""

from __future__ import annotations

from sympy import Expr, Ge, IndexedBase, Lt, S, Sum, cos, exp, sin, symbols

from .bias_units import eq, i, j, k, n
from .claim import Claim, ForAll, Refutation, Sequent, Source

c, t = symbols("c t", real=True)
m, D = symbols("m D", integer=True)
o, p, q, b, v = (IndexedBase(name, real=True) for name in ("o", "p", "q", "b", "v"))
key = IndexedBase("k", real=True)
SU = Source("su9577")
SOME = Ge(n, 1)


def softmax(score: object, at: Expr) -> Expr:
    """e^(score_at) / Σ_i e^(score_i)."""
    return exp(score(at)) / Sum(exp(score(i)), (i, 0, n - 1))  # type: ignore[operator]  # it is a function


def score(at: Expr) -> Expr:
    """q·k_j."""
    return Sum(q[m] * key[at, m], (m, 0, D - 1))


GAUGE = Claim(
    id="bias.softmax-gauge",
    title="The bias below a softmax is defined up to a common constant",
    prose=(
        "Adding c to all K logits changes nothing, and nothing else does: where the probabilities of two lists of "
        "logits agree, the lists differ by a constant. So K biases are K − 1 numbers."
    ),
    statement=(
        Sequent("shift", eq(softmax(lambda i: o[i] + c, j), softmax(lambda i: o[i], j)), (SOME,)),
        Sequent(
            "only-shift",
            eq(o[k] - p[k], o[j] - p[j]),
            (
                *(bound for at in (j, k) for bound in (Ge(at, 0), Lt(at, n))),
                ForAll((m,), eq(softmax(lambda i: o[i], m), softmax(lambda i: p[i], m)), (Ge(m, 0), Lt(m, n))),
            ),
        ),
    ),
    sources=(Source("vaswani2017"),),
    no_law="softmax is a contract of another topic",
)

KEY = Claim(
    id="bias.key-redundant",
    title="Without rotary positions a bias of the keys changes no attention",
    prose=(
        "It adds q·b to every score of a query, the same for all keys, and the softmax removes it "
        "(bias.softmax-gauge). Under a rotary encoding it does not (bias.key-rope)."
    ),
    statement=(
        Sequent("score", eq(Sum(q[m] * (key[j, m] + b[m]), (m, 0, D - 1)), score(j) + Sum(q[m] * b[m], (m, 0, D - 1)))),
        Sequent(
            "attention",
            eq(softmax(lambda i: Sum(q[m] * (key[i, m] + b[m]), (m, 0, D - 1)), j), softmax(score, j)),
            (SOME,),
        ),
    ),
    sources=(SU, Source("vaswani2017")),
    no_law="no contract computes attention",
)


def rotated(at: Expr, turn: Expr) -> Expr:
    """q·R(turn)(x, y) in two dimensions, for the vector ``at`` of a key."""
    x, y = at
    return q[0] * (cos(turn) * x - sin(turn) * y) + q[1] * (sin(turn) * x + cos(turn) * y)


def odds(first: tuple[Expr, Expr], second: tuple[Expr, Expr]) -> Expr:
    """Weight of the key at distance 0 over that of the key at distance t."""
    return exp(rotated(first, S.Zero) - rotated(second, t))


KEY_ROPE = Claim(
    id="bias.key-rope",
    title="Under a rotary encoding a bias of the keys does matter",
    prose=(
        "Rotated with its key, the bias adds q·R(j − i) b to the score, which depends on the distance: it prefers some "
        "distances to others. That bias is no redundant parameter, also in models that have dropped the others."
    ),
    kind="refutation",
    statement=(
        Refutation(
            "always-redundant",
            Sequent(
                "always-redundant",
                eq(
                    odds((key[0, 0] + b[0], key[0, 1] + b[1]), (key[1, 0] + b[0], key[1, 1] + b[1])),
                    odds((key[0, 0], key[0, 1]), (key[1, 0], key[1, 1])),
                ),
            ),
            (
                *((key[r, s], S.Zero) for r in (0, 1) for s in (0, 1)),
                (q[0], S.One),
                (q[1], S.Zero),
                (b[0], S.One),
                (b[1], S.Zero),
                (t, S.One),
            ),
        ),
        Sequent(
            "added",
            eq(
                rotated((key[j, 0] + b[0], key[j, 1] + b[1]), t),
                rotated((key[j, 0], key[j, 1]), t) + rotated((b[0], b[1]), t),
            ),
        ),
    ),
    sources=(SU,),
    no_law="no contract computes attention",
)

QUERY = Claim(
    id="bias.query-not-redundant",
    title="A bias of the queries adds b·k_j, which differs from key to key",
    prose="It acts like a learned preference for some keys, whatever the query.",
    statement=(
        Sequent(
            "score",
            eq(Sum((q[m] + b[m]) * key[j, m], (m, 0, D - 1)), score(j) + Sum(b[m] * key[j, m], (m, 0, D - 1))),
        ),
        Refutation(
            "redundant",
            Sequent(
                "redundant",
                eq(exp((q[0] + b[0]) * (key[0, 0] - key[1, 0])), exp(q[0] * (key[0, 0] - key[1, 0]))),
            ),
            ((q[0], S.Zero), (b[0], S.One), (key[0, 0], S.One), (key[1, 0], S.Zero)),
        ),
    ),
    sources=(SU,),
    no_law="no contract computes attention",
)

VALUE = Claim(
    id="bias.value-absorbed",
    title="A bias of the values is a bias of the output",
    prose=(
        "The weights of a softmax add up to 1, so a value bias b adds exactly b to every output, and merges into the "
        "output bias. It fails for attention whose weights are not normalised, where it adds b times their sum."
    ),
    statement=(
        Sequent(
            "softmax",
            eq(
                Sum(softmax(lambda i: o[i], j) * (v[j] + c), (j, 0, n - 1)),
                Sum(softmax(lambda i: o[i], j) * v[j], (j, 0, n - 1)) + c,
            ),
            (SOME,),
        ),
        Sequent(
            "unnormalised",
            eq(Sum(o[j] * (v[j] + c), (j, 0, n - 1)), Sum(o[j] * v[j], (j, 0, n - 1)) + c * Sum(o[j], (j, 0, n - 1))),
        ),
    ),
    sources=(SU, Source("vaswani2017")),
    no_law="no contract computes attention",
)

CLAIMS = (GAUGE, KEY, KEY_ROPE, QUERY, VALUE)

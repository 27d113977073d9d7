# SPDX-License-Identifier: BSD-3-Clause
"""Smooth surrogates of accuracy and F1: when they equal the score, and when they move against it."""

from __future__ import annotations

from sympy import Abs, Expr, Ge, Gt, Le, Limit, Lt, Ne, Rational, S, Sum, log, symbols

from .claim import Claim, Refutation, Sequent, Source
from .smoothing_terms import (
    IN_RANGE,
    N,
    a,
    b,
    c,
    d,
    delta,
    equal,
    every,
    f1_denominator,
    f1_numerator,
    f1_with,
    g,
    h,
    i,
    j,
    l,
    labels,
    m,
    n,
    p,
    q,
    slope,
    step,
    theta,
    total,
    x,
)

_A, _B = symbols("a1:4", real=True), symbols("b1:4", real=True)
_P, _Y = symbols("p1:5", real=True), symbols("y1:5", real=True)
_HALF = Rational(1, 2)
_STEADY = tuple((s, Rational(51, 100)) for s in _A)
_MIXED = ((_B[0], Rational(99, 100)), (_B[1], Rational(99, 100)), (_B[2], Rational(49, 100)))


def _mean(terms: tuple[Expr, ...]) -> Expr:
    return sum(terms, S.Zero) / len(terms)


def _accuracy(probabilities: tuple[Expr, ...]) -> Expr:
    """The share of samples whose true class has more than half of the probability: two classes."""
    return _mean(tuple(step(s - _HALF) for s in probabilities))


CE_VS_ACCURACY = Claim(
    id="smoothing.ce-vs-accuracy",
    title="Lower cross-entropy does not mean higher accuracy",
    prose=(
        "Two classifiers of three samples, with the probabilities of the true classes: (.51, .51, .51) has accuracy 1 "
        "and cross-entropy −log .51 = 0.673…; (.99, .99, .49) has cross-entropy 0.244…, because .51³ < .99²·.49, and "
        "accuracy 2/3. What does hold: a total cross-entropy below log 2 leaves no sample at 1/2 or less, so "
        "accuracy is 1."
    ),
    kind="refutation",
    statement=(
        Sequent(
            "enough",
            Gt(p[j], _HALF),
            (every(Gt(p[i], 0)), every(Le(p[i], 1)), Lt(-total(lambda e: log(p[e])), log(2)), *IN_RANGE),
        ),
        Refutation(
            "monotone",
            Sequent(
                "monotone",
                Ge(_accuracy(_B), _accuracy(_A), evaluate=False),
                (Lt(-_mean(tuple(map(log, _B))), -_mean(tuple(map(log, _A)))),),
            ),
            (*_STEADY, *_MIXED),
        ),
    ),
    sources=(Source("su6620"),),
    no_law="compares two training criteria; no contract computes the cross-entropy",
)

SURROGATE_MONOTONE = Claim(
    id="smoothing.surrogate-monotone",
    title="Soft accuracy can rise while accuracy falls",
    prose=(
        "The mean probability of the true class is .51 for (.51, .51, .51) and .823… for (.99, .99, .49); the "
        "accuracies are 1 and 2/3. Only near the end do the two agree: when the soft accuracy of n samples exceeds "
        "1 − 1/(2n), every sample is right."
    ),
    kind="refutation",
    statement=(
        Sequent("enough", Gt(p[j], _HALF), (every(Le(p[i], 1)), Gt(total(lambda e: p[e]), n - _HALF), *IN_RANGE)),
        Refutation(
            "monotone",
            Sequent("monotone", Ge(_accuracy(_B), _accuracy(_A), evaluate=False), (Gt(_mean(_B), _mean(_A)),)),
            (*_STEADY, *_MIXED),
        ),
    ),
    sources=(Source("su6620"),),
)

ACCURACY_FLAT = Claim(
    id="smoothing.accuracy-flat",
    title="Accuracy is flat wherever the top class is unique",
    prose=(
        "A sample counts 1 or 0 by the sign of its margin, the true class's logit minus the largest other one. If no "
        "logit changes by more than c, no margin changes by more than 2c. As long as no margin changes by as much as "
        "its size, the sum of the counts does not change at all. Let all margins be at least δ > 0 from 0 (a finite "
        "sample has such a δ when no margin is 0). Then for every step h ≠ 0 with |h| < δ in which the margins change "
        "by at most |h| each, the quotient of differences is exactly 0: the derivative in every direction of the "
        "logits is 0, for any number of classes. For margins that are linear in h, as with two classes, it is stated "
        "as a limit as well. Gradient descent has nothing to go by."
    ),
    statement=(
        Sequent(
            "constant",
            equal(total(lambda e: step(g[e] + d[e])), total(lambda e: step(g[e]))),
            (every(Lt(Abs(d[i]), Abs(g[i]))),),
        ),
        Sequent(
            "margin",
            Le(Abs((x[j] + d[j] - (x[m] + d[m])) - (x[j] - x[l])), 2 * c, evaluate=False),
            (
                every(Le(Abs(d[i]), c)),
                every(Le(x[i], x[l], evaluate=False), Ne(i, j)),
                every(Le(x[i] + d[i], x[m] + d[m], evaluate=False), Ne(i, j)),
                *(r for e in (j, l, m) for r in (Le(0, e, evaluate=False), Le(e, n - 1, evaluate=False))),
                Ne(l, j),
                Ne(m, j),
            ),
        ),
        Sequent(
            "quotient",
            equal((total(lambda e: step(g[e] + d[e])) - total(lambda e: step(g[e]))) / h, S.Zero),
            (Ne(h, 0), Lt(Abs(h), delta), every(Ge(Abs(g[i]), delta)), every(Le(Abs(d[i]), Abs(h)))),
        ),
        Sequent(
            "derivative",
            equal(
                Limit((total(lambda e: step(g[e] + h * d[e])) - total(lambda e: step(g[e]))) / h, h, 0, "+-"), S.Zero
            ),
            (Gt(delta, 0), every(Ge(Abs(g[i]), delta)), every(Le(Abs(d[i]), 1))),
        ),
    ),
    sources=(Source("su6620"),),
    no_law="about accuracy itself, which no contract of this topic computes",
)

ACC_SOFT = Claim(
    id="smoothing.acc-soft",
    title="Soft accuracy is a mean over samples, so batches average to it",
    prose=(
        "⟨onehot(y), p⟩ is the probability of the true class, 1 for a right and 0 for a wrong hard prediction, so the "
        "mean over samples is accuracy when p is one-hot. Being a sum over samples, it is the mean of its values "
        "on m batches of N samples: there is no batch bias, unlike for F1."
    ),
    statement=(
        Sequent(
            "true-class",
            equal(total(lambda e: labels[e] * p[e]), p[j]),
            (equal(labels[j], S.One), every(equal(labels[i], S.Zero), Ne(i, j)), *IN_RANGE),
        ),
        Sequent(
            "batches",
            equal(Sum(Sum(p[j * N + i] / N, (i, 0, N - 1)) / m, (j, 0, m - 1)), Sum(p[i], (i, 0, m * N - 1)) / (m * N)),
            (Ge(N, 1), Ge(m, 1)),
        ),
    ),
    sources=(Source("su6620"),),
)

_COUNTS = (Gt(a, 0), Ge(b, 0), Ge(c, 0))
_UNIT = (every(Ge(p[i], 0)), every(Le(p[i], 1)), every(Ge(labels[i], 0)), every(Le(labels[i], 1)))

F1 = Claim(
    id="smoothing.f1",
    title="F1 is a harmonic mean, and its soft form is the same formula",
    prose=(
        "With TP > 0, FP, FN ≥ 0, 2TP/(2TP + FP + FN) is the harmonic mean of precision TP/(TP + FP) and recall "
        "TP/(TP + FN). Soft counts TP = Σ py, FP = Σ p(1 − y), FN = Σ (1 − p)y turn it into 2Σpy/Σ(p + y), which is "
        "hard F1 for p, y in {0, 1} and lies in [0, 1] for p, y in [0, 1]. With no positives anywhere it is 0/0; the "
        "Dice loss 1 − (2Σpy + ε)/(Σ(p + y) + ε) with ε > 0 is defined and in [0, 1] too, and is 1 − F1 at ε = 0."
    ),
    statement=(
        Sequent("harmonic", equal(2 * a / (2 * a + b + c), 2 / ((a + b) / a + (a + c) / a)), _COUNTS),
        Sequent(
            "soft",
            equal(
                2 * f1_numerator() / f1_denominator(),
                2
                * f1_numerator()
                / (
                    2 * f1_numerator()
                    + total(lambda e: p[e] * (1 - labels[e]))
                    + total(lambda e: (1 - p[e]) * labels[e])
                ),
            ),
            (Gt(f1_denominator(), 0),),
        ),
        Sequent("at-least-0", Ge(2 * f1_numerator() / f1_denominator(), 0), (Gt(f1_denominator(), 0), *_UNIT[::2])),
        Sequent("at-most-1", Le(2 * f1_numerator() / f1_denominator(), 1), (Gt(f1_denominator(), 0), *_UNIT)),
        Sequent("dice-at-least-0", Ge(1 - (2 * f1_numerator() + q) / (f1_denominator() + q), 0), (Gt(q, 0), *_UNIT)),
        Sequent("dice-below-1", Lt(1 - (2 * f1_numerator() + q) / (f1_denominator() + q), 1), (Gt(q, 0), *_UNIT[::2])),
    ),
    sources=(Source("su6620"),),
)

F1_GRADIENT = Claim(
    id="smoothing.f1-gradient",
    title="The gradient of soft F1 pushes positives up, and negatives down only where there are true positives",
    prose=(
        "With N = Σpy and D = Σ(p + y) > 0, and pⱼ moved alone to θ ≥ 0, ∂F1/∂pⱼ = 2(yⱼD − N)/D². For a positive "
        "sample it is 2(D − N)/D², and D > N always; for a negative one −2N/D² ≤ 0, and exactly 0 when N = 0: a batch "
        "without any overlap gives false positives no signal. (In the derivative a and b stand for the two sums over "
        "the other samples, and c for yⱼ.)"
    ),
    statement=(
        Sequent(
            "derivative",
            equal(
                slope(lambda at: f1_with(at, a, b, c)),
                (c * (b + theta + c) - (a + theta * c)) / (b + theta + c) ** 2 * 2,
            ),
            (Gt(theta, -(b + c)),),
        ),
        Sequent(
            "positive",
            Gt((f1_denominator(theta) - f1_numerator(theta)) / f1_denominator(theta) ** 2, 0),
            (*_UNIT, *IN_RANGE, Ge(theta, 0), Gt(f1_denominator(theta), 0)),
        ),
        Sequent(
            "negative",
            Le(-f1_numerator() / f1_denominator() ** 2, 0),
            (every(Ge(p[i], 0)), every(Ge(labels[i], 0)), Gt(f1_denominator(), 0)),
        ),
    ),
    sources=(Source("su6620"),),
)


def _f1(*samples: int) -> Expr:
    """F1 of a few of the four samples."""
    overlap = sum((_P[s] * _Y[s] for s in samples), S.Zero)
    return 2 * overlap / sum((_P[s] + _Y[s] for s in samples), S.Zero)


_PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
_SAMPLE = tuple(zip((*_P, *_Y), map(S, (1, 1, 0, 0, 1, 0, 0, 1)), strict=True))
_BATCHES = _mean(tuple(_f1(*pair) for pair in _PAIRS))

F1_MINIBATCH_BIAS = Claim(
    id="smoothing.f1-minibatch-bias",
    title="The mean F1 of batches is not F1",
    prose=(
        "Predictions (1, 1, 0, 0) for labels (1, 0, 0, 1) have F1 = 1/2. The six batches of two samples have F1 = 2/3, "
        "1, 2/3, 0, 0, 0, whose mean is 7/18: F1 is no sum over samples."
    ),
    kind="refutation",
    statement=(
        Sequent("mean-of-batches", equal(_BATCHES, Rational(7, 18)), tuple(equal(s, v) for s, v in _SAMPLE)),
        Sequent("whole", equal(_f1(0, 1, 2, 3), _HALF), tuple(equal(s, v) for s, v in _SAMPLE)),
        Refutation("unbiased", Sequent("unbiased", equal(_BATCHES, _f1(0, 1, 2, 3))), _SAMPLE),
    ),
    sources=(Source("su6620"),),
)

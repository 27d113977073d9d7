# SPDX-License-Identifier: BSD-3-Clause
"""What an optimum says about a bias, how to start one, how many there are, and the perceptron's bound on mistakes."""

from __future__ import annotations

from sympy import Expr, Function, Ge, Gt, IndexedBase, Le, Limit, Lt, Ne, S, Sum, exp, log, symbols

from .bias_units import eq, i, n, w
from .claim import Case, Claim, Definition, ForAll, Sequent, Source

m, M, kernel, inputs, outputs, o, k, d = symbols("m M k C D o k d", integer=True)
p, b, q, lam, s, R, g, x = symbols("p b q lambda s R gamma x", real=True)
y, X, u = (IndexedBase(name, real=True) for name in ("y", "X", "u"))
mistake = IndexedBase("s", integer=True)

FOCAL = Claim(
    id="bias.focal-init",
    title="b = −log((1 − π)/π) starts a classifier at the prior π",
    prose="With w·x = 0 the sigmoid of this bias is π; RetinaNet starts at π = 0.01, so that negatives are no shock.",
    statement=(Sequent("prior", eq(1 / (1 + exp(-b)), p), (Gt(p, 0), eq(b, -log((1 - p) / p)))),),
    sources=(Source("lin2017"),),
)

CONV_COUNT = Claim(
    id="bias.conv-count",
    title="A convolution has one bias for each output channel",
    prose="k² C D weights and D biases, with k × k kernels, C channels in and D out: D (k² C + 1) numbers.",
    kind="definition",
    statement=(
        Sequent(
            "count",
            eq(Sum(kernel**2 * inputs + 1, (o, 0, outputs - 1)), kernel**2 * inputs * outputs + outputs),
            (Ge(outputs, 0),),
        ),
    ),
    sources=(Source("dumoulin2016"),),
    no_law="no contract counts parameters",
)


def over_inputs(term: Expr) -> Expr:
    """Σ over the d inputs; a perceptron has a constant one among them, for the sake of the bias."""
    return Sum(term, (k, 0, d - 1))


def mean_feature(feature: Expr) -> Expr:
    """x̄_k, the mean of a feature over the n examples."""
    return Sum(X[i, feature], (i, 0, n - 1)) / n


MEAN_LABEL = Sum(y[i], (i, 0, n - 1)) / n


def residual(at: Expr) -> Expr:
    """y − x·w − b for one example, of d features."""
    return y[at] - over_inputs(X[at, k] * w[k]) - b


def centred_residual(at: Expr) -> Expr:
    """(y − ȳ) − (x − x̄)·w."""
    return (y[at] - MEAN_LABEL) - over_inputs((X[at, k] - mean_feature(k)) * w[k])


_STATIONARY = eq(Sum(residual(i), (i, 0, n - 1)), S.Zero)

RIDGE = Claim(
    id="bias.ridge-centering",
    title="Ridge regression with a free intercept is ridge regression on centred data",
    prose=(
        "Where the derivative by the intercept vanishes, b = ȳ − x̄·w; the residuals are then those of the centred "
        "data without an intercept, and the derivative by each of the d weights w_o is the same for both, whatever "
        "penalty on w is added: they have one optimum. An intercept with a penalty λ b² has Σ (y − x·w − b) = λ b "
        "instead. Then the predictions depend on the origin of y: if w and b are optimal for y, w and b + s are so "
        "for y + s in no case but λ s = 0."
    ),
    statement=(
        Sequent(
            "intercept",
            eq(b, MEAN_LABEL - over_inputs(mean_feature(k) * w[k])),
            (Ge(n, 1), _STATIONARY),
        ),
        Sequent("residuals", eq(residual(m), centred_residual(m)), (Ge(n, 1), _STATIONARY)),
        Sequent(
            "derivative",
            eq(
                Sum(X[m, o] * residual(m), (m, 0, n - 1)),
                Sum((X[m, o] - mean_feature(o)) * centred_residual(m), (m, 0, n - 1)),
            ),
            (Ge(n, 1), _STATIONARY),
        ),
        Sequent(
            "penalised",
            eq(lam * s, S.Zero),
            (
                eq(Sum(residual(i), (i, 0, n - 1)), lam * b),
                eq(Sum((y[i] + s) - over_inputs(X[i, k] * w[k]) - (b + s), (i, 0, n - 1)), lam * (b + s)),
            ),
        ),
    ),
    sources=(Source("hastie2009", "sec. 3.4.1"),),
    no_law="no contract fits a regression",
)


def logit_loss(at: Expr) -> Expr:
    """Σ log(1 + e^(z_i + b)) − y_i (z_i + b), the negative log likelihood of logits z and intercept b."""
    return Sum(log(1 + exp(X[i] + at)) - y[i] * (X[i] + at), (i, 0, n - 1))


def constant_loss(at: Expr) -> Expr:
    """The logistic loss per example of a model that has nothing but an intercept."""
    return Sum(log(1 + exp(at)) - y[i] * at, (i, 0, n - 1)) / n


def entropy(rate: Expr) -> Expr:
    """−q log q − (1 − q) log(1 − q)."""
    return -rate * log(rate) - (1 - rate) * log(1 - rate)


_BASE_RATE = Ge(n, 1), eq(Sum(y[i], (i, 0, n - 1)), n * q), Gt(q, 0), Lt(q, 1)

LOGISTIC = Claim(
    id="bias.logistic-optimum",
    title="A free intercept makes the mean prediction the base rate; alone, it is best at the logit of that",
    prose=(
        "The derivative of the logistic loss by an unpenalised intercept is Σ (p_i − y_i), whatever else the logits "
        "z_i contain, features and weights of any kind. Where no other intercept gives a smaller loss it is 0: the "
        "predicted probabilities add up to the number of positive labels. Without anything else, for labels of mean "
        "0 < q < 1, b = log(q/(1 − q)) makes the model say q for every example: there the derivative vanishes and the "
        "loss per example is the entropy of q. No b makes it smaller, by Gibbs' inequality."
    ),
    statement=(
        Sequent(
            "derivative",
            eq(
                Limit((logit_loss(b + x) - logit_loss(b)) / x, x, 0, "+-"),
                Sum(1 / (1 + exp(-X[i] - b)) - y[i], (i, 0, n - 1)),
            ),
        ),
        Sequent(
            "optimum",
            eq(Sum(1 / (1 + exp(-X[i] - b)) - y[i], (i, 0, n - 1)), S.Zero),
            (ForAll((x,), Ge(logit_loss(b + x), logit_loss(b)), (Ne(x, 0),)),),
        ),
        Sequent("rate", eq(1 / (1 + exp(-b)), q), (Gt(q, 0), eq(b, log(q / (1 - q))))),
        Sequent(
            "stationary",
            eq(Sum(1 / (1 + exp(-b)) - y[i], (i, 0, n - 1)), S.Zero),
            (Ge(n, 1), eq(1 / (1 + exp(-b)), q), eq(Sum(y[i], (i, 0, n - 1)), n * q)),
        ),
        Sequent(
            "loss",
            eq(constant_loss(b), entropy(q)),
            (*_BASE_RATE, eq(b, log(q / (1 - q)))),
        ),
        Sequent("best", Ge(constant_loss(b), entropy(q), evaluate=False), _BASE_RATE),
        Sequent(
            "gibbs",
            Ge(-q * log(p) - (1 - q) * log(1 - p), entropy(q), evaluate=False),
            (Gt(q, 0), Lt(q, 1), Gt(p, 0), Lt(p, 1)),
        ),
    ),
    sources=(Source("hastie2009", "sec. 4.4"),),
)

_weights = Function("perceptron", real=True)
PERCEPTRON_WEIGHTS = Definition(
    "perceptron",
    (m, k),
    (
        Case((S.Zero, k), S.Zero),
        Case((m, k), _weights(m - 1, k) + mistake[m] * (y[m] * X[m, k]), (Ge(m, 1),)),
    ),
    domain="real",
)


def squared_length(step: Expr) -> Expr:
    """‖w‖² after that many examples."""
    return over_inputs(PERCEPTRON_WEIGHTS(step, k) ** 2)


def along(step: Expr) -> Expr:
    """u·w after that many examples."""
    return over_inputs(u[k] * PERCEPTRON_WEIGHTS(step, k))


MISTAKES = Sum(mistake[m], (m, 1, M))
_COUNTED = (ForAll((m,), Ge(mistake[m], 0)), ForAll((m,), Le(mistake[m], 1)))
_LABELS = ForAll((m,), eq(y[m] ** 2, S.One))
_ONLY_THEN = ForAll((m,), Le(mistake[m] * (y[m] * over_inputs(PERCEPTRON_WEIGHTS(m - 1, k) * X[m, k])), 0), (Ge(m, 1),))
_SHORT = ForAll((m,), Le(over_inputs(X[m, k] ** 2), R**2))
_SEPARATED = ForAll((m,), Ge(y[m] * over_inputs(u[k] * X[m, k]), g))
_UNIT = eq(over_inputs(u[k] ** 2), S.One)

PERCEPTRON = Claim(
    id="bias.perceptron-convergence",
    title="A perceptron makes at most (R/γ)² mistakes on separable data",
    prose=(
        "Examples x_m with labels y_m = ±1 come one after the other, in any order and as often as one likes. The "
        "weights start at 0 and get y x after a mistake, that is where y w·x ≤ 0 (s_m = 1), and nothing else (s_m = "
        "0). If all ‖x‖ ≤ R and some unit vector u has y u·x ≥ γ > 0 throughout, then after any number M of examples "
        "there have been at most (R/γ)² mistakes: u·w has grown by at least γ for each, ‖w‖² by at most R², and "
        "(u·w)² ≤ ‖w‖² by Cauchy and Schwarz. A bias is the weight of an input that is constant "
        "(bias.augmented-input); without it the data have to be separable by a hyperplane through the origin."
    ),
    definitions=(PERCEPTRON_WEIGHTS,),
    statement=(
        Sequent("margin", Ge(along(M), g * MISTAKES), (Ge(M, 0), *_COUNTED, _SEPARATED)),
        Sequent(
            "length",
            Le(squared_length(M), R**2 * MISTAKES),
            (Ge(M, 0), *_COUNTED, _LABELS, _ONLY_THEN, _SHORT),
        ),
        Sequent("cauchy-schwarz", Le(along(M) ** 2, squared_length(M)), (_UNIT,)),
        Sequent(
            "mistakes",
            Le(MISTAKES, R**2 / g**2),
            (Ge(M, 0), Gt(g, 0), *_COUNTED, _LABELS, _ONLY_THEN, _SHORT, _SEPARATED, _UNIT),
        ),
    ),
    sources=(Source("novikoff1962"),),
)

CLAIMS = (FOCAL, CONV_COUNT, RIDGE, LOGISTIC, PERCEPTRON)

# SPDX-License-Identifier: BSD-3-Clause
"""What an optimum says about a bias, how to start one, how many there are, and the perceptron's bound on mistakes."""

from __future__ import annotations

from sympy import Function, Ge, Gt, IndexedBase, Le, S, Sum, exp, log, symbols

from .bias_units import eq, i, n
from .claim import Case, Claim, Definition, ForAll, Sequent, Source

m, M, kernel, inputs, outputs, o = symbols("m M k C D o", integer=True)
p, b, q, lam, s, R, g, x = symbols("p b q lambda s R gamma x", real=True)
y, X, w, T, A, u = (IndexedBase(name, real=True) for name in ("y", "X", "w", "T", "A", "u"))

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
)

RIDGE = Claim(
    id="bias.ridge-centering",
    title="Ridge regression with a free intercept is ridge regression on centred data",
    prose=(
        "Where the derivative by the intercept vanishes, b = ȳ − x̄·w; the residuals are then those of the centred "
        "data, for any penalty on w. A penalised intercept, b = Σ (y − x w)/(n + λ), does not move with the origin of "
        "y: adding s to y adds only s n/(n + λ) to b. Stated for one feature; more of them add terms to x̄·w."
    ),
    hypotheses=(Ge(n, 1),),
    statement=(
        Sequent(
            "intercept",
            eq(b, Sum(y[i], (i, 0, n - 1)) / n - Sum(X[i], (i, 0, n - 1)) / n * q),
            (eq(Sum(y[i] - X[i] * q - b, (i, 0, n - 1)), S.Zero),),
        ),
        Sequent(
            "penalised",
            eq(
                Sum(y[i] + s - X[i] * q, (i, 0, n - 1)) / (n + lam) - Sum(y[i] - X[i] * q, (i, 0, n - 1)) / (n + lam),
                s * n / (n + lam),
            ),
            (Ge(lam, 0),),
        ),
    ),
    sources=(Source("hastie2009", "sec. 3.4.1"),),
)

LOGISTIC = Claim(
    id="bias.logistic-optimum",
    title="A constant logistic model is best at the logit of the base rate",
    prose=(
        "With b = log(q/(1 − q)) the model says q for every example, the mean of the labels: Σ (p_i − y_i) = 0, and "
        "the loss is the entropy of q."
    ),
    statement=(
        Sequent("rate", eq(1 / (1 + exp(-b)), q), (Gt(q, 0), eq(b, log(q / (1 - q))))),
        Sequent(
            "loss",
            eq(-q * log(1 / (1 + exp(-b))) - (1 - q) * log(1 - 1 / (1 + exp(-b))), -q * log(q) - (1 - q) * log(1 - q)),
            (eq(1 / (1 + exp(-b)), q),),
        ),
        Sequent(
            "stationary",
            eq(Sum(1 / (1 + exp(-b)) - y[i], (i, 0, n - 1)), S.Zero),
            (Ge(n, 1), eq(1 / (1 + exp(-b)), q), eq(Sum(y[i], (i, 0, n - 1)), n * q)),
        ),
    ),
    sources=(Source("hastie2009", "sec. 4.4"),),
)

LENGTH = Definition(
    "Q",
    (m,),
    (
        Case((S.Zero,), S.Zero),
        Case((m,), Function("Q", real=True)(m - 1) + 2 * A[m] + T[m], (Ge(m, 1),)),
    ),
    domain="real",
)
ALONG = Definition(
    "U",
    (m,),
    (Case((S.Zero,), S.Zero), Case((m,), Function("U", real=True)(m - 1) + u[m], (Ge(m, 1),))),
    domain="real",
)

PERCEPTRON = Claim(
    id="bias.perceptron-convergence",
    title="A perceptron makes at most (R/γ)² mistakes on separable data",
    prose=(
        "At its m-th mistake on x (with a constant input for the bias) the weights get y x. Their squared length Q "
        "grows by 2 A_m + T_m, where A_m = y w·x ≤ 0 because it was a mistake and T_m = ‖x‖² ≤ R²; their product U "
        "with a unit vector that separates with margin γ grows by u_m = y u·x ≥ γ. So U(M) ≥ γ M and Q(M) ≤ R² M, "
        "and U² ≤ Q (Cauchy–Schwarz, a hypothesis here) leaves M ≤ (R/γ)²."
    ),
    definitions=(LENGTH, ALONG),
    statement=(
        Sequent("margin", Ge(ALONG(M), g * M), (Ge(M, 0), ForAll((m,), Ge(u[m], g)))),
        Sequent(
            "length",
            Le(LENGTH(M), R**2 * M),
            (Ge(M, 0), ForAll((m,), Le(A[m], 0)), ForAll((m,), Le(T[m], R**2))),
        ),
        Sequent(
            "mistakes",
            Le(M, R**2 / g**2),
            (
                Ge(M, 0),
                Gt(g, 0),
                ForAll((m,), Ge(u[m], g)),
                ForAll((m,), Le(A[m], 0)),
                ForAll((m,), Le(T[m], R**2)),
                Le(ALONG(M) ** 2, LENGTH(M)),
            ),
        ),
    ),
    sources=(Source("novikoff1962"),),
)

CLAIMS = (FOCAL, CONV_COUNT, RIDGE, LOGISTIC, PERCEPTRON)

# SPDX-License-Identifier: BSD-3-Clause
"""What is said of activations in general, and is true of some: odd part, monotone, 1-Lipschitz."""

from __future__ import annotations

from sympy import Abs, Expr, Lt, Rational, S, tanh

from .activations_gaussian import STEEPEST
from .activations_notation import at_most, equal, more, slope, x, y
from .activations_selfgated import MISH_SLOPE_MOST, SILU_SLOPE_MOST
from .activations_terms import SELU_ALPHA, SELU_SCALE, elu, gelu, hardswish, mish, relu, selu, softplus, swish
from .claim import Claim, Refutation, Sequent, Source

ODD_PART_FOLKLORE = Claim(
    id="activations.odd-part-folklore",
    title="Mish and ELU do not have the identity as odd part",
    prose=(
        "Mish looks like SiLU and is drawn next to it, but its gates tanh(softplus(±x)) do not add up to 1: "
        "mish(1) − mish(−1) = 1.168…, not 1. ELU(1) − ELU(−1) = 2 − 1/e = 1.632…"
    ),
    kind="refutation",
    statement=(
        Sequent("mish-at-one", more(mish(S.One) - mish(-S.One), Rational(1168, 1000))),
        Refutation("mish", Sequent("mish", equal(mish(x) - mish(-x), x)), ((x, S.One),)),
        Refutation("elu", Sequent("elu", equal(elu(x, S.One) - elu(-x, S.One), x)), ((x, S.One),)),
    ),
    sources=(Source("misra2019"),),
)


def _grows(function: object) -> Sequent:
    return Sequent("grows", at_most(function(x), function(y)), (Lt(x, y),))  # type: ignore[operator]  # a function


def _lipschitz(function: object, name: str = "lipschitz", constant: Expr = S.One) -> Sequent:
    left, right = function(x), function(y)  # type: ignore[operator]  # a function
    return Sequent(name, at_most(Abs(left - right), constant * Abs(x - y)))


_LOW = ((x, S(-2)), (y, S(-1)))

MONOTONE_FOLKLORE = Claim(
    id="activations.monotone-folklore",
    title="Not every activation in use is non-decreasing",
    prose=(
        "Textbooks list monotonicity among the properties of activation functions. GELU, SiLU and Mish fall from x = "
        "−2 to x = −1, hard swish from −3 to −1: each dips below 0, and is or tends to 0 further left."
    ),
    kind="refutation",
    statement=(
        *(
            Refutation(name, _grows(function), _LOW)
            for name, function in (("gelu", gelu), ("silu", swish), ("mish", mish))
        ),
        Refutation("hard-swish", _grows(hardswish), ((x, S(-3)), (y, S(-1)))),
    ),
    sources=(Source("hendrycks2016"), Source("ramachandran2017"), Source("misra2019")),
)

_STEEP = ((x, Rational(7, 5)), (y, Rational(3, 2)))

ONE_LIPSCHITZ_FOLKLORE = Claim(
    id="activations.one-lipschitz-folklore",
    title="Not every activation in use is 1-Lipschitz",
    prose=(
        "Bounds on a network's Lipschitz constant often take each activation to contribute 1. ReLU, tanh and softplus "
        "do. Over the pairs of points here each of these stretches a distance; the constants that hold are, for GELU, "
        "its steepest slope Φ(√2) + √2 φ(√2) = 1.1289…, for SiLU 1.0998394, for Mish 1.0884982, for SELU "
        "λα = 1.758… and for hard swish 3/2. None can be lowered by more than its last digit: the slopes of GELU, SiLU "
        "and Mish come that near (``gelu-extrema``, ``silu-slope``, ``mish``), SELU's is λα at 0 from the left "
        "(``selu-smooth``), and that of hard swish 3/2 at 3 from the left."
    ),
    kind="refutation",
    statement=(
        *(
            Refutation(name, _lipschitz(function), _STEEP)
            for name, function in (("gelu", gelu), ("silu", swish), ("mish", mish))
        ),
        Refutation("selu", _lipschitz(selu), ((x, S.Zero), (y, -Rational(1, 10)))),
        Refutation("hard-swish", _lipschitz(hardswish), ((x, S(2)), (y, S(3)))),
        *(_lipschitz(f, name) for name, f in (("relu", relu), ("tanh", tanh), ("softplus", softplus))),
        _lipschitz(gelu, "gelu-constant", STEEPEST),
        _lipschitz(swish, "silu-constant", SILU_SLOPE_MOST),
        _lipschitz(mish, "mish-constant", MISH_SLOPE_MOST),
        _lipschitz(selu, "selu-constant", SELU_SCALE * SELU_ALPHA),
        _lipschitz(hardswish, "hard-swish-constant", Rational(3, 2)),
        Sequent("hard-swish-attained", equal(slope(hardswish, S(3), "-"), Rational(3, 2))),
    ),
    uses=("activations.gelu-extrema", "activations.silu-slope", "activations.mish"),
    sources=(Source("hendrycks2016"), Source("klambauer2017"), Source("howard2019")),
)

CLAIMS = (ODD_PART_FOLKLORE, MONOTONE_FOLKLORE, ONE_LIPSCHITZ_FOLKLORE)

# SPDX-License-Identifier: BSD-3-Clause
"""The table of activations: every row has certain values everywhere, and its parts agree with each other."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, fmpq
from lemmata.theory import balls, oracle
from lemmata.theory.activations_terms import ELEMENTWISE, Elementwise, selu, x
from lemmata.theory.enclosure import FORMATS, enclose
from sympy import Rational, S, Symbol, oo

each = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda e: e.name)
GENERIC = (Rational(3, 4), Rational(-5, 8), Rational(7, 3))
"""Values for parameters that make no knee vanish."""


def settings(row: Elementwise) -> list[dict[Symbol, Rational]]:
    """The defaults, and generic values that the row allows."""
    generic = [dict.fromkeys(row.parameters, value) for value in GENERIC]
    allowed = [s for s in generic if all(bool(r.subs(s)) for r in row.requires)]
    return [dict(row.defaults), *(allowed if row.parameters else [])]


def value(expression: object, at: object, parameters: dict[Symbol, Rational], prec: int = 4000) -> arb:
    return oracle.ball(S(expression), {x: at, **parameters}, prec=prec)


@each
@pytest.mark.parametrize("dtype", FORMATS)
def test_values_and_slopes_are_certain_at_every_magnitude(row: Elementwise, dtype: str) -> None:
    form = FORMATS[dtype]
    exponents = np.linspace(form.emin - form.precision + 1, form.emax, 24).round()
    points = np.concatenate([[0.0], 2.0**exponents, -(2.0**exponents)])
    for parameters in settings(row):
        for e in enclose([row.expression, row.derivative], {x: points, **parameters}, dtype=dtype):
            assert not np.isnan(e.hi).any()
            assert not np.isnan(e.rounded()).any()


@each
def test_the_derivative_is_the_slope_between_near_points(row: Elementwise) -> None:
    """(f(p + h) − f(p))/h is f′ somewhere in between, so it lies in the enclosure of f′ over [p, p + h]."""
    step = fmpq(1, 2**200)
    for parameters in settings(row):
        for p in (fmpq(-41, 10), fmpq(-7, 9), fmpq(1, 3), fmpq(23, 7), fmpq(40)):
            with balls.workprec(4000):
                rise = value(row.expression, p + step, parameters) - value(row.expression, p, parameters)
                quotient = rise / arb(step)
                near = value(row.derivative, arb(p).union(arb(p + step)), parameters)
            assert near.overlaps(quotient)
            assert near.rad() < arb(2) ** -150


@each
def test_limits_are_approached(row: Elementwise) -> None:
    for parameters in settings(row):
        for expression, ends in ((row.expression, row.at_infinity), (row.derivative, row.slope_at_infinity)):
            for end, at in zip(ends, (-(2**600), 2**600), strict=True):
                if end is None:
                    continue
                limit, far = S(end).subs(parameters), value(expression, at, parameters)
                if limit in (oo, -oo):
                    assert far * (1 if limit == oo else -1) > 2**500
                else:
                    assert abs(far - value(limit, 0, parameters)) < arb(2) ** -500


@each
def test_knees_are_where_the_slope_jumps(row: Elementwise) -> None:
    """At generic parameters f′ differs on the two sides of every knee, and elsewhere on a grid it does not."""
    parameters = settings(row)[-1]
    knees = [k.subs(parameters) for k in row.kinks]
    jumps = [k.subs(parameters) for k in row.jumps]
    for p in {*knees, *(Rational(n, 2) for n in range(-14, 15))}:
        gap = Rational(1, 2**100)
        slopes, values = (
            [value(e, p + side * gap, parameters) for side in (-1, 1)] for e in (row.derivative, row.expression)
        )
        assert (abs(values[0] - values[1]) > 2.0**-30) == (p in jumps)
        if p not in jumps:
            assert (abs(slopes[0] - slopes[1]) > 2.0**-30) == (p in knees)


@each
def test_knees_get_the_slope_that_torch_gives(row: Elementwise) -> None:
    """To three roundings: SELU's slope at 0 is a product of two rounded constants."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    function = {"leaky_relu": functional.leaky_relu, "elu": functional.elu, "celu": functional.celu}.get(row.name)
    function = function or getattr(functional, row.name, None)
    if row.name in ("threshold", "prelu", "gelu_tanh") or function is None:
        pytest.skip("another signature in torch")
    parameters = {str(p): float(v) for p, v in row.defaults}
    for knee in row.kinks:
        at = torch.tensor(float(knee.subs(dict(row.defaults))), dtype=torch.float64, requires_grad=True)
        function(at, **parameters).backward()
        slope, got = float(value(row.derivative, at.item(), dict(row.defaults))), at.grad.item()
        assert abs(slope - got) <= 3 * 2.0**-53 * abs(slope)


def test_selu_keeps_the_published_constants() -> None:
    """λ and λα of the paper, as torch spells them out to 32 digits."""
    digits = 10**31
    scale, level = value(selu(x), 1, {}), value(-selu(x), -(2**600), {})
    with balls.workprec(200):
        assert (scale * digits + arb(1) / 2).floor() == 10507009873554804934193349852946
        assert (level / scale * digits + arb(1) / 2).floor() == 16732632423543772848170429916717

# SPDX-License-Identifier: BSD-3-Clause
"""Laws of dilated stacks: what they cover, their holes, their paths, and the designer of rates.

All results are integers, so that every bound is zero. Expected values are the path counts of the theory,
offset by offset, or for rates too large for that its criterion.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from math import gcd
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Expr

from ..theory import balls, oracle
from ..theory import dilation_coverage as coverage
from ..theory import dilation_layer as layer
from ..theory import dilation_schedules as schedules
from ..theory import dilation_terms as terms
from .contract import NotApplicable
from .law import Law
from .subject import Misbehaviour, Output, Subject
from .verdict import Comparison, exactly

Draw = st.SearchStrategy[Any]
Stack = tuple[tuple[int, ...], int]  # rates and kernel size

_FAR = 2**24  # beyond what float32 counts one by one

# What the theory says --------------------------------------------------------------------------------


def families(rates: tuple[int, ...], taps: int) -> dict[Any, Any]:
    """The layers, counted from 1."""
    return {terms.r: lambda place: rates[place - 1], terms.k: lambda place: taps}


@lru_cache(maxsize=256)
def paths(rates: tuple[int, ...], taps: int) -> tuple[int, ...]:
    """How many paths lead to each offset of the hull, counted from its left end."""
    count = oracle.compile(
        [terms.PATHS(terms.n, terms.o)],
        [terms.n, terms.o],
        values=families(rates, taps),
        definitions=(terms.PATHS,),
    )
    depth = len(rates)
    return tuple(int(balls.to_fraction(count.values([depth, o], 64)[0])) for o in range(extent(rates, taps) + 1))


def extent(rates: tuple[int, ...], taps: int) -> int:
    """The last offset of the hull, from its left end."""
    _now.stack = rates, taps
    return int(balls.to_fraction(_extents().values([len(rates)], 64)[0]))


_now = threading.local()  # the stack that the compiled extent looks at: compiling takes longer than evaluating


@cache
def _extents() -> Any:
    """Σ r_l (k_l − 1) over the first layers of a stack."""
    values = {terms.r: lambda place: _now.stack[0][place - 1], terms.k: lambda place: _now.stack[1]}
    return oracle.compile([terms.extent(terms.L)], [terms.L], values=values)


def at(formula: Expr, values: dict[Any, Any]) -> int:
    value = oracle.exact(formula, values)
    assert value is not None
    return int(value)


def first_gap(rates: tuple[int, ...], taps: int) -> int | None:
    """The first hole that the criterion finds, from the left end of the hull; ``None`` where it finds none."""
    ascending = tuple(sorted(rates))
    for place, rate in enumerate(ascending):
        reach = 1 + extent(ascending[:place], taps)
        if taps > 1 and rate > reach:
            return reach
    return None


def left(rates: tuple[int, ...], taps: int) -> int:
    """The left end of the hull: centred for odd kernels, 0 for even ones."""
    return -(extent(rates, taps) // 2) if taps % 2 else 0


# Calls -----------------------------------------------------------------------------------------------


def called(subject: Subject, name: str, stack: Stack) -> tuple[Output, Stack]:
    """The output for a stack, and the stack as the function sees it: its kernel size may be fixed."""
    rates, taps = stack
    seen = (rates, int(subject.value(name, "kernel_size", taps)))
    return subject.run(subject.call(name, list(rates), kernel_size=taps)), seen


def truth(output: Output) -> float:
    value = np.asarray(output.values[0]).reshape(-1)
    if value.size != 1:
        raise Misbehaviour("returned several values, promised one", f"assert np.size({output.name}) == 1")
    return float(value[0])


def answered(output: Output, expected: bool, label: str) -> Comparison:
    return Comparison(np.asarray(truth(output)), exactly(float(expected)), output.code(), label)


def reported(output: Output, stack: Stack) -> np.ndarray[Any, np.dtype[np.float64]]:
    """1 at every offset of the hull that is said to be a hole; an offset that is none is refused."""
    found = np.asarray(output.values[0], np.float64).reshape(-1)
    marks = np.zeros(extent(*stack) + 1)
    low = left(*stack)
    for offset in found.tolist():
        if offset != int(offset) or not 0 <= offset - low < len(marks):
            raise Misbehaviour(
                f"called {offset} a hole; the hull is {low} … {low + len(marks) - 1}",
                f"assert all({low} <= offset < {low + len(marks)} for offset in {output.name})",
            )
        marks[int(offset) - low] += 1
    return marks


def _marks(output: Output, stack: Stack) -> str:
    low, size = left(*stack), extent(*stack) + 1
    return f"np.array([list({output.name}).count({low} + o) for o in range({size})])"


def counted(output: Output, stack: Stack) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The path counts; as many as the hull has offsets."""
    values = np.asarray(output.values[0], np.float64).reshape(-1)
    if values.size != (size := extent(*stack) + 1):
        raise Misbehaviour(
            f"returned {values.size} counts; the hull has {size} offsets", f"assert len({output.name}) == {size}"
        )
    return values


# Laws ------------------------------------------------------------------------------------------------


def _covers(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """Covered means that every offset of the hull has a path; paths are counted one by one: integers, no bound."""
    output, seen = called(subject, "covers", stack)
    yield answered(output, min(paths(*seen)) > 0, "covers against the paths to every offset")


def _criterion(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """Sorted, no rate exceeds one more than the extent of those before it: integers of any size, no bound."""
    output, seen = called(subject, "covers", stack)
    yield answered(output, first_gap(*seen) is None, "covers against the criterion")


def _covers_in_any_order(subject: Subject, case: tuple[Stack, tuple[int, ...]]) -> Iterator[Comparison]:
    """Layers commute: the set that is reached depends on the rates as a multiset. No bound."""
    stack, other = case
    there, _ = called(subject, "covers", stack)
    back, _ = called(subject, "covers", (other, stack[1]))
    yield Comparison(np.asarray(truth(back)), exactly(truth(there)), back.code(), "another order", there.code())


def _common_factor(subject: Subject, case: tuple[Stack, int]) -> Iterator[Comparison]:
    """Rates with a common factor g > 1 reach multiples of g only; with more than one tap the hull has others."""
    (rates, taps), factor = case
    output, seen = called(subject, "covers", (tuple(rate * factor for rate in rates), taps))
    if seen[1] == 1 or not rates:
        return
    yield answered(output, gcd(*seen[0]) == 1, f"rates with the common factor {factor}")


def _geometric(subject: Subject, case: tuple[int, int, int]) -> Iterator[Comparison]:
    """Rates 1, a, a², … cover for every depth if a ≤ K, and leave the offset K out if a > K: integers, no bound."""
    ratio, depth, taps = case
    output, seen = called(subject, "covers", (tuple(ratio**i for i in range(depth)), taps))
    yield answered(output, depth < 2 or ratio <= seen[1] or seen[1] == 1, f"rates that grow by {ratio}")


def _named(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """Stacks of the literature and the counterexamples to published tests; paths are counted one by one: no bound."""
    if int(subject.value("covers", "kernel_size", stack[1])) != stack[1]:
        raise NotApplicable(f"covers has kernel_size fixed, and this stack has {stack[1]} taps")
    output, seen = called(subject, "covers", stack)
    yield answered(output, min(paths(*seen)) > 0, f"rates {seen[0]} with {seen[1]} taps")


def _holes(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """The offsets without a path, each once: integers, no bound."""
    output, seen = called(subject, "holes", stack)
    expected = [float(n == 0) for n in paths(*seen)]
    yield Comparison(reported(output, seen), exactly(expected), _marks(output, seen), "holes against paths")


def _certificate(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """Where the criterion fails first, the offset next to what the smaller rates reach is a hole. No bound."""
    output, seen = called(subject, "holes", stack)
    gap, found = first_gap(*seen), reported(output, seen)
    if gap is None:
        yield Comparison(np.asarray(found.sum()), exactly(0.0), f"len({output.name})", "holes of a stack without any")
        return
    code = f"list({output.name}).count({left(*seen) + gap})"
    yield Comparison(np.asarray(found[gap]), exactly(1.0), code, f"the offset {left(*seen) + gap}, which has no path")
    if len(found) and found[:gap].any():
        raise Misbehaviour(f"found a hole before {left(*seen) + gap}, where all offsets are reached", "assert False")


def _symmetric(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """Paths to o and to the extent less o are as many, so that holes are symmetric in the hull: no bound."""
    output, seen = called(subject, "holes", stack)
    found = reported(output, seen)
    yield Comparison(found[::-1], exactly(found), f"{_marks(output, seen)}[::-1]", "the holes from the other end")


def _equal_rates(subject: Subject, case: tuple[int, int, int]) -> Iterator[Comparison]:
    """L layers of K taps at one rate g reach (K − 1)L + 1 of the g(K − 1)L + 1 offsets: integers, no bound."""
    rate, depth, taps = case
    output, seen = called(subject, "holes", ((rate,) * depth, taps))
    _, number = next((s.relation.lhs, s.relation.rhs) for s in coverage.FRACTION.sequents() if s.name == "number")
    used = at(number, {terms.t: seen[1] - 1, terms.L: depth})
    missing = extent(*seen) + 1 - used
    found = reported(output, seen).sum()
    yield Comparison(np.asarray(found), exactly(float(missing)), f"len({output.name})", "number of holes at one rate")


def _paths(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """P(n, o) = Σ_t P(n − 1, o − r_n t), offset by offset: integers below 2⁵³, which the comparison holds; no bound."""
    output, seen = called(subject, "path_counts", stack)
    code = f"np.array([float(n) for n in {output.name}])"
    yield Comparison(counted(output, seen), exactly([float(n) for n in paths(*seen)]), code, "counts against paths")


def _all_paths(subject: Subject, stack: Stack) -> Iterator[Comparison]:
    """Every path ends somewhere: the counts add up to K^L, an integer below 2⁵³. No bound."""
    output, seen = called(subject, "path_counts", stack)
    code = f"sum(float(n) for n in {output.name})"
    total = counted(output, seen).sum()
    yield Comparison(np.asarray(total), exactly(float(seen[1] ** len(seen[0]))), code, "all paths together")


def _paths_in_any_order(subject: Subject, case: tuple[Stack, tuple[int, ...]]) -> Iterator[Comparison]:
    """A product of polynomials does not depend on the order of its factors: integers, no bound."""
    stack, other = case
    there, seen = called(subject, "path_counts", stack)
    back, _ = called(subject, "path_counts", (other, stack[1]))
    code, against = (f"np.array([float(n) for n in {o.name}])" for o in (back, there))
    yield Comparison(counted(back, seen), exactly(counted(there, seen)), code, "another order of the layers", against)


def _digits(subject: Subject, case: tuple[int, int]) -> Iterator[Comparison]:
    """Rates 1, K, K², …: the taps are digits, so that every offset has exactly one path. No bound."""
    depth, taps = case
    taps = int(subject.value("path_counts", "kernel_size", taps))
    output, seen = called(subject, "path_counts", (tuple(taps**i for i in range(depth)), taps))
    ones = np.ones(extent(*seen) + 1)
    yield Comparison(counted(output, seen), exactly(ones), f"np.array({output.name})", "paths to every offset")


def _extent(subject: Subject, case: tuple[int, int]) -> Iterator[Comparison]:
    """ρ(K − 1) + 1 positions from the first tap to the last: integers, no bound."""
    taps, rate = case
    output = subject.run(subject.call("effective_kernel", taps, rate))
    formula = next(s.relation.rhs for s in layer.EFFECTIVE_KERNEL.sequents() if s.name == "zeros-added")
    value = at(formula, {terms.K: taps, terms.rate: rate})
    yield Comparison(np.asarray(truth(output) - value), exactly(0.0), f"{output.code()} - {value}", "the extent")


def _designed(subject: Subject, case: tuple[int, int]) -> Iterator[Comparison]:
    """L rates without holes whose field is the largest that any have, K^L: integers, no bound."""
    depth, taps = case
    output = subject.run(subject.call("design", depth, taps))
    rates = tuple(int(rate) for rate in np.asarray(output.values[0], np.float64).reshape(-1).tolist())
    if len(rates) != depth or min(rates, default=1) < 1:
        raise Misbehaviour(f"returned rates {rates} for {depth} layers", f"assert len({output.name}) == {depth}")
    _, size = next((s.relation.lhs, s.relation.rhs) for s in schedules.BALANCED.sequents() if s.name == "size")
    field = at(size, {terms.K: taps, terms.L: depth})
    code = f"1 + {taps - 1} * sum({output.name})"
    yield Comparison(np.asarray(1.0 + (taps - 1) * sum(rates)), exactly(float(field)), code, "the field of the design")
    if first_gap(rates, taps) is not None:
        raise Misbehaviour(f"returned rates {rates}, which leave holes", f"assert {output.name} is None, {output.name}")


# Cases -----------------------------------------------------------------------------------------------

_ANY = st.tuples(
    st.lists(st.sampled_from([1, 2, 3, 5, 4, 7, 9, 6]), max_size=4).map(tuple), st.sampled_from([3, 2, 5, 3, 4, 1])
)
_SMALL = _ANY.filter(lambda stack: (stack[1] - 1) * sum(stack[0]) <= 72)


@st.composite
def _edge(fetch: Callable[[Draw], Any]) -> Stack:
    """Rates at the edge of the criterion: each the largest that it allows, one less or one more, in any order."""
    taps = fetch(st.sampled_from([3, 2, 5, 3, 4]))
    rates: list[int] = []
    for _ in range(fetch(st.integers(1, 3))):
        limit = 1 + (taps - 1) * sum(rates)
        rates.append(max(1, limit + fetch(st.sampled_from([0, 0, -1, 1]))))
    return tuple(fetch(st.permutations(rates))), taps


def _far(taps: int, beyond: int) -> Stack:
    """Rates 1, K, K², … beyond what 16-bit floats count one by one; the last is as large as may be, or too large.

    Beyond 24 bits code that walks the hull would not end in time.
    """
    rates = [1]
    while rates[-1] < 2**11:
        rates.append(taps * rates[-1])
    return (*rates, taps * rates[-1] + beyond), taps


def _exact(subject: Subject) -> Draw:
    far = st.tuples(st.sampled_from([3, 2, 5]), st.sampled_from([0, 1, 2])).map(lambda drawn: _far(*drawn))
    return st.one_of(_edge(), stacks(), far)


def stacks() -> Draw:
    """Stacks with hulls that can be walked."""
    return st.one_of(_SMALL, _edge().filter(lambda stack: (stack[1] - 1) * sum(stack[0]) <= 140))


@st.composite
def reordered(fetch: Callable[[Draw], Any]) -> tuple[Stack, tuple[int, ...]]:
    """A stack and another order of its layers; most often an order that matters to a recursion."""
    stack = fetch(stacks().filter(lambda s: len(set(s[0])) > 1))
    return stack, tuple(fetch(st.sampled_from([tuple(sorted(stack[0])), tuple(sorted(stack[0], reverse=True))])))


def _deep() -> Draw:
    """Many layers, so that counts grow beyond 32 bits and the exact integers of float32."""
    deep = st.tuples(st.integers(16, 22).map(lambda n: (1,) * n), st.just(3))
    return st.one_of(stacks(), deep)


def _holey(subject: Subject) -> Draw:
    return stacks().filter(lambda stack: first_gap(*stack) is not None)


# Laws of which contract ------------------------------------------------------------------------------

NAMED: tuple[tuple[str, str, tuple[Stack, ...]], ...] = (
    ("gcd-sufficient", "Rates without a common factor may leave holes.", (((2, 3), 3), ((1, 4), 3), ((1, 2, 9), 3))),
    ("hdc-ignores-r1", "The first rate matters.", (((2, 3), 3), ((2, 3, 7), 3))),
    ("hdc-order", "Stacks that a published test refuses for their order.", (((1, 5, 2), 3), ((1, 3, 1), 3))),
    ("hdc-sawtooth", "Groups of rates one after the other.", (((1, 2, 5, 1, 2, 5), 3),)),
    ("hdc-other-kernel", "Kernels of five taps.", (((1, 5, 16), 5), ((1, 5, 25), 5))),
    ("hdc-example", "The examples of the paper.", (((1, 2, 5), 3), ((1, 2, 9), 3), ((2, 4, 6), 3))),
    ("yu-koltun", "Three taps and doubling rates.", (((1, 2, 4), 3), ((1, 2, 4, 8), 3), ((1, 2, 4, 8, 16), 3))),
    ("wavenet", "Two taps and doubling rates.", (((1, 2, 4, 8), 2), ((1, 2, 4, 8, 16, 32), 2))),
    ("context-module", "The context module.", (((1, 1, 2, 4, 8, 16, 1), 3),)),
)


def _law(contract: str, id: str, claims: str, statement: str, cases: Any, check: Any, examples: int = 40) -> Law:
    drawn = cases if callable(cases) else (lambda subject: cases)
    ids = tuple(f"dilation.{claim}" for claim in claims.split())
    return Law(f"{contract}-{id}", ids, (contract,), statement, drawn, check, examples=examples)


def _named_law(claim: str, statement: str, which: tuple[Stack, ...]) -> Law:
    return _law("covers", claim, claim, statement, lambda subject: st.sampled_from(which), _named, len(which))


_CRITERION = "coverage-criterion hdc-monotone-exact"
LAWS = (
    _law("effective_kernel", "formula", "effective-kernel", "ρ(K − 1) + 1.", st.tuples(
        st.integers(1, 9), st.sampled_from([1, 2, 3, 6, 18, 2 * _FAR + 1])), _extent),
    _law("covers", "paths", "path-counts coverage-criterion", "Every offset has a path.", stacks(), _covers, 60),
    _law("covers", "criterion", _CRITERION, "No sorted rate exceeds what is covered by one.", _exact, _criterion),
    _law("covers", "order", "commute", "The order of the layers does not matter.", reordered(), _covers_in_any_order),
    _law("covers", "common-factor", "gcd-necessary gridding-sublattice", "A common factor leaves holes.",
         st.tuples(_edge(), st.integers(2, 5)), _common_factor),
    _law("covers", "geometric", "exponential-free yu-koltun", "Rates may grow by K, and not by more.", st.tuples(
        st.integers(1, 6), st.integers(1, 6), st.integers(2, 5)), _geometric),
    *(_named_law(*row) for row in NAMED),
    _law("holes", "paths", "path-counts", "The offsets that no path reaches.", stacks(), _holes, 60),
    _law("holes", "certificate", "coverage-criterion", "The first hole is where the criterion fails.", _holey,
         _certificate),
    _law("holes", "symmetric", "path-counts", "Holes are symmetric in the hull.", _holey, _symmetric),
    _law("holes", "equal-rates", "gridding-fraction", "One rate g uses one input in g.", st.tuples(
        st.integers(1, 5), st.integers(1, 4), st.integers(2, 5)), _equal_rates),
    _law("path_counts", "paths", "path-counts", "Coefficients of the product of polynomials.", _deep(), _paths, 60),
    _law("path_counts", "total", "balanced-ternary", "All paths together are K^L.", _deep(), _all_paths),
    _law("path_counts", "order", "commute", "The order of the layers does not matter.", reordered(),
         _paths_in_any_order),
    _law("path_counts", "digits", "balanced-ternary wavenet", "Rates K^(l−1) reach every offset once.", st.tuples(
        st.integers(0, 4), st.integers(2, 4)), _digits, 15),
    _law("design", "largest", "balanced-ternary", "No holes, and a field of K^L.", st.tuples(
        st.integers(0, 8), st.integers(2, 5)), _designed),
)  # fmt: skip

# SPDX-License-Identifier: BSD-3-Clause
"""How statements are written: on one line, drawn in two dimensions, or as LaTeX."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Basic, Expr, latex
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_symbol
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.str import StrPrinter

from ..theory.claim import Definition, ForAll, Hypothesis, Refutation, Sequent

SIGNS = {Eq: "=", Ne: "≠", Le: "≤", Ge: "≥", Lt: "<", Gt: ">"}
LATEX_SIGNS = {Eq: "=", Ne: r"\neq", Le: r"\leq", Ge: r"\geq", Lt: "<", Gt: ">"}
_WIDE = 100_000


_DIGITS = "0123456789+-=()"
_BELOW = dict(zip(_DIGITS + "aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_ABOVE = dict(zip(_DIGITS + "abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
                  "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True))  # fmt: skip


def _shifted(text: str, table: Mapping[str, str]) -> str:
    """A text in small letters below or above the line; empty if Unicode lacks one of them."""
    plain = text.replace(" ", "").replace("*", "")
    return "".join(table[c] for c in plain) if all(c in table for c in plain) else ""


def _negative_last(terms: list[Any]) -> list[Any]:
    """n - m rather than -m + n."""
    return sorted(terms, key=lambda t: bool(t.could_extract_minus_sign()))


def _member(e: Any) -> str:
    """A member of a family with its index below the line: θᵢ."""
    label, index = str(pretty_symbol(str(e.base.label))), ", ".join(_Line().doprint(i) for i in e.indices)
    return label + (_shifted(index, _BELOW) or f"[{index.replace(' ', '')}]")


class _Line(StrPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's one-line printer with the field's signs: Σ, Π, ∫, √, ·, Greek letters, small indices."""

    printmethod = None  # Indexed prints itself otherwise

    def _as_ordered_terms(self, e: Any, order: Any = None) -> list[Any]:
        return _negative_last(super()._as_ordered_terms(e, order))

    def _print_Symbol(self, e: Any) -> str:
        return str(pretty_symbol(e.name))

    def _print_Indexed(self, e: Any) -> str:
        return _member(e)

    def _print_IndexedBase(self, e: Any) -> str:
        return str(pretty_symbol(str(e.label)))

    def _bound(self, sign: str, e: Any) -> str:
        variable, lower, upper = (self._print(x) for x in e.limits[0])
        below, above = _shifted(f"{variable}={lower}", _BELOW), _shifted(upper, _ABOVE)
        if sign == "∫" or not below or not above:
            below, above = f"({variable}={lower}‥{upper})", ""
        return f"{sign}{below}{above} {self.parenthesize(e.function, PRECEDENCE['Mul'])}"

    def _print_Sum(self, e: Any) -> str:
        return self._bound("Σ", e)

    def _print_Product(self, e: Any) -> str:
        return self._bound("Π", e)

    def _print_Integral(self, e: Any) -> str:
        return f"{self._bound('∫', e)} d{self._print(e.limits[0][0])}"

    def _print_Limit(self, e: Any) -> str:
        body, variable, point, direction = e.args
        side = "" if point.is_infinite or str(direction) == "+-" else {"+": "⁺", "-": "⁻"}[str(direction)]
        return f"lim({self._print(variable)} → {self._print(point)}{side}) {self.parenthesize(body, PRECEDENCE['Mul'])}"

    def _print_Abs(self, e: Any) -> str:
        return f"|{self._print(e.args[0])}|"

    def _print_floor(self, e: Any) -> str:
        return f"⌊{self._print(e.args[0])}⌋"

    def _print_ceiling(self, e: Any) -> str:
        return f"⌈{self._print(e.args[0])}⌉"

    def _print_Infinity(self, e: Any) -> str:
        return "∞"

    def _print_NegativeInfinity(self, e: Any) -> str:
        return "-∞"

    def _print_Pi(self, e: Any) -> str:
        return "π"

    def _print_EulerGamma(self, e: Any) -> str:
        return "γ"

    def _print_ImaginaryUnit(self, e: Any) -> str:
        return "ⅈ"

    def _print_Pow(self, e: Any, rational: bool = False) -> str:
        if e.exp.is_Integer and e.exp > 1:
            return f"{self.parenthesize(e.base, PRECEDENCE['Pow'])}" + _shifted(str(e.exp), _ABOVE)
        return str(super()._print_Pow(e, rational)).replace("sqrt(", "√(")


class _Drawn(PrettyPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's two-dimensional printer with the same small indices and order of terms."""

    def _as_ordered_terms(self, e: Any, order: Any = None) -> list[Any]:
        return _negative_last(super()._as_ordered_terms(e, order))

    def _print_Indexed(self, e: Any) -> prettyForm:
        return prettyForm(_member(e))


for _name in ("Sum", "Product", "Integral", "Limit"):  # they extend as far right as they can, so factors need brackets
    PRECEDENCE.setdefault(_name, PRECEDENCE["Add"])


def line(value: Basic | ForAll) -> str:
    """A term, relation or hypothesis on one line.

    Examples:
        >>> from sympy import Sum, Symbol, symbols, Le
        >>> i, h = symbols("i h", integer=True)
        >>> line(Le(Sum(i**2, (i, 0, h - 1)), Symbol("theta"), evaluate=False))
        'Σᵢ₌₀ʰ⁻¹ i² ≤ θ'
    """
    if isinstance(value, ForAll):
        names = ", ".join(line(v) for v in value.variables)
        given = "".join(f"{line(c)} ⇒ " for c in value.conditions)
        return f"∀{names}. {given}{line(value.body)}"
    if isinstance(value, Relational):
        return f"{line(value.lhs)} {SIGNS[value.func]} {line(value.rhs)}"
    return str(_Line().doprint(value)).replace("**", "^").replace("*", "·")


def block(e: Expr, columns: int) -> list[str]:
    """A term drawn in two dimensions, or wrapped on lines where that is too wide."""
    drawn = str(_Drawn({"use_unicode": True, "wrap_line": False}).doprint(e)).splitlines()
    if max(map(len, drawn)) <= columns:
        return [text.rstrip() for text in drawn]
    return wrapped(line(e), columns, "  ")


def wrapped(text: str, columns: int, indent: str) -> list[str]:
    """Lines of a formula, broken outside of as many brackets as its length allows."""
    lines: list[str] = []
    for depth in range(1, 9):
        glued, level = [], 0
        for c in text:
            level += (c in "([") - (c in ")]")
            glued.append("\xa0" if c == " " and level >= depth else c)
        lines = textwrap.wrap("".join(glued), columns, subsequent_indent=indent, break_long_words=False)
        if all(len(t) <= columns for t in lines):
            break
    return [t.replace("\xa0", " ") for t in lines]


def relation_block(relation: Relational, columns: int) -> list[str]:
    """A relation drawn in two dimensions, its sides below each other where they do not fit side by side."""
    if max(len(t) for t in block(relation, _WIDE)) <= columns:
        return block(relation, columns)
    left, right = block(relation.lhs, columns - 4), block(relation.rhs, columns - 4)
    middle = (len(right) - 1) // 2
    sign = SIGNS[relation.func]
    return left + [(f"{sign}   " if k == middle else "    ") + text for k, text in enumerate(right)]


def tex(value: Basic | ForAll) -> str:
    """A term, relation or hypothesis as LaTeX."""
    if isinstance(value, ForAll):
        names = ", ".join(tex(v) for v in value.variables)
        given = "".join(rf"{tex(c)} \Rightarrow " for c in value.conditions)
        return rf"\forall {names}.\; {given}{tex(value.body)}"
    if isinstance(value, Relational):
        return f"{tex(value.lhs)} {LATEX_SIGNS[value.func]} {tex(value.rhs)}"
    return str(latex(value))


def sequent(s: Sequent, columns: int) -> list[str]:
    """``hypotheses ⊢ relation``: the hypotheses on lines of their own, the relation drawn below."""
    return [*_given(s.hypotheses, columns), *relation_block(s.relation, columns)]


def sequent_tex(s: Sequent) -> str:
    """``hypotheses ⊢ relation`` as LaTeX."""
    given = r",\ ".join(tex(h) for h in s.hypotheses)
    return rf"{given} \;\vdash\; {tex(s.relation)}" if given else tex(s.relation)


def witness(r: Refutation) -> str:
    """Where a popular statement fails: ``n = 11, h = 64``."""
    return ", ".join(f"{line(name)} = {line(value)}" for name, value in r.witness)


def definition(d: Definition) -> list[str]:
    """The equations of a definition, one a line."""
    lines = []
    for case in d.cases:
        given = ", ".join(line(c) for c in case.conditions)
        left = f"{d.name}({', '.join(line(p) for p in case.pattern)})"
        lines.append(f"{left} = {line(case.body)}" + (f"   where {given}" if given else ""))
    return lines


def _given(hypotheses: Iterable[Hypothesis], columns: int) -> list[str]:
    text = ",  ".join(line(h) for h in hypotheses)
    return wrapped(f"{text}  ⊢", columns, "  ") if text else []

"""VNN-LIB 1.0: assertions on reals X_0, X_1, ... (inputs) and Y_0, Y_1, ... (outputs)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import prod

from ..common.arithmetic import ieee_arithmetic
from ..errors import InvalidDomainError
from .linear_property import Case, Condition, Property, Relation, case_of
from .smtlib import Expression, Parts, SyntaxIssue, Token, expressions, number, written

__all__ = ["parse_property"]

_VARIABLE = re.compile(r"([XY])_(0|[1-9]\d{0,8})")
_COMPARISONS = ("<=", ">=", "<", ">", "=")
# Commands that say nothing about the property.
_IGNORED = ("set-logic", "set-info", "set-option", "check-sat", "get-model", "exit")
_MOST_CASES = 10_000
_MOST_NUMBERS = 1 << 24  # bounds of all cases together

Conjunction = tuple[Condition, ...]


@ieee_arithmetic
def parse_property(text: str, name: str = "`text`") -> Property:
    """Reads a property from the text of a VNN-LIB 1.0 file.

    Understood are ``declare-const`` (and ``declare-fun`` without arguments) of reals ``X_0, X_1,
    ...`` and ``Y_0, Y_1, ...``; ``assert`` of ``and``, ``or`` and comparisons ``<= >= < > =`` of
    linear terms in ``+ - * /``; and comments. The logic and check commands of SMT-LIB are passed
    over. A comparison of a number and a term within one more pair of parentheses, ``(<= (0.5
    Y_0))``, as a published benchmark has it, is read as ``(<= 0.5 Y_0)``. Everything else is an
    error.

    Parameters
    ----------
    text : str
    name : str
        What to call the text in errors.

    Returns
    -------
    Property

    Raises
    ------
    InvalidDomainError
        Names and quotes the line that is wrong or not understood.

    See Also
    --------
    load_property, check

    Examples
    --------
    >>> import relutope as rt
    >>> text = "(declare-const X_0 Real) (declare-const Y_0 Real)"
    >>> rt.parse_property(text + "(assert (<= X_0 nan))")
    Traceback (most recent call last):
    relutope.errors.InvalidDomainError: `text`, line 1: 'nan' is not declared
    """
    try:
        return _Reader(text).property
    except SyntaxIssue as issue:
        lines = text.split("\n")
        quoted = lines[issue.line - 1].strip() if issue.line <= len(lines) else ""
        if len(lines) > 1 and len(quoted) <= 200:
            raise InvalidDomainError(f"{name}, line {issue.line}: {issue} in: {quoted}") from None
        raise InvalidDomainError(f"{name}, line {issue.line}: {issue}") from None


class _Reader:
    """Statements of one file."""

    def __init__(self, text: str) -> None:
        self.declared: dict[str, tuple[str, int]] = {}
        common: list[Condition] = []
        alternatives: list[tuple[list[Conjunction], int]] = []
        for statement in expressions(text):
            asserted = self.statement(statement)
            if asserted is None:
                continue
            cases = self.cases(asserted)
            if len(cases) == 1:
                common += cases[0]
            else:
                alternatives.append((cases, statement.line))
        n, m = self.count("X"), self.count("Y")
        self.property = Property(n, m, tuple(_all_cases(n, common, alternatives)))

    def count(self, kind: str) -> int:
        """How many inputs or outputs there are."""
        numbers = {i for k, i in self.declared.values() if k == kind}
        if numbers != set(range(len(numbers))) or (kind == "X" and not numbers):
            missing = next(i for i in range(len(numbers) + 1) if i not in numbers)
            raise SyntaxIssue(f"{kind}_{missing} is not declared", 1)
        return len(numbers)

    def statement(self, statement: Parts) -> Expression | None:
        """Notes a declaration; returns what is asserted, if anything is."""
        head = statement.items[0] if statement.items else statement
        command = head.text if isinstance(head, Token) else ""
        rest = statement.items[1:]
        if command == "assert":
            if len(rest) != 1:
                raise SyntaxIssue(
                    f"assert takes one condition, {len(rest)} are given: {written(statement)}",
                    statement.line,
                )
            return rest[0]
        if command in ("declare-const", "declare-fun"):
            self.declare(statement, rest)
        elif command in ("vnnlib-version", "declare-network"):
            raise SyntaxIssue(
                "this is VNN-LIB 2.0, and version 1.0 is read: conditions on X_0, X_1, ... and "
                "Y_0, Y_1, ...",
                statement.line,
            )
        elif command not in _IGNORED:
            raise SyntaxIssue(f"the statement {written(statement)} is not known", statement.line)
        return None

    def declare(self, statement: Parts, rest: Sequence[Expression]) -> None:
        texts = [part.text for part in rest if isinstance(part, Token)]
        no_arguments = [part for part in rest if isinstance(part, Parts) and not part.items]
        head = statement.items[0]
        function = isinstance(head, Token) and head.text == "declare-fun"
        if len(no_arguments) != int(function) or len(rest) != 2 + function or len(texts) != 2:
            raise SyntaxIssue(f"{written(statement)} declares no real number", statement.line)
        name, sort = texts
        variable = _VARIABLE.fullmatch(name)
        if variable is None or sort != "Real":
            raise SyntaxIssue(
                f"{written(statement)}: variables are X_0, X_1, ... and Y_0, Y_1, ... of sort Real",
                statement.line,
            )
        if name in self.declared:
            raise SyntaxIssue(f"{name} is declared twice", statement.line)
        self.declared[name] = variable[1], int(variable[2])

    # -- conditions

    def cases(self, condition: Expression) -> list[Conjunction]:
        """The conditions as alternatives, of each of which all must hold."""
        operator, parts = _application(condition)
        if operator == "or" and parts:
            alternatives = [case for part in parts for case in self.cases(part)]
            _check_number(len(alternatives), condition.line)
            return alternatives
        if operator == "and" and parts:
            of_parts = [self.cases(part) for part in parts]
            _check_number(prod(len(cases) for cases in of_parts), condition.line)
            return [tuple(c for case in chosen for c in case) for chosen in product(*of_parts)]
        if operator in _COMPARISONS:
            return [self.comparison(operator, _operands(parts), condition)]
        raise SyntaxIssue(f"the condition {written(condition)} is not known", condition.line)

    def comparison(self, sign: str, parts: Sequence[Expression], whole: Expression) -> Conjunction:
        if len(parts) < 2:
            raise SyntaxIssue(f"{written(whole)} compares nothing", whole.line)
        terms = [self.term(part) for part in parts]
        found = []
        for a, b in pairwise(terms):
            low, high = (b, a) if sign in (">=", ">") else (a, b)
            relation: Relation = "==" if sign == "=" else "<" if sign in ("<", ">") else "<="
            found.append(self.condition(_add(dict(low), high, Fraction(-1)), relation))
        return tuple(found)

    def condition(self, term: _Term, relation: Relation) -> Condition:
        kinds: dict[str, dict[int, Fraction]] = {"X": {}, "Y": {}}
        for name, factor in term.items():
            if factor and name:
                kind, i = self.declared[name]
                kinds[kind][i] = factor
        return Condition(kinds["X"], kinds["Y"], term.get("", Fraction(0)), relation)

    # -- linear terms

    def term(self, expression: Expression) -> _Term:
        if isinstance(expression, Token):
            value = number(expression)
            if value is not None:
                return {"": value}
            if expression.text not in self.declared:
                raise SyntaxIssue(f"{expression.text!r} is not declared", expression.line)
            return {expression.text: Fraction(1)}
        operator, parts = _application(expression)
        if not parts or operator not in ("+", "-", "*", "/"):
            raise SyntaxIssue(f"the term {written(expression)} is not known", expression.line)
        if operator == "-" and len(parts) == 1:
            return _add({}, self.term(parts[0]), Fraction(-1))
        total = self.term(parts[0])
        for part in parts[1:]:
            if operator in ("+", "-"):
                _add(total, self.term(part), Fraction(1 if operator == "+" else -1))
            else:
                total = _scaled(operator, total, self.term(part), expression)
        return total


_Term = dict[str, Fraction]  # factors by variable; the constant has the empty name


def _add(total: _Term, other: _Term, factor: Fraction) -> _Term:
    """Adds a multiple of `other` to `total`, in place."""
    for name, value in other.items():
        total[name] = total.get(name, Fraction(0)) + factor * value
    return total


def _scaled(operator: str, a: _Term, b: _Term, whole: Expression) -> _Term:
    """Product or quotient, one of the two being a number."""
    if operator == "*" and not any(name and v for name, v in a.items()):
        a, b = b, a
    if any(name and v for name, v in b.items()):
        raise SyntaxIssue(f"{written(whole)} is not linear", whole.line)
    factor = b.get("", Fraction(0))
    if operator == "/":
        if not factor:
            raise SyntaxIssue(f"{written(whole)} divides by zero", whole.line)
        factor = 1 / factor
    return {name: value * factor for name, value in a.items()}


def _application(expression: Expression) -> tuple[str, Sequence[Expression]]:
    """The operator of an expression in parentheses, and what it is applied to."""
    if isinstance(expression, Parts) and expression.items:
        head = expression.items[0]
        if isinstance(head, Token):
            return head.text, expression.items[1:]
    return "", ()


def _operands(parts: Sequence[Expression]) -> Sequence[Expression]:
    """The operands; also of ``(<= (0.5 term))``."""
    if len(parts) == 1 and isinstance(parts[0], Parts) and len(parts[0].items) == 2:
        head = parts[0].items[0]
        if isinstance(head, Token) and number(head) is not None:
            return parts[0].items
    return parts


def _check_number(cases: int, line: int) -> None:
    if cases > _MOST_CASES:
        raise SyntaxIssue(f"the conditions have more than {_MOST_CASES} alternatives", line)


def _all_cases(
    n: int, common: list[Condition], alternatives: list[tuple[list[Conjunction], int]]
) -> list[Case]:
    """The cases that some numbers may meet."""
    total = prod(len(cases) for cases, _ in alternatives)
    if alternatives:
        _check_number(total, alternatives[-1][1])
    if total * n > _MOST_NUMBERS:
        raise SyntaxIssue(f"{total} alternatives for {n} inputs are too many", 1)
    start = case_of(n, common)
    if start is None:
        return []
    chosen = product(*(cases for cases, _ in alternatives))
    found = (case_of(n, [c for part in parts for c in part], start) for parts in chosen)
    return [case for case in found if case is not None]

"""The structure of a search: its pieces, from left to right, become clauses.

In order: brackets without a partner are dropped; NOT and a minus exclude what follows; OR joins what is left and right
of it, closer than the space or AND; a pair of brackets is read by itself, and taken up in its shortest form: all of its
clauses where it is no alternative, its alternatives where it has no more than these, else as a Group. Filters that are
no alternatives to something else are kept by themselves, and so are dates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.facets import facets
from publish.search.clauses import FIELDS, Filter, Group, Query, QueryError, Term
from publish.search.values import read_filter

MOST_PARTS = 400  # of any query
DEEPEST = 10  # brackets in brackets


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a search: an operator, a bracket, or something to find (a date is a Term too)."""

    kind: str  # AND, OR, NOT, (, ), term, end
    minus: bool = False
    field: str = ""  # of an opening bracket: title:( … )
    term: Term | None = None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was parsed so far between two brackets."""

    field: str = ""
    minus: bool = False
    clauses: list[list[tuple[bool, Term | Group]]] = dataclasses.field(default_factory=list)  # (without, part)
    joining: bool = False
    negated: bool = False

    def add(self, minus: bool, part: Term | Group) -> None:
        without = minus ^ self.negated
        if self.joining and self.clauses:
            self.clauses[-1].append((without, part))
        else:
            self.clauses.append([(without, part)])
        self.joining = self.negated = False


def paired(parts: list[Part]) -> list[Part]:
    """The pieces without brackets that have no partner. Raises QueryError where too many are in each other."""
    opened: list[int] = []
    lone: set[int] = set()
    for place, part in enumerate(parts):
        if part.kind == "(":
            opened.append(place)
        elif part.kind == ")" and opened:
            opened.pop()
        elif part.kind == ")":
            lone.add(place)
    lone.update(opened)
    kept = [part for place, part in enumerate(parts) if place not in lone]
    depth = 0
    for part in kept:
        depth += (part.kind == "(") - (part.kind == ")")
        if depth > DEEPEST:
            raise QueryError(f"brackets may be {DEEPEST} deep")
    return kept


def assemble(parts: Iterable[Part]) -> Query:
    """The query that the pieces mean. Raises QueryError."""
    stack = [_Reading()]
    dates: dict[str, str] = {}
    count = 0
    for part in parts:
        now = stack[-1]
        if part.kind == "OR":
            now.joining = bool(now.clauses)
        elif part.kind == "AND":
            now.joining = False
        elif part.kind == "end":  # of the words; what follows are filters of their own
            now.joining = now.negated = False
        elif part.kind == "NOT":
            now.negated = not now.negated
        elif part.kind == "(":
            stack.append(_Reading(field=part.field or now.field, minus=part.minus))
        elif part.kind == ")":
            stack.pop()
            if (group := _close(now)) is not None:
                stack[-1].add(now.minus, group)
            else:
                stack[-1].negated = False
        elif part.term is not None:
            term = _in_field(part.term, now.field)
            if term.field in ("since", "until"):
                if part.minus or now.negated:
                    raise QueryError(f"{term.field}: cannot be excluded; use {_other(term.field)}:")
                if len(stack) > 1:
                    raise QueryError(f"{term.field}: is for the whole search; write it outside of brackets")
                dates[term.field] = term.text
                continue
            count += 1
            now.add(part.minus, term)
    if count > MOST_PARTS:
        raise QueryError(f"a search may have {MOST_PARTS} words and filters")
    found = _close(stack[0]) or Group()
    return _with_filters(found, dates)


def _in_field(term: Term, name: str) -> Term:
    """A term inside `title:( … )` or `kind:( … )`. Raises QueryError."""
    if not name or term.field:
        return term
    if name in FIELDS:
        return replace(term, field=name)
    return read_filter(name, term.text) or term


def _close(reading: _Reading) -> Group | None:
    """What was read between two brackets, in its shortest form; None if it is nothing."""
    clauses: list[tuple[Term | Group, ...]] = []
    excluded: list[Term | Group] = []
    for alternatives in reading.clauses:
        options = tuple(dict.fromkeys(one for without, part in alternatives for one in _either(without, part)))
        if len(options) == 1:  # alone, or written twice
            some, others = _split(False, options[0])
            clauses += some
            excluded += others
        else:
            clauses.append(options)
    if not clauses and not excluded:
        return None
    return Group(clauses=tuple(clauses), excluded=tuple(dict.fromkeys(excluded)))  # a name may have a word twice


def _split(without: bool, part: Term | Group) -> tuple[tuple[tuple[Term | Group, ...], ...], tuple[Term | Group, ...]]:
    """A part without an alternative, as (clauses, excluded)."""
    if not isinstance(part, Group):
        return ((), (part,)) if without else (((part,),), ())
    if not without:
        return part.clauses, part.excluded
    if len(part.clauses) == 1 and not part.excluded:  # not (a or b): neither
        return (), part.clauses[0]
    if not part.clauses:  # not (not a)
        return (part.excluded,), ()
    return (), (part,)


def _either(without: bool, part: Term | Group) -> tuple[Term | Group, ...]:
    """A part that is one of several alternatives."""
    clauses, excluded = _split(without, part)
    if len(clauses) == 1 and not excluded:
        return clauses[0]
    return (Group(clauses=clauses, excluded=excluded),)


def _with_filters(found: Group, dates: dict[str, str]) -> Query:
    """The whole search; filters that are no alternatives to something else are kept by themselves."""
    alone = [clause[0].field for clause in found.clauses if len(clause) == 1 and isinstance(clause[0], Term)]
    clauses: list[tuple[Term | Group, ...]] = []
    filters: list[Filter] = []
    for clause in found.clauses:
        terms = [part for part in clause if isinstance(part, Term) and part.filtered]
        names = {term.field for term in terms}
        either = (
            len(names) == 1 and not names & set(alone) and facets().filters[min(names)].kind in ("column", "scheme")
        )
        if len(terms) == len(clause) and (len(clause) == 1 or either):
            filters += [Filter(name=term.field, value=term.text) for term in terms]
            alone += names
        else:
            clauses.append(clause)
    barred = [part for part in found.excluded if isinstance(part, Term) and part.filtered]
    return Query(
        clauses=tuple(clauses),
        excluded=tuple(part for part in found.excluded if part not in barred),
        filters=tuple(dict.fromkeys(filters)),
        barred=tuple(Filter(name=term.field, value=term.text) for term in barred),
        since=dates.get("since"), until=dates.get("until"),
    )  # fmt: skip


def _other(name: str) -> str:
    return "until" if name == "since" else "since"

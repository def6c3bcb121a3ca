"""A search as it was understood: words, groups and filters, and how it is written.

`publish.search.query` parses it, `publish.search.fts` makes the SQL. To search by meaning, whoever knows the names of
things fills `tags` and `also` of terms, and `tags` of filters, with `Query.with_terms` and `Query.with_filters`:

    query.with_terms(lambda term: replace(term, tags=("named_go_1903561_",), also=("exosome", "세포외소포")))
    query.with_filters(lambda f: replace(f, tags=tuple(tag_of(f.name, concept) for concept in concepts_of(f))))

A whole clause that means something else (three words that are one name) is replaced by a clause of one Term, or of a
Group OR a Term. These are no part of what was asked: `to_text`, `to_params` and `describe` leave them out, so that
parsing `to_text` gives the query without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from core.errors import UsageError

FIELDS = ("title", "author")  # of a term: words only of the title, or of the names of the authors


class QueryError(UsageError):
    """A search that cannot be parsed; the message is one line for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a phrase (`phrase`), or the beginning of a word (`prefix`).

    `field` is empty for title and text, or one of FIELDS. Inside OR and brackets it may be a filter; `text` is then the
    filter's value, as it would be in `Filter`.

    `tags` are whole words of the column `tags` (`named_mondo_0005148_`), `also` are other names as people write them
    (folded later, like `text`): the term finds what has the words, or one of the tags, or one of the names as a phrase.
    """

    text: str
    phrase: bool = False
    prefix: bool = False
    field: str = ""
    tags: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether this is a filter, not words."""
        return self.field not in ("", *FIELDS)

    def __str__(self) -> str:
        if self.filtered:
            return f"{self.field}:{_shown(self.text)}"
        word = f'"{self.text}"' if self.phrase else f"{self.text}{'*' if self.prefix else ''}"
        return f"{self.field}:{word}" if self.field else word


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Brackets: all of `clauses` (each: any of its parts) and none of `excluded`."""

    clauses: tuple[tuple[Term | Group, ...], ...] = ()
    excluded: tuple[Term | Group, ...] = ()

    def __str__(self) -> str:
        return f"({' '.join(_written(self.clauses, self.excluded))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A value of a facet. `tags` are the words of the column `tags` that mean it, where `value` is a name."""

    name: str
    value: str
    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}:{_shown(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """All of `clauses` (each: any of its parts), none of `excluded`, with `filters` and without `barred` ones.

    `long`: a pasted text; its words are clauses, and nobody expects all of them. `wordless`: something was written that
    has no word in it; it finds nothing.
    """

    clauses: tuple[tuple[Term | Group, ...], ...] = ()
    excluded: tuple[Term | Group, ...] = ()
    filters: tuple[Filter, ...] = ()
    barred: tuple[Filter, ...] = ()
    since: str | None = None  # as written: YYYY, YYYY-MM or YYYY-MM-DD
    until: str | None = None
    long: bool = False
    wordless: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was asked: everything is found."""
        return self == Query()

    @property
    def terms(self) -> tuple[Term, ...]:
        """The words and phrases that may be found, those in brackets too; no filters, nothing that is excluded."""
        return tuple(dict.fromkeys(term for term in _terms(self.clauses) if not term.filtered))

    def with_terms(self, change: Callable[[Term], Term | Group]) -> Query:
        """This query with each of `terms` changed, in brackets too. What is excluded stays as it was written."""
        return replace(self, clauses=_changed(self.clauses, lambda term: term if term.filtered else change(term)))

    def with_filters(self, change: Callable[[Filter], Filter]) -> Query:
        """This query with each filter changed, those inside OR and brackets and those that are excluded too."""

        def changed(term: Term) -> Term:
            if not term.filtered:
                return term
            new = change(Filter(name=term.field, value=term.text, tags=term.tags))
            return replace(term, field=new.name, text=new.value, tags=new.tags)

        return replace(
            self,
            clauses=_changed(self.clauses, changed),
            excluded=tuple(part for (part,) in _changed(tuple((part,) for part in self.excluded), changed)),
            filters=tuple(map(change, self.filters)),
            barred=tuple(map(change, self.barred)),
        )

    def values(self, name: str) -> tuple[str, ...]:
        """The values that a filter asks for."""
        return tuple(f.value for f in self.filters if f.name == name)

    def plus(self, name: str, value: str) -> Query:
        """This query with one filter more."""
        if value in self.values(name):
            return self
        return replace(self, filters=(*self.filters, Filter(name=name, value=value)), wordless=False)

    def minus(self, name: str, value: str) -> Query:
        """This query without one of its filters."""
        return replace(self, filters=tuple(f for f in self.filters if (f.name, f.value) != (name, value)))


def to_text(query: Query) -> str:
    """The query as it was understood, in its own language."""
    if query.wordless:
        return '""'
    parts = _written(query.clauses, query.excluded)
    parts += [str(f) for f in query.filters] + [f"-{f}" for f in query.barred]
    parts += [f"{name}:{value}" for name, value in (("since", query.since), ("until", query.until)) if value]
    return " ".join(parts)


def to_params(query: Query) -> list[tuple[str, str]]:
    """The same query as parameters of an address: words in `q`, filters under their names."""
    q = to_text(replace(query, filters=()))
    return [("q", q)] * bool(q) + [(f.name, f.value) for f in query.filters]


def describe(query: Query, names: Mapping[tuple[str, str], str] | None = None) -> str:
    """The query in words for headings and feed titles; `names` gives names of concepts by (filter, id)."""
    names = names or {}
    if query.wordless:
        return "nothing: there is no word in it"
    parts = [" or ".join(_said(part, names) for part in clause) for clause in query.clauses]
    parts += [names.get((f.name, f.value), f.value) for f in query.filters]
    parts += [f"not {_said(part, names)}" for part in query.excluded]
    parts += [f"not {names.get((f.name, f.value), f.value)}" for f in query.barred]
    parts += [f"since {query.since}"] * bool(query.since) + [f"until {query.until}"] * bool(query.until)
    return ", ".join(parts) or "everything"


def _said(part: Term | Group, names: Mapping[tuple[str, str], str]) -> str:
    if isinstance(part, Group):
        clauses = [" or ".join(_said(one, names) for one in clause) for clause in part.clauses]
        return f"({', '.join([*clauses, *(f'not {_said(one, names)}' for one in part.excluded)])})"
    if part.filtered:
        return names.get((part.field, part.text), part.text)
    word = str(replace(part, field=""))
    return f"{word} in the {part.field}" if part.field else word


def _written(clauses: tuple[tuple[Term | Group, ...], ...], excluded: tuple[Term | Group, ...]) -> list[str]:
    return [" OR ".join(map(str, clause)) for clause in clauses] + [f"-{part}" for part in excluded]


def _terms(clauses: tuple[tuple[Term | Group, ...], ...]) -> Iterator[Term]:
    for part in (part for clause in clauses for part in clause):
        if isinstance(part, Group):
            yield from _terms(part.clauses)
        else:
            yield part


def _changed(
    clauses: tuple[tuple[Term | Group, ...], ...], change: Callable[[Term], Term | Group]
) -> tuple[tuple[Term | Group, ...], ...]:
    def changed(part: Term | Group) -> Term | Group:
        if isinstance(part, Group):
            return replace(part, clauses=_changed(part.clauses, change))
        return change(part)

    return tuple(tuple(changed(part) for part in clause) for clause in clauses)


def _shown(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s()]", value) else value

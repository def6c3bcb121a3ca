"""Rows of an edition, typed: `await edition.rows(Country, SQL)` gives a list of Country.

A row is a frozen dataclass. Its fields without a default are columns of the query; a field with a default is filled
in afterwards, by `dataclasses.replace`. A query may have more columns than its row has fields.
"""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

R = TypeVar("R")
Params = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyQuery:
    """A query that `datasette/metadata.yaml` offers; `feed`: whether its answer can be followed."""

    name: str
    title: str
    about: str = ""
    feed: bool = False


class OpenEdition(ABC):
    """The edition that one request is answered from; all its queries are answered from the same one."""

    @abstractmethod
    async def execute(self, sql: str, params: Params) -> Sequence[sqlite3.Row]:
        """The rows of a query, as the database gives them."""

    @abstractmethod
    async def ready_queries(self) -> list[ReadyQuery]:
        """What can be asked without writing SQL."""

    def note_unanswered(self, written: str) -> None:  # noqa: B027  only a site that is served counts them
        """Count a search that found nothing, for the operator."""

    async def rows(self, kind: type[R], sql: str, params: Params | None = None) -> list[R]:
        """The rows of a query. Raises IndexError where a column of `kind` is missing."""
        names = columns(kind)
        return [kind(**{name: row[name] for name in names}) for row in await self.execute(sql, params or {})]

    async def first(self, kind: type[R], sql: str, params: Params | None = None) -> R | None:
        """The first row, or None."""
        return next(iter(await self.rows(kind, sql, params)), None)

    async def numbers(self, sql: str, params: Params | None = None) -> list[int]:
        """The first column, of whole numbers."""
        return [int(row[0]) for row in await self.execute(sql, params or {})]

    async def number(self, sql: str, params: Params | None = None) -> int:
        """A single whole number."""
        return (await self.numbers(sql, params))[0]

    async def meta(self) -> dict[str, str]:
        """What the edition says of itself: name, built, documents, newest, night."""
        return {row["name"]: row["value"] for row in await self.execute("SELECT name, value FROM meta", {})}


def columns(kind: type[Any]) -> tuple[str, ...]:
    """The columns that a row is made of: its fields without a default (rows have no default factories)."""
    return tuple(one.name for one in fields(kind) if one.default is MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A value and how many have it."""

    value: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """A document as other pages name it: the view `card` of an edition."""

    id: int
    title: str
    kind: str
    day: str
    slug: str
    key: str
    lang: str | None
    source: str
    country: str | None
    source_name: str


def listed(ids: object) -> Params:
    """The parameter `ids`, which a query reads with json_each(:ids)."""
    return {"ids": json.dumps(ids)}

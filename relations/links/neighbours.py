"""What the link stage reads beside the document itself: the papers at hand, whose identifiers are whose, notices.

Read once, when the first row that is due asks for it. Notices themselves (retractions, errata, which are records of
the literature too) are no papers that news can be about.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property

from core.records import Json
from core.store import Store
from relations.links.evidence import Work, institutions_of
from relations.links.finder import Finder
from relations.links.journals import Journals
from relations.links.literature import Paper
from relations.links.published import Published

LITERATURE = ("paper", "preprint")
_NOTICES = ("retraction", "published erratum", "expression of concern", "withdrawal", "corrigendum", "correction")


class Neighbours:
    """A look at the tables beside a document; nothing is written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def document(self, key: str) -> Json:
        """A document's row, its JSON read. Raises StoreError when it is gone."""
        row = self._store.rows("SELECT * FROM document WHERE id = ?", (key,))[0]
        return row | {name: json.loads(row[name]) for name in ("identifiers", "links", "extra", "authors")}

    def resolve(self, identifier: str) -> str:
        """The document that an identifier belongs to, or the identifier itself when none is held."""
        row = self._store.one("SELECT work FROM identity WHERE identifier = ?", (identifier,))
        return str(row["work"]) if row else identifier

    def notices_of(self, work: str) -> list[Json]:
        """Notices about a work, under whichever of its identifiers, oldest first."""
        return self._store.rows(
            "SELECT * FROM notice WHERE about = :work OR about IN (SELECT identifier FROM identity WHERE work = :work)"
            " ORDER BY day, id",
            {"work": work},
        )

    def is_notice(self, identifier: str) -> bool:
        """Is this the identifier of a notice (and not of a paper that news can be about)?"""
        return self._store.one(
            "SELECT 1 FROM notice WHERE notice = :name OR notice IN (SELECT identifier FROM identity WHERE work ="
            " (SELECT work FROM identity WHERE identifier = :name)) LIMIT 1", {"name": identifier},
        ) is not None  # fmt: skip

    def published_by_statement(self, preprint: str, identifiers: Json) -> str | None:
        """A paper whose record says that it came out of this preprint."""
        for doi in dict.fromkeys([preprint.removeprefix("doi:"), *identifiers.get("doi", ())]):
            row = self._store.one(
                "SELECT id FROM document WHERE json_extract(extra, '$.preprint_of') = ? AND id <> ?"
                " ORDER BY id LIMIT 1",
                (doi, preprint),
            )
            if row:
                return str(row["id"])
        return None

    @cached_property
    def published(self) -> Published:
        return Published([work for work in self._works if self._kinds[work.id] == "paper"])

    @cached_property
    def finder(self) -> Finder:
        same = {
            row["src"]: row["dst"]
            for row in self._store.rows("SELECT src, dst FROM link WHERE relation = 'published' AND dst <> ''")
        }
        return Finder(self._works, self._papers, self._journals, same)

    def work_of(self, row: Json) -> Work:
        """A document's row as what evidence is looked for in."""
        return as_work(row, self._journals.learn)

    @cached_property
    def _journals(self) -> Journals:
        return Journals()

    @cached_property
    def _rows(self) -> list[Json]:
        marks = ", ".join(f"'{kind}'" for kind in LITERATURE)
        rows = self._store.rows(
            "SELECT id, kind, title, text, authors, published, identifiers, extra FROM document"
            f" WHERE kind IN ({marks}) ORDER BY id"
        )
        rows = [row | {name: json.loads(row[name]) for name in ("authors", "identifiers", "extra")} for row in rows]
        return [row for row in rows if not is_notice_record(row["extra"])]

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {row["id"]: row["kind"] for row in self._rows}

    @cached_property
    def _works(self) -> list[Work]:
        return [as_work(row, self._journals.learn) for row in self._rows]

    @cached_property
    def _papers(self) -> list[Paper]:
        journals = {work.id: work.journal for work in self._works}
        return [
            Paper(id=row["id"], title=row["title"], text=row["text"], journal=journals[row["id"]]) for row in self._rows
        ]


def is_notice_record(extra: Json) -> bool:
    """Does a record's publication type say that it is a notice about another?"""
    return any(str(kind).lower().startswith(_NOTICES) for kind in extra.get("types") or ())


def as_work(row: Json, learn: Callable[..., str | None]) -> Work:
    """A document's row (JSON read) as a Work; `learn` is `Journals.learn`."""
    extra: Json = row["extra"]
    people = extra.get("people") or ()
    affiliations = [
        *(extra.get("affiliations") or ()),
        *(said for one in people for said in one.get("affiliations") or ()),
    ]
    issn = extra.get("issn") or ()
    issn = (issn,) if isinstance(issn, str) else issn  # a page's meta tag gives one, a record a list
    return Work(
        id=row["id"],
        title=row["title"],
        journal=learn(
            name=extra.get("journal") or "",
            abbreviation=extra.get("abbreviation") or "",
            issn=[*filter(None, [extra.get("issnl")]), *issn],
            doi=next(iter(row["identifiers"].get("doi", ())), ""),
        ),
        authors=tuple(dict.fromkeys([*row["authors"], *(one["name"] for one in people if one.get("name"))])),
        institutions=institutions_of(affiliations),
        published=row["published"],
    )

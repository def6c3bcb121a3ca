"""An edition that a test writes row by row, where a published one would hold too much or not the case it needs."""

from __future__ import annotations

import sqlite3

from publish.edition.build import SCHEMA
from publish.pages.questions import add_functions

SITE = "https://desk.example"


class Made:
    """An edition without rows, and short ways to put some in."""

    def __init__(self) -> None:
        self.edition = sqlite3.connect(":memory:")
        self.edition.row_factory = sqlite3.Row
        self.edition.executescript(SCHEMA.read_text("utf-8"))
        add_functions(self.edition, SITE)
        self.documents = 0
        self.add("meta", name="newest", value="2026-11-20")
        self.add("meta", name="night", value="2026-11-22T04:51:00Z")

    def add(self, table: str, **given: object) -> None:
        """A row; columns that are not given are empty texts or 0 where the schema wants a value."""
        for column in self.edition.execute(f"SELECT * FROM pragma_table_info('{table}')").fetchall():
            if column["notnull"] and column["name"] not in given and not (table != "document" and column["pk"]):
                given[column["name"]] = "" if column["type"] == "TEXT" else 0
        names = ", ".join(f'"{name}"' for name in given)
        marks = ", ".join("?" for _ in given)
        self.edition.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(given.values()))

    def document(self, kind: str, day: str = "2026-11-10", source: str = "wire", **given: object) -> int:
        """A document, with its source."""
        self.documents += 1
        number = self.documents
        if not self.edition.execute("SELECT 1 FROM source WHERE id = ?", (source,)).fetchone():
            self.add("source", id=source, name=source.title(), country="KR")
        plain: dict[str, object] = {
            "id": number, "kind": kind, "day": day, "published": day, "month": day[:7], "source": source,
            "title": f"Title {number}", "slug": f"title-{number}", "key": f"{number:012x}", "ident": f"x:{number}",
            "first_seen": "2026-11-22T04:51:00Z", "night": "2026-11-22", "moved": "2026-11-22", "arrived": number,
            "changed": "2026-11-22T04:51:00Z", "tonight": 1,
        }  # fmt: skip
        self.add("document", **plain | given)
        return number

    def story(self, *members: tuple[int, str], last: str = "2026-11-12") -> int:
        """A story of (document, role)."""
        number = int(self.edition.execute("SELECT count(*) + 1 FROM story").fetchone()[0])
        self.add(
            "story", id=number, key=f"{number + 4096:012x}", slug=f"story-{number}", origin=members[0][0], last=last,
            first=last, documents=len(members), outlets=len(members), changed="2026-11-22T04:51:00Z",
        )  # fmt: skip
        for document, role in members:
            self.add("member", story=number, document=document, role=role, kept=0.6 if role == "copy" else 0.1)
        return number

    def label(self, document: int, facet: str, value: str) -> None:
        self.add("label", document=document, facet=facet, value=value, score=1.0, sentence="It was in mice.")

"""What the current edition knows of papers, trials and other documents, for the check of a text. It only reads.

`find` gives the record of an identifier; where the edition has none, what notices say of the work all the same (table
`work_status` has works that no document here is about, too). `not here` is an answer, and never a verdict.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from core.errors import PublishError
from core.records import Json
from core.text import fingerprint
from publish.earlier_formats import complete
from publish.search.fold import fold_words
from publish.search.pasted import choose

OWN = ("doi", "pmid", "pmcid")  # a record has such a number only as its own
LITERATURE = ("paper", "preprint")
MOST_PAPERS = 30_000  # the newest, in the index of papers
READ, ASKED = 3000, 6  # characters of a text whose rare words are looked for; words of a search
TRIED = 20  # records with the words of a title that are compared with it

_WORD = re.compile(r"[^\W\d_]{5,}")
_CARD = 'd.id, d.kind, d.title, d.day, d.slug, d."key", d.journal, d.url, d.ident, d.published, d.lang, d.country'


class Records:
    """One edition. `site` is the address of the site, for links."""

    def __init__(self, connection: sqlite3.Connection, name: str, site: str) -> None:
        self._db, self.name, self._site = connection, name, site.rstrip("/")

    def rows(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """Raises PublishError if the file is damaged."""
        try:
            return self._db.execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            raise PublishError("this edition cannot be read", where=self.name, hint="publish a new one") from error

    def describe(self) -> Json:
        """The edition: name, night and how many documents it has."""
        meta = {row[0]: row[1] for row in self.rows("SELECT name, value FROM meta")}
        return {
            "name": self.name, "night": meta.get("night", ""), "newest": meta.get("newest", ""),
            "documents": int(meta.get("documents") or 0),
        }  # fmt: skip

    def find(self, identifier: str) -> Json:
        """The record of `scheme:value`. `here` is false where the edition has none."""
        scheme, _, value = identifier.partition(":")
        row = next(
            iter(self.rows(
                f"SELECT {_CARD} FROM identifier i JOIN document d ON d.id = i.document"
                " WHERE i.value = :value AND i.scheme = :scheme AND (d.ident = :ident OR (:own AND d.kind IN"
                " ('paper', 'preprint'))) ORDER BY d.ident = :ident DESC, d.id LIMIT 1",
                {"value": value, "scheme": scheme, "ident": identifier, "own": scheme in OWN},
            )),
            None,
        )  # fmt: skip
        if row is not None:
            return self.describe_record(row, identifier)
        status = self._status_of_work(identifier)
        return {"here": False, "identifier": identifier, "kind": "", "title": "", "status": status}

    def find_number(self, number: int, identifier: str = "") -> Json:
        """The record with a number of this edition."""
        (row,) = self.rows(f"SELECT {_CARD} FROM document d WHERE d.id = ?", (number,))
        return self.describe_record(row, identifier or row["ident"])

    def find_title(self, title: str) -> Json | None:
        """The record of the literature or a registry with this title, if there is exactly one; else None."""
        folded = fold_words(title)
        if len(folded.split()) < 4:
            return None
        rows = self.rows(
            f"SELECT {_CARD} FROM search JOIN document d ON d.id = search.rowid WHERE search MATCH ?"
            f" AND d.kind IN ('paper', 'preprint', 'trial') ORDER BY rank LIMIT {TRIED}",
            (f'{{title}} : "{folded}"',),
        )
        same = [row for row in rows if fold_words(row["title"]) == folded]
        return self.describe_record(same[0], same[0]["ident"]) if len(same) == 1 else None

    def describe_record(self, row: sqlite3.Row, identifier: str) -> Json:
        """A record with its status, where it was published since, and what its own text says it rests on."""
        number = row["id"]
        found: Json = {
            "here": True, "identifier": identifier, "ident": row["ident"], "number": number, "kind": row["kind"],
            "title": row["title"].rstrip("."), "day": row["day"], "journal": row["journal"],
            "page": self.page(row), "url": row["url"], "status": None, "published_as": None, "trial": None,
            "evidence": self._labels(number, "evidence"), "species": self._labels(number, "species"),
            "notice_about": None,
        }  # fmt: skip
        for banner in self.rows(
            "SELECT status, day, text, url FROM banner WHERE document = ? AND own = 1 ORDER BY day DESC LIMIT 1",
            (number,),
        ):
            found["status"] = dict(banner)
        if row["kind"] == "preprint":
            found["published_as"] = self._published(number)
        if row["kind"] == "trial":
            for known in self.rows(
                "SELECT status, day, reason, text FROM trial_status WHERE document = ? AND own = 1 LIMIT 1", (number,)
            ):
                found["trial"] = dict(known)
        for link in self.rows("SELECT document FROM link WHERE other = ? AND relation = 'notice' LIMIT 1", (number,)):
            about = self.rows(f"SELECT {_CARD} FROM document d WHERE d.id = ?", (link["document"],))
            found["notice_about"] = {"title": about[0]["title"].rstrip("."), "page": self.page(about[0])}
        return found

    def page(self, row: sqlite3.Row) -> str:
        """The address of a document's page on the site."""
        return f"{self._site}/document/{quote(row['slug'] + '-' + row['key'])}"

    def story_page(self, slug: str, key: str) -> str:
        """The address of a story's page on the site."""
        return f"{self._site}/story/{quote(slug + '-' + key)}"

    def series_page(self, key: str) -> str:
        """The address of the page of a series."""
        return f"{self._site}/series/{quote(key)}"

    def _labels(self, number: int, facet: str) -> list[Json]:
        return [
            dict(row)
            for row in self.rows(
                "SELECT value, sentence FROM label WHERE document = ? AND facet = ? AND value <> 'none'"
                " ORDER BY score DESC, value",
                (number, facet),
            )
        ]

    def _published(self, number: int) -> Json | None:
        """The paper that a preprint became."""
        for link in self.rows(
            "SELECT other, ident, why FROM link WHERE document = ? AND relation = 'published' ORDER BY place LIMIT 1",
            (number,),
        ):
            if link["other"] is None:
                return {
                    "identifier": link["ident"], "title": "", "page": "", "why": link["why"],
                    "status": self._status_of_work(link["ident"]), "day": "", "journal": None,
                }  # fmt: skip
            paper = self.find_number(link["other"])
            names = ("title", "page", "status", "day", "journal")
            return {"identifier": link["ident"], "why": link["why"], **{name: paper[name] for name in names}}
        return None

    def _status_of_work(self, identifier: str) -> Json | None:
        """What notices say of a work that is not in the edition."""
        for row in self.rows(
            "SELECT status, day, text, url FROM work_status WHERE identifier = ? LIMIT 1", (identifier,)
        ):
            return dict(row)
        return None

    def find_series(self, name: str, period: str | None) -> Json | None:
        """A series, with its value for a period where it has one."""
        key = fingerprint(name)[1:13]
        rows = self.rows(
            'SELECT period, value, others, unit, documents FROM series WHERE "key" = ? ORDER BY period', (key,)
        )
        if not rows:
            return None
        here = next((dict(row) for row in rows if row["period"] == period), None)
        if here:
            here["others"] = json.loads(here["others"])
        last = rows[-1]
        return {
            "name": name, "page": self.series_page(key), "here": here,
            "last": {"period": last["period"], "value": last["value"]},
        }  # fmt: skip

    def find_address(self, address: str) -> Json | None:
        """The document that has this address here."""
        key = fingerprint(address)[1:13]
        rows = self.rows(f'SELECT {_CARD} FROM document d WHERE d."key" = ?', (key,)) if address else []
        return self.describe_record(rows[0], rows[0]["ident"]) if rows else None

    def papers(self) -> tuple[list[Json], dict[str, str]]:
        """The newest papers for the index (`relations.checked_text.build_index`), and preprints' published versions.

        The id of a paper is its number in this edition, as text.
        """
        places: dict[int, list[str]] = {}
        for row in self.rows("SELECT document, place FROM affiliation WHERE how = 'the record of the paper'"):
            places.setdefault(row["document"], []).append(row["place"])
        papers = [
            {
                "id": str(row["id"]), "title": row["title"], "text": row["text"] or "",
                "authors": json.loads(row["authors"]), "journal": row["journal"] or "",
                "doi": row["ident"].partition(":")[2] if row["ident"].startswith("doi:") else "",
                "affiliations": list(dict.fromkeys(places.get(row["id"], ()))), "published": row["published"],
            }
            for row in self.rows(
                "SELECT d.id, d.title, d.authors, d.journal, d.ident, d.published, t.text FROM document d"
                " LEFT JOIN document_text t ON t.document = d.id WHERE d.kind IN ('paper', 'preprint')"
                # a notice is about another work; news is not about it
                " AND NOT EXISTS (SELECT 1 FROM link l WHERE l.other = d.id AND l.relation = 'notice')"
                f" ORDER BY d.id DESC LIMIT {MOST_PAPERS}"
            )
        ]  # fmt: skip
        versions = {
            str(row["document"]): str(row["other"])
            for row in self.rows("SELECT document, other FROM link WHERE relation = 'published' AND other IS NOT NULL")
        }
        return papers[::-1], versions

    def paper_for_reading(self, number: int) -> Json:
        """A paper or trial as the reader compares it with the text: its words, authors and affiliations."""
        (row,) = self.rows(
            "SELECT d.ident, d.kind, d.title, d.authors, d.journal, t.text FROM document d"
            " LEFT JOIN document_text t ON t.document = d.id WHERE d.id = ?",
            (number,),
        )
        places = self.rows(
            "SELECT DISTINCT a.place FROM entity_document x JOIN affiliation a ON a.person = x.entity"
            " AND a.document = x.document WHERE x.document = ? AND a.how = 'the record of the paper'",
            (number,),
        )
        people = [{"name": name} for name in json.loads(row["authors"])]
        extra = {"people": people, "affiliations": [place["place"] for place in places], "journal": row["journal"]}
        return {
            "id": row["ident"], "kind": row["kind"], "title": row["title"], "text": row["text"] or "", "extra": extra,
            "stated": self._stated(number),
        }  # fmt: skip

    def _stated(self, number: int) -> Json:
        """What the record of a paper or trial itself states of its evidence and species, and the status of a trial."""
        stated: Json = {"evidence": [], "species": [], "status": ""}
        for row in self.rows(
            "SELECT facet, value FROM label WHERE document = ? AND facet IN ('evidence', 'species')"
            " AND rule LIKE '%:record' ORDER BY score DESC, value",
            (number,),
        ):
            stated[row["facet"]].append(row["value"])
        for row in self.rows("SELECT status FROM trial_status WHERE document = ? AND own = 1", (number,)):
            stated["status"] = row["status"]
        return stated

    def find_rare_words(self, text: str) -> list[str]:
        """The words of the beginning of a text that tell it from other documents here; nothing where all are common."""
        words = list(dict.fromkeys(word.lower() for word in _WORD.findall(text[:READ])))
        known = {
            row["word"]: row["documents"]
            for row in self.rows(
                "SELECT word, documents FROM word WHERE documents > 0 AND word IN (SELECT value FROM json_each(?))",
                (json.dumps(words),),
            )
        }
        total = self.describe()["documents"]
        return list(choose([word for word in words if word in known], known, total))[:ASKED] if known else []

    def search_page(self, words: Sequence[str]) -> str:
        """The address of a search on the site."""
        return f"{self._site}/search?{urlencode({'q': ' '.join(words)})}"

    def shown_text(self, number: int) -> str:
        """The text that the edition may show, where it is the whole text; else nothing."""
        rows = self.rows("SELECT text FROM document_text WHERE document = ? AND part = 'text' AND cut = 0", (number,))
        return str(rows[0]["text"]) if rows else ""

    def cards(self, numbers: Iterable[int]) -> dict[int, sqlite3.Row]:
        """Documents as a list names them: with source and story."""
        rows = self.rows(
            f"SELECT {_CARD}, s.name AS source_name, s.kind AS source_kind, m.role,"
            ' st.slug AS story_slug, st."key" AS story_key, st.title AS story_title'
            " FROM document d JOIN source s ON s.id = d.source LEFT JOIN member m ON m.document = d.id"
            " LEFT JOIN story st ON st.id = m.story"
            " WHERE d.id IN (SELECT value FROM json_each(?)) ORDER BY d.id",
            (json.dumps(list(numbers)),),
        )
        return {row["id"]: row for row in rows}


@contextmanager
def open_records(path: Path, site: str) -> Iterator[Records]:
    """An edition, read-only. Raises PublishError."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        try:
            complete(connection)
        except sqlite3.DatabaseError as error:
            raise PublishError("this edition cannot be read", where=path.name, hint="publish a new one") from error
        yield Records(connection, path.name, site)

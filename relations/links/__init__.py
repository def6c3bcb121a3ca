"""STAGE document -> links to papers, trials and notices, each with its reason in words.

In order: identifiers and hyperlinks (`statements`); for a record of the literature, notices about it, its trials and,
for a preprint, its publication (`published`); for anything else that gave no paper, the evidence of names and words
(`finder`). Where nothing is identified a row says so, and what was nearest.

What is due: a document that is new or changed; one whose link leads to an identifier that has since got a document; one
with new notices; and, for a year from the day it was first seen, one that is not identified, whenever papers of its
window (thirteen months before to two after) came or changed. Nothing else is looked at again: a document that is
linked keeps the fingerprint in the ledger, whatever else arrives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from core import clock
from core.config import Config
from core.records import Json, Link
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from relations.links.finder import News
from relations.links.neighbours import LITERATURE, Neighbours, is_notice_record
from relations.links.statements import PAPERS, TRIALS, find_statements, own_identifiers, shown
from relations.links.wording import say_day

COMPONENT = "links 1"
RETRIED = timedelta(days=365)
_DATA = (
    "addresses.tsv",
    "bridges.tsv",
    "common_names.txt",
    "dois.tsv",
    "ranking.json",
    "stopwords.txt",
    "weights.toml",
)


def stage(_config: Config) -> Stage:
    folder = Path(__file__).parent
    return Stage(
        name="link",
        version=f"{version_of('link')}/{fingerprint(*((folder / name).read_text('utf-8') for name in _DATA))[:12]}",
        gather=gather,
        step=Address(module="relations.links", function="build", reads=("document", "identity", "notice", "link")),
        cpu=600,  # the first row that needs it builds the index of papers
        writes=(Writes(record=Link, owner="src"),),
    )


def build(*, view: Store) -> Step:
    return Linker(view).step


def gather(store: Store) -> Iterator[tuple[str, str, Json]]:
    """Every document with the fingerprint of what its links depend on (see the module's text)."""
    fingerprints = _Fingerprints(store)
    notices: dict[str, list[str]] = defaultdict(list)
    for row in store.rows(
        "SELECT COALESCE(i.work, n.about) AS work, n.id, n.nature, n.day, n.notice FROM notice n"
        " LEFT JOIN identity i ON i.identifier = n.about ORDER BY n.id"
    ):
        notices[row["work"]].append(fingerprint(row["id"], row["nature"], row["day"], row["notice"]))
    moved = {
        row["src"]: row["moves"]
        for row in store.rows(
            "SELECT l.src, group_concat(l.dst || '>' || COALESCE(i.work, ''), ' ') AS moves FROM link l"
            " LEFT JOIN identity i ON i.identifier = l.dst"
            " WHERE l.dst <> '' AND ((i.work IS NOT NULL AND i.work <> l.dst)"
            "  OR (l.how = 'evidence' AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = l.dst))"
            "  OR (l.relation = 'paper' AND EXISTS (SELECT 1 FROM notice n WHERE n.notice = l.dst)))"
            " GROUP BY l.src"
        )
    }
    came_out_of = {
        f"doi:{row['preprint']}": row["id"]
        for row in store.rows(
            "SELECT json_extract(extra, '$.preprint_of') AS preprint, id FROM document"
            " WHERE json_extract(extra, '$.preprint_of') IS NOT NULL ORDER BY id DESC"
        )
    }
    identified = {row["src"] for row in store.rows("SELECT src FROM link WHERE relation = 'paper' AND dst <> ''")}
    published = {row["src"] for row in store.rows("SELECT src FROM link WHERE relation = 'published' AND dst <> ''")}
    ledger = {row["key"]: row["input"] for row in store.rows("SELECT \"key\", input FROM outcome WHERE stage = 'link'")}
    young = (clock.now() - RETRIED).date().isoformat()
    for row in store.rows(
        "SELECT id, kind, published, first_seen, fingerprint(hash, kind, identifiers, links, lang,"
        " json_extract(extra, '$.published_as'), json_extract(extra, '$.types')) AS own FROM document ORDER BY id"
    ):
        key: str = row["id"]
        base = fingerprint(row["own"], *notices.get(key, ()), came_out_of.get(key))
        open_end = (
            (row["kind"] not in (*LITERATURE, "trial") and key not in identified)
            or (row["kind"] == "preprint" and key not in published)
        )  # fmt: skip
        reasons = [moved[key]] if key in moved else []
        if open_end and row["first_seen"][:10] >= young:
            reasons.append(fingerprints.around(row["published"] or row["first_seen"][:10], row["kind"]))
        before: str = ledger.get(key, "")
        if not reasons and before.startswith(f"{base}:"):
            yield key, before, {}
        else:
            yield key, f"{base}:{fingerprint(*reasons)}", {}


class Linker:
    """The step, with the neighbours that it asks."""

    def __init__(self, work: Store) -> None:
        self._work = work

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self._work)

    def step(self, row: Json) -> Result:
        """`row` has the document's id as "key"."""
        document = self._neighbours.document(row["key"])
        links: dict[tuple[str, str], Link] = {}
        for link in (*self._stated(document), *self._notices(document), *self._version(document)):
            links.setdefault((link.relation, link.dst), link)
        if document["kind"] not in (*LITERATURE, "trial") and not any(one == "paper" for one, _ in links):
            links[("paper", "")] = self._evidence(document)
        return Done(records=tuple(links.values()))

    def _stated(self, document: Json) -> Iterator[Link]:
        kind = document["kind"]
        record = kind in (*LITERATURE, "trial")
        for said in find_statements(
            title=document["title"],
            text=document["text"],
            links=document["links"],
            identifiers=document["identifiers"],
            own=own_identifiers(document["id"], _own_schemes(kind, document["identifiers"])),
        ):
            if record and said.relation == "paper":
                continue  # what a paper cites is not what it is about
            target = self._neighbours.resolve(said.identifier)
            if target == document["id"]:
                continue
            notice = said.relation == "paper" and self._neighbours.is_notice(said.identifier)
            yield _link(
                document, "notice" if notice else said.relation, target, 1.0, said.how,
                said.why + (", a notice" if notice else ""),
            )  # fmt: skip

    def _notices(self, document: Json) -> Iterator[Link]:
        for notice in self._neighbours.notices_of(document["id"]):
            day = f" on {say_day(notice['day'])}" if notice["day"] else ""
            where = notice["notice"] or notice["url"] or notice["id"]
            target = self._neighbours.resolve(where) if notice["notice"] else where
            if target != document["id"]:
                said = f" ({shown(notice['notice'])})" if notice["notice"] else ""
                yield _link(document, "notice", target, 1.0, "statement", f"{_NATURES[notice['nature']]}{day}{said}")

    def _version(self, document: Json) -> Iterator[Link]:
        if document["kind"] != "preprint" or is_notice_record(document["extra"]):
            return
        said = document["extra"].get("published_as")
        if said:
            target = self._neighbours.resolve(f"doi:{said}")
            yield _link(
                document, "published", target, 1.0, "statement", f"its record says that it was published as doi:{said}"
            )
            return
        paper = self._neighbours.published_by_statement(document["id"], document["identifiers"])
        if paper is not None:
            yield _link(
                document, "published", paper, 1.0, "statement", "the paper's record says that it came out of it"
            )
            return
        found = self._neighbours.published.find(self._neighbours.work_of(document))
        if found.work is not None:
            yield _link(document, "published", found.work, found.score, "evidence", found.why)

    def _evidence(self, document: Json) -> Link:
        found = self._neighbours.finder.find(
            News(title=document["title"], text=document["text"], published=document["published"])
        )
        how = "evidence" if found.work is not None else "none"
        return _link(document, "paper", found.work or "", found.score, how, found.why)


class _Fingerprints:
    """Digests of the papers of each month, so that a new paper wakes only the news that it can be about."""

    def __init__(self, store: Store) -> None:
        months: dict[str, list[str]] = defaultdict(list)
        marks = ", ".join(f"'{kind}'" for kind in LITERATURE)
        for row in store.rows(f"SELECT id, hash, published FROM document WHERE kind IN ({marks}) ORDER BY id"):
            months[(row["published"] or "")[:7]].append(fingerprint(row["id"], row["hash"]))
        self._months = {month: fingerprint(*values) for month, values in months.items()}
        self._whole = fingerprint(*(self._months[month] for month in sorted(self._months)))
        self._known: dict[str, str] = {}

    def around(self, day: str, kind: str) -> str:
        """Of the window of a news item's day; a preprint waits for any paper."""
        if kind == "preprint" or len(day) < 7:
            return self._whole
        month = day[:7]
        if month not in self._known:
            year, number = int(month[:4]), int(month[5:7])
            names = [""] + [date(year + (number - 1 + step) // 12, (number - 1 + step) % 12 + 1, 1).isoformat()[:7]
                            for step in range(-13, 3)] + [str(year - 1), str(year)]  # fmt: skip
            state = [f"{name} {self._months[name]}" for name in names if name in self._months]
            self._known[month] = fingerprint(*state)
        return self._known[month]


_NATURES = {
    "retraction": "was retracted", "withdrawal": "was withdrawn", "concern": "is under an expression of concern",
    "correction": "was corrected", "reinstatement": "was reinstated",
}  # fmt: skip


def _own_schemes(kind: str, identifiers: Json) -> Json:
    """The identifiers that name the record itself: a paper's trials and a trial's papers are others."""
    schemes = PAPERS if kind in LITERATURE else TRIALS if kind == "trial" else ()
    return {scheme: identifiers[scheme] for scheme in schemes if scheme in identifiers}


def _link(document: Json, relation: str, target: str, score: float, how: str, why: str) -> Link:
    return Link(src=document["id"], relation=relation, dst=target, score=score, how=how, why=why, component=COMPONENT)

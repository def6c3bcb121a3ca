"""One document a work, whoever announces it; notices; through the driver, on entries of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config, Crawl
from core.records import Entry, Json, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from crawlers.documents import extract
from crawlers.documents.entry_row import WORK, Announcer, EntryRow
from relations import works as identify

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
ABSTRACT = "Vesicles from induced neural crest cells supported repair of the injured nerve in mice."
NO_PAGE = '{"fetch": false, "title": null, "body": null, "date": null, "author": null, "drop": []}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    raw = tmp_path / "raw.db"
    with open_store(raw, "raw"):
        pass
    with open_store(tmp_path / "work.db", "work", attach={"raw": raw}) as work:
        with work.writing():
            for name, kind in (("pubmed", "journal"), ("crossref", "journal"), ("pre", "preprint"), ("rw", "journal")):
                work.save(Source(id=name, name=name, kind=kind, country=None, lang="en", about="", licence="abstract",
                                 home=None, scope="all", rules=NO_PAGE))  # fmt: skip
        yield work


def entry(source: str, native: str, *, seen: str = "2026-11-22", summary: str = ABSTRACT, title: str = "A title",
          extra: Json | None = None, authors: tuple[str, ...] = (), **identifiers: list[str]) -> Entry:  # fmt: skip
    url = f"https://pubmed.ncbi.nlm.nih.gov/{native}/" if source == "pubmed" else f"https://{source}.example/{native}"
    return Entry(
        id=f"{source}:{native}", source=source, native=native, url=url, title=title, summary=summary, authors=authors,
        published="2026-11-01", published_raw="2026-11-01", identifiers=identifiers, extra=extra or {},
        hash=f"{title} {summary} {extra} {identifiers}", capture="c", first_seen=f"{seen}T00:00:00Z",
    )  # fmt: skip


def night(store: Store, *entries: Entry) -> list[int]:
    run = new_run(store, "test")
    with store.writing():
        store.save(*entries)
    return [run_stage(stage, store, run).seen for stage in (identify.stage(CONFIG), extract.stage(CONFIG))]


def documents(store: Store) -> dict[str, Json]:
    return {row["id"]: row for row in store.rows("SELECT * FROM document")}


PUBMED = entry("pubmed", "9", seen="2026-11-23", title="The curated title", authors=("Ssang-Goo Cho", "Ae Im"),
               extra={"journal": "Acta", "mesh": [{"ui": "D1", "name": "Mice"}], "grants": [{"id": "1"}]},
               pmid=["9"], doi=["10.5555/x"], pmcid=["PMC99999"])  # fmt: skip
CROSSREF = entry("crossref", "x", title="the raw title", authors=("S Cho",), doi=["10.5555/x"],
                 extra={"journal": "ACTA (print)", "licence": "CC BY", "grants": [{"id": "2"}]})  # fmt: skip


@pytest.mark.parametrize("nights", [[[CROSSREF], [PUBMED]], [[PUBMED], [CROSSREF]], [[CROSSREF, PUBMED]]])
def test_two_announcers_of_one_work_give_one_document(store: Store, nights: list[list[Entry]]) -> None:
    for entries in nights:
        night(store, *entries)
    held = documents(store)
    assert list(held) == ["doi:10.5555/x"]
    document = held["doi:10.5555/x"]
    assert document["title"] == "The curated title" and '"Ssang-Goo Cho"' in document["authors"]
    for said in ('"journal": "Acta"', '"licence": "CC BY"', '{"id": "1"}, {"id": "2"}', '"Mice"'):
        assert said in document["extra"], said
    assert '"PMC99999"' in document["identifiers"]
    assert len(store.rows("SELECT * FROM appearance WHERE document = 'doi:10.5555/x'")) == 2
    (note,) = store.rows("SELECT reason FROM outcome WHERE stage = 'extract' AND reason IS NOT NULL")
    assert note["reason"].startswith("merged into the document of ")
    night(store)  # the one that was first is made again, for now both are held
    assert night(store) == [0, 0]


def test_a_number_that_ties_two_documents_makes_them_one(store: Store) -> None:
    night(store, entry("pubmed", "9", pmid=["9"]), entry("crossref", "x", doi=["10.5555/x"]))
    assert sorted(documents(store)) == ["doi:10.5555/x", "pmid:9"]
    night(store, entry("pubmed", "9", pmid=["9"], doi=["10.5555/x"]))
    assert list(documents(store)) == ["doi:10.5555/x"]
    assert {row["document"] for row in store.rows("SELECT * FROM appearance")} == {"doi:10.5555/x"}


def test_a_preprint_and_its_publication_are_two(store: Store) -> None:
    night(store, entry("pre", "p", doi=["10.1101/2026.01.02.123456"], extra={"published_as": "10.5555/x"}), PUBMED)
    assert sorted(documents(store)) == ["doi:10.1101/2026.01.02.123456", "doi:10.5555/x"]


def test_two_papers_with_one_doi_lose_nothing(store: Store) -> None:
    night(store, PUBMED, entry("pubmed", "10", title="Another paper", pmid=["10"], doi=["10.5555/x"]))
    assert {row["title"] for row in documents(store).values()} == {"The curated title", "Another paper"}
    assert store.rows("SELECT kind FROM issue") == [{"kind": "identity"}]


NOTICE = {"nature": "retraction", "about": "doi:10.5555/x", "notice": "doi:10.5555/r", "day": "2026-11-20",
          "reasons": ["Image duplication"], "url": "https://notice.example/r"}  # fmt: skip


def test_a_notice_alone_is_no_document(store: Store) -> None:
    night(store, PUBMED, entry("rw", "1", extra={"notice_only": True, "notices": [NOTICE]}))
    assert list(documents(store)) == ["doi:10.5555/x"]
    (notice,) = store.rows("SELECT * FROM notice")
    assert (notice["about"], notice["nature"], notice["reasons"]) == (
        "doi:10.5555/x",
        "retraction",
        '["Image duplication"]',
    )


def test_notices_come_from_every_entry_and_go_with_what_said_them(store: Store) -> None:
    night(store, entry("crossref", "x", doi=["10.5555/x"], extra={"notices": [NOTICE]}), PUBMED)
    assert [row["entry"] for row in store.rows("SELECT * FROM notice")] == ["crossref:x"]
    night(store, entry("crossref", "x", doi=["10.5555/x"], extra={"notices": []}))
    assert not store.rows("SELECT * FROM notice")


def test_a_nature_that_is_none_fails_its_row_alone(store: Store) -> None:
    night(store, PUBMED, entry("rw", "1", extra={"notice_only": True, "notices": [NOTICE | {"nature": "applause"}]}))
    (failed,) = store.rows("SELECT * FROM outcome WHERE state = 'failed'")
    assert failed["key"] == "rw:1" and "applause" in failed["reason"] and list(documents(store)) == ["doi:10.5555/x"]


def test_the_query_gives_the_columns_of_its_row(store: Store) -> None:
    night(store, PUBMED, CROSSREF)
    rows = store.select(EntryRow, WORK)  # raises when they differ
    announcers = [one for row in rows for one in json.loads(row["announcers"] or "[]")]
    assert len(rows) == 2 and announcers
    assert all(one.keys() == Announcer.__annotations__.keys() for one in announcers)

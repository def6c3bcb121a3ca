"""Which identifiers and entries are one work: on claims of the tests, and through the driver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from core.config import Config, Crawl
from core.records import Entry, Json, Report, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import works as identify
from relations.works import Claim, find_page_identifiers, find_works


def claim(entry: str, *identifiers: str) -> Claim:
    return Claim(entry=entry, title=f"Title of {entry}", identifiers=identifiers)


def test_doi_pmid_and_pmcid_are_one_work_named_by_the_doi() -> None:
    works = find_works(
        [claim("a", "pmid:1"), claim("b", "doi:10.5555/x", "pmid:1", "pmcid:PMC9"), claim("c", "pmcid:PMC9")]
    )
    assert set(works.work.values()) == {"doi:10.5555/x"}
    assert works.ties == {"pmid:1": "a", "doi:10.5555/x": "b", "pmcid:PMC9": "b"}
    assert not works.conflicts


def test_a_preprint_and_its_publication_stay_two() -> None:
    works = find_works([claim("pre", "doi:10.1101/2026.01.02"), claim("pub", "doi:10.5555/x", "pmid:1")])
    assert works.work["entry:pre"] != works.work["entry:pub"]


def test_two_papers_with_one_doi_are_kept_apart_and_a_person_is_told() -> None:
    works = find_works(
        [claim("a", "doi:10.5555/x", "pmid:1"), claim("b", "doi:10.5555/x", "pmid:2"), claim("c", "doi:10.5555/x")]
    )
    assert works.work["entry:a"] == works.work["entry:c"] == "doi:10.5555/x"
    assert works.work["entry:b"] == works.work["pmid:2"] == "pmid:2"
    assert "Title of a" in works.conflicts["b"] and "pmid:1 and pmid:2" in works.conflicts["b"]


def test_an_entry_without_a_number_of_its_own_does_not_tie_two_papers() -> None:
    """Whatever the order: numbers of PubMed go before what only repeats a DOI."""
    works = find_works([claim("c", "doi:10.5555/x", "pmcid:PMC2"), claim("a", "doi:10.5555/x", "pmid:1"),
                        claim("b", "pmcid:PMC2", "pmid:2")])  # fmt: skip
    assert works.work["pmid:1"] != works.work["pmid:2"] and works.conflicts


def test_trials_fold_their_numbers_and_never_two_nct() -> None:
    works = find_works([claim("t", "nct:NCT00000001", "eudract:2015-001234-12"), claim("u", "eudract:2015-001234-12"),
                        claim("v", "nct:NCT00000002", "eudract:2015-001234-12")])  # fmt: skip
    assert works.work["entry:u"] == "nct:NCT00000001" and works.work["entry:v"] == "nct:NCT00000002"
    assert "v" in works.conflicts


def test_an_entry_without_identifiers_is_a_work_of_its_own() -> None:
    assert find_works([claim("a")]).work == {"entry:a": "entry:a"}


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ('<meta name="citation_doi" content="doi:10.5555/Gate.1">', {"doi": "10.5555/gate.1"}),
        ('<META content="99000231" name=citation_pmid >', {"pmid": "99000231"}),
        ('<meta name="description" content="10.5555/gate.1">', {}),
        ('<meta name="citation_doi" content="none">', {}),
    ],
)
def test_a_page_gives_its_identifiers_in_its_meta_tags(markup: str, found: dict[str, str]) -> None:
    assert find_page_identifiers(zstandard.ZstdCompressor().compress(markup.encode())) == found


def test_a_damaged_capture_gives_none() -> None:
    assert find_page_identifiers(b"\x28\xb5\x2f\xfd broken") == {}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    raw = tmp_path / "raw.db"
    with (
        open_store(raw, "raw"),
        open_store(tmp_path / "work.db", "work", attach={"raw": raw}) as work,
        work.writing(),
    ):
        pass
    with open_store(tmp_path / "work.db", "work", attach={"raw": raw}) as work:
        with work.writing():
            for name, kind in (("pubmed", "journal"), ("pre", "preprint"), ("ctgov", "registry"), ("gate", "news")):
                work.save(Source(id=name, name=name, kind=kind, country=None, lang="en", about="", licence="abstract",
                                 home=None, scope="all", rules="{}"))  # fmt: skip
        yield work


def entry(
    source: str, native: str, seen: str = "2026-11-22", extra: Json | None = None, **identifiers: list[str]
) -> Entry:
    return Entry(
        id=f"{source}:{native}", source=source, native=native, url=None, title=f"T {native}", summary="", authors=(),
        published=None, published_raw=None, identifiers=identifiers, extra=extra or {}, hash=native, capture="c",
        first_seen=f"{seen}T00:00:00Z",
    )  # fmt: skip


def night(store: Store, *entries: Entry) -> Report:
    run = new_run(store, "test")
    with store.writing():
        store.save(*entries)
    return run_stage(identify.stage(Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))), store, run)


def identities(store: Store) -> dict[str, str]:
    return {row["identifier"]: row["work"] for row in store.rows("SELECT * FROM identity")}


def test_nights_add_up_and_a_quiet_night_writes_nothing(store: Store) -> None:
    night(store, entry("pubmed", "1", pmid=["1"]), entry("gate", "n", doi=["10.5555/x"]))
    assert identities(store) == {"entry:pubmed:1": "pmid:1", "pmid:1": "pmid:1"}
    report = night(store, entry("pubmed", "2", "2026-11-23", doi=["10.5555/x"], pmid=["1"]))
    assert report.done == 2
    assert identities(store) == dict.fromkeys(
        ["entry:pubmed:1", "entry:pubmed:2", "pmid:1", "doi:10.5555/x"], "doi:10.5555/x"
    )
    before = store.connection.total_changes
    assert night(store).seen == 0
    assert store.rows("SELECT count(*) AS n FROM outcome WHERE run = (SELECT max(run) FROM outcome)")[0]["n"] == 2
    assert store.connection.total_changes - before < 15  # the run, its report, and the rows laid for the join


def test_a_trial_of_a_paper_is_not_the_paper(store: Store) -> None:
    night(store, entry("pubmed", "1", doi=["10.5555/x"], nct=["NCT00000001"]), entry("ctgov", "t", nct=["NCT00000001"]))
    assert identities(store)["nct:NCT00000001"] == "nct:NCT00000001"
    assert identities(store)["entry:pubmed:1"] == "doi:10.5555/x"


def test_notices_alone_are_no_works_and_a_conflict_is_an_issue(store: Store) -> None:
    night(
        store,
        entry("pubmed", "rw", extra={"notice_only": True}, doi=["10.5555/x"]),
        entry("pubmed", "1", doi=["10.5555/x"], pmid=["1"]),
        entry("pubmed", "2", doi=["10.5555/x"], pmid=["2"]),
    )
    assert "entry:pubmed:rw" not in identities(store)
    assert identities(store)["entry:pubmed:2"] == "pmid:2"
    issues = store.rows("SELECT * FROM issue")
    assert [issue["kind"] for issue in issues] == ["identity"] and "10.5555/x" in issues[0]["text"]


def test_what_another_entry_held_comes_over_when_that_one_is_gone(store: Store) -> None:
    night(store, entry("pubmed", "1", pmid=["1"]), entry("pubmed", "2", "2026-11-23", pmid=["1"]))
    with store.writing():
        store.execute("DELETE FROM entry WHERE id = 'pubmed:1'")
    night(store)
    night(store)
    rows = store.rows("SELECT entry FROM identity WHERE identifier = 'pmid:1'")
    assert json.dumps(rows) == json.dumps([{"entry": "pubmed:2"}])

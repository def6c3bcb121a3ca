"""The edition of real documents: what is written for a night is what our readers read, and nothing is made up."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from bench import edition
from bench.edition_sets import Item, is_of_the_field, pair, read_cited, read_items, write_citation
from bench.measure import INPUTS
from bench.night import run_night
from core.config import load_sources
from crawlers.fetch.recorded import Recording, load_recording
from crawlers.lists.apis import clinicaltrials, pubmed
from crawlers.lists.feeds import parse_feed

FETCHED = "2026-11-30T00:00:00Z"
CITED = (
    "12: Hallam A, Seo BC. Stem cells mend the test bench: a made-up title. Curr Bench Res.\n"
    "2022 Dec 1;3(2):1-9. doi: 10.5555/bench.12. Epub ahead of print. PMID: 99000312."
)
PAPER = Item(
    set="41", key="https://set41.example/papers/0", form="entry", url="https://set41.example/papers/0",
    body={"title": "Grafts & stem cells", "abstract": "Five < six grafts held.", "authors": ["Seo B", "Hallam A"]},
)  # fmt: skip
STUDY = Item(
    set="27", key="NCT09000001", form="study", shape="fields",
    body={"NCTId": ["NCT09000001"], "BriefTitle": ["Stem cells for benches"], "OverallStatus": ["Completed"]},
)  # fmt: skip
V2 = Item(
    set="27", key="NCT09000002", form="study", shape="v2",
    body={"protocolSection": {"identificationModule": {"nctId": "NCT09000002", "briefTitle": "Stem cells again"}}},
)  # fmt: skip
XML = Item(
    set="27", key="NCT09000003", form="study", shape="xml",
    body="<clinical_study><id_info><nct_id>NCT09000003</nct_id></id_info><brief_title>Third</brief_title>"
    "</clinical_study>",
)  # fmt: skip


def citation(number: int) -> Item:
    row = {"pmid": str(number), "title": "Stem cells <b>", "abstract": "A & B.", "authors": ["Seo BC"], "year": "2022"}
    return Item(set="20", key=str(number), form="citation", body=write_citation(row))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recording]:
    folder = tmp_path_factory.mktemp("edition")
    edition.write_newsroom([PAPER, STUDY, V2, XML, *map(citation, range(99000001, 99000151))], folder)
    return folder, load_recording(folder / "newsroom")


def answer(recording: Recording, url: str) -> bytes:
    found = recording.find_rows(url)
    assert found is not None, url
    return recording.body_of(found[2][0])


def test_every_source_file_is_valid_and_every_request_has_an_answer(written: tuple[Path, Recording]) -> None:
    folder, recording = written
    sources, bad = load_sources(folder / "sources")
    assert not bad
    assert {source.id for source in sources} == {
        "papers_spinal_cord", "pubmed_stem_cells", "clinicaltrials_stem_cells", "clinicaltrials_others",
    }  # fmt: skip
    day = date(2026, 9, 1)
    for source in sources:
        asked = [feed.url for feed in source.feed]
        for rule in source.api:
            api = pubmed if rule.api == "pubmed" else clinicaltrials
            asked += api.requests(rule.query, day, rule.max)
        assert all(recording.find_rows(url) for url in asked), source.id


def test_pubmeds_records_come_in_hundreds_as_they_are_asked_for(written: tuple[Path, Recording]) -> None:
    _, recording = written
    search = pubmed.parse(answer(recording, f"{edition.EUTILS}?retmax=5000"), url=edition.EUTILS, fetched=FETCHED)
    assert len(search.names) == 150
    read = [
        pubmed.parse(answer(recording, url), url=url, fetched=FETCHED) for url in pubmed.records(list(search.names))
    ]
    assert [len(one.entries) for one in read] == [100, 50]
    assert not any(one.problems for one in read)
    first = read[0].entries[0]
    assert (first.title, first.content or first.summary) == ("Stem cells <b>", "A & B.")


def test_each_shape_of_a_study_is_read_as_a_trial(written: tuple[Path, Recording]) -> None:
    _, recording = written
    titles = []
    for query in ("fields", "v2", "xml+0"):
        url = f"{clinicaltrials.BASE}?query.term={query}&pageSize=100"
        titles += [
            entry.title for entry in clinicaltrials.parse(answer(recording, url), url=url, fetched=FETCHED).entries
        ]
    assert titles == ["Stem cells for benches", "Stem cells again", "Third"]


def test_a_paper_without_a_number_is_an_entry_of_a_feed(written: tuple[Path, Recording]) -> None:
    _, recording = written
    url = "https://papers.example/feed.xml"
    (entry,) = parse_feed(answer(recording, url), url=url, content_type="application/rss+xml", fetched=FETCHED).entries
    assert (entry.title, entry.url, entry.published) == ("Grafts & stem cells", PAPER.url, None)
    assert "Five < six grafts held." in (entry.content or entry.summary or "")


def test_a_cited_line_gives_what_it_holds() -> None:
    row = read_cited(CITED)
    assert row is not None
    assert (row["title"], row["journal"], row["year"], row["month"], row["day"]) == (
        "Stem cells mend the test bench: a made-up title.", "Curr Bench Res", "2022", "Dec", "1",
    )  # fmt: skip
    assert (row["authors"], row["pmid"], row["doi"]) == (["Hallam A", "Seo BC"], "99000312", "10.5555/bench.12")
    assert read_cited("Something else altogether") is None


def test_an_abstract_goes_to_the_title_whose_rare_words_it_has() -> None:
    titles = ["Axolotl limbs regrow", "Retinal organoids see", *(f"Cells number {at}" for at in range(400))]
    abstracts = ["Light reached retinal organoids that see.", "The axolotl regrows its limbs; limbs regrow."]
    found = pair(titles, [*abstracts, *(f"Cells were counted, number {at}." for at in range(400))])
    assert (found[0], found[1]) == (abstracts[1], abstracts[0])


def test_a_choice_is_the_same_each_time_and_smaller_ones_lie_within_larger_ones() -> None:
    items = list(map(citation, range(99000001, 99000101)))
    ten, twenty = edition.choose(items, 10), edition.choose(list(reversed(items)), 20)
    assert len(ten) == 10
    assert {item.key for item in ten} < {item.key for item in twenty}
    assert edition.choose(items, None) == items


def test_words_of_the_field_choose() -> None:
    assert is_of_the_field("Stem-cell grafts") and is_of_the_field("MSCs help") and is_of_the_field("줄기세포")
    assert not is_of_the_field("Tulips in spring; they stem the flow of mscs")


@pytest.mark.full
def test_a_few_real_documents_become_an_edition(tmp_path: Path) -> None:
    if not INPUTS.is_dir():
        pytest.skip(f"no sets in {INPUTS}")
    items = [item for item in read_items(INPUTS) if item.form in ("citation", "study")]
    edition.write_newsroom(edition.choose(items, 12), tmp_path)
    run_night(tmp_path)
    counted = edition.count_documents(tmp_path)
    assert counted["scope"]["in"] == counted["kind"].total() > 0
    with sqlite3.connect(tmp_path / "editions" / "current.db") as db:
        idents = {ident for (ident,) in db.execute("SELECT ident FROM document")}
    assert any(ident.startswith(("nct:", "doi:", "pmid:")) for ident in idents)
    assert json.loads((tmp_path / "newsroom" / "index.jsonl").read_text("utf-8").splitlines()[0])["status"] == 200

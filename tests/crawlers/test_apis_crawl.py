"""Nights over interfaces, out of recordings of our own writing: what is asked, what is kept, what is never shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.config import SourceFile
from crawlers.lists.apis.interface import find_api
from tests.nights import NightRunner, a_source

EUTILS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NightRunner:
    return NightRunner(tmp_path / "data", monkeypatch)


def record(tmp_path: Path, *lines: tuple[str, bytes] | tuple[str, bytes, int]) -> Path:
    """A recording: (beginning of the address, body[, status]) in the order of the nights."""
    folder = tmp_path / "recorded"
    folder.mkdir(exist_ok=True)
    rows = []
    for number, (url, body, *status) in enumerate(lines):
        (folder / f"{number}").write_bytes(body)
        row: dict[str, Any] = {
            "url": url,
            "match": "prefix",
            "file": f"{number}",
            "status": status[0] if status else 200,
        }
        rows.append(json.dumps(row))
    (folder / "index.jsonl").write_text("\n".join(rows), "utf-8")
    return folder


def pubmed_source(**more: object) -> SourceFile:
    rule = {"api": "pubmed", "query": '"stem cells"[MeSH]', "max": 500, **more}
    return a_source("papers", kind="journal", api=[rule], page={"fetch": False})


def found(*pmids: int, count: int | None = None) -> bytes:
    ids = "".join(f"<Id>{pmid}</Id>" for pmid in pmids)
    told = len(pmids) if count is None else count
    return f"<eSearchResult><Count>{told}</Count><IdList>{ids}</IdList></eSearchResult>".encode()


def records(*pmids: int, more: str = "") -> bytes:
    each = "".join(
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article>'
        f"<Journal><Title>Cells</Title></Journal><ArticleTitle>On stem cells, part {pmid}.</ArticleTitle></Article>"
        f"{more}</MedlineCitation></PubmedArticle>"
        for pmid in pmids
    )
    return f"<PubmedArticleSet>{each}</PubmedArticleSet>".encode()


RETRACTED = (
    '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Cells. 2026</RefSource>'
    '<PMID Version="1">99000777</PMID></CommentsCorrections></CommentsCorrectionsList>'
)


def asked(runner: NightRunner, night: str) -> list[str]:
    """The last part of the path of everything that was asked on a night (a day of November)."""
    rows = runner.rows("SELECT url FROM raw.visit WHERE at LIKE ? ORDER BY rowid", f"2026-11-{night}%")
    return [row["url"].split("?")[0].rpartition("/")[2] for row in rows]


def test_a_night_without_news_makes_one_request_and_writes_no_row(runner: NightRunner, tmp_path: Path) -> None:
    folder = record(
        tmp_path, (f"{EUTILS}/esearch", found(99000001, 99000002)), (f"{EUTILS}/efetch", records(99000001, 99000002))
    )
    assert not runner.night([pubmed_source()], at="2026-11-22T03:00:00Z", recorded=folder).failed
    assert asked(runner, "22") == ["esearch.fcgi", "efetch.fcgi"]
    before = runner.contents()
    assert len(before["entries"]) == 2
    runner.night([pubmed_source()], at="2026-11-22T21:00:00Z", recorded=folder)
    assert asked(runner, "22") == ["esearch.fcgi", "efetch.fcgi", "esearch.fcgi"]
    assert runner.contents() == before
    listed = runner.rows("SELECT run, count(*) AS n FROM sighting GROUP BY run ORDER BY run")
    assert [row["n"] for row in listed] == [2, 2], "what is listed counts as seen, asked for or not"


def test_records_are_looked_at_again_at_intervals_that_double(runner: NightRunner, tmp_path: Path) -> None:
    folder = record(tmp_path, (f"{EUTILS}/esearch", found(99000001)), (f"{EUTILS}/efetch", records(99000001)))
    looks = []
    for day in range(22, 30):
        runner.night([pubmed_source()], at=f"2026-11-{day}T03:00:00Z", recorded=folder)
        if "efetch.fcgi" in asked(runner, str(day)):
            looks.append(day)
    assert looks == [22, 23, 24, 26]


def test_what_is_newly_listed_is_asked_for_though_we_hold_it(runner: NightRunner, tmp_path: Path) -> None:
    folder = record(
        tmp_path,
        (f"{EUTILS}/esearch", found(99000001)), (f"{EUTILS}/esearch", found(99000002)),
        (f"{EUTILS}/esearch", found(99000001)),
        (f"{EUTILS}/efetch", records(99000001)), (f"{EUTILS}/efetch", records(99000002)),
        (f"{EUTILS}/efetch", records(99000001, more=RETRACTED)),
    )  # fmt: skip
    for hour in (3, 4, 5):
        runner.night([pubmed_source()], at=f"2026-11-22T{hour:02}:00:00Z", recorded=folder)
    (row,) = runner.rows("SELECT extra FROM entry WHERE native = '99000001'")
    (notice,) = json.loads(row["extra"])["notices"]
    assert (notice["nature"], notice["about"], notice["notice"]) == ("retraction", "pmid:99000001", "pmid:99000777")


def test_an_answer_that_is_none_fails_the_source_and_keeps_the_window(runner: NightRunner, tmp_path: Path) -> None:
    error = b"<eSearchResult><ERROR>Search Backend failed</ERROR></eSearchResult>"
    folder = record(
        tmp_path,
        (f"{EUTILS}/esearch", found(99000001)), (f"{EUTILS}/esearch", error), (f"{EUTILS}/esearch", found(99000001)),
        (f"{EUTILS}/efetch", records(99000001)),
    )  # fmt: skip
    for day in (20, 22, 24, 26):
        collected = runner.night([pubmed_source()], at=f"2026-11-{day}T03:00:00Z", recorded=folder)
        if day == 22:
            assert "PubMed says: Search Backend failed" in collected.failed["papers"]
            assert len(runner.rows("SELECT 1 FROM entry")) == 1, "nothing that we hold is lost"
        else:
            assert not collected.failed
    rows = runner.rows("SELECT url FROM raw.visit WHERE url LIKE '%esearch%' ORDER BY rowid")
    begins = [row["url"].partition("mindate=")[2][:14].replace("%2F", "-") for row in rows]
    assert begins == ["2026-08-22", "2026-11-18", "2026-11-18", "2026-11-22"]


def test_a_record_that_breaks_off_is_no_empty_night(runner: NightRunner, tmp_path: Path) -> None:
    whole = records(99000001, 99000002)
    folder = record(tmp_path, (f"{EUTILS}/esearch", found(99000001, 99000002)), (f"{EUTILS}/efetch", whole[:-60]))
    failed = runner.night([pubmed_source()], recorded=folder).failed
    assert "half an answer" in failed["papers"]


def test_secrets_are_sent_and_never_kept(runner: NightRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_NCBI_KEY", "s3cret/key+1")
    monkeypatch.setenv("TEST_MAILTO", "desk@stemwire.example")
    source = pubmed_source(key={"env": "TEST_NCBI_KEY"}, mailto={"env": "TEST_MAILTO"})
    secret = (
        f"{EUTILS}/efetch.fcgi?db=pubmed&retmode=xml&id=99000001&api_key=s3cret%2Fkey%2B1&email=desk%40stemwire.example"
    )
    folder = record(
        tmp_path,
        (f"{EUTILS}/esearch", found(99000001)),
        (secret, records(99000001)),  # is answered only if the secrets were sent
        (f"{EUTILS}/efetch", b'{"error":"API key invalid: another+key"}', 400),
    )
    assert not runner.night([source], recorded=folder).failed
    monkeypatch.setenv("TEST_NCBI_KEY", "another+key")
    failed = runner.night([source], recorded=folder).failed
    assert "400 Bad Request" in failed["papers"]
    kept = json.dumps(
        [runner.rows(f"SELECT * FROM {table}") for table in ("raw.visit", "entry", "issue", "source", "report")]
    )
    kept += json.dumps(runner.rows("SELECT url, final_url, headers FROM raw.capture"))
    assert "99000001" in kept
    for part in ("s3cret", "another", "desk@", "desk%40", "api_key", "email"):
        assert part not in kept, part


def test_an_unset_secret_is_named(runner: NightRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_NCBI_KEY", raising=False)
    folder = record(tmp_path, (f"{EUTILS}/esearch", found(99000001)))
    failed = runner.night([pubmed_source(key={"env": "TEST_NCBI_KEY"})], recorded=folder).failed
    assert "the environment variable TEST_NCBI_KEY is not set" in failed["papers"]
    assert not runner.rows("SELECT 1 FROM raw.visit")


def test_a_secret_that_is_not_set_fails_its_own_source_only(
    runner: NightRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_NCBI_KEY", raising=False)
    folder = record(tmp_path, (f"{EUTILS}/esearch", found(99000001)), (f"{EUTILS}/efetch", records(99000001)))
    other = pubmed_source().model_copy(update={"id": "others"})
    failed = runner.night([pubmed_source(key={"env": "TEST_NCBI_KEY"}), other], recorded=folder).failed
    assert failed.keys() == {"papers"} and "TEST_NCBI_KEY is not set" in failed["papers"]
    assert runner.rows("SELECT source FROM entry") == [{"source": "others"}]


def test_a_search_too_large_for_one_answer_is_cut_by_days(runner: NightRunner, tmp_path: Path) -> None:
    first = find_api("pubmed").requests("x", date(2026, 8, 24), 20000)[0]
    newer, older = find_api("pubmed").parse(found(9, count=12000), url=first, fetched="2026-11-22T03:00:00Z").follow
    folder = record(
        tmp_path,
        (first, found(99000009, count=12000)), (newer, found(99000001)), (older, found(99000002)),
        (f"{EUTILS}/efetch.fcgi?db=pubmed&retmode=xml&id=99000001", records(99000001)),
        (f"{EUTILS}/efetch.fcgi?db=pubmed&retmode=xml&id=99000002", records(99000002)),
    )  # fmt: skip
    source = pubmed_source(query="x", max=20000)
    assert not runner.night([source], at="2026-11-22T03:00:00Z", recorded=folder).failed
    assert [row["native"] for row in runner.rows("SELECT native FROM entry ORDER BY native")] == [
        "99000001",
        "99000002",
    ]


def trial(number: int, updated: str = "2026-11-20") -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT0900{number:04}", "briefTitle": f"Cells for knees {number}"},
            "statusModule": {"overallStatus": "RECRUITING", "studyFirstPostDateStruct": {"date": "2026-10-01"},
                             "lastUpdatePostDateStruct": {"date": updated}},
        }
    }  # fmt: skip


def trials(numbers: Sequence[int], token: str | None = None) -> bytes:
    more = {"nextPageToken": token} if token else {}
    return json.dumps({"studies": [trial(number) for number in numbers], **more}).encode()


STUDIES = "https://clinicaltrials.gov/api/v2/studies"


def trial_source(**more: object) -> SourceFile:
    return a_source(
        "trials", kind="registry", api=[{"api": "clinicaltrials", "query": "x", **more}], page={"fetch": False}
    )


def test_pages_are_followed_to_the_end_and_loops_are_named(runner: NightRunner, tmp_path: Path) -> None:
    folder = record(
        tmp_path,
        (STUDIES, trials([1, 2], "b")),
    )
    failed = runner.night([trial_source()], recorded=folder).failed  # every page is the first again
    assert "leads back to" in failed["trials"]


def test_where_newest_comes_first_a_page_without_news_is_the_last(runner: NightRunner, tmp_path: Path) -> None:
    first = find_api("clinicaltrials").requests("x", date(2026, 8, 24), 200)[0].partition("&filter")[0]
    pages = {"": trials([1, 2], "b"), "b": trials([3, 4], "c"), "c": trials([5])}
    folder = record(tmp_path, (first, pages[""]))
    lines = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    day = {22: "2026-08-24", 23: "2026-11-15"}
    for since in day.values():
        begin = find_api("clinicaltrials").requests("x", date.fromisoformat(since), 200)[0]
        for token in ("b", "c"):
            (folder / token).write_bytes(pages[token])
            lines.append({"url": f"{begin}&pageToken={token}", "file": token})
    (folder / "index.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    for number in day:
        assert not runner.night([trial_source()], at=f"2026-11-{number}T03:00:00Z", recorded=folder).failed
    assert (len(asked(runner, "22")), len(asked(runner, "23"))) == (3, 1)
    assert len(runner.rows("SELECT 1 FROM entry")) == 5


def test_what_exceeds_max_is_told(runner: NightRunner, tmp_path: Path) -> None:
    folder = record(tmp_path, (STUDIES, trials([1, 2], "b")))
    assert not runner.night([trial_source(max=2)], recorded=folder).failed
    assert "2 records are taken, and there are more (raise max)" in runner.issues("trials")["list_partial"]

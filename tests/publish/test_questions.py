"""Ready-made questions: their form, their cost, and that each finds what it asks for and leaves out what it does not.

The answers are those on a small edition that is written here by hand, so that each row that must come or stay away can
be counted; `test_every_question_is_answered` asks the site itself, over a published edition.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import rispy
import yaml  # type: ignore[import-untyped]

from core.config import ROOT
from publish.edition.watch_lists import watch_lists
from publish.pages.questions import ident_of, names_feed, to_feed
from tests.publish.made import SITE, Made
from tests.publish.reader import Newsroom, Reader

QUERIES: Mapping[str, Mapping[str, Any]] = yaml.safe_load((ROOT / "datasette" / "metadata.yaml").read_text("utf-8"))[
    "databases"
]["stemwire"]["queries"]
FEEDS = {name: query for name, query in QUERIES.items() if names_feed(query["sql"])}
# tables that grow with the collection; none may be read from end to end, unless a year of it is asked for
GROWING = {
    "document", "label", "mention", "link", "member", "figure", "entity_document", "identifier", "quote", "appearance",
}  # fmt: skip
WHOLE = {
    "newest_by_kind": "the newest first, until there are a hundred",
    "undated": "by an index of the undated alone",
    "documents_by_month_and_kind": "counts every document, by an index that holds all it needs",
    **dict.fromkeys(
        ("only_in_animals", "repeats_a_release", "late_finds"),
        "the latest 10,000 arrivals, by the index of arrival",
    ),
}


def ask(made: Made, name: str, /, **params: str) -> list[dict[str, Any]]:
    """The rows of a question; parameters that are not given are empty, as on the site."""
    query = QUERIES[name]
    asked = dict.fromkeys(query.get("params", ()), "") | params
    return [dict(row) for row in made.edition.execute(query["sql"], asked)]


def titles(made: Made, name: str, /, **params: str) -> list[str]:
    return [str(row["title"]) for row in ask(made, name, **params)]


@pytest.fixture
def made() -> Iterator[Made]:
    one = Made()
    yield one
    one.edition.close()


def title(number: int) -> str:
    return f"Title {number}"


def test_there_are_twenty_that_can_be_followed() -> None:
    assert len(FEEDS) + len(watch_lists()) >= 20
    for name, query in QUERIES.items():
        assert re.fullmatch(r"[a-z_]+", name)
        assert query["title"]
    for name, query in FEEDS.items():
        assert query["description"].endswith("."), name
        asked = set(re.findall(r":([a-z]+)\b", query["sql"]))
        assert asked == set(query.get("params", ())), name
        for param in asked:
            assert param in query["description"], f"{name}: {param} is not explained"
        assert re.search(r"\blimit \d+$|order by [\w.]+ desc, title$", query["sql"]), f"{name} has no end"


@pytest.mark.parametrize("name", QUERIES)
def test_no_question_reads_a_growing_table_from_end_to_end(made: Made, name: str) -> None:
    query = QUERIES[name]
    params = dict.fromkeys(query.get("params", ()), "")
    plan = [row["detail"] for row in made.edition.execute("EXPLAIN QUERY PLAN " + query["sql"], params)]
    aliases = {alias: table for table, alias in re.findall(r"(?:from|join|,)\s+(\w+)\s+(\w+)", query["sql"])}
    scanned = {match[1] for step in plan if (match := re.match(r"SCAN (\w+)(?!.*(?:INTEGER PRIMARY KEY))", step))}
    whole = {aliases.get(one, one) for one in scanned} & GROWING
    assert not whole or name in WHOLE, plan


@pytest.mark.parametrize("name", QUERIES)
def test_every_question_is_answered(reader: Reader, newsroom: Newsroom, name: str) -> None:
    page = reader.get(f"/stemwire/{name}")
    assert page.status_code == 200
    assert QUERIES[name]["title"].replace("'", "&#39;") in page.text
    rows = list(csv.DictReader(io.StringIO(reader.get(f"/stemwire/{name}.csv").text)))
    found = reader.get(f"/stemwire/{name}.json?_shape=objects").json()
    assert len(found["rows"]) == len(rows)
    assert not found["truncated"]
    if name in FEEDS:
        for row in rows:
            assert row["title"], row
            assert row["changed"] >= "2024", row
            path = row["page"].removeprefix(SITE)
            assert reader.get(path).status_code == 200, row["page"]


def test_the_papers_of_an_answer_can_be_cited(reader: Reader) -> None:
    sql = """select title, here('/document/' || slug || '-' || "key") as page, changed from document
        where kind in ('paper', 'trial', 'news') order by id"""
    with_papers = reader.get(f"/stemwire.json?{urlencode({'sql': sql, '_shape': 'arrays'})}").json()["rows"]
    ris = reader.get(f"/stemwire.ris?{urlencode({'sql': sql})}")
    assert ris.headers["content-type"].startswith("application/x-research-info-systems")
    references = rispy.loads(ris.text)
    assert 0 < len(references) < len(with_papers)  # news is none
    assert {one.get("title") or one["primary_title"] for one in references} <= {row[0] for row in with_papers}
    bib = reader.get(f"/stemwire.bib?{urlencode({'sql': sql})}").text
    assert bib.count("@") >= len(references)
    assert reader.get("/stemwire/trials_stopped.ris").status_code == 200  # nothing in it


def test_papers_told_by_outlets(made: Made) -> None:
    paper, lonely = made.document("paper"), made.document("paper")
    news = [made.document("news", source=source) for source in ("a", "b", "c")]
    made.story((paper, "origin"), *((one, "coverage") for one in news))
    release = made.document("release", source="desk")
    made.story(
        (lonely, "origin"), (release, "release"), *((made.document("news", source=s), "copy") for s in ("a", "a"))
    )
    assert titles(made, "told_by_outlets") == [title(paper)]  # a press office is no outlet, one outlet counts once
    assert titles(made, "told_by_outlets", outlets="1") == [title(paper), title(lonely)]
    assert titles(made, "told_by_outlets", outlets="4") == []


def test_trials_without_news(made: Made) -> None:
    silent, told = made.document("trial"), made.document("trial")
    news, paper = made.document("news"), made.document("paper")
    made.add("link", document=news, relation="trial", place=0, other=told)
    made.add("link", document=paper, relation="trial", place=0, other=silent)  # a paper is no news
    assert titles(made, "trials_without_news") == [title(silent)]


@pytest.mark.parametrize(
    ("name", "type_"), [("institutions_rising", "institution"), ("cell_types_rising", "cell_type")]
)
def test_what_rises(made: Made, name: str, type_: str) -> None:
    made.document("news", day="2026-11-10")
    for number, (label, before, latest) in enumerate((("up", 1, 3), ("down", 3, 1), ("even", 2, 2), ("new", 0, 2)), 1):
        made.add("entity", id=number, concept=f"X:{number}", type=type_, name=label, last="2026-11-01")
        made.add("entity_month", entity=number, month="2026-08", documents=before)
        made.add("entity_month", entity=number, month="2026-09", documents=latest)
    made.add("entity", id=9, concept="X:9", type="journal", name="other", last="2026-11-01")
    made.add("entity_month", entity=9, month="2026-11", documents=9)
    assert titles(made, name) == ["up", "new"]
    assert titles(made, name, least="3") == ["up"]


def test_only_in_animals(made: Made) -> None:
    mice, both, cells, paper = (made.document(kind) for kind in ("news", "news", "news", "paper"))
    for document in (mice, both, paper):
        made.label(document, "evidence", "animal")
    made.label(mice, "evidence", "in vitro")
    made.label(both, "evidence", "phase 1")
    made.label(cells, "evidence", "in vitro")
    made.label(mice, "species", "mouse")
    [row] = ask(made, "only_in_animals")
    assert (row["title"], row["species"], row["sentence"]) == (title(mice), "mouse", "It was in mice.")


def test_news_that_rests_on_a_preprint(made: Made) -> None:
    preprint, paper = made.document("preprint"), made.document("paper")
    on_preprint, on_paper, other = made.document("news"), made.document("news"), made.document("paper")
    for document, rests in ((on_preprint, preprint), (on_paper, paper), (other, preprint)):
        made.add("link", document=document, relation="paper", place=0, other=rests, ident=f"x:{rests}")
    made.add("link", document=preprint, relation="published", place=0, other=paper, ident="doi:10.5555/later")
    [row] = ask(made, "rests_on_preprint")
    assert (row["title"], row["preprint"], row["published_as"]) == (
        title(on_preprint), title(preprint), "doi:10.5555/later",
    )  # fmt: skip


def test_what_rests_on_retracted_work(made: Made) -> None:
    work, citing, corrected = made.document("paper"), made.document("news"), made.document("news")
    for document, own, status in ((work, 1, "retracted"), (citing, 0, "retracted"), (corrected, 0, "corrected")):
        made.add("banner", document=document, about="doi:10.5555/x", own=own, status=status, night="2026-11-22")
    assert titles(made, "rests_on_retracted") == [title(citing)]


def test_releases_that_nobody_told(made: Made) -> None:
    alone, told, repeated, paper = (made.document(kind) for kind in ("release", "release", "release", "paper"))
    made.story((told, "origin"), (made.document("news"), "coverage"))
    made.story((paper, "origin"), (repeated, "release"))  # told by its own office only
    assert titles(made, "releases_nobody_told") == [title(repeated), title(alone)]


def test_who_repeats_a_release(made: Made) -> None:
    paper, release, copy, own = (made.document(kind) for kind in ("paper", "release", "news", "news"))
    made.story((paper, "origin"), (release, "release"), (copy, "copy"), (own, "coverage"))
    [row] = ask(made, "repeats_a_release")
    assert (row["title"], row["original"], row["share"]) == (title(copy), title(release), 0.6)
    assert ask(made, "repeats_a_release", share="0.7") == []


def test_promises_falling_due(made: Made) -> None:
    document = made.document("news")
    for number, (due, state) in enumerate(
        (("2027-06", "open"), ("2025", "due"), ("2025", "kept"), ("2031", "open"), ("2004", "due"))
    ):
        made.add("promise", document=document, number=number, what=f"{due} {state}", due=due, state=state)
    made.add("promise", document=document, number=9, what="some day", state="open")
    assert titles(made, "promises_due") == ["2025 due", "2027-06 open"]
    assert titles(made, "promises_due", until="2026") == ["2025 due"]
    assert titles(made, "promises_due", until="2031") == ["2025 due", "2027-06 open", "2031 open"]


def test_trials_that_were_stopped(made: Made) -> None:
    stopped, open_, news = made.document("trial"), made.document("trial"), made.document("news")
    for document, status, own in ((stopped, "terminated", 1), (open_, "recruiting", 1), (news, "terminated", 0)):
        made.add("trial_status", document=document, trial="nct:1", status=status, own=own, reason="no money")
    [row] = ask(made, "trials_stopped")
    assert (row["title"], row["reason"]) == (title(stopped), "no money")


def test_figures_by_year(made: Made) -> None:
    for name, period, value in (
        ("Bank A: lines", "2024", 133.0),
        ("Bank A: lines", "2023", 68.0),
        ("Bank B", "2024", 5.0),
    ):
        made.add("series", key=name[5], name=name, unit="lines", period=period, value=value, others="[]", documents=1)
    assert [row["value"] for row in ask(made, "figures_by_year")] == [68.0, 133.0, 5.0]
    assert [row["value"] for row in ask(made, "figures_by_year", name="bank a")] == [68.0, 133.0]


def test_work_by_country_and_stage(made: Made) -> None:
    old, *recent = made.document("paper", day="2024-01-01"), made.document("paper"), made.document("news")
    for document in (old, *recent):
        made.label(document, "country", "KR")
        made.label(document, "evidence", "phase 1")
    made.label(recent[0], "evidence", "none")
    [row] = ask(made, "work_by_country_and_stage")
    assert (row["title"], row["documents"]) == ("KR, phase 1", 2)
    assert row["page"] == f"{SITE}/search?work=KR&evidence=phase+1"
    [row] = ask(made, "work_by_country_and_stage", since="2020-01-01")
    assert row["documents"] == 3
    assert ask(made, "work_by_country_and_stage", since="2027-01-01") == []


def test_who_is_quoted_most(made: Made) -> None:
    old, first, second = (
        made.document("news", day="2024-01-01"),
        made.document("news"),
        made.document("news", source="b"),
    )
    for document, name in ((old, "Gale"), (old, "Drost"), (first, "Gale"), (second, "Gale"), (first, "Ji & Sons")):
        made.add("speaker", document=document, name=name, quotations=2, independent="yes")
    rows = ask(made, "quoted_most")
    assert [(row["title"], row["documents"], row["sources"], row["quotations"]) for row in rows] == [
        ("Gale", 2, 2, 4),
        ("Ji & Sons", 1, 1, 2),
    ]
    assert rows[1]["page"] == f"{SITE}/search?q=%22Ji+%26+Sons%22"


def test_sources_that_had_it_first(made: Made) -> None:
    first, second = made.document("news", day="2026-11-01", source="quick"), made.document("news", source="slow")
    made.story((first, "origin"), (second, "coverage"))
    old = made.document("news", day="2023-01-01", source="slow")
    made.story((old, "origin"), (made.document("news", source="quick"), "copy"), last="2023-01-02")
    made.story((made.document("news", source="alone"), "origin"), (made.document("news", source="alone"), "copy"))
    rows = {row["title"]: (row["stories"], row["first"], row["percent"]) for row in ask(made, "found_first")}
    assert rows == {"Quick": (1, 1, 100.0), "Slow": (1, 0, 0.0)}


def test_trials_by_system(made: Made) -> None:
    for facet, value, status, trials in (
        ("system", "eye", "", 3), ("system", "eye", "RECRUITING", 1), ("system", "blood", "", 5),
        ("country", "KR", "", 9),
    ):  # fmt: skip
        made.add("trial_count", facet=facet, value=value, status=status, trials=trials)
    rows = ask(made, "trials_by_system")
    assert [(row["title"], row["trials"], row["recruiting"]) for row in rows] == [("blood", 5, 0), ("eye", 3, 1)]


def test_late_finds(made: Made) -> None:
    late, fresh = made.document("news", day="2025-01-01"), made.document("news", day="2026-11-21")
    week = made.document("news", day="2026-11-14")
    assert fresh
    assert titles(made, "late_finds") == [title(late)]
    assert titles(made, "late_finds", days="8") == [title(week), title(late)]


def test_rows_that_are_no_entries_are_left_out() -> None:
    rows: list[dict[str, object]] = [
        {"title": "a", "page": f"{SITE}/document/a-title-000000000001", "changed": "2026-11-22T04:51:00Z", "n": 3},
        {"title": "elsewhere", "page": "https://evil.example/", "changed": "2026-11-22T04:51:00Z"},
        {"title": "no moment", "page": f"{SITE}/search", "changed": None},
        {"title": "", "page": f"{SITE}/search", "changed": "2026-11-22"},
        {"title": "b", "page": f"{SITE}/document/b-title-000000000001", "changed": "2026-11-21"},  # the same page again
    ]
    feed = to_feed(name="q", title="Q", about="", params=(), rows=rows, built="2026-11-22T05:00:00Z", site=SITE)
    assert [(one.ident, one.updated, one.summary) for one in feed.entries] == [
        ("question/q/document/000000000001", "2026-11-22T04:51:00Z", "n: 3"),
        ("question/q/document/000000000001/b", "2026-11-21T00:00:00Z", ""),
    ]
    assert ident_of("/document/another-title-000000000001") == "document/000000000001"
    empty = to_feed(name="q", title="Q", about="", params=(), rows=[], built="2026-11-22T05:00:00Z", site=SITE)
    assert empty.updated == "2026-11-22T05:00:00Z"

"""What readers see of a trial's status: words, a list and a filter of its own, and never a retraction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest

from core.config import Config
from core.records import Document, Label, Link, TrialStatus
from core.store import Store, open_to_read
from publish.letters.current_edition import open_current
from publish.letters.line_rows import Known
from publish.letters.lines import make_lines, pick_before
from publish.stage import publish
from tests.present import present
from tests.publish.reader import Reader
from tests.publish.rig import find_urls

STATUSES = {
    "withdrawn": "No money for the study", "terminated": "Too few volunteers came", "suspended": "", "completed": "",
    "recruiting": "", "unknown": "", "active not recruiting": "", "approved for marketing": "",
}  # fmt: skip
STOPPED = ("withdrawn", "terminated", "suspended")
NEWS = "https://hanbit.example/2026/its-trial"
SURVEY = "https://hanbit.example/2026/two-trials"


def ident(status: str) -> str:
    return f"nct:NCT9900000{list(STATUSES).index(status)}"


def address(status: str) -> str:
    return f"https://register.example/{list(STATUSES).index(status)}"


def told(document: str, status: str) -> TrialStatus:
    who = "This trial" if document == ident(status) else "Its trial"
    return TrialStatus(
        document=document, trial=ident(status), status=status, day="2026-05-01", reason=STATUSES[status],
        text=f"{who} has the status {status}, as the registry said on May 1, 2026", first_seen="2026-11-20T00:00:00Z",
    )  # fmt: skip


def link(document: str, status: str) -> Link:
    return Link(src=document, relation="trial", dst=ident(status), score=1.0, how="identifier", why="names it",
                component="links/1")  # fmt: skip


@pytest.fixture
def reader(config: Config, work: Store, at_night: None) -> Iterator[Reader]:
    (pattern,) = work.load(Document, "id = ?", ("https://hanbit.example/2026/ev-nerve",))
    records: list[object] = []
    for number, status in enumerate(STATUSES):
        trial = replace(pattern, id=ident(status), entry=f"trial_register:{number}", source="trial_register")
        title = f"A study that is {status}"
        records.append(
            replace(trial, kind="trial", url=address(status), title=title, text="Cells.", summary="", identifiers={})
        )
        records.append(told(ident(status), status))
    about = {NEWS: ["terminated"], SURVEY: ["withdrawn", "recruiting"]}
    for news, statuses in about.items():
        records.append(replace(pattern, id=news, entry=f"hanbit_wire:{news}", url=news, title="News of a study",
                               identifiers={}))  # fmt: skip
        records += [link(news, status) for status in statuses] + [told(news, status) for status in statuses]
    documents = [record.id for record in records if isinstance(record, Document)]
    records += [Label(document=one, facet="scope", value="in", score=1.0, sentence="", start=None, end=None,
                      component="scope/1") for one in documents]  # fmt: skip
    with work.writing():
        work.save(*records)
    publish(config, work)
    made = Reader(config)
    yield made
    made.close()


def find(reader: Reader, query: str) -> set[str]:
    """The addresses of what a search finds."""
    with open_current(reader.config) as edition:
        return {*find_urls(present(edition), query)}


def page_of(reader: Reader, document: str) -> str:
    answer = reader.sql(f"""SELECT slug || '-' || "key" FROM document WHERE ident = '{document}'""")
    (name,) = json.loads(answer.text)["rows"][0]
    return unescape(reader.get(f"/document/{name}").text)


def test_no_status_is_a_retraction(reader: Reader) -> None:
    mine = {address(status) for status in STATUSES} | {NEWS, SURVEY}
    assert not find(reader, "status:withdrawn") & mine and not find(reader, "status:retracted") & mine
    home = reader.get("/").text
    changed = home.split('id="changed"')[1].split("</section>")[0] if 'id="changed"' in home else ""
    assert "A study that is" not in changed
    for status in STATUSES:
        page = page_of(reader, ident(status))
        assert f"has the status {status}" in page and "This work was" not in page and 'class="banner' not in page


@pytest.mark.parametrize("status", STATUSES)
def test_a_search_finds_it_by_its_status(reader: Reader, status: str) -> None:
    cited = {"terminated": {NEWS}, "withdrawn": {SURVEY}, "recruiting": {SURVEY}}.get(status, set())
    assert find(reader, f'trial_status:"{status}"') == {address(status)} | cited


def test_stopped_trials_have_a_list_with_day_and_reason(reader: Reader) -> None:
    page = unescape(reader.get("/trials").text)
    stopped = page.split('id="stopped"')[1].split("</section>")[0]
    for status, reason in STATUSES.items():
        assert (f"A study that is {status}<" in stopped) == (status in STOPPED)
        assert reason in stopped
    assert stopped.count("2026-05-01") == 3 and stopped.count("No reason given") == 1
    assert "trial withdrawn before enrolment" in stopped and "retract" not in stopped.lower()


def test_a_card_says_it_where_the_trial_was_stopped_and_is_the_only_one(reader: Reader) -> None:
    page = unescape(reader.get("/search?q=study&kind=trial").text)
    for words in ("trial withdrawn before enrolment", "trial terminated", "trial suspended"):
        assert page.count(f">{words}</a></li>") == 1
    assert "trial completed" not in page and "paper withdrawn" not in page
    news = unescape(reader.get("/search?q=news+of+a+study").text)
    assert news.count(">trial terminated</a></li>") == 1, "of the one trial that the news is about"
    assert ">trial withdrawn before enrolment</a></li>" not in news, "a survey of several trials has no such flag"


def test_news_about_the_trial_says_it_in_words_of_the_trial(reader: Reader) -> None:
    page = page_of(reader, NEWS)
    assert "Its trial has the status terminated" in page and "The registry</a>" in page
    assert 'class="banner' not in page


def test_a_letter_has_the_same_words(reader: Reader) -> None:
    with open_current(reader.config) as opened, open_to_read(reader.config.data("work.db"), "work") as work:
        edition = present(opened)
        lines = make_lines(Known(edition, work, "2026-11-22"), pick_before(edition, "trial_status:terminated", 10))
    chips = [chip for line in lines for chip in line.chips if "terminated" in chip.text]
    assert len(chips) == len(lines) > 0 and all(chip.grave for chip in chips)

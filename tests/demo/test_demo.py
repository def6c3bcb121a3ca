"""`demo --once`, run as a person runs it: few lines, and each search it names finds something."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from datasette.app import Datasette
from rich.console import Console

from bench.browsing import HEIGHT, chromium, why_not
from bench.tour import LOWEST, MOST_CLICKS, QUESTIONS, SERVE, ask, read_questions, serving
from core.config import ROOT, load_config
from core.demo import configure_demo, load_tour, show_demo
from core.errors import ConfigError
from core.night import night_of
from publish.pages.serve import make_site
from publish.search.own_key import own_key
from tests.demo.conftest import SITE, Done, kept_in

CHANGED = "SELECT DISTINCT d.source FROM version v JOIN document d ON d.id = v.document"
TOUR = ROOT / "demo" / "tour.toml"
MOST = 8  # lines on the terminal


async def answers(site: Datasette, addresses: list[str]) -> list[httpx.Response]:
    await site.invoke_startup()
    return [await site.client.get(address) for address in addresses]


def test_the_demo_says_what_to_look_at_in_a_few_lines(demo: Done) -> None:
    folder, done = demo
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) < MOST, done.stdout  # `demo` without --once has one more: its address
    assert "feeds" in lines[0] and "pages" in lines[0] and "documents" in lines[0]
    assert "broken on purpose: members_wire" in lines[1]
    assert lines[-1] == "every page answers"
    asked = {line.split(f" {SITE}")[0]: line.split(SITE)[1] for line in lines[2:-1]}
    questions = kept_in(folder).site.questions
    assert asked == {question.text: question.address for question in questions} and len(questions) == 3
    found = asyncio.run(answers(make_site(kept_in(folder)), list(asked.values())))
    assert all(page.status_code == 200 and 'href="/document/' in page.text for page in found)


@pytest.mark.parametrize(
    ("filter_", "type_", "name", "documents"),
    [
        ("institution", "institution", "Saebyeok National University", 9),
        ("institution", "institution", "Institute of Regenerative Medicine at Hallam", 6),
        ("disease", "disease", "geographic atrophy", 3),
        ("cell", "cell_type", "organoid", 3),
        ("journal", "journal", "Ophthalmic Regeneration", 1),
        ("person", "person", "Cho Ssang-Goo", 4),
        ("person", "person", "Ssang-Goo Cho", 4),
    ],
)
def test_what_no_register_has_is_found_by_its_name(
    demo: Done, filter_: str, type_: str, name: str, documents: int
) -> None:
    key = own_key(type_, name)
    search = f"/search?{urlencode({filter_: name, 'fold': 'no'})}"  # each document, not each story once
    found, page, listed = asyncio.run(
        answers(make_site(kept_in(demo[0])), [search, f"/entity/{type_}/{key}", f"/entities/{type_}"])
    )
    assert found.status_code == page.status_code == 200
    assert "is known here by the name" not in found.text
    assert found.text.count('class="card"') >= documents and page.text.count('class="card"') >= documents
    assert "not tied to a register" in page.text and f"/entity/{type_}/{key}" in listed.text


def test_a_name_that_the_demo_lacks_is_said_to_be_missing(demo: Done) -> None:
    searches = [f"/search?{urlencode({one: 'Quillfeather Marsh'})}" for one in ("institution", "person")]
    pages = asyncio.run(answers(make_site(kept_in(demo[0])), searches))
    assert all("is known here by the name" in page.text and 'class="card"' not in page.text for page in pages)


def test_a_source_that_breaks_by_mistake_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with night_of(kept_in(tmp_path), "demo") as night:
        night.failed = {"members_wire": "as it should", "han_river": "404"}
        assert show_demo(night, load_tour(TOUR), Console(soft_wrap=True)) == ["han_river"]
    lines = capsys.readouterr().out.splitlines()
    assert "failed: han_river: 404" in lines and "as it should" not in "".join(lines)


def test_every_question_of_the_tour_is_answered_in_three_clicks(demo: Done) -> None:
    """bench/tour.py prints more of it: where on the page the answers are, and what pages weigh."""
    if reason := why_not():
        pytest.skip(f"no browser: {reason}")
    questions = read_questions(QUESTIONS)
    with serving(SERVE, str(ROOT / "demo" / "config.toml"), str(demo[0]), 8770) as site, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": HEIGHT})
        reached = {one.name: ask(page, site, one) for one in questions}
    lost = {name: one for name, one in reached.items() if not one.found or one.clicks > MOST_CLICKS}
    assert not lost
    assert {name for name, one in reached.items() if one.lowest >= LOWEST} == set()


def test_the_next_night_shows_what_changed(second_night: Done) -> None:
    folder, done = second_night
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    with sqlite3.connect(f"file:{folder}/editions/current.db?mode=ro", uri=True) as edition:
        (first,), (second,) = edition.execute("SELECT day FROM night ORDER BY day").fetchall()
        new = {row[0] for row in edition.execute("SELECT title FROM document WHERE tonight = 1")}
        changed = {row[0] for row in edition.execute(CHANGED)}
        status = edition.execute("SELECT status, night FROM trial_status WHERE trial = 'nct:NCT09161177' AND own = 1")
        halted = status.fetchone()
    assert date.fromisoformat(second) - date.fromisoformat(first) == timedelta(days=1)
    assert new == {
        "Trial of the wound gel is halted while its makers look for money",
        "Corvane Therapeutics pauses the trial of its wound gel",
    }
    assert changed == {"korea_biolife", "seolhwa_times"}
    assert halted == ("suspended", second)


def test_a_next_night_without_a_first_is_one_clear_line(tmp_path: Path) -> None:
    command = [sys.executable, "pipeline.py", "demo", "--once", "--next-night", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "there was no first night" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_tour_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tour.toml").write_text('broken = "x"\n', "utf-8")
    with pytest.raises(ConfigError, match="why"):
        load_tour(tmp_path / "tour.toml")


def test_the_desk_and_the_mail_server_take_the_ports_after_the_site(tmp_path: Path) -> None:
    config = configure_demo(load_config(ROOT / "demo" / "config.toml"), 8765, tmp_path)
    assert (config.site.url, config.letters.desk) == ("http://127.0.0.1:8765", "http://127.0.0.1:8766")
    mail = config.letters.channels["mail"]
    assert (mail["host"], mail["port"], mail["sender"]) == ("127.0.0.1", 8767, "letters@stemwire.example")
    assert config.data("work.db") == tmp_path / "work.db" and config.editions == tmp_path / "editions"

"""The measure of letters over several nights: it reads mails, and it notices what is missing, wrong or said twice."""

from __future__ import annotations

import json
import sqlite3
from argparse import Namespace
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bench.letter_saga import FACTS, Fact, Plan, Result, Show, load_plan, make_saga, measure
from bench.mails import Mail, split_entries
from bench.measure import Board
from publish.letters.bodies import text_of
from publish.letters.letter import Held, Letter, Line, Marked, Part, Update
from publish.search.fold import fold_words
from tests.publish.made import Made

SITE = "http://127.0.0.1:8001"
NEWS, COPY, OTHER = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"
FACT = Fact(name="retracted", says=("Retracted:", "PubMed 99000300"), to={1: frozenset({"ann"})})


def update(headline: str = "Retracted: the paper behind a line that we sent you (notice PubMed 99000300)") -> Update:
    held = Held(title="News", page=f"{SITE}/d/{NEWS}", day="2026-11-21")
    return Update(
        kind="retraction", headline=headline, detail="", page=f"{SITE}/d/{OTHER}", url=None, held=(held,),
        subject="work:x",
    )  # fmt: skip


def line(key: str) -> Line:
    return Line(title=Marked(text=f"Title of {key}"), page=f"{SITE}/d/{key}", kind="news", source="Daily",
                published="2026-11-21", url=None)  # fmt: skip


def mail(who: str, *, about: tuple[Update, ...] = (), lines: tuple[str, ...] = ()) -> Mail:
    """A mail as the renderer writes it."""
    part = Part(subscription=1, name="Retina", query="retina", address=f"{SITE}/search?q=retina",
                lines=tuple(map(line, lines)))  # fmt: skip
    letter = Letter(site="Stemwire", home=SITE, day="2026-11-23", every="daily", first=False, about=about,
                    parts=(part,), nothing_on=("Knees",))  # fmt: skip
    text = text_of(letter)
    return Mail(to=f"{who}@reader.example", subject="Retina", text=text, entries=tuple(split_entries(text)))


def edition(path: Path, *, empty: bool = False) -> Path:
    """News and a copy of it, which tell one story; or nothing."""
    made = Made()
    if empty:
        return save(made, path)
    numbers = [made.document("news", key=key, title="Retina cells") for key in (NEWS, COPY)]
    made.story((numbers[0], "origin"), (numbers[1], "copy"))
    for number in numbers:
        made.edition.execute(
            "INSERT INTO search (rowid, title, body, tags) VALUES (?, ?, '', '')", (number, fold_words("Retina"))
        )
    return save(made, path)


def save(made: Made, path: Path) -> Path:
    made.edition.commit()
    with closing(sqlite3.connect(path)) as copy:
        made.edition.backup(copy)
    return path


Run = Callable[..., dict[str, float]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Measure two nights: nothing in the first, these mails in the second."""
    path, before = edition(tmp_path / "1.db"), edition(tmp_path / "0.db", empty=True)
    plan = Plan(
        recording=tmp_path, sources=tmp_path, nights=("2026-11-20T03:17:00Z", "2026-11-21T03:17:00Z"), facts=(FACT,),
        people={"ann": (("retina", "--daily"),), "bob": (("--own", "doi:10.5555/1"),)},
    )  # fmt: skip

    def measured(*mails: Mail) -> dict[str, float]:
        people = {who: tuple(one for one in mails if one.to.startswith(who)) for who in ("ann", "bob")}
        board = Board(inputs=tmp_path, as_json=True, options=Namespace())
        good = measure(plan, Result(mails=({}, people), editions=(before, path)), Show(board, "made"))
        found = {one.measure: one.value for one in board.shown if one.value is not None}
        assert good == all(found[name] == GOOD[name] for name in GOOD if name not in ("updates_unexplained", "misses"))
        return found

    return measured


GOOD = {
    "facts_reached": 1, "facts_misdirected": 0, "updates_unexplained": 0, "lines_per_story": 1,
    "letters_per_person": 1, "misses": 0,
}  # fmt: skip


def test_a_right_letter_has_the_best_figures(run: Run) -> None:
    assert run(mail("ann", about=(update(),), lines=(NEWS,))) == GOOD


def test_a_fact_that_does_not_come_is_not_reached(run: Run) -> None:
    assert run(mail("ann", lines=(NEWS,)))["facts_reached"] == 0


def test_a_fact_in_a_line_that_is_no_update_does_not_count(run: Run) -> None:
    one = mail("ann", lines=(NEWS,))
    text = one.text.replace(f"Title of {NEWS}", "Retracted: PubMed 99000300")
    assert run(Mail(to=one.to, subject="", text=text, entries=tuple(split_entries(text))))["facts_reached"] == 0


def test_another_person_and_a_second_time_are_misdirected(run: Run) -> None:
    right = mail("ann", about=(update(),), lines=(NEWS,))
    assert run(right, mail("bob", about=(update(),)))["facts_misdirected"] == 1
    assert run(mail("ann", about=(update(), update()), lines=(NEWS,)))["facts_misdirected"] == 1


def test_an_update_that_nobody_expects_is_counted(run: Run) -> None:
    found = run(mail("ann", about=(update(), update("Update: NCT1 a -> b")), lines=(NEWS,)))
    assert found == {**GOOD, "updates_unexplained": 1}


def test_two_lines_of_a_story_and_two_mails_are_seen(run: Run) -> None:
    assert run(mail("ann", about=(update(),), lines=(NEWS, COPY)))["lines_per_story"] == 2
    assert run(mail("ann", about=(update(),), lines=(NEWS,)), mail("ann"))["letters_per_person"] == 2


def test_what_is_new_and_not_in_the_letter_is_missed(run: Run) -> None:
    assert run(mail("ann", about=(update("Update: x"),)))["misses"] == 2


def test_the_plan_of_the_saga_names_six_facts_and_people_who_subscribe(tmp_path: Path) -> None:
    plan = load_plan(tmp_path, FACTS)
    assert len(plan.facts) == 6
    assert {who for fact in plan.facts for people in fact.to.values() for who in people} < plan.people.keys()
    assert {night for fact in plan.facts for night in fact.to} == {2, 3}


def test_the_saga_has_a_new_title_in_its_last_night_only(tmp_path: Path) -> None:
    plan = make_saga(tmp_path)
    if plan is None:
        pytest.skip("the frozen newsroom is not here")
    rows = [json.loads(text) for text in (plan.recording / "index.jsonl").read_text("utf-8").splitlines()]
    bodies: dict[str, list[bool]] = {}
    for row in rows:
        if row["url"].endswith("/feed/") or row["url"].endswith("islet-cells-twelve-people/"):
            body = (plan.recording / row["file"]).read_bytes()
            bodies.setdefault(row["url"], []).append(b"halted after two deaths" in body)
    assert list(bodies.values()) == [[False, False, False, True]] * 2

"""What a text makes of the release or paper it rests on: left out, added, and the numbers it changed."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Config, Crawl
from core.records import ChangedNumber, Document, Figure, Link, Member, Source, Story, Telling
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import tellings
from relations.told_caveats import Side, find_told
from relations.told_numbers import FigureRow, find_changed

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
FILLER = (
    "The building is near the river and has a garden with old trees. Visitors come on Sundays to see the garden and the"
    " river. A bus goes there from the station every hour, and a ferry in summer. The cafe near the gate sells soup and"
    " bread that a baker makes at night. In winter the garden is closed, and the ferry stays at its pier."
)
RELEASE = (
    "The gel closed wounds of 24 mice within twelve days. Whether it works in people has not been tested. The work was"
    " funded by the Harbour Trust. Two of the authors hold a patent on the gel."
)


def left_out(told: str, source: str, basis: str = "page") -> list[str]:
    document = Side(title="A gel", text=f"{told} {FILLER}", kind="news", lang="en", basis=basis)
    other = Side(title="A gel", text=source, kind="release", lang="en")
    return [one.kind for one in find_told(document, other) if one.what == "leaves out"]


def test_every_caveat_is_named_not_only_the_first() -> None:
    assert left_out("The gel closes wounds.", RELEASE) == ["animals", "untested", "funding", "interests"]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Rodents got the gel.", "animals"),
        ("Patients will have to wait for it.", "untested"),
        ("The money came from the Harbour Trust.", "funding"),
        ("A company owns the idea.", "interests"),
    ],
)
def test_what_is_said_in_other_words_is_not_left_out(told: str, kind: str) -> None:
    assert kind not in left_out(told, RELEASE)


def test_a_teaser_leaves_nothing_out() -> None:
    assert left_out("The gel closes wounds.", RELEASE, basis="feed") == []
    short = Side(title="A gel", text="The gel closes wounds.", kind="news", lang="en")
    other = Side(title="A gel", text=RELEASE, kind="release", lang="en")
    assert not [one for one in find_told(short, other) if one.what == "leaves out"]


def added(kind: str, basis: str = "page") -> list[str]:
    document = Side(title="A gel", text=f"Oskar Lind paid 40 euros for the seventh ferry ticket. {FILLER}", kind="news",
                    lang="en")  # fmt: skip
    other = Side(title="A gel", text=RELEASE, kind=kind, lang="en", basis=basis)
    return [one.why for one in find_told(document, other) if one.what == "adds"]


def test_nothing_is_added_to_a_teaser() -> None:
    assert added("release")
    assert added("release", basis="feed") == []


def test_of_a_paper_only_the_record_is_compared() -> None:
    assert "not in the record of the paper" in added("paper", basis="record")[0]


def test_texts_in_two_languages_are_not_compared() -> None:
    document = Side(title="젤", text="젤이 상처를 아물게 했다.", kind="news", lang="ko")
    assert find_told(document, Side(title="A gel", text=RELEASE, kind="release", lang="en")) == []


def figure(value: float, sentence: str, **more: object) -> FigureRow:
    row = FigureRow(
        part="text", start=sentence.index(f"{value:g}"), end=0, value=value, high=None, unit="", subject="people",
        period=None, place=None, modifier="exact", series=None, sentence=sentence,
    )  # fmt: skip
    return FigureRow(**{**row, **more})  # type: ignore[typeddict-item]


def changed(mine: FigureRow, theirs: FigureRow, more: str = "") -> list[tuple[float, float]]:
    found = find_changed([mine], [theirs], mine["sentence"] + more, theirs["sentence"])
    return [(one.mine["value"], one.theirs["value"]) for one in found]


SAID = "The institute treated 50 people with dry macular degeneration with a sheet of pigment cells."
GIVEN = "A sheet of pigment cells was given to 15 people with dry macular degeneration at the institute."


def test_a_number_of_the_same_thing_is_changed() -> None:
    assert changed(figure(50, SAID), figure(15, GIVEN)) == [(50, 15)]


@pytest.mark.parametrize(
    ("mine", "theirs", "more"),
    [
        (figure(50, SAID), figure(15, GIVEN), " Another sentence says 15."),  # it gives the number, too
        (figure(50, SAID, period="2023"), figure(15, GIVEN, period="2024"), ""),
        (figure(50, SAID, place="KR"), figure(15, GIVEN, place="JP"), ""),
        (figure(50, SAID.replace("treated", "will treat")), figure(15, GIVEN), ""),
        (figure(50, SAID), figure(15, GIVEN.replace("given", "given as a placebo")), ""),
        (figure(50, SAID), figure(15, GIVEN, unit="%"), ""),
        (figure(50, SAID, modifier="at least"), figure(15, GIVEN), ""),
        (figure(50, SAID), figure(51, GIVEN.replace("15", "51"), modifier="approximate"), ""),
        (figure(50, "It is said in Busan of 50 people."), figure(15, GIVEN), ""),
    ],
)
def test_where_a_doubt_is_left_nothing_is_said(mine: FigureRow, theirs: FigureRow, more: str) -> None:
    assert changed(mine, theirs, more) == []


def test_a_rounded_number_is_not_changed() -> None:
    assert changed(figure(6, SAID.replace("50", "6")), figure(6.1, GIVEN.replace("15", "6.1"))) == []


def test_a_series_needs_a_period_and_one_value() -> None:
    mine = figure(153, "It sent out 153 lines in 2024.", series="lines", period="2024")
    theirs = figure(133, "In 2024 there were 133.", series="lines", period="2024")
    assert changed(mine, theirs) == [(153, 133)]
    assert changed(replace_period(mine, None), replace_period(theirs, None)) == []
    two = [theirs, replace_value(theirs, 140.0)]
    assert find_changed([mine], two, mine["sentence"], theirs["sentence"]) == []


def replace_period(row: FigureRow, period: str | None) -> FigureRow:
    return FigureRow(**{**row, "period": period})


def replace_value(row: FigureRow, value: float) -> FigureRow:
    return FigureRow(**{**row, "value": value})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.save(Source(id="s", name="s", kind="news", country=None, lang="en", about="", licence="full",
                             home=None, scope="all", rules="{}"))  # fmt: skip
        yield work


def document(ident: str, kind: str, text: str, day: str = "2026-11-10", **more: str) -> Document:
    made = Document(
        id=ident, entry=f"s:{ident}", source="s", kind=kind, url="https://s.example/", title="A gel", text=text,
        summary="", authors=(), lang="en", published=day, published_from=None, dates=(), identifiers={}, links=(),
        extra={}, licence="full", translated=None, state="current", capture="c", first_seen="2026-11-20T00:00:00Z",
        hash=f"{ident}{text}",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def a_figure(document: str, value: float, sentence: str) -> Figure:
    return Figure(
        document=document, part="text", start=sentence.index(f"{value:g}"), end=sentence.index(f"{value:g}") + 2,
        value=value, high=None, unit="", subject="people", period=None, place=None, modifier="exact", series=None,
        sentence=sentence, component="figures/1",
    )  # fmt: skip


def fill(store: Store, *documents: Document, day: str = "2026-11-10") -> None:
    with store.writing():
        for one in documents:
            store.save(one)
            store.save(Member(story="story:1", document=one.id, role="coverage", score=1.0, kept=None, added="",
                              dropped="", why=""))  # fmt: skip
        store.save(Story(id="story:1", title="A gel", first=day, last=day, origin="release", documents=len(documents),
                         outlets=1, why=""))  # fmt: skip


def compare(store: Store) -> tuple[list[Telling], list[ChangedNumber]]:
    run_stage(tellings.stage(CONFIG), store, new_run(store, "test"))
    return store.load(Telling), store.load(ChangedNumber)


def test_news_are_compared_with_the_release_and_the_paper(store: Store) -> None:
    fill(store, document("news", "news", f"{SAID} {FILLER}"), document("release", "release", f"{GIVEN} {RELEASE}"),
         document("paper", "paper", GIVEN))  # fmt: skip
    with store.writing():
        store.save(Link(src="news", relation="paper", dst="paper", score=1.0, how="identifier", why="", component=""))
        store.save(a_figure("news", 50, SAID), a_figure("release", 15, GIVEN), a_figure("paper", 15, GIVEN))
    told, numbers = compare(store)
    assert {(one.document, one.other) for one in told} >= {("news", "release")}
    assert [(one.other, one.value, one.was) for one in numbers] == [("paper", 50, 15), ("release", 50, 15)]
    assert all(one.document == "news" for one in told)  # the release has no paper, the paper is a record


def test_a_release_of_a_later_day_is_not_what_a_text_rests_on(store: Store) -> None:
    fill(store, document("news", "news", f"{SAID} {FILLER}"), document("release", "release", RELEASE, "2026-11-12"))
    assert compare(store) == ([], [])


def test_a_row_is_compared_alone_also_after_it_was_pickled(store: Store) -> None:
    fill(store, document("news", "news", f"{SAID} {FILLER}"), document("release", "release", RELEASE))
    [(key, _, data)] = tellings.gather(store)
    row = {"key": key, **data}
    whole = {**row, **tellings.read_texts(store, row)}  # type: ignore[arg-type]
    step = tellings.build_step()
    assert step(pickle.loads(pickle.dumps(whole))) == step(whole)


def test_a_document_is_due_again_when_its_release_changes(store: Store) -> None:
    news, release = document("news", "news", f"{SAID} {FILLER}"), document("release", "release", RELEASE)
    fill(store, news, release)
    compare(store)
    with store.writing():
        store.save(replace(release, text="Nothing to warn of.", hash="other"))
    told, _ = compare(store)
    assert not [one for one in told if one.what == "leaves out"]

"""The lists to watch: what is in each, their pages, feeds and files; warnings in an edition, as people corrected it."""

from __future__ import annotations

import csv
import io
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Config
from core.corrections import Action, Correction
from core.errors import ConfigError
from core.records import Document, DocumentWarning, Label, Link
from core.store import Store
from publish.edition import build
from publish.edition.warnings import OF_LABELS
from publish.edition.watch_lists import FOLDER, fill_watch, watch_lists
from publish.letters.current_edition import open_current
from publish.pages.warnings import KINDS, Teller, WarningLine, by_owner, of_story
from publish.stage import publish
from tests.present import present
from tests.publish.made import Made
from tests.publish.reader import Newsroom, Reader
from tests.publish.rig import find_urls

NAMES = [one.name for one in watch_lists()]
NEWS = "https://hanbit.example/2026/ev-nerve"


@pytest.fixture
def made() -> Made:
    return Made()


def listed(made: Made, name: str) -> list[tuple[int, int | None, str]]:
    """(document, other, what is notable) of the rows of a list, in order."""
    fill_watch(made.edition)
    rows = made.edition.execute("SELECT document, other, told FROM watch WHERE list = ? ORDER BY place", (name,))
    return [(row["document"], row["other"], row["told"]) for row in rows]


def test_there_are_nine_in_the_order_of_their_places() -> None:
    assert NAMES == [
        "status-changes", "only-in-animals", "rests-on-a-preprint", "numbers-that-disagree",
        "says-more-than-its-paper", "no-independent-voice", "marketing-cues", "promises-due", "silent-edits",
    ]  # fmt: skip
    assert {one.warning for one in watch_lists() if one.warning} | {"rests on retracted work"} == set(KINDS)


@pytest.mark.parametrize("kind", ["rests on a preprint", "says more than its paper", "no independent voice"])
def test_a_list_of_a_warning_has_the_latest_first(made: Made, kind: str) -> None:
    paper, early, late, other = (made.document(k) for k in ("paper", "news", "news", "news"))
    for document, night in ((early, "2026-11-20"), (late, "2026-11-22")):
        made.add("warning", document=document, kind=kind, other=paper, night=night)
    made.add("warning", document=other, kind="headline leaves out animals", night="2026-11-22")
    assert listed(made, kind.replace(" ", "-")) == [(late, paper, ""), (early, paper, "")]


def test_status_changes_have_the_work_before_what_names_it_and_stopped_trials(made: Made) -> None:
    news, work, trial, going = (made.document(kind) for kind in ("news", "paper", "trial", "trial"))
    made.add("link", document=news, relation="paper", place=0, other=work, ident="x:2")
    for document, own in ((news, 0), (work, 1)):
        made.add("banner", document=document, about="x:2", status="retracted", own=own, night="2026-11-22")
    for document, status in ((trial, "terminated"), (going, "recruiting")):
        made.add("trial_status", document=document, trial=f"nct:{document}", status=status, own=1, night="2026-11-20")
    assert listed(made, "status-changes") == [
        (work, None, "paper retracted"), (news, work, "names a paper that was retracted"),
        (trial, None, "trial terminated"),
    ]  # fmt: skip


def test_numbers_that_disagree(made: Made) -> None:
    news, release, another = made.document("news"), made.document("release"), made.document("news")
    made.add("changed_number", document=news, other=release, place=0, value=153.0, was=133.0, number=0, unit="lines")
    for document, value, says in ((news, 153.0, "another"), (release, 133.0, "same"), (another, 140.0, "another")):
        made.add("figure", document=document, number=0, value=value, series="Lines", period="2024")
        made.add("series_source", key="5e", period="2024", document=document, number=0, says=says)
    made.add("series", key="5e", name="Lines", title="Lines, by year", period="2024", value=133.0, agree=1)
    made.add("registry_check", document=another, number=1, verdict="differs", value=1_234_567.0, found=3.0)
    made.add("registry_check", document=another, number=2, verdict="cannot tell", value=6000.0)
    assert listed(made, "numbers-that-disagree") == [
        (another, release, "140 for 2024; most say 133"), (another, None, "1234567; the registry here has 3"),
        (news, release, "153 lines, where its release says 133"),
    ]  # fmt: skip
    pages = made.edition.execute("SELECT page FROM watch WHERE document = ?", (news,)).fetchall()
    assert [row["page"] for row in pages] == ["/series/5e"], "once, and with the series"


def test_marketing_cues_are_one_row_a_page_and_no_papers(made: Made) -> None:
    clinic, paper = made.document("clinic"), made.document("paper")
    for document, cue in ((clinic, "testimonial"), (clinic, "price or discount"), (paper, "testimonial")):
        made.label(document, "marketing", cue)
    assert listed(made, "marketing-cues") == [(clinic, None, "price or discount; testimonial")]


def test_promises_that_are_due_and_those_of_the_next_year(made: Made) -> None:
    document = made.document("news")
    for number, (due, state) in enumerate(
        (("2025", "due"), ("2027-06", "open"), ("2024", "due"), ("2031", "open"), ("2020", "kept"), (None, "open"))
    ):
        made.add("promise", document=document, number=number, due=due, state=state, who="Ada" if number == 0 else None)
    assert [told for *_, told in listed(made, "promises-due")] == [
        "was due by 2025 (Ada)", "was due by 2024", "falls due by 2027-06",
    ]  # fmt: skip


def test_silent_edits_are_those_without_a_note(made: Made) -> None:
    document = made.document("news")
    for place, (kind, silent) in enumerate((("wording", 1), ("number", 1), ("cosmetic", 0), ("correction note", 0))):
        made.add("edit", document=document, replaced="2026-11-21T00:00:00Z", place=place, kind=kind, silent=silent,
                 part="text", before="133", after="153", night="2026-11-21", why="a number")  # fmt: skip
    assert [told for *_, told in listed(made, "silent-edits")] == ["number changed", "wording changed"]


def test_a_wrong_declaration_names_the_file(tmp_path: Path, made: Made) -> None:
    text = (FOLDER / "silent-edits.toml").read_text("utf-8")
    (tmp_path / "other.toml").write_text(text + 'warning = "no independent voice"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"other\.toml"):
        watch_lists(tmp_path)


def test_words_of_warnings() -> None:
    plain = WarningLine(owner=1, document=1, kind="rests on a preprint", other=None, sentence="", why="", species="")
    animals = replace(plain, kind="headline leaves out animals", species="mouse; pig")
    assert animals.words == "headline does not say: mice, pigs"
    assert replace(animals, species="").words == "headline does not say: animals"
    assert replace(plain, kind="rests on retracted work").words == "paper retracted"
    [found] = by_owner([plain, animals, replace(animals, document=2)], {}).values()
    assert [one.kind for one in found] == ["headline leaves out animals"] * 2 + ["rests on a preprint"]


def teller(
    document: int, *, quotes: bool = False, independent: bool = False, kind: str = "news", reviewed: bool = False
) -> Teller:
    return Teller(
        story=1, id=document, kind=kind, quotes=int(quotes), independent=int(independent), reviewed=int(reviewed)
    )


def in_story(kind: str, *documents: int, tellers: tuple[Teller, ...]) -> set[str]:
    lines = [
        WarningLine(owner=1, document=one, kind=kind, other=None, sentence="", why="", species="mouse")
        for one in documents
    ]
    return {one.words for one in of_story(lines, tellers)}


def test_a_story_says_of_how_many_of_its_documents_a_warning_is_true() -> None:
    three = (teller(1), teller(2), teller(3, kind="release"))
    headline, voice = "headline leaves out animals", "no independent voice"
    assert in_story(headline, 1, tellers=three) == {"1 of 3 headlines claims an effect and does not say: mice"}
    assert in_story(headline, 1, 2, tellers=three) == {"2 of 3 headlines claim an effect and do not say: mice"}
    assert in_story(headline, 1, tellers=three[:1]) == {"headline does not say: mice"}
    assert in_story("says more than its paper", 2, tellers=three) == {"1 of 3 texts says more than the paper"}
    assert in_story("rests on a preprint", 1, 2, tellers=three) == {"rests on a preprint"}
    mixed = (teller(1), teller(2), teller(3, reviewed=True))
    assert in_story("rests on a preprint", 1, 2, tellers=mixed) == {"2 of 3 texts rest on a preprint"}
    assert in_story("rests on retracted work", 1, tellers=mixed) == {
        "1 of 3 texts rests on a paper that was taken back"
    }
    assert in_story("rests on retracted work", 1, tellers=three) == {"paper retracted"}
    closed, silent, doubtful = teller(1, quotes=True), teller(2), teller(3, quotes=True)
    assert in_story(voice, 1, tellers=(closed, silent)) == {"no independent voice"}
    assert in_story(voice, 1, tellers=(closed, doubtful)) == {"1 of 2 texts quotes only people of the study"}
    assert in_story(voice, 1, tellers=(closed, teller(2, quotes=True, independent=True))) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_list_has_a_page_feeds_and_files(reader: Reader, newsroom: Newsroom, name: str) -> None:
    one = next(one for one in watch_lists() if one.name == name)
    page = reader.get(one.address)
    assert page.status_code == 200
    assert one.about.split(",")[0] in page.text
    found = reader.get(f"{one.address}.json").json()
    assert (found["list"], found["count"]) == (one.title, len(found["rows"]))
    assert (one.empty in page.text) == (not found["rows"])
    rows = list(csv.DictReader(io.StringIO(reader.get(f"{one.address}.csv").text.lstrip("\ufeff"))))
    assert [row["page"] for row in rows] == [row["page"] for row in found["rows"]]
    feed = reader.get(f"{one.address}.jsonfeed").json()
    assert len({entry["id"] for entry in feed["items"]}) == len(feed["items"])
    assert {entry["url"] for entry in feed["items"]} <= {row["page"] for row in found["rows"]}
    assert reader.get(f"{one.address}.atom").status_code == 200


def test_all_lists_are_on_one_page_and_in_the_list_of_feeds(reader: Reader, newsroom: Newsroom) -> None:
    page, feeds = reader.get("/watch").text, reader.get("/feeds").text
    for one in watch_lists():
        assert f'href="{one.address}"' in page
        assert f'href="{one.address}.atom"' in feeds
    assert reader.get("/watch/nothing").status_code == 404


def warning(kind: str, **given: object) -> DocumentWarning:
    plain: dict[str, object] = {
        "document": NEWS, "kind": kind, "other": None, "sentence": "The cells were given to mice.", "why": "A reason.",
        "score": 0.9, "first_seen": "2026-11-20T00:00:00Z",
    }  # fmt: skip
    return DocumentWarning(**{**plain, **given})  # type: ignore[arg-type]


def label(facet: str, value: str) -> Label:
    return Label(
        document=NEWS, facet=facet, value=value, score=0.9, sentence="It was in mice.", start=0, end=9, component="x/1"
    )


@pytest.fixture
def warned(work: Store) -> Store:
    """The newsroom, with a preprint, and three warnings of one document."""
    (pattern,) = work.load(Document, "id = ?", (NEWS,))
    preprint = replace(pattern, id="doi:10.5555/pre", entry="x:pre", kind="preprint", url="https://pre.example/1",
                       title="A preprint", identifiers={})  # fmt: skip
    scope = Label(document=preprint.id, facet="scope", value="in", score=1.0, sentence="", start=None, end=None,
                  component="scope/1")  # fmt: skip
    link = Link(src=NEWS, relation="paper", dst=preprint.id, score=1.0, how="identifier", why="names it",
                component="links/1")  # fmt: skip
    with work.writing():
        work.execute("DELETE FROM link WHERE src = ?", (NEWS,))
        work.execute("DELETE FROM label WHERE document = ? AND facet = 'claim_gap'", (NEWS,))
        work.save(
            preprint, scope, link, label("headline", "only in animals"), warning("headline leaves out animals"),
            warning("rests on a preprint", other=preprint.id), warning("says more than its paper"),
        )  # fmt: skip
    return work


def test_a_search_finds_documents_by_their_warning_and_by_what_they_rest_on(
    config: Config, warned: Store, at_night: None
) -> None:
    publish(config, warned)
    with open_current(config) as edition:
        for query in ('warning:"rests on a preprint"', "rests:preprint", 'warning:"headline leaves out animals"'):
            assert find_urls(present(edition), query) == [NEWS], query
        assert NEWS not in find_urls(present(edition), 'rests:"nothing known"')
        assert present(edition).count('warning:"says more than its paper"') == 0, "there is no label that says so"


@pytest.mark.parametrize(
    ("field", "action", "value", "left"),
    [
        ("headline", "remove", "only in animals", {"rests on a preprint"}),
        ("paper", "remove", "doi:10.5555/pre", {"headline leaves out animals"}),
        ("claim_gap", "add", OF_LABELS["says more than its paper"][1],
         {"headline leaves out animals", "rests on a preprint", "says more than its paper"}),
    ],
)  # fmt: skip
def test_a_warning_goes_and_comes_with_what_a_person_corrects(
    warned: Store, at_night: None, field: str, action: Action, value: str, left: set[str]
) -> None:
    said = Correction(
        at="2026-11-21T10:00:00Z", record=NEWS, title="", field=field, action=action, values=(value,), before=(),
        why="read again",
    )  # fmt: skip
    edition = sqlite3.connect(":memory:", isolation_level=None)
    build.fill(edition, warned, (said,))
    assert {row[0] for row in edition.execute("SELECT kind FROM warning")} == left

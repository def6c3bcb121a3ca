"""Stories are the same in whatever order documents arrive; one document about everything joins no two stories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.records import Document, Label, Link, Member, Report, Source, Story
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import near_duplicates, stories
from relations.shingles import find_shingles
from relations.stories import group_documents
from relations.story_roles import MemberRow, find_added, find_dropped, find_origin

RELEASE = (
    "Cells from the skin of four donors were turned into muscle at the Harbour Institute, and the muscle twitched when"
    " it was asked to. The team grew the cells for ninety days on a mesh of silk. Twice a week a current of five volts"
    " went through the dish.\n\nNothing of the kind has been tried in people. The mice that received the muscle walked"
    " no better than their littermates for a month. Further studies in pigs are planned for next year."
)
COPY = RELEASE.replace(" Further studies in pigs are planned for next year.", "") + (
    "\n\nOur reporter saw the dish. It was smaller than she had thought, and it stood on a shelf beside the teapot."
)
STRANGER = (
    "A survey of eighty gardens found fewer beetles than ten years ago. The keepers of the gardens were asked what they"
    " spray and when. Most said that they had stopped, yet the beetles have not come back. A second survey is planned."
)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as opened:
        yield opened


def document(ident: str, text: str, *, kind: str = "news", source: str = "s", night: int = 2) -> Document:
    return Document(
        id=ident, entry=ident, source=source, kind=kind, url=f"https://{ident}.example", title=f"Title of {ident}",
        text=text, summary="", authors=(), lang="en", published=f"2026-11-{night:02}", published_from=None, dates=(),
        identifiers={}, links=(), extra={}, licence="full", translated=None, state="current", capture="c",
        first_seen=f"2026-11-{night:02}T00:00:00Z", hash=f"{ident}{len(text)}",
    )  # fmt: skip


def night(work: Store, *records: object) -> list[Report]:
    with work.writing():
        work.save(Source(id="s", name="s", kind="news", country=None, lang=None, about="", licence="full", home=None,
                         scope="all", rules="{}"), *records)  # fmt: skip
    run = new_run(work, "test")
    return [run_stage(room.stage(None), work, run) for room in (near_duplicates, stories)]


def roles(work: Store) -> dict[str, tuple[str, str]]:
    return {m.document: (m.story, m.role) for m in work.load(Member)}


FIRST = document("release", RELEASE, kind="release")
LATER = document("copy", COPY, source="t", night=3)
OTHER = document("garden", STRANGER, night=3)


def test_a_copy_joins_its_release_and_says_what_it_added_and_dropped(work: Store) -> None:
    night(work, FIRST, LATER, OTHER)
    found = roles(work)
    assert found["copy"] == (found["release"][0], "copy")
    assert found["release"][1] == "origin"
    assert found["garden"][0] != found["copy"][0]
    (member,) = [m for m in work.load(Member) if m.document == "copy"]
    assert member.added.startswith("It was smaller than she had thought")  # five words say nothing
    assert member.dropped.startswith("Further studies in pigs")
    story = work.load(Story, "id = ?", (member.story,))[0]
    assert (story.documents, story.outlets, story.why) == (2, 1, "the earliest release")  # a press desk is no outlet


def test_several_nights_and_a_single_one_give_the_same_stories(work: Store, tmp_path: Path) -> None:
    for record in (FIRST, LATER, OTHER):
        night(work, record)
    with open_store(tmp_path / "other.db", "work") as other:
        night(other, OTHER, LATER, FIRST)
        assert roles(other) == roles(work)
        assert other.load(Story) == work.load(Story)


def test_a_night_with_nothing_new_does_nothing_and_a_new_copy_touches_its_story_only(work: Store) -> None:
    night(work, FIRST, LATER, OTHER)
    assert [report.seen for report in night(work)] == [0, 0]
    seen = [report.seen for report in night(work, document("again", COPY[:-60], source="u", night=4))]
    assert seen == [1, 1]


def test_a_document_that_leaves_the_scope_leaves_the_story(work: Store) -> None:
    night(work, FIRST, LATER)
    out = Label(document="copy", facet="scope", value="out", score=1.0, sentence="", start=None, end=None, component="")
    night(work, out)
    assert roles(work).keys() == {"release"}


def test_what_rests_on_one_paper_is_one_story_with_the_paper_as_its_origin(work: Store) -> None:
    paper = document("doi:10.5555/1", "An abstract about muscle.", kind="paper", night=1)
    edges = [
        Link(src=src, relation="paper", dst=paper.id, score=1, how="identifier", why="", component="")
        for src in ("copy", "garden")
    ]
    night(work, paper, document("copy", COPY, night=3), OTHER, *edges)
    found = roles(work)
    assert {name: role for name, (_, role) in found.items()} == {
        "doi:10.5555/1": "origin", "copy": "coverage", "garden": "coverage",
    }  # fmt: skip
    assert len({story for story, _ in found.values()}) == 1
    assert work.load(Story)[0].title == "Title of copy"


def test_a_round_up_does_not_join_two_stories() -> None:
    one, two = ["a1", "a2", "a3"], ["b1", "b2", "b3"]
    edges = [("copy", 1.0, x, y) for group in (one, two) for x in group for y in group if x < y]
    edges += [("event", 0.5, "a1", "weekly"), ("event", 0.5, "b1", "weekly")]
    assert group_documents([*one, *two, "weekly"], edges) == [one, two, ["weekly"]]


def test_the_origin_is_the_paper_then_the_release_then_the_first() -> None:
    news: MemberRow = {"id": "n", "source": "s", "kind": "news", "lang": "en", "title": "t", "hash": "h",
                       "first_seen": "1", "translated": None, "day": "2026-11-01", "papers": []}  # fmt: skip
    release: MemberRow = {**news, "id": "r", "kind": "release", "day": "2026-11-02"}
    paper: MemberRow = {**news, "id": "p", "kind": "paper", "day": "2026-11-03"}
    assert find_origin([news, release])[0]["id"] == "r"
    assert find_origin([{**news, "papers": ["p"]}, release, paper])[0]["id"] == "p"
    assert find_origin([{**news, "translated": "by machine"}, {**news, "id": "m", "day": "2026-11-09"}])[0]["id"] == "m"


def test_nothing_added_and_nothing_dropped_is_empty() -> None:
    assert find_added(RELEASE, find_shingles(RELEASE)) == ""
    assert find_dropped(RELEASE, find_shingles(RELEASE)) == ""

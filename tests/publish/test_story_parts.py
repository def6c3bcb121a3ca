"""The parts of a story's page: who tells it, numbers side by side, the timeline, works, speakers, earlier stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.facets import facets
from publish.pages.earlier_stories import EarlierStory, put_in_order
from publish.pages.rows import DocumentLine
from publish.pages.story_changes import Edit, Version, to_changes
from publish.pages.story_facts import Counted, LabelRow, SpeakerRow, find_counts, to_said, to_speakers
from publish.pages.story_members import Member, find_reach, in_time
from publish.pages.story_numbers import Figure, to_numbers
from publish.pages.story_tellings import ChangedRow, TellingRow, to_telling, to_tellings
from publish.pages.story_works import Declared, LinkRow, Record, to_works
from publish.pages.template_filters import role_word
from publish.pages.timeline import HEAD, NAMES, ROW, ROWS, WIDTH, draw_timeline


def member(document: int, **other: object) -> Member:
    given: dict[str, Any] = {
        "id": document, "document": document, "title": "t", "kind": "news", "day": "2026-11-20", "slug": "t",
        "key": str(document), "lang": "en", "source": f"s{document}", "country": None, "source_name": f"S{document}",
        "role": "coverage", "kept": None, "added": "", "dropped": "", "why": "", "url": "", "licence": "full",
        "journal": None,
    }  # fmt: skip
    return Member(**given | other)


def figure(document: int, value: float, subject: str = "patients", **other: object) -> Figure:
    given: dict[str, Any] = {
        "document": document, "number": int(value * 100), "value": value, "high": None, "unit": "", "subject": subject,
        "period": None, "place": None, "modifier": "exact", "series": None, "sentence": f"{value} {subject}.",
    }  # fmt: skip
    return Figure(**given | other)


RELEASE, ONE, TWO = member(1, kind="release", role="origin"), member(2), member(3, role="copy")


def side_by_side(*figures: Figure, changes: dict[tuple[int, int], tuple[int, int]] | None = None) -> list[list[str]]:
    """The cells of each row: the value, with a mark where it differs."""
    found = to_numbers(figures, [RELEASE, ONE, TWO], changes or {})
    return [
        [f"{cell.figure.value:g}{'!' if cell.differs else ''}" if cell.figure else "-" for cell in row.cells]
        for row in found.rows
    ]


def test_numbers_stand_side_by_side() -> None:
    assert side_by_side(figure(1, 15, "participants"), figure(2, 15, "people"), figure(3, 12, "mice")) == [
        ["15", "15", "-"]
    ]
    assert side_by_side(figure(1, 15), figure(2, 14)) == []  # without a period, two numbers of two things
    assert side_by_side(figure(1, 2, "eyes"), figure(2, 2, "cities")) == []  # a small number is no sign
    assert side_by_side(figure(1, 2, "eyes"), figure(2, 2, "eyes")) == [["2", "2", "-"]]
    assert side_by_side(figure(1, 6.1, "letters"), figure(2, 6, "letters")) == [["6.1", "6", "-"]]  # rounded
    mice, nerves = figure(1, 40, "mice"), figure(1, 40, "nerves", number=7)
    assert side_by_side(mice, nerves, figure(2, 40, "animals")) == []  # of two things: nobody knows which
    assert side_by_side(mice, nerves, figure(2, 40, "nerves")) == [["40", "40", "-"]]
    assert side_by_side(figure(1, 40, unit="%"), figure(2, 40, unit="km")) == []


def test_numbers_that_differ_are_marked() -> None:
    year: dict[str, Any] = {"period": "2026"}
    assert side_by_side(figure(1, 14, **year), figure(2, 14, **year), figure(3, 12, "Patients", **year)) == [
        ["14", "14", "12!"]
    ]
    two = (figure(1, 14, **year), figure(2, 12, **year), figure(2, 11, **year))
    assert side_by_side(*two) == []  # it speaks of two things
    lines: dict[str, Any] = {"series": "Bank: lines"}
    assert side_by_side(figure(1, 133, **lines, **year), figure(2, 153, "cells", **lines, **year)) == [
        ["133", "153!", "-"]
    ]
    changed = {(2, 1400): (1, 1500)}
    assert side_by_side(figure(1, 15, "people"), figure(2, 14, "volunteers"), changes=changed) == [["15", "14!", "-"]]


def test_what_is_counted_is_said_by_the_row() -> None:
    found = to_numbers([figure(1, 133, unit="cases"), figure(2, 133)], [RELEASE, ONE], {})
    [row] = found.rows
    assert [cell.shown.unit for cell in row.cells if cell.shown] == ["", ""]


def test_press_desks_and_papers_are_no_outlets() -> None:
    told = find_reach([
        RELEASE, member(4, kind="paper"), member(5, kind="clinic"), member(6, country="KR", source="a"),
        member(7, country="KR", source="a"), member(8, country="GB", source="b", kind="explainer"),
    ])  # fmt: skip
    assert (told.outlets, told.countries, told.desks, told.papers) == (2, ("KR", "GB"), ("S1",), 1)


def test_roles_are_said_in_words() -> None:
    words = {
        ("copy", "news", "repeats 54% of the text of the release, which is 90% of its own"): "repeats the release",
        ("copy", "news", "repeats 54% of the text of the news, which is 90% of its own"): "repeats an earlier text",
        ("origin", "paper", "it came first"): "paper",
        ("origin", "news", "it came first"): "where it began",
        ("coverage", "news", "translation: both mention 133"): "own report",
        ("coverage", "news", "event: both mention 133"): "own report",
        ("coverage", "clinic", ""): "clinic page",
        ("release", "release", ""): "press release",
    }
    assert {key: role_word(*key) for key in words} == words


def test_a_timeline_has_a_row_for_each_document() -> None:
    drawn = draw_timeline(
        [member(1, day="2026-11-21", role="copy"), member(2, kind="paper", day="2026-05-01"), member(3)]
    )
    assert drawn is not None
    assert [(mark.member.document, mark.hollow) for mark in drawn.marks] == [(2, False), (3, False), (1, True)]
    assert [tick.label for tick in drawn.ticks] == ["1 May 2026", "21 Nov"]  # 20 Nov has no room
    assert drawn.height > drawn.base == HEAD + 3 * ROW
    assert all(NAMES < mark.x < WIDTH for mark in drawn.marks)
    assert draw_timeline([member(1)]) is None
    many = draw_timeline([member(number) for number in range(1, ROWS + 4)])
    assert many is not None and (len(many.marks), many.left_out, len(many.members)) == (ROWS, 3, ROWS + 3)
    assert len({mark.x for mark in many.marks}) == 1  # one day


def test_documents_of_one_day_begin_with_the_paper() -> None:
    news, paper = member(1), member(3, kind="paper")
    assert in_time([news, RELEASE, paper]) == [paper, RELEASE, news]


def test_a_document_that_only_rests_on_a_paper_does_not_say_what_the_paper_says() -> None:
    rows = [
        LabelRow(document=1, facet="species", value="mouse", sentence="In mice.", rule="evidence/2"),
        LabelRow(document=2, facet="species", value="mouse", sentence="", rule="evidence/2:doi:10.5555/a.1"),
        LabelRow(document=3, facet="species", value="mouse", sentence="", rule="evidence/2:record"),
    ]
    [(_, [said])] = list(to_said(rows, [member(1), ONE, member(3)], [facets().by_name["label", "species"]]))
    assert (said.value, said.n) == ("mouse", 2)


def test_a_sentence_is_quoted_in_english_where_there_is_one() -> None:
    korean = member(1, lang="ko")
    rows = [
        LabelRow(document=1, facet="species", value="mouse", sentence="쥐", rule="x/1"),
        LabelRow(document=2, facet="species", value="mouse", sentence="In mice.", rule="x/1"),
        LabelRow(document=2, facet="species", value="human", sentence="", rule="x/1"),
        LabelRow(document=2, facet="evidence", value="none", sentence="", rule="x/1"),
    ]
    shown = [facets().by_name["label", name] for name in ("evidence", "species")]
    [(facet, said)] = list(to_said(rows, [korean, ONE], shown))
    assert facet.name == "species"
    assert [(one.value, one.n, one.sentence, one.member) for one in said] == [
        ("mouse", 2, "In mice.", ONE), ("human", 1, "", None),
    ]  # fmt: skip


def test_how_many_took_part_is_said_once() -> None:
    def counted(value: float, subject: str, sentence: str) -> Counted:
        return Counted(
            document=1, value=value, high=None, unit="", subject=subject, modifier="exact", sentence=sentence
        )

    found = find_counts([
        counted(3, "letters", "Three."), counted(12, "adults", "Twelve adults."),
        counted(12, "Adults", "Twelve adults came."),
        counted(9, "mice", ""), counted(24, "mice", "24 mice."), counted(5, "pigs", "Five pigs."),
    ])  # fmt: skip
    assert [(one.value, one.sentence) for one in found] == [(12, "Twelve adults came."), (24, "24 mice.")]


def speaker(document: int, independent: str, name: str = "Ada Kim", **other: object) -> SpeakerRow:
    given: dict[str, Any] = {"affiliation": None, "n": 1, "type": None, "concept": None, "person": None}
    return SpeakerRow(document=document, name=name, independent=independent, **given | other)


def test_whether_a_speaker_is_independent() -> None:
    def found(*said: str) -> str:
        [one] = to_speakers([speaker(number, word) for number, word in enumerate(said, 1)], [RELEASE, ONE, TWO])
        return one.independent

    assert found("yes", "unknown") == "yes"
    assert found("no", "unknown") == "no"
    assert found("unknown") == "unknown"
    assert found("yes", "no") == "differs"  # never the one that sounds better
    two = to_speakers(
        [speaker(1, "yes", person="p"), speaker(2, "yes", "A. Kim", person="p", affiliation="H")], [RELEASE, ONE]
    )
    assert [(one.name, one.affiliation, len(one.members)) for one in two] == [("Ada Kim", "H", 2)]


def test_works_are_told_once_with_what_their_record_declares() -> None:
    record = Record(
        id=9, title="P", kind="paper", day="2026-01-01", slug="p", key="9", lang="en", source="s", country=None,
        source_name="S", journal="J", published=None, ident="doi:10.5555/x", url="",
    )  # fmt: skip
    links = [
        LinkRow(relation="trial", ident="nct:NCT1", other=None, n=3, why="w"),
        LinkRow(relation="paper", ident="doi:10.5555/x", other=9, n=2, why="w"),
    ]
    paid = Declared(document=9, what="funder", value="NIH", number="", url=None)
    paper, trial = to_works(links, {9: record}, {9: [paid]}, [9])
    assert (paper.kind, paper.n, paper.say("funder"), paper.say("interests")) == ("paper", 2, (paid,), ())
    assert (trial.kind, trial.record, trial.declared) == ("trial", None, ())


def test_earlier_stories_stand_once_by_their_closest_tie() -> None:
    def earlier(number: int, tie: str, last: str) -> EarlierStory:
        return EarlierStory(
            id=number, key="k", slug="s", title="t", first=last, last=last, documents=1, tie=tie, concept="", name=""
        )

    found = put_in_order([
        earlier(1, "institution", "2026-03-01"), earlier(1, "paper", "2026-03-01"), earlier(2, "trial", "2026-02-01"),
        earlier(3, "institution", "2026-04-01"), earlier(4, "institution", "2026-05-01"),
    ])  # fmt: skip
    assert [(one.id, one.tie) for one in found] == [
        (1, "paper"), (2, "trial"), (4, "institution"), (3, "institution"),
    ]  # fmt: skip


def row(document: int, other: int, what: str, kind: str, text: str = "T.") -> TellingRow:
    return TellingRow(document=document, other=other, what=what, kind=kind, text=text, why=f"it says: {kind}. More")


def line(number: int, kind: str) -> DocumentLine:
    return DocumentLine(
        id=number, title="t", kind=kind, day="2026-01-01", slug="t", key=str(number), lang="en", source="s",
        country=None, source_name="S",
    )  # fmt: skip


def test_what_a_text_does_with_its_release_and_its_paper_is_said_once() -> None:
    lines = {8: line(8, "paper"), 9: line(9, "release")}
    rows = [
        row(2, 8, "adds", "sentence", "Not in the paper."), row(2, 9, "adds", "sentence", "Not in the release."),
        row(2, 8, "leaves out", "animals", "The paper."), row(2, 9, "leaves out", "animals", "The release."),
        row(2, 8, "leaves out", "comparison"), row(2, 9, "repeats", "sentence"), row(2, 9, "repeats", "people"),
    ]  # fmt: skip
    told = to_telling(ONE, rows, [], lines)
    assert [one.text for one in told.adds] == ["Not in the release."]
    assert [(one.kind, one.text) for one in told.leaves_out] == [("animals", "The release."), ("comparison", "T.")]
    assert [one.kind for one in told.repeats] == ["people"]
    assert (len(told.sentences), told.leaves_out[0].says) == (1, "it says: animals")
    assert replace(rows[0], why="in both texts: it was done in animals").says == "it was done in animals"
    assert to_telling(RELEASE, rows[:1], [], lines).adds == ()  # what a release adds to a paper is for another reader
    alone = to_telling(member(5, added="New.", dropped="Careful."), [], [], {})
    assert ([one.text for one in alone.adds], [one.text for one in alone.leaves_out]) == (["New."], ["Careful."])


def test_a_number_that_a_text_changed_leads_to_the_number_it_was() -> None:
    changed = ChangedRow(
        document=2, other=1, number=4, was_number=7, subject="letters", unit="", period=None, value=16, high=None,
        was=6, was_high=None, sentence="", was_sentence="", why="",
    )  # fmt: skip
    told = to_tellings([], [changed], [RELEASE, ONE], {})
    assert told.changes == {(2, 4): (1, 7)} and told.of(2).changed == (changed,) and told.of(99).changed == ()


def test_edits_are_put_to_their_versions() -> None:
    def edit(kind: str, silent: int) -> Edit:
        return Edit(
            document=2, replaced="2026-11-01", part="text", kind=kind, before="a", after="b", silent=silent, why=""
        )

    versions = [
        Version(document=2, replaced="2026-11-02", retitled=1),
        Version(document=2, replaced="2026-11-01", retitled=0),
    ]
    late, early = to_changes(versions, [edit("cosmetic", 0), edit("wording", 1), edit("number", 1)], [ONE])
    assert (late.retitled, late.silent, late.edits) == (True, False, ())
    assert early.silent and [one.kind for one in early.edits] == ["number", "wording", "cosmetic"]

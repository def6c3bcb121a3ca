"""The tables and pages of things: names by language, figures that name them, who works where, and how much is shown."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.config import Config
from core.records import ConceptName, Document, Figure, Quotation, Wider
from core.records import Mention as MentionRecord
from core.store import Store
from publish.edition.build import fill
from publish.edition.thing_pages import NAMES, find_span
from publish.pages.document import MARKED, choose_marked, find_notable
from publish.pages.document_life import Person, describe_paper, find_people
from publish.pages.document_rows import Mention
from publish.pages.quantities import Statement
from publish.pages.thing_data import NameIn
from publish.pages.thing_parts import by_language
from publish.stage import publish
from tests.present import present
from tests.publish.reader import Reader

MSC = "CL:0000134"
KONKUK = "ROR:025h1m602"
RELEASE = "https://news.northlake.example/2026/islets"
MOST = 1500  # elements of a page


def figure(document: str, sentence: str, start: int, value: float = 7.0) -> Figure:
    return Figure(
        document=document, part="text", start=start, end=start + 1, value=value, high=None, unit="", subject="patients",
        period=None, place=None, modifier="exact", series=None, sentence=sentence, component="figures/1",
    )  # fmt: skip


def filled(work: Store) -> sqlite3.Connection:
    edition = sqlite3.connect(":memory:")
    fill(edition, work)
    return edition


def test_names_come_with_their_language_and_are_bounded(work: Store) -> None:
    names = [
        ConceptName(
            concept=MSC, type="CELL_TYPE", name=f"name {number:02}", lang="en", how="name", senses=1, origin="o"
        )
        for number in range(NAMES + 5)
    ]
    label = ConceptName(concept=MSC, type="CELL_TYPE", name="mesenchymal stem cell", lang="en", how="label", senses=1,
                        origin="o")  # fmt: skip
    korean = replace(label, name="중간엽 줄기세포", lang="ko", how="name")
    loose = replace(label, name="stem cell", how="used")
    with work.writing():
        work.save(*names[:3], label, korean, loose)
    edition = filled(work)
    asked = "SELECT name, lang FROM thing_name WHERE concept = ? ORDER BY place"
    assert edition.execute(asked, (MSC,)).fetchall() == [
        ("mesenchymal stem cell", "en"), ("name 00", "en"), ("name 01", "en"), ("name 02", "en"),
        ("중간엽 줄기세포", "ko"),
    ]  # fmt: skip
    with work.writing():
        work.save(*names)
    assert len(filled(work).execute(asked, (MSC,)).fetchall()) == NAMES


def test_a_figure_belongs_to_what_its_own_sentence_names(work: Store) -> None:
    """A thing of the next sentence is not what the figure is about."""
    (document,) = work.load(Document, "id = ?", ("https://hanbit.example/2026/ev-nerve",))
    named = [row["concept"] for row in work.rows(
        "SELECT DISTINCT concept FROM mention WHERE document = ? AND part = 'text' AND concept IS NOT NULL",
        (document.id,),
    )]  # fmt: skip
    sentences = re.findall(r"[^.\n]+\.", document.text)
    spans = {sentence.strip(): document.text.index(sentence.strip()) for sentence in sentences}
    with work.writing():
        work.save(*(figure(document.id, words, at + 2, float(number)) for number, (words, at) in
                    enumerate(spans.items(), 100)))  # fmt: skip
    edition = filled(work)
    rows = edition.execute(
        "SELECT e.concept, f.value FROM thing_figure t JOIN entity e ON e.id = t.entity"
        " JOIN figure f ON f.document = t.document AND f.number = t.number JOIN document d ON d.id = t.document"
        " WHERE d.ident = ? AND f.value >= 100", (document.id,)).fetchall()  # fmt: skip
    assert rows and {concept for concept, _ in rows} <= set(named)
    mentions = [(row["concept"], row["start"]) for row in work.rows(
        "SELECT concept, start FROM mention WHERE document = ? AND part = 'text'", (document.id,))]  # fmt: skip
    for concept, value in rows:
        words, at = list(spans.items())[int(value) - 100]
        assert any(concept == other and at <= start < at + len(words) for other, start in mentions), (concept, words)


def test_a_sentence_is_found_where_the_figure_is() -> None:
    text = "Seven came. Then  seven\nleft. Seven came."
    assert find_span(text, figure("d", "Seven came.", 30)) == (30, 41)
    assert find_span(text, figure("d", "Then seven left.", 18)) == (12, 29)
    assert find_span(text, figure("d", "It is nowhere.", 18)) == (18, 19)


def test_who_works_where_is_what_texts_say(work: Store) -> None:
    """A part between commas is the name of the institution; a department of the same city is not."""
    ident = "https://hanbit.example/2026/ev-nerve"
    [pattern, *_] = work.load(Quotation, "document = ?", (ident,))
    person = person_named(pattern.speaker, ident)
    with work.writing():
        work.save(replace(pattern, affiliation="Department of Nerves, Konkuk University, Seoul"), person)
    edition = filled(work)
    rows = edition.execute(
        "SELECT e.concept, p.name FROM workplace w JOIN entity e ON e.id = w.entity JOIN entity p ON p.id = w.person"
    ).fetchall()
    assert rows == [(KONKUK, pattern.speaker)]


def person_named(name: str, document: str) -> MentionRecord:
    return MentionRecord(
        document=document, part="text", start=0, end=len(name), type="PERSON", surface=name, concept=None, score=1.0,
        why="said something", component="c/1",
    )  # fmt: skip


def test_broader_and_narrower_are_on_the_page(config: Config, work: Store, at_night: None) -> None:
    names = [
        ConceptName(concept=concept, type="CELL_TYPE", name=name, lang="en", how="label", senses=1, origin="o")
        for concept, name in (("CL:0000034", "stem cell of any kind"), ("CL:9", "cell of all cells"))
    ]
    with work.writing():
        work.save(*names, Wider(concept=MSC, wider="CL:0000034", steps=1), Wider(concept=MSC, wider="CL:9", steps=2))
    publish(config, work)
    reader = Reader(config)
    try:
        page = reader.get(f"/entity/cell_type/{MSC}").text
        assert "A kind or part of" in page and "cell of all cells</a>" in page
        assert "/search?cell=CL%3A9" in page  # nothing here is about it: only a search can find what is narrower
        told = json.loads(reader.get(f"/entity/cell_type/{MSC}.json").text)
        assert told["thing"]["concept"] == MSC and sum(told["kinds"].values()) == told["thing"]["documents"]
    finally:
        reader.close()


@pytest.fixture(scope="module")
def things(reader: Reader) -> Iterator[list[str]]:
    found = json.loads(
        reader.sql("SELECT '/entity/' || type || '/' || concept FROM entity ORDER BY documents DESC LIMIT 40").text
    )
    yield [row[0] for row in found["rows"]]


def test_pages_of_things_are_bounded_and_begin_with_what_is_new(reader: Reader, things: list[str]) -> None:
    for address, answer in zip(things, reader.all(things), strict=True):
        assert answer.status_code == 200, address
        body = answer.text
        assert len(re.findall(r"<[a-z]", body)) < MOST, address
        assert body.index('id="new"') < body.index('id="documents"'), address
        months = json.loads(
            reader.sql("SELECT count(*) FROM entity_month m JOIN entity e ON e.id = m.entity"
                       " WHERE '/entity/' || e.type || '/' || e.concept = :a", a=address).text
        )["rows"][0][0]  # fmt: skip
        assert ('class="chart"' in body) == (months >= 6), address


def test_a_page_says_only_once_that_something_may_be_wrong(reader: Reader, things: list[str]) -> None:
    for address in things[:10]:
        assert reader.get(address).text.count("Something wrong?") == 1, address
    for address in ("/search?q=cells", "/"):
        assert "Something wrong?" not in reader.get(address).text, address


def test_marks_of_a_long_text_are_bounded_and_every_thing_has_one() -> None:
    def mention(number: int, concept: str) -> tuple[int, int, Mention]:
        one = Mention(part="text", start=number, end=number + 1, type="disease", surface=concept, why="", role=None,
                      concept=concept, name=concept, about=None, checked="")  # fmt: skip
        return number, number + 1, one

    spans = [mention(number, "a") for number in range(2 * MARKED)] + [mention(3 * MARKED, "last")]
    chosen = choose_marked(spans)
    assert len(chosen) == MARKED and chosen[-1][2].concept == "last"
    assert [span[0] for span in chosen] == sorted(span[0] for span in chosen)


def statement(value: float, subject: str, sentence: str = "s", **given: object) -> Statement:
    one = Statement(
        document=1, number=1, value=value, high=None, unit="", subject=subject, period=None, place=None,
        modifier="exact", series=None, sentence=sentence, id=1, title="t", kind="news", day="2026-11-20", slug="t",
        key="k", lang=None, source="s", country=None, source_name="S",
    )  # fmt: skip
    return replace(one, **given)  # type: ignore[arg-type]


def test_figures_of_note_are_of_a_series_of_the_title_or_of_the_stage() -> None:
    figures = [statement(3, "cats"), statement(5, "mice", "What was done."), statement(2, "mice", "What was done.",
               modifier="multiple"), statement(66, "lines", series="Bank: lines", period="2019"),
               statement(133, "lines", series="Bank: lines", period="2024")]  # fmt: skip
    assert [one.value for one in find_notable(figures, {"What was done."})] == [133, 66, 5]
    assert [one.value for one in find_notable(figures[:1])] == [3]
    assert find_notable([]) == []


def test_the_standing_of_a_paper_in_words() -> None:
    assert describe_paper([("preprint", "2026-01-02"), ("published", "2026-03-04")], "preprint") == (
        "a preprint, not reviewed by a journal; later published on 4 March 2026 in a journal"
    )
    assert describe_paper([("published", None), ("concern", None)], "paper") == "an expression of concern; published"
    assert describe_paper(
        [("published", "2026-03-04"), ("retracted", "2026-05-06"), ("reinstated", None)], "paper"
    ) == ("reinstated; retracted on 6 May 2026; published on 4 March 2026")


def test_an_official_is_the_person_of_the_same_full_name_only() -> None:
    people = [Person(type="person", concept="stemwire:person-bae-solmi", name="Bae Sol-mi")]
    assert set(find_people(people, ["Sol-mi Bae, MD", "Bae S", "Sol Bae"])) == {"Sol-mi Bae, MD"}


def test_english_names_come_first() -> None:
    names = [NameIn(name=name, lang=lang, how="name") for name, lang in (("a", "ko"), ("b", "en"), ("c", "ko"))]
    assert by_language(names) == [("en", ["b"]), ("ko", ["a", "c"])]


def test_an_edition_without_these_tables_still_has_its_pages(config: Config, work: Store, at_night: None) -> None:
    path = config.editions / f"{present(publish(config, work).edition).name}.db"
    with sqlite3.connect(path) as connection:
        for table in ("trial", "milestone", "thing_name", "thing_kind", "thing_newest", "thing_figure", "workplace"):
            connection.execute(f"DROP TABLE {table}")
    reader = Reader(config)
    try:
        for address in (f"/entity/cell_type/{MSC}", "/entities", "/search?kind=trial"):
            assert reader.get(address).status_code == 200, address
        for found in json.loads(
            reader.sql(
                "SELECT '/document/' || slug || '-' || \"key\" FROM document WHERE kind IN ('paper', 'trial')"
            ).text
        )["rows"][:4]:
            assert reader.get(found[0]).status_code == 200, found
    finally:
        reader.close()

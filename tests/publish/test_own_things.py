"""Things without a public identifier: which names are things, their pages, and where an address leads later on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from core.config import Config
from core.records import Concept, Document, Link, Mention, Quotation
from core.store import Store
from publish.edition.institution_kinds import find_kind
from publish.edition.own_names import Met, is_full_name, read_names
from publish.pages.people import Tie, is_one
from publish.search.own_key import is_own, name_in, names_of, own_key, person_key
from publish.stage import publish
from tests.publish.reader import Reader

SHAPE = "has the shape of an institution's name; not in ROR or our lists"
CUED = "a title, a role or what was said shows that it is a person"
ALONE = "one name of somebody whom the text names in full, or of whom it says so"
TAGGED = "found by the tagger; no lexicon of ours has this name"
KNOWN = "known by name; no ontology or registry of ours has it"


def met(*rows: tuple[str, str, str]) -> list[Met]:
    return [
        Met(number=n, part="text", type=type_, surface=surface, why=why) for n, (type_, surface, why) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("type_", "surface", "why"),
    [
        ("institution", "Heart Institute", "a name of common words: nothing near it says which; X has it"),
        ("institution", "St. Mary's Hospital", "four institutes share this name: St. Mary's Hospital (US), …"),
        ("institution", "the university hospital", SHAPE),
        ("institution", "Institute of", SHAPE),
        ("institution", "Regenerates", TAGGED),
        ("institution", "Cancer Centre", f"a name of common words; {SHAPE}"),
        ("institution", "Ministry of Health", SHAPE),
        ("institution", "Faculty of Medicine and Dentistry", SHAPE),
        ("institution", "City To Begin a Health Program", SHAPE),
        ("institution", "San Diego-based", TAGGED),
        ("disease", "arrhythmia", "found by the tagger; its last words are 'x'; too little to tell what it is"),
        ("disease", "swelling", TAGGED),
        ("cell_type", "vessel", TAGGED),
        ("person", "Cho", ALONE),
        ("person", "J. Smith", CUED),
        ("person", "Cho SG", CUED),
        ("person", "Hallam Study Group", CUED),
        ("person", "Pendry & Wei", CUED),
        ("person", "St. Jude", CUED),
        ("place", "Gwangsan", KNOWN),
    ],
)  # fmt: skip
def test_what_is_no_thing_gets_no_key(type_: str, surface: str, why: str) -> None:
    assert list(read_names(met((type_, surface, why)))) == []


def test_what_is_only_guessed_or_named_in_passing_needs_a_second_source() -> None:
    row = ("institution", "Hallam Dawn", TAGGED)
    assert [one.sure for one in read_names(met(row, row))] == [False, False]
    assert [one.sure for one in read_names(met(("institution", "Hallam Trust", TAGGED)))] == [True]
    assert [one.sure for one in read_names(met(("institution", "Hallam Trust", SHAPE)))] == [True]
    titled = [replace(one, part="title") for one in met(("institution", "Grant Lifts Hallam Trust", SHAPE))]
    assert [one.sure for one in read_names(titled)] == [False]  # every word of a headline may have a capital
    once = met(("disease", "geographic atrophy", KNOWN))
    assert [one.sure for one in read_names(once)] == [False]
    assert all(one.sure for one in read_names(met(*[("disease", "geographic atrophy", KNOWN)] * 2)))
    assert [one.sure for one in read_names(met(("person", "Ann Sample", "found by the tagger")))] == [False]
    assert [one.sure for one in read_names(met(("person", "Ann Sample", CUED)))] == [True]


def test_a_short_form_means_the_long_one_and_a_surname_the_full_name_before_it() -> None:
    found = list(
        read_names(
            met(
                ("person", "Gale", ALONE),  # nobody has been named yet
                ("person", "Dr. Perpetua Gale", CUED),
                ("institution", "Kamogawa Institute for Neural Repair", SHAPE),
                ("institution", "Kamogawa", "short for Kamogawa Institute for Neural Repair"),
                ("person", "Gale", ALONE),
                ("person", "P. Gale", CUED),
                ("person", "Q. Gale", CUED),
                ("person", "Orla Price", CUED),
                ("person", "Ann Price", CUED),
                ("person", "Price", ALONE),  # which of the two?
                ("person", "Perpetua B. Gale", CUED),
            )
        )
    )
    meant = {one.number: one.concept for one in found}
    gale, institute = own_key("person", "Perpetua Gale"), own_key("institution", "Kamogawa Institute for Neural Repair")
    assert [number for number, concept in meant.items() if concept == gale] == [1, 4, 5, 10]
    assert [number for number, concept in meant.items() if concept == institute] == [2, 3]
    assert not {0, 6, 9} & meant.keys()


def test_names_of_people_are_folded_only_where_that_is_safe() -> None:
    assert person_key("Cho Ssang-Goo") == person_key("Ssang-goo CHO") == person_key("Cho Ssanggoo")
    assert person_key("Wang Li") != person_key("Li Wang")
    assert person_key("John A. Smith") != person_key("John Smith")
    assert person_key("Julia Roberts") != person_key("Julia Robert")
    assert is_full_name("Marion Ashdown-Price") and is_full_name("Ludwig van Beethoven") and is_full_name("조쌍구")
    assert not any(map(is_full_name, ("Cho S.G.", "Smith", "Reuters Staff", "of London", "A. B.", "Phase 2")))


def test_the_name_can_be_read_back_out_of_its_key() -> None:
    for type_, name in (
        ("institution", "Saebyeok National University"),
        ("institution", "새벽대학교"),
        ("journal", "X"),
    ):
        key = own_key(type_, name)
        assert is_own(key) and name_in(key) in names_of(type_, name)
    assert not is_own("stemwire:korea-national-stem-cell-bank") and not is_own("ROR:025h1m602")
    assert own_key("institution", "1 2 3") == ""


def test_documents_are_about_one_person_only_where_something_joins_all_of_them() -> None:
    ties = [Tie(document=1, tie="story 4"), Tie(document=2, tie="story 4"), Tie(document=2, tie="place hallam")]
    assert is_one([1, 2], ties) and is_one([3], [])
    assert not is_one([1, 2, 3], ties)
    assert is_one([1, 2, 3], [*ties, Tie(document=3, tie="place hallam")])


def spot(document: Document, surface: str, type_: str, why: str, at: int) -> Mention:
    return Mention(
        document=document.id, part="text", start=at, end=at + len(surface), type=type_, surface=surface, concept=None,
        score=0.0, why=why, component="test/1",
    )  # fmt: skip


@contextmanager
def site_of(config: Config, work: Store) -> Iterator[Reader]:
    publish(config, work, force=True)
    reader = Reader(config)
    try:
        yield reader
    finally:
        reader.close()


def shown_documents(work: Store) -> list[Document]:
    out = "SELECT document FROM label WHERE facet = 'scope' AND value = 'out'"
    return [one for one in work.load(Document, f"state = 'current' AND id NOT IN ({out})") if one.kind == "news"]


def test_an_own_key_leads_to_the_identifier_once_there_is_one(config: Config, work: Store, at_night: None) -> None:
    first, second, *_ = shown_documents(work)
    name = "Quillfeather Institute of Hallam"
    with work.writing():
        work.save(spot(first, name, "INSTITUTION", SHAPE, 1), spot(second, name, "INSTITUTION", SHAPE, 1))
    key = own_key("institution", name)
    with site_of(config, work) as reader:
        page = reader.get(f"/entity/institution/{key}")
        assert page.status_code == 200 and "not tied to a register" in page.text and name in page.text
        assert len(set(re.findall(r'href="(/document/[^"]+)"', page.text))) == 2
        listed = reader.get("/entities/institution").text
        assert f"/entity/institution/{key}" in listed
        for asked in (f'institution:"{name}"', f"institution:{key}"):
            found = reader.get(f"/search?q={asked}").text
            assert "is known here by the name" not in found and found.count('class="title"') == 2
        assert reader.get("/entity/institution/stemwire:institution-nobody-knows").status_code == 404
    with work.writing():
        work.save(
            Concept(id="ROR:000000000", type="INSTITUTION", name="Quillfeather", country="GB",
                    url="https://ror.example/000000000", origin="ROR"),
            *(replace(spot(one, name, "INSTITUTION", "in ROR", 1), concept="ROR:000000000") for one in (first, second)),
        )  # fmt: skip
    with site_of(config, work) as reader:
        moved = reader.get(f"/entity/institution/{key}")
        assert (moved.status_code, moved.headers["location"]) == (301, "/entity/institution/ROR:000000000")
        assert reader.get(f"/search?q=institution:{key}").text.count('class="title"') == 2  # a subscription goes on


def test_an_author_with_an_orcid_is_one_person_where_documents_rest_on_the_paper(
    config: Config, work: Store, at_night: None
) -> None:
    news, other, *_ = shown_documents(work)
    paper = next(one for one in work.load(Document, "state = 'current'") if one.kind == "paper")
    people = [{"name": "Ssang-Goo Cho", "orcid": "0000-0002-1825-0097", "affiliations": ["Hallam University, Hallam"]}]
    with work.writing():
        work.execute("DELETE FROM member")  # two documents of one story would be about one person
        work.execute("DELETE FROM link")
        work.save(
            replace(paper, authors=("Ssang-Goo Cho", "Seul Hwangbo", "Lee H"), extra={**paper.extra, "people": people}),
            spot(news, "Cho Ssang-Goo", "PERSON", CUED, 1),
            spot(news, "Hwangbo Seul", "PERSON", "found by the tagger", 20),
            spot(other, "Hwangbo Seul", "PERSON", "found by the tagger", 20),
            spot(other, "Tak Moon", "PERSON", "found by the tagger", 40),
            spot(other, "Cho Ssang-goo", "PERSON", CUED, 1),
            Link(src=news.id, relation="paper", dst=paper.id, score=1.0, how="identifier", why="", component="test/1"),
            Quotation(
                document=other.id, start=1, end=9, speaker="Cho Ssang-goo", affiliation="Saebyeok Clinic", concept=None,
                independent="unknown", why="", component="test/1",
            ),
            Quotation(
                document=other.id, start=40, end=60, speaker="Tak Moon", affiliation=None, concept=None,
                independent="unknown", why="", component="test/1",
            ),
        )  # fmt: skip
    with site_of(config, work) as reader:
        with closing(sqlite3.connect(config.editions / "current.db")) as db:
            named = db.execute(
                "SELECT e.concept, d.ident, coalesce(x.role, '') FROM entity e"
                " JOIN entity_document x ON x.entity = e.id JOIN document d ON d.id = x.document"
                " WHERE e.type = 'person' AND e.name LIKE '%Cho%' ORDER BY 1, 2"
            ).fetchall()
        orcid, own = "ORCID:0000-0002-1825-0097", own_key("person", "Cho Ssang-Goo")
        assert {(c, i) for c, i, _ in named} == {(orcid, news.id), (orcid, paper.id), (own, other.id)}
        assert [role for _, ident, role in named if ident == paper.id] == ["author"]
        # in either order where the document rests on the paper, and whoever is quoted; else a guess is not enough
        hwangbo, moon = own_key("person", "Seul Hwangbo"), own_key("person", "Tak Moon")
        assert reader.get(f"/entity/person/{hwangbo}").text.count('class="card"') == 2
        assert reader.get(f"/entity/person/{moon}").status_code == 200
        assert reader.get(f"/entity/person/{own_key('person', 'Hwangbo Seul')}").status_code == 301
        page = reader.get(f"/entity/person/{orcid}").text
        assert "https://orcid.org/0000-0002-1825-0097" in page and "Hallam University, Hallam" in page
        assert "Saebyeok Clinic" in reader.get(f"/entity/person/{own}").text
        assert reader.get("/entities/person").status_code == 200


def test_a_name_that_documents_share_without_a_tie_is_said_to_be_only_a_name(
    config: Config, work: Store, at_night: None
) -> None:
    documents = shown_documents(work)
    with work.writing():
        work.save(*(spot(one, "Ann Sample", "PERSON", CUED, 1) for one in documents))
        work.execute("DELETE FROM member")
    with site_of(config, work) as reader:
        page = reader.get(f"/entity/person/{own_key('person', 'Ann Sample')}").text
    assert "nobody has checked that they are one person" in page


@pytest.mark.parametrize(
    ("names", "makes", "kind"),
    [
        (["Careggi University Hospital"], False, "hospital"),
        (["University of California, Los Angeles", "UCLA Medical Center"], False, "university"),
        (["Geron", "Geron Corp"], False, "company"),
        (["Capricor"], True, "company"),
        (["Capricor"], False, None),
        (["Hallam Eye Foundation"], True, None),
        (["서울대학교병원"], False, "hospital"),
    ],
)
def test_the_kind_of_an_institution_is_what_its_name_says(names: list[str], makes: bool, kind: str | None) -> None:
    assert find_kind(names, makes=makes) == kind


def test_companies_and_hospitals_have_lists(config: Config, work: Store, at_night: None) -> None:
    news = shown_documents(work)[0]
    with work.writing():
        work.save(
            spot(news, "Quillfeather Therapeutics Inc.", "INSTITUTION", SHAPE, 1),
            spot(news, "Marsh Lane Clinic", "INSTITUTION", SHAPE, 60),
        )
    with site_of(config, work) as reader:
        companies = reader.get("/entities/institution?kind=company").text
        hospitals = reader.get("/entities/institution?kind=hospital").text
        assert "Quillfeather Therapeutics" in companies and "Marsh Lane Clinic" not in companies
        assert "Marsh Lane Clinic" in hospitals and "Quillfeather" not in hospitals
        assert reader.get("/entities/institution?kind=bakery").status_code == 404

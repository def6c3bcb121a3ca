"""Warnings: each rule where it holds and where it must not, and the stage that keeps when each was first known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core.config import Config, Crawl
from core.records import Document, Fact, Json, Label, Link, Mention, Quotation, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import warnings
from relations.claim_gaps import find_gap
from relations.voices import is_same_person
from relations.warning_rules import KINDS, RULES, SubjectRow, find_matches, find_warnings

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
NEWS, PAPER, PREPRINT = "https://gate.example/n", "doi:10.5555/paper", "doi:10.5555/preprint"
MICE = "The cells were given to mice."
QUOTE = "“The cells stayed where we put them,” said Ada Brook."
ANIMALS = {"facet": "headline", "value": "only in animals", "score": 0.9, "sentence": MICE, "component": "evidence/2"}
GAP = {"facet": "claim_gap", "value": "says more than the paper", "score": 0.5, "component": f"claims/1:{PAPER}"}
LINKED = {"id": PAPER, "kind": "paper", "title": "Cells in mice", "score": 1.0, "why": "names it", "published": ""}


def subject(**given: object) -> SubjectRow:
    """A row of the step without anything to warn of, but for what is given."""
    plain: Json = {
        "kind": "news", "title": "", "text": "", "basis": "page", "labels": [], "papers": [], "statuses": [],
        "species": [], "speeches": [], "people": [], "authors": [], "abstracts": {},
    }  # fmt: skip
    return cast(SubjectRow, plain | given)


def kinds(**given: object) -> list[str]:
    return [one.kind for one in find_warnings(subject(**given))]


def test_every_kind_has_a_rule() -> None:
    assert len(KINDS) == len(RULES)


@pytest.mark.parametrize(
    "title",
    [
        "Stem cells heal broken hearts", "Injection may soon reverse blindness", "New hope for diabetes: cell therapy",
        "줄기세포로 척수 손상 치료 길 열려", "幹細胞で脊髄損傷を治療", "Stammzellen: neue Therapie heilt Nerven",
    ],
)  # fmt: skip
def test_a_headline_that_claims_an_effect_leaves_the_animals_out(title: str) -> None:
    [found] = find_warnings(subject(title=title, labels=[ANIMALS], species=["mice", "pigs"]))
    assert (found.kind, found.sentence) == ("headline leaves out animals", MICE)
    assert "in mice and pigs" in found.why


@pytest.mark.parametrize(
    "title",
    [
        "Stem cells heal broken hearts in mice", "Cells heal rats' spines", "Cure for diabetic dogs",
        "Drug repairs nerves in a dish", "Cell study restores vision", "생쥐에서 척수 손상 치료", "マウスの脊髄を治療",
        "Can stem cells cure blindness?",  # asks
        "Universities join forces on nerve research",  # claims nothing
        "The man who counts cells",
        "Journal withdraws heart-patch paper after the same image turns up twice",
        "Retraction: cells that heal hearts", "Journal retracts study on healing hearts",
        "University finds fraud in study of therapy", "Correction: cells that heal hearts",
    ],
)  # fmt: skip
def test_a_headline_that_says_so_or_claims_nothing_gets_no_warning(title: str) -> None:
    assert kinds(title=title, labels=[ANIMALS]) == []


def test_a_headline_without_the_label_gets_no_warning() -> None:
    assert kinds(title="Stem cells heal broken hearts") == []


def test_the_paper_that_says_that_the_work_was_in_animals_is_named() -> None:
    label = ANIMALS | {"component": f"evidence/2:{PAPER}", "sentence": ""}
    [found] = find_warnings(subject(title="Cells heal hearts", labels=[label], papers=[LINKED]))
    assert found.other == PAPER
    assert "as its paper says, “Cells in mice”" in found.why


def preprint(**given: object) -> Json:
    return LINKED | {"id": PREPRINT, "kind": "preprint", "title": "Cells in mice"} | given


@pytest.mark.parametrize(
    ("papers", "warned"),
    [
        ([preprint()], True),
        ([preprint(), preprint(id="doi:10.5555/another")], True),
        ([preprint(published=PAPER)], False),
        ([preprint(), LINKED], False),
        ([preprint(), LINKED | {"kind": ""}], False),  # a record that is not here may be a reviewed paper
        ([LINKED | {"kind": ""}], False),
        ([preprint(id=f"doi:10.5555/{n}") for n in range(4)], False),  # a round-up is about none in particular
        ([], False),
    ],
)
def test_it_rests_on_a_preprint_where_all_its_papers_are_unpublished(papers: list[Json], warned: bool) -> None:
    text = "A trial began. The work is on bioRxiv and has not been peer-reviewed. It is small."
    found = list(find_warnings(subject(text=text, papers=papers)))
    assert [one.kind for one in found] == ["rests on a preprint"] * warned
    if warned:
        assert found[0].sentence == "The work is on bioRxiv and has not been peer-reviewed."


CLOSED = {
    "text": QUOTE,
    "papers": [LINKED],
    "speeches": [{"start": 0, "end": 36, "speaker": "Ada Brook", "affiliation": None}],
    "people": [{"start": 42, "end": 51, "surface": "Ada Brook"}],
    "authors": [{"id": PAPER, "names": ["Brook A", "Ada M. Brook"], "affiliations": ["Harbour Institute, Harbour."]}],
}


def test_no_independent_voice_where_only_authors_are_quoted() -> None:
    [found] = find_warnings(subject(**CLOSED))
    assert (found.kind, found.other, found.sentence) == ("no independent voice", PAPER, QUOTE)
    assert "Ada Brook is an author of the paper" in found.why


def test_nobody_is_missing_in_what_only_a_feed_gave() -> None:
    assert kinds(**CLOSED, basis="feed") == []


def test_or_people_of_their_institution() -> None:
    speech = {"start": 0, "end": 36, "speaker": "Ida Reed", "affiliation": "Harbour Institute"}
    text = QUOTE.replace("Ada Brook", "Ida Reed of the Harbour Institute")
    people = [{"start": 42, "end": 50, "surface": "Ida Reed"}]
    [found] = find_warnings(subject(**CLOSED | {"text": text, "speeches": [speech], "people": people}))
    assert "an affiliation of the paper" in found.why


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "release"},  # a release quotes its own people always
        {"speeches": []},
        {"authors": []},
        {"authors": [{"id": PAPER, "names": [], "affiliations": ["Harbour Institute"]}]},
        {"authors": [{"id": PAPER, "names": ["Otto Brook"], "affiliations": []}]},
        {"text": QUOTE + " Ben Stone, who was not involved, called it early."},
        {"text": QUOTE + " Other scientists welcomed the result."},
        {"text": QUOTE + " The disease is common, according to eye doctors in Seoul."},
        {"text": QUOTE + " An independent board looked at the figures."},
        {"text": QUOTE + "\n\n“We would like to see that in twenty people,” the hospital said."},
        {
            "text": QUOTE + " Ben Stone said that it was early.",
            "people": [*cast(list[Any], CLOSED["people"]), {"start": 54, "end": 63, "surface": "Ben Stone"}],
        },
        {"text": QUOTE + " 연구에 참여하지 않은 김 교수는 이르다고 했다."},
    ],
)
def test_any_other_voice_or_doubt_is_enough_for_none(given: Json) -> None:
    assert kinds(**CLOSED | given) == []


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Marion Ashdown-Price", "Ashdown-Price M", True), ("Cho Ssang-Goo", "Ssang-Goo Cho", True),
        ("Dr Ada Brook", "Ada M. Brook", True), ("Marion Price", "Peter Price", False),
        ("Price", "Marion Price", False), ("Kim Min", "Kim Jun", False), ("Ada Brook", "Brook P", False),
    ],
)  # fmt: skip
def test_a_person_is_known_by_two_parts_of_the_name(name: str, other: str, same: bool) -> None:
    assert is_same_person(name, other) is same


@pytest.mark.parametrize(
    ("sentence", "abstract", "what"),
    [
        ("Coffee protects nerves from damage", "Coffee was associated with less damage of nerves.", "a link"),
        ("Vesicles heal diabetic wounds", "Vesicles may shorten the healing of diabetic wounds.", "possible"),
        ("Vesicles heal wounds", "Vesicles may shorten the healing of diabetic wounds.", None),  # too little in common
        ("Vesicles may heal wounds", "The results suggest that vesicles may shorten the healing of wounds.", None),
        ("Vesicles do not heal wounds", "Vesicles may shorten the healing of wounds.", None),
        ("Coffee is linked to healthy nerves", "Coffee was associated with less damage of nerves.", None),
        ("Vesicles heal wounds", "Vesicles shortened the healing of wounds. They may also help hair of mice.", None),
        ("Vesicles heal wounds", "Coffee was associated with less damage.", None),  # of something else
        ("A new way to heal wounds with vesicles", "Vesicles may shorten the healing of wounds.", None),
        ("Do vesicles heal wounds?", "Vesicles may shorten the healing of wounds.", None),
    ],
)  # fmt: skip
def test_a_gap_needs_a_sentence_of_the_paper_that_says_less(sentence: str, abstract: str, what: str | None) -> None:
    found = find_gap(sentence, "", abstract, find_matches)
    assert (found is None) if what is None else (found is not None and found.what.endswith(what))


def test_it_says_more_than_its_paper_with_the_sentence_of_both() -> None:
    less = "vesicles may shorten the healing of diabetic wounds"
    given = {
        "title": "Vesicles heal diabetic wounds", "papers": [LINKED],
        "labels": [GAP | {"sentence": "Vesicles heal diabetic wounds"}],
        "abstracts": {PAPER: f"Wounds heal slowly. We asked. We measured twice. The results suggest that {less}."},
    }  # fmt: skip
    [found] = find_warnings(subject(**given))
    assert (found.kind, found.other) == ("says more than its paper", PAPER)
    assert less in found.why
    assert kinds(**given | {"labels": []}) == []


def test_retracted_work_only_where_the_text_does_not_say_so() -> None:
    status = {"about": PAPER, "text": "A paper that it cites was retracted"}
    given: Json = {"title": "Company tests heart patch", "papers": [LINKED], "statuses": [status]}
    assert kinds(**given, text="The patch rests on a study of rabbits.") == ["rests on retracted work"]
    assert kinds(**given, text="The study was retracted in November.") == []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.save(Source(id="s", name="s", kind="news", country=None, lang="en", about="", licence="full",
                             home=None, scope="all", rules="{}"))  # fmt: skip
        yield work


def document(ident: str, kind: str, title: str = "Cells", text: str = "", extra: Json | None = None) -> Document:
    return Document(
        id=ident, entry=f"s:{ident}", source="s", kind=kind, url="https://s.example/", title=title, text=text,
        summary="", authors=(), lang="en", published="2026-05-01", published_from=None, dates=(), identifiers={},
        links=(), extra=extra or {}, licence="full", translated=None, state="current", capture="c",
        first_seen="2026-11-20T00:00:00Z", hash=f"{ident} {title} {text}",
    )  # fmt: skip


def link(src: str, dst: str, relation: str = "paper") -> Link:
    return Link(src=src, relation=relation, dst=dst, score=1.0, how="identifier", why="names it", component="links/1")


def label(facet: str, value: str, score: float = 0.9, of: str = NEWS) -> Label:
    return Label(
        document=of, facet=facet, value=value, score=score, sentence=MICE, start=0, end=9, component="evidence/2"
    )


def night(store: Store, monkeypatch: pytest.MonkeyPatch, at: str, *records: object) -> dict[str, Json]:
    """Save records, run the stage, and give the warnings by their kind."""
    monkeypatch.setenv("STEMWIRE_NOW", at)
    run = new_run(store, "test")
    with store.writing():
        store.save(*records)
    run_stage(warnings.stage(CONFIG), store, run)
    return {row["kind"]: row for row in store.rows("SELECT * FROM warning")}


def test_a_warning_keeps_when_it_was_known_and_goes_with_its_reason(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = {"people": [{"name": "Brook A"}], "affiliations": ["Harbour Institute, Harbour."]}
    news = document(NEWS, "news", "Cells heal hearts", QUOTE)
    first = night(
        store, monkeypatch, "2026-11-22T03:00:00Z", news, document(PREPRINT, "preprint", extra=extra),
        link(NEWS, PREPRINT), label("headline", "only in animals"), label("species", "mouse"),
        Quotation(document=NEWS, start=0, end=36, speaker="Ada Brook", affiliation=None, concept=None,
                  independent="no", why="", component="quotes/1"),
        Mention(document=NEWS, part="text", start=42, end=51, type="PERSON", surface="Ada Brook", concept=None,
                score=1.0, why="", component=""),
    )  # fmt: skip
    assert set(first) == {"headline leaves out animals", "rests on a preprint", "no independent voice"}
    assert "in mice" in first["headline leaves out animals"]["why"]
    second = night(
        store, monkeypatch, "2026-11-23T03:00:00Z", document(PAPER, "paper"), link(PREPRINT, PAPER, "published"),
        replace(news, text=QUOTE + " More.", hash="other"),
    )  # fmt: skip
    assert set(second) == {"headline leaves out animals", "no independent voice"}
    assert all(row["first_seen"] == first[kind]["first_seen"] for kind, row in second.items())


def test_only_news_releases_and_explainers_are_warned_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [document(kind, kind, "Cells heal hearts") for kind in ("paper", "preprint", "trial", "clinic")]
    labels = [label("headline", "only in animals", of=one.id) for one in others]
    unsure = document(NEWS, "news", "Cells heal hearts")
    found = night(
        store, monkeypatch, "2026-11-22T03:00:00Z", *others, *labels, unsure,
        label("headline", "only in animals", score=0.3),
        Fact(document="paper", kind="status", about="doi:10.5555/x", value="retracted", day=None, text="",
             first_seen=""),
    )  # fmt: skip
    assert found == {}

"""From a document to its links: statements, evidence, and nights of the stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Config, Crawl
from core.records import Document, Identity, Json
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import links
from relations.links.journal_names import Journals
from relations.links.literature import Paper
from relations.links.name_forms import find_institutions, list_author_forms, list_institution_forms
from relations.links.paper_finder import Found, News, PaperFinder
from relations.links.preprints import VersionFinder
from relations.links.scoring import Named, Work, quotes_title, score_named
from relations.links.stated_identifiers import find_statements, list_own_identifiers

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))


def said(
    title: str = "", text: str = "", urls: tuple[str, ...] = (), identifiers: Json | None = None
) -> dict[str, tuple[str, str, str]]:
    found = find_statements(title=title, text=text, links=urls, identifiers=identifiers or {}, own=frozenset())
    return {one.identifier: (one.relation, one.how, one.why) for one in found}


def test_identifiers_are_found_with_their_place() -> None:
    assert said("About NCT01234567", "First.\n\nSee doi:10.5555/x (PMID: 123).") == {
        "nct:NCT01234567": ("trial", "identifier", "names NCT01234567 in the title"),
        "doi:10.5555/x": ("paper", "identifier", "names doi:10.5555/x in paragraph 2"),
        "pmid:123": ("paper", "identifier", "names PubMed 123 in paragraph 2"),
    }


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("https://www.nature.com/articles/s41586-026-00001-x", "doi:10.1038/s41586-026-00001-x"),
        ("https://doi.org/10.5555/x", "doi:10.5555/x"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", "pmid:12345"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/", "pmcid:PMC1234567"),
        ("https://clinicaltrials.gov/study/NCT01234567", "nct:NCT01234567"),
        ("https://clinicaltrials.gov/ct2/show/NCT01234567?cond=x", "nct:NCT01234567"),
        ("https://www.isrctn.com/ISRCTN01234567", "isrctn:ISRCTN01234567"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/stem.3000", "doi:10.1002/stem.3000"),
        ("https://www.thelancet.com/journals/lancet/article/PIIS0140-6736(20)31103-X/fulltext",
         "doi:10.1016/s0140-6736(20)31103-x"),
        ("https://www.bmj.com/content/375/bmj.n2400", "doi:10.1136/bmj.n2400"),
        ("https://insight.jci.org/articles/view/123456", "doi:10.1172/jci.insight.123456"),
        ("https://europepmc.org/article/MED/12345", "pmid:12345"),
    ],
)  # fmt: skip
def test_addresses_of_papers_and_trials(url: str, identifier: str) -> None:
    ((found, (_, how, why)),) = said(urls=(url,)).items()
    assert (found, how) == (identifier, "address") and url in why


@pytest.mark.parametrize(
    "url", ["https://www.sciencedirect.com/science/article/pii/S0142961225000011", "https://gate.example/"]
)
def test_addresses_without_an_identifier(url: str) -> None:
    assert said(urls=(url,)) == {}


def test_the_first_reason_counts_and_own_identifiers_do_not() -> None:
    assert said(text="doi:10.5555/x", urls=("https://doi.org/10.5555/x",), identifiers={"doi": ["10.5555/X"]}) == {
        "doi:10.5555/x": ("paper", "identifier", "names doi:10.5555/x in paragraph 1")}  # fmt: skip
    own = list_own_identifiers("doi:10.5555/x", {"doi": ["10.5555/x"]})
    assert find_statements(title="", text="doi:10.5555/x", links=(), identifiers={}, own=own) == []
    assert said(identifiers={"pmid": ["77"], "orcid": ["0000-0002-1825-0097"]})["pmid:77"][1] == "statement"


def test_names_of_people_and_places_in_their_orders() -> None:
    assert {"cho ssang goo", "ssang goo cho", "cho ssanggoo"} <= set(list_author_forms("Ssang-Goo Cho"))
    assert list_author_forms("J Kim") == () and list_author_forms("OPAL") == ()
    assert list_institution_forms("Kyoto University") == ("kyoto university", "university of kyoto")
    assert find_institutions(["Department of Biology, Konkuk University, Seoul, Republic of Korea.", "Seoul"]) == (
        "Konkuk University",)  # fmt: skip
    assert find_institutions(["Institute of Anatomy, Seoul", "School of Medicine, Keio University"]) == (
        "Keio University",
    )


def test_six_words_of_a_title_in_a_row() -> None:
    title = "Vesicles from induced neural crest cells support repair"
    assert quotes_title(" they write of vesicles from induced neural crest cells today ", title)
    assert not quotes_title(" vesicles from induced neural cells crest ", title)


WORKS = [
    Work(id="doi:10.5555/nerve", title="Vesicles from neural crest cells support repair of peripheral nerve in mice",
         journal="acta neuropathologica", authors=("Ssang-Goo Cho", "Im Ae"), institutions=("Konkuk University",),
         published="2025-05-27"),
    Work(id="doi:10.5555/eye", title="Pigment epithelium in macular degeneration", journal="ophthalmic regeneration",
         authors=("Marion Ashdown-Price",), institutions=("Hallam Institute",), published="2026-11-17"),
    Work(id="doi:10.5555/nerve-two", title="Neural crest cells and the nerve: vesicles in rats", journal="cells",
         authors=("Tobias Quill",), institutions=("Keio University",), published="2025-04-01"),
]  # fmt: skip
TEXTS = [
    "Extracellular vesicles with nerve growth factor were injected in mice; axons and myelin grew, inflammation fell.",
    "Fifteen participants with geographic atrophy received one sheet beneath the retina and gained letters.",
    "Schwann cells took up vesicles of neural crest cells after nerve crush in rats.",
]


@pytest.fixture(scope="module")
def finder() -> PaperFinder:
    journals = Journals()
    for name in ("Acta Neuropathologica", "Ophthalmic Regeneration", "Cells"):
        journals.learn(name=name)
    papers = [Paper(id=work.id, title=work.title, text=text, journal=work.journal)
              for work, text in zip(WORKS, TEXTS, strict=True)]  # fmt: skip
    return PaperFinder(WORKS, papers, journals)


STORY = (
    "Vesicles from neural crest cells, with nerve growth factor, helped injured nerves of mice: axons and myelin grew. "
)


def find(finder: PaperFinder, text: str, day: str = "2025-06-18") -> Found:
    return finder.find(News(title="Nerves regrow", text=text, published=day))


def test_names_make_a_link_and_the_reason_says_which(finder: PaperFinder) -> None:
    found = find(
        finder,
        STORY + "It appeared in the journal Acta Neuropathologica, says Professor Cho Ssang-goo of Konkuk University.",
    )
    assert found.work == "doi:10.5555/nerve" and found.score > 0.95
    assert found.why.startswith(
        "names *Acta Neuropathologica*, author Cho Ssang-goo, Konkuk University; published May 27, 2025, within 30"
        " days; both mention "
    )


def test_words_alone_are_not_enough(finder: PaperFinder) -> None:
    found = find(finder, STORY)
    assert found.work is None and "its journal, its authors and their institutions are not named" in found.why


def test_an_author_quoted_on_another_subject_makes_no_link(finder: PaperFinder) -> None:
    text = "A football club opens a museum. “A fine day,” said Professor Cho Ssang-goo, who happened to pass by."
    assert find(finder, text).work is None


def test_a_journal_with_another_subject_makes_no_link(finder: PaperFinder) -> None:
    assert find(finder, "A survey of teachers appeared in the journal Acta Neuropathologica.").work is None


def test_a_paper_of_another_year_is_not_linked(finder: PaperFinder) -> None:
    named = STORY + "It appeared in the journal Acta Neuropathologica, says Cho Ssang-goo."
    assert find(finder, named, "2025-06-01").work and find(finder, named, "2028-06-01").work is None
    assert find(finder, named, "2024-06-01").work is None  # the paper came long after the news


def test_without_its_paper_the_news_is_not_identified(finder: PaperFinder) -> None:
    named = News(title="", text=STORY + "It appeared in Acta Neuropathologica.", published="2025-06-01")
    assert finder.find(named, without=frozenset({"doi:10.5555/nerve"})).work is None


def test_an_empty_literature_identifies_nothing() -> None:
    assert PaperFinder([], [], Journals()).find(News(title="a", text="b", published=None)).work is None


def test_each_thing_that_is_named_adds_to_the_odds() -> None:
    order = [Named(other_journal="B"), Named(), Named(institutions=("A",)), Named(journal="A", institutions=("A",)),
             Named(authors=("A",)), Named(authors=("A", "B"))]  # fmt: skip
    assert [score_named(named) for named in order] == sorted(score_named(named) for named in order)
    assert (
        score_named(Named(days=300))
        < score_named(Named())
        < score_named(Named(days=10))
        < score_named(Named(title=True))
    )
    assert score_named(Named(common=("A",))) < score_named(Named(authors=("A",)))


def test_a_preprint_finds_its_paper_by_title_and_authors() -> None:
    preprint = Work(id="doi:10.1101/1", title="Vesicles from neural crest cells support repair of the peripheral nerve",
                    journal=None, authors=("Cho S", "Ae Im"), institutions=(), published="2024-11-01")  # fmt: skip
    published = VersionFinder(WORKS)
    assert published.find(preprint).work is None  # Cho S has no surname in common: "Ssang" is the longest part
    whole = ("Ssang-Goo Cho", "Im Ae")
    found = published.find(Work(id="doi:10.1101/1", title=preprint.title, journal=None, authors=whole,
                                institutions=(), published="2024-11-01"))  # fmt: skip
    assert found.work == "doi:10.5555/nerve" and found.score >= 0.8 and "2 of 2 authors" in found.why
    late = Work(id="x", title=preprint.title, journal=None, authors=("Ssang-Goo Cho", "Im Ae"), institutions=(),
                published="2026-01-01")  # fmt: skip
    assert published.find(late).work is None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as work:
        yield work


def document(ident: str, kind: str = "news", *, text: str = "Text.", day: str = "2026-11-20", seen: str = "2026-11-21",
             title: str = "A title", extra: Json | None = None, authors: tuple[str, ...] = (),
             **more: object) -> Document:  # fmt: skip
    plain: Json = {
        "id": ident, "entry": ident, "source": "s", "kind": kind, "url": ident, "title": title, "text": text,
        "summary": "", "authors": authors, "lang": "en", "published": day, "published_from": None, "dates": (),
        "identifiers": {},
        "links": (), "extra": extra or {}, "licence": "full", "translated": None, "state": "current", "capture": "c",
        "first_seen": f"{seen}T00:00:00Z", "hash": json.dumps([title, text]),
    }  # fmt: skip
    return Document(**plain | more)


PAPER = document("doi:10.5555/nerve", "paper", title=WORKS[0].title, text=TEXTS[0], day="2026-11-10",
                 authors=("Ssang-Goo Cho",),
                 extra={"journal": "Acta Neuropathologica", "affiliations": ["Konkuk University, Seoul"]})  # fmt: skip
NEWS = document("https://gate.example/n", text=STORY + "It appeared in Acta Neuropathologica, says Cho Ssang-goo.")


def night(store: Store, monkeypatch: pytest.MonkeyPatch, at: str, *records: object) -> int:
    monkeypatch.setenv("STEMWIRE_NOW", f"{at}T03:00:00Z")
    run = new_run(store, "test")
    with store.writing():
        store.save(*records)
    return run_stage(links.stage(CONFIG), store, run).seen


def rows(store: Store, src: str = NEWS.id) -> list[tuple[str, str, str]]:
    return [(row["relation"], row["dst"], row["how"]) for row in store.rows("SELECT * FROM link WHERE src = ?", (src,))]


def test_news_that_came_before_its_paper_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    night(store, monkeypatch, "2026-11-21", NEWS)
    assert rows(store) == [("paper", "", "none")]
    assert night(store, monkeypatch, "2026-11-22") == 0
    assert night(store, monkeypatch, "2026-11-23", PAPER) == 2
    assert rows(store) == [("paper", PAPER.id, "evidence")]
    assert night(store, monkeypatch, "2026-11-24") == 0


def test_linked_news_is_not_due_when_other_papers_come(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    night(store, monkeypatch, "2026-11-21", NEWS, PAPER)
    other = document("doi:10.5555/other", "paper", title="Something else", day="2026-11-12")
    assert night(store, monkeypatch, "2026-11-22", other) == 1


def test_news_is_not_tried_again_after_a_year_nor_for_papers_of_other_years(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(store, monkeypatch, "2026-11-21", document(NEWS.id))
    old = document("doi:10.5555/old", "paper", title="Old work", day="2019-01-01")
    assert night(store, monkeypatch, "2026-11-22", old) == 1
    assert (
        night(store, monkeypatch, "2027-12-01", document("doi:10.5555/new", "paper", title="New", day="2026-11-11"))
        == 1
    )
    assert rows(store) == [("paper", "", "none")]


def test_a_link_to_an_identifier_follows_it_to_its_document(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    news = document(NEWS.id, text="The paper (PMID: 99000001) came out.")
    night(store, monkeypatch, "2026-11-21", news)
    assert rows(store) == [("paper", "pmid:99000001", "identifier")]
    tie = Identity(identifier="pmid:99000001", work="doi:10.5555/nerve", entry="e")
    assert night(store, monkeypatch, "2026-11-22", PAPER, tie) == 2
    assert rows(store) == [("paper", "doi:10.5555/nerve", "identifier")]
    assert night(store, monkeypatch, "2026-11-23") == 0


def test_a_link_by_evidence_goes_when_its_paper_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    night(store, monkeypatch, "2026-11-21", NEWS, PAPER)
    with store.writing():
        store.execute("DELETE FROM document WHERE id = ?", (PAPER.id,))
    assert night(store, monkeypatch, "2026-11-22") == 1
    assert rows(store) == [("paper", "", "none")]


def test_papers_link_to_trials_and_preprints_to_papers(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = document("doi:10.5555/p", "paper", identifiers={"doi": ["10.5555/p"], "nct": ["NCT01234567"]},
                     text="It cites doi:10.5555/cited.")  # fmt: skip
    preprint = document("doi:10.1101/1", "preprint", extra={"published_as": "10.5555/p"})
    told = document("doi:10.1101/2", "preprint")
    tells = document("doi:10.5555/q", "paper", extra={"preprint_of": "10.1101/2"})
    night(store, monkeypatch, "2026-11-21", paper, preprint, told, tells)
    assert rows(store, "doi:10.5555/p") == [("trial", "nct:NCT01234567", "statement")]
    assert rows(store, "doi:10.1101/1") == [("published", "doi:10.5555/p", "statement")]
    assert rows(store, "doi:10.1101/2") == [("published", "doi:10.5555/q", "statement")]


def test_a_published_version_that_comes_later_is_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    preprint = document("doi:10.1101/1", "preprint", title=WORKS[0].title, authors=("Ssang-Goo Cho",), day="2026-05-01")
    night(store, monkeypatch, "2026-11-21", preprint)
    assert rows(store, preprint.id) == []
    night(store, monkeypatch, "2026-11-22", PAPER)
    ((relation, target, how),) = rows(store, preprint.id)
    assert (relation, target, how) == ("published", PAPER.id, "evidence")
    assert night(store, monkeypatch, "2026-11-23") == 0


def test_notices_are_no_papers_that_news_can_be_about(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = document("doi:10.5555/r", "paper", title=f"Retraction: {WORKS[0].title}", text=TEXTS[0], day="2026-11-10",
                      authors=("Ssang-Goo Cho",),
                      extra={"journal": "Acta Neuropathologica", "types": ["Retraction Notice"]})  # fmt: skip
    night(store, monkeypatch, "2026-11-21", NEWS, notice)
    assert rows(store) == [("paper", "", "none")]


@pytest.mark.parametrize("ident", ["a-news", "z-news"])
def test_a_preprint_and_its_paper_are_no_rivals_in_whatever_order_they_come(
    store: Store, monkeypatch: pytest.MonkeyPatch, ident: str
) -> None:
    preprint = replace(PAPER, id="doi:10.1101/1", entry="p", kind="preprint", published="2026-11-09")
    news = replace(NEWS, id=ident, text=f"{NEWS.text[:-1]} of Konkuk University.")
    night(store, monkeypatch, "2026-11-21", preprint, PAPER, news)
    assert rows(store, preprint.id) == [("published", PAPER.id, "evidence")]
    ((relation, target, how),) = rows(store, ident)
    assert (relation, how) == ("paper", "evidence") and target in (PAPER.id, preprint.id)

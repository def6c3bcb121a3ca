"""Terms, journals and rankings: what news and papers have in common, on sentences of our own."""

from __future__ import annotations

import pytest

from relations.links.journal_names import Journals, find_journal_of_doi, fold
from relations.links.literature import Literature, Paper, load_weights
from relations.links.words import americanise, find_terms, load_bridges, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tumour", "tumors"), ("haemoglobin", "hemoglobin"), ("randomised", "randomized"), ("paralysed", "paralyzed"),
        ("paediatric", "pediatric"), ("transplanted", "transplantation"), ("neurons", "neuron"), ("cells", "cell"),
    ],
)  # fmt: skip
def test_spellings_and_endings_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["process", "ten", "gas", "msc", "10th"])
def test_short_words_and_double_s_stay(word: str) -> None:
    assert americanise(word) == word and len(stem(word)) >= min(3, len(word))


@pytest.mark.parametrize(
    ("one", "other", "term"),
    [
        ("after a heart attack", "following myocardial infarction", "~heart-attack"),
        ("in mice", "a murine model", "~mouse"),
        ("iPS cells", "induced pluripotent stem cells", "~ips"),
        ("7,000 people", "n = 7000", "#7000"),
        ("3.6 % decline", "decline of 3·6 %", "#3.6"),
        ("twelve patients", "12 patients", "#12"),
        ("SARS - CoV-2 spread", "SARS-CoV-2", "sarscov2"),
    ],
)
def test_wordings_of_one_thing_share_a_term(one: str, other: str, term: str) -> None:
    assert term in set(find_terms(one)) and term in set(find_terms(other))


def test_words_of_the_genre_give_no_term() -> None:
    assert not [term for term in find_terms("Researchers said the study was published, according to scientists")
                if "_" not in term]  # fmt: skip


def test_every_bridge_joins_at_least_two_wordings() -> None:
    groups: dict[str, int] = {}
    for group in (group for both in load_bridges().values() for group in both):
        groups[group] = groups.get(group, 0) + 1
    assert len(groups) > 200 and not [group for group, wordings in groups.items() if wordings < 2]


@pytest.fixture
def journals() -> Journals:
    known = Journals()
    known.learn(name="Acta neuropathologica", abbreviation="Acta Neuropathol", issn=["1432-0533", "0001-6322"])
    known.learn(name="Nature", issn=["1476-4687"])
    known.learn(name="Nature medicine", abbreviation="Nat Med")
    known.learn(name="Blood")
    known.learn(name="Emergency medicine")
    known.learn(name="The Journal of Hallam Regeneration")
    return known


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The work appeared in the journal Acta Neuropathologica on May 27.", ["Acta Neuropathologica"]),
        ("Acta Neuropathologica, a journal published in Germany, put it online.", ["Acta Neuropathologica"]),
        ("Published in Nature Medicine on Monday.", ["Nature Medicine"]),
        ("Their paper was published in Nature.", ["Nature"]),
        ("Writing in the journal Blood, they say so.", ["Blood"]),
        ("as reported in the Journal of Hallam Regeneration", ["Journal of Hallam Regeneration"]),
        ("Nature is cruel, and blood was drawn. Blood was tested.", []),
        ("published in Academic Emergency Medicine", []),
        ("Published in Nature Something Else this week", []),
    ],
)
def test_a_journal_is_named_where_a_journal_is_meant(journals: Journals, text: str, names: list[str]) -> None:
    assert [journal.name for journal in journals.find(text).values()] == names


def test_one_journal_has_one_key_whoever_names_it(journals: Journals) -> None:
    assert journals.learn(name="Acta Neuropathologica") == journals.learn(abbreviation="Acta Neuropathol")
    assert journals.learn(issn=["0001-6322"]) == "issn:1432-0533"
    assert journals.learn(doi="10.1038/s41591-026-00001-x") == journals.learn(name="Nature Medicine")
    assert journals.learn() is None


def test_dois_tell_their_journal() -> None:
    assert find_journal_of_doi("10.1007/s00401-025-02888-1") == ("Acta Neuropathologica",)
    assert find_journal_of_doi("10.5555/x") is None
    assert fold("The Lancet & Co.: Neurology") == "lancet and co neurology"


PAPERS = [
    Paper(id="heart", title="Cardiomyocyte patches after myocardial infarction in pigs",
          text="Engineered patches reduced scar size in 12 animals and improved ejection fraction."),
    Paper(id="nerve", title="Vesicles from neural crest cells support repair of peripheral nerve",
          text="Extracellular vesicles with nerve growth factor were injected in mice; axons grew."),
    Paper(id="eye", title="Retinal pigment epithelium in macular degeneration",
          text="Fifteen participants gained letters."),
]  # fmt: skip


def test_lay_words_find_the_technical_paper() -> None:
    literature = Literature(PAPERS)
    found = literature.rank("A patch for the heart: after a heart attack, the scar shrank in twelve pigs")
    assert literature.papers[found[0].at].id == "heart" and found[0].lead > 0
    assert found[0].sure > literature.rank("A patch of land")[0].sure if literature.rank("A patch of land") else True


def test_what_shares_nothing_ranks_nothing() -> None:
    assert Literature(PAPERS).rank("Zug um Zug") == [] and Literature([]).rank("heart") == []


def test_words_that_are_shown_are_words_of_the_news() -> None:
    shared = Literature(PAPERS).find_shared("Vesicles, tiny bubbles, were injected into Mice.", 1)
    assert "vesicles" in shared and "injected" in shared and "bubbles" not in shared


def test_the_weights_say_where_they_come_from() -> None:
    weights = load_weights()
    assert len(weights.rank) == 13 and len(weights.sure) == 4 and len(weights.corpus) == 64
    assert "licence" in weights.to_json()

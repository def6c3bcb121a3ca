"""Names of concepts, how many things go by each, and what is wider than a concept."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import load_config
from core.records import Concept, ConceptName, Wider
from core.stage import Done, Skipped, run_stage
from core.store import new_run, open_store
from nlp.entities.typefiles import EntityType
from nlp.names import lexicon_names
from nlp.names.hierarchy import Hierarchy, load_hierarchy
from nlp.names.lexicon_names import Meaning, Names, count_senses, find_how, key_of, load_names
from nlp.names.stage import OWN, build_step, name_concept, stage
from publish.search.own_key import is_own, name_in, own_key

HEAD = "surface\tconcept\tlang\tsource\tlicence\tflags\n"
TREE = Hierarchy(nearest={"X:3": ("X:2",), "X:2": ("X:1",)}, classes=frozenset({"X:1"}))


@pytest.fixture(scope="module")
def names() -> Names:
    return load_names()


@pytest.fixture(scope="module")
def senses(names: Names) -> dict[str, dict[str, int]]:
    """Key -> concepts of that name, journals left out, each with its senses."""
    found: dict[str, dict[str, int]] = {}
    for concept, rows in names.names.items():
        if names.types[concept] != "JOURNAL":
            for row in rows:
                found.setdefault(key_of(row[0]), {})[concept] = row[3]
    return found


def meant(senses: dict[str, dict[str, int]], typed: str) -> set[str]:
    """The concepts that a typed name means when nothing says otherwise."""
    return {concept for concept, number in senses.get(key_of(typed), {}).items() if number == 1}


@pytest.mark.parametrize(
    ("typed", "concept"),
    [
        ("heart attack", "MONDO:0005068"), ("Myocardial infarction", "MONDO:0005068"), ("심근경색", "MONDO:0005068"),
        ("kidney failure", "MONDO:0001106"), ("stroke", "MONDO:0005098"), ("iPS cells", "EFO:0004905"),
        ("iPSC", "EFO:0004905"), ("유도만능줄기세포", "EFO:0004905"), ("만능줄기세포", "CL:0002248"),
        ("人工多能性幹細胞", "EFO:0004905"), ("MSC", "CL:0000134"), ("exosomes", "GO:0070062"),
        ("건국대학교", "ROR:025h1m602"), ("diabetes", "MONDO:0005015"), ("Korea", "ISO3166:KR"),
        ("AMD", "MONDO:0005150"), ("CNS", "UBERON:0001017"),
        ("macular degeneration", "MONDO:0003004"),
    ],
)  # fmt: skip
def test_an_everyday_name_means_its_concept(senses: dict[str, dict[str, int]], typed: str, concept: str) -> None:
    assert meant(senses, typed) == {concept}


def test_a_name_that_is_used_for_a_wider_thing_means_that_one() -> None:
    row = {"key": "GO:0070062", "type": "CELL_TYPE", "name": "extracellular exosome", "origin": "t", "wider": {}}
    result = build_step()(row)
    assert isinstance(result, Done)
    assert {one.senses for one in result.records if isinstance(one, ConceptName)} == {2}


def test_things_without_identifier_in_the_hand_list_have_keys_as_an_edition_makes_them() -> None:
    tree = load_hierarchy()
    own = {one for concept, wider in tree.nearest.items() for one in (concept, *wider) if one.startswith(OWN)}
    assert "MONDO:0005150" in tree.find_wider("stemwire:disease-geographic-atrophy")
    for concept in own - {one for one in own if not is_own(one)}:
        type_ = concept.removeprefix(OWN).partition("-")[0]
        assert own_key(type_, name_in(concept)) == concept


@pytest.mark.parametrize("typed", ["EV", "PD", "RPE"])
def test_an_ambiguous_short_form_means_nothing_by_itself(senses: dict[str, dict[str, int]], typed: str) -> None:
    assert senses[key_of(typed)]
    assert not meant(senses, typed)


@pytest.mark.parametrize("word", ["a", "h", "cell", "disease", "the", "cancer-prone", "organ"])
def test_a_word_that_is_no_name_names_nothing(senses: dict[str, dict[str, int]], word: str) -> None:
    assert not meant(senses, word)


def lexicon(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> EntityType:
    """A type with lexicons of our own."""
    monkeypatch.setattr(lexicon_names, "LEXICONS", folder)
    for name, body in files.items():
        (folder / f"{name}.tsv").write_text(HEAD + body, "utf-8")
    return EntityType(
        name="cell_type", label="CELL_TYPE", about="x", component="lexicon", urls={}, options={},
        lexicons=tuple(f"{name}.tsv" for name in files), stop=("cells",),
    )  # fmt: skip


def test_a_later_lexicon_corrects_an_earlier_one_and_silent_names_are_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = lexicon(
        tmp_path, monkeypatch,
        first="cone\tX:1\ten\tt\tt\tlabel\nrod\tX:2\ten\tt\tt\t\ncells\tX:2\ten\tt\tt\t\ngone\tX:2\ten\tt\tt\t\n",
        second="cone\tX:3\ten\tt\tt\tkeep\nROD\tX:2\ten\tt\tt\talias,short,silent\n"
        "a falling rod\tX:2\ten\tCRAFT\tt\talias,silent\ngone\t\ten\tt\tt\tdrop\n",
    )  # fmt: skip
    found = {(meaning.name, meaning.concept) for meaning in lexicon_names.read_type(one)}
    assert found == {("cone", "X:3"), ("cone", "X:1"), ("rod", "X:2"), ("ROD", "X:2")}  # X:1 has it as its label


def a_meaning(concept: str, name: str = "gut", **more: object) -> Meaning:
    plain = {"type": "ANATOMY", "lang": "en", "how": find_how(name, ()), "default": False, "silent": False,
             "alone": True, "origin": "t"}  # fmt: skip
    return Meaning(concept=concept, name=name, **(plain | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("group", "senses"),
    [
        ((a_meaning("X:8"), a_meaning("X:9")), [2, 2]),
        ((a_meaning("X:8"), a_meaning("")), [2, 2]),  # a thing without an identifier is one, too
        ((a_meaning("X:8", default=True), a_meaning("X:9")), [1, 2]),
        ((a_meaning("X:8", how="label"), a_meaning("X:9")), [1, 2]),
        ((a_meaning("X:3"), a_meaning("X:2")), [2, 1]),  # X:2 is wider than X:3
        ((a_meaning("X:8"), a_meaning("X:9", type="JOURNAL")), [1, 2]),
        ((a_meaning("X:8", "EV", silent=True, alone=False),), [2]),
        ((a_meaning("X:8", "MSC", silent=True, alone=False),), [1]),
    ],
)
def test_senses_are_counted_but_not_for_the_one_that_is_meant(group: tuple[Meaning, ...], senses: list[int]) -> None:
    assert [count_senses(one, group, TREE) for one in group] == senses


def test_wider_concepts_are_found_over_all_steps_without_mere_classes() -> None:
    assert TREE.find_wider("X:3") == {"X:2": 1}
    assert TREE.find_wider("X:3", "KR") == {"X:2": 1, "ISO3166:KR": 1}


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("MONDO:0005147", "MONDO:0005015"),  # type 1 diabetes: diabetes
        ("MONDO:0100114", "MONDO:0003004"),  # dry age-related macular degeneration: macular degeneration
        ("MONDO:0005059", "MONDO:0004992"),  # leukemia: cancer
        ("UBERON:0000966", "UBERON:0000970"),  # retina: eye
        ("EFO:0004905", "CL:0002248"),  # induced pluripotent stem cell: pluripotent stem cell
        ("GO:0070062", "GO:1903561"),  # exosome: extracellular vesicle
        ("CL:0000084", "CL:0000738"),  # T cell: leukocyte
    ],
)
def test_a_kind_or_part_is_under_what_people_ask_for(narrow: str, wide: str) -> None:
    assert wide in load_hierarchy().find_wider(narrow)


def test_no_class_that_holds_nearly_everything_is_wider_than_anything() -> None:
    classes = {"MONDO:0000001", "MONDO:0700096", "CL:0000000", "UBERON:0000062", "UBERON:0000479", "UBERON:0001062"}
    tree = load_hierarchy()
    assert not any(classes & tree.find_wider(concept).keys() for concept in tree.nearest)


def test_a_concept_gets_its_names_those_used_for_it_and_what_is_wider() -> None:
    row = {"key": "GO:1903561", "type": "CELL_TYPE", "name": "vesicle of ours", "origin": "t", "wider": {"X:1": 2}}
    result = build_step()(row)
    assert isinstance(result, Done)
    how = {one.name: one.how for one in result.records if isinstance(one, ConceptName)}
    assert (how["vesicle of ours"], how["細胞外小胞"], how["exosome"]) == ("label", "name", "used")
    assert [one for one in result.records if isinstance(one, Wider)] == [
        Wider(concept="GO:1903561", wider="X:1", steps=2)
    ]


def test_what_no_lexicon_has_and_no_document_names_is_skipped(names: Names) -> None:
    row = {"key": "X:77", "type": "", "name": "", "origin": "", "wider": {}}
    assert isinstance(name_concept(row, names=names), Skipped)  # type: ignore[arg-type]


def test_the_stage_names_wider_concepts_too_and_withdraws_what_is_no_longer_mentioned(tmp_path: Path) -> None:
    config = load_config(Path(__file__).parents[2] / "config.toml")
    type1 = Concept(
        id="MONDO:0005147", type="DISEASE", name="type 1 diabetes mellitus", country=None, url=None, origin="t"
    )
    with open_store(tmp_path / "work.db", "work") as work:
        run = new_run(work, "names")
        with work.writing():
            work.save(type1)
        run_stage(stage(config), work, run)
        named = {one.concept for one in work.load(ConceptName, "name = ?", ("diabetes",))}
        assert named == {"MONDO:0005015"}
        assert work.load(Wider, "concept = ? AND wider = ?", (type1.id, "MONDO:0005015"))
        with work.writing():
            work.execute("DELETE FROM concept")
        run_stage(stage(config), work, run)
        assert not work.load(ConceptName, "name = ?", ("diabetes",))
        assert not work.load(Wider, "concept = ?", (type1.id,))

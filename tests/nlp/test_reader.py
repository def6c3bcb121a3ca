"""The reader on whole documents: offsets, title and text as one, bad input, determinism."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from nlp.entities import Reader, Reading, load
from tests.limits import cpu_limit

ROOT = Path(__file__).resolve().parents[2]


def read(reader: Reader, text: str, *, title: str = "", country: str | None = None) -> Reading:
    return reader.read(document="d", title=title, text=text, lang="en", country=country)


def held(reading: Reading, title: str, text: str) -> bool:
    return all(
        m.surface == (title if m.part == "title" else text)[m.start : m.end] and m.start < m.end
        for m in reading.mentions
    )


def test_offsets_are_those_of_the_stored_title_and_text(reader: Reader) -> None:
    title = "MSCs   against lupus"
    text = (
        'A "quote"'
        + '"' * 400
        + "\n\n  Mesenchymal  stem\ncells (MSCs)\u00a0help in Crohn’s   disease. \ud800 Lupus, again."
    )
    reading = read(reader, text, title=title)
    assert held(reading, title, text)
    assert [(m.part, m.surface) for m in reading.mentions] == [
        ("title", "MSCs"), ("title", "lupus"), ("text", "Mesenchymal  stem\ncells"), ("text", "MSCs"),
        ("text", "Crohn’s   disease"), ("text", "Lupus"),
    ]  # fmt: skip
    assert reading.mentions[0].concept == "CL:0000134"


def test_abbreviation_explained_in_the_text_holds_in_the_title(reader: Reader) -> None:
    reading = read(reader, "Extracellular vesicles (EVs) were made.", title="EVs mend nerves")
    first = reading.mentions[0]
    assert (first.part, first.surface, first.concept) == ("title", "EVs", "GO:1903561")
    assert "abbreviation of 'Extracellular vesicles' in this document" in first.why


def test_nothing_is_found_across_paragraphs_or_from_title_to_text(reader: Reader) -> None:
    assert not [m for m in read(reader, "dystrophy", title="muscular").mentions if m.type == "DISEASE"]
    assert not [m for m in read(reader, "muscular\n\ndystrophy").mentions if m.type == "DISEASE"]
    assert [m.surface for m in read(reader, "muscular\ndystrophy").mentions] == ["muscular\ndystrophy"]


def test_every_mention_says_who_found_it_and_why_it_links_or_not(reader: Reader) -> None:
    text = "Konkuk University, Sampleton Valley Cell Institute, lupus, MSCs, NCT01234567 and urine cells."
    reading = read(reader, text, country="KR")
    assert len(reading.mentions) >= 6
    concepts = {concept.id: concept for concept in reading.concepts}
    for mention in reading.mentions:
        assert re.fullmatch(r"[a-z]+/\d+", mention.component)
        assert mention.why
        assert (mention.concept is None) == (mention.score == 0.0)
        if mention.concept is not None:
            assert concepts[mention.concept].type == mention.type
    konkuk = concepts["ROR:025h1m602"]
    assert (konkuk.name, konkuk.country, konkuk.url) == ("Konkuk University", "KR", "https://ror.org/025h1m602")
    assert konkuk.origin.endswith("CC0 1.0")


def test_institutes_of_one_name_need_a_country(reader: Reader) -> None:
    name = "National Health Research Institute"
    (alone,) = read(reader, f"The {name} said so.").mentions
    assert alone.concept is None
    assert "institutes share this name" in alone.why
    (korean,) = read(reader, f"The {name} said so.", country="KR").mentions
    assert korean.concept == "ROR:00qdsfq65"


def test_a_found_name_is_found_in_its_repeats(reader: Reader) -> None:
    text = "It was published in Regenerative Medicine. They sent it to Regenerative Medicine in May."
    assert [m.surface for m in read(reader, text).mentions if m.type == "JOURNAL"] == ["Regenerative Medicine"] * 2
    assert not read(reader, "They teach Regenerative Medicine in May.").mentions


def test_same_input_same_output(reader: Reader) -> None:
    text = "Seoul National University grew neural crest cells for Rett syndrome [Source: Hepatology]."
    assert read(reader, text) == read(reader, text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\n", "\x00\x01", "\ud800", "🧬" * 5000, "مرض باركنسون و خلايا جذعية", "\u202eesaesid s'nosnikraP",
        '"' * 20_000, "'\"" * 10_000, "(" * 30_000, "a" * 200_000, "줄기세포" * 20_000, "((((MSC" * 9000, ". " * 60_000,
        "Journal of " * 9000, "University of " * 9000, "A B " * 20_000, "and, " * 20_000,
        "İstanbul İ" * 500, "&lt;p&gt;" * 900,
    ],
)  # fmt: skip
def test_bad_text_ends_in_bounded_time_and_loses_nothing(reader: Reader, text: str) -> None:
    with cpu_limit(300):  # what is quadratic takes longer
        reading = read(reader, text, title=text[:50])
        assert held(reading, text[:50], text)


def test_five_megabytes_in_one_line_are_read_up_to_the_cap(reader: Reader) -> None:
    text = "neural crest cells and lupus " * 180_000
    reading = read(reader, text)
    assert len(text) > 5_000_000
    assert reading.unread == len(text) + 2 - 100_000
    assert held(reading, "", text)
    assert max(m.end for m in reading.mentions) > 99_000


def test_names_after_runs_of_marks_are_found_where_they_stand(reader: Reader) -> None:
    text = "!" * 20_000 + " lupus " + "-=" * 9000 + " Rett syndrome"
    assert [(m.surface, text[m.start : m.end]) for m in read(reader, text).mentions] == [
        ("lupus", "lupus"), ("Rett syndrome", "Rett syndrome"),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=60),
    st.lists(st.sampled_from(["lupus", "MSC", "(", ")", "stem cells", "Cell", "\n", "  ", "…",
                              "は", "줄기세포", "İ", "\ud812"]))
)  # fmt: skip
def test_any_string_keeps_its_offsets(reader: Reader, title: str, parts: list[str]) -> None:
    text = " ".join(parts)
    assert held(read(reader, text, title=title), title, text)


def test_config_is_checked() -> None:
    with pytest.raises(ConfigError, match="unknown key 'max_char'"):
        load({"max_char": 1})
    with pytest.raises(ConfigError, match="no entity type 'gene'"):
        load({"types": ["gene"]})


def test_fewer_types_are_another_version(reader: Reader, tmp_path: Path) -> None:
    few = load({"types": ["species"], "compiled": str(tmp_path)})
    assert few.version != reader.version
    assert {m.type for m in read(few, "A mouse with lupus").mentions} == {"SPECIES"}


def test_concepts_have_names_and_no_cell_is_an_id(reader: Reader) -> None:
    concepts = list(reader.concepts())
    assert len(concepts) > 50_000
    assert len({concept.id for concept in concepts}) == len(concepts)
    assert all(concept.name and concept.origin and ":" in concept.id for concept in concepts)


def test_importing_the_room_does_not_load_spacy() -> None:
    import subprocess

    code = "import sys, nlp.entities; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

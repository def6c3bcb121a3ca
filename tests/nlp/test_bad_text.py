"""Text that nobody should write: read in bounded time and memory, and the names in it are found where they are.

`test_reader.py` holds the shorter list of single strings; here noise surrounds names, and runs of it are long.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from nlp.entities import Reader
from nlp.entities.boundaries import may_stand
from nlp.entities.clean_text import clean_text
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import load_vocabulary
from tests.limits import cpu_limit

GUARD = 300  # CPU seconds; what is quadratic takes longer
HEAD = "surface\tconcept\tlang\tsource\tlicence\tflags\n"

NOISE = {
    "quote marks": "“”‘’\"'«»„‚" * 900,
    "one quote mark": "”" * 20_000,
    "corner brackets": "「『」』" * 1200,
    "open brackets": "([{<" * 1200,
    "dots and dashes": ".-…—" * 1200,
    "emoji": "🧬🔬🐭" * 1200,
    "families of emoji": "👩🏽\u200d🔬👨\u200d👩\u200d👧\u200d👦" * 800,
    "flags": "🇰🇷🇯🇵🇨🇳" * 1500,
    "stacked accents": "Z" + "\u0301\u0323" * 2500,
    "Arabic": "خلايا جذعية من نخاع العظم " * 400,
    "Hebrew with marks of direction": "\u202b\u200fתאי גזע\u200f\u202c " * 800,
    "turned around": "\u202e\u2067sllec mets\u2069\u202c " * 800,
    "lone surrogates": "\ud83e\udd20\ud800\udfff" * 1200,
    "controls": "\x00\x01\x1f\x7f\x85\ufeff\ufffe" * 900,
    "blanks of all kinds": "\u00a0\u2003\u200b\u3000\t \u2028" * 900,
    "line ends": "\r\n\r\n\n\r\x0b\x0c" * 900,
    "tags": "<div class='x'><p>&nbsp;&amp;nbsp;</p><!-- a --></div>" * 400,
    "open tags": "<script>if(a<b){<" * 800,
    "entities": "&#x202e;&lt;&amp;amp;&quot;&#0;" * 800,
    "addresses": "https://example.org/?a=%F0%9F%A7%AC&b=%%%/" * 400,
    "numbers": "12,345.67-89/10 " * 1500,
    "mixed scripts": "аПαж가ナ漢ไทยहिं " * 1200,
    "Korean without spaces": "이라고이라고이라고이었다" * 900,
    "kana without end": "ラットフォーム" * 1200,
    "Chinese without end": "干干细细胞胞的" * 1200,
}
NAMES = [
    ("lupus", "DISEASE", "MONDO:0007915"),
    ("Rett syndrome", "DISEASE", "MONDO:0010726"),
    ("줄기세포", "CELL_TYPE", "CL:0000034"),
    ("間葉系幹細胞", "CELL_TYPE", "CL:0000134"),
    ("帕金森病", "DISEASE", "MONDO:0005180"),
]


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_names_are_found_where_they_stand_in_any_noise(noise: str, reader: Reader) -> None:
    text = noise + "\n\n" + " , ".join(name for name, _, _ in NAMES) + " .\n\n" + noise[:2000]
    with cpu_limit(GUARD):
        reading = reader.read(document="d", title=noise[:80], text=text)
    for mention in reading.mentions:
        part = text if mention.part == "text" else noise[:80]
        assert part[mention.start : mention.end] == mention.surface
    found = {(m.surface, m.type, m.concept) for m in reading.mentions}
    assert set(NAMES) <= found


@pytest.mark.parametrize("line", ["干细胞"])
def test_five_megabytes_in_one_line_take_bounded_memory(line: str, reader: Reader) -> None:
    text = line * (5_000_000 // len(line) + 1)
    tracemalloc.start()
    try:
        reader.read(document="d", title="", text=text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 400_000_000


@pytest.mark.parametrize("line", ["줄기세포치료제를", "ラットモデル", '"', "\ud800", "<b>", " "])
def test_five_megabytes_in_one_line_take_bounded_time(line: str, reader: Reader) -> None:
    text = line * (5_000_000 // len(line) + 1)
    with cpu_limit(GUARD):
        reading = reader.read(document="d", title="", text=text)
    assert reading.unread == len(text) + 2 - 100_000, "what is past the cap is counted"
    assert all(text[m.start : m.end] == m.surface for m in reading.mentions)


@pytest.mark.parametrize(
    ("title", "text"),
    [("", ""), ("", "\ud800"), ("\ud800", ""), (" ", "\n"), ("\u200b", "\ufeff"), ("lupus", ""), ("", "lupus")],
)
def test_next_to_nothing(title: str, text: str, reader: Reader) -> None:
    reading = reader.read(document="d", title=title, text=text)
    assert [m.surface for m in reading.mentions] == (["lupus"] if "lupus" in title + text else [])
    assert reading.unread == 0


def test_left_overs_of_a_page_are_no_part_of_a_name(reader: Reader) -> None:
    text = (
        "<p>Konkuk&nbsp;University grew <b>neural crest cells</b> for<br>Rett syndrome.</p>"
        '<script>var a = "lupus_erythematosus";</script> 건국대학교는<br/>유도만능줄기세포를 '
        "&lt;em&gt;京都大学&lt;/em&gt;で"
    )
    surfaces = {m.surface for m in reader.read(document="d", title="", text=text).mentions}
    assert {"neural crest cells", "Rett syndrome", "건국대학교", "유도만능줄기세포", "京都大学"} <= surfaces
    assert not any("<" in surface or "&" in surface for surface in surfaces)


def test_a_name_in_three_scripts_and_two_directions(reader: Reader) -> None:
    text = "أعلنت Kyoto University (京都大学, 교토대학교) عن علاج Parkinson's disease 파킨슨병 パーキンソン病 帕金森病."
    found = [(m.type, m.concept) for m in reader.read(document="d", title="", text=text).mentions]
    assert found.count(("INSTITUTION", "ROR:02kpeqv85")) == 3
    assert found.count(("DISEASE", "MONDO:0005180")) == 4


def test_a_surrogate_inside_a_name_hides_the_name_and_no_other(reader: Reader) -> None:
    text = "lup\ud800us, lupus\udfff and 줄기\ud800세포, 줄기세포\udfff를"
    surfaces = [m.surface for m in reader.read(document="d", title="", text=text).mentions]
    assert surfaces.count("lupus") == 1
    assert surfaces.count("줄기세포") >= 1


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_squeezing_any_text_leads_back(text: str) -> None:
    short = clean_text(text, most=250)
    assert len(short.text) <= 250
    assert not any("\ud800" <= char <= "\udfff" for char in short.text)
    for at in range(len(short.text)):
        start, end = short.stored_span(at, at + 1)
        assert end == start + 1 <= len(text)


@given(st.text(alphabet="가나이라고은는에서줄기세포ラマウスがのん脳肺在的a1 ", min_size=1, max_size=40), st.data())
def test_boundaries_answer_for_any_span(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert may_stand(text, start, end) in {True, False}


def make_type() -> EntityType:
    return EntityType(
        name="fever", label="FEVER", about="a", component="lexicon", lexicons=("a.tsv",), urls={}, options={}
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("grey fever\tA:1\ten\tx\ty", "a.tsv line 3: 5 cells, not 6"),
        ("grey fever\tA:1\ten\tx\ty\t\t", "a.tsv line 3: 7 cells, not 6"),
        ("\tA:1\ten\tx\ty\t", "a.tsv line 3"),
        ("grey fever\tA1\ten\tx\ty\t", "a.tsv line 3: concept 'A1' has no prefix"),
        ("grey fever\tA:1\ten\tx\ty\tlabe1", "a.tsv line 3: unknown flag 'labe1'"),
    ],
)
def test_a_broken_row_stops_the_compiling_and_leaves_no_half_of_it(row: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(HEAD + "red fever\tA:2\ten\tx\ty\tlabel\n", encoding="utf-8")
    cache = tmp_path / "compiled"
    load_vocabulary((make_type(),), tmp_path, cache)
    kept = sorted(cache.iterdir())
    (tmp_path / "a.tsv").write_text(HEAD + "red fever\tA:2\ten\tx\ty\tlabel\n" + row + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_vocabulary((make_type(),), tmp_path, cache)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(cache.iterdir()) == kept


def test_a_torn_pickle_of_names_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(HEAD + "red fever\tA:2\ten\tx\ty\tlabel\n", encoding="utf-8")
    cache = tmp_path / "compiled"
    load_vocabulary((make_type(),), tmp_path, cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:40])
    assert len(load_vocabulary((make_type(),), tmp_path, cache)) == 1

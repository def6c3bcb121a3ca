"""Plain text: cleaned, counted, cut and named."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import fingerprint, headline, one_line, paragraphs, slug, squeeze_runs, tidy


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  a \t b\u00a0\u3000c ", "a b c"),
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("one\n\n \n\n\ntwo", "one\n\ntwo"),
        ("\x00\x01a\x1b[0mb\x7f\x9fc", "a[0mbc"),
        ("evil\u202etxt.exe\u2066x\u2069\u200f", "eviltxt.exex"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark\u2060", "softhyphen zerowidth mark"),
        ("lone \ud800surrogate\udfff", "lone surrogate"),
        ("e\u0301", "é"),
        ("\u1100\u1161", "가"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("a\u200db\u200c", "ab"),
        ("줄기\u200b세포", "줄기세포"),
        ("tag\U000e0041s", "tags"),
    ],
)
def test_tidy(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@given(st.text(st.characters(), max_size=200))
def test_tidy_is_idempotent_and_clean(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    once.encode("utf-8")
    assert "\n\n\n" not in once and "  " not in once
    assert all(unicodedata.category(char) not in ("Cc", "Cs") for char in once if char != "\n")
    assert "\n" not in one_line(text)


def test_paragraphs() -> None:
    assert paragraphs("One\nline.\n \n\nTwo.\r\n\r\n\n") == ("One line.", "Two.")
    assert paragraphs(" \n ") == ()


def test_squeeze_runs() -> None:
    assert squeeze_runs("a" + "\"'" * 5000 + "b") == "a" + "\"'" * 7 + '"' + "b"
    assert squeeze_runs("wait" + "." * 15) == "wait" + "." * 15
    assert squeeze_runs("_" * 40 + " x" * 40, limit=3) == "___" + " x" * 40
    with pytest.raises(ValueError, match="at least 1"):
        squeeze_runs("x", limit=0)


def test_fingerprint_counts_place_length_and_absence() -> None:
    said = [
        ("ab", "c"),
        ("a", "bc"),
        ("abc",),
        ("abc", ""),
        ("abc", None),
        ("", "abc"),
        (),
        ("",),
        (None,),
        ("1:a;",),
        ("a", ""),
    ]
    assert len({fingerprint(*parts) for parts in said}) == len(said)
    assert fingerprint("é") == fingerprint("e\u0301")
    assert len(fingerprint("x", None)) == 25
    fingerprint("\ud800")


def test_fingerprint_stays_what_it_was() -> None:
    assert fingerprint("title", "summary", None) == "1bea19db6991b0929eeb86fae"


def test_slug() -> None:
    assert slug("Acta Neuropathologica") == "acta-neuropathologica"
    assert slug("Zürich & Łódź_2024") == "zurich-łodz-2024"
    assert slug("줄기세포 은행") == "줄기세포-은행"
    assert slug("../../etc/passwd\x00") == "etc-passwd"
    assert slug("") == slug("!!!") == "x"
    assert slug("word " * 40, limit=12) == "word-word"


@given(st.text(max_size=120))
def test_slug_is_safe_anywhere(text: str) -> None:
    name = slug(text)
    assert name and len(name) <= 80
    assert slug(name) == name
    assert not set(name) & set("/\\?#%&<>\"' .:")


def test_headline() -> None:
    assert headline("Short enough", 40) == "Short enough"
    assert headline("Stem cells of the neural crest", 20) == "Stem cells of the…"
    assert headline("Stem cells of the neural crest", 18) == "Stem cells of the…"
    assert headline("幹細胞治療の現状と課題について", 8) == "幹細胞治療の現…"
    assert headline("a, b, c", 5) == "a, b…"
    with pytest.raises(ValueError, match="at least 2"):
        headline("x", 1)


@given(st.text(max_size=120), st.integers(2, 60))
def test_headline_fits(text: str, width: int) -> None:
    cut = headline(text, width)
    assert len(cut) <= width
    assert "\n" not in cut

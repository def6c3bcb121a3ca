"""Encodings: declared, wrongly declared, undeclared, broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.encoding import _WIDE, ALLOWED, Decoded, DecodeError, codec_name, decode

KOREAN = "줄기세포 은행이 새로 분양한 세포주는 모두 일흔다섯 가지다"
XML = '<?xml version="1.0" encoding="{}"?><rss><title>{}</title></rss>'


def xml(label: str, text: str, codec: str) -> bytes:
    return XML.format(label, text).encode(codec)


@pytest.mark.parametrize("syllable", ["똠", "뷁", "햏"])
def test_euc_kr_with_syllables_that_only_cp949_has(syllable: str) -> None:
    with pytest.raises(UnicodeDecodeError):
        syllable.encode("cp949").decode("euc_kr")
    got = decode(xml("euc-kr", KOREAN + syllable, "cp949"), None)
    assert (KOREAN + syllable in got.text, got.encoding, got.how, got.replaced) == (
        True,
        "cp949",
        "declared",
        0,
    )


@pytest.mark.parametrize("text", [KOREAN, "세포 은행", "똠방각하 뷁"])
def test_undeclared_cp949(text: str) -> None:
    got = decode(f"<rss><title>{text}</title></rss>".encode("cp949"), None)
    assert text in got.text
    assert (got.encoding, got.how) == ("cp949", "hangul")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig"])
def test_wide_encodings_with_and_without_a_mark(codec: str) -> None:
    assert decode(xml(codec.removesuffix("-sig"), KOREAN, codec), None).text.endswith(f"{KOREAN}</title></rss>")


def test_http_beats_the_declaration_and_valid_utf8_beats_both() -> None:
    assert decode(xml("iso-8859-1", "Клетка", "cp1251"), "text/xml; charset=windows-1251").how == "http"
    got = decode(xml("iso-8859-1", "Zürich", "utf-8"), "text/xml; charset=iso-8859-1")
    assert ("Zürich" in got.text, got.encoding, got.how) == (True, "utf-8", "valid-utf-8")
    assert decode(xml("euc-kr", KOREAN, "utf-8"), None).encoding == "utf-8"


def test_declared_utf8_that_is_windows_1252() -> None:
    body = xml("utf-8", "The patient\x92s cells \x96 a caf\xe9", "latin-1")
    assert "The patient’s cells – a café" in decode(body, None).text


def test_declared_utf8_that_is_cp949() -> None:
    assert KOREAN in decode(xml("utf-8", KOREAN, "cp949"), "text/xml; charset=utf-8").text


def test_utf16_said_in_ascii_is_not_believed() -> None:
    got = decode(b'<?xml version="1.0" encoding="utf-16"?><rss><title>cells</title></rss>', "text/xml; charset=utf-16")
    assert "cells" in got.text


def test_a_few_bad_bytes_are_replaced_and_counted() -> None:
    got = decode(xml("utf-8", KOREAN, "utf-8").replace(b"</title>", b"\xff</title>"), None)
    assert (got.replaced, got.encoding) == (1, "utf-8")
    assert KOREAN + "\ufffd" in got.text


def test_a_character_cut_off_at_the_end() -> None:
    got = decode(b"plain words and then half a syllable \xec\xa4", "text/plain; charset=utf-8")
    assert (got.text[-10:], got.replaced, got.encoding) == ("syllable \ufffd", 1, "utf-8")


def test_what_the_body_itself_spells_as_replacement_is_not_counted() -> None:
    assert decode("lost \ufffd before".encode(), None).replaced == 0


@pytest.mark.parametrize(
    "label", ["utf-7", "idna", "unicode_escape", "punycode", "rot13", "hz", "cp037", "zlib", "x\x00"]
)
def test_refused_names_count_as_no_declaration(label: str) -> None:
    assert codec_name(label) is None
    body = f'<?xml version="1.0" encoding="{label}"?><a>+ADw-script+AD4- \\u003cb\\u003e</a>'.encode()
    got = decode(body, f"text/xml; charset={label}")
    assert got.encoding == "utf-8"
    assert got.text.count("<") == 3


def test_allowed_encodings_read_ascii_as_ascii() -> None:
    ascii_ = "".join(map(chr, range(32, 127))).replace("\\", "").replace("~", "")  # yen and overline are harmless
    for name in ALLOWED - _WIDE:
        assert ascii_.encode("ascii").decode(name) == ascii_, name


def test_meta_far_down_a_page() -> None:
    page = "<html><head><script>" + "x" * 6000 + "</script><meta charset=euc-kr></head><p>éé 가</p>"
    assert decode(page.replace("éé", "漢字").encode("cp949"), None, html=True).how == "declared"


def test_noise_is_refused_with_what_was_tried() -> None:
    noise = bytes((i * 7919 + i * i * 31) % 256 for i in range(1, 5000)).replace(b"\x00", b"\x81")
    with pytest.raises(DecodeError, match=r"tried utf-8 \(http\)") as caught:
        decode(b"." + noise, "text/html; charset=utf-8")
    assert "\n" not in str(caught.value)


def test_empty() -> None:
    assert decode(b"", "text/xml; charset=euc-kr") == Decoded(text="", encoding="utf-8", how="empty")


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/xml", "text/html; charset=euc-kr", "a; charset=gb18030"]),
)
def test_any_bytes_give_clean_text_or_a_decode_error(body: bytes, header: str | None) -> None:
    try:
        text = decode(body, header, html=True).text
    except DecodeError:
        return
    text.encode("utf-8")


@given(st.text(min_size=1, max_size=200).filter(lambda t: not t.startswith("\ufeff")))
def test_utf8_round_trip(text: str) -> None:
    assert decode(b"." + text.encode(), None).text == "." + text


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=4, max_size=80))
def test_all_hangul_round_trips_through_cp949_under_any_korean_name(text: str) -> None:
    for label in ("euc-kr", "ks_c_5601-1987", "windows-949", "cp949", "korean"):
        assert text in decode(xml(label, text, "cp949"), None).text

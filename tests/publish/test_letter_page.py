"""What a letter looks like: as text in a terminal, as HTML in a mail and as a page of the desk."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.made_letters import CORRECTED, RETRACTED, SAMPLE, letters, marked, texts
from publish.letters.bodies import confirmation_of, html_of, starred, text_of
from publish.letters.letter import Letter, Marked, Part
from publish.letters.letter_page import show, title_of
from publish.letters.rendering import (
    ContentError,
    day_of,
    days_of,
    from_json,
    harmless,
    subject_of,
    tidy_letter,
    tidy_marked,
    to_json,
    web_address,
)
from publish.letters.wrapping import columns_of, wrap
from publish.styles import join_styles
from tests.publish.test_pages import contrast

EMPTY = Part(
    subscription=3, name="", query="zebrafish telomerase", address="https://stemwire.example/search?q=zebrafish",
    first=True, hint="try telomerase",
)  # fmt: skip
QUIET = replace(SAMPLE, about=(), changed=(), elsewhere=())
WIDE = 78
COLOURS = """() => [...document.querySelectorAll('.letter *')]
    .filter(one => [...one.childNodes].some(node => node.nodeType == 3 && node.data.trim()))
    .map(one => {
        let ground = one;
        while (getComputedStyle(ground).backgroundColor == 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
        return [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor, one.textContent];
    })"""
TAGS = {
    "article", "p", "a", "h1", "h2", "h3", "div", "span", "section", "ul", "li", "blockquote", "mark", "footer",
}  # fmt: skip
LANGUAGES = "한국어와 English 視網膜色素上皮。Ends here"


# --- subjects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "subject"),
    [
        (SAMPLE, "Retina cells and 1 more: 1 retraction, 1 correction, 13 new stories"),
        (replace(QUIET, parts=QUIET.parts[:1]), "Retina cells: 13 new stories"),
        (replace(QUIET, parts=(replace(QUIET.parts[0], more=0),)), "Retina cells: 1 new story"),
        (replace(QUIET, parts=(), about=(RETRACTED, RETRACTED)), "Retina cells: 2 retractions"),
        (replace(QUIET, parts=(), about=(replace(RETRACTED, kind="trial", because=""),)), "Stemwire: 1 update"),
        (replace(QUIET, parts=(), changed=(CORRECTED,)), "knee cartilage: 1 correction"),
        (replace(QUIET, parts=(), elsewhere=SAMPLE.elsewhere), "Stemwire: 1 more text"),
        (replace(QUIET, parts=SAMPLE.parts[1:], first=True), "knee cartilage: set up"),
        (replace(QUIET, parts=(EMPTY,)), "zebrafish telomerase: set up"),
        (replace(QUIET, parts=SAMPLE.parts[1:]), "knee cartilage: finds more now"),
    ],
)
def test_the_subject_says_what_is_in_the_letter(letter: Letter, subject: str) -> None:
    assert subject_of(letter) == subject


def test_a_long_name_leaves_space_for_the_numbers() -> None:
    part = replace(SAMPLE.parts[0], name="A name that goes on " * 20)
    subject = subject_of(replace(QUIET, parts=(part,)))
    assert len(subject) < 90 and subject.endswith("…: 13 new stories")


# --- text -------------------------------------------------------------------------------------------------------------


@given(letters())
@settings(max_examples=150, deadline=None)
def test_no_line_is_wide_and_nothing_controls_the_terminal(letter: Letter) -> None:
    text = text_of(letter)
    assert max(columns_of(line) for line in text.split("\n")) <= WIDE
    assert all(char == "\n" or category(char) not in ("Cc", "Cs") for char in text)
    assert not {*text} & {*"\u202a\u202b\u202d\u202e\u2066\u2067\u200b\ufeff"}
    assert "\n\n\n" not in text


@given(st.text(max_size=300), st.integers(10, 80))
@settings(max_examples=300, deadline=None)
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    lines = wrap(text, first="* ", width=width).split("\n")
    assert "".join("".join(lines).split()) == "".join(("* " + text).split())
    assert all(columns_of(line) <= width for line in lines)


def test_lines_are_filled_as_far_as_they_go() -> None:
    assert wrap(LANGUAGES, width=20) == "한국어와 English 視\n網膜色素上皮。Ends\nhere"


def test_a_full_stop_does_not_begin_a_line() -> None:
    assert wrap("視網膜色素。", width=10) == "視網膜色\n素。"


def test_the_text_tells_everything_in_order() -> None:
    text = " ".join(text_of(SAMPLE).split())
    said = (
        "Stemwire · 23 November 2026", "About what we told you", "Retracted: the paper behind 2 lines",
        "Notice: https://pubmed.ncbi.nlm.nih.gov/99000300/", "We sent you these 2 texts on 21 and 22 November:",
        "in a phase 1 trial (21 November) https://stemwire.example/d/87496555dbf7", "망막색소상피 시트 (22 November)",
        "New: Retina cells", "retina*, news and papers", "* First people get a *pigment-cell* sheet",
        "Press release · Hallam University · 21 November 2026", "phase 1 · 15 people · paper or.2026.1117",
        "! Headline does not say: mice", "“The sheet of *retinal pigment epithelium* was placed",
        "Because it names retinal pigment epithelium (CL:0002586); you asked for retina*",
        "First: Hallam University; also Korea BioLife and 1 more", "https://stemwire.example/d/87496555dbf7",
        "12 more new stories of this search https://stemwire.example/search?q=retina%2A", "knee cartilage",
        "Now also finds: cartilage of the knee joint", "1 of the 9 documents that it finds today:",
        "News · 코리아 바이오라이프 · from 2024", "Changed",
        "Correction: Korea BioLife now says 66 of 132",
        "The same story elsewhere", "We sent you this on 20 November. Now also:", "Nothing new for: Neural crest.",
        SAMPLE.manage, SAMPLE.page, SAMPLE.stop,
    )  # fmt: skip
    place = 0
    for one in said:
        place = text.find(one, place)
        assert place >= 0, one


def test_a_search_that_finds_nothing_yet_is_confirmed_with_what_to_try() -> None:
    letter = replace(QUIET, parts=(EMPTY,), first=True)
    for form in (text_of(letter), unescape(show(letter))):
        assert "This search is set up. It finds nothing yet." in form and "Try telomerase" in form


def test_addresses_have_lines_of_their_own() -> None:
    with_address = [line for line in text_of(SAMPLE).splitlines() if "://" in line]
    assert all(re.fullmatch(r"\s*(Notice: )?https?://\S+", line) for line in with_address)
    assert not any("kbl.example" in line for line in with_address)  # too wide; the page of the story has it


# --- HTML -------------------------------------------------------------------------------------------------------------


def test_the_html_tells_the_same() -> None:
    """Everything but the labels of addresses; stars are marks there."""
    page = "".join(unescape(re.sub(r"<[^>]+>", "", show(SAMPLE))).replace("·", "").split())
    text = re.sub(r"(Notice: )?https?://\S+|={3,}", "\n\n", text_of(SAMPLE).partition("\n-- \n")[0].replace("·", ""))
    for paragraph in re.split(r"\n\n|\n(?=[*!] )|\n(?=  [^ ])", text):
        words = "".join(paragraph.split()).strip("-!")
        plain = re.sub(r"^\*|\*(?=\w|sheet)|(?<=\w)\*", "", words)
        assert plain in page or words in page, paragraph


def test_the_html_loads_nothing_and_needs_no_sheet() -> None:
    page = html_of(SAMPLE)
    assert not re.search(r"<(img|script|link|iframe|form)|url\(|@import|\bon\w+=", page)
    assert re.search(r'<mark style="[^"]*background: #fdecae', page) and "@media (prefers-color-scheme:dark)" in page


def test_the_page_of_the_desk_has_no_styles_of_its_own_and_no_link_to_itself() -> None:
    page = show(SAMPLE)
    assert "style=" not in page and "<style" not in page and SAMPLE.page not in page
    assert SAMPLE.manage in page and page.count("<h1>") == 1
    assert title_of(SAMPLE) == subject_of(SAMPLE)


def test_every_class_has_a_style() -> None:
    sheets = join_styles()
    for name in {one for some in re.findall(r'class="([^"]+)"', show(SAMPLE)) for one in some.split()}:
        assert f".{name} " in sheets or f".{name}." in sheets or f".{name}," in sheets, name


@given(letters())
@settings(max_examples=60, deadline=None)
def test_no_text_becomes_markup(letter: Letter) -> None:
    page = show(letter)
    assert set(re.findall(r"<([A-Za-z][A-Za-z0-9]*)", page)) <= TAGS
    assert all(address.startswith(("http://", "https://")) for address in re.findall(r'href="([^"]*)"', page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_letter_can_be_read_on_a_phone_and_in_the_dark(browser: Any, tmp_path: Path, scheme: str) -> None:  # noqa: ANN401
    file = tmp_path / "letter.html"
    file.write_text(html_of(SAMPLE), "utf-8")
    page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    pairs = page.evaluate(COLOURS)
    assert len(pairs) > 30
    for ink, ground, words in pairs:
        assert contrast(_hex(ink), _hex(ground)) >= 4.5, (ink, ground, words)
    darkest = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (darkest == "rgb(20, 23, 26)") == (scheme == "dark")
    page.close()


def _hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


# --- safe text, words, JSON -------------------------------------------------------------------------------------------


@given(letters())
@settings(max_examples=100, deadline=None)
def test_a_letter_is_kept_as_it_is_shown(letter: Letter) -> None:
    kept = from_json(to_json(letter))
    assert kept == tidy_letter(letter) == tidy_letter(kept)
    assert text_of(kept) == text_of(letter)


@given(marked())
@settings(max_examples=200, deadline=None)
def test_marks_are_in_order_and_inside(one: Marked) -> None:
    tidied = tidy_marked(one)
    ends = [place for mark in tidied.marks for place in mark]
    assert ends == sorted(ends) and all(0 <= place <= len(tidied.text) for place in ends)
    assert starred(tidied).replace("*", "") == tidied.text.replace("*", "")


def test_a_mark_moves_with_its_words() -> None:
    text = "  two \n spaces\u200b and  cells here"
    start = text.index("cells")
    assert starred(tidy_marked(Marked(text=text, marks=((start, start + 5),)))) == "two spaces and *cells* here"


def test_what_is_kept_and_cannot_be_read_is_said() -> None:
    with pytest.raises(ContentError, match="site"):
        from_json('{"home": "x"}')
    with pytest.raises(ContentError, match="not JSON"):
        from_json("{")


@pytest.mark.parametrize(
    "address", ["javascript:1", "https://", "https://x.example/ y", "http://[", 'https://x/"', "//x.example"]
)
def test_other_addresses_are_left_out(address: str) -> None:
    assert web_address(address) is None


@pytest.mark.parametrize(
    "text", ["see http://spam.example", "www.spam", "spam.example", "Spam.COM/x", "me@spam", "a。https://b"]
)
def test_what_could_become_a_link_is_not_shown_to_others(text: str) -> None:
    assert harmless(text) == ""
    for form in confirmation_of(
        "Stemwire", "https://stemwire.example", text, f"retina* {text}", "https://d.example/c/1"
    ):
        assert text not in form and "https://d.example/c/1" in form


@pytest.mark.parametrize(
    "text", ["retina* AND kind:news", 'disease:"Parkinson disease"', "phase 1.5", "doi:10.5555/1", "망막"]
)
def test_a_search_is_shown_in_the_confirmation(text: str) -> None:
    assert harmless(text) == text
    plain, page = confirmation_of("Stemwire", "https://stemwire.example", "", text, "https://d.example/c/1")
    assert text in plain and text in unescape(page)


@given(texts(), texts())
@settings(max_examples=100, deadline=None)
def test_a_confirmation_is_narrow(name: str, query: str) -> None:
    text, _ = confirmation_of("Stemwire", "https://stemwire.example", name, query, "https://d.example/confirm/x")
    assert max(columns_of(line) for line in text.splitlines()) <= WIDE


def test_days_in_words() -> None:
    assert days_of(["2026-11-30", "2026-12-02", "2026-12-01"], near="2026-12-03") == "30 November, 1 and 2 December"
    assert day_of("soon") == "soon"


def test_a_search_without_a_name_is_called_by_its_words() -> None:
    part = Part(subscription=1, name="", query="knee", address="https://stemwire.example/search?q=knee", more=1)
    text = text_of(replace(QUIET, parts=(replace(part, before=SAMPLE.parts[1].before),)))
    assert text.count("knee\n====") == 1

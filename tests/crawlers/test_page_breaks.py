"""Texts that portals and boards paste whole into a <div>, with lines parted by hand."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from crawlers.pages import PageText, read_page
from crawlers.pages.line_breaks import make_paragraphs

LINES = (
    "The cells were grown for three weeks in a dish of glass before anybody looked at them again.",
    "On the fourth Monday half of them had become neurons, which nobody in the room had expected.",
    "A second run, paid for by the same fund, is to begin in spring and to last for one year.",
)
PORTAL = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>A dish of neurons surprises its keepers : The Gate</title>
<meta property="og:title" content="A dish of neurons surprises its keepers : The Gate"></head>
<body><div id="top"><h1><a href="/">The Gate</a></h1>
<ul><li><a href="/a">Arts</a></li><li><a href="/s">Sport</a></li></ul></div>
<div class="box"><p class="sort">Sci/Tech</p><h2>A dish of neurons surprises its keepers</h2><p>Jun 19, 2025</p></div>
<div class="cont"><br>By Moon Garam<br><br>{"<br> <br>".join(LINES)}<br><br></div>
<div class="ask"><p>Was this page helpful?</p></div></body></html>"""


def read(markup: str) -> PageText:
    return read_page(
        markup.encode(), url="https://gate.example/n/1", content_type="text/html", fetched="2026-11-22T00:00:00Z"
    )


def test_lines_parted_by_hand_are_paragraphs_and_labels_around_them_are_not() -> None:
    page = read(PORTAL)
    assert page.text.split("\n\n") == list(LINES)
    assert page.title == "A dish of neurons surprises its keepers"
    assert (page.published, page.authors) == ("2025-06-19", ("Moon Garam",))


@pytest.mark.parametrize("tag", ["div", "td", "font"])
def test_blocks_and_inline_words_keep_their_place(tag: str) -> None:
    holder = (
        f"<{tag}>{LINES[0]} <b>Bold</b> end.<br><br>{LINES[1]}<br>same<br><br><ul><li>one</li></ul>{LINES[2]}</{tag}>"
    )
    tree = document_fromstring(f"<html><body><table><tr>{holder}</tr></table></body></html>")
    assert make_paragraphs(tree) == 1
    parts = [" ".join(p.text_content().split()) for p in tree.iter("p", "li")]
    assert parts == [f"{LINES[0]} Bold end.", f"{LINES[1]}same", "one", LINES[2]]


def test_a_verse_of_short_lines_is_left_alone() -> None:
    markup = "<html><body><div>one<br><br>two<br><br>three</div></body></html>"
    assert make_paragraphs(document_fromstring(markup)) == 0


def test_an_article_does_not_begin_with_a_lone_link() -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in LINES)
    page = read(
        f"<html><body><article><header><a href='/tag/medicine/'>medicine</a><h1>A dish of neurons</h1></header>"
        f"<section>{paragraphs}</section></article></body></html>"
    )
    assert page.text.split("\n\n") == list(LINES)

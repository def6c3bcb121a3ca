"""The words of our own pages: plain ones, on every kind of page, and no value that says nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest

from bench.page_kinds import list_kinds
from tests.publish.reader import Newsroom, Reader

WORDS = tomllib.loads((Path(__file__).parent / "page_words.toml").read_text("utf-8"))
QUOTED = ["script", "style", "code", "pre", "blockquote"]  # what is not our own text, and what programs read
THEIRS = "//*[@lang][not(self::html)] | //*[contains(concat(' ', @class, ' '), ' teaser ')]"
VALUES = "//td | //dd | //li | //a | //span | //strong"


def own_text(html: str) -> lxml.html.HtmlElement:
    """The page without what others wrote."""
    page = lxml.html.document_fromstring(html)
    for one in [*page.iter(*QUOTED), *page.xpath(THEIRS)]:
        if one.getparent() is not None:
            one.drop_tree()
    return page


def find_wrong(html: str, address: str = "") -> Iterator[str]:
    """A line for each word that should not be there, and for each value that says nothing."""
    page = own_text(html)
    body = page.find("body")
    text = re.sub("“[^”]*”", "“…”", " ".join(" ".join(body.itertext()).split()))
    allowed = WORDS["allowed"].get(address, ())
    for word, better in WORDS["words"].items():
        if word in allowed:
            continue
        flags = 0 if word.isupper() else re.IGNORECASE
        for found in re.finditer(rf"(?<![\w/-]){re.escape(word)}(?![\w-])", text, flags):
            yield f"“{found[0]}” in “…{text[max(0, found.start() - 40) : found.end() + 30]}…”; write: {better}"
    for one in body.xpath(VALUES):
        said = " ".join(one.text_content().split())
        if said.casefold() in WORDS["values"]["words"]:
            yield f"the value “{said}” in <{one.tag} class={one.get('class')!r}>"


def test_no_kind_of_page_has_words_that_readers_do_not_use(reader: Reader, newsroom: Newsroom) -> None:
    wrong = [
        f"{address}: {line}"
        for address in list_kinds(newsroom[1])
        for line in find_wrong(reader.get(address).text, address)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<p>Three trials are kept here.</p>", "“kept”"),
        ("<table><tr><td> none </td></tr></table>", "the value “none”"),
        ("<p>What its Facets say</p>", "“Facets”"),
        ("<p>says its record</p>", "“says its record”"),
    ],
)
def test_the_words_are_found(html: str, line: str) -> None:
    assert [found for found in find_wrong(f"<html><body>{html}</body></html>") if found.startswith(line)]


@pytest.mark.parametrize(
    "html",
    [
        '<p lang="en">What was kept, said the paper.</p>', "<blockquote>none</blockquote>", "<code>ident</code>",
        "<p>None of them was published.</p>", "<p>identifier</p>",
    ],
)  # fmt: skip
def test_what_others_wrote_is_theirs(html: str) -> None:
    assert not list(find_wrong(f"<html><body>{html}</body></html>"))

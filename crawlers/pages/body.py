"""The text of a page's article.

In order:
1. where the source names the body, only that element is read;
2. elements that are boilerplate by their markup are removed (`boilerplate`); `<br><br>` become paragraphs
   (`line_breaks`);
3. trafilatura finds the article in the rest, in its fast mode; its full mode (with a second opinion by readability and
   justext) runs only when the fast mode found little of the text in paragraphs;
4. paragraphs in other containers with the same markup as the found ones are added;
5. blocks that are boilerplate by their words, repeat the title or each other, or are one link to another page, are
   removed;
6. the paragraph under the heading that sums the article up comes first, if trafilatura left it out;
7. JSON-LD's `articleBody` is used instead where the page itself shows far less of it.
A notice that the page is a translation is taken out of the text and returned separately.
"""

from __future__ import annotations

import html
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.etree import _Element
from lxml.html import HtmlElement, document_fromstring
from trafilatura import bare_extraction

from crawlers.pages import boilerplate
from crawlers.pages.clean_text import clean_line, comparable_letters, comparable_words
from crawlers.pages.day_formats import parse_day
from crawlers.pages.line_breaks import make_paragraphs
from crawlers.pages.parsed_page import ParsedPage
from crawlers.pages.translation_notice import find_translation_notice

for _library in ("trafilatura", "htmldate"):  # empty fields show what they could not do; log lines are not needed
    logging.getLogger(_library).setLevel(logging.CRITICAL)

_FOUND_ENOUGH = 0.6  # of the running text in paragraphs: with less, the full mode runs
_FOUND_LITTLE = 700  # characters: as above
_MOST_COMPARED = 1000  # blocks: comparing each with all others is quadratic
_MOST_REPEATED = 0.3  # of a text: if more is repeated, the repetition is intended
_BYLINE = re.compile(r"[Bb]y(?: [A-Z][\w.'’-]+){2,4}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_STANDFIRST = re.compile(
    r"stand-?first|sub-?(?:title|head|line)|\bdek\b|\bdeck\b|lede?\b|lead\b|lead-?text|intro|summary|excerpt|chapeau"
    r"|sapo|abstract|vorspann|description|ingress|zajawka|perex|sottotitolo|sommario|bajada|entradilla|teaser-?text",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of the article: kind is p, head, item, quote, row or code."""

    kind: str
    text: str
    linked: int  # how many of its characters are in links


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The text, the author in its first lines, the notice that it is a translation, the tree with the body's links."""

    text: str
    byline: str | None
    translated: str | None
    root: HtmlElement


def extract_body(
    page: ParsedPage,
    *,
    titles: tuple[str, ...],
    authors: tuple[str, ...],
    description: str,
    selector: Callable[[Any], list[Any]] | None = None,
) -> Article:
    """The article. Paragraphs of its text are separated by an empty line; it is empty when the page has none."""
    tree = deepcopy(page.tree)
    chosen = selector(tree) if selector else []
    if chosen:
        tree = _wrap_elements(chosen)
    boilerplate.remove_boilerplate(tree)
    make_paragraphs(tree)
    blocks = add_siblings(_find_article(page, tree), tree)
    notice = None
    kept = []
    for block in blocks:
        said = find_translation_notice(block.text)
        if said is None:
            kept.append(block)
        notice = notice or said
    if notice is None and any(word in page.markup for word in _TRANSLATION_HINTS):
        notice = _find_notice_outside(page.tree)
    byline = next((block.text[3:] for block in kept[:10] if _BYLINE.fullmatch(block.text)), None)
    kept = keep_article(kept, titles, authors)
    if not chosen:
        standfirst = find_standfirst(page.tree, kept, description)
        if standfirst:
            kept.insert(0, Block(kind="p", text=standfirst, linked=0))
    text = "\n\n".join(block.text for block in kept)
    hidden = _find_json_ld_body(page)
    if len(hidden) > max(2.5 * len(text), 400):
        text = hidden
    return Article(text=text, byline=byline, translated=notice, root=tree)


def _wrap_elements(elements: list[_Element]) -> HtmlElement:
    """A page that holds only the given elements, inside an <article>."""
    tree = document_fromstring("<html><body><article></article></body></html>")
    holder = tree.find(".//article")
    for element in elements:
        if holder not in element.iterancestors():
            element.tail = None
            holder.append(element)
    return tree


def _find_article(page: ParsedPage, tree: HtmlElement) -> list[Block]:
    blocks = find_blocks(tree, fast=True)
    length = sum(len(block.text) for block in blocks)
    if length < max(_FOUND_ENOUGH * _count_running_text(tree), _FOUND_LITTLE):
        blocks = find_blocks(tree, fast=False) or blocks
        length = sum(len(block.text) for block in blocks)
    if length < 200:  # the article was removed as boilerplate
        again = find_blocks(page.tree, fast=False)
        if sum(len(block.text) for block in again) > 2 * length:
            return again
    return blocks


def _count_running_text(tree: HtmlElement) -> int:
    """Characters in paragraphs that are not mostly links."""
    total = 0
    for element in tree.iter("p"):
        length = len(element.text_content())
        if length > 60 and sum(len(link.text_content()) for link in element.iter("a")) < 0.5 * length:
            total += length
    return total


def find_blocks(tree: HtmlElement, *, fast: bool) -> list[Block]:
    """What trafilatura takes as the article, in page order."""
    document = bare_extraction(tree, fast=fast, include_comments=False, include_links=True)
    if document is None or document.body is None:
        return []
    blocks: list[Block] = []
    for element in document.body:
        _collect(element, blocks)
    return blocks


def _collect(element: _Element, blocks: list[Block]) -> None:
    tag = element.tag
    if tag in ("list", "table"):
        if element.text and element.text.strip():
            blocks.append(Block(kind="p", text=clean_line(element.text), linked=0))
        for child in element:
            text = _get_text(child)
            if text:
                kind = "item" if tag == "list" else "row"
                blocks.append(Block(kind=kind, text=text, linked=_count_linked(child)))
    else:
        text = _get_text(element)
        if text:
            kind = {"head": "head", "quote": "quote", "code": "code"}.get(tag, "p")
            blocks.append(Block(kind=kind, text=text, linked=_count_linked(element)))
    if element.tail and element.tail.strip():
        blocks.append(Block(kind="p", text=clean_line(element.tail), linked=0))


def _get_text(element: _Element) -> str:
    lines = (clean_line(line) for line in "".join(_text_pieces(element)).split("\n"))
    return "\n".join(line for line in lines if line)


def _text_pieces(element: _Element) -> Iterator[str]:
    yield (element.text or "").replace("\n", " ")
    for child in element:
        if child.tag == "lb":
            yield "\n"
        elif child.tag in ("p", "item", "row", "quote", "list", "head"):
            yield "\n"
            yield from _text_pieces(child)
            yield "\n"
        elif child.tag == "cell":
            yield " "
            yield from _text_pieces(child)
            yield " "
        else:
            yield from _text_pieces(child)
        yield (child.tail or "").replace("\n", " ")


def _count_linked(element: _Element) -> int:
    return sum(len(clean_line("".join(link.itertext()))) for link in element.iter("ref"))


def add_siblings(blocks: list[Block], tree: HtmlElement) -> list[Block]:
    """Add paragraphs that trafilatura left out although their markup is the same as that of paragraphs it took.

    Articles that are cut into several containers (mostly by advertisements) lose all but one of them. A paragraph is
    added when at least three taken ones have its signature: its own class, its parent's and its grandparent's.
    """
    taken = {comparable_letters(block.text): number for number, block in enumerate(blocks)}
    signatures: Counter[tuple[str, ...]] = Counter()
    missing: list[tuple[int, tuple[str, ...], Block]] = []
    at = -1
    for element in tree.iter("p"):
        text = clean_line(element.text_content())
        if len(text) < 40 or next(element.iter("script", "style"), None) is not None:
            continue
        number = taken.get(comparable_letters(text))
        if number is not None:
            at = number
            signatures[_get_signature(element)] += 1
        elif at >= 0:
            linked = sum(len(clean_line(link.text_content())) for link in element.iter("a"))
            if linked < 0.5 * len(text):
                missing.append((at, _get_signature(element), Block(kind="p", text=text, linked=linked)))
    back = [(place, block) for place, sign, block in missing if signatures[sign] >= 3]
    if not back:
        return blocks
    whole = "\n".join(taken)
    result = list(blocks)
    for place, block in reversed(back):
        if comparable_letters(block.text) not in whole:
            result.insert(place + 1, block)
    return result


def _get_signature(element: _Element) -> tuple[str, ...]:
    names = [element.get("class") or ""]
    for _ in range(2):
        parent = element.getparent()
        if parent is None:
            break
        element = parent
        names.append(f"{element.tag}.{element.get('class') or ''}")
    return tuple(names)


def keep_article(blocks: list[Block], titles: tuple[str, ...], authors: tuple[str, ...] = ()) -> list[Block]:
    """Without boilerplate, repeated titles, bylines, repeated blocks and links to other articles."""
    names = {comparable_words(title) for title in titles if title}
    people = [comparable_words(author) for author in authors]
    folds = [comparable_words(block.text) for block in blocks]
    total = sum(len(block.text) for block in blocks)
    repeats = _find_repeats(blocks, folds)
    if sum(len(blocks[number].text) for number in repeats) > _MOST_REPEATED * total:
        repeats = set()  # repetition is intended: a poem, a table, a placeholder text
    kept: list[Block] = []
    length = 0
    beginning = _count_lead_blocks(blocks)
    for number, (block, folded) in enumerate(zip(blocks, folds, strict=True)):
        length += len(block.text)
        if number < beginning or (not kept and _BYLINE.fullmatch(block.text)):
            continue
        if not folded or (number < 12 and folded in names):
            continue
        if not kept and block.linked > 0.88 * len(block.text):
            continue  # a kicker or a breadcrumb: no article begins with only a link
        if is_pointer(block) or boilerplate.is_boilerplate(block.text) or _is_byline(folded, people):
            continue
        if number in repeats:
            continue
        if length > 0.6 * total and boilerplate.is_end_of_article(block.text):
            break
        lines = [line for line in block.text.split("\n") if not boilerplate.is_boilerplate(line)]
        if lines:
            kept.append(Block(kind=block.kind, text="\n".join(lines), linked=block.linked))
    while kept and kept[-1].kind == "head":
        kept.pop()
    return kept


def _count_lead_blocks(blocks: list[Block]) -> int:
    """How many blocks come before the article: up to a line that is only a date, with only labels before it."""
    for number, block in reversed(list(enumerate(blocks[:8]))):
        dated = len(block.text) < 45 and parse_day(block.text) and len(_WORD.findall(block.text)) <= 3
        if dated and all(len(before.text) < 50 and before.text[-1] not in ".!?。" for before in blocks[:number]):
            return number + 1
    return 0


def _is_byline(folded: str, people: list[str]) -> bool:
    """A line that contains little more than the names of the authors."""
    rest = folded
    for name in people:
        rest = rest.replace(name, "")
    return len(rest) < len(folded) and len(rest.split()) < 2


def _find_repeats(blocks: list[Block], folds: list[str]) -> set[int]:
    """Which blocks repeat others: copies (all but the first), and pull quotes from longer blocks."""
    whole = "\n".join(folds)
    seen: set[str] = set()
    repeats: set[int] = set()
    for number, folded in enumerate(folds):
        if len(folded) <= 30:
            continue
        quoted = (
            len(blocks) < _MOST_COMPARED
            and blocks[number].kind != "item"
            and whole.count(folded) > 1
            and folds.count(folded) == 1
        )
        if folded in seen or quoted:
            repeats.add(number)
        seen.add(folded)
    return repeats


def is_pointer(block: Block) -> bool:
    """A paragraph or item that is only a link to something else."""
    return block.kind in ("p", "item", "head", "row") and len(block.text) > 12 and block.linked > 0.88 * len(block.text)


def find_standfirst(tree: HtmlElement, blocks: list[Block], description: str) -> str | None:
    """The paragraph between heading and article that sums it up, if the blocks lack it.

    It is recognised by its class, or because it repeats the page's description.
    """
    heading = next(tree.iter("h1"), None)
    if heading is None or not blocks:
        return None
    whole = comparable_words(" ".join(block.text for block in blocks))
    first, wanted = comparable_words(blocks[0].text)[:60], comparable_words(description)
    for number, element in enumerate(_elements_after(heading)):
        if number > 150:
            return None
        if element.tag not in ("p", "div", "h2", "h3", "h4", "span", "strong", "section"):
            continue
        text = clean_line(element.text_content())
        if not 40 <= len(text) <= 700:
            continue
        folded = comparable_words(text)
        if folded.startswith(first):
            return None
        if element.tag in ("div", "section") and len(element) > 3:
            continue
        said = len(wanted) > 30 and folded.startswith(wanted[: int(len(wanted) * 0.9)])
        names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
        if (said or _STANDFIRST.search(names)) and folded not in whole and not boilerplate.is_boilerplate(text):
            return text
    return None


def _elements_after(element: _Element) -> Iterator[_Element]:
    """Elements that begin after this one ends, in document order."""
    here: _Element | None = element
    while here is not None:
        for following in here.itersiblings(etree.Element):
            yield from following.iter(etree.Element)
        here = here.getparent()


def _find_notice_outside(tree: HtmlElement) -> str | None:
    """A translation notice outside the article; pages put it in small print."""
    for node in _TRANSLATED(tree)[:10]:
        parent = node.getparent()
        holder = parent.getparent() if node.is_tail and parent is not None else parent
        for text in (str(node), holder.text_content()[:400] if holder is not None else ""):
            notice = find_translation_notice(text)
            if notice:
                return notice
    return None


_TRANSLATION_HINTS = ("ranslated ", "번역", "翻", "bersetzt")
_TRANSLATED = etree.XPath(
    "//body//text()[(contains(., 'ranslat') or contains(., '번역') or contains(., '翻') or contains(., 'bersetzt'))"
    " and string-length(.) < 300 and not(parent::script or parent::style or parent::option or parent::a)]"
)


def _find_json_ld_body(page: ParsedPage) -> str:
    """The longest `articleBody` of the page's JSON-LD as plain paragraphs."""
    bodies = [str(node["articleBody"]) for node in page.articles if isinstance(node.get("articleBody"), str)]
    longest = html.unescape(max(bodies, key=len, default=""))
    longest = re.sub(r"</p>|<br ?/?>", "\n", longest)
    lines = (clean_line(re.sub(r"<[^>]{1,300}>", " ", line)) for line in longest.split("\n"))
    return "\n\n".join(line for line in lines if line and not boilerplate.is_boilerplate(line))

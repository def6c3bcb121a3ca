"""Read one page. The stage that makes documents calls nothing else here.

The tree is parsed once and shared by all readers, because parsing takes most of the time. Order: the source's `drop`
selectors; title, dates, authors, address, identifiers from the whole page; the article's text last, because it needs
the title. A reader that finds nothing gives an empty field; only a page that cannot be read at all raises.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import LxmlError
from lxml.html import HtmlElement

from crawlers.pages.address import find_canonical_url, find_paper_links
from crawlers.pages.authors import extract_authors
from crawlers.pages.body import extract_body
from crawlers.pages.boilerplate import remove_element
from crawlers.pages.clean_text import clean_line
from crawlers.pages.dates import extract_dates
from crawlers.pages.language import find_language
from crawlers.pages.page_rules import PageRules
from crawlers.pages.page_text import PageText
from crawlers.pages.parsed_page import PageError, ParsedPage, parse_page
from crawlers.pages.title import choose_title, find_titles

_IDENTIFIERS = {
    "doi": ("citation_doi", "dc.identifier.doi", "prism.doi", "bepress_citation_doi", "doi", "dc.identifier", "rft_id"),
    "pmid": ("citation_pmid", "ncbi_pmid"),
    "pmcid": ("citation_pmcid",),
    "journal": ("citation_journal_title", "prism.publicationname"),
    "issn": ("citation_issn", "prism.issn", "prism.eissn"),
    "volume": ("citation_volume", "prism.volume"),
    "publisher": ("citation_publisher", "dc.publisher"),
    "title": ("citation_title",),
}


def read_page(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    fetched: str,
    rules: PageRules | None = None,
    hint_title: str | None = None,
    hint_date: str | None = None,
    site_name: str | None = None,
) -> PageText:
    """Read one page (bytes as they came, already decompressed) that was fetched at `fetched` (ISO 8601).

    The hints come from the feed and are used only where the page itself does not say. Raises PageError.
    """
    page = parse_page(body, url=url, content_type=content_type)
    rules = rules or PageRules()
    if rules.drop:
        page = replace(page, tree=_drop_elements(page.tree, rules.drop, url))
    found = find_titles(page, site_name)
    title = next((clean_line(text) for text in _select_texts(page, rules.title)), "") or choose_title(found, hint_title)
    title = title or clean_line(hint_title or "")
    dates, chosen = extract_dates(page, fetched=fetched, selected=_select_texts(page, rules.date), hint=hint_date)
    description = clean_line(page.meta("og:description", "description", "twitter:description", "dc.description") or "")
    titles = (
        title,
        hint_title or "",
        *(text for where, texts in found.items() if where not in ("h2", "h3") for text in texts[:2]),
    )
    authors = extract_authors(page, _select_texts(page, rules.author))
    article = extract_body(
        page, titles=titles, authors=authors, description=description, selector=_compile_selector(rules.body, url)
    )
    return PageText(
        title=title,
        text=article.text,
        authors=authors or ((article.byline,) if article.byline else ()),
        lang=find_language(page, article.text),
        dates=dates,
        published=chosen.date if chosen else None,
        published_from=chosen.where if chosen else None,
        canonical=find_canonical_url(page),
        description=description,
        translated=article.translated,
        links=find_paper_links(article.root, page.base),
        identifiers=_find_identifiers(page),
    )


def _find_identifiers(page: ParsedPage) -> dict[str, list[str]]:
    """The values of the page's citation tags, each once: doi, pmid, pmcid, journal, issn, volume, publisher, title."""
    found: dict[str, list[str]] = {}
    for kind, names in _IDENTIFIERS.items():
        values = [clean_line(content) for name in names for content in page.metas.get(name, ())]
        if kind == "doi":
            values = [value[value.index("10.") :] for value in values if "10." in value]
        values = list(dict.fromkeys(value for value in values if value))
        if values:
            found[kind] = values
    return found


def _drop_elements(tree: HtmlElement, selectors: tuple[str, ...], url: str) -> HtmlElement:
    copy = deepcopy(tree)
    for selector in selectors:
        match = _compile_selector(selector, url)
        for element in match(copy) if match else []:
            remove_element(element)
    return copy


def _select_texts(page: ParsedPage, selector: str | None) -> list[str]:
    """Texts (or `content`, `datetime` attributes) of what a selector matches; at most thirty."""
    match = _compile_selector(selector, page.url)
    if match is None:
        return []
    texts = [
        element.get("content") or element.get("datetime") or element.text_content() for element in match(page.tree)[:30]
    ]
    return [text for text in texts if text.strip()]


def _compile_selector(selector: str | None, url: str) -> Callable[[Any], list[Any]] | None:
    if not selector:
        return None
    try:
        match: Callable[[Any], list[Any]] = CSSSelector(selector, translator="html")
    except (SelectorError, LxmlError) as error:
        raise PageError(f"selector {selector!r} cannot be used", where=url, hint="see [page] in the source") from error
    return match

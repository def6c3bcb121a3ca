"""Finds the lists of a site: feeds in the head of a page, sitemaps in robots.txt, and links that look like a list.

Pure: bytes in, guesses out; `crawlers.authoring.new_source` asks for them. A listing is guessed like this: links to the
same host with a text as long as a headline, outside of menus, are gathered by the nearest elements around them that
have a class; the selector that matches most of them, one each, is the row of the list.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawlers.addresses import host_of, is_askable
from crawlers.pages.clean_text import clean_line
from crawlers.pages.parsed_page import ParsedPage, parse_page

FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
FEED_PATHS = (
    "feed/",
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feed.json",
)  # below the page and the host
MENUS = {"nav", "header", "footer", "aside", "form"}
FEWEST = 3  # rows of a list
DEPTH = 5  # elements around a link that may be its row
SECOND_LEVEL = {"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org", "re"}
SHARED = {"ai", "app", "co", "dev", "eu", "fm", "io", "me", "tv"}  # of two letters and more, but of no country
COUNTRIES = {"uk": "GB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a page says of the site. `feeds` are addresses; `item` is the selector of a row of a list, or None."""

    name: str
    lang: str | None
    country: str | None
    feeds: tuple[str, ...]
    item: str | None


def read_site(body: bytes, *, url: str, content_type: str | None) -> Site:
    """Raises PageError where the page cannot be read."""
    page = parse_page(body, url=url, content_type=content_type)
    lang, _, region = (page.tree.get("lang") or "").replace("_", "-").partition("-")
    return Site(
        name=_find_name(page),
        lang=lang.lower() if re.fullmatch(r"[A-Za-z]{2}", lang) else None,
        country=find_country(url) or (region if re.fullmatch(r"[A-Z]{2}", region) else None),
        feeds=tuple(dict.fromkeys(_find_feeds(page))),
        item=_find_item(page),
    )


def find_sitemaps(robots: bytes) -> list[str]:
    """The sitemaps that a robots.txt names."""
    lines = robots.decode("utf-8", "replace").splitlines()
    found = (re.match(r"\s*sitemap\s*:\s*(\S+)", line, re.I) for line in lines)
    return [match[1] for match in found if match and is_askable(match[1])]


def guess_feeds(url: str) -> list[str]:
    """Where feeds often are (`FEED_PATHS`): below the page, and below the host."""
    page = urlsplit(url)
    bases = dict.fromkeys([url.split("?")[0].rstrip("/") + "/", f"{page.scheme}://{page.netloc}/"])
    return [urljoin(base, path) for base in bases for path in FEED_PATHS]


def guess_include(addresses: Sequence[str], url: str) -> str:
    """What the addresses of a sitemap's articles have in common: the path of `url`, or their commonest first folder."""
    path = urlsplit(url).path.rstrip("/")
    if path and any(urlsplit(address).path.startswith(f"{path}/") for address in addresses):
        return re.escape(f"{path}/")
    folders = Counter(parts[1] for address in addresses if len(parts := urlsplit(address).path.split("/")) > 2)
    best = folders.most_common(1)
    return re.escape(f"/{best[0][0]}/") if best else "."


def find_country(url: str) -> str | None:
    """Of an address's last part: `KR` of .kr; None where it belongs to no country."""
    last = host_of(url).rpartition(".")[2]
    if not re.fullmatch("[a-z]{2}", last) or last in SHARED:
        return None
    return COUNTRIES.get(last, last.upper())


def make_ident(url: str) -> str:
    """The id of a source, by its host: `korea_biolife` of news.korea-biolife.co.kr."""
    labels = host_of(url).split(".")
    rest = labels[:-1] if len(labels) > 1 else labels
    if len(rest) > 1 and rest[-1] in SECOND_LEVEL:
        rest = rest[:-1]
    return re.sub(r"[^a-z0-9]+", "_", rest[-1]).strip("_")


def _find_name(page: ParsedPage) -> str:
    titles = [clean_line(title.text_content()) for title in page.tree.iter("title")]
    parts = re.split(r"\s+[|–—-]\s+", titles[0]) if titles else []
    return clean_line(page.meta("og:site_name", "application-name") or "") or (parts or [host_of(page.url)])[-1]


def _find_feeds(page: ParsedPage) -> Iterator[str]:
    for link in page.tree.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        address = urljoin(page.base, (link.get("href") or "").strip())
        is_feed = "alternate" in (link.get("rel") or "").lower() and kind in FEED_TYPES
        if is_feed and is_askable(address) and "comment" not in address:
            yield address


def _find_item(page: ParsedPage) -> str | None:
    """The selector of a row. Of several with as many links, the one closest to them."""
    rows: dict[str, dict[HtmlElement, set[str]]] = defaultdict(lambda: defaultdict(set))
    for link in page.tree.iter("a"):
        address = urljoin(page.base, link.get("href") or "")
        if not _is_headline(link) or host_of(address) != host_of(page.url):
            continue
        for element in [link, *link.iterancestors()][:DEPTH]:
            if selector := _selector_of(element):
                rows[selector][element].add(address)
    counts = {selector: sum(len(found) == 1 for found in elements.values()) for selector, elements in rows.items()}
    best = max(counts.values(), default=0)
    return next((selector for selector, count in counts.items() if count == best), None) if best >= FEWEST else None


def _is_headline(link: HtmlElement) -> bool:
    text = clean_line(link.text_content())
    inside = {element.tag for element in link.iterancestors()}
    return not inside & MENUS and (len(text.split()) >= 4 or len(re.findall("[\u3040-\u9fff\uac00-\ud7a3]", text)) >= 8)


def _selector_of(element: HtmlElement) -> str | None:
    """`li.story`; None where the element has no class that a selector can hold."""
    names = [name for name in (element.get("class") or "").split() if re.fullmatch(r"[A-Za-z_][\w-]*", name)]
    steady = [name for name in names if not re.search(r"\d", name)]
    return f"{element.tag}.{steady[0]}" if steady else None

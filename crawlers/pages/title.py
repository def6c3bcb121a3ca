"""The title of a page's article, without the site's name and without kickers.

A page gives its title up to six times: JSON-LD `headline`, `og:title`, `twitter:title`, citation and other meta tags,
`<h1>`, `<title>`. Each is a candidate and is cleaned first: the site's name, its host name and its sections ("| News",
"- 29.01.2024") are removed at either end, and so is a kicker in its own element inside an `<h1>`.

A visible heading is right when another candidate agrees with it; a heading that no other candidate supports is often
the site's logo or a section. In order (only letters and digits are compared):
1. an `<h1>` that equals another candidate, in that candidate's spelling, but
   - JSON-LD and `og:title`, if they agree on something else;
   - JSON-LD, if it alone differs from `<h1>` and `og:title` (it is the newsroom's own name for the article);
   - `og:title`, if the heading is the same with a kicker before it;
2. JSON-LD and `og:title`, if they agree, else the one that an `<h1>` begins or ends with;
3. an `<h1>` that `<title>` or `og:title` begins or ends with (they then also contain the site's motto);
4. JSON-LD, `og:title` (or an `<h1>` of some length instead), a heading that `<title>` contains, a long `<h1>`,
   `<title>`, other meta tags, any heading.
A trail ("post > board", as Gnuboard writes it) is replaced by a heading that is one of its parts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import _Element

from crawlers.pages.clean_text import clean_line, comparable_letters, comparable_words
from crawlers.pages.parsed_page import ParsedPage

_BREAK = re.compile(
    r"\s+[|｜·•*»«›‹:：/]+\s+|\s*[|｜]\s*|\s+[-–—―]+\s+|\s*--+\s*|\s+::\s+|(?<=[^\x00-\x7f])[：_-]+(?=\S{2,12}$)"
)
_DATE = re.compile(r"^[\d\s./,:-]+$|^\d{1,2}\.\s?\w+\s?\d{4}$")
_KICKER = re.compile(
    r"kicker|over-?line|dach-?zeile|roof|topline|category|categor|section|label|badge|flag|pre-?title|subline|eyebrow|sr-only|visually|hidden|spitzmarke|rubri",
    re.IGNORECASE,
)
_FRONT = re.compile(r"(?:https?:)?(?://[^/?#]+)?/?(?:index\.\w+)?")
_INLINE = ("span", "small", "div", "p", "strong", "em", "b", "i", "a", "mark")
_METAS = (
    "citation_title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
    "sailthru.title",
    "hdl",
    "headline",
    "title",
    "article_title",
    "cxenseparse:title",
)
_MOST = 400  # characters a title may have; more is a paragraph marked as a heading


def find_titles(page: ParsedPage, site_name: str | None) -> dict[str, list[str]]:
    """Cleaned titles by where they were found: linked (JSON-LD), og, twitter, meta, h1, title, h2, h3."""
    sites = find_site_names(page, site_name)
    raw: dict[str, list[str]] = {
        "linked": [str(node["headline"]) for node in page.articles if isinstance(node.get("headline"), str)],
        "og": page.metas.get("og:title", []),
        "twitter": page.metas.get("twitter:title", []),
        "meta": [content for name in _METAS for content in page.metas.get(name, [])],
        "h1": get_heading_texts(page.tree.iter("h1")),
        "title": [element.text_content() for element in page.tree.iter("title")][:1],
        "h2": get_heading_texts(islice(page.tree.iter("h2"), 8)),
        "h3": get_heading_texts(islice(page.tree.iter("h3"), 8)),
    }
    found: dict[str, list[str]] = {}
    for where, texts in raw.items():
        cleaned: dict[str, None] = {}
        for text in texts[:12]:
            text = clean_line(html.unescape(text) if where == "linked" else text)
            if 0 < len(text) <= _MOST:
                cleaned[text if where in ("h1", "h2", "h3") else remove_site_names(text, sites)] = None
        found[where] = [text for text in cleaned if text and comparable_letters(text) not in sites]
    return found


def get_heading_texts(elements: Iterable[_Element]) -> list[str]:
    """The texts of headings; where a kicker has its own element, first without it and then with it."""
    texts: list[str] = []
    for element in elements:
        whole = " ".join(part for part in element.itertext() if not part.lstrip().startswith((".css-", "{")))
        if len(element):
            rest = whole
            for child in element.iter(*_INLINE):
                name = f"{child.get('class') or ''} {child.get('id') or ''}"
                words = " ".join(child.itertext())
                if words.strip() and _KICKER.search(name):
                    rest = rest.replace(words, " ", 1)
            rest = rest.strip(" \t\r\n:|–—-·•")
            if len(rest) > 8 and rest != whole:
                texts.append(rest)
        tight = "".join(element.itertext())
        texts.append(tight if comparable_letters(tight) == comparable_letters(whole) else whole)
    return texts


def find_site_names(page: ParsedPage, site_name: str | None) -> set[str]:
    """The names of the site, as comparable letters: meta tags, JSON-LD publisher, host name and its parts."""
    names = [site_name or "", *page.metas.get("og:site_name", []), *page.metas.get("application-name", [])]
    names += [*page.metas.get("apple-mobile-web-app-title", []), *page.metas.get("twitter:site", [])]
    for node in page.json_ld:
        publisher = node.get("publisher")
        for thing in publisher if isinstance(publisher, list) else [publisher]:
            if isinstance(thing, dict) and isinstance(thing.get("name"), str):
                names.append(thing["name"])
        if "WebSite" in str(node.get("@type")) and isinstance(node.get("name"), str):
            names.append(node["name"])
    names += [head.text_content() for head in page.tree.iter("h1") if _is_logo(head)]
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    names += [host, host.rsplit(".", 1)[0], *(part for part in host.split(".")[:-1] if len(part) > 3)]
    return {squeezed for name in names if len(squeezed := comparable_letters(name)) > 1}


def _is_logo(heading: _Element) -> bool:
    """A heading that is a link to the front page."""
    links = list(heading.iter("a"))
    return len(links) == 1 and _FRONT.fullmatch((links[0].get("href") or "x").strip()) is not None


def remove_site_names(text: str, sites: set[str]) -> str:
    """Without leading and trailing segments that name the site (with sections and dates next to it)."""
    parts = _BREAK.split(text)
    if len(parts) < 2:
        return text
    named = [_names_site(part, sites) for part in parts]
    first, last = 0, len(parts)
    if any(named[1:]):
        last = next(i for i in range(1, len(parts)) if named[i])
        # a section between the title and the site: short, and followed by the site at once
        while (
            last > 1
            and last == next(i for i in range(1, len(parts)) if named[i])
            and _is_section(parts[last - 1], parts)
        ):
            last -= 1
    elif named[0]:
        first = 1
    if first >= last:
        return text
    start = text.find(parts[first])
    # the parts are in the text in this order, so searching from the start of one finds the next
    at = start
    for part in parts[first:last]:
        at = text.find(part, at) + len(part)
    return text[start:at].strip() or text


def _names_site(part: str, sites: set[str]) -> bool:
    squeezed = comparable_letters(part)
    if not squeezed or squeezed in sites:
        return True
    return len(part) < 60 and any(
        (len(name) > 3 and name in squeezed and len(name) >= 0.5 * len(squeezed))
        or (len(squeezed) > 4 and squeezed in name)
        for name in sites
    )


def _is_section(part: str, parts: list[str]) -> bool:
    return len(part) < 22 and len(part.split()) <= 2 and len(parts[0]) > 30 and part != parts[0]


def choose_title(found: dict[str, list[str]], hint: str | None = None) -> str:
    """One of the candidates, as the module explains; a trail ("post > board") is replaced by its heading."""
    best = _choose_candidate(found, hint)
    parts = {comparable_letters(part) for part in re.split(r"\s[>›»|:]\s", best)}
    if len(parts) > 1:
        for head in (*found["h2"], *found["h3"], *found["h1"]):
            if comparable_letters(head) in parts and len(comparable_letters(head)) > 8:
                return head
    return best


def _choose_candidate(found: dict[str, list[str]], hint: str | None) -> str:
    heads = found["h1"]
    linked = found["linked"][0] if found["linked"] else ""
    social = (found["og"] or found["twitter"] or [""])[0]
    other = [*found["meta"], *found["title"], *([hint] if hint else [])]
    agreed = {comparable_letters(text): text for text in (*reversed(other), linked, social) if text}
    for head in heads:
        key = comparable_letters(head)
        if len(key) > 6 and key in agreed:
            return _prefer_metadata(agreed[key], linked, social)
    agreeing = _choose_agreeing(found, linked, social)
    if agreeing is not None:
        return agreeing
    if linked:
        return linked
    if social:
        return next((head for head in heads if _shares_words(head, social)), social)
    return _choose_without_metadata(found, other)


def _choose_agreeing(found: dict[str, list[str]], linked: str, social: str) -> str | None:
    """Metadata that agree with each other or with a heading, else a heading that the page's title contains."""
    if linked and comparable_letters(linked) == comparable_letters(social):
        return social
    for text in (linked, social):
        if text and any(_begins_or_ends_with(text, head) for head in found["h1"]):
            return text
    whole = (*found["title"], *found["og"])
    for head in found["h1"]:
        if len(comparable_letters(head)) > 8 and any(_begins_or_ends_with(head, text) for text in whole):
            return head
    return None


def _choose_without_metadata(found: dict[str, list[str]], other: list[str]) -> str:
    """A heading that `<title>` contains, a long `<h1>`, `<title>`, other meta tags, any heading."""
    titles = found["title"]
    for head in (*found["h1"], *found["h2"], *found["h3"]):
        key = comparable_letters(head)
        if titles and len(key) > 8 and key in comparable_letters(titles[0]):
            return head
    long_heads = [head for head in found["h1"] if len(head.split()) > 3]
    return next(iter([*long_heads, *titles, *other, *found["h1"], *found["h2"]]), "")


def _prefer_metadata(head: str, linked: str, social: str) -> str:
    """A heading that another candidate agrees with; the metadata that differ may still be better."""
    same, line, shared = comparable_letters(head), comparable_letters(linked), comparable_letters(social)
    if linked and line != same:
        if line == shared:  # two against the heading
            return social
        # JSON-LD has the newsroom's own name; h1 and og:title are written for search engines
        return linked if shared == same and not line.startswith(same) else head
    if social and shared != same and len(social) > 0.4 * len(head) and same.endswith(shared):
        return social
    return head


def _begins_or_ends_with(part: str, whole: str) -> bool:
    """Whether `whole` begins or ends with `part`, and `part` is more than 40 % of it."""
    inner, outer = comparable_letters(part), comparable_letters(whole)
    return len(inner) > 0.4 * len(outer) and (outer.startswith(inner) or outer.endswith(inner))


def _shares_words(one: str, other: str) -> bool:
    words, others = set(comparable_words(one).split()), set(comparable_words(other).split())
    if len(words) > 4:
        return True
    return len(words & others) >= 0.5 * max(len(words), 1) and len(words) > 1

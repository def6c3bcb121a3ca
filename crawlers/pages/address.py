"""The address that a page names as its own, and its links to papers and trials.

Canonical, in order: the page's `<link rel=canonical>`, else `og:url`, if it is on the same site (host without www,
m, mobile, amp) and is not just the home page; else the address where the page was found. Each is cleaned first
(`crawlers.addresses.clean_url`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawlers.addresses import COPY_HOST, clean_url
from crawlers.pages.parsed_page import ParsedPage

_PAPER_HOSTS = re.compile(
    r"(?:^|\.)(?:doi\.org|pubmed\.gov|ncbi\.nlm\.nih\.gov|pmc\.ncbi\.nlm\.nih\.gov|europepmc\.org|clinicaltrials\.gov"
    r"|isrctn\.com|euclinicaltrials\.eu|clinicaltrialsregister\.eu|cris\.nih\.go\.kr|jrct\.(?:niph|mhlw)\.go\.jp"
    r"|trialsearch\.who\.int|biorxiv\.org|medrxiv\.org|arxiv\.org|researchsquare\.com|preprints\.org|cell\.com"
    r"|sciencedirect\.com|springer\.com|wiley\.com|thelancet\.com|nejm\.org|jamanetwork\.com|bmj\.com|plos\.org"
    r"|frontiersin\.org|mdpi\.com|oup\.com|biomedcentral\.com|pnas\.org|elifesciences\.org|tandfonline\.com|karger\.com"
    r"|liebertpub\.com|sagepub\.com|embopress\.org|rupress\.org|jci\.org|ashpublications\.org|ahajournals\.org)$"
)
_PAPER_PATHS = re.compile(
    r"/doi/(?:full/|abs/|pdf/|epdf/)?10\.|/articles?/(?:s\d|nature|10\.)|nature\.com/articles/|science\.org/doi"
)
_MOST_LINKS = 100


def find_canonical_url(page: ParsedPage) -> str:
    """The one address of the page."""
    for said in _declared_addresses(page):
        absolute = clean_url(_join_address(page.url, said))
        if absolute is not None and _is_same_page(absolute, page.url):
            return absolute
    return clean_url(page.url) or page.url


def find_paper_links(root: HtmlElement, url: str) -> tuple[str, ...]:
    """Absolute links under `root` that name a paper, a preprint, a trial or a registry; each once, in page order."""
    found: dict[str, None] = {}
    for element in root.iter("a"):
        href = element.get("href") or ""
        if not _names_a_paper(href):
            continue
        absolute = _join_address(url, href.strip())
        if absolute.startswith(("http://", "https://")) and len(absolute) < 1000:
            found[absolute] = None
        if len(found) >= _MOST_LINKS:
            break
    return tuple(found)


def _join_address(base: str, href: str) -> str:
    """The absolute address; empty when `href` is not an address (`http://[` raises in urllib)."""
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _names_a_paper(href: str) -> bool:
    if "//" not in href:
        return False
    host, _slash, path = href.split("//", 1)[1].partition("/")
    return (len(path) > 3 and _is_paper_host(host.lower())) or _PAPER_PATHS.search(href) is not None


@lru_cache(maxsize=10_000)
def _is_paper_host(host: str) -> bool:
    return _PAPER_HOSTS.search(host.partition(":")[0]) is not None


def _declared_addresses(page: ParsedPage) -> list[str]:
    links = [
        element.get("href") or ""
        for element in page.tree.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    return [said.strip() for said in (*links, *page.metas.get("og:url", [])) if said.strip()]


def _is_same_page(said: str, found: str) -> bool:
    """A canonical link to another site, or from an article to the home page, is an error of a template."""
    try:
        one, other = urlsplit(said), urlsplit(found)
    except ValueError:
        return False
    hosts = [_get_site(parts.hostname or "") for parts in (one, other)]
    if hosts[0] != hosts[1] and "ampproject.org" not in hosts[1]:
        return False
    return one.path not in ("", "/") or bool(one.query) or other.path in ("", "/")


def _get_site(host: str) -> str:
    host = host.lower().removeprefix("www.")
    labels = COPY_HOST.sub("", host).split(".")
    return ".".join(labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])

"""The address that a page names as its own, and its links to papers and trials.

Canonical, in order: the page's `<link rel=canonical>`, else `og:url`, if it can be this page's; else the address where
the page was found. Each is cleaned first (`crawlers.addresses.clean_url`). Relative addresses begin at `<base href>`.
A claim is not this page's when it leads

1. to another site (host without www, m, mobile, amp);
2. to the home page, or that of a language;
3. to a section: a path on the way to the page's own that names no story;
4. to the script alone: it leaves out the part of the query that names the story;
5. to another language's page.

A claim that passes can still be a template's mistake. That shows only when other pages make it too, so it is held
against them when the document is made (`crawlers.documents.ownership`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from lxml.html import HtmlElement

from crawlers.addresses import address_key, clean_url, join_address, site_of, split_query
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
_STATE = re.compile(  # names of a query that say how a page is shown
    r"^(?:page|p?age?no|pageindex|spage|offset|start|limit|sort|order|orderby|view|print|lang|language|locale|hl|q|query"
    r"|search|keyword|sca|sfl|stx|sop|sst|sod|menu\w*|mid|tab|theme|skin|size|width|replytocom|share|ref|rss|from|via)$",
    re.IGNORECASE,
)
_STORY_NAMES = frozenset({
    "id", "no", "idx", "seq", "num", "nid", "aid", "p", "article", "articleid", "article_id", "idxno", "newsid",
    "news_id", "wr_id", "document_srl", "nttid", "nttno", "bbsidx", "board_seq", "boardseq", "post", "postid",
    "post_id",
    "story", "item", "itemid", "contentid", "content_id",
})  # fmt: skip
_COPIES = frozenset({"amp", "print", "full", "html", "comments", "printable"})  # at the end of a path
_HOME = re.compile(r"(?:/[a-z]{2}(?:[-_][a-z]{2,4})?)?/?(?:(?:index|main|home)(?:\.\w+)?)?")
_LANGUAGE = re.compile(
    r"(?:en|eng|ko|kr|kor|ja|jp|jpn|zh|cn|chn|tw|de|fr|es|it|pt|nl|sv|se|da|dk|nb|fi|pl|ru|cs|hu|tr|ar|he|vi|th|id)"
    r"(?:[-_][a-z]{2,4})?"
)


def find_canonical_url(page: ParsedPage) -> str:
    """The one address of the page. A claim that only spells its own address otherwise keeps the scheme."""
    own = clean_url(page.url)
    for said in _declared_addresses(page):
        claim = clean_url(join_address(page.base, said) or "")
        if claim is None:
            continue
        if own is not None and address_key(claim) == address_key(own):
            return urlsplit(own).scheme + claim[claim.index("://") :]
        if _can_be(claim, own or page.url):
            return claim
    return own or page.url


def find_paper_links(root: HtmlElement, url: str) -> tuple[str, ...]:
    """Absolute links under `root` that name a paper, a preprint, a trial or a registry; each once, in page order.

    Relative links begin at `url`.
    """
    found: dict[str, None] = {}
    for element in root.iter("a"):
        href = element.get("href") or ""
        if not _names_a_paper(href):
            continue
        absolute = join_address(url, href)
        if absolute is not None and len(absolute) < 1000:
            found[absolute] = None
        if len(found) >= _MOST_LINKS:
            break
    return tuple(found)


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


def _can_be(said: str, found: str) -> bool:
    """Whether a page found at one address can be named by the other."""
    try:
        claim, own = urlsplit(said), urlsplit(found)
    except ValueError:
        return False
    hosts = claim.hostname or "", own.hostname or ""
    if site_of(hosts[0]) != site_of(hosts[1]) and "ampproject.org" not in hosts[1]:
        return False
    if _is_home(claim) and not _is_home(own):
        return False
    return not (_is_section(claim, own) or _loses_name(claim, own) or _is_other_language(claim, own))


def _is_home(address: SplitResult) -> bool:
    return not address.query and not address.fragment and _HOME.fullmatch(address.path.lower()) is not None


def _is_section(claim: SplitResult, own: SplitResult) -> bool:
    """`/news/` of `/news/1`; not `/news/4711` of `/news/4711/heart-tissue-beats`, nor `/cells` of `/cells/print`."""
    short, long = _segments(claim.path), _segments(own.path)
    if claim.query or len(short) >= len(long) or long[: len(short)] != short:
        return False
    return not _names_story(short[-1:]) and not _COPIES.issuperset(long[len(short) :])


def _loses_name(claim: SplitResult, own: SplitResult) -> bool:
    """`/news.php` of `/news.php?no=5`; not `/news/heart-tissue-beats` of `/news/heart-tissue-beats?page=2`."""
    if _segments(claim.path) != _segments(own.path) or not own.query:
        return False
    kept = {pair.name.lower() for pair in split_query(claim.query)}
    lost = [pair for pair in split_query(own.query) if pair.name.lower() not in kept and not _STATE.match(pair.name)]
    if not lost or kept & _STORY_NAMES:
        return any(pair.name.lower() in _STORY_NAMES for pair in lost)
    return not _names_story(_segments(own.path)[-1:])


def _is_other_language(claim: SplitResult, own: SplitResult) -> bool:
    """Whether both say their language in the same place, and not the same one."""
    pairs = [*zip(_segments(claim.path), _segments(own.path), strict=False)]
    pairs.append(((claim.hostname or "").partition(".")[0], (own.hostname or "").partition(".")[0]))
    said, found = ({pair.name.lower(): pair.value for pair in split_query(one.query)} for one in (claim, own))
    pairs += [(said.get(name, ""), found.get(name, "")) for name in ("lang", "language", "locale", "hl")]
    return any(one != other and _LANGUAGE.fullmatch(one) and _LANGUAGE.fullmatch(other) for one, other in pairs)


def _segments(path: str) -> list[str]:
    return [part for part in path.lower().split("/") if part]


def _names_story(segments: list[str]) -> bool:
    """Whether a part of a path could name one story: a number that is no year, month or day, or many words."""
    for part in segments:
        stem = re.sub(r"\.\w{2,5}$", "", part)
        if re.search(r"\d", stem) and not re.fullmatch(r"(?:19|20)\d\d(?:[-_.]?\d\d?){0,2}|[01]?\d|[0-3]\d", stem):
            return True
        if len(re.findall(r"[-_+]|%20", stem)) >= 3 or (stem.count("%") >= 6 and len(stem) >= 24):
            return True
    return False

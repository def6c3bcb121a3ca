"""The address of a page that stays the same however one came to it, and its links that name papers and trials.

Canonical, in order: the page's `<link rel=canonical>`, else `og:url`, if it is on the same site (host without www,
m, mobile, amp) and not merely the home page; else where the page was found. Then: http(s) only, host in lower case,
default ports and fragments gone, AMP and mobile copies folded onto the full page (`amp.` and `m.` hosts, `/amp`,
`?outputType=amp`, Google's AMP cache), trackers out of the query (utm_*, fbclid …; courlan's list and ours),
the rest of the query in its own order, since boards (`?bo_table=qa&wr_id=12`) say with it which page they mean.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from lxml.html import HtmlElement

from crawlers.pages.source import PageSource

_TRACKERS = re.compile(
    r"^(?:utm_\w+|mtm_\w+|pk_\w+|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hs\w+|hsctatracking"
    r"|ns_\w+|at_\w+|wt_mc|wtmc|cmpid|cmp|campaign\w*|ref_src|ref_url|referrer|ref|src|source|smid|smtyp|spm|share|shared"
    r"|sr_share|rss|feed|from|xtor|ocid|cid|icid|intcmp|ito|partner|trk|sessionid|sid|phpsessid|jsessionid|wbraid|gbraid)$",
    re.IGNORECASE,
)
_AMP_QUERY = frozenset((("amp", "1"), ("amp", "true"), ("amp", ""), ("outputtype", "amp"), ("view", "amp"), ("m", "1")))
_STAMPS = {"pubmed.ncbi.nlm.nih.gov": ("fc", "ff", "v")}  # when and by what feed the link was made
_COPY_HOST = re.compile(r"^(?:amp|m|mobile|wap|touch)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"/amp/?$|\.amp(?=\.html?$)|\.amp$|(?<=/)amp/(?=\d{4}/)")
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


def canonical_url(page: PageSource) -> str:
    """The page's one address."""
    for said in _said(page):
        absolute = clean_url(_join(page.url, said))
        if absolute is not None and _same_page(absolute, page.url):
            return absolute
    return clean_url(page.url) or page.url


def clean_url(url: str) -> str | None:
    """`url` without trackers, fragments and copies' marks; None when it is not http(s) or not an address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    cached = re.fullmatch(r"([\w-]+)\.cdn\.ampproject\.org", host)
    inner = re.match(r"/[cvi]/(s/)?([^/]+\.[^/]+)(/.*)?$", parts.path) if cached else None
    if inner:
        return clean_url(f"http{'s' if inner[1] else ''}://{inner[2]}{inner[3] or '/'}")
    host = _COPY_HOST.sub("", host)
    path = _AMP_PATH.sub("", parts.path) or "/"
    if path != "/" and parts.path.endswith("/") and not path.endswith("/") and not path.endswith((".html", ".htm")):
        path += "/"
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKERS.match(key)
        and (key.lower(), value.lower()) not in _AMP_QUERY
        and key not in _STAMPS.get(host, ())
    ]
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    return urlunsplit(
        SplitResult(parts.scheme.lower(), netloc, quote(path, safe="/%:@!$&'()*+,;=~-._"), urlencode(query), "")
    )


def paper_links(root: HtmlElement, url: str) -> tuple[str, ...]:
    """Absolute links under `root` that name a paper, a preprint, a trial or a registry; each once, in page order."""
    found: dict[str, None] = {}
    for element in root.iter("a"):
        href = element.get("href") or ""
        if not _names_a_paper(href):
            continue
        absolute = _join(url, href.strip())
        if absolute.startswith(("http://", "https://")) and len(absolute) < 1000:
            found[absolute] = None
        if len(found) >= _MOST_LINKS:
            break
    return tuple(found)


def _join(base: str, href: str) -> str:
    """The absolute address; empty when `href` is none (`http://[` raises in urllib)."""
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


def _said(page: PageSource) -> list[str]:
    links = [
        element.get("href") or ""
        for element in page.tree.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    return [said.strip() for said in (*links, *page.metas.get("og:url", [])) if said.strip()]


def _same_page(said: str, found: str) -> bool:
    """Canonical links to another site, or from a story to the home page, are mistakes of a template."""
    try:
        one, other = urlsplit(said), urlsplit(found)
    except ValueError:
        return False
    hosts = [_site(parts.hostname or "") for parts in (one, other)]
    if hosts[0] != hosts[1] and "ampproject.org" not in hosts[1]:
        return False
    return one.path not in ("", "/") or bool(one.query) or other.path in ("", "/")


def _site(host: str) -> str:
    host = host.lower().removeprefix("www.")
    labels = _COPY_HOST.sub("", host).split(".")
    return ".".join(labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])

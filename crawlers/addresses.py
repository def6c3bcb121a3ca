"""Addresses: which can be asked for, whose they are, and when two of them name one page.

Feeds, listings, pages and ids all use this module, so that they agree. A part of a query is one of these:

* **tracker**: a name that only says how the reader came (utm_*, fbclid, PHPSESSID …). It always goes.
* **doubtful**: a name that says how the reader came at one site and names the story at the next (sid, ref, source,
  from, share, m …). It goes where its value says so (`ref=rss`, `sid=` and a session's 32 digits), or where the listed
  items of a source stay apart without it (`find_idle`). One address alone does not tell, so it keeps `sid=101`.
* **anything else** stays, in its order and with its bytes as they are: `%C1%D9` is text in another encoding.

An address has three forms: `clean_url` is what we show and name documents by, `listed_url` keeps all that could tell
two listed items apart (doubtful names and fragments), `loose_url` is without doubtful names. `address_key` makes two
spellings of one address equal: scheme, www., default ports, a slash at the end, index.html, the order of the query,
`%7e` for `~`. It is for comparing; nobody is ever shown it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

_TRACKERS = re.compile(
    r"^(?:utm[_-]\w+|mtm_\w+|(?:pk|piwik)_(?:campaign|cpn|kwd|keyword|source|medium|content|cid|vid)|matomo_\w+|fbclid"
    r"|fb_(?:action|ref|source)\w*|gclid|gclsrc|gad_\w+|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid"
    r"|igsh|epik|srsltid|mc_[ce]id|mkt_tok|vero_id|oly_(?:enc|anon)_id|_?_hs\w+|hsctatracking|_ga|_gl|_openstat"
    r"|__twitter_impression|guccounter|guce_\w+|ns_(?:mchannel|source|campaign|linkname|fee)|at_\w+|wt[._]mc\w*|wtmc"
    r"|cmpid|cmp|campaign\w*|ref_src|ref_url|referrer|referer|smid|smtyp|spm|sr_share|xtor|intcmp|icid|ito|trk"
    r"|phpsessid|jsessionid|aspsessionid\w*|oscsid|zenid|cftoken)$",
    re.IGNORECASE,
)
_DOUBTFUL = re.compile(
    r"^(?:ref|src|source|share|shared|rss|feed|from|via|ocid|cid|ncid|s_cid|partner|sid|s?essionid|sess(?:ion)?_?id|cfid|m)$",
    re.IGNORECASE,
)
_ORIGIN = re.compile(  # values that say where the link was
    r"^(?:|rss(?:[-_ ]?\d+(?:\.\d+)?|[-_ ]?feed|[-_ ].*)?|feed(?:burner)?|atom|xml|tw|twitter|x|fb|facebook|linkedin"
    r"|insta(?:gram)?|kakao\w*|naver|daum|line|google\w*|bing|yahoo|whatsapp|telegram|reddit|bluesky|mastodon|threads|e-?mail|mail|newsletter|nl|edm"
    r"|push|app|social\w*|shar(?:e|ed|ing)\w*|home(?:page)?|main|index|top|list|latest|hp|front(?:page)?|search|sidebar|footer"
    r"|header|menu|nav|banner|related|more|web|pc|mobile|link|copy|true|yes)$",
    re.IGNORECASE,
)
_SESSION = re.compile(r"^(?=.*\d)(?:[0-9a-f]{20,}|(?=.*[a-z])[0-9a-z]{20,}|[0-9a-z,-]{26,32})$", re.IGNORECASE)
_COPY = frozenset(
    (
        ("amp", "1"), ("amp", "true"), ("amp", ""), ("outputtype", "amp"), ("view", "amp"),
        ("print", "1"), ("print", "true"), ("print", "yes"), ("print", "y"), ("printable", "1"), ("printable", "yes"),
        ("format", "print"), ("view", "print"), ("layout", "print"),
    )
)  # fmt: skip
_MARKS = frozenset({"rss=1", "rss=y"})
_STAMPS = {"pubmed.ncbi.nlm.nih.gov": ("fc", "ff", "v")}  # parameters that say when and by which feed the link was made
COPY_HOST = re.compile(r"^(?:amp|m|mobile|wap|touch)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"/amp/?$|\.amp(?=\.html?$)|\.amp$|(?<=/)amp/(?=\d{4}/)")
_SESSION_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid)=[^/?#;]*|(?<=/)\(S\([0-9a-z]+\)\)/?", re.IGNORECASE
)
_TRACKING_ANCHOR = re.compile(r"^(?:xtor=|utm_|at_|ref=|:~:)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|shtml|cgi)$", re.IGNORECASE)
_SHARED = frozenset({  # sites at which every host is somebody else's
    "blogspot.com", "wordpress.com", "github.io", "substack.com", "tistory.com", "medium.com", "tumblr.com",
    "wixsite.com", "weebly.com", "netlify.app", "pages.dev", "vercel.app", "hatenablog.com", "feedburner.com",
    "cafe24.com",
})  # fmt: skip


class Pair(NamedTuple):
    """One piece of a query as it is written: `raw` is all of it, name and value are decoded for comparing."""

    raw: str
    name: str
    value: str


Drops = Callable[[Pair], bool]


def host_of(url: str) -> str:
    """The host of an address in lower case without the final dot; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def site_of(host: str) -> str:
    """The part of a host that one publisher has: without www, m and the like; the whole of it at a shared host.

    >>> site_of("www.news.hospital.co.uk"), site_of("lab.blogspot.com")
    ('hospital.co.uk', 'lab.blogspot.com')
    """
    host = re.sub(r"^www\d*\.", "", host.lower())
    labels = COPY_HOST.sub("", host).split(".")
    site = ".".join(labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])
    return ".".join(labels) if site in _SHARED else site


def is_askable(url: str) -> bool:
    """Whether an address can be asked for at all: http(s), a host, a port that exists."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """Host and port, as the address writes them: the unit that can ask us to wait, or be unreachable."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def join_address(base: str, href: str) -> str | None:
    """`href` as an absolute http(s) address; None when it is not one (`http://[` raises in urllib)."""
    try:
        address = urljoin(base, href.strip())
        return address if urlsplit(address).scheme.lower() in ("http", "https") else None
    except ValueError:
        return None


def clean_url(url: str) -> str | None:
    """The address that we show: without trackers, copies' marks (AMP, mobile, print) and anchors.

    None when it is not http(s) or not an address. `#!/news/1` and `#/news/1` are no anchors: they name the page.

    >>> clean_url("http://m.inst.example/v?sid=101&utm_source=x&word=%C1%D9#top")
    'http://inst.example/v?sid=101&word=%C1%D9'
    """
    return _rewrite(url, _is_dispensable)


def loose_url(url: str) -> str | None:
    """`clean_url` without every doubtful name, whatever its value is."""
    return _rewrite(url, lambda pair: _DOUBTFUL.match(pair.name) is not None or _is_dispensable(pair))


def listed_url(url: str) -> str | None:
    """The address with everything that could tell two listed items apart: only trackers are left out."""
    return _rewrite(url, lambda pair: _TRACKERS.match(pair.name) is not None, whole=True)


def address_key(url: str) -> str:
    """What two spellings of one address have in common. Never shown.

    >>> address_key("http://www.inst.example:80/a/index.html?b=2&a=1")
    'inst.example/a?a=1&b=2'
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower().rstrip("."))
    path = re.sub(r"/{2,}", "/", re.sub(r"^/index\.php(?=/)", "", _spell(parts.path)))
    path = _INDEX.sub("/", path).rstrip("/")
    query = sorted(f"{_spell(pair.name)}={_spell(pair.value)}" for pair in split_query(parts.query))
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    return netloc + path + ("?" + "&".join(query) if query else "") + (f"#{parts.fragment}" if parts.fragment else "")


def split_query(query: str) -> list[Pair]:
    """The pieces of a query in their order; `+` is a space, `&amp;` was escaped once too often."""
    pairs = []
    for raw in query.replace("&amp;", "&").split("&"):
        name, _, value = raw.partition("=")
        if raw:
            pairs.append(Pair(raw=raw, name=name.replace("+", " "), value=value.replace("+", " ")))
    return pairs


def find_idle(addresses: Sequence[str], titles: Sequence[str], wanted: Drops) -> frozenset[str]:
    """Names of a query that can go from the items of a list.

    * A doubtful name goes if it has the same value in several items (one that changes may name the story), and no two
      items become one without it. Two items with one title are one.
    * What `wanted` says (the page of a board) goes unless most items become one without it: boards repeat their notices
      on each page, some under other titles.
    """
    found: dict[str, list[Pair]] = {}
    for address in addresses:
        for pair in split_query(_query_of(address)):
            found.setdefault(pair.name.lower(), []).append(pair)
    idle: set[str] = set()
    for name, pairs in found.items():
        before, after = ([without(address, names) for address in addresses] for names in (idle, {*idle, name}))
        if _DOUBTFUL.match(name):
            constant = len(pairs) > 1 and len({pair.value for pair in pairs}) == 1
            goes = constant and not _would_fold(after, titles)
        else:
            goes = all(wanted(pair) for pair in pairs) and not _would_collapse(before, after)
        if goes:
            idle.add(name)
    return frozenset(idle)


def without(url: str, names: Iterable[str], *, anchor: bool = True) -> str:
    """An address as it is asked for, without trackers, sessions and these names (in lower case).

    `anchor`: with its fragment. What is no address comes back as it is.
    """
    gone = frozenset(names)
    drops: Drops = lambda pair: pair.name.lower() in gone or _is_tracker(pair)  # noqa: E731
    return _rewrite(url, drops, whole=anchor, copies=True) or url


def fold_rows(addresses: Sequence[str], titles: Sequence[str], wanted: Drops) -> list[str]:
    """The addresses of listed items, as short as they can be while items with different titles stay apart.

    Doubtful names go where they are idle, those that `wanted` says likewise, and so do anchors.
    """
    idle = find_idle(addresses, titles, wanted)
    anchor = _would_fold([without(address, idle, anchor=False) for address in addresses], titles)
    return [without(address, idle, anchor=anchor) for address in addresses]


def _would_fold(addresses: Sequence[str], titles: Sequence[str]) -> bool:
    """Whether items with different titles have one address."""
    titled: dict[str, set[str]] = {}
    for address, title in zip(addresses, titles, strict=True):
        titled.setdefault(address_key(address), set()).add(title.strip())
    return any(len(some) > 1 for some in titled.values())


def _would_collapse(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether most items become one."""
    many, few = (len({address_key(address) for address in some}) for some in (before, after))
    return few * 2 < many or few == 1 < many


def _query_of(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""


def _is_tracker(pair: Pair) -> bool:
    return _TRACKERS.match(pair.name) is not None or (
        _DOUBTFUL.match(pair.name) is not None and (_SESSION.match(pair.value) is not None)
    )


def _is_dispensable(pair: Pair) -> bool:
    """A tracker, a copy's mark, or a doubtful name whose value says where the link was."""
    if _is_tracker(pair) or (pair.name.lower(), pair.value.lower()) in _COPY or pair.raw.lower() in _MARKS:
        return True
    return _DOUBTFUL.match(pair.name) is not None and _ORIGIN.match(pair.value) is not None


def _rewrite(url: str, drops: Drops, *, whole: bool = False, copies: bool = False) -> str | None:
    """`whole`: fragments stay, unless they are trackers or lead to a passage. `copies`: AMP and mobile hosts stay."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    cached = not copies and re.fullmatch(r"([\w-]+)\.cdn\.ampproject\.org", host)
    inner = re.match(r"/[cvi]/(s/)?([^/]+\.[^/]+)(/.*)?$", parts.path) if cached else None
    if inner:
        return _rewrite(f"http{'s' if inner[1] else ''}://{inner[2]}{inner[3] or '/'}", drops, whole=whole)
    path = _SESSION_PATH.sub("", parts.path)
    if not copies:
        host, path = COPY_HOST.sub("", host), _drop_amp(path)
    stamps = _STAMPS.get(host, ())
    kept = [pair.raw for pair in split_query(parts.query) if not (drops(pair) or pair.name in stamps)]
    if not copies and re.search(r"\d.*[^/]{6,}\.html?$", path):  # /2024/05/heart-tissue.html?m=1 is a mobile copy
        kept = [raw for raw in kept if raw != "m=1"]
    routes = len(parts.fragment) > 2 and parts.fragment.startswith(("!", "/"))
    fragment = parts.fragment if routes or (whole and not _TRACKING_ANCHOR.match(parts.fragment)) else ""
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    return urlunsplit(
        SplitResult(
            parts.scheme.lower(), netloc, quote(path or "/", safe="/%:@!$&'()*+,;=~-._"),
            quote("&".join(kept), safe="%:@!$&'()*+,;=~-._/?[]"),
            quote(fragment, safe="/%:@!$&'()*+,;=~-._?"),
        )
    )  # fmt: skip


def _drop_amp(path: str) -> str:
    bare = _AMP_PATH.sub("", path) or "/"
    if bare != "/" and path.endswith("/") and not bare.endswith("/") and not bare.endswith((".html", ".htm")):
        bare += "/"
    return bare


def _spell(text: str) -> str:
    """One spelling of the bytes of a path or a query: what need not be escaped is not, everything else is."""
    return quote(unquote_to_bytes(text), safe="/-._~!$'()*,;:@")

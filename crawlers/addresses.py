"""Addresses: which can be asked for, whose they are, and how one page keeps one address.

`clean_url` keeps http(s) only, writes the host in lower case, removes default ports and fragments, folds AMP and mobile
copies onto the full page (`amp.` and `m.` hosts, `/amp`, `?outputType=amp`, Google's AMP cache), and removes trackers
from the query (utm_*, fbclid …; courlan's list and ours). The rest of the query keeps its order, because boards
(`?bo_table=qa&wr_id=12`) use it to say which page they mean.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

_TRACKERS = re.compile(
    r"^(?:utm_\w+|mtm_\w+|pk_\w+|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hs\w+|hsctatracking"
    r"|ns_\w+|at_\w+|wt_mc|wtmc|cmpid|cmp|campaign\w*|ref_src|ref_url|referrer|ref|src|source|smid|smtyp|spm|share|shared"
    r"|sr_share|rss|feed|from|xtor|ocid|cid|icid|intcmp|ito|partner|trk|sessionid|sid|phpsessid|jsessionid|wbraid|gbraid)$",
    re.IGNORECASE,
)
_AMP_QUERY = frozenset((("amp", "1"), ("amp", "true"), ("amp", ""), ("outputtype", "amp"), ("view", "amp"), ("m", "1")))
_STAMPS = {"pubmed.ncbi.nlm.nih.gov": ("fc", "ff", "v")}  # parameters that say when and by which feed the link was made
COPY_HOST = re.compile(r"^(?:amp|m|mobile|wap|touch)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"/amp/?$|\.amp(?=\.html?$)|\.amp$|(?<=/)amp/(?=\d{4}/)")


def host_of(url: str) -> str:
    """The host of an address in lower case without the final dot; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


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
    host = COPY_HOST.sub("", host)
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

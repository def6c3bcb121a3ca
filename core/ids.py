"""Finds, checks and normalises identifiers: DOI, PMID, trial numbers, GEO, RRID, ROR, ORCID ….

Each identifier has one spelling, so that equal means the same: a DOI in lower case without prefix
(`10.1038/nature12345`), a PMID as digits, `PMC123`, `NCT01234567`, `ISRCTN01234567`, EudraCT `2015-001234-12` (no
country), CTIS `2022-500014-26-00` (the short form without its last two digits gets `-00`), GEO `GSE12345` (series,
samples, platforms, data sets), RRID without its prefix (`CVCL_9773`, `AB_2138153`, `IMSR_JAX:000664`), ROR and ORCID
without an address. Check digits are checked (ORCID: ISO 7064 mod 11-2; ROR: mod 97-10); what fails is not an
identifier.

In running text (`find_ids`) a PMID, a ROR and an RRID need their name or address before them (a Cellosaurus number does
not), for bare digits mean anything.
A DOI ends at white space, quotes, angle brackets or a letter that no DOI has (Korean particles follow without a space);
then closing punctuation and brackets that were not opened inside go. Typographic dashes count as hyphens.

An address often carries a DOI (`doi_of_url`): after /doi/abs/ and its like, in ?id= or ?doi=, or as the publisher's own
article number (nature.com/articles/…). What readers' software appended goes: /full, .pdf, .abstract, bioRxiv's v2.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SCHEMES = ("doi", "pmid", "pmcid", "nct", "isrctn", "eudract", "ctis", "geo", "rrid", "ror", "orcid")

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"))
_DASH = "[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_NOT_LAST = frozenset(".,;:!?'*_\u2026-([{</&")
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}

_DOI_PREFIX = re.compile(
    r"^(?:(?:https?:)?//(?:[\w-]+\.)*doi\.org/|(?:dx\.)?doi\.org/|info:doi/|urn:doi:)?\s*(?:doi\s*[:=.]?\s*)*(?=10\.)",
    re.I,
)
_DOI_FORM = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\x00-\x20\x7f-\xa0]{1,300}")
_DOI_CHAR = rf"(?:[!#-;=?-~]|{_DASH})"  # ASCII but for quotes and angle brackets
_DOI_TEXT = re.compile(
    # the second half reads the old Wiley form 10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2
    rf"(?<![\d.])10\.\d{{4,9}}(?:\.\d+)*/(?:(?![,;]?(?:doi:|https?:|10\.\d{{4,9}}/)){_DOI_CHAR}){{1,400}}"
    rf"(?:<[^\s<>\"]{{1,40}}::AID-[^\s<>\"]{{1,40}}>{_DOI_CHAR}+)?",
    re.I,
)
_DOI_TAIL = re.compile(  # what the address of a reader's view adds to the DOI itself
    r"(?:[/.](?:abstract|full|full-text|fulltext|pdf|epdf|epub|html|xml|meta|summary|references|figures|tables|citations?|"
    r"citedby|download|suppl(?:ementary)?|supplementary-material|article-info|article-metrics|info|short|long|extract|"
    r"toc|reader|pdfplus|pdfdirect|asset|related|review-history|peer-review|viewer)|/v?epub3?|\+html|_reference)+/?$",
    re.I,
)
_PREPRINT_VERSION = re.compile(r"^(10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.)?\d{6,8})v\d+.*$")

_CONTEXT = {  # in running text: group 1 is the identifier itself
    "pmid": re.compile(
        r"(?:\bPMID[\s:#]*|\bpubmed\.ncbi\.nlm\.nih\.gov/|\binfo:pmid/"
        r"|\bncbi\.nlm\.nih\.gov/(?:m/)?pubmed/(?:\?term=)?)"
        r"([1-9]\d{0,7})(?!\d)",
        re.I,
    ),
    "pmcid": re.compile(r"(?<![A-Za-z0-9])(PMC[1-9]\d{4,7})(?!\d)", re.I),
    "nct": re.compile(rf"(?<![A-Za-z0-9])(NCT(?: |{_DASH})?\d{{8}})(?!\d)", re.I),
    "isrctn": re.compile(rf"(?<![A-Za-z0-9])(ISRCTN(?: |{_DASH})?\d{{8}})(?!\d)", re.I),
    "ctis": re.compile(rf"(?<![\d-])(20[2-9]\d{_DASH}5\d{{5}}{_DASH}\d\d(?:{_DASH}\d\d)?)(?!\d|{_DASH}\d)"),
    "eudract": re.compile(rf"(?<![\d-])(20[0-2]\d{_DASH}0\d{{5}}{_DASH}\d\d)(?!\d|{_DASH}\d)"),
    "geo": re.compile(r"(?<![A-Za-z0-9])(G(?:SE|SM|PL|DS)[1-9]\d{2,8})(?![A-Za-z0-9])"),
    "rrid": re.compile(
        r"(?:\bRRID(?: ?[:=] ?| )|\bidentifiers\.org/rrid/(?:RRID:)?|\bresolver/(?:RRID:)?)"
        r"([A-Za-z]{2,12}(?:_[A-Za-z]{2,8})?[_:][A-Za-z0-9]{1,12})(?![A-Za-z0-9_])"
        r"|(?<![A-Za-z0-9_:])(CVCL_[A-Z0-9]{4})(?![A-Za-z0-9_])"
    ),
    "ror": re.compile(r"(?:\bror\.org/|\bROR(?: ID)?:\s*)(0[0-9a-hj-km-np-tv-z]{6}\d\d)(?![0-9a-z])", re.I),
    "orcid": re.compile(rf"(?<![\d-])(\d{{4}}{_DASH}\d{{4}}{_DASH}\d{{4}}{_DASH}\d{{3}}[\dX])(?![\d-])", re.I),
}

# Publishers' article addresses that hold a DOI's last part without its prefix: host, path, what it makes.
_BY_HOST: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("nature.com", re.compile(r"^/articles/(?=[^/]*\d)([a-z0-9][\w.-]{4,})"), "10.1038/{}"),
    ("elifesciences.org", re.compile(r"^/(?:articles|reviewed-preprints|content/\d+)/e?(\d{5,6})"), "10.7554/elife.{}"),
    ("peerj.com", re.compile(r"^/articles/(\d+)"), "10.7717/peerj.{}"),
    ("arxiv.org", re.compile(r"^/(?:abs|pdf|html)/(\d{4}\.\d{4,5})"), "10.48550/arxiv.{}"),
    ("zenodo.org", re.compile(r"^/records?/(\d+)"), "10.5281/zenodo.{}"),
    # Preprints of late 2025 onward may have another prefix than 10.1101; without it in the address we do not guess.
    *(
        (
            host,
            re.compile(
                r"^/(?:cgi/content/[\w-]+|content/(?:\w+/)?early/\d+/\d+/\d+)/"
                r"((?:20(?:1\d|2[0-4])\.\d\d\.\d\d\.|2025\.(?:0\d|10)\.\d\d\.)?\d{6,8})(?!\d|\.\d)"
            ),
            "10.1101/{}",
        )
        for host in ("biorxiv.org", "medrxiv.org")
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier in a text: `text[start:end]` is as it was written, `value` is its one spelling."""

    scheme: str
    value: str
    start: int
    end: int


def normalise(scheme: str, raw: str) -> str | None:
    """The one spelling of `raw` as an identifier of `scheme`, or None if it is not one.

    `raw` may be bare, prefixed (`doi:`, `PMID:`) or an address. Raises KeyError for an unknown scheme.

    >>> normalise("doi", "https://doi.org/10.1038/NATURE12345."), normalise("orcid", "0000-0002-1825-0098")
    ('10.1038/nature12345', None)
    """
    return _NORMALISE[scheme](unicodedata.normalize("NFC", raw).strip())


def find_ids(text: str) -> tuple[Found, ...]:
    """Every identifier in running text, in order of place; one inside another (a PMCID in a DOI) is not counted."""
    found = [hit for match in _DOI_TEXT.finditer(text) if (hit := _doi_at(text, match))]
    for scheme, pattern in _CONTEXT.items():
        for match in pattern.finditer(text):
            group = match.lastindex or 1
            value = normalise(scheme, match[group])
            if value is not None:
                found.append(Found(scheme, value, match.start(group), match.end(group)))
    found.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[Found] = []
    for hit in found:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return tuple(kept)


def doi_of_url(url: str) -> str | None:
    """The DOI that an http(s) address carries, or None.

    >>> doi_of_url("https://www.biorxiv.org/content/10.1101/2023.02.28.530540v1.full.pdf+html")
    '10.1101/2023.02.28.530540'
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    resolver = host == "doi.org" or host.endswith(".doi.org")
    for part in (parts.path, parts.query):
        match = _DOI_TEXT.search(_unquoted(part))
        if match is None:
            continue
        raw = match[0]
        if part is parts.query:
            raw = raw.split("&", 1)[0]
        return _finish_doi(raw if resolver else _DOI_TAIL.sub("", raw))
    for home, path, template in _BY_HOST:
        if host == home or host.endswith("." + home):
            match = path.match(parts.path)
            if match:
                return _finish_doi(template.format(_DOI_TAIL.sub("", match[1])))
    return None


def ids_of_url(url: str) -> dict[str, str]:
    """The identifiers that an address contains: at most one value for a scheme."""
    said: dict[str, str] = {}
    doi = doi_of_url(url)
    if doi is not None:
        said["doi"] = doi
    if url.startswith(("http://", "https://")):
        for hit in find_ids(url):
            if hit.scheme != "doi":
                said.setdefault(hit.scheme, hit.value)
    return said


def _doi_at(text: str, match: re.Match[str]) -> Found | None:
    raw = match[0]
    before = text[max(0, match.start() - 200) : match.start()]
    address = re.search(r"https?://[^\s\"<>]*$", before)
    if address is not None:
        raw = re.split(r"[?#&]", raw, maxsplit=1)[0] if "?" not in address[0] else raw.split("&", 1)[0]
        if not re.search(r"//(?:[\w-]+\.)*doi\.org/$", address[0]):
            raw = _DOI_TAIL.sub("", _closed(raw))
    raw = _closed(raw)
    value = _finish_doi(_unquoted(raw))
    return Found("doi", value, match.start(), match.start() + len(raw)) if value else None


def _closed(raw: str) -> str:
    """Without closing punctuation, and without brackets that were opened before the identifier began."""
    while raw:
        last = raw[-1]
        opener = _PAIRS.get(last)
        unopened = opener is not None and raw.count(last) > raw.count(opener)
        if not unopened and last not in _NOT_LAST:
            return raw
        raw = raw[:-1]
    return raw


def _unquoted(raw: str) -> str:
    """Percent-encoding and HTML entities undone, as often as they were done (each turn makes it shorter)."""
    while True:
        plain = html.unescape(unquote(raw) if _decodable(raw) else raw)
        if plain == raw or len(plain) >= len(raw):
            return raw
        raw = plain


def _decodable(raw: str) -> bool:
    if "%" not in raw:
        return False
    try:
        unquote(raw, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _finish_doi(raw: str) -> str | None:
    """`raw` begins with 10.; the last steps that all ways have in common."""
    raw = _closed(raw.translate(_DASHES))
    raw = _PREPRINT_VERSION.sub(r"\1", raw.lower())
    raw = unicodedata.normalize("NFC", _closed(raw))
    return raw if _DOI_FORM.fullmatch(raw) and not _strange(raw) else None


def _strange(raw: str) -> bool:
    return any(unicodedata.category(char)[0] in "CZ" for char in raw)


def _doi(raw: str) -> str | None:
    raw = _unquoted(raw)
    bare = _DOI_PREFIX.sub("", raw, count=1)
    if bare.startswith("10."):
        return _finish_doi(bare)
    return doi_of_url(raw)


def _digits(raw: str, pattern: str) -> str | None:
    match = re.fullmatch(pattern, raw.translate(_DASHES), re.I | re.ASCII)
    return match[1] if match else None


def _pmid(raw: str) -> str | None:
    return _digits(
        raw,
        r"(?:PMID[\s:#]*|info:pmid/|MED:|https?://(?:www\.)?(?:pubmed\.)?ncbi\.nlm\.nih\.gov/(?:pubmed/)?)?"
        r"([1-9]\d{0,7})(?:/|/?[?#].*)?",
    )


def _pmcid(raw: str) -> str | None:
    number = _digits(
        raw,
        r"(?:PMCID[\s:#]*|https?://(?:www\.|pmc\.)?ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/)?"
        r"PMC([1-9]\d{0,7})(?:\.\d+)?(?:/.*|[?#].*)?",
    )
    return f"PMC{number}" if number else None


def _registry(name: str, hosts: str) -> Callable[[str], str | None]:
    def check(raw: str) -> str | None:
        number = _digits(raw, rf"(?:https?://(?:www\.)?(?:{hosts}))?{name}[ -]?(\d{{8}})(?:/|/?[?#].*)?")
        return f"{name}{number}" if number else None

    return check


def _eudract(raw: str) -> str | None:
    return _digits(raw, r"(?:EudraCT(?: (?:number|no\.?))?[\s:#]*|EUCTR)?(20[0-2]\d-0\d{5}-\d\d)(?:-[A-Z]{2,3}|-3rd)?")


def _ctis(raw: str) -> str | None:
    number = _digits(raw, r"(?:EU ?CT(?: (?:number|no\.?))?[\s:#]*|CTIS[\s:#]*)?(20[2-9]\d-5\d{5}-\d\d(?:-\d\d)?)")
    if number is None:
        return None
    return number if len(number) == 17 else f"{number}-00"


def _geo(raw: str) -> str | None:
    number = _digits(
        raw,
        r"(?:GEO(?: accession)?[\s:#]*|https?://(?:www\.)?ncbi\.nlm\.nih\.gov/geo/query/acc\.cgi\?acc=)?"
        r"(G(?:SE|SM|PL|DS)[1-9]\d{2,8})(?:&.*)?",
    )
    return number.upper() if number else None


def _rrid(raw: str) -> str | None:
    prefix = r"(?:https?://(?:www\.)?(?:identifiers\.org/rrid/|scicrunch\.org/resolver/))?(?:RRID(?: ?[:=] ?| ))?"
    name = _digits(raw, prefix + r"([A-Z]{2,12}(?:_[A-Z]{2,8})?[_:][A-Z0-9]{1,12})/?")
    if name is None or name[:5].upper() == "RRID:":
        return None
    authority, sign, number = re.split(r"([_:])(?=[^_:]*$)", name)
    if not any(char.isdigit() for char in number):
        return None
    authority = authority.upper()
    return f"{authority}{sign}{number.upper() if authority == 'CVCL' else number}"


_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def _ror(raw: str) -> str | None:
    prefix = r"(?:(?:https?://(?:www\.)?)?ror\.org/|ROR(?: ID)?:\s*)?"
    name = _digits(raw, prefix + r"(0[0-9a-hj-km-np-tv-z]{6}\d\d)/?")
    if name is None:
        return None
    name = name.lower()
    number = 0
    for char in name[:7]:
        number = number * 32 + _CROCKFORD.index(char)
    return name if int(name[7:]) == 98 - (number * 100) % 97 else None


def _orcid(raw: str) -> str | None:
    prefix = r"(?:(?:https?://(?:www\.)?)?orcid\.org/|ORCID(?: iD)?:?\s*)?"
    name = _digits(raw, prefix + r"((?:\d{4}-){3}\d{3}[\dX])/?")
    if name is None or name[:4] not in ("0000", "0009"):  # ORCID's blocks of the ISNI numbers
        return None
    total = 0
    for char in name.replace("-", "")[:15]:
        total = (total + int(char)) * 2
    check = (12 - total % 11) % 11
    return name.upper() if name[-1].upper() == ("X" if check == 10 else str(check)) else None


_NORMALISE: dict[str, Callable[[str], str | None]] = {
    "doi": _doi,
    "pmid": _pmid,
    "pmcid": _pmcid,
    "nct": _registry("NCT", r"clinicaltrials\.gov/(?:ct2/show/|study/|show/)"),
    "isrctn": _registry("ISRCTN", r"isrctn\.com/|isrctn\.org/|controlled-trials\.com/"),
    "eudract": _eudract,
    "ctis": _ctis,
    "geo": _geo,
    "rrid": _rrid,
    "ror": _ror,
    "orcid": _orcid,
}

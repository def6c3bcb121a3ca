"""Programming interfaces of the literature and the registries: addresses to ask, and bytes to entries. No I/O here.

One module per interface, named in a source's TOML (`[[api]] api = "pubmed"`). What a module must have:

- `BASE`: how its addresses begin;
- `requests(query, since, most)`: the addresses to begin with. `query` is the TOML's, in the interface's own words;
  `since` is a day: what is new or changed from that day on is wanted; `most` is the number of records wanted. Where an
  interface can sort, it is asked for the newest change first;
- `parse(body, *, url, fetched)`: a `ListResult`: entries, and in `follow` the addresses that this answer leads to (the
  next page; a window of days cut in two). `url` is the requested address, without secrets; `fetched` is when. A
  malformed answer raises ApiError with a one-line reason; it is never an empty result;
- `stable(url)`: the address without the parts that differ from night to night (the window of days, a page token). It
  is part of a capture's id, so that the same bytes are kept once.

What a module may have, with the default in brackets:

- `PRIVATE = {"key": "api_key", "mailto": "email"}`: where a secret of the TOML (`key = { env = "NCBI_API_KEY" }`,
  `mailto = { env = "STEMWIRE_MAILTO" }`) goes: into that parameter of the query, or, when the name ends with a colon
  (`"X-Api-Key:"`), into that header. It is added at the last moment: no address that is stored, logged or shown has it,
  and `parse` never sees it. (none: a TOML that gives one is an error)
- `NEWEST_FIRST = True`: answers come in order of the last change. A page on which nothing is new or changed is then the
  last one that is asked for, as long as the night before was whole. (False: paged to the end)
- `OVERLAP = timedelta(days=2)`: how far before the last whole night the window begins. (seven days)
- `PAUSE = 3.0`: seconds between two requests, where the interface's terms ask for more than `crawl.delay`. (0)
- `records(names)` and `named(url)`, for an interface whose search gives names only: the answer lists them in
  `ListResult.names`; `records` gives the addresses of their records, `named` the names in such an address. Those names
  are asked for that are not held, that the night before did not list, or that are due again (as pages are: at
  intervals that double). So a night with nothing new makes one request. (none)

`crawlers.fetch` does the rest: one request at a time per host, `Retry-After`, pages to the end or to the source's
`max`, addresses that lead back to themselves, and a window that moves on only after a night in which every answer came
and could be read.

`Entry.extra` has the same names in every module (absent where the answer does not say): `journal`, `issn` (list),
`abbreviation`, `types` (list), `mesh` (list of {"ui", "name", "major"}), `keywords` (list), `grants` (list of {"id",
"agency", "country"}), `interests` and `funding` (the authors' statements), `affiliations` (list), `people` (list of
{"name", "affiliations", "orcid"}), `preprint_of` and `published_as` (a DOI), `notices` (list of {"nature", "about",
"notice", "day", "reasons", "url"}), `dates` (object), `licence`; trials: `status`, `phase` (list), `conditions` (list),
`interventions` (list of {"kind", "name"}), `sponsor`, `collaborators` (list), `countries` (list), `enrolment` (int),
`started`, `completed`, `has_results`, `design`, `withdrawn`. A notice's `nature` is retraction, withdrawal, concern,
correction or reinstatement; `about` and `notice` are `doi:…`, `pmid:…` or `nct:…`.

The errors of `load_json` and `load_xml` say what came instead: nothing, a page of HTML, half an answer.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from core.errors import StemwireError
from core.text import one_line

_HTML = re.compile(rb"^(?:<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.I | re.S)


class ApiError(StemwireError):
    """The answer is not what this interface should give; the message says what came."""


def without_parameters(url: str, names: frozenset[str]) -> str:
    """An address without these parameters."""
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in names]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def with_parameters(url: str, **more: str) -> str:
    """An address with these parameters added or replaced.

    >>> with_parameters("https://a.example/x?page=1&q=a+b", page="2")
    'https://a.example/x?q=a+b&page=2'
    """
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in more]
    return urlunsplit(parts._replace(query=urlencode([*kept, *more.items()])))


def get_parameter(url: str, name: str) -> str:
    """The last value of a parameter of an address, empty if it has none."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)).get(name, "")


def describe_start(body: bytes) -> str:
    """The start of an unexpected answer, for the message."""
    return " ".join(body[:120].decode("utf-8", "replace").split()) or "nothing"


def load_json(body: bytes, url: str) -> dict[str, Any]:
    """The JSON object of an answer. Raises ApiError that says what came instead."""
    _refuse(body, url, "JSON")
    try:
        said = json.loads(body)
    except UnicodeDecodeError as error:
        raise ApiError("JSON that is not UTF-8", where=url) from error
    except json.JSONDecodeError as error:
        length = len(error.doc.rstrip())
        if body.lstrip()[:1] in (b"{", b"[") and (error.pos >= length or error.msg.startswith("Unterminated")):
            raise ApiError(f"half an answer: the JSON breaks off after {len(body)} bytes", where=url) from error
        raise ApiError(f"not JSON: {describe_start(body)}", where=url) from error
    except (ValueError, RecursionError) as error:
        raise ApiError(f"JSON that cannot be read: {describe_start(body)}", where=url) from error
    if not isinstance(said, dict):
        raise ApiError(f"JSON, but no object: {describe_start(body)}", where=url)
    return said


def load_xml(body: bytes, url: str, *, huge: bool = False) -> etree._Element:
    """The root of an answer in XML; no entity is resolved, nothing is loaded. Raises ApiError that says what came."""
    _refuse(body, url, "XML")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=huge, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise xml_error(error, body, url) from error


def xml_error(error: etree.XMLSyntaxError, body: bytes, url: str) -> ApiError:
    """What is wrong with XML that cannot be read."""
    if not body.lstrip().startswith((b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return ApiError(f"not XML: {describe_start(body)}", where=url)
    said = one_line(str(error.msg or error))
    lines = body.rstrip().split(b"\n")
    line, column = error.position
    if "Premature end of data" in said or (line >= len(lines) and column >= len(lines[-1].decode("utf-8", "replace"))):
        return ApiError(f"half an answer: the XML breaks off after {len(body)} bytes", where=url)
    return ApiError(f"XML that is not well-formed: {said}", where=url)


def _refuse(body: bytes, url: str, wanted: str) -> None:
    if not body.strip():
        raise ApiError("an empty answer", where=url)
    if _HTML.match(body[:2000]):
        title = _TITLE.search(body[:20_000])
        named = f": {one_line(title[1].decode('utf-8', 'replace'))[:100]}" if title else ""
        raise ApiError(f"a page of HTML in place of {wanted}{named}", where=url)

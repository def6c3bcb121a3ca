"""PubMed's E-utilities: a saved search (esearch) and then the records that it names (efetch), as XML.

The search asks for what was changed in PubMed since a day (`mdat`: a record that is new, gets its MeSH headings, or is
retracted), newest publication first; its answer is names only. ESearch gives no more than 9,999 of them: when all were
wanted and there are more, the window is cut in two by days, until each part fits. Records are asked for 100 at a time.
`citation` reads the records. PubMed's own errors come with status 200 and are errors; a record that is cut
off is one too, and so is a search whose list is not the one that it counts.

Three requests a second are allowed without a key, ten with one (`key = { env = "NCBI_API_KEY" }`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from lxml.etree import _Element as Node

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, get_parameter, load_xml, with_parameters, without_parameters
from crawlers.lists.apis.citation import RECORDS, parse_citation
from crawlers.lists.apis.pubmed_xml import make_plain_xml
from crawlers.lists.model import ListResult

BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
AT_ONCE = 100  # records per efetch; more would make the address too long
MOST = 9999  # names that one search gives, whatever it is asked for
WINDOW = frozenset({"mindate", "maxdate"})
LATEST = "3000"  # an open end, as PubMed writes it
PRIVATE = {"key": "api_key", "mailto": "email"}
OVERLAP = timedelta(days=2)  # days of change are PubMed's own; the night's clock may be in another


def requests(query: str, since: date, most: int) -> list[str]:
    """One search, of what changed since that day."""
    asked = {
        "db": "pubmed", "term": query, "retmode": "xml", "retmax": str(min(most, MOST)), "sort": "pub_date",
        "datetype": "mdat", "mindate": f"{since:%Y/%m/%d}", "maxdate": LATEST, "tool": "stemwire",
    }  # fmt: skip
    return [f"{BASE}/esearch.fcgi?{urlencode(asked)}"]


def stable(url: str) -> str:
    return without_parameters(url, WINDOW)


def records(names: Sequence[str]) -> list[str]:
    """The addresses of these records."""
    return [
        f"{BASE}/efetch.fcgi?{urlencode({'db': 'pubmed', 'retmode': 'xml', 'id': ','.join(names[at : at + AT_ONCE])})}"
        for at in range(0, len(names), AT_ONCE)
    ]


def named(url: str) -> tuple[str, ...]:
    """The records that an address asks for; none in a search."""
    return tuple(name for name in get_parameter(url, "id").split(",") if name)


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    root = load_xml(body, url)
    if root.tag == "eSearchResult":
        return _read_search(root, url, fetched)
    if root.tag == "PubmedArticleSet" or any(True for _ in root.iterchildren(*RECORDS)):
        return _read_records(root, url, fetched)
    said = root.findtext(".//ERROR") or (root.text if str(root.tag).upper() == "ERROR" else None)
    if said:
        raise ApiError(f"PubMed says: {one_line(said)}", where=url)
    raise ApiError(f"a <{root.tag}>, neither a search nor records", where=url)


def _read_search(root: Node, url: str, fetched: str) -> ListResult:
    if said := root.findtext("ERROR"):
        raise ApiError(f"PubMed says: {one_line(said)}", where=url)
    raw = [node.text or "" for node in root.iterfind("IdList/Id")]
    names = tuple(dict.fromkeys(name for each in raw if (name := normalise("pmid", each))))
    counted = (root.findtext("Count") or "").strip()
    if not counted.isdigit() or root.find("IdList") is None:
        raise ApiError("a search without a count or a list", where=url)
    count, wanted = int(counted), int(get_parameter(url, "retmax") or MOST)
    if count > 0 and not names:
        raise ApiError(f"a search with {count} hits and no list of them", where=url)
    problems = []
    if strange := [each for each in raw if not normalise("pmid", each)]:
        problems.append(f"{len(strange)} of its names are no PMIDs: {strange[0][:20]!r}")
    if count > wanted >= MOST:
        if halves := _split_window(url, fetched):
            return ListResult(entries=(), follow=halves)
        problems.append(f"{count} records on one day; PubMed gives {MOST} of them")
    elif count > wanted:
        problems.append(f"{count} records match, {wanted} are asked for (raise max)")
    elif len(raw) < count:
        raise ApiError(f"half a list: {count} hits, {len(raw)} of them named", where=url)
    return ListResult(entries=(), names=names, problems=tuple(problems))


def _split_window(url: str, fetched: str) -> tuple[str, ...]:
    """The two halves of a search's window, newer first; none when it is a day."""
    begin = _parse_slashed_day(get_parameter(url, "mindate"))
    last = get_parameter(url, "maxdate")
    today = date.fromisoformat(fetched[:10])
    end = max(today, begin or today) if last == LATEST else _parse_slashed_day(last)
    if begin is None or end is None or begin >= end:
        return ()
    middle = begin + (end - begin) // 2
    newer, older = f"{middle + timedelta(days=1):%Y/%m/%d}", f"{middle:%Y/%m/%d}"
    first = get_parameter(url, "mindate")
    return (
        with_parameters(url, mindate=newer, maxdate=last),
        with_parameters(url, mindate=first, maxdate=older),
    )


def _parse_slashed_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


def _read_records(root: Node, url: str, fetched: str) -> ListResult:
    """Records that were asked for and did not come are a problem: PubMed answers so for deleted ones."""
    entries: list[Any] = []
    for node in root:
        if node.tag in RECORDS:
            entries.append(parse_citation(make_plain_xml(node), fetched))
        elif str(node.tag).upper() == "ERROR":
            raise ApiError(f"PubMed says: {one_line(node.text or '')}", where=url)
    came = {entry.native for entry in entries}
    missing = [name for name in named(url) if name not in came]
    if missing and not entries:
        raise ApiError(f"none of {len(missing)} records that were asked for came", where=url)
    told = f"{len(missing)} records did not come: {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}"
    return ListResult(entries=tuple(entries), problems=(told,) if missing else ())

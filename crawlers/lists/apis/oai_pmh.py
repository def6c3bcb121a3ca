"""OAI-PMH: what a repository has made or changed since a day, part by part, as XML in one of two forms.

The query of a source is the repository's address with what is asked of it:
`https://export.arxiv.org/oai2?metadataPrefix=arXiv&set=q-bio` (Dublin Core where no prefix is given). The verb and the
day are added. A resumption token leads to the next part; it expires after a while, and an expired one is named.

Read are Dublin Core (`oai_dc`) and arXiv's own form, by the local names of their elements, for some repositories
forget the namespace. A deleted record is an entry too, without title: `extra["deleted"]`, and for an arXiv number a
notice of withdrawal. `ListIdentifiers` gives names only; each leads to a GetRecord. `noRecordsMatch` is the protocol's
word for "nothing new" and no error; every other error code is one, under its own name.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from core.ids import ids_of_url, normalise
from crawlers.lists.apis import ApiError, get_parameter, load_xml, without_parameters
from crawlers.lists.apis.answers import drop_empty, drop_repeats, parse_partial_day, read_each
from crawlers.lists.apis.arxiv import find_number, find_withdrawal, make_doi
from crawlers.lists.apis.xml_children import child_text, child_texts, find_child, find_children, local_name
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://export.arxiv.org/oai2"  # the best known; each source names its own
PAUSE = 3.0
WINDOW = frozenset({"from", "until", "resumptionToken"})
_EXPIRED = "badResumptionToken"
_NOTHING = "noRecordsMatch"
_LANGUAGES = {"eng": "en", "kor": "ko", "jpn": "ja", "chi": "zh", "zho": "zh", "ger": "de", "deu": "de", "fre": "fr",
              "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "rus": "ru"}  # fmt: skip


def requests(query: str, since: date, most: int) -> list[str]:
    """The first part of what was made or changed since that day; the repository decides how many records a part has."""
    parts = urlsplit(query.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(f"no address of a repository: {query!r}", hint="https://…/oai?metadataPrefix=oai_dc&set=…")
    asked = {
        "verb": "ListRecords",
        "metadataPrefix": "oai_dc",
        **dict(parse_qsl(parts.query)),
        "from": f"{since:%Y-%m-%d}",
    }
    return [urlunsplit(parts._replace(query=urlencode(asked)))]


def stable(url: str) -> str:
    return without_parameters(url, WINDOW)


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    root = load_xml(body, url)
    if local_name(root) != "OAI-PMH":
        raise ApiError(f"a <{local_name(root)}>, no answer in OAI-PMH", where=url)
    wrong = find_children(root, "error")
    if wrong and all(node.get("code") == _NOTHING for node in wrong):
        return ListResult(entries=())
    if wrong:
        errors = [f"{node.get('code') or 'an error without code'} {child_text(node)}".strip() for node in wrong]
        said = "; ".join(errors)
        hint = "the next night begins again" if any(node.get("code") == _EXPIRED for node in wrong) else None
        raise ApiError(f"the repository says: {said[:300]}", where=url, hint=hint)
    for verb in ("ListRecords", "GetRecord"):
        if (held := find_child(root, verb)) is not None:
            nodes = find_children(held, "record")
            if not nodes:
                raise ApiError(f"{verb} without a record", where=url)
            entries, problems = read_each(nodes, lambda node: _entry(node, fetched), url)
            return ListResult(entries=entries, follow=_next(held, url), problems=problems)
    if (held := find_child(root, "ListIdentifiers")) is not None:
        return _names(held, url)
    verbs = ", ".join(local_name(node) for node in root if isinstance(node.tag, str))
    raise ApiError(f"no records in an answer of {verbs or 'nothing'}", where=url)


def _next(held: etree._Element, url: str) -> tuple[str, ...]:
    token = child_text(held, "resumptionToken")
    if not token:
        return ()
    parts = urlsplit(url)
    return (urlunsplit(parts._replace(query=urlencode({"verb": local_name(held), "resumptionToken": token}))),)


def _names(held: etree._Element, url: str) -> ListResult:
    live = [child_text(head, "identifier") for head in find_children(held, "header") if head.get("status") != "deleted"]
    prefix = get_parameter(url, "metadataPrefix") or "oai_dc"
    parts = urlsplit(url)
    records = [
        urlunsplit(parts._replace(query=urlencode({"verb": "GetRecord", "metadataPrefix": prefix, "identifier": name})))
        for name in drop_repeats(live)
    ]
    if not live and not find_children(held, "header"):
        raise ApiError("ListIdentifiers without a header", where=url)
    return ListResult(entries=(), follow=(*records, *_next(held, url)))


def _entry(record: etree._Element, fetched: str) -> ListEntry:
    head = find_child(record, "header")
    name, stamp = child_text(head, "identifier"), child_text(head, "datestamp")
    if head is None or not name:
        raise ApiError("a record without identifier")
    if head.get("status") == "deleted":
        return _deleted(name, stamp)
    data = find_child(record, "metadata")
    form = next((node for node in data if isinstance(node.tag, str)), None) if data is not None else None
    if form is None:
        raise ApiError(f"{name}: a record without metadata that is not deleted")
    if local_name(form) == "arXiv":
        return _of_arxiv(form, head, fetched)
    if local_name(form) == "dc":
        return _of_dublin_core(form, name, stamp, fetched)
    raise ApiError(f"{name}: metadata in the form {local_name(form)}, which is not read")


def _deleted(name: str, stamp: str) -> ListEntry:
    number = find_number(name)
    notices = find_withdrawal(number[0], "withdrawn", day=stamp[:10] or None) if number else []
    return ListEntry(
        native=number[0] if number else name,
        published_raw=stamp or None,
        identifiers={"doi": [make_doi(number[0])]} if number else {},
        extra=drop_empty({"deleted": True, "withdrawn": True, "notice_only": True, "notices": notices}),
    )


def _of_arxiv(form: etree._Element, head: etree._Element, fetched: str) -> ListEntry:
    named = find_number(child_text(form, "id")) or find_number(child_text(head, "identifier"))
    if named is None:
        raise ApiError(f"a record without arXiv number: {child_text(form, 'id')[:80]!r}")
    number, raw, comment = named[0], child_text(form, "created"), child_text(form, "comments")
    summary, changed = child_text(form, "abstract"), child_text(form, "updated")
    people: list[dict[str, Any]] = []
    for each in find_children(form, "authors", "author"):
        who = " ".join(part for tag in ("forenames", "keyname", "suffix") if (part := child_text(each, tag)))
        if who.strip(": "):
            people.append({"name": who, "affiliations": child_texts(each, "affiliation")})
    gone = find_withdrawal(number, comment, summary, day=(changed or child_text(head, "datestamp"))[:10] or None)
    extra: dict[str, Any] = {
        "journal": "arXiv",
        "types": ["preprint"],
        "keywords": child_text(form, "categories").split(),
        "people": people,
        "affiliations": drop_repeats(place for person in people for place in person["affiliations"]),
        "arxiv": number,
        "comment": comment,
        "published_as": normalise("doi", child_text(form, "doi").split(" ")[0]),
        "published_in": child_text(form, "journal-ref"),
        "report": child_text(form, "report-no"),
        "licence": child_text(form, "license"),
        "notices": gone,
        "withdrawn": True if gone else None,
        "sets": child_texts(head, "setSpec"),
        "dates": drop_empty({"posted": raw, "revised": changed, "datestamp": child_text(head, "datestamp")}),
    }
    return ListEntry(
        native=number,
        url=f"https://arxiv.org/abs/{number}",
        title=child_text(form, "title"),
        summary=summary,
        published=parse_date(raw, fetched),
        published_raw=raw or None,
        updated=parse_date(changed, fetched),
        authors=tuple(drop_repeats(person["name"] for person in people)),
        identifiers={"doi": [make_doi(number)]},
        lang="en",
        extra=drop_empty(extra),
    )


def _of_dublin_core(form: etree._Element, name: str, stamp: str, fetched: str) -> ListEntry:
    links = child_texts(form, "identifier")
    found: dict[str, list[str]] = {}
    for link in links:
        for scheme, value in _ids(link).items():
            if value not in found.setdefault(scheme, []):
                found[scheme].append(value)
    dates = child_texts(form, "date")
    days = [day for raw in dates if (day := parse_partial_day(raw)) and len(day) == 10]
    authors = child_texts(form, "creator")
    language = child_text(form, "language").lower()
    extra: dict[str, Any] = {
        "journal": child_text(form, "source"),
        "publisher": child_text(form, "publisher"),
        "types": child_texts(form, "type"),
        "keywords": child_texts(form, "subject"),
        "people": [{"name": who, "affiliations": []} for who in authors],
        "licence": child_text(form, "rights"),
        "dates": drop_empty({"said": dates, "datestamp": stamp}),
    }
    return ListEntry(
        native=name,
        url=next((link for link in links if link.startswith(("http://", "https://"))), None),
        title=child_text(form, "title"),
        summary=child_text(form, "description"),
        published=parse_date(min(days), fetched) if days else None,
        published_raw=dates[0] if dates else None,
        updated=parse_date(stamp[:10], fetched),
        authors=tuple(authors),
        identifiers=found,
        lang=_LANGUAGES.get(language, language[:2] if len(language) in (2, 5) else None),
        extra=drop_empty(extra),
    )


def _ids(link: str) -> dict[str, str]:
    """What one of a record's own identifiers says: an address that carries one, `doi:10…`, `pmid:…`, a bare DOI."""
    said = ids_of_url(link)
    for scheme in ("doi", "pmid", "pmcid"):
        named = link.lower().startswith(f"{scheme}:") or (scheme == "doi" and link.startswith("10."))
        if named and (value := normalise(scheme, link)):
            said.setdefault(scheme, value)
    return said

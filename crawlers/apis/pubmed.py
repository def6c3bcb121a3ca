"""PubMed's E-utilities: a saved search (esearch) and then the records that it names (efetch), as XML.

The search asks for what entered PubMed since a day, newest first. An answer to it leads to efetch addresses of 100
records each; an answer to those is entries. Titles and abstracts are flattened (`<i>`, `<sup>`), labelled parts of an
abstract begin with their label. The date is, in order: the electronic ArticleDate, PubDate (a month or a year alone
is no day and gives None), the day the record entered PubMed. PubMed's own errors come with status 200 and are errors.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from lxml import etree

from core.ids import normalise
from core.text import one_line
from crawlers.apis import ApiError, opening, without
from crawlers.feeds.dates import parse_date
from crawlers.feeds.model import FeedEntry
from crawlers.messages import Index

BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
AT_ONCE = 100  # records per efetch; more would make the address too long
WINDOW = frozenset({"mindate", "maxdate"})


def requests(query: str, since: date, most: int) -> list[str]:
    """One search, of what entered since that day."""
    asked = {
        "db": "pubmed", "term": query, "retmode": "xml", "retmax": str(min(most, 9999)), "sort": "pub_date",
        "datetype": "edat", "mindate": since.strftime("%Y/%m/%d"), "maxdate": "3000",
    }  # fmt: skip
    return [f"{BASE}/esearch.fcgi?{urlencode(asked)}"]


def stable(url: str) -> str:
    return without(url, WINDOW)


def parse(body: bytes, *, url: str, fetched: str) -> Index:
    """Raises ApiError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ApiError(f"not XML: {opening(body)}", where=url) from error
    said = root.findtext(".//ERROR") or root.findtext(".//error")
    if said:
        raise ApiError(f"PubMed says: {one_line(said)}", where=url)
    if root.tag == "eSearchResult":
        return _search(root, url)
    if root.tag == "PubmedArticleSet":
        return Index(entries=tuple(_entry(node, fetched) for node in root.iter("PubmedArticle")))
    raise ApiError(f"a <{root.tag}>, neither a search nor records", where=url)


def _search(root: etree._Element, url: str) -> Index:
    names = [name for node in root.iterfind("IdList/Id") if (name := normalise("pmid", node.text or ""))]
    count = int(root.findtext("Count") or -1)
    if count < 0 or (count > 0 and not names):
        raise ApiError(f"a search with {count} hits and no list of them", where=url)
    follow = []
    for at in range(0, len(names), AT_ONCE):
        asked = {"db": "pubmed", "retmode": "xml", "id": ",".join(names[at : at + AT_ONCE])}
        follow.append(f"{BASE}/efetch.fcgi?{urlencode(asked)}")
    more = f"{count} records match, {len(names)} are asked for"
    return Index(entries=(), follow=tuple(follow), problems=(more,) if count > len(names) else ())


def _entry(node: etree._Element, fetched: str) -> FeedEntry:
    citation = node.find("MedlineCitation")
    article = None if citation is None else citation.find("Article")
    pmid = "" if citation is None else citation.findtext("PMID") or ""
    if citation is None or article is None or not pmid:
        raise ApiError("a record without PMID or article", mend="the answer was cut off?")
    raw, day = _date(article, node, fetched)
    return FeedEntry(
        native=pmid,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        title=_text(article.find("ArticleTitle")) or _text(article.find("VernacularTitle")),
        summary=_abstract(article),
        published=day,
        published_raw=raw,
        authors=_authors(article),
        identifiers=_identifiers(pmid, node, article, citation),
        lang=_language(article.findtext("Language")),
        categories=tuple(
            dict.fromkeys(_text(heading) for heading in citation.iterfind("MeshHeadingList/MeshHeading/DescriptorName"))
        ),
        extra=_extra(article, citation),
    )


def _text(node: etree._Element | None) -> str:
    return "" if node is None else one_line("".join(node.itertext()))


def _abstract(article: etree._Element) -> str:
    parts = []
    for node in article.iterfind("Abstract/AbstractText"):
        label, text = node.get("Label"), _text(node)
        if text:
            parts.append(f"{label.capitalize()}: {text}" if label and label != "UNLABELLED" else text)
    return "\n\n".join(parts)


def _authors(article: etree._Element) -> tuple[str, ...]:
    people = []
    for node in article.iterfind("AuthorList/Author"):
        name = " ".join(part for tag in ("ForeName", "LastName", "Suffix") if (part := _text(node.find(tag))))
        people.append(name or _text(node.find("CollectiveName")))
    return tuple(dict.fromkeys(name for name in people if name))


def _identifiers(
    pmid: str, node: etree._Element, article: etree._Element, citation: etree._Element
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"pmid": [pmid]}

    def add(scheme: str, raw: str | None) -> None:
        value = normalise(scheme, raw or "")
        if value and value not in found.setdefault(scheme, []):
            found[scheme].append(value)

    for location in article.iterfind("ELocationID[@EIdType='doi']"):
        if location.get("ValidYN", "Y") == "Y":
            add("doi", location.text)
    # of this record only: PubmedData also holds the identifiers of the references
    for ident in node.iterfind("PubmedData/ArticleIdList/ArticleId"):
        scheme = {"doi": "doi", "pmc": "pmcid"}.get(ident.get("IdType", ""))
        if scheme:
            add(scheme, ident.text)
    for number in citation.iterfind("Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber"):
        for scheme in ("nct", "isrctn"):
            add(scheme, number.text)
    return {scheme: values for scheme, values in found.items() if values}


def _extra(article: etree._Element, citation: etree._Element) -> dict[str, str]:
    said = {
        "journal": _text(article.find("Journal/Title")),
        "journal_short": _text(article.find("Journal/ISOAbbreviation")),
        "issn": _text(article.find("Journal/ISSN")),
        "issnl": _text(citation.find("MedlineJournalInfo/ISSNLinking")),
        "volume": _text(article.find("Journal/JournalIssue/Volume")),
        "issue": _text(article.find("Journal/JournalIssue/Issue")),
        "pages": _text(article.find("Pagination/MedlinePgn")),
        "types": "; ".join(_text(kind) for kind in article.iterfind("PublicationTypeList/PublicationType")),
    }
    return {key: value for key, value in said.items() if value}


def _date(article: etree._Element, node: etree._Element, fetched: str) -> tuple[str | None, str | None]:
    """(what stood there, the day or None)."""
    places = [
        article.find("ArticleDate"),
        article.find("Journal/JournalIssue/PubDate"),
        node.find("PubmedData/History/PubMedPubDate[@PubStatus='pubmed']"),
        node.find("PubmedData/History/PubMedPubDate[@PubStatus='entrez']"),
    ]
    first = None
    for place in places:
        if place is None:
            continue
        parts = [part for tag in ("Year", "Month", "Day", "MedlineDate") if (part := place.findtext(tag))]
        raw = " ".join(parts)
        first = first or raw or None
        day = None
        if len(parts) == 3 and parts[1].isdigit():
            day = parse_date("-".join(part.zfill(2) for part in parts), fetched)
        elif len(parts) == 3:
            day = parse_date(f"{parts[2]} {parts[1]} {parts[0]}", fetched)
        if day:
            return first, day
    return first, None


def _language(code: str | None) -> str | None:
    three = {"eng": "en", "kor": "ko", "jpn": "ja", "chi": "zh", "ger": "de", "fre": "fr", "spa": "es", "ita": "it"}
    return three.get(code or "")

"""JATS full text (the NLM's article format, 1.x to 3.x), as publishers and PubMed Central give open-access articles.

One article becomes one entry: title, abstract (`summary`), the whole text (`content`: headings and paragraphs,
separated by empty lines), people with their affiliations and ORCIDs, identifiers of the article itself, journal, days,
keywords, grants, the statements on interests and funding, licence, and in `extra` the `sections` ({"title", "level"})
and `references` ({"id", "doi", "pmid", "text"}). Notes and their marks are not part of a title or a name. Affiliations
are in the contributor, next to it, or referenced by id; their labels are left out. A licence is, in order: the link of
`license`, a `license_ref`, the first Creative Commons address in its text, its text. `related-article` gives notices.

Named characters (`&nbsp;`) that a DTD would define are read as HTML's. Any other unknown entity, a file that is not
well-formed or breaks off, and anything that is not an article is an ApiError that says what came instead. Of a formula
that is given twice, the text of its MathML is taken; of one in TeX alone, the TeX without its dollars.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from lxml import etree
from lxml.etree import _Element as Node

from core.ids import find_ids, normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, load_xml
from crawlers.lists.apis.pubmed_xml import MONTHS, normal_doi, normal_orcid
from crawlers.lists.model import ListEntry, ListResult

HREF = "{http://www.w3.org/1999/xlink}href"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
IDS = {"doi": "doi", "pmid": "pmid", "pmc": "pmcid", "pmcid": "pmcid"}
NOTES = frozenset({"fn", "xref", "break", "comment"})  # inside a title or a name, but not part of it
NO_TEXT = frozenset({"label", "table", "object-id", "graphic", "media", "supplementary-material"})
PUBLISHED = ("electronic", "published", "print", "collection")  # days, in the order in which they are taken
ABSTRACTS = frozenset({None, "", "structured", "normal", "abstract", "main"})  # not: graphical, teaser, short, summary
NOT_BODY = frozenset({"table-wrap", "fig", "boxed-text", "p", "caption"})  # their text belongs to another element
ABOUT_OTHER = {
    "retracted-article": "retraction", "partial-retraction": "retraction", "corrected-article": "correction",
    "object-of-concern": "concern", "expression-of-concern": "concern", "withdrawn-article": "withdrawal",
}  # fmt: skip
ABOUT_THIS = {
    "retraction-forward": "retraction", "correction-forward": "correction", "concern-forward": "concern",
    "retraction": "retraction", "correction": "correction", "erratum": "correction",
}  # fmt: skip
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")
_BASIC = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
INTERESTS = frozenset(("coi-statement", "conflict", "conflict-of-interest", "conflicts", "competing-interests"))
_INTERESTS = re.compile(
    r"(?:declarations? of |statements? of )?(?:potential )?(?:conflicts? of|competing|declared)(?: financial)?"
    r" interests?(?: statement| disclosure)?",
    re.I,
)
_CC = re.compile(r"https?://(?:www\.)?creativecommons\.org/\S*[^\s.,;)]")


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """One article. Raises ApiError."""
    root = load_xml(_ENTITY.sub(_decode_entity, body), url, huge=True)
    if (hole := next(root.iter(etree.Entity), None)) is not None:
        raise ApiError(f"XML with the unknown entity {hole.text}", where=url)
    for node in root.iter(etree.Element):
        if str(node.tag).startswith("{"):
            node.tag = etree.QName(node).localname
    article = root if root.tag == "article" else next(root.iter("article"), None)
    meta = None if article is None else next(article.iter("article-meta"), None)
    if article is None or meta is None:
        raise ApiError(f"a <{root.tag}>, no JATS article", where=url)
    return ListResult(entries=(_read_entry(article, meta, url, fetched),))


def _decode_entity(match: re.Match[bytes]) -> bytes:
    known = html.entities.html5.get(f"{match[1].decode('ascii')};")
    if match[1] in _BASIC or known is None:
        return match[0]
    return "".join(f"&#{ord(char)};" for char in known).encode("ascii")


def _read_entry(article: Node, meta: Node, url: str, fetched: str) -> ListEntry:
    identifiers: dict[str, list[str]] = {}
    other = ""
    for ident in meta.iterfind("article-id"):
        scheme, raw = IDS.get(ident.get("pub-id-type", "")), _element_text(ident)
        if scheme == "pmcid" and raw.isdigit():
            raw = f"PMC{raw}"
        value = (normal_doi(raw) if scheme == "doi" else normalise(scheme, raw)) if scheme else None
        if scheme and value:
            identifiers.setdefault(scheme, []).append(value)
        other = other or raw
    native = next((f"{s}:{identifiers[s][0]}" for s in ("doi", "pmid", "pmcid") if s in identifiers), other)
    title = _element_text(meta.find("title-group/article-title"), NOTES) or _element_text(
        meta.find("title-group/alt-title"), NOTES
    )
    if not native or not title:
        raise ApiError("an article without identifier or title", where=url)
    dates = dict(_find_dates(meta, fetched))
    published = next(
        (dates[kind] for kind in ("electronic", "published", "print", "collection") if kind in dates), None
    )
    people = [_read_person(contrib, meta) for contrib in _find_authors(meta)]
    abstract = next((a for a in meta.iterfind("abstract") if a.get("abstract-type") in ABSTRACTS), None)
    return ListEntry(
        native=native,
        url=f"https://doi.org/{identifiers['doi'][0]}" if "doi" in identifiers else url,
        title=title,
        summary="\n\n".join(_find_paragraphs(abstract)) if abstract is not None else "",
        content="\n\n".join(_find_paragraphs(article.find("body"))),
        published=published,
        published_raw=published,
        authors=tuple(dict.fromkeys(person["name"] for person in people if person["name"])),
        identifiers=identifiers,
        lang=(article.get(LANG) or article.get("lang") or "")[:2].lower() or None,
        extra={name: value for name, value in _find_extra(article, meta, people, dates, native).items() if value},
    )


def _find_extra(
    article: Node, meta: Node, people: list[dict[str, Any]], dates: dict[str, str], this: str
) -> dict[str, Any]:
    journal = next(article.iter("journal-meta"), None)
    first, last = _element_text(meta.find("fpage")), _element_text(meta.find("lpage"))
    subtitle = _element_text(meta.find("title-group/subtitle"), NOTES)
    found = {
        "journal": _find_text(journal, "journal-title-group/journal-title") or _find_text(journal, "journal-title"),
        "abbreviation": _find_text(journal, "journal-title-group/abbrev-journal-title")
        or _find_text(journal, "abbrev-journal-title"),
        "issn": [_element_text(issn) for issn in journal.iterfind("issn")] if journal is not None else [],
        "publisher": _find_text(journal, "publisher/publisher-name"),
        "volume": _element_text(meta.find("volume")),
        "issue": _element_text(meta.find("issue")),
        "pages": f"{first}-{last}" if first and last else first or _element_text(meta.find("elocation-id")),
        "subtitle": subtitle,
        "types": [kind for kind in (article.get("article-type"),) if kind],
        "subjects": [_element_text(subject) for subject in meta.iterfind("article-categories//subject")],
        "keywords": list(
            dict.fromkeys(word for each in meta.iterfind("kwd-group//kwd") if (word := _element_text(each, NOTES)))
        ),
        "grants": list(_find_grants(meta)),
        "funding": _find_text(meta, "funding-group/funding-statement"),
        "interests": _find_interests(article),
        "affiliations": list(dict.fromkeys(place for person in people for place in person.get("affiliations", ()))),
        "people": people,
        "contributors": sum(contrib.get("contrib-type", "author") == "author" for contrib in article.iter("contrib")),
        "dates": dates,
        "licence": _find_licence(meta),
        "copyright": _element_text(meta.find("permissions/copyright-statement")),
        "sections": list(_find_sections(article.find("body"))),
        "references": [_read_reference(ref) for ref in article.iter("ref")],
        "notices": list(_find_notices(meta, this, next(iter(dates.values()), None))),
    }
    for related in meta.iterfind("related-article"):
        if related.get("related-article-type") == "preprint" and (doi := normal_doi(related.get(HREF) or "")):
            found["preprint_of"] = doi
    return found


# people


def _find_authors(meta: Node) -> Iterator[Node]:
    """Contributors marked as authors, or not marked as anything else. Members of a group are included in it."""
    for group in meta.iterfind("contrib-group"):
        for contrib in group.iterfind("contrib"):
            if contrib.get("contrib-type", group.get("content-type") or "author") in ("author", "collab", "authors"):
                yield contrib


def _read_person(contrib: Node, meta: Node) -> dict[str, Any]:
    name = next((node for path in ("name", "name-alternatives/name", "string-name", "name-alternatives/string-name")
                 if (node := contrib.find(path)) is not None), None)  # fmt: skip
    person: dict[str, Any] = {"name": _read_name(name) if name is not None else _group_name(contrib)}
    if places := list(dict.fromkeys(place for place in _find_affiliations(contrib, meta) if place)):
        person["affiliations"] = places
    for ident in (*contrib.iter("contrib-id"), *contrib.iter("uri"), *contrib.iter("ext-link")):
        raw = _element_text(ident) or ident.get(HREF) or ""
        kind = f"{ident.get('contrib-id-type')} {ident.get('ext-link-type')} {ident.get(HREF)} {raw}"
        if "orcid" in kind.lower() and (orcid := normal_orcid(raw)):
            person["orcid"] = orcid
    return person


def _read_name(name: Node) -> str:
    family, given = _element_text(name.find("surname"), NOTES), _element_text(name.find("given-names"), NOTES)
    suffix = _element_text(name.find("suffix"), NOTES)
    return " ".join(part for part in (given, family, suffix) if part) or _element_text(name, NOTES)


def _group_name(contrib: Node) -> str:
    for path in ("collab", "collab-alternatives/collab", "on-behalf-of", "anonymous"):
        if (group := contrib.find(path)) is not None:
            return _element_text(group, NOTES | {"contrib-group", "contrib", "address", "aff"}) or str(group.tag)
    return ""


def _find_affiliations(contrib: Node, meta: Node) -> Iterator[str]:
    affs = {aff.get("id"): aff for aff in meta.iter("aff") if aff.get("id")}
    pointed = False
    for own in contrib.iterfind("aff"):
        yield _affiliation_text(own)
    for xref in contrib.iterfind("xref"):
        for rid in (xref.get("rid") or "").split():
            if rid in affs:
                pointed = True
                yield _affiliation_text(affs[rid])
    group = contrib.getparent()
    if not pointed and group is not None:
        for beside in (*group.iterfind("aff"), *(aff for aff in meta.iterfind("aff") if len(affs) <= 1)):
            yield _affiliation_text(beside)


def _affiliation_text(aff: Node) -> str:
    return _element_text(aff, NOTES | {"label", "sup", "institution-id", "email"}).strip(" ,;")


# about the article


def _find_dates(meta: Node, fetched: str) -> Iterator[tuple[str, str]]:
    for node in meta.iterfind("pub-date"):
        kind = node.get("date-type") or node.get("pub-type") or ""
        form = node.get("publication-format") or kind
        name = (
            "collection"
            if kind == "collection"
            else "electronic"
            if "e" in form[:1]
            else "print"
            if form[:1] == "p"
            else "published"
        )
        if day := _parse_day(node, fetched):
            yield name, day
    for node in meta.iterfind("history/date"):
        if (kind := node.get("date-type")) and (day := _parse_day(node, fetched)):
            yield kind, day


def _parse_day(node: Node, fetched: str) -> str | None:
    year, month, day = (_element_text(node.find(tag)) for tag in ("year", "month", "day"))
    number = int(month) if month.isdigit() else MONTHS.get(month[:3].lower(), 0)
    if not (year.isdigit() and day.isdigit()):
        return None
    try:
        found = date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None
    return found if "1900-01-01" < found <= max(fetched[:10], "1900-01-02") else None


def _find_grants(meta: Node) -> Iterator[dict[str, str]]:
    for award in meta.iterfind("funding-group/award-group"):
        source = award.find("funding-source")
        agency = _find_text(source, "institution-wrap/institution") or _element_text(source, NOTES)
        for number in [*map(_element_text, award.iterfind("award-id"))] or [""]:
            if agency or number:
                yield {key: value for key, value in (("id", number), ("agency", agency)) if value}


def _find_interests(article: Node) -> str:
    """The authors' statement of their interests: a note or a section that is marked as one, or has that heading."""
    for node in article.iter("fn", "notes", "sec"):
        kind = next((said for name in ("fn-type", "notes-type", "sec-type") if (said := node.get(name))), "")
        title = _element_text(node.find("title")) or _element_text(node.find("label"))
        if kind.lower() in INTERESTS or _INTERESTS.fullmatch(title.strip(" :.")):
            text = one_line(" ".join(_element_text(part, NOTES) for part in node.iterfind("p")))
            if text:
                return text
    return ""


def _find_licence(meta: Node) -> str:
    licences = list(meta.iterfind("permissions/license"))
    for licence in licences:
        if link := licence.get(HREF):
            return str(link).strip()
    for node in meta.iterfind("permissions//license_ref"):
        return _element_text(node)
    for licence in licences:
        for link in licence.iter("ext-link", "uri"):
            if "creativecommons.org" in (link.get(HREF) or ""):
                return str(link.get(HREF)).strip()
        if found := _CC.search(_element_text(licence)):
            return found[0]
    return _element_text(licences[0]) if licences else ""


def _find_notices(meta: Node, this: str, published: str | None) -> Iterator[dict[str, Any]]:
    for related in meta.iter("related-article", "related-object"):
        kind = related.get("related-article-type") or related.get("document-type") or ""
        raw = related.get(HREF) or _element_text(related)
        doi = normal_doi(raw) or next((found.value for found in find_ids(raw) if found.scheme == "doi"), None)
        other = f"doi:{doi}" if doi else None
        said: dict[str, Any] = {"reasons": [], "url": f"https://doi.org/{doi}" if doi else None}
        if kind in ABOUT_OTHER and other:
            yield {"nature": ABOUT_OTHER[kind], "about": other, "notice": this, "day": published, **said}
        elif kind in ABOUT_THIS:
            yield {"nature": ABOUT_THIS[kind], "about": this, "notice": other, "day": None, **said}


# the text


def _find_sections(body: Node | None) -> Iterator[dict[str, Any]]:
    for sec in body.iter("sec") if body is not None else ():
        level = 1 + sum(1 for up in sec.iterancestors("sec"))
        yield {"title": _element_text(sec.find("title"), NOTES), "level": level}


def _read_reference(ref: Node) -> dict[str, str]:
    said = {"id": ref.get("id") or "", "text": _element_text(ref, frozenset({"label"}))}
    for ident in ref.iter("pub-id", "ext-link", "uri", "object-id"):
        kind, raw = (
            ident.get("pub-id-type") or ident.get("ext-link-type") or "",
            ident.get(HREF) or _element_text(ident),
        )
        if kind == "pmid" and (pmid := normalise("pmid", _element_text(ident))):
            said.setdefault("pmid", pmid)
        elif (kind == "doi" or "doi.org/" in raw) and (doi := normal_doi(_element_text(ident)) or normal_doi(raw)):
            said.setdefault("doi", doi)
    return {name: value for name, value in said.items() if value}


def _find_paragraphs(node: Node | None) -> Iterator[str]:
    """Headings and paragraphs in their order; a heading right before a paragraph of an abstract leads it."""
    if node is None:
        return
    brief = node.tag == "abstract"
    label = ""
    for part in node.iter("title", "p"):
        if (
            any(up.tag in ("table-wrap", "fig", "boxed-text", "p", "caption") for up in part.iterancestors())
            and not brief
        ):
            continue
        text = _element_text(part, NO_TEXT)
        if part.tag == "title" and brief:
            label = text.rstrip(":. ")
        elif text:
            lead = (
                f"{label.capitalize() if label.isupper() else label}: " if label and label.lower() != "abstract" else ""
            )
            yield f"{lead}{text}"
            label = ""
    if brief and node.find(".//p") is None:
        yield _element_text(node, NO_TEXT)


def _find_text(node: Node | None, path: str) -> str:
    return "" if node is None else _element_text(node.find(path), NOTES)


def _element_text(node: Node | None, skip: frozenset[str] = frozenset()) -> str:
    """The text in an element, without what these elements hold."""
    if node is None:
        return ""
    if len(node) == 0:
        return one_line(node.text or "")
    return one_line("".join(_pieces(node, skip)))


def _pieces(node: Node, skip: frozenset[str]) -> Iterator[str]:
    if node.tag == "tex-math":
        yield "".join(_texts(node)).replace("$", " ") if "\\documentclass" not in (node.text or "") else ""
        return
    if node.text:
        yield node.text
    parts = list(node)
    if node.tag == "alternatives" and (math := node.find("math")) is not None:
        parts = [math]
    for part in parts:
        if part.tag == "break":
            yield " "
        elif isinstance(part.tag, str) and part.tag not in skip:
            yield from _pieces(part, skip)
        if part.tail:
            yield part.tail


def _texts(node: Node) -> Iterator[str]:
    """Of old SGML there are instructions left that hold the text itself: `<?CDATA $x$?>`."""
    yield node.text or ""
    for part in node:
        if isinstance(part, etree._ProcessingInstruction) and part.target == "CDATA":
            yield part.text or ""
        yield part.tail or ""

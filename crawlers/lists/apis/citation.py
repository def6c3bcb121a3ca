"""A PubMed record (`PubmedArticle`, `PubmedBookArticle`; DTDs of 2006 to 2026) as an entry.

What it knows: title and abstract are flattened (`<i>`, `<sup>`, MathML: their text stays), labelled parts of an
abstract begin with their label. Where there is no title, the one in the paper's own language is used. Identifiers are
those of the record itself, never those of its references. The day of publication is, in order: the electronic
ArticleDate, PubDate where it is a whole day, the day the record reached PubMed. `extra["dates"]` keeps PubDate's parts
as written (`MedlineDate` "2009 Sep-Oct" has no others). Days up to 1900-01-01 or more than a day after `fetched` are
placeholders or announcements and not believed.

CommentsCorrections, except bare references, stay in `related`; `notices` holds what follows from them.

It reads the text of one record by the tags that the DTD allows in each place. That takes a third of the time of walking
a tree, which matters for forty million records. The text is plain XML, as `pubmed_xml` explains.
"""

from __future__ import annotations

import re
from typing import Any

from core.ids import normalise
from crawlers.lists.apis import ApiError
from crawlers.lists.apis.pubmed_authors import parse_authors
from crawlers.lists.apis.pubmed_notices import find_notices, find_preprint
from crawlers.lists.apis.pubmed_xml import (
    LANGUAGES,
    WHOLE,
    cached_text,
    element_text,
    element_texts,
    find_element_text,
    find_end,
    get_attribute,
    leaf_pattern,
    normal_doi,
    normal_pmcid,
    normal_pmid,
    parse_day,
    parse_mesh_heading,
)  # fmt: skip
from crawlers.lists.model import ListEntry

RECORDS = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation")  # the last: files before 2016 had it alone
ADDRESS = "https://pubmed.ncbi.nlm.nih.gov/{}/"
REFERENCES = b"<ReferenceList"
REGISTRIES = {"ClinicalTrials.gov": "nct", "ISRCTN": "isrctn", "EudraCT": "eudract"}


_PMID = re.compile(r"<PMID([^>]*)>\s*(\d+)")
_STAGE = re.compile(r"<PublicationStatus>([^<]*)")
_STATUS = re.compile(r'<MedlineCitation [^>]*?Status="([^">]+)"')
_ARTICLE = re.compile(r"<Article[ >]")
_IN_ARTICLE = leaf_pattern(
    "ISSN", "Volume", "Issue", "Title", "ISOAbbreviation", "MedlinePgn", "ELocationID", "Language", "PublicationType",
    "PubDate", "ArticleDate", "Year", "Month", "Day", "Season", "MedlineDate", "Grant", "GrantID", "Agency", "Country",
    "DataBankName", "AccessionNumber",
)  # fmt: skip
_IN_BOOK = leaf_pattern(
    "Language", "PublicationType", "PubDate", "ContributionDate", "DateRevised", "Year", "Month", "Day", "Season",
    "MedlineDate", "Isbn", "PublisherName", "ELocationID", "ArticleId", "Grant", "GrantID", "Agency", "Country",
)  # fmt: skip
_THREE = ("Year", "Month", "Day")
_IN_DATE = leaf_pattern(*_THREE)
_IN_IDS = re.compile(r'<ArticleId[^>]* IdType="(doi|pmc|bookaccession)"[^>]*>([^<]*)')
_WHOLE_DAY = re.compile(r"[^>]*>\s*<Year>(\d+)</Year>\s*<Month>(\w+)</Month>\s*<Day>(\d+)</Day>", re.A)
_IN_INFO = leaf_pattern("Country", "ISSNLinking")
_ABSTRACT = re.compile(rf"<(AbstractText|CopyrightInformation)(?=[ />])([^>]*?)(?:/>|>{WHOLE}</\1>)")
_KEYWORD = re.compile(r"<(Keyword)(?=[ />])([^>]*)>" + WHOLE)
_RELATED = re.compile(  # until they got a list of their own, references were here, too
    r'<CommentsCorrections RefType="(?!Cites")([^"]*)"[^>]*>(.*?)</CommentsCorrections>', re.S
)
_SOURCE = re.compile(r"<(RefSource)(?=[ />])[^>]*>" + WHOLE)
_GRANT = {"GrantID": "id", "Agency": "agency", "Country": "country"}
_SHORT = {
    "Volume": "volume", "Issue": "issue", "Title": "journal", "ISOAbbreviation": "abbreviation", "MedlinePgn": "pages",
    "PublisherName": "publisher",
}  # fmt: skip
_LISTED = {"ISSN": "issn", "Language": "languages", "Isbn": "isbn"}
_DATED = {
    "PubDate": "published",
    "ArticleDate": "electronic",
    "ContributionDate": "electronic",
    "DateRevised": "revised",
}
_DATE_PARTS = {tag: tag.lower() for tag in ("Year", "Month", "Day", "Season", "MedlineDate")}


def parse_citation(data: bytes, fetched: str) -> ListEntry:
    """One record in plain XML, in UTF-8. Raises ApiError when it has no PMID or no article, or is not well-formed."""
    at = data.find(REFERENCES)
    return parse_text(str(data if at < 0 else data[:at], "latin-1"), fetched)


def parse_text(text: str, fetched: str) -> ListEntry:
    """The same of a record's bytes read as Latin-1, without the references: they come last, and name others."""
    record = _Record(fetched)
    if text.startswith("<PubmedBookArticle"):
        record.read_book(text)
    else:
        record.read_article(text)
    return record.entry()


class _Record:
    """What has been read of a record so far."""

    __slots__ = (
        "abstract", "affiliations", "dates", "days", "extra", "fetched", "history", "identifiers", "mesh", "people",
        "pmid", "related", "title", "types", "vernacular",
    )  # fmt: skip

    def __init__(self, fetched: str) -> None:
        self.fetched = fetched[:10]
        self.pmid = self.title = self.vernacular = ""
        self.history = ("", 0)  # a text, and the position in it where the history of the record begins
        self.abstract: list[str] = []
        self.people: list[dict[str, Any]] = []
        self.affiliations: list[str] = []
        self.mesh: list[dict[str, Any]] = []
        self.types: list[str] = []
        self.related: list[dict[str, Any]] = []
        self.identifiers: dict[str, list[str]] = {}
        self.dates: dict[str, Any] = {}
        self.days: dict[str, tuple[str, str | None]] = {}  # place -> (the text there, the day or None)
        self.extra: dict[str, Any] = {}

    # an article

    def read_article(self, text: str) -> None:
        """The parts have a fixed order, so each is searched for after the one before."""
        at = _ARTICLE.search(text)
        if at is None:
            raise ApiError("a record without PMID or article", hint="the answer was cut off?")
        begin = at.start()
        self.read_head(text[:begin])
        found = []
        title = text.find("<ArticleTitle", begin)
        if title >= 0:
            found = _IN_ARTICLE.findall(text, begin, title)
            self.title, begin = find_element_text(text, "ArticleTitle", title)
        for part, read in (("Abstract>", self.read_abstract), ("AuthorList", self.read_authors)):
            long = text.find(f"<{part}", begin)
            if long >= 0:
                found += self.read_between(text, begin, long)
                begin = find_end(text, f"</{part}", long)
                read(text, long, begin)
        end = find_end(text, "</Article>", begin)
        found += self.read_between(text, begin, end)
        data = text.find("<PubmedData>", end)
        self.read_rest(text, end, data if data >= 0 else len(text))
        if data >= 0:  # its identifiers are PubMed's own and come before the publisher's
            self.read_data(text, data)
        self.read_leaves(found)

    def read_between(self, text: str, begin: int, end: int) -> list[tuple[str, str, str]]:
        """The small parts there, and two that are not small but rare."""
        if text.find("<VernacularTitle", begin, end) >= 0:
            self.vernacular, _ = find_element_text(text, "VernacularTitle", begin, end)
        if text.find("<Affiliation>", begin, end) >= 0:  # until 2014: one for all
            self.affiliations.append(find_element_text(text, "Affiliation", begin, end)[0])
        return _IN_ARTICLE.findall(text, begin, end)

    def read_head(self, text: str) -> None:
        self.read_pmid(text)
        if (status := _STATUS.search(text)) is not None:
            self.extra["indexing"] = cached_text(status[1])
        if (at := text.find("<DateRevised>")) >= 0:
            self.note_day("revised", text, at)

    def read_pmid(self, text: str) -> None:
        found = _PMID.search(text)
        if found is None:
            raise ApiError("a record without PMID or article", hint="the answer was cut off?")
        attributes, pmid = found.groups()
        self.pmid = normal_pmid(pmid) or ""
        if attributes != ' Version="1"' and (version := get_attribute(attributes, 'Version="')) not in ("", "1"):
            self.extra["version"] = version

    def read_leaves(self, found: list[tuple[str, str, str]]) -> None:
        """The small parts of an article or a book, in their order: a date and a grant begin before their parts."""
        place, scheme = "", None
        parts: dict[str, dict[str, str]] = {}
        texts = element_texts([each[2] for each in found])
        for (tag, attributes, _), text in zip(found, texts, strict=True):
            if tag in _DATE_PARTS:
                if place:
                    parts[place][tag] = text
            elif tag in _DATED:
                place = _DATED[tag]
                parts[place] = {}
            elif tag == "DataBankName":
                scheme = REGISTRIES.get(text)
            elif tag == "AccessionNumber":
                if scheme:
                    self.add(scheme, normalise(scheme, text))
            else:
                self.read_leaf(tag, attributes, text)
        for place, held in parts.items():
            self.note_parts(place, held)

    def read_leaf(self, tag: str, attributes: str, text: str) -> None:
        """One small part that needs none of those before it, except a grant's."""
        extra = self.extra
        if tag == "PublicationType":
            self.types.append(text)
        elif (name := _SHORT.get(tag)) is not None:
            if text:
                extra[name] = text
        elif (name := _LISTED.get(tag)) is not None:
            extra.setdefault(name, []).append(text)
        elif tag == "ELocationID":
            if 'EIdType="doi"' in attributes and 'ValidYN="N"' not in attributes:
                self.add("doi", normal_doi(text))
        elif tag == "Grant":
            extra.setdefault("grants", []).append({})
        elif tag == "ArticleId":
            self.read_id(get_attribute(attributes, 'IdType="'), text)
        elif text and extra.get("grants"):
            extra["grants"][-1][_GRANT[tag]] = text

    def read_abstract(self, text: str, begin: int, end: int) -> None:
        if text.count("<", begin, end) != text.count(">", begin, end):
            raise ApiError("a record with a bracket that is not a tag's")  # in a label, perhaps
        labels = []
        for tag, attributes, inside in _ABSTRACT.findall(text, begin, end):
            said = element_text(inside)
            if tag == "CopyrightInformation":
                self.extra["copyright"] = said
                continue
            label = get_attribute(attributes, 'Label="') if attributes else ""
            labels.append(label)
            if said:
                self.abstract.append(f"{label.capitalize()}: {said}" if label and label != "UNLABELLED" else said)
        if labels:
            self.extra["abstract_parts"] = labels

    def read_authors(self, text: str, begin: int, end: int) -> None:
        people, affiliations = parse_authors(text[begin:end])
        self.people += people
        self.affiliations += affiliations

    def read_rest(self, text: str, begin: int, end: int) -> None:
        """The parts after the article."""
        if (at := text.find("<MedlineJournalInfo>", begin, end)) >= 0:
            for tag, _, said in _IN_INFO.findall(text, at, find_end(text, "</MedlineJournalInfo>", at, end)):
                self.extra["issnl" if tag == "ISSNLinking" else "country"] = cached_text(said)
        behind = begin
        if (at := text.find("<MeshHeadingList>", begin, end)) >= 0:
            behind = find_end(text, "</MeshHeadingList>", at, end)
            section = text[at:behind]
            self.mesh = list(map(parse_mesh_heading, section.split("</MeshHeading>")[:-1]))
        if (at := text.find("<CommentsCorrectionsList>", begin, end)) >= 0:
            self.read_related(text[at : find_end(text, "</CommentsCorrectionsList>", at, end)])
        self.read_keywords(text, behind, end)
        if (at := text.find("<CoiStatement", behind, end)) >= 0:
            self.extra["interests"] = find_element_text(text, "CoiStatement", at, end)[0]

    def read_keywords(self, text: str, begin: int, end: int) -> None:
        if (at := text.find("<KeywordList", begin, end)) >= 0:
            found = _KEYWORD.findall(text, at, end)
            words = [word for _, attributes, word in found if not attributes.endswith("/")]
            read = (
                [element_text(word) for word in words] if any("<" in word for word in words) else element_texts(words)
            )
            self.extra["keywords"] = [word for word in read if word]

    def read_related(self, text: str) -> None:
        for kind, inside in _RELATED.findall(text):
            said: dict[str, Any] = {"type": kind}
            if (pmid := _PMID.search(inside)) is not None and (number := normal_pmid(pmid[2])):
                said["pmid"] = number
            if (source := _SOURCE.search(inside)) is not None:
                said["source"] = element_text(source[2])
            self.related.append(said)

    def read_data(self, text: str, begin: int) -> None:
        self.history = (text, begin)  # looked into only where the article itself gives no day
        if (at := text.find("<ArticleIdList>", begin)) >= 0:
            for kind, said in _IN_IDS.findall(text, at, find_end(text, "</ArticleIdList>", at)):
                self.read_id(kind, said if said.isascii() and "&" not in said else element_text(said))
        if (stage := _STAGE.search(text, begin)) is not None and (said := cached_text(stage[1])):
            self.extra["stage"] = said

    def read_id(self, kind: str, text: str) -> None:
        if kind == "doi":
            self.add("doi", normal_doi(text))
        elif kind == "pmc":
            self.add("pmcid", normal_pmcid(text))
        elif kind == "bookaccession":
            self.extra["bookshelf"] = text.strip()

    # a book, or a chapter of one: then the book is what a journal is to an article

    def read_book(self, text: str) -> None:
        self.read_pmid(text)
        self.title, _ = find_element_text(text, "ArticleTitle")
        self.vernacular, _ = find_element_text(text, "VernacularTitle")
        book, _ = find_element_text(text, "BookTitle")
        at = text.find("<Abstract>")
        if at >= 0:
            stop = find_end(text, "</Abstract>", at)
            self.read_abstract(text, at, stop)
            text = text[:at] + text[stop:]
        for part in re.findall(r"<AuthorList[ >].*?</AuthorList>", text, re.S):
            if 'Type="editors"' not in part[: part.find(">")]:
                self.read_authors(part, 0, len(part))
        self.read_keywords(text, 0, len(text))
        self.read_leaves(_IN_BOOK.findall(text[: text.find("</BookDocument>")]))
        self.history = (text, max(0, text.find("</BookDocument>")))
        if self.title and book:
            self.extra["journal"] = book
        self.title = self.title or book
        if "Book" not in self.types and "Book Chapter" not in self.types:
            self.types.append("Book Chapter" if "journal" in self.extra else "Book")

    # keeping values

    def note_parts(self, place: str, parts: dict[str, str]) -> None:
        day = parse_day(parts.get("Year", ""), parts.get("Month", ""), parts.get("Day", ""), self.fetched)
        self.days[place] = (" ".join(parts.values()), day)
        if place == "published":
            self.dates[place] = {_DATE_PARTS[tag]: text for tag, text in parts.items() if text}
        elif day:
            self.dates[place] = day

    def note_day(self, place: str, text: str, at: int) -> None:
        """A date of three parts: the first in `text` from `at` on."""
        usual = _WHOLE_DAY.match(text, at)
        if usual is None:
            self.note_parts(place, {tag: cached_text(said) for tag, _, said in _IN_DATE.findall(text, at)[:3]})
            return
        year, month, day = usual.groups()
        found = parse_day(year, month, day, self.fetched)
        self.days[place] = (f"{year} {month} {day}", found)
        if found:
            self.dates[place] = found

    def look_up(self, place: str) -> None:
        """A day of PubMed's own history of the record."""
        text, begin = self.history
        at = text.find(f'PubStatus="{place}"', begin)
        if at >= 0:
            self.note_day(place, text, at)

    def add(self, scheme: str, value: str | None) -> None:
        if value:
            held = self.identifiers.setdefault(scheme, [])
            if value not in held:
                held.append(value)

    # the entry

    def entry(self) -> ListEntry:
        if not self.pmid:
            raise ApiError("a record without PMID or article", hint="the answer was cut off?")
        title, (raw, published) = self.title or self.vernacular, self._published()
        extra = self.extra
        languages = extra.get("languages")
        if self.vernacular and self.vernacular != title:
            extra["vernacular_title"] = self.vernacular
        extra |= {
            "types": self.types, "mesh": self.mesh, "affiliations": list(dict.fromkeys(self.affiliations)),
            "people": self.people, "dates": self.dates, "notices": self._notices(published),
        }  # fmt: skip
        if self.related:
            extra["related"] = self.related
            extra |= find_preprint(self.related, self.types)
        return ListEntry(
            native=self.pmid,
            url=ADDRESS.format(self.pmid),
            title=title,
            summary="\n\n".join(self.abstract),
            published=published,
            published_raw=raw,
            updated=self.dates.get("revised"),
            authors=tuple(dict.fromkeys([name for person in self.people if (name := person["name"])])),
            identifiers={"pmid": [self.pmid], **self.identifiers},
            lang=LANGUAGES.get(languages[0]) if languages else None,
            categories=tuple(dict.fromkeys([heading["name"] for heading in self.mesh])),
            extra={name: value for name, value in extra.items() if value},
        )

    def _notices(self, published: str | None) -> list[dict[str, Any]]:
        if not self.related and "Retracted Publication" not in self.types:
            return []
        self.look_up("retracted")
        return find_notices(f"pmid:{self.pmid}", self.related, self.types, published, self.dates.get("retracted"))

    def _published(self) -> tuple[str | None, str | None]:
        first = None
        for place in ("electronic", "published", "pubmed", "entrez"):
            if place not in self.days:
                self.look_up(place)
            raw, day = self.days.get(place, ("", None))
            first = first or raw or None
            if day:
                return first, day
        return first, None

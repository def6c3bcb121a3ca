"""A PubMed record (`PubmedArticle`, `PubmedBookArticle`; DTDs of 2006 to 2026) as an entry, for all who bring them.

What it knows: title and abstract are flattened (`<i>`, `<sup>`, MathML: their text stays), labelled parts of an
abstract begin with their label. Where there is no title, the one in the paper's own language stands in. Identifiers are
those of the record itself, never those of its references. The day of publication is, in order: the electronic
ArticleDate, PubDate where it is a whole day, the day the record reached PubMed. `extra["dates"]` keeps PubDate's parts
as they stood (`MedlineDate` "2009 Sep-Oct" has no others). Days up to 1900-01-01 or more than a day after `fetched` are
placeholders or announcements and not believed.

CommentsCorrections, but for bare references, stay in `related`; `notices` says what follows from them.

It reads the text of one record, by the tags that the DTD allows in each place, in a third of the time that walking over
a tree takes: there are forty million of them. That text is plain XML, as `plain` explains.
"""

from __future__ import annotations

import re
from typing import Any

from core.ids import normalise
from crawlers.apis import ApiError
from crawlers.apis.notices import find_notices, find_preprint
from crawlers.apis.plain import (
    LANGUAGES,
    WHOLE,
    attribute,
    believed_day,
    end_of,
    first_of,
    flat,
    leaves,
    mesh_heading,
    normal_doi,
    normal_orcid,
    normal_pmcid,
    normal_pmid,
    short,
)  # fmt: skip
from crawlers.feeds.model import FeedEntry

RECORDS = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation")  # the last: files before 2016 had it alone
ADDRESS = "https://pubmed.ncbi.nlm.nih.gov/{}/"
REGISTRIES = {"ClinicalTrials.gov": "nct", "ISRCTN": "isrctn", "EudraCT": "eudract"}


_PMID = re.compile(r"<PMID([^>]*)>\s*(\d+)")
_ARTICLE = re.compile(r"<Article[ >]")
_IN_ARTICLE = leaves(
    "ISSN", "Volume", "Issue", "Title", "ISOAbbreviation", "MedlinePgn", "ELocationID", "Language", "PublicationType",
    "PubDate", "ArticleDate", "Year", "Month", "Day", "Season", "MedlineDate", "Grant", "GrantID", "Agency", "Country",
    "DataBankName", "AccessionNumber",
)  # fmt: skip
_IN_AUTHOR = re.compile(
    r"<(LastName|ForeName|FirstName|Suffix|CollectiveName|Affiliation|Identifier)(?=[ />])([^>]*)>" + WHOLE
)
_USUAL_AUTHOR = re.compile(
    r"\s*(?:<AuthorList[^>]*>\s*)?<Author[^>]*>\s*<LastName>([^<]*)</LastName>\s*<ForeName>([^<]*)</ForeName>"
    r"\s*<Initials>[^<]*</Initials>\s*"
)
_IN_BOOK = leaves(
    "Language", "PublicationType", "PubDate", "ContributionDate", "DateRevised", "Year", "Month", "Day", "Season",
    "MedlineDate", "Isbn", "PublisherName", "ELocationID", "ArticleId", "Grant", "GrantID", "Agency", "Country",
)  # fmt: skip
_IN_DATE = leaves("Year", "Month", "Day")
_IN_IDS = leaves("ArticleId")
_IN_INFO = leaves("Country", "ISSNLinking")
_ABSTRACT = re.compile(rf"<(AbstractText|CopyrightInformation)(?=[ />])([^>]*?)(?:/>|>{WHOLE}</\1>)")
_KEYWORD = re.compile(r"<(Keyword)(?=[ />])([^>]*)>" + WHOLE)
_RELATED = re.compile(  # references stood here too, until they got a list of their own
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
_DATE_PARTS = frozenset({"Year", "Month", "Day", "Season", "MedlineDate"})


def parse_citation(data: bytes, fetched: str) -> FeedEntry:
    """One record in plain XML, in UTF-8. Raises ApiError when it has no PMID or no article, or is not well-formed."""
    references = data.find(b"<ReferenceList")  # they come last, and hold identifiers of others
    text = (data if references < 0 else data[:references]).decode("latin-1")
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
        self.pmid = self.title = self.vernacular = self.history = ""
        self.abstract: list[str] = []
        self.people: list[dict[str, Any]] = []
        self.affiliations: list[str] = []
        self.mesh: list[dict[str, Any]] = []
        self.types: list[str] = []
        self.related: list[dict[str, Any]] = []
        self.identifiers: dict[str, list[str]] = {}
        self.dates: dict[str, Any] = {}
        self.days: dict[str, tuple[str, str | None]] = {}  # place -> (what stood there, the day or None)
        self.extra: dict[str, Any] = {}

    # an article

    def read_article(self, text: str) -> None:
        """Its parts stand in a fixed order, so each is looked for behind the one before."""
        at = _ARTICLE.search(text)
        end = text.find("</Article>")
        if at is None or end < 0:
            raise ApiError("a record without PMID or article", mend="the answer was cut off?")
        self.read_head(text[: at.start()])
        begin = at.start()
        title = text.find("<ArticleTitle", begin, end)
        pieces = [text[begin:title]] if title >= 0 else []
        self.title, begin = first_of(text, "ArticleTitle", title, end) if title >= 0 else ("", begin)
        long = text.find("<Abstract>", begin, end)
        if long >= 0:
            pieces.append(text[begin:long])
            begin = end_of(text, "</Abstract>", long, end)
            self.read_abstract(text, long, begin)
        long = text.find("<AuthorList", begin, end)
        if long >= 0:
            pieces.append(text[begin:long])
            begin = end_of(text, "</AuthorList>", long, end)
            self.read_authors(text[long:begin])
        pieces.append(text[begin:end])
        article = "".join(pieces)
        self.vernacular, _ = first_of(article, "VernacularTitle")
        if "<Affiliation>" in article:  # until 2014: one for all
            self.affiliations.append(first_of(article, "Affiliation")[0])
        data = text.find("<PubmedData>", end)
        self.read_rest(text[end:data] if data >= 0 else text[end:])
        if data >= 0:  # its identifiers are PubMed's own and come before the publisher's
            self.read_data(text[data:])
        self.read_leaves(_IN_ARTICLE.findall(article))

    def read_head(self, text: str) -> None:
        self.read_pmid(text)
        at = text.find("<MedlineCitation")
        if status := attribute(text[at : text.find(">", at)], 'Status="'):
            self.extra["indexing"] = status
        if (at := text.find("<DateRevised>")) >= 0:
            self.note_day("revised", text[at:])

    def read_pmid(self, text: str) -> None:
        found = _PMID.search(text)
        if found is None:
            raise ApiError("a record without PMID or article", mend="the answer was cut off?")
        self.pmid = normal_pmid(found[2]) or ""
        if (version := attribute(found[1], 'Version="')) not in ("", "1"):
            self.extra["version"] = version

    def read_leaves(self, found: list[tuple[str, str, str]]) -> None:
        """The small parts of an article or a book, in their order: a date and a grant begin before their parts."""
        extra = self.extra
        place, scheme = "", None
        parts: dict[str, dict[str, str]] = {}
        for tag, attributes, text in found:
            if tag in _DATE_PARTS:
                if place:
                    parts[place][tag] = short(text)
            elif tag == "PublicationType":
                self.types.append(short(text))
            elif (name := _SHORT.get(tag)) is not None:
                if said := short(text):
                    extra[name] = said
            elif (name := _LISTED.get(tag)) is not None:
                extra.setdefault(name, []).append(short(text))
            elif (name := _DATED.get(tag)) is not None:
                place = name
                parts[name] = {}
            elif tag == "ELocationID":
                if 'EIdType="doi"' in attributes and 'ValidYN="N"' not in attributes:
                    self.add("doi", normal_doi(flat(text)))
            elif tag == "Grant":
                extra.setdefault("grants", []).append({})
            elif tag == "DataBankName":
                scheme = REGISTRIES.get(flat(text))
            elif tag == "AccessionNumber":
                if scheme:
                    self.add(scheme, normalise(scheme, flat(text)))
            elif tag == "ArticleId":
                self.read_id(attributes, text)
            elif extra.get("grants") and (said := short(text)):
                extra["grants"][-1][_GRANT[tag]] = said
        for place, held in parts.items():
            self.note_parts(place, held)

    def read_abstract(self, text: str, begin: int, end: int) -> None:
        if text.count("<", begin, end) != text.count(">", begin, end):
            raise ApiError("a record with a bracket that is not a tag's")  # in a label, perhaps
        labels = []
        for tag, attributes, inside in _ABSTRACT.findall(text, begin, end):
            said = flat(inside)
            if tag == "CopyrightInformation":
                self.extra["copyright"] = said
                continue
            label = attribute(attributes, 'Label="')
            labels.append(label)
            if said:
                self.abstract.append(f"{label.capitalize()}: {said}" if label and label != "UNLABELLED" else said)
        if labels:
            self.extra["abstract_parts"] = labels

    def read_authors(self, text: str) -> None:
        for author in text.split("</Author>")[:-1]:
            given = family = suffix = orcid = ""
            places: list[str] = []
            usual = _USUAL_AUTHOR.match(author)
            if usual is not None:
                family, given = short(usual[1]), short(usual[2])
            rest = author if usual is None else author[usual.end() :]
            for tag, attributes, said in _IN_AUTHOR.findall(rest) if rest else ():
                if attributes.endswith("/"):
                    continue
                if tag == "Affiliation":
                    if place := flat(said):
                        places.append(place)
                elif tag == "Identifier":
                    if 'Source="ORCID"' in attributes:
                        orcid = normal_orcid(said)
                elif tag == "ForeName" or tag == "FirstName":
                    given = short(said)
                elif tag == "Suffix":
                    suffix = f" {short(said)}"
                else:  # LastName, CollectiveName
                    family = flat(said)
            if family and not given:
                given, _ = first_of(author, "Initials")
            person: dict[str, Any] = {"name": f"{given} {family}{suffix}" if given and family else family or given}
            if places:
                person["affiliations"] = places
                self.affiliations += places
            if orcid:
                person["orcid"] = orcid
            self.people.append(person)

    def read_rest(self, text: str) -> None:
        """What stands behind the article."""
        for tag, _, said in _IN_INFO.findall(
            text, text.find("<MedlineJournalInfo>"), text.find("</MedlineJournalInfo>")
        ):
            self.extra["issnl" if tag == "ISSNLinking" else "country"] = short(said)
        if (at := text.find("<MeshHeadingList>")) >= 0:
            section = text[at : end_of(text, "</MeshHeadingList>", at)]
            self.mesh = [mesh_heading(heading) for heading in section.split("</MeshHeading>")[:-1]]
        if (at := text.find("<CommentsCorrectionsList>")) >= 0:
            self.read_related(text[at : end_of(text, "</CommentsCorrectionsList>", at)])
        self.read_keywords(text)
        if "<CoiStatement" in text:
            self.extra["interests"] = first_of(text, "CoiStatement")[0]

    def read_keywords(self, text: str) -> None:
        if (at := text.find("<KeywordList")) >= 0:
            words = [flat(word) for _, attributes, word in _KEYWORD.findall(text, at) if not attributes.endswith("/")]
            self.extra["keywords"] = [word for word in words if word]

    def read_related(self, text: str) -> None:
        for kind, inside in _RELATED.findall(text):
            said: dict[str, Any] = {"type": kind}
            if (pmid := _PMID.search(inside)) is not None and (number := normal_pmid(pmid[2])):
                said["pmid"] = number
            if (source := _SOURCE.search(inside)) is not None:
                said["source"] = flat(source[2])
            self.related.append(said)

    def read_data(self, text: str) -> None:
        self.history = text  # looked into only where the article itself gives no day
        if (at := text.find("<ArticleIdList>")) >= 0:
            for _, attributes, said in _IN_IDS.findall(text, at, end_of(text, "</ArticleIdList>", at)):
                self.read_id(attributes, said)
        if stage := first_of(text, "PublicationStatus")[0]:
            self.extra["stage"] = stage

    def read_id(self, attributes: str, text: str) -> None:
        if 'IdType="doi"' in attributes:
            self.add("doi", normal_doi(flat(text)))
        elif 'IdType="pmc"' in attributes:
            self.add("pmcid", normal_pmcid(flat(text)))
        elif 'IdType="bookaccession"' in attributes:
            self.extra["bookshelf"] = flat(text)

    # a book, or a chapter of one: then the book is what a journal is to an article

    def read_book(self, text: str) -> None:
        self.read_pmid(text)
        self.title, _ = first_of(text, "ArticleTitle")
        self.vernacular, _ = first_of(text, "VernacularTitle")
        book, _ = first_of(text, "BookTitle")
        at = text.find("<Abstract>")
        if at >= 0:
            stop = end_of(text, "</Abstract>", at)
            self.read_abstract(text, at, stop)
            text = text[:at] + text[stop:]
        for part in re.findall(r"<AuthorList[ >].*?</AuthorList>", text, re.S):
            if 'Type="editors"' not in part[: part.find(">")]:
                self.read_authors(part)
        self.read_keywords(text)
        self.read_leaves(_IN_BOOK.findall(text[: text.find("</BookDocument>")]))
        self.history = text[text.find("</BookDocument>") :]
        if self.title and book:
            self.extra["journal"] = book
        self.title = self.title or book
        if "Book" not in self.types and "Book Chapter" not in self.types:
            self.types.append("Book Chapter" if "journal" in self.extra else "Book")

    # how things are kept

    def note_parts(self, place: str, parts: dict[str, str]) -> None:
        day = believed_day(parts.get("Year", ""), parts.get("Month", ""), parts.get("Day", ""), self.fetched)
        self.days[place] = (" ".join(parts.values()), day)
        if place == "published":
            self.dates[place] = {tag.lower(): text for tag, text in parts.items() if text}
        elif day:
            self.dates[place] = day

    def note_day(self, place: str, text: str) -> None:
        """A date of three parts, the first that stands in `text`."""
        self.note_parts(place, {tag: short(said) for tag, _, said in _IN_DATE.findall(text)[:3]})

    def look_up(self, place: str) -> None:
        """A day of PubMed's own history of the record."""
        at = self.history.find(f'PubStatus="{place}"')
        if at >= 0:
            self.note_day(place, self.history[at:])

    def add(self, scheme: str, value: str | None) -> None:
        if value:
            held = self.identifiers.setdefault(scheme, [])
            if value not in held:
                held.append(value)

    # the whole

    def entry(self) -> FeedEntry:
        if not self.pmid:
            raise ApiError("a record without PMID or article", mend="the answer was cut off?")
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
        return FeedEntry(
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

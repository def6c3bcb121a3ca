"""A PubMed record (`PubmedArticle`, `PubmedBookArticle`; DTDs of 2006 to 2026) as an entry, for all who bring them.

What it knows: title and abstract are flattened (`<i>`, `<sup>`, MathML: their text stays), labelled parts of an
abstract begin with their label. Where there is no title, the one in the paper's own language stands in. Identifiers are
those of the record itself, never those of its references. The day of publication is, in order: the electronic
ArticleDate, PubDate where it is a whole day, the day the record reached PubMed. `extra["dates"]` keeps PubDate's parts
as they stood (`MedlineDate` "2009 Sep-Oct" has no others). Days up to 1900-01-01 or more than a day after `fetched` are
placeholders or announcements and not believed.

CommentsCorrections become `notices` where they say that something was retracted, corrected or put in doubt: what they
say of this record has its name in `about`, what this record says of another has it in `notice`. All of them but bare
references stay in `related`. An update of or in a preprint gives `preprint_of` (on the published paper's record: the
DOI of its preprint) or `published_as` (on the preprint's record).

It reads the text of one record, by the tags that the DTD allows in each place, in a third of the time that walking over
a tree takes: there are forty million of them. That text is plain XML: attributes in double quotes, every `<` and `>` a
tag's, no comments, no CDATA. `plain_text` makes any element so; `is_plain` says whether bytes are so already.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.etree import _Element as Node

from core.ids import find_ids, normalise
from core.text import one_line
from crawlers.apis import ApiError
from crawlers.feeds.model import FeedEntry

RECORDS = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation")  # the last: files before 2016 had it alone
ADDRESS = "https://pubmed.ncbi.nlm.nih.gov/{}/"
PLACEHOLDER = "1900-01-01"
MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
LANGUAGES = {
    "eng": "en", "kor": "ko", "jpn": "ja", "chi": "zh", "ger": "de", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "rus": "ru", "pol": "pl", "tur": "tr", "ukr": "uk", "dut": "nl", "cze": "cs", "hun": "hu", "swe": "sv", "dan": "da",
    "nor": "no", "fin": "fi", "gre": "el", "heb": "he", "ara": "ar", "per": "fa", "vie": "vi", "tha": "th",
}  # fmt: skip
# what the record says of itself ("…In": the notice is elsewhere) and of another ("…Of", "…For": it is the notice)
ABOUT_THIS = {
    "RetractionIn": "retraction", "PartialRetractionIn": "retraction", "RetractedandRepublishedIn": "retraction",
    "ErratumIn": "correction", "CorrectedandRepublishedIn": "correction", "ExpressionOfConcernIn": "concern",
}  # fmt: skip
ABOUT_OTHER = {
    "RetractionOf": "retraction", "PartialRetractionOf": "retraction", "RetractedandRepublishedFrom": "retraction",
    "ErratumFor": "correction", "CorrectedandRepublishedFrom": "correction", "ExpressionOfConcernFor": "concern",
}  # fmt: skip
REGISTRIES = {"ClinicalTrials.gov": "nct", "ISRCTN": "isrctn", "EudraCT": "eudract"}


def _leaves(*names: str) -> re.Pattern[str]:
    """(tag, attributes, text up to the next tag) of every such element."""
    return re.compile(rf"<({'|'.join(names)})(?=[ />])([^>]*)>([^<]*)")


_WHOLE = r"([^<]*(?:<(?!/\1>)[^<]*)*)"  # up to the end of element 1, whatever stands inside it
_PLAIN_DOI = re.compile(r"10\.(?!1101/|64898/)\d{4,9}/[a-z0-9._/;-]*[a-z0-9]")
_PLAIN_PMCID = re.compile(r"PMC[1-9]\d{0,7}")
_TAG = re.compile(r"<[^>]*>")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w*));?")
_LESS = ord("<")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_PMID = re.compile(r"<PMID([^>]*)>\s*(\d+)")
_ARTICLE = re.compile(r"<Article[ >]")
_IN_ARTICLE = _leaves(
    "ISSN", "Volume", "Issue", "Title", "ISOAbbreviation", "MedlinePgn", "ELocationID", "Language", "PublicationType",
    "PubDate", "ArticleDate", "Year", "Month", "Day", "Season", "MedlineDate", "Grant", "GrantID", "Agency", "Country",
    "DataBankName", "AccessionNumber",
)  # fmt: skip
_IN_AUTHOR = re.compile(
    r"<(LastName|ForeName|FirstName|Suffix|CollectiveName|Affiliation|Identifier)(?=[ />])([^>]*)>" + _WHOLE
)
_IN_BOOK = _leaves(
    "Language", "PublicationType", "PubDate", "ContributionDate", "DateRevised", "Year", "Month", "Day", "Season",
    "MedlineDate", "Isbn", "PublisherName", "ELocationID", "ArticleId", "Grant", "GrantID", "Agency", "Country",
)  # fmt: skip
_IN_DATE = _leaves("Year", "Month", "Day")
_IN_IDS = _leaves("ArticleId")
_IN_INFO = _leaves("Country", "ISSNLinking")
_MESH = _leaves("DescriptorName", "QualifierName")
_ABSTRACT = re.compile(rf"<(AbstractText|CopyrightInformation)(?=[ />])([^>]*?)(?:/>|>{_WHOLE}</\1>)")
_KEYWORD = re.compile(r"<(Keyword)(?=[ />])([^>]*)>" + _WHOLE)
_RELATED = re.compile(  # references stood here too, until they got a list of their own
    r'<CommentsCorrections RefType="(?!Cites")([^"]*)"[^>]*>(.*?)</CommentsCorrections>', re.S
)
_SOURCE = re.compile(r"<(RefSource)(?=[ />])[^>]*>" + _WHOLE)
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


def plain_text(node: Node) -> str:
    """An element as this module reads it."""
    return str(etree.tostring(node, encoding="unicode", with_tail=False))


def is_plain(data: bytes) -> bool:
    """Whether bytes may be read as they are: no comments, no CDATA, no angle bracket that is not a tag's."""
    if data.count(b"<") != data.count(b">"):
        return False
    for mark in (b"!", b"?"):  # rare, so looking for them is quick
        at = data.find(mark)
        while at > 0:
            if data[at - 1] == _LESS:
                return False
            at = data.find(mark, at + 1)
    return True


def parse_citation(text: str, fetched: str) -> FeedEntry:
    """One record in plain XML. Raises ApiError when it has no PMID or no article, or is not well-formed."""
    record = _Record(fetched)
    if text.startswith("<PubmedBookArticle"):
        record.read_book(text)
    else:
        record.read_article(text)
    return record.entry()


def flat(text: str) -> str:
    """What stands in an element, without tags and entities, on one line."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if not text.isprintable() or "  " in text:
        text = " ".join(text.split())
        if not text.isprintable():
            return one_line(text)
    else:
        text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)  # `one_line` would do no more than this


def _entity(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1] else int(match[2], 16) if match[2] else 0
    if 0 < number < 0x110000 and match[0].endswith(";"):
        return chr(number)
    if match[3] in _NAMED and match[0].endswith(";"):
        return _NAMED[match[3]]
    raise ApiError(f"a record with the unknown entity {match[0]}")


_short = lru_cache(maxsize=2**15)(flat)  # names, days, languages, publication types: the same again and again


def normal_pmid(raw: str) -> str | None:
    """`core.ids` says what a PMID is; nearly all are bare."""
    bare = raw.strip()
    return bare if bare.isascii() and bare.isdigit() and bare[0] != "0" and len(bare) < 9 else normalise("pmid", raw)


def normal_pmcid(raw: str) -> str | None:
    """The same of a PMCID."""
    bare = raw.strip()
    return bare if _PLAIN_PMCID.fullmatch(bare) else normalise("pmcid", flat(raw))


def normal_doi(raw: str) -> str | None:
    """`core.ids` says what a DOI is; most are plain and need no second look."""
    bare = raw.strip().lower()
    return bare if _PLAIN_DOI.fullmatch(bare) else normalise("doi", flat(raw))


@lru_cache(maxsize=2**12)
def normal_orcid(raw: str) -> str:
    """Publishers write it bare, as an address of either kind, or without hyphens."""
    bare = raw.strip().rpartition("/")[2]
    if len(bare) == 16 and "-" not in bare:
        bare = "-".join((bare[:4], bare[4:8], bare[8:12], bare[12:]))
    return normalise("orcid", bare) or ""


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
        self.title, begin = _inside(text, "ArticleTitle", title, end) if title >= 0 else ("", begin)
        long = text.find("<Abstract>", begin, end)
        if long >= 0:
            pieces.append(text[begin:long])
            begin = _end(text, "</Abstract>", long, end)
            self.read_abstract(text, long, begin)
        long = text.find("<AuthorList", begin, end)
        if long >= 0:
            pieces.append(text[begin:long])
            begin = _end(text, "</AuthorList>", long, end)
            self.read_authors(text[long:begin])
        pieces.append(text[begin:end])
        article = "".join(pieces)
        self.vernacular, _ = _inside(article, "VernacularTitle")
        if "<Affiliation>" in article:  # until 2014: one for all
            self.affiliations.append(_inside(article, "Affiliation")[0])
        self.read_leaves(_IN_ARTICLE.findall(article))
        data = text.find("<PubmedData>", end)
        self.read_rest(text[end:data] if data >= 0 else text[end:])
        if data >= 0:
            references = text.find("<ReferenceList", data)
            self.read_data(text[data:references] if references >= 0 else text[data:])

    def read_head(self, text: str) -> None:
        self.read_pmid(text)
        at = text.find("<MedlineCitation")
        if status := _attribute(text[at : text.find(">", at)], 'Status="'):
            self.extra["indexing"] = status
        if (at := text.find("<DateRevised>")) >= 0:
            self.note_day("revised", text[at:])

    def read_pmid(self, text: str) -> None:
        found = _PMID.search(text)
        if found is None:
            raise ApiError("a record without PMID or article", mend="the answer was cut off?")
        self.pmid = normal_pmid(found[2]) or ""
        if (version := _attribute(found[1], 'Version="')) not in ("", "1"):
            self.extra["version"] = version

    def read_leaves(self, found: list[tuple[str, str, str]]) -> None:
        """The small parts of an article or a book, in their order: a date and a grant begin before their parts."""
        extra = self.extra
        place, scheme = "", None
        parts: dict[str, dict[str, str]] = {}
        for tag, attributes, text in found:
            if tag in _DATE_PARTS:
                if place:
                    parts[place][tag] = _short(text)
            elif tag == "PublicationType":
                self.types.append(_short(text))
            elif (name := _SHORT.get(tag)) is not None:
                if said := _short(text):
                    extra[name] = said
            elif (name := _LISTED.get(tag)) is not None:
                extra.setdefault(name, []).append(_short(text))
            elif (name := _DATED.get(tag)) is not None:
                place = name
                parts[name] = {}
            elif tag == "ELocationID":
                if 'EIdType="doi"' in attributes and 'ValidYN="N"' not in attributes:
                    self.add("doi", normal_doi(text))
            elif tag == "Grant":
                extra.setdefault("grants", []).append({})
            elif tag == "DataBankName":
                scheme = REGISTRIES.get(flat(text))
            elif tag == "AccessionNumber":
                if scheme:
                    self.add(scheme, normalise(scheme, flat(text)))
            elif tag == "ArticleId":
                self.read_id(attributes, text)
            elif extra.get("grants") and (said := _short(text)):
                extra["grants"][-1][_GRANT[tag]] = said
        for place, held in parts.items():
            self.note_parts(place, held)

    def read_abstract(self, text: str, begin: int, end: int) -> None:
        labels = []
        for tag, attributes, inside in _ABSTRACT.findall(text, begin, end):
            said = flat(inside)
            if tag == "CopyrightInformation":
                self.extra["copyright"] = said
                continue
            label = _attribute(attributes, 'Label="')
            labels.append(label)
            if said:
                self.abstract.append(f"{label.capitalize()}: {said}" if label and label != "UNLABELLED" else said)
        if labels:
            self.extra["abstract_parts"] = labels

    def read_authors(self, text: str) -> None:
        for author in text.split("</Author>")[:-1]:
            given = family = suffix = orcid = ""
            places: list[str] = []
            for tag, attributes, inside in _IN_AUTHOR.findall(author):
                if attributes.endswith("/"):
                    continue
                if tag == "Identifier":
                    if 'Source="ORCID"' in attributes:
                        orcid = normal_orcid(inside)
                    continue
                said = _short(inside)
                if tag == "LastName":
                    family = said
                elif tag == "ForeName" or tag == "FirstName":
                    given = said
                elif tag == "Affiliation":
                    if said:
                        places.append(said)
                elif tag == "Suffix":
                    suffix = f" {said}"
                else:  # a CollectiveName
                    family = said
            if family and not given:
                given, _ = _inside(author, "Initials")
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
            self.extra["issnl" if tag == "ISSNLinking" else "country"] = _short(said)
        if (at := text.find("<MeshHeadingList>")) >= 0:
            section = text[at : _end(text, "</MeshHeadingList>", at)]
            self.mesh = [_heading(heading) for heading in section.split("</MeshHeading>")[:-1]]
        if (at := text.find("<CommentsCorrectionsList>")) >= 0:
            self.read_related(text[at : _end(text, "</CommentsCorrectionsList>", at)])
        self.read_keywords(text)
        if "<CoiStatement" in text:
            self.extra["interests"] = _inside(text, "CoiStatement")[0]

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
            for _, attributes, said in _IN_IDS.findall(text, at, _end(text, "</ArticleIdList>", at)):
                self.read_id(attributes, said)
        if stage := _inside(text, "PublicationStatus")[0]:
            self.extra["stage"] = stage

    def read_id(self, attributes: str, text: str) -> None:
        if 'IdType="doi"' in attributes:
            self.add("doi", normal_doi(text))
        elif 'IdType="pmc"' in attributes:
            self.add("pmcid", normal_pmcid(text))
        elif 'IdType="bookaccession"' in attributes:
            self.extra["bookshelf"] = flat(text)

    # a book, or a chapter of one: then the book is what a journal is to an article

    def read_book(self, text: str) -> None:
        self.read_pmid(text)
        self.title, _ = _inside(text, "ArticleTitle")
        self.vernacular, _ = _inside(text, "VernacularTitle")
        book, _ = _inside(text, "BookTitle")
        at = text.find("<Abstract>")
        if at >= 0:
            stop = _end(text, "</Abstract>", at)
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
        day = _day(parts.get("Year", ""), parts.get("Month", ""), parts.get("Day", ""), self.fetched)
        self.days[place] = (" ".join(parts.values()), day)
        if place == "published":
            self.dates[place] = {tag.lower(): text for tag, text in parts.items() if text}
        elif day:
            self.dates[place] = day

    def note_day(self, place: str, text: str) -> None:
        """A date of three parts, the first that stands in `text`."""
        self.note_parts(place, {tag: _short(said) for tag, _, said in _IN_DATE.findall(text)[:3]})

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
        title = self.title or self.vernacular
        raw, published = self._published()
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
            self._preprint()
        return FeedEntry(
            native=self.pmid,
            url=ADDRESS.format(self.pmid),
            title=title,
            summary="\n\n".join(self.abstract),
            published=published,
            published_raw=raw,
            updated=self.dates.get("revised"),
            authors=tuple(dict.fromkeys([person["name"] for person in self.people if person["name"]])),
            identifiers={"pmid": [self.pmid], **self.identifiers},
            lang=LANGUAGES.get(languages[0]) if languages else None,
            categories=tuple(dict.fromkeys([heading["name"] for heading in self.mesh])),
            extra={name: value for name, value in extra.items() if value},
        )

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

    def _notices(self, published: str | None) -> list[dict[str, Any]]:
        this = f"pmid:{self.pmid}"
        notices = []
        for said in self.related:
            kind, other = said["type"], said.get("pmid")
            if kind in ABOUT_THIS:
                notices.append(_notice(ABOUT_THIS[kind], about=this, notice=other and f"pmid:{other}", day=None))
            elif kind in ABOUT_OTHER and other:
                notices.append(_notice(ABOUT_OTHER[kind], about=f"pmid:{other}", notice=this, day=published))
        if "Retracted Publication" in self.types and not any(
            notice["about"] == this and notice["nature"] == "retraction" for notice in notices
        ):
            self.look_up("retracted")
            notices.append(_notice("retraction", about=this, notice=None, day=self.dates.get("retracted")))
        return notices

    def _preprint(self) -> None:
        """`Update` is said of new versions of anything: it counts where one of the two is a preprint."""
        for said in self.related:
            dois = [found.value for found in find_ids(said.get("source", "")) if found.scheme == "doi"]
            if said["type"] == "UpdateIn" and "Preprint" in self.types and dois:
                self.extra["published_as"] = dois[0]
            elif said["type"] == "UpdateOf" and "Preprint" not in self.types and dois:
                self.extra["preprint_of"] = dois[0]


def _notice(nature: str, *, about: str, notice: str | None, day: str | None) -> dict[str, Any]:
    url = ADDRESS.format(notice.removeprefix("pmid:")) if notice else None
    return {"nature": nature, "about": about, "notice": notice, "day": day, "reasons": [], "url": url}


@lru_cache(maxsize=2**16)
def _heading(text: str) -> dict[str, Any]:
    """One MeshHeading. The same come again and again and are not read twice: nobody may change what this gives."""
    heading: dict[str, Any] = {"ui": "", "name": "", "major": False}
    for tag, attributes, name in _MESH.findall(text):
        said = {"ui": _attribute(attributes, 'UI="'), "name": flat(name), "major": 'MajorTopicYN="Y"' in attributes}
        if tag == "DescriptorName":
            heading |= said
        else:
            heading.setdefault("qualifiers", []).append(said)
    return heading


def _inside(text: str, name: str, at: int = 0, end: int | None = None) -> tuple[str, int]:
    """What stands in the first such element from `at` on, and where it ends."""
    start = text.find(f"<{name}", at, end)
    if start < 0:
        return "", at
    start = text.find(">", start, end) + 1
    stop = text.find(f"</{name}>", start, end)
    return ("", start) if stop < 0 or text[start - 2] == "/" else (flat(text[start:stop]), stop)


def _end(text: str, tag: str, at: int, end: int | None = None) -> int:
    found = text.find(tag, at, end)
    if found < 0:
        raise ApiError(f"a record without the {tag} that it needs")
    return found


def _attribute(attributes: str, name: str) -> str:
    """The value of an attribute; `name` is written `Label="`."""
    at = attributes.find(name)
    if at < 0:
        return ""
    at += len(name)
    return flat(attributes[at : attributes.find('"', at)])


def _day(year: str, month: str, day: str, today: str) -> str | None:
    """The day, where there is a whole one that can be believed."""
    if not (month and year.isdigit() and day.isdigit()):
        return None
    number = int(month) if month.isdigit() else MONTHS.get(month[:3].lower(), 0)
    try:
        found = date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None
    if found <= PLACEHOLDER or (today and found > today and found > _tomorrow(today)):
        return None
    return found


def _tomorrow(today: str) -> str:
    return (date.fromisoformat(today) + timedelta(days=1)).isoformat()

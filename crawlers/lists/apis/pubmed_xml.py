"""PubMed's XML read as text: the functions with which `citation` takes a record apart, and normal forms of its values.

Plain XML has attributes in double quotes without brackets in them, and no comments, CDATA or processing instructions.
`make_plain_xml` turns any element into it; `is_plain_xml` says whether bytes are plain already. Bytes in UTF-8 are read
as Latin-1, one character per byte, so that searching a record takes the same time in every alphabet; `element_text`
decodes what it returns. Where this would be wrong for XML that is not plain (an unknown entity, a missing end tag), an
ApiError is raised, and the caller reads the record strictly.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.etree import _Element as Node

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError

PLACEHOLDER = "1900-01-01"
MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
_NUMBERS = {
    said: f"{number:02}" for name, number in MONTHS.items() for said in (name.title(), f"{number:02}", str(number))
}  # fmt: skip
_EVERY_MONTH = {
    said: f"{number:02}" for number in range(1, 29) for said in (f"{number:02}", str(number))
}  # days that every month has
LANGUAGES = {
    "eng": "en", "kor": "ko", "jpn": "ja", "chi": "zh", "ger": "de", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "rus": "ru", "pol": "pl", "tur": "tr", "ukr": "uk", "dut": "nl", "cze": "cs", "hun": "hu", "swe": "sv", "dan": "da",
    "nor": "no", "fin": "fi", "gre": "el", "heb": "he", "ara": "ar", "per": "fa", "vie": "vi", "tha": "th",
}  # fmt: skip
WHOLE = r"([^<]*(?:<(?!/\1>)[^<]*)*)"  # up to the end of element 1, whatever is inside it
_PLAIN_DOI = re.compile(r"10\.(?!1101/|64898/)\d{4,9}/[a-z0-9._/;-]*[a-z0-9]")
_PLAIN_PMCID = re.compile(r"PMC[1-9]\d{0,7}")
_TAG = re.compile(r"<[^>]*>")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w*));?")
_MARKS = ((b"'", ord("=")), (b"!", ord("<")), (b"?", ord("<")))
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def leaf_pattern(*names: str) -> re.Pattern[str]:
    """(tag, attributes, text up to the next tag, without the white space before it) of every such element."""
    return re.compile(rf"<({'|'.join(names)})(?=[ />])([^>]*)>\s*([^<]*)")


def make_plain_xml(node: Node) -> bytes:
    """An element as this module reads it, in UTF-8."""
    return bytes(etree.tostring(node, encoding="utf-8", xml_declaration=False, with_tail=False))


def is_plain_xml(data: bytes, begin: int = 0, end: int | None = None) -> bool:
    """Whether bytes are plain: no comments, no CDATA, no processing instructions.

    Context-dependent checks (such as `>` in an attribute) are made by the caller.
    """
    for mark, before in _MARKS:  # rare, so looking for one character is quicker than for two
        at = data.find(mark, begin, end)
        while at > 0:
            if data[at - 1] == before:
                return False
            at = data.find(mark, at + 1, end)
    return True


def element_text(text: str) -> str:
    """The text of an element, without tags and entities, on one line. `text` is UTF-8 read as Latin-1."""
    if text.isascii() and text.isprintable() and not ("<" in text or "&" in text or "  " in text):
        return text.strip()
    if "<" in text:
        if text.count("<") != 2 * text.count("</") + text.count("/>"):
            raise ApiError("a record with a tag that has no end")
        text = _TAG.sub("", text)
    if not text.isascii():
        try:
            text = text.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError as error:
            raise ApiError("a record that is not UTF-8") from error
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if not text.isprintable() or "  " in text:
        text = " ".join(text.split())
        if not text.isprintable():
            return one_line(text)
    else:
        text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)  # `one_line` would do no more than this


def element_texts(parts: list[str]) -> list[str]:
    """`element_text` of each part, all at once where none needs special care, which is nearly always the case.

    The parts hold no tags, so they can be joined with `<`. If decoding changes their number, each is read alone.
    """
    text = "<".join(parts)
    if not text.isascii():
        try:
            text = text.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return [element_text(part) for part in parts]
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if text.isprintable() and not ("  " in text or " <" in text or "< " in text or " " in (text[:1], text[-1:])):
        said = text.split("<")
        if len(said) == len(parts):
            if text.isascii():
                return said
            said = unicodedata.normalize("NFC", text).split("<")
            if len(said) == len(parts):
                return said
    return [element_text(part) for part in parts]


def _entity(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1] else int(match[2], 16) if match[2] else 0
    if 0 < number < 0x110000 and match[0].endswith(";"):
        return chr(number)
    if match[3] in _NAMED and match[0].endswith(";"):
        return _NAMED[match[3]]
    raise ApiError(f"a record with the unknown entity {match[0]}")


cached_text = lru_cache(maxsize=2**15)(
    element_text
)  # names, days, languages, publication types: the same again and again


def normal_pmid(raw: str) -> str | None:
    """A PMID as `core.ids` writes it, faster for those that are bare already."""
    bare = raw.strip()
    return bare if bare.isascii() and bare.isdigit() and bare[0] != "0" and len(bare) < 9 else normalise("pmid", raw)


def normal_pmcid(raw: str) -> str | None:
    """A PMCID as `core.ids` writes it, faster for those that are bare already."""
    bare = raw.strip()
    return bare if _PLAIN_PMCID.fullmatch(bare) else normalise("pmcid", raw)


@lru_cache(maxsize=2**6)  # a record says it twice
def normal_doi(raw: str) -> str | None:
    """A DOI as `core.ids` writes it, faster for plain ones."""
    bare = raw.strip().lower()
    return bare if _PLAIN_DOI.fullmatch(bare) else normalise("doi", raw)


@lru_cache(maxsize=2**12)
def normal_orcid(raw: str) -> str:
    """An ORCID, which publishers write bare, as either kind of address, or without hyphens."""
    bare = raw.strip().rpartition("/")[2]
    if len(bare) == 16 and "-" not in bare:
        bare = "-".join((bare[:4], bare[4:8], bare[8:12], bare[12:]))
    return normalise("orcid", bare) or ""


def find_element_text(text: str, name: str, at: int = 0, end: int | None = None) -> tuple[str, int]:
    """The text of the first such element from `at` on, and the position of its end."""
    start = text.find(f"<{name}", at, end)
    if start < 0:
        return "", at
    start = text.find(">", start, end) + 1
    stop = text.find(f"</{name}>", start, end)
    return ("", start) if stop < 0 or text[start - 2] == "/" else (element_text(text[start:stop]), stop)


def find_end(text: str, tag: str, at: int, end: int | None = None) -> int:
    found = text.find(tag, at, end)
    if found < 0:
        raise ApiError(f"a record without the {tag} that it needs")
    return found


def get_attribute(attributes: str, name: str) -> str:
    """The value of an attribute; `name` is written `Label="`."""
    at = attributes.find(name)
    if at < 0:
        return ""
    at += len(name)
    return cached_text(attributes[at : attributes.find('"', at)])


def parse_day(year: str, month: str, day: str, today: str) -> str | None:
    """The day, if it is complete and plausible."""
    number = _NUMBERS.get(month)
    if number is None or day not in _EVERY_MONTH or len(year) != 4 or not (year.isascii() and year.isdigit()):
        found = _parse_unusual_day(year, month, day)
        if found is None:
            return None
    else:
        found = f"{year}-{number}-{_EVERY_MONTH[day]}"
    if found <= PLACEHOLDER or (today and found > today and found > _tomorrow(today)):
        return None
    return found


def _parse_unusual_day(year: str, month: str, day: str) -> str | None:
    """A day late in its month, or written in another way."""
    if not (month and year.isdigit() and day.isdigit()):
        return None
    number = int(month) if month.isdigit() else MONTHS.get(month[:3].lower(), 0)
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None


def _tomorrow(today: str) -> str:
    return (date.fromisoformat(today) + timedelta(days=1)).isoformat()


_MESH = leaf_pattern("DescriptorName", "QualifierName")
_COMMON_MESH = re.compile(
    r'<([DQ])(?:escriptor|ualifier)Name(?: UI="([A-Z0-9]*)")?(?: MajorTopicYN="([YN])")?(?: UI="([A-Z0-9]*)")?>'
    r"([^<]*)</"
)


@lru_cache(maxsize=2**16)
def parse_mesh_heading(text: str) -> dict[str, Any]:
    """One MeshHeading. The result is cached, because the same headings are frequent: do not mutate it."""
    heading: dict[str, Any] = {"ui": "", "name": "", "major": False}
    found = _COMMON_MESH.findall(text)
    if len(found) != text.count("</"):
        found = [
            (tag[0], get_attribute(attributes, 'UI="'), "Y" if 'MajorTopicYN="Y"' in attributes else "N", "", name)
            for tag, attributes, name in _MESH.findall(text)
        ]
    for tag, before, major, behind, name in found:
        if tag == "D":
            heading["ui"], heading["name"], heading["major"] = before or behind, element_text(name), major == "Y"
        else:
            said = {"ui": before or behind, "name": cached_text(name), "major": major == "Y"}
            heading.setdefault("qualifiers", []).append(said)
    return heading

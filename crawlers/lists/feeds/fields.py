"""Fields of an item that feedparser drops or flattens, read from the same bytes by a second, lenient pass of lxml.

feedparser keeps the last of two `dc:identifier`, joins names, and does not know PRISM. Here each item gives every value
of the elements we need, by local name, whatever prefix or namespace a publisher chose. Nothing is fetched and no entity
is resolved.

Items are matched to entries by position when both readers found equally many, else by guid, link or title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from core.ids import find_ids, ids_of_url, normalise

Fields = dict[str, list[str]]

_ITEMS = ("item", "entry")
_FEED_SPACES = (  # where `item` and `entry` mean an item of the feed
    "", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", "http://channel.netscape.com/rdf/simple/0.9/",
    "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "http://backend.userland.com/rss", "http://purl.org/rss/2.0/",
    "http://www.w3.org/1999/xhtml",
)  # fmt: skip
_NAMED = frozenset(  # local names, lower case
    (
        "guid", "id", "link", "title", "creator", "author", "identifier", "doi", "pmid", "pmcid", "publicationname",
        "journal", "journaltitle", "issn", "eissn", "essn", "volume", "number", "issue", "startingpage", "endingpage",
        "pagerange", "section", "rights", "copyright", "license", "licence", "publicationdate", "coverdate",
        "coverdisplaydate", "publisher", "source", "origlink", "language", "articletype",
    )
)  # fmt: skip
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_LONGEST = 4000  # characters of one value: these are names and numbers, not texts

# extra's key, and the elements that may give it, best first
_EXTRA = (
    ("journal", ("publicationname", "journaltitle", "journal", "dc source")),
    ("issn", ("issn",)),
    ("eissn", ("eissn", "essn")),
    ("volume", ("volume",)),
    ("issue", ("number", "issue")),
    ("section", ("section", "articletype")),
    ("publisher", ("publisher",)),
    ("licence", ("license", "licence", "rights", "copyright")),
)
_ID_FIELDS = ("doi", "pmid", "pmcid", "identifier", "guid", "id", "about", "origlink", "link")


def read_fields(xml: bytes) -> tuple[list[Fields], Fields]:
    """(fields of each item in document order, fields of the feed itself); both empty if nothing can be read."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        return [], {}
    if root is None:
        return [], {}
    items = [_fields(node) for node in root.iter("{*}item", "{*}entry") if _is_feed_element(node)]
    channel = root.find("{*}channel")
    return items, _fields(root if channel is None else channel)


def match_fields(keys: Sequence[tuple[str, str, str]], items: Sequence[Fields]) -> list[Fields]:
    """For each entry, given as (guid, link, title), its fields; an empty dict where no item is the same."""
    if len(keys) == len(items):
        return list(items)
    index: dict[tuple[str, str], Fields] = {}
    for item in items:
        for name in ("guid", "id", "about", "link", "title"):
            for value in item.get(name, []):
                index.setdefault((_key_kind(name), value), item)
    matched = []
    for guid, link, title in keys:
        found = next(
            (index[key] for key in (("id", guid), ("link", link), ("title", title)) if key[1] and key in index), {}
        )
        matched.append(found)
    return matched


def find_identifiers(fields: Mapping[str, Sequence[str]], more: Iterable[str] = ()) -> dict[str, list[str]]:
    """Identifiers of the item itself, from every field that names it (never from its text, which names others).

    `more` are further values that name the item: what feedparser saw as id and links.
    """
    found: dict[str, list[str]] = {}

    def add(scheme: str, value: str | None) -> None:
        if value is not None and value not in found.setdefault(scheme, []):
            found[scheme].append(value)

    for scheme in ("doi", "pmid", "pmcid"):
        for raw in fields.get(scheme, ()):
            add(scheme, normalise(scheme, raw))
    sayings = [raw for name in _ID_FIELDS for raw in fields.get(name, ())]
    # `Nature, Published online: …; doi:10.1038/…`
    sayings += [raw for raw in fields.get("source", ()) if re.search(r"\bdoi\b", raw, re.I)]
    for raw in dict.fromkeys([*sayings, *more]):
        for scheme, value in _find_ids(raw):
            add(scheme, value)
    return {scheme: values for scheme, values in found.items() if values}


def find_extra(fields: Mapping[str, Sequence[str]], feed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Journal, ISSN, volume … of the item; journal, ISSN and licence may be given once for the whole feed."""
    said: dict[str, str] = {}
    for key, names in _EXTRA:
        sources = (fields, feed) if key in ("journal", "issn", "eissn", "licence") else (fields,)
        value = next((v for place in sources for name in names for v in place.get(name, ()) if v), None)
        if value:
            said[key] = value
    pages = [v for name in ("startingpage", "endingpage") for v in fields.get(name, ())[:1]]
    if pages or fields.get("pagerange"):
        said["pages"] = next(iter(fields.get("pagerange", ())), "-".join(pages))
    return said


def _find_ids(raw: str) -> list[tuple[str, str]]:
    """Identifiers in one value that names the item: an address, a bare or prefixed DOI, `pmid:…`, `NCT…`."""
    if raw.startswith(("http://", "https://")):
        return list(ids_of_url(raw).items())
    if raw.lstrip().startswith("10.") or re.match(r"\s*doi[:\s]", raw, re.I):
        doi = normalise("doi", raw)
        if doi is not None:
            return [("doi", doi)]
    return [(hit.scheme, hit.value) for hit in find_ids(raw)]


def _is_feed_element(node: etree._Element) -> bool:
    """Whether the element belongs to the feed's own vocabulary, not to an extension."""
    space = str(node.tag).rpartition("}")[0].lstrip("{")
    return space in _FEED_SPACES or space.startswith("http://backend.userland.com/")


def _fields(node: etree._Element) -> Fields:
    fields: Fields = {}
    about = node.get(_ABOUT)
    if about:
        fields["about"] = [about.strip()]
    for child in node:
        if not isinstance(child.tag, str):
            continue  # an entity that was not resolved
        name = _local_name(child.tag)
        if name in _ITEMS or name not in _NAMED or (name == "author" and not _is_feed_element(child)):
            continue
        value = "".join(child.itertext()).strip()[:_LONGEST]
        if name == "link":
            value = (child.get("href") or value).strip() if child.get("rel", "alternate") == "alternate" else ""
        elif name == "author":
            value = (child.findtext("{*}name") or ("" if len(child) else value)).strip()
        elif name == "license":
            value = value or (child.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource") or "")
        if name == "source" and "purl.org/dc/" in child.tag and len(value) <= 80 and not re.search(r"\d", value):
            name = "dc source"  # PubMed's journal; RSS's own <source> is where an item was taken from
        if value:
            fields.setdefault(name, []).append(value)
    return fields


def _local_name(tag: str) -> str:
    """`{space}name`, or `prefix:name` where the prefix was never declared and the parser accepted it."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _key_kind(name: str) -> str:
    return "id" if name in ("guid", "id", "about") else name

"""Our own page in the markup of another's: the part of a case that may be committed (`crawlers.authoring.cases`).

The twin has the elements of the page, their classes, ids and order, and none of its sentences. In order:

1. scripts (but JSON-LD), styles and comments go; attributes that describe the element stay;
2. each word is replaced by one of `twin.toml`, always the same one for the same word, so that a title in three places
   stays the same in all of them. Punctuation and numbers stay: dates are facts. Words that readers of pages look for
   stay, too (`kept`: "by", "published", months);
3. addresses lead to `SOURCE.example`, with the words of their paths replaced;
4. the row gets the same words; what else is known of the entry (identifiers, former texts) goes;
5. the right value is replaced like the page, so that the page still contains it; words that a field should hold or lack
   stay everywhere, because a rule may look for them.

What comes out is a draft. A person reads it, takes away what the fault does not need, writes sentences where sentences
matter, and only then commits it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html
from lxml.html import HtmlElement

from core.records import Document, Json
from crawlers.authoring.cases import Case
from crawlers.encoding import decode

_SAID = tomllib.loads(Path(__file__).with_name("twin.toml").read_text("utf-8"))
WORDS: list[str] = _SAID["words"]
HANGUL: str = _SAID["hangul"]
HAN: str = _SAID["han"]
KEPT, ATTRIBUTES, ADDRESSES, GONE, FACTS = (
    frozenset[str](_SAID[name]) for name in ("kept", "attributes", "addresses", "gone", "facts")
)

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?://\S+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d[\dT:.+Z -]*")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguise:
    """How the texts of a page are replaced: addresses lead to `host`, and words of `kept` (in lower case) stay."""

    host: str
    kept: frozenset[str] = KEPT

    def words(self, text: str) -> str:
        """A text in replaced words; numbers, punctuation and spaces as they are."""
        parts, place = [], 0
        for found in _ADDRESS.finditer(text):
            parts += [_WORD.sub(self._word, text[place : found.start()]), self.address(found[0])]
            place = found.end()
        return "".join([*parts, _WORD.sub(self._word, text[place:])])

    def address(self, address: str) -> str:
        """The same kind of address at `host`. An address without host keeps having none."""
        parts = urlsplit(address)
        if parts.scheme not in ("", "http", "https"):
            return "#"
        path = _WORD.sub(self._word, parts.path)
        query = f"?{_WORD.sub(self._word, parts.query)}" if parts.query else ""
        return f"{parts.scheme}://{self.host}{path}{query}" if parts.netloc else f"{path}{query}" or "#"

    def data(self, data: object) -> object:
        """JSON with the texts in it replaced; types and days stay."""
        if isinstance(data, dict):
            return {key: value if key in ("@type", "@context") else self.data(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self.data(value) for value in data]
        if isinstance(data, str) and not _DAY.fullmatch(data):
            return self.words(data)
        return data

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if word.lower() in self.kept:
            return word
        for letters, ours in ((_HANGUL, HANGUL), (_HAN, HAN)):
            if letters.search(word):
                return "".join(_choose(ours, word[: place + 1]) for place in range(len(word)))
        new = _choose(WORDS, word.lower())
        if word.isupper() and len(word) > 1:
            return new.upper()
        return new.capitalize() if word[0].isupper() else new


def make_twin(case: Case) -> Case:
    """The draft of a twin of a case whose input is a page."""
    said = _WORD.findall(case.right.lower()) if case.check != "is" else []
    disguise = Disguise(host=f"{case.source.replace('_', '-')}.example", kept=KEPT.union(said))
    tree = html.document_fromstring(
        decode(case.body, json.loads(case.row["headers"]).get("content-type"), html=True).text
    )
    for element in list(tree.iter()):
        if element.tail:  # it stays where the element goes
            element.tail = disguise.words(element.tail)
        if not isinstance(element.tag, str) or _goes(element):
            element.drop_tree()
        else:
            _replace_element(element, disguise)
    body = html.tostring(tree, doctype="<!doctype html>", encoding="utf-8", pretty_print=True)
    row = _replace_row(case.row, disguise)
    right = _replace_value(case, disguise)
    file = "" if Path(case.source_file).is_absolute() else case.source_file  # a folder of one machine
    return replace(
        case, input=f"{case.name}.html", body=body, source_file=file, row=row, right=right, was="", entry={}
    )  # fmt: skip


def _choose(among: Sequence[str], word: str) -> str:
    return among[int.from_bytes(sha256(word.encode()).digest()[:4], "big") % len(among)]


def _goes(element: HtmlElement) -> bool:
    return element.tag in GONE or (element.tag == "script" and element.get("type") != "application/ld+json")


def _replace_element(element: HtmlElement, disguise: Disguise) -> None:
    is_data = element.tag == "script"
    if element.text:
        element.text = _replace_json(element.text, disguise) if is_data else disguise.words(element.text)
    fact = (element.get("name") or element.get("property") or "").lower() in FACTS
    for name, value in list(element.attrib.items()):
        if name in ADDRESSES:
            element.set(name, disguise.address(value))
        elif name in ("alt", "title", "content") and not fact:
            element.set(name, disguise.words(value))
        elif name not in ATTRIBUTES and name != "content":
            del element.attrib[name]


def _replace_json(text: str, disguise: Disguise) -> str:
    try:
        return json.dumps(disguise.data(json.loads(text)), ensure_ascii=False)
    except json.JSONDecodeError:
        return "{}"


def _replace_row(row: Json, disguise: Disguise) -> Json:
    """The row of the twin's entry: no work, no former text, no other entries."""
    gone = {name: None for name in row if name.startswith("old_") or name in ("work", "leader", "announcers")}
    named = dict.fromkeys(("key", "input", "entry", "entry_capture", "page_capture"), "twin")
    texts = {name: disguise.words(row[name] or "") for name in ("title", "summary", "source_name")}
    addresses = {name: disguise.address(row[name]) for name in ("url", "final_url") if row[name]}
    kept = {name: value for name, value in json.loads(row["headers"]).items() if name == "content-type"}
    kept = {name: re.sub(r"charset=[\w-]+", "charset=utf-8", value) for name, value in kept.items()}
    return {
        **row, **gone, **named, **texts, **addresses, "headers": json.dumps(kept), "identifiers": "{}", "extra": "{}",
        "authors": json.dumps([disguise.words(name) for name in json.loads(row["authors"])], ensure_ascii=False),
    }  # fmt: skip


def _replace_value(case: Case, disguise: Disguise) -> str:
    kinds = {one.name: str(one.type) for one in fields(Document)}
    if kinds[case.field].startswith(("tuple", "Json")):
        return json.dumps(disguise.data(json.loads(case.right)), ensure_ascii=False, sort_keys=True)
    if case.field in ("lang", "kind", "state", "licence", "published_from"):
        return case.right
    return case.right if case.check != "is" else disguise.words(case.right)

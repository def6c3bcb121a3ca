"""The press contact of a release: what its own text gives under a heading for the press.

The heading is a line such as "Media contact" or "For press enquiries:", or its words and a colon in a line. Below it,
up to LINES short lines are the contact; a long line or a new heading ends it. What is taken, in order:

1. e-mail addresses of a desk: the part before the @ is a word of DESK (press, media, news …), not a person's name;
2. phone numbers, if the contact names no person: no address of a person is in it, and every line but the numbers and
   labels has a word of an office. A mobile phone is a person's;
3. of a contact that names a person nothing is taken but that there is one: readers find it at the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINES, LONG = 8, 140  # lines of a contact, characters of a line in it

_WHO = r"(?:media|press|news(?:room)?|journalists?|reporters?)"
_WHAT = r"(?:contacts?|enquir(?:y|ies)|inquir(?:y|ies)|office|desk|relations|requests?|queries)"
_OTHERS = (
    r"pressekontakt|kontakt für (?:die )?(?:presse|medien)|contacts? presse|contatt[io] stampa|contactos? de prensa"
)
_EAST = (
    r"(?:언론|보도|홍보)\s?(?:문의|담당|연락)[가-힣\s]{0,6}|(?:報道|取材|プレス)[^\n:：]{0,8}(?:問い?合わ?せ|連絡)[^\n:：]{0,4}"
    r"|(?:媒体|新闻)联系[^\n:：]{0,3}"
)
_NAMED = rf"{_WHO}(?: and \w+)? {_WHAT}"
_HEADING = re.compile(
    rf"(?:^[\W_]{{0,4}}(?:for )?(?:{_NAMED}(?: information)?|{_OTHERS}|{_EAST})[^\w\n]{{0,4}}$"
    rf"|(?:^|(?<=[.!?。] ))[\W_]{{0,4}}(?:for )?(?:{_NAMED}[^\n:.]{{0,30}}|{_OTHERS}|{_EAST})\s?[:：])",
    re.I | re.M,
)
_ENDS = re.compile(r"^(?:about|source|related|notes?|references?|the paper|journal|image|photo|###|disclaimer)\b", re.I)
_EMAIL = re.compile(r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,40})@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
DESK = frozenset(
    ("press", "pressoffice", "pressdesk", "pressroom", "presse", "pressestelle", "prensa", "stampa", "media",
     "mediaoffice", "mediadesk", "mediarelations", "medien", "news", "newsroom", "newsdesk", "newsoffice", "comms",
     "communications", "communication", "kommunikation", "pr", "publicaffairs", "publicrelations", "publicity",
     "info", "contact", "office", "desk", "enquiries", "inquiries", "outreach", "koho", "relations", "science",
     "research", "university", "uni", "external", "public", "affairs", "team", "room", "hello", "mail")
)  # fmt: skip
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d\s().-]{6,18}\d(?![\w/-])")
_MOBILE = re.compile(r"\b(?:mobile|cell|handy|portable|m)\b\s*[:.]?|휴대", re.I)
_LABEL = re.compile(
    r"\b(?:phone|tel(?:ephone)?|t|fax|office|e-?mail|email|or|and|mobile|cell|handy|direct|ext|x\d+)\b"
    r"|전화|이메일|電話|メール|电话|邮箱",
    re.I,
)
_OFFICE = re.compile(
    r"\b(?:office|desk|department|dept|division|institut\w*|universit\w*|hospital|cent(?:er|re)|media|press|news\w*|"
    r"communications?|relations|affairs|street|road|avenue|floor|suite|campus|team|foundation|inc|ltd|gmbh|agency)\b"
    r"|[가-힣]{2,}(?:팀|실|과|처|부|원|대학교)|[課室部]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Contact:
    """`kind`: email, phone, or at its source (it may name a person; `value` is empty)."""

    kind: str
    value: str


def find_contacts(text: str) -> list[Contact]:
    """The press contact of a release's text, each address and number once."""
    found: dict[Contact, None] = {}
    person = False
    for lines in _find_blocks(text):
        addresses = [match for line in lines for match in _EMAIL.finditer(line)]
        desks = [match[0] for match in addresses if is_desk(match[1])]
        found |= dict.fromkeys(Contact("email", address) for address in desks)
        named = len(desks) < len(addresses) or any(_names_person(line) for line in lines)
        person |= named
        if not named:
            found |= dict.fromkeys(Contact("phone", number) for line in lines for number in _find_phones(line))
    if person and not found:
        return [Contact("at its source", "")]
    return list(found)


def is_desk(local: str) -> bool:
    """Whether the part of an address before the @ is the name of a desk: every word of it.

    >>> is_desk("press.office"), is_desk("media"), is_desk("jane.doe"), is_desk("news-hallam")
    (True, True, False, False)
    """
    words = [word for word in re.split(r"[^a-z]+", local.lower()) if word]
    return bool(words) and all(word in DESK for word in words)


def _find_blocks(text: str) -> Iterator[list[str]]:
    """The lines under each heading, with what follows it in its own line."""
    for match in _HEADING.finditer(text):
        after = text[match.end() : match.end() + LINES * LONG]
        first, _, rest = after.partition("\n")
        lines = [first.strip()[:LONG]] if first.strip() else []
        for line in (part.strip() for part in rest.split("\n")):
            if len(line) > LONG or _ENDS.match(line) or len(lines) >= LINES or _HEADING.match(line):
                break
            if line:
                lines.append(line)
        if lines:
            yield lines


def _find_phones(line: str) -> Iterator[str]:
    if _MOBILE.search(line):
        return
    for match in _PHONE.finditer(_EMAIL.sub(" ", line)):
        if 7 <= sum(char.isdigit() for char in match[0]) <= 15:
            yield " ".join(match[0].split())


def _names_person(line: str) -> bool:
    """Whether a line has words next to numbers, addresses and labels, and none of an office."""
    rest = _LABEL.sub(" ", _PHONE.sub(" ", _EMAIL.sub(" ", re.sub(r"https?://\S+|www\.\S+", " ", line))))
    words = re.findall(r"[^\W\d_]{2,}", rest)
    return len(words) > 0 and not _OFFICE.search(rest)

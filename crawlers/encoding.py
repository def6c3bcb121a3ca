"""Bytes to text, without mojibake: which encoding a body has, and how that was decided.

This module knows encodings, and nothing about compression, feeds or pages. The decision, in order:

1. A byte order mark, or the NUL pattern of an XML declaration in UTF-16/32, decides.
2. Valid UTF-8 with multi-byte sequences beats any declaration: text in another encoding is almost never valid UTF-8,
   while servers often announce UTF-8 as Latin-1. Against a declared multi-byte encoding (where two or three syllables
   can coincide) four sequences are needed.
3. What HTTP says, then what the XML declaration or `<meta>` says, each if the whole body is valid in it. Names are read
   as browsers read them (w3lib's WHATWG map: euc-kr means cp949, latin-1 means cp1252).
4. The same candidates and UTF-8, if only a few bytes are invalid: at most one in ten of the bytes beyond ASCII, or only
   a character cut off at the end. Those become U+FFFD, counted in `replaced`.
5. Nothing was declared, or it was wrong: Korean, when cp949 gives at least four syllables and nine in ten of the
   characters beyond ASCII are Hangul (guessers mistake short Korean for Chinese); then charset-normalizer.
6. A candidate with at most one bad byte in a thousand. Otherwise `DecodeError`, which lists what was tried: an item
   marked undecodable is better than mojibake.

Only encodings that contain ASCII (and UTF-16/32, ISO-2022-JP) are ever used. UTF-7, idna, unicode_escape, EBCDIC and
similar codecs could turn harmless-looking bytes into markup, so their names count as no declaration. The text never
contains a lone surrogate: what a codec lets through becomes U+FFFD and is counted.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

from core.errors import StemwireError

# Python's codec names (as codecs.lookup spells them) of the encodings that a page or a feed may be in.
_SINGLE = frozenset(
    [f"cp{n}" for n in (*range(1250, 1259), 437, 720, 737, 775, 850, 852, 855, 856, 857, 858, 860, 861, 862, 863)]
    + [f"cp{n}" for n in (865, 866, 869, 874, 1006, 1125)]
    + [f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)]
    + [f"mac-{n}" for n in ("roman", "cyrillic", "greek", "iceland", "latin2", "turkish")]
    + ["koi8-r", "koi8-u", "koi8-t", "kz1048", "ptcp154", "hp-roman8", "tis-620"]
)
_MULTI = frozenset(
    ["utf-8", "cp949", "johab", "gb18030", "big5hkscs", "cp950", "cp932", "shift_jisx0213", "shift_jis_2004"]
    + ["euc_jp", "euc_jisx0213", "euc_jis_2004"]
    + [f"iso2022_jp{n}" for n in ("", "_1", "_2", "_2004", "_3", "_ext")]
)
_WIDE = frozenset(f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-le", "-be"))
ALLOWED = _SINGLE | _MULTI | _WIDE

# Names that are in use on Korean and Japanese sites and that neither Python nor w3lib know.
_MORE_NAMES = {"windows-949": "cp949", "x-windows-949": "cp949", "x-euc-jp": "euc_jp", "x-gbk": "gb18030"}

# What charset-normalizer may answer. Other codecs won only on short texts, and were wrong.
_GUESSABLE = ["utf_8", "cp949", "cp932", "euc_jp", "gb18030", "big5hkscs", "koi8_r"]
_GUESSABLE += [f"cp{n}" for n in range(1250, 1258)] + ["iso8859_2", "iso8859_5", "iso8859_7"]
_GUESS_ON = 64_000  # bytes for the guesser: enough to decide, and its time grows with them

_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_META = re.compile(rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_XML_WIDE = (  # the first bytes of XML in encodings without a mark (XML 1.0, appendix F)
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)


class DecodeError(StemwireError):
    """No encoding fits this body; the message lists what was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A body as text.

    `encoding` is Python's name of the codec; `how` says what named it (bom, nul-pattern, http, declared,
    valid-utf-8, hangul, guessed, empty); `replaced` counts characters that became U+FFFD for bad bytes.
    """

    text: str
    encoding: str
    how: str
    replaced: int = 0


def decode(body: bytes, content_type: str | None, *, html: bool = False) -> Decoded:
    """The text of `body` (already decompressed) under the HTTP header `content_type`.

    `html` looks further down for a `<meta>`. Raises DecodeError when no encoding fits well enough.
    """
    if not body:
        return Decoded(text="", encoding="utf-8", how="empty")
    wide = _by_first_bytes(body)
    if wide is not None:
        return wide
    candidates = _candidates(body, content_type, html)
    strict = _first_that_fits(body, candidates)
    if strict is not None:
        return strict
    beyond = len(_BEYOND_ASCII.findall(body))
    tolerant = _with_few_bad(body, candidates, max_bad=beyond // 10, cut_off_is_fine=True)
    if tolerant is not None:
        return tolerant
    guessed = _guess(body)
    if guessed is not None:
        return guessed
    rough = _with_few_bad(body, candidates, max_bad=len(body) // 1000, cut_off_is_fine=False)
    if rough is not None:
        return rough
    tried = ", ".join(f"{name} ({how})" for name, how in candidates)
    raise DecodeError(f"undecodable: tried {tried}, Korean and a guess; {beyond} of {len(body)} bytes are beyond ASCII")


def codec_name(label: str) -> str | None:
    """Python's name of the encoding that `label` means to a browser, or None if it is unknown or not allowed.

    >>> codec_name("EUC-KR"), codec_name("iso-8859-1"), codec_name("utf-7")
    ('cp949', 'cp1252', None)
    """
    more = _MORE_NAMES.get(label.strip().lower())
    try:
        name = more or resolve_encoding(label.strip())
    except ValueError:  # a NUL in the label
        return None
    return name if name in ALLOWED else None


def _by_first_bytes(body: bytes) -> Decoded | None:
    name, bom = read_bom(body)
    how = "bom"
    if name is None or bom is None:
        bom = b""
        how = "nul-pattern"
        name = next((wide for start, wide in _XML_WIDE if body.startswith(start)), None)
        if name is None:
            return None
    if name == "utf-8":
        # Some servers put a BOM before anything; believe it only as far as the body does.
        text, bad = _lenient(body[len(bom) :], name)
        if bad > max(1, len(body) // 1000):
            return None
        return Decoded(text=text, encoding=name, how=how, replaced=bad)
    text, bad = _lenient(body[len(bom) :], name)
    return Decoded(text=text, encoding=name, how=how, replaced=bad)


def _candidates(body: bytes, content_type: str | None, html: bool) -> list[tuple[str, str]]:
    """(codec, how) in the order of trust; UTF-8 is always among them."""
    http = _allowed(http_content_type_encoding(content_type)) or _from_header(content_type)
    declared = _allowed(html_body_declared_encoding(body))
    if declared is None and html:
        found = _META.search(body[:16_384])  # pages with a long script before their <meta>
        declared = codec_name(found[1].decode("ascii", "replace")) if found else None
    named = [(name, how) for name, how in ((http, "http"), (declared, "declared")) if name]
    # If the declaration can be read as ASCII, the body is not UTF-16.
    named = [(name, how) for name, how in named if name not in _WIDE or b"\x00" in body[:200]]
    sequences = len(_SEQUENCE.findall(body, 0, 200_000))
    legacy = [name for name, _how in named if name != "utf-8"]
    enough = 4 if any(name in _MULTI for name in legacy) else 1
    utf8 = ("utf-8", "valid-utf-8")
    ordered = [utf8, *named] if legacy and sequences >= enough and named[0][0] != "utf-8" else [*named, utf8]
    if ordered[0] == utf8 and not _is_utf8(body):
        ordered = [*named, utf8]
    kept: dict[str, str] = {}
    for name, how in ordered:
        kept.setdefault(name, how)
    return list(kept.items())


def _allowed(name: str | None) -> str | None:
    return name if name in ALLOWED else None


def _from_header(content_type: str | None) -> str | None:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    return codec_name(found[1]) if found else None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _first_that_fits(body: bytes, candidates: list[tuple[str, str]]) -> Decoded | None:
    for name, how in candidates:
        try:
            text = body.decode(name)
        except UnicodeError:
            continue
        text, lone = _SURROGATE.subn("\ufffd", text)
        return Decoded(text=text.removeprefix("\ufeff"), encoding=name, how=how, replaced=lone)
    return None


def _with_few_bad(
    body: bytes, candidates: list[tuple[str, str]], *, max_bad: int, cut_off_is_fine: bool
) -> Decoded | None:
    for name, how in candidates:
        text, bad = _lenient(body, name)
        cut_off = cut_off_is_fine and bad == 1 and _fits_but_for_its_end(body, name)
        if bad <= max_bad or cut_off:
            return Decoded(text=text, encoding=name, how=how, replaced=bad)
    return None


def _fits_but_for_its_end(body: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(body, final=False)
    except UnicodeError:
        return False
    return True


def _lenient(body: bytes, name: str) -> tuple[str, int]:
    """Text with U+FFFD for what is bad, and how many (those that the body itself spells do not count)."""
    own = body.count(b"\xef\xbf\xbd") if name == "utf-8" else 0
    text = _SURROGATE.sub("\ufffd", body.decode(name, "replace")).removeprefix("\ufeff")
    return text, max(0, text.count("\ufffd") - own)


def _guess(body: bytes) -> Decoded | None:
    try:
        text = body.decode("cp949")
    except UnicodeDecodeError:
        pass
    else:
        foreign = _NOT_ASCII.findall(text)
        syllables = len(_HANGUL.findall(text))
        if syllables >= 4 and syllables >= 0.9 * len(foreign):
            return Decoded(text=text, encoding="cp949", how="hangul")
    end = len(body) if len(body) <= _GUESS_ON else body.rfind(b">", 0, _GUESS_ON) + 1  # not amid a character
    best = from_bytes(body[: end or _GUESS_ON], cp_isolation=_GUESSABLE).best()
    name = codec_name(best.encoding) if best is not None else None
    if name is None:
        return None
    text, bad = _lenient(body, name)
    return Decoded(text=text, encoding=name, how="guessed", replaced=bad) if bad <= len(body) // 1000 else None

"""Cleans, cuts and fingerprints plain text. It knows no markup: packages that read markup pass on text.

Every text from outside goes through `tidy` once: Unicode NFC, no controls, no lone surrogates, no
bidirectional overrides (they make a title show other than it reads), no invisible characters except the two joiners
where a script needs them, runs of spaces as one space, paragraphs separated by one empty line. `fingerprint` is
how the project detects changes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

FINGERPRINT_VERSION = "1"  # first character of every fingerprint: shows which recipe made it

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
_JOINER = re.compile("[\u200c\u200d]+")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SLUG = re.compile(r"[\W_]+")


def tidy(text: str) -> str:
    """`text` without anything invisible or misleading; line breaks and empty lines between paragraphs stay.

    >>> tidy("cells\\u202e \\u200b  of\\r\\n\\r\\n\\r\\n\\r\\nus ")
    'cells of\\n\\nus'
    """
    if text.isprintable():  # most names and titles: nothing to remove, no line breaks
        return " ".join(unicodedata.normalize("NFC", text).split())
    text = _REMOVED.sub("", _BREAKS.sub("\n", text))
    text = unicodedata.normalize("NFC", _JOINER.sub(_needed_joiner, text))
    lines = [line.strip() for line in _SPACES.sub(" ", text).split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    """`tidy` with every line break as a space: titles, names."""
    return " ".join(tidy(text).split())


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, separated by empty lines: each on one line, none empty."""
    return tuple(part for block in re.split(r"\n\s*\n", tidy(text)) if (part := " ".join(block.split())))


def squeeze_runs(text: str, limit: int = 15) -> str:
    """Runs of punctuation and symbols longer than `limit` characters are cut to `limit`.

    Tokenizers are quadratic in such runs (ten kilobytes of quotation marks take seconds), and no sentence needs more.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    return re.sub(rf"(?:[^\w\s]|_){{{limit + 1},}}", lambda run: run[0][:limit], text)


def fingerprint(*parts: str | None) -> str:
    """A short stable name for the content of `parts`: 25 characters, the first is the version of the recipe.

    Each part's place and length count, so ("ab", "c") and ("a", "bc") differ. An absent part (None) and an empty
    one differ too: a source that begins to send an empty summary has changed its data. Text is compared in
    NFC. Lone surrogates are taken as they are rather than refused.
    """
    total = hashlib.sha256()
    for part in parts:
        if part is None:
            total.update(b"-;")
            continue
        raw = unicodedata.normalize("NFC", part).encode("utf-8", "surrogatepass")
        total.update(b"%d:" % len(raw))
        total.update(raw)
        total.update(b";")
    return FINGERPRINT_VERSION + total.hexdigest()[:24]


def slug(text: str, limit: int = 80) -> str:
    """`text` as part of an address or a file name: lower case, letters and digits of any script, hyphens between.

    Accents are dropped from Latin letters; a text without letters or digits gives "x".

    >>> slug("Induced Pluripotent  Stem-Cells: Zürich"), slug("줄기세포 은행"), slug("!?")
    ('induced-pluripotent-stem-cells-zurich', '줄기세포-은행', 'x')
    """
    folded = unicodedata.normalize("NFKD", tidy(text).lower()).lower()  # 𝐀 becomes A on the way
    plain = "".join(char for char in folded if unicodedata.category(char) != "Mn")
    name = _SLUG.sub("-", unicodedata.normalize("NFC", plain)).strip("-")
    if len(name) > limit:
        name = name[:limit].rpartition("-")[0] or name[:limit]
    return name.strip("-") or "x"


def headline(text: str, width: int) -> str:
    """`text` on one line and at most `width` characters long, cut between words and then ended with an ellipsis.

    A text without a space in reach (Japanese, Chinese) is cut between characters. `width` is at least 2.
    """
    if width < 2:
        raise ValueError(f"width must be at least 2, not {width}")
    line = one_line(text)
    if len(line) <= width:
        return line
    room = line[: width - 1]
    if line[width - 1].isalnum() and room[-1].isalnum():
        cut = room.rpartition(" ")[0]
        if len(cut) * 2 >= len(room):
            room = cut
    return _whole(room.rstrip(" ,;:-–—"), line) + "…"


def _whole(room: str, line: str) -> str:
    """The start of `line`, shortened so that no combining mark or joiner is separated from its letter."""
    end = len(room)
    while 0 < end < len(line) and (unicodedata.combining(line[end]) or line[end] in "\u200c\u200d\ufe0f"):
        end -= 1
    return line[:end]


def _needed_joiner(match: re.Match[str]) -> str:
    """Zero-width joiners stay between letters of scripts that shape with them, and inside emoji."""
    text, start, end = match.string, match.start(), match.end()
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    return match[0][0] if before and after and _joins(before) and _joins(after) else ""


def _joins(char: str) -> bool:
    code = ord(char)
    arabic_to_indic = 0x0600 <= code <= 0x0DFF and char.strip() != ""
    return (
        arabic_to_indic
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x18AF
        or code >= 0x1F000
        or char in "\u2640\u2642\ufe0f\u2764\u2695"
    )

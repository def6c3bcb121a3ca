"""Citations as BibTeX. Signs that mean something to TeX and accented letters are written as commands by pylatexenc;
what TeX has no command for (Korean, Chinese …) stays as it is, in UTF-8.

A paper is an @article; a preprint, a trial, news and every other page are @misc with `howpublished`, because BibTeX has
no type for them and an @article would pass them off as a paper. Addresses and DOIs are not escaped: programs take these
fields word for word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from pylatexenc.latexencode import UnicodeToLatexEncoder

from publish.pages.cite import Citation, Name
from publish.pages.template_filters import kind

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BRACES = {"{": r"{\textbraceleft}", "}": r"{\textbraceright}"}
LATIN = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})
SMALL = frozenset(("the", "and", "for", "from", "how", "what", "why", "with", "new", "are"))


def to_bibtex(citation: Citation, site: str) -> str:
    """One entry; `site` is the address of the site, for the page here."""
    form = "article" if citation.kind == "paper" else "misc"
    lines = "".join(f",\n  {name} = {value}" for name, value in _find_fields(citation, site) if value)
    return f"@{form}{{{make_key(citation)}{lines}\n}}\n\n"


def make_key(citation: Citation) -> str:
    """Plain Latin letters, and the same in every edition: author or source, year, a word of the title, our key."""
    who = citation.authors[0].family if citation.authors else citation.outlet
    title = next((word for word in _plain(citation.title).split() if word not in SMALL and len(word) > 2), "")
    name = _plain(who).replace(" ", "") or citation.kind
    return f"{name[:20]}{citation.year}{title[:20]}_{citation.key[:6]}"


def _plain(text: str) -> str:
    """Lower case, Latin letters and digits only."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(LATIN))
    return " ".join(re.sub("[^a-z0-9 ]", "", apart).split())


def _find_fields(one: Citation, site: str) -> Iterator[tuple[str, str]]:
    yield "author", _braced(" and ".join(_write(author) for author in one.authors))
    yield "title", _braced(_braced(_tex(one.title)))  # twice: a style must not change capitals
    yield "journal", _braced(_tex(one.journal))
    if one.kind != "paper":
        yield "howpublished", _braced(_tex(f"{kind(one.kind)}, {one.outlet}"))
    yield "year", _braced(one.year)
    yield "month", MONTHS[int(one.published[5:7]) - 1] if one.published[5:7] else ""
    yield "date", _braced(one.published)
    yield "doi", _braced(_bare(one.doi))
    yield "issn", _braced(_bare(one.issn))
    yield "pmid", _braced(_bare(one.pmid))
    yield "number", _braced(_bare(one.registry))
    yield "language", _braced(_bare(one.lang))
    yield "url", _braced(_bare(one.link))
    yield "urldate", _braced(one.read)
    yield "abstract", _braced(_tex(one.abstract))
    yield "note", _braced(_tex(one.notice))
    yield "annote", _braced(_bare(f"{site}{one.path}"))


def _write(name: Name) -> str:
    """`van Beethoven, Jr, Ludwig` with each part as TeX; a name in one piece in braces, so that it is not parted."""
    parts = [_tex(part) for part in (name.family, name.after, name.given) if part]
    return ", ".join(parts) if name.given else f"{{{' '.join(parts)}}}"


def _braced(text: str) -> str:
    return f"{{{text}}}" if text else ""


def _bare(text: str) -> str:
    """A field that is taken word for word: braces that do not close, and blanks, would break the entry."""
    return re.sub(r"[{}\\\s]", lambda match: f"%{ord(match[0]):02X}", text)


def _tex(text: str) -> str:
    pieces = re.split("([{}])", " ".join(text.split()))  # BibTeX counts braces even behind a backslash
    return "".join(BRACES.get(piece) or str(_encoder().unicode_to_latex(piece)) for piece in pieces)


@cache
def _encoder() -> UnicodeToLatexEncoder:
    return UnicodeToLatexEncoder(
        non_ascii_only=False, unknown_char_policy="keep", unknown_char_warning=False,
        replacement_latex_protection="braces-all",
    )  # fmt: skip

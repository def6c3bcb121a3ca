"""A list of references that somebody pastes: a BibTeX file, a RIS file, or identifiers, one after the other.

`read_references` decides in this order, and gives nothing where the text is no list:

1. RIS: a line `TY  - ` that begins a record, and `ER  - ` that ends it;
2. BibTeX: `@article{key,` with fields in braces or quotation marks;
3. a list of identifiers (DOI, PubMed, PMC, trial numbers): most lines have one and are no longer than a citation; a
   single line has nothing else. Each identifier is a reference, but several numbers of one line are one work's.

Of each reference only the identifiers and the title are read. Identifiers are tried in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.ids import Found, find_ids, normalise
from core.text import one_line

SCHEMES = ("doi", "pmid", "pmcid", "nct", "isrctn", "ctis", "eudract")
MOST = 2000  # references that are read, unless more are asked for
BARE = 2  # words for each identifier, in a list of one line
WORDS, FILLED = 40, 0.6  # of a longer list: words in a line besides its identifiers, share of the lines that have one
FIELD = 4000  # characters of a field

_RIS = re.compile(r"^([A-Z][A-Z0-9])  ?-(?: (.*))?$")
_ENTRY = re.compile(r"^[ \t]*@\s*([A-Za-z]+)\s*[{(]\s*([^,\s{}()\"]*)\s*,", re.MULTILINE)
_FIELD = re.compile(r"(?:^|[,{\s])([A-Za-z][\w-]{1,30})\s*=\s*")
_TITLES = ("TI", "T1", "CT")
_BIB = {"doi": "doi", "pmid": "pmid", "pmcid": "pmcid", "pubmed": "pmid"}
_BARE_PMID = re.compile(r"(?:PMID[\s:#]*)?([1-9]\d{4,7})", re.IGNORECASE)
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of a list: `name` is how the list calls it, `identifiers` are scheme:value."""

    name: str
    title: str
    identifiers: tuple[str, ...]


def read_references(text: str, most: int = MOST) -> tuple[Reference, ...]:
    """The references of a list, at most `most`; nothing where the text is not a list."""
    for read in (_read_ris, _read_bibtex, _read_list):
        found: list[Reference] = []
        for one in read(text):
            found.append(one)
            if len(found) == most:
                break
        if found:
            return tuple(found)
    return ()


def _read_ris(text: str) -> Iterator[Reference]:
    if not re.search(r"^TY  ?- ", text[:20_000], re.MULTILINE):
        return
    fields: dict[str, list[str]] = {}
    for line in [*text.splitlines(), "ER  - "]:
        match = _RIS.match(line.strip("\ufeff\r\n ") + (" " if line.rstrip().endswith("-") else ""))
        if match is None:
            continue
        tag, value = match[1], (match[2] or "").strip()[:FIELD]
        if tag == "ER" or (tag == "TY" and fields):
            if fields:
                yield _make(
                    title=next((fields[tag][0] for tag in _TITLES if tag in fields), ""),
                    given=[("doi", one) for one in fields.get("DO", ())],
                    loose=[
                        one
                        for tag in ("AN", "ID", "UR", "L1", "L2", "N1", "M1", "M3", "C2")
                        for one in fields.get(tag, ())
                    ],
                )
            fields = {}
        if tag != "ER":
            fields.setdefault(tag, []).append(value)


def _read_bibtex(text: str) -> Iterator[Reference]:
    for match in _ENTRY.finditer(text):
        if match[1].lower() in ("comment", "string", "preamble"):
            continue
        fields = dict(_read_fields(text, match.end()))
        given = [(scheme, fields[name]) for name, scheme in _BIB.items() if name in fields]
        eprint = fields.get("eprint", "")
        loose = [fields.get(name, "") for name in ("url", "note", "annote", "howpublished")] + [eprint]
        yield _make(title=fields.get("title", ""), given=given, loose=loose, name=match[2])


def _read_fields(text: str, at: int) -> Iterator[tuple[str, str]]:
    """The fields of an entry from `at` on, up to its closing brace or the next entry."""
    after = _ENTRY.search(text, at)
    end = min(after.start() if after else len(text), at + 60_000)
    while at < end:
        field = _FIELD.search(text, max(0, at - 1), end)
        if field is None:
            return
        value, at = _read_value(text, field.end(), end)
        yield field[1].lower(), one_line(re.sub(r"[{}]|\\(?=[%&_#$])", "", value))[:FIELD]


def _read_value(text: str, at: int, end: int) -> tuple[str, int]:
    """A value in braces, in quotation marks or bare, and where it ends."""
    if at >= end or text[at] not in '{"':
        bare = re.compile(r"[^,}\n]*").match(text, at, end)
        return (bare[0], bare.end()) if bare else ("", end)
    depth, closing = 0, "}" if text[at] == "{" else '"'
    for place in range(at, min(end, at + FIELD)):
        char = text[place]
        depth += (char == "{") - (char == "}")
        if char == closing and place > at and depth == 0:
            return text[at + 1 : place], place + 1
    return text[at + 1 : min(end, at + FIELD)], min(end, at + FIELD)


def _read_list(text: str) -> Iterator[Reference]:
    """References of a text that is little but identifiers."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [(line, [hit for hit in find_ids(line) if hit.scheme in SCHEMES] or _read_bare(line)) for line in lines]
    total = sum(len(hits) for _, hits in found)
    if total == 0:
        return
    rest = sum(len(_WORD.findall(_without(line, hits))) for line, hits in found)
    if len(lines) == 1:
        if rest > BARE * total:
            return
    elif rest > WORDS * len(lines) or sum(bool(hits) for _, hits in found) < FILLED * len(lines):
        return
    for line, hits in found:
        names = list(dict.fromkeys(f"{hit.scheme}:{hit.value}" for hit in hits))
        first = {name.partition(":")[0] for name in names}
        if len(names) == len(first) > 1 and first <= {"doi", "pmid", "pmcid"}:  # one work by several of its numbers
            yield Reference(name=one_line(line)[:120], title="", identifiers=tuple(names))
        else:
            for name in names or [""]:
                yield Reference(name=name or one_line(line)[:120], title="", identifiers=(name,) if name else ())


def _read_bare(line: str) -> list[Found]:
    """A line that is nothing but a PubMed number."""
    match = _BARE_PMID.fullmatch(line.strip(" ,;."))
    return [Found("pmid", match[1], match.start(1), match.end(1))] if match else []


def _without(line: str, hits: list[Found]) -> str:
    for hit in reversed(hits):
        line = line[: hit.start] + " " + line[hit.end :]
    return re.sub(
        r"(?i)\b(?:https?|www|doi|org|dx|pmid|pmcid|pubmed|ncbi|nlm|nih|gov|clinicaltrials|study)\b", " ", line
    )


def _make(*, title: str, given: list[tuple[str, str]], loose: list[str], name: str = "") -> Reference:
    found: dict[str, None] = {}
    for scheme, raw in given:
        if value := normalise(scheme, raw):
            found[f"{scheme}:{value}"] = None
    for text in loose:
        for hit in find_ids(text):
            if hit.scheme in SCHEMES:
                found[f"{hit.scheme}:{hit.value}"] = None
    title = one_line(title).rstrip(".")
    return Reference(name=name or title[:120] or next(iter(found), ""), title=title, identifiers=tuple(found))

"""`pipeline.py vocab update`: newer ontologies and registries into `nlp/lexicons/*.tsv`, checked and versioned.

Knows where MONDO, CL, UBERON and ROR are published, and what a lexicon of them must look like. In order, for each:
1. fetch (or take from a folder); at most `MOST` bytes, no address but http and https;
2. parse (`releases.py`); what is not whole or names no version is refused;
3. a version that is not newer than the one at hand changes nothing (unless forced);
4. terms far fewer than now (under `LEAST` of them) are refused: a half-empty release must not empty the lexicon;
5. rows by the rules of `lexicons.py`, with the version in each row; a name of ROR that the recipe left out as an
   everyday phrase stays out as long as its record has not changed since; rows from other sources stay;
6. the file is written under a temporary name and renamed; what came, went and was renamed is printed, and concepts
   that our hand lists name and that are gone.

Without a network the first fetch ends in one line; the lexicons at hand serve on.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from core.errors import UsageError
from nlp.entities.vocabulary import parse_lexicon
from training import lexicons
from training.lexicon_rows import Row, tidy, write_rows
from training.releases import Institute, Term, VocabularyError, parse_obograph, parse_ror

LEXICONS = Path(__file__).resolve().parents[1] / "nlp" / "lexicons"
MOST = 800_000_000  # bytes of a download
LEAST = 0.9  # of the present number of concepts
SECONDS = 60  # without an answer
AGENT = "stemwire vocab update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """One published vocabulary and the lexicon that is made of it."""

    name: str  # file stem of the lexicon
    prefix: str  # of its concepts
    address: str
    file: str  # its name in a folder of downloads
    licence: str
    listing: bool = False  # the address answers with a list of releases, the newest first (Zenodo)


VOCABULARIES = (
    Vocabulary(
        name="disease",
        prefix="MONDO",
        address="https://purl.obolibrary.org/obo/mondo.json",
        file="mondo.json",
        licence="CC BY 4.0",
    ),
    Vocabulary(
        name="cell_type",
        prefix="CL",
        address="https://purl.obolibrary.org/obo/cl/cl-basic.json",
        file="cl-basic.json",
        licence="CC BY 4.0",
    ),
    Vocabulary(
        name="anatomy",
        prefix="UBERON",
        address="https://purl.obolibrary.org/obo/uberon/basic.json",
        file="uberon-basic.json",
        licence="CC BY 3.0",
    ),
    Vocabulary(
        name="institution",
        prefix="ROR",
        address="https://zenodo.org/api/communities/ror-data/records?sort=newest&size=1",
        file="ror-data.zip",
        licence="CC0 1.0",
        listing=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an update did to one lexicon."""

    name: str
    before: str  # "MONDO 2026-05-05"
    after: str
    written: bool
    rows: int  # in the lexicon now
    added: tuple[str, ...] = ()  # concepts
    gone: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()  # gone concepts that hand lists name

    def __str__(self) -> str:
        if not self.written:
            return f"{self.name}: {self.before} is at hand, {self.after} is published: nothing to do"
        text = (
            f"{self.name}: {self.before} -> {self.after}: {self.rows} rows, {len(self.added)} concepts new, "
            f"{len(self.gone)} gone, {len(self.renamed)} renamed"
        )
        if self.orphans:
            text += f"; our hand lists still name {', '.join(self.orphans[:5])}" + (" …" if self.orphans[5:] else "")
        return text


def update(
    names: Sequence[str] = (),
    *,
    source: Path | str | None = None,
    out: Path = LEXICONS,
    say: Callable[[str], None] = print,
    force: bool = False,
) -> tuple[Change, ...]:
    """Take newer releases into the lexicons `names` (empty: all four) and say what changed.

    `source`: None for the public addresses, a folder that holds the files (`mondo.json`, `cl-basic.json`,
    `uberon-basic.json`, `ror-data.zip`), or an http(s) address under which they lie. `force` writes also a release
    that is not newer. Raises UsageError for an unknown name, VocabularyError when a release cannot be had or used:
    the lexicon at hand is then untouched.
    """
    known = {one.name: one for one in VOCABULARIES}
    for name in names:
        if name not in known:
            raise UsageError(f"no vocabulary {name!r}", hint="known: " + ", ".join(known))
    changes = []
    for name in names or known:
        change = _update(known[name], source, out, force)
        say(str(change))
        changes.append(change)
    return tuple(changes)


def _update(one: Vocabulary, source: Path | str | None, out: Path, force: bool) -> Change:
    path = out / f"{one.name}.tsv"
    present = load_rows(path)
    before = _version_of(present, one)
    where, body = fetch(one, source)
    with tempfile.TemporaryDirectory() as scratch:
        version, rows, known = make_rows(one, body, where, Path(scratch), present)
    after = f"{one.prefix} {version}"
    rows += [row for row in present if not row[3].startswith(one.prefix + " ") and row[1] in known]
    if after <= before and not force:
        return Change(name=one.name, before=before, after=after, written=False, rows=len(present))
    old, new = _labels(present), _labels(rows)
    if len(new) < LEAST * len(old):
        raise VocabularyError(f"has {len(new)} concepts, the lexicon at hand {len(old)}: not taken", where=where)
    write(path, rows)
    gone = tuple(sorted(old.keys() - new.keys()))
    lost = frozenset(gone) - known
    return Change(
        name=one.name,
        before=before,
        after=after,
        written=True,
        rows=len(set(rows)),
        added=tuple(sorted(new.keys() - old.keys())),
        gone=gone,
        renamed=tuple(sorted(key for key in old.keys() & new.keys() if old[key] and new[key] and old[key] != new[key])),
        orphans=tuple(sorted(lost & _named_by_hand(one.name, out))),
    )


def fetch(one: Vocabulary, source: Path | str | None) -> tuple[str, bytes]:
    """Where the release lies, and its bytes. Raises VocabularyError."""
    if isinstance(source, Path):
        file = source / one.file
        if not file.is_file() and one.listing:
            file = max(source.glob("*ror-data*"), default=file)  # its own name holds its version
        try:
            if file.stat().st_size > MOST:
                raise VocabularyError(f"is larger than {MOST} bytes", where=file.name)
            return file.name, file.read_bytes()
        except OSError as error:
            raise VocabularyError("cannot be read", where=file.name, hint="the lexicons at hand serve on") from error
    if source is not None:
        return (address := f"{source.rstrip('/')}/{one.file}"), _download(address)
    if not one.listing:
        return one.address, _download(one.address)
    try:
        files = json.loads(_download(one.address))["hits"]["hits"][0]["files"]
        held = next(held for held in files if held["key"].endswith(".zip"))
        return str(held["key"]), _download(str(held["links"]["self"]))
    except (ValueError, LookupError, TypeError, StopIteration) as error:
        raise VocabularyError("lists no release", where=one.address) from error


def _download(address: str) -> bytes:
    if not re.match(r"https?://", address):
        raise VocabularyError("is not an http or https address", where=address)
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            body = answer.read(MOST + 1)
            announced = answer.headers.get("Content-Length")
    except (HTTPException, OSError, ValueError) as error:  # URLError is an OSError
        raise VocabularyError("cannot be reached", where=address, hint="the lexicons at hand serve on") from error
    if len(body) > MOST:
        raise VocabularyError(f"is larger than {MOST} bytes", where=address)
    if announced is not None and announced.isdecimal() and int(announced) != len(body):
        raise VocabularyError(f"sent {len(body)} of {announced} bytes", where=address)
    assert isinstance(body, bytes)
    return body


def make_rows(
    one: Vocabulary, body: bytes, where: str, scratch: Path, present: Sequence[Row]
) -> tuple[str, list[Row], frozenset[str]]:
    """Version, rows and the ids of all living concepts, with and without rows. Raises VocabularyError."""
    if one.prefix == "ROR":
        version, institutes = parse_ror(body, where=where)
        rows = list(institution_rows(institutes, version, one.licence, present))
        return version, rows, frozenset(f"ROR:{record.id}" for record in institutes)
    version, terms = parse_obograph(body, one.prefix, where=where)
    source = f"{one.prefix} {version}"
    return version, [_as_of(row, source) for row in _ontology_rows(one, terms, scratch)], frozenset(t.id for t in terms)


def _as_of(row: Row, source: str) -> Row:
    surface, concept, lang, _, licence, flags = row
    return surface, concept, lang, source, licence, flags


def _ontology_rows(one: Vocabulary, terms: Sequence[Term], scratch: Path) -> Iterator[Row]:
    """By the recipe of `lexicons.py`, which reads terms from a folder in the layout of our data."""
    exact = {term.id: [text for text, scope in term.synonyms if scope == "EXACT"] for term in terms}
    if one.name == "disease":
        _dump(
            scratch / "mondo_terms.jsonl.gz",
            [
                {"id": t.id, "name": t.name, "syn": exact[t.id], "xref": list(t.xrefs), "parents": list(t.parents)}
                for t in terms
            ],
        )
        return lexicons.disease_rows(scratch)
    if one.name == "cell_type":
        scoped = [{"id": t.id, "name": t.name, "syn": [[text, scope, ""] for text, scope in t.synonyms]} for t in terms]
        _dump(scratch / "cl_terms.jsonl.gz", scoped)
        return lexicons.cell_rows(scratch)
    _dump(scratch / "uberon_terms.jsonl.gz", [{"id": t.id, "name": t.name, "syn": exact[t.id]} for t in terms])
    return lexicons.anatomy_rows(scratch)


def _dump(path: Path, terms: Sequence[Mapping[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(term) + "\n" for term in terms)


def institution_rows(
    institutes: Sequence[Institute], version: str, licence: str, present: Sequence[Row]
) -> Iterator[Row]:
    """Rows of ROR; see point 5 above."""
    source = f"ROR {version}"
    at_hand = {concept for _, concept, *_ in present}
    held = {(surface, concept) for surface, concept, *_ in present}
    since = max((row[3].rpartition(" ")[2] for row in present if row[3].startswith("ROR ")), default="")
    for one in institutes:
        concept, label = f"ROR:{one.id}", tidy(one.name)
        about = f"country={one.country}" if one.country else ""
        settled = concept in at_hand and one.changed[: len(since)] < since
        kept: set[str] = set()
        for kind, names in (("label", (label,)), ("", one.labels), ("alias", one.aliases)):
            for name in names:
                surface = re.sub(r" \([^)]*\)$", "", tidy(name))  # ROR adds "(South Korea)" to companies
                if surface in kept or not lexicons.is_institution(surface, frozenset()):
                    continue
                if settled and (surface, concept) not in held:
                    continue
                kept.add(surface)
                if kind == "label" and surface != label:
                    yield label, concept, "en", source, licence, ",".join(filter(None, ("label", "silent", about)))
                    flags = ""
                else:
                    flags = ",".join(filter(None, (kind, about if kind == "label" else "")))
                yield surface, concept, lexicons.lang_of(surface, country=one.country), source, licence, flags
        if kept and re.sub(r" \([^)]*\)$", "", label) not in kept:
            yield label, concept, "en", source, licence, ",".join(filter(None, ("label", "silent", about)))


def load_rows(path: Path) -> list[Row]:
    """The lexicon at hand; empty when there is none. Raises ConfigError naming file and line."""
    if not path.is_file():
        return []
    body = path.read_bytes()
    list(parse_lexicon(body, where=path.name))  # whether it is sound
    found = []
    for line in body.decode("utf-8").split("\n")[1:]:
        if not line or line.startswith("#"):
            continue
        surface, concept, lang, source, licence, flags = line.split("\t")
        found.append((surface, concept, lang, source, licence, flags))
    return found


def write(path: Path, rows: Sequence[Row]) -> None:
    """The lexicon as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    try:
        write_rows(aside, rows)
        list(parse_lexicon(aside.read_bytes(), where=path.name))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _version_of(rows: Sequence[Row], one: Vocabulary) -> str:
    return max((row[3] for row in rows if row[3].startswith(one.prefix + " ")), default=f"{one.prefix} 0 (none)")


def _labels(rows: Sequence[Row]) -> dict[str, str]:
    """Concept -> its own name."""
    found: dict[str, str] = {}
    for surface, concept, _, _, _, flags in rows:
        if "label" in flags.split(","):
            found[concept] = surface
        else:
            found.setdefault(concept, "")
    return found


def _named_by_hand(name: str, out: Path) -> frozenset[str]:
    """Concepts that the hand lists of the type name."""
    lists = [out / "hand" / f"{name}.tsv", *sorted((out / "hand").glob(f"{name}-*.tsv"))]
    return frozenset(
        row.concept
        for path in lists
        if path.is_file()
        for row in parse_lexicon(path.read_bytes(), where=path.name)
        if row.concept
    )

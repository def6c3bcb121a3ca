"""The index of institutions for affiliation lines: from the lexicon and `registry.tsv`, kept as a pickle.

`training/registry.py` writes `registry.tsv`: id, country, city, kinds, parents, and, separated by "|", the names that
are not searched for in running text (single words, acronyms after "=", names of institutions that no longer exist).
All other names are those of `nlp/lexicons/institution.tsv` and the hand lists.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from core.errors import ConfigError
from nlp.compiled_lexicons import load_compiled
from nlp.entities.vocabulary import parse_lexicon
from nlp.normalize import affiliations
from nlp.normalize.affiliations import ALIAS, LABEL, SHORT, SYNONYM, Site, SiteIndex, build_sites, tables, word_key

FORMAT = 3
HERE = Path(__file__).resolve().parent
REGISTRY = HERE / "registry.tsv"
LEXICONS = HERE.parent / "lexicons"
COMPILED = HERE.parent / "compiled"
COLUMNS = ["id", "country", "city", "kinds", "parents", "names"]
NAMES = ("institution.tsv", "hand/institution.tsv")
PLACES = "place.tsv"


def load_sites(lexicons: Path = LEXICONS, cache: Path = COMPILED) -> SiteIndex:
    """Raises ConfigError on a broken row."""
    return load_compiled(cache, "sites", fingerprint_of(lexicons), SiteIndex, lambda: make_index(lexicons))


def fingerprint_of(lexicons: Path) -> str:
    total = hashlib.sha256(f"format {FORMAT}".encode())
    for path in (
        REGISTRY,
        affiliations.WEIGHTS_FILE,
        Path(affiliations.__file__),
        lexicons / PLACES,
        *(lexicons / one for one in NAMES),
    ):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def make_index(lexicons: Path) -> SiteIndex:
    rows = list(parse_registry(REGISTRY.read_bytes(), where=REGISTRY.name))
    number = {row[0]: at for at, row in enumerate(rows)}
    sites = [
        Site(id=ror, country=country, city=city, kinds=tuple(filter(None, kinds.split(" "))),
             parents=tuple(number[one] for one in parents.split(" ") if one in number))
        for ror, country, city, kinds, parents, _ in rows
    ]  # fmt: skip
    names: list[tuple[str, int, int]] = []
    for at, row in enumerate(rows):
        for name in filter(None, row[5].split("|")):
            names.append(
                (name[1:], at, SHORT)
                if name[0] == "="
                else (name[1:], at, LABEL)
                if name[0] == "!"
                else (name, at, ALIAS)
            )
    for file in NAMES:  # a hand list may know an institution that the registry does not
        for line in parse_lexicon((lexicons / file).read_bytes(), where=file):
            ror = line.concept.removeprefix("ROR:")
            if line.concept.startswith("ROR:") and ror not in number:
                number[ror] = len(sites)
                sites.append(Site(id=ror, country=line.country, city="", kinds=(), parents=()))
    for file in NAMES:
        for line in parse_lexicon((lexicons / file).read_bytes(), where=file):
            site = number.get(line.concept.removeprefix("ROR:"))
            if site is None or "drop" in line.flags:
                continue
            way = LABEL if "label" in line.flags else ALIAS if "alias" in line.flags or file != NAMES[0] else SYNONYM
            if "exact" in line.flags and " " not in line.surface:
                names.append((line.surface, site, SHORT))
            else:
                names.append((re.sub(r" \([^)]*\)$", "", line.surface), site, way))
    return build_sites(sites, names, places(lexicons))


def parse_registry(body: bytes, *, where: str) -> Iterator[list[str]]:
    """Bytes -> rows of `COLUMNS`. Raises ConfigError naming the line."""
    lines = body.decode("utf-8").split("\n")
    if lines[0].split("\t") != COLUMNS:
        raise ConfigError("the first line must be: " + " ".join(COLUMNS), where=where)
    for at, line in enumerate(lines[1:], start=2):
        if line:
            cells = line.split("\t")
            if len(cells) != len(COLUMNS) or not cells[0]:
                raise ConfigError(f"{len(cells)} cells, not {len(COLUMNS)}", where=f"{where} line {at}")
            yield cells


def places(lexicons: Path) -> dict[str, frozenset[str]]:
    """Words of a place -> countries; those of a country itself after "!"."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in parse_lexicon((lexicons / PLACES).read_bytes(), where=PLACES):
        key = word_key(row.surface)
        if key and row.country:
            found[f"!{key}" if row.concept.startswith("country:") else key].add(row.country)
    for code, names in tables().countries.items():
        for name in names:
            found[f"!{word_key(name)}"] = {code}
    for code, names in tables().states.items():
        for name in names:
            found[word_key(name)].add(code)
    return {key: frozenset(codes) for key, codes in found.items()}

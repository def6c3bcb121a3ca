"""The institutions that we know of, from every source whose licence lets us carry names and identifiers.

In order, a later source adding only what an earlier one does not know:
1. ROR's own records (CC0): names, country, city, kinds, relations;
2. institutions that OpenAlex names with their ROR identifier in stored answers (CC0): name, country, kind;
3. names that ROR's records give for related institutions (CC0): the country is that of the relatives;
4. identifiers in training sets of affiliation strings (S2AFF Apache-2.0, Crossref assertions MIT): the part of the
   string that names an institution and that no known name explains. Held-out strings (`is_held_string`) are not
   looked at.
"""

from __future__ import annotations

import argparse
import ast
import csv
import gzip
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from nlp.entities.vocabulary import parse_lexicon
from nlp.normalize.affiliations import words_of
from nlp.normalize.sites import COLUMNS, REGISTRY
from training.lexicon_rows import read_jsonl, tidy

HELD_OF = 4
WRITTEN_OUT = {
    "[Uu]niv": "University", "Inst": "Institute", "Technol": "Technology", "Sci": "Science", "Coll": "College",
    "Hosp": "Hospital", "Natl?": "National", "Acad": "Academy", "Comput": "Computer", "Eng": "Engineering",
    "Med": "Medical", "Ctr": "Center", "Tech": "Technology", "Lab": "Laboratory", "Agric": "Agricultural",
    "Dept": "Department", "Syst": "Systems", "university": "University", "state": "State", "Grad": "",
}  # fmt: skip
NO_INSTITUTION = (
    "Harvard Medical School",
    "Military Hospital",
    "Max Planck Institute",
)  # ROR has none of this very name
DEPARTMENT = re.compile(
    r"\b(?:Dep|Div|Fac|Sch|Sect|Lab|Dept|Program|Unit)[a-z]*\.? (?:of|for)\b|^(?:Department|School|Faculty|Division)\b"
)
SMALL = frozenset({"de", "do", "da", "del", "of", "and", "the", "y", "e", "for", "di", "la"})
KEYWORDS = (
    "university",
    "institute",
    "hospital",
    "college",
    "center",
    "academy",
    "school",
    "laboratory",
    "foundation",
    "clinic",
    "company",
    "agency",
)


@dataclass(slots=True, kw_only=True)
class Record:
    """One institution."""

    id: str
    name: str
    labels: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    acronyms: list[str] = field(default_factory=list)
    country: str = ""
    city: str = ""
    kinds: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    active: bool = True
    sure: bool = True  # of its name: False when read out of a single line, and then only lines are linked by it
    source: str = "ROR 2026-11"
    licence: str = "CC0 1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    """One string of a training or test set, and its identifiers."""

    text: str
    rors: frozenset[str]


def is_held_string(text: str) -> bool:
    """True when this string is for measuring only."""
    return zlib.crc32(text.encode()) % HELD_OF == 0


def opened(path: Path) -> IO[str]:
    """A text file, zipped or not; the caller closes it."""
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def read_s2aff(path: Path, *, splits: frozenset[str] | None = None) -> Iterator[Affiliation]:
    """Rows of S2AFF; labels that are names and not identifiers are dropped."""
    with opened(path) as file:
        for row in csv.DictReader(file):
            if splits is None or row["split"] in splits:
                labels = ast.literal_eval(row["labels"]) if row["labels"].startswith("{") else set()
                yield Affiliation(text=row["original_affiliation"], rors=rors_of(labels))


def read_items(path: Path) -> Iterator[Affiliation]:
    """Items of ROR's affiliation matching sets."""
    with opened(path) as file:
        for item in json.load(file)["items"]:
            yield Affiliation(text=item["input"], rors=rors_of(item["output"]))


def rors_of(labels: Any) -> frozenset[str]:
    found = (re.search(r"\b(0[a-z0-9]{6}\d\d)\b", str(label)) for label in labels)
    return frozenset(match[1] for match in found if match)


def load_records(shared: Path) -> dict[str, Record]:
    """ROR id -> record; `shared` is the folder that holds `nlp` and `inputs`. Raises OSError."""
    records: dict[str, Record] = {}
    relatives: defaultdict[str, list[str]] = defaultdict(list)
    for raw in read_jsonl(shared / "nlp" / "ontologies" / "ror_partial.jsonl.gz"):
        own = tuple(one for k, one, name in raw["rel"] if k == "r" and f"{tidy(name)} " in f"{raw['name']} ")
        by = {kind: tuple(one for k, one, _ in raw["rel"] if k == kind) for kind in "ps"}
        for kind, other, _ in raw["rel"]:
            if kind in "cp":
                relatives[other].append(raw["country"] or "")
        records[raw["id"]] = Record(
            id=raw["id"], name=tidy(raw["name"]), labels=raw["labels"], aliases=raw["aliases"],
            acronyms=raw["acronyms"], country=raw["country"] or "", city=raw["city"] or "",
            kinds=tuple(sorted({k.lower() for k in raw["types"]})),
            parents=(*by["p"], *own), successors=by["s"], active=raw["status"] == "active",
        )  # fmt: skip
    for one in openalex_records(shared / "inputs" / "24_openalex"):
        records.setdefault(one.id, one)
    with gzip.open(shared / "nlp" / "ontologies" / "ror_stubs.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            ror, _, name = line.rstrip("\n").partition("\t")
            near = Counter(filter(None, relatives[ror])).most_common(1)
            kinds = ("company",) if re.search(r" \([^)]*\)$", name) else ()
            country = near[0][0] if near else ""
            records.setdefault(ror, Record(id=ror, name=tidy(name), country=country, kinds=kinds))
    for one in learnt_records(shared / "nlp" / "affiliations", records):
        records.setdefault(one.id, one)
    return records


def openalex_records(folder: Path) -> Iterator[Record]:
    seen: set[str] = set()
    for path in sorted(folder.rglob("*.json*")):
        with opened(path) as file:
            pending: list[Any] = [json.load(file)]
        while pending:
            one = pending.pop()
            if isinstance(one, list):
                pending += one
            elif isinstance(one, dict):
                pending += one.values()
                ror = rors_of([one.get("ror") or ""])
                if ror and one.get("display_name") and not ror <= seen:
                    seen |= ror
                    kind = (one["type"],) if isinstance(one.get("type"), str) else ()
                    yield Record(
                        id=min(ror), name=tidy(one["display_name"]), country=one.get("country_code") or "", kinds=kind,
                        source="OpenAlex 2026-11",
                    )  # fmt: skip


def training_strings(folder: Path) -> Iterator[tuple[Affiliation, str, str]]:
    """Strings that may be learnt from, with the name and licence of their set."""
    readers = (
        ("s2aff_train_val.csv.gz", read_s2aff, "S2AFF", "Apache-2.0"),
        ("crossref_ror_train.json.gz", read_items, "Crossref assertions 2023-06", "MIT"),
    )
    for name, read, source, licence in readers:
        if (folder / name).is_file():
            for one in read(folder / name):
                if not is_held_string(one.text):
                    yield one, source, licence


def learnt_records(folder: Path, known: Mapping[str, Record]) -> Iterator[Record]:
    """Identifiers that nobody names: the part of their strings that names an institution, commonest first."""
    taken = {name.casefold() for name in NO_INSTITUTION}
    names = {
        tuple(word.text for word in words_of(name))
        for one in known.values()
        for name in (one.name, *one.labels, *one.aliases)
    }
    parts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    origin: dict[str, tuple[str, str]] = {}
    for one, source, licence in training_strings(folder):
        unknown = [ror for ror in one.rors if ror not in known]
        if len(unknown) != 1:
            continue
        origin[unknown[0]] = (source, licence)
        for part in set(split_parts(one.text)):
            stems = tuple(word.text for word in words_of(part))
            if (
                2 <= len(stems) <= 10
                and stems not in names
                and part.casefold() not in taken
                and set(stems) & set(KEYWORDS)
            ):
                parts[unknown[0]][part] += 1
    for ror, counted in parts.items():
        best = min(counted, key=lambda part: (-counted[part], _unlikely(part), len(part)))
        name = written_out(best)
        sure = (counted[best] > 1 or "University" in name.split()) and not re.search(r"[^\w\s'’.&-]", name)
        yield Record(id=ror, name=name, sure=sure, source=origin[ror][0], licence=origin[ror][1])  # fmt: skip


def registry_rows(records: Mapping[str, Record], searched: frozenset[tuple[str, str]]) -> Iterator[str]:
    """Lines of `nlp/normalize/registry.tsv`; `searched` are the (id, name) that the lexicon holds."""
    for one in sorted(records.values(), key=lambda record: record.id):
        names: list[str] = []
        for mark, given in (("!", [one.name]), ("", [*one.labels, *one.aliases]), ("=", one.acronyms)):
            for name in given:
                plain = re.sub(r" \([^)]*\)$", "", tidy(name))
                if mark == "=":
                    if 2 <= len(plain) <= 10 and plain.isupper():
                        names.append(mark + plain)
                elif (one.id, plain) not in searched and len(plain) < 120:
                    names.append(mark + plain)
        cells = (
            one.id,
            one.country,
            one.city,
            " ".join(one.kinds),
            " ".join(one.parents),
            "|".join(dict.fromkeys(n.replace("|", " ") for n in names)),
        )
        yield "\t".join(tidy_cell(cell) for cell in cells)


def tidy_cell(cell: str) -> str:
    return " ".join(cell.split())


def write_registry(records: Mapping[str, Record], lexicon: Path, out: Path) -> int:
    rows = parse_lexicon(lexicon.read_bytes(), where=lexicon.name)
    searched = frozenset((row.concept.removeprefix("ROR:"), row.surface) for row in rows if "silent" not in row.flags)
    lines = list(registry_rows(records, searched))
    out.write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", "utf-8")
    return len(lines)


def split_parts(text: str) -> Iterator[str]:
    for part in re.split(r"[,;#\[\]]|\(| – | - ", text):
        part = re.sub(r"^\W*\d*\s*(?:[Tt]he |and )?|[\s\d.)]+$", "", part).strip()
        if len(part) > 7 and not DEPARTMENT.search(part):
            yield part


def written_out(name: str) -> str:
    """A name from an affiliation line as one would show it: no shortened words, no capitals throughout."""
    name = tidy(name).strip(" .,")
    if name.isupper():
        name = " ".join(
            word if word.lower() in SMALL and at else word.capitalize() for at, word in enumerate(name.lower().split())
        )
    for short, long in WRITTEN_OUT.items():
        name = re.sub(rf"\b{short}\b\.?", long, name)
    return re.sub(r"(?<=[a-z])\.(?= )", "", name)


def _unlikely(part: str) -> int:
    """Universities first, then hospitals and colleges, then institutes, then the rest."""
    stems = {word.text for word in words_of(part)}
    for rank, wanted in enumerate(
        ({"university"}, {"hospital", "college", "academy"}, {"institute", "foundation"}, {"center"})
    ):
        if stems & wanted:
            return rank
    return 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--shared", type=Path, default=here.parent / "shared", help="the folder of `nlp` and `inputs`")
    options = parser.parse_args()
    records = load_records(options.shared)
    print(write_registry(records, here / "nlp" / "lexicons" / "institution.tsv", REGISTRY))


if __name__ == "__main__":
    main()

"""Write `nlp/lexicons/*.tsv` from ontologies and registries: names and identifiers only, never definitions.

Inputs   a folder in the layout of `../shared/nlp/ontologies` (CL, MONDO, UBERON, ROR, NCBITaxon names, journal
         lists), and running text (`../shared/nlp/text`) to see which names are also everyday phrases.
Outputs  one TSV per type, sorted, columns `surface concept lang source licence flags`.
Run      `python -m training.lexicons [--nlp DIR] [--out DIR] [TYPE ...]`

What is kept, in order:
1. Terms that are obsolete, about non-human animals, or mere characteristics and susceptibilities are dropped.
2. Surfaces that nobody writes in prose are dropped: inverted names with commas, bracketed notes, very long
   ones, gene-numbered subtypes. So are bare acronyms: these are read from the document's own "(…)".
3. One surface has one concept within an ontology: the term's own name beats an exact synonym beats a looser
   one, then the term with more children (the broader) wins.
4. ROR keeps every institute of a name; which one is meant is decided when reading, by country. Names of one
   word stay out (a hand list holds RIKEN and its kind), and so do names that running text writes in lower case.
5. Species: two-word names that running text really uses; the whole of NCBITaxon would be 260,000 names.

A row with the flag `label` carries the name that is shown; `label,silent` is shown but never searched for.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from training.lexicon_rows import Row, read_jsonl, tidy, write_rows
from training.registry import load_records

ACRONYM = re.compile(r"^(?=.*[A-Z].*[A-Z0-9])[A-Za-z0-9+/.-]{1,8}s?$")
HANGUL, KANA, HAN = re.compile("[가-힣]"), re.compile("[぀-ヿ]"), re.compile("[一-鿿]")


def lang_of(surface: str, *, country: str | None = None) -> str:
    if HANGUL.search(surface):
        return "ko"
    if KANA.search(surface):
        return "ja"
    if HAN.search(surface):
        return "ja" if country == "JP" else "zh"
    return "en"


def is_prose(surface: str, *, longest: int = 70) -> bool:
    """True when a person would write this surface in a sentence."""
    letters = sum(char.isalpha() for char in surface)
    if letters < 4 or len(surface) > longest or ACRONYM.match(surface):
        return False
    return not re.search(r"[,()\[\]{};:\"]| - |_| or | and/or |/", surface)


def pick_concepts(claims: Iterable[tuple[str, str, int, int]]) -> dict[str, tuple[str, str]]:
    """Claims (surface, concept, rank, children) -> folded surface: (surface, concept); lowest rank, then broadest."""
    best: dict[str, tuple[tuple[int, int, str], str, str]] = {}
    for surface, concept, rank, children in claims:
        folded = surface.casefold().replace("-", " ")
        order = (rank, -children, concept)
        if folded not in best or order < best[folded][0]:
            best[folded] = (order, surface, concept)
    return {folded: (surface, concept) for folded, (_, surface, concept) in best.items()}


def ontology_rows(
    names: dict[str, str], claims: list[tuple[str, str, int, int]], source: str, licence: str
) -> Iterator[Row]:
    chosen = pick_concepts(claims)
    used = {concept for _, concept in chosen.values()}
    shown: set[str] = set()
    for surface, concept in chosen.values():
        label = tidy(names[concept]) == surface
        if label:
            shown.add(concept)
        yield surface, concept, lang_of(surface), source, licence, "label" if label else ""
    for concept in sorted(used - shown):
        yield tidy(names[concept]), concept, "en", source, licence, "label,silent"


def disease_rows(folder: Path) -> Iterator[Row]:
    terms = {term["id"]: term for term in read_jsonl(folder / "mondo_terms.jsonl.gz")}
    children: defaultdict[str, list[str]] = defaultdict(list)
    for term in terms.values():
        for parent in term["parents"]:
            children[parent].append(term["id"])
    # kept is what can be reached from a root without passing through what is not wanted: a syndrome that is
    # both an immune disease and a susceptibility stays
    unwanted = {
        term["id"]
        for term in terms.values()
        if "non-human animal" in term["name"]
        or (not term["parents"] and term["name"] in {"disease characteristic", "disease susceptibility"})
        or term["name"] == "hereditary predisposition"
        or term["name"].startswith("obsolete")
    }
    pending = [term["id"] for term in terms.values() if not term["parents"] and term["id"] not in unwanted]
    kept: set[str] = set()
    while pending:
        one = pending.pop()
        if one not in kept and one not in unwanted:
            kept.add(one)
            pending.extend(children[one])
    claims = []
    for term in terms.values():
        if term["id"] not in kept or term["name"].endswith((", animal", "susceptibility")):
            continue
        for rank, surface in [(0, term["name"]), *((1, synonym) for synonym in term["syn"])]:
            surface = tidy(surface)
            if not is_prose(surface) or re.search(r"(?i)susceptib|predisposition|somatic$|disease or dis", surface):
                continue
            if re.search(r" (\d+[A-Za-z]?|[IVX]+[A-Z])$", surface) and " type" not in surface:
                continue  # "Parkinson disease 14": gene-numbered; prose says the family's name
            if rank and len(surface) <= 6 and " " not in surface:
                continue  # "dish", "face", "rich" are acronyms in small letters; the hand list holds the true ones
            claims.append((surface, term["id"], rank, len(children[term["id"]])))
    names = {term["id"]: term["name"] for term in terms.values()}
    return ontology_rows(names, claims, "MONDO 2026-05-05", "CC BY 4.0")


def cell_rows(folder: Path) -> Iterator[Row]:
    ranks = {"EXACT": 1, "NARROW": 2, "RELATED": 3, "BROAD": 3}
    names, claims = {}, []
    for term in read_jsonl(folder / "cl_terms.jsonl.gz"):
        names[term["id"]] = term["name"]
        synonyms = [(ranks[scope], text) for text, scope, _ in term["syn"] if scope != "BROAD"]
        for rank, surface in [(0, term["name"]), *synonyms]:
            surface = tidy(surface)
            if is_prose(surface) and not surface.startswith("obsolete"):
                claims.append((surface, term["id"], rank, 0))
    return ontology_rows(names, claims, "CL 2026-03-26", "CC BY 4.0")


def anatomy_rows(folder: Path) -> Iterator[Row]:
    names, claims = {}, []
    for term in read_jsonl(folder / "uberon_terms.jsonl.gz"):
        names[term["id"]] = term["name"]
        for rank, surface in [(0, term["name"]), *((1, synonym) for synonym in term["syn"])]:
            surface = tidy(surface)
            if is_prose(surface, longest=45) and not surface.startswith("obsolete"):
                claims.append((surface, term["id"], rank, 0))
    return ontology_rows(names, claims, "UBERON 2026-04-01", "CC BY 3.0")


def institution_rows(folder: Path, everyday: frozenset[str]) -> Iterator[Row]:
    for record in load_records(folder.parent.parent).values():
        if not record.active or not record.sure:
            continue
        source, licence = record.source, record.licence
        concept, country, label = "ROR:" + record.id, record.country, record.name
        about = f"country={country}" if country else ""
        kept: set[str] = set()
        for flag, names in (("label", [label]), ("", record.labels), ("alias", record.aliases)):
            for name in names:
                surface = re.sub(r" \([^)]*\)$", "", tidy(name))  # ROR adds "(South Korea)" to companies
                if surface in kept or not is_institution(surface, everyday):
                    continue
                kept.add(surface)
                if flag == "label" and surface != label:
                    yield label, concept, "en", source, licence, ",".join(filter(None, ("label", "silent", about)))
                    flags = ""
                else:
                    flags = ",".join(filter(None, (flag, about if flag == "label" else "")))
                yield surface, concept, lang_of(surface, country=country), source, licence, flags
        if kept and label not in kept and re.sub(r" \([^)]*\)$", "", label) not in kept:
            yield label, concept, "en", source, licence, ",".join(filter(None, ("label", "silent", about)))


def is_institution(surface: str, everyday: frozenset[str]) -> bool:
    if lang_of(surface) != "en":
        return len(surface) >= 4
    if len(surface) > 90 or surface.casefold() in everyday or not surface.isprintable():
        return False
    words = surface.split()
    return len(words) >= 2 and sum(char.isalpha() for char in surface) >= 8 and not re.search(r"[\[\]{};\"]", surface)


def journal_rows(folder: Path) -> Iterator[Row]:
    source, licence = "JabRef 2026-11", "CC0 1.0"
    with gzip.open(folder / "journals.tsv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            title = tidy(row["title"])
            lists = set(row["lists"].split("|"))
            longest = 45 if lists == {"entrez"} else 75  # the titles of that list alone are mostly of the past
            if re.search(r"[()\[\];:/<>\"=]|\.\.\.|^[a-z']", title) or not 4 <= len(title) <= longest:
                continue
            concept = "journal:" + slug(title)
            named = title if not re.search(r" [a-z]{4,}", title) else ""
            yield title, concept, "en", source, licence, "label" if named and lists != {"entrez"} else ""
            dotted = [tidy(one) for one in (row["abbreviations"] or "").split("|") if "." in one]
            for short in (row["abbreviations"] or "").split("|"):
                short = tidy(short)
                if short and short != title and " " in short and not re.search(r"[()\[\]:;/]", short):
                    if "." not in short and any(other.replace(".", "") == short for other in dotted):
                        continue  # the dotted form is read without its dots too
                    yield short, concept, "en", source, licence, "short"


def slug(title: str) -> str:
    """The id part of a journal: lower case, "&" as "and", no leading article."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    words = re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))
    return "-".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def species_rows(folder: Path, used: Counter[str]) -> Iterator[Row]:
    with gzip.open(folder / "species_names.json.gz", "rt", encoding="utf-8") as file:
        taxa: dict[str, str] = json.load(file)
    for name, taxon in taxa.items():
        genus, _, epithet = name.partition(" ")
        if not epithet or len(genus) < 3 or genus.endswith(".") or " " in epithet or not used[name]:
            continue
        yield name.capitalize(), taxon, "la", "NCBITaxon 2026-05-13", "public domain", "label"


def phrases_in(texts: Iterable[str]) -> Counter[str]:
    """How often each run of two to four words occurs that is written without any capital."""
    counts: Counter[str] = Counter()
    for text in texts:
        words = re.findall(r"[\w'&.-]+|[^\w\s]", text)
        for size in (2, 3, 4):
            for at in range(len(words) - size + 1):
                phrase = " ".join(words[at : at + size])
                if phrase == phrase.lower():
                    counts[phrase.strip(".")] += 1
        if len(counts) > 6_000_000:  # bounds memory: rare phrases are not everyday phrases
            counts = Counter({key: n for key, n in counts.items() if n > 1})
    return counts


def binomials_in(texts: Iterable[str]) -> Counter[str]:
    """How often each two-word name of the form "Genus epithet" occurs, lower-cased."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(name.lower() for name in re.findall(r"\b[A-Z][a-z]{2,} [a-z]{3,}\b", text))
    return counts


def running_text(folder: Path, *, lines: int) -> Iterator[str]:
    with gzip.open(folder / "text" / "unlabelled_bio_news.txt.gz", "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number >= lines:
                return
            yield line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--nlp", type=Path, default=here.parent / "shared" / "nlp")
    parser.add_argument("--out", type=Path, default=here / "nlp" / "lexicons")
    parser.add_argument(
        "types", nargs="*", default=["disease", "cell_type", "anatomy", "institution", "journal", "species"]
    )
    options = parser.parse_args()
    folder: Path = options.nlp / "ontologies"
    for name in options.types:
        rows: Iterator[Row]
        if name == "disease":
            rows = disease_rows(folder)
        elif name == "cell_type":
            rows = cell_rows(folder)
        elif name == "anatomy":
            rows = anatomy_rows(folder)
        elif name == "institution":
            counts = phrases_in(running_text(options.nlp, lines=60_000))
            rows = institution_rows(folder, frozenset(key for key, n in counts.items() if n > 1))
        elif name == "journal":
            rows = journal_rows(folder)
        elif name == "species":
            rows = species_rows(folder, binomials_in(running_text(options.nlp, lines=10**9)))
        else:
            parser.error(f"no recipe for type {name!r}")
        print(name, write_rows(options.out / f"{name}.tsv", rows))


if __name__ == "__main__":
    main()

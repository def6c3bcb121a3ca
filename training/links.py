"""Write what linking needs in addition to the lexicons: `nlp/lexicons/<type>_links.tsv`.

Inputs   `../shared/nlp`: the annotated corpora whose licences allow it (their held-out documents are left out),
         running text, the ontologies; and the lexicons already written by `training.lexicons`.
Outputs  disease_links.tsv, cell_type_links.tsv: rows flagged `silent`, so that nothing is searched by them; a
         mention that was found otherwise is linked by them.
Run      `python -m training.links [--nlp DIR] [--out DIR] [TYPE ...]`

In order:
1. names of the ontology that nobody writes in prose, and so are not searched for ("CD8-positive, alpha-beta T cell"),
   and what is plain in those ("acquired immunodeficiency syndrome, AIDS");
2. what annotators of training corpora meant by a surface, where at least six in ten agree and the lexicons say
   something else or nothing (flag `default` where they were three and three in four agree, or two and of one mind);
3. abbreviations: what running text and training corpora explain them as, where the lexicons or the above know the
   explanation, two documents have it, and nine in ten explanations that are such names agree (flag `short`).
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from nlp.entities.components.abbreviations import find_abbreviations
from nlp.normalize.name_keys import order_key, tokens
from nlp.normalize.term_linkers import make_linker, rows_of
from nlp.normalize.terms import BARE, TermLinker
from training.lexicon_rows import Row, read_jsonl, tidy, write_rows
from training.lexicons import running_text
from training.mondo import Mondo, load_mondo
from training.ner.corpora import is_held, read_lines

CORPORA = {
    "disease": {
        "ncbi_disease": ("NCBI Disease corpus", "public domain"),
        "bc5cdr": ("BioCreative V CDR corpus", "public domain"),
        "biored": ("BioRED", "public domain"),
    },
    "cell_type": {"craft_cl": ("CRAFT", "CC BY 3.0")},
}
LABELS = {"disease": "DISEASE", "cell_type": "CELL_TYPE"}
TEXT = ("Stemwire, counted in running text", "CC0 1.0")
NUMBERED = re.compile(r"_\d|^\d{4} ")
BESIDE = (re.compile(r"(?P<name>[^,]+), [A-Z]{2,6}"), re.compile(r"[A-Z]{2,6}, (?P<name>[^,]+)"))
MALIGNANT = frozenset(tokens("cancer carcinoma malignancy malignant adenocarcinoma"))
Gold = Callable[[str], tuple[str, ...]]


def mentions(folder: Path, kind: str) -> Iterator[tuple[str, str, str, str, dict[str, str]]]:
    """(corpus, document, surface, identifier, abbreviations) of every mention that is trained on."""
    for name in CORPORA[kind]:
        for path in sorted((folder / "corpora").glob(f"{name}.*.jsonl.gz")):
            part = path.name.split(".")[1]
            if part not in {"train", "dev", "val"}:
                continue
            for document in read_lines(path):
                if part != "train" and is_held(name, part, str(document["id"]), has_dev=True):
                    continue
                text = document["text"]
                known = {short: text[start:end] for short, start, end in find_abbreviations(text)}
                for start, end, label, *identifier in document["ents"]:
                    if label == LABELS[kind] and identifier:
                        yield name, str(document["id"]), text[start:end], str(identifier[0]), known


def gold_of(kind: str, mondo: Mondo) -> Gold:
    """Identifier as a corpus writes it -> our concepts; several identifiers are not one meaning."""
    if kind == "disease":
        return lambda identifier: mondo.concepts(identifier)
    return lambda identifier: tuple(sorted(set(re.findall(r"CL:\d{7}", identifier))))


def learnt_rows(folder: Path, kind: str, gold: Gold, known: TermLinker, mondo: Mondo) -> Iterator[Row]:
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    written: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for corpus, _, surface, identifier, short in mentions(folder, kind):
        if surface in short or surface.removesuffix("s") in short or BARE.fullmatch(surface):
            continue
        key = order_key(tokens(surface))
        meant = gold(identifier)
        several = len(re.split(r"[|+;,]", identifier)) > 1
        votes[key][meant[0] if len(meant) == 1 and not several else ""] += 1
        written[key][tidy(surface), corpus] += 1
    for key, counted in votes.items():
        concept, times = counted.most_common(1)[0]
        share = times / counted.total()
        if not concept or share < 0.6:
            continue
        (surface, corpus), _ = min(written[key].items(), key=lambda one: (-one[1], one[0]))
        found = known.find(surface)
        if found is not None and found.score > 0.9 and found.concept == concept:
            continue
        # annotators have only MeSH's broader class. Where ours is the ontology's own name, or says malignant, it is
        # what was written; a mere synonym ("hemochromatosis" of type 1 alone) gives way to them
        kept = found is not None and (found.score > 0.95 or bool(set(tokens(surface)) & MALIGNANT))
        if kept and found is not None and concept in mondo.rolled(found.concept):
            continue
        often = (times >= 3 and share >= 0.75) or (times >= 2 and share >= 0.9)
        flags = "alias,default,silent" if often else "alias,silent"
        yield surface, concept, "en", *CORPORA[kind][corpus], flags


def short_rows(folder: Path, kind: str, gold: Gold, known: TermLinker) -> Iterator[Row]:
    """Abbreviations, from explanations in running text and from what annotators meant."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in running_text(folder, lines=10**9):
        if "(" not in text:
            continue
        for short, start, end in find_abbreviations(text):
            found = known.find(text[start:end]) if BARE.fullmatch(short) and len(short) > 1 else None
            seen[short][found.concept if found and found.score > 0.85 else ""] += 1
    for _, _, surface, identifier, _ in mentions(folder, kind):
        short = surface.removesuffix("s") if surface[-2:-1].isupper() else surface
        meant = gold(identifier)
        if BARE.fullmatch(short) and len(meant) == 1:
            seen[short][meant[0]] += 1
    for short, counted in seen.items():
        own = Counter({concept: times for concept, times in counted.items() if concept})
        if not own:
            continue
        concept, times = own.most_common(1)[0]
        if times >= 2 and times / own.total() >= 0.8 and own.total() / counted.total() >= 0.3 and len(short) > 1:
            yield short, concept, "en", *TEXT, "alias,short,silent"


def dropped_rows(folder: Path, kind: str, searched: Mapping[str, str]) -> Iterator[Row]:
    """Names of concepts that we carry which are not searched for."""
    carried = set(searched.values())
    if kind == "disease":
        for term in read_jsonl(folder / "ontologies" / "mondo_terms.jsonl.gz"):
            for surface in (term["name"], *term["syn"]):
                plain = plain_of(tidy(surface))
                if plain and term["id"] in carried and order_key(tokens(plain)) not in searched:
                    yield plain, term["id"], "en", "MONDO 2026-05-05", "CC BY 4.0", "alias,silent"
        return
    for term in read_jsonl(folder / "ontologies" / "cl_terms.jsonl.gz"):
        if term["id"] not in carried:
            continue
        for surface, scope, short in [(term["name"], "EXACT", ""), *term["syn"]]:
            surface = tidy(surface)
            if NUMBERED.search(surface):
                continue  # "0628 HY Gnrh1 Glut_1": clusters of one atlas
            if scope in {"EXACT", "NARROW"} and order_key(tokens(surface)) not in searched and len(surface) < 90:
                flags = "alias,short,silent" if short and BARE.fullmatch(surface) else "alias,silent"
                yield surface, term["id"], "en", "CL 2026-03-26", "CC BY 4.0", flags


def plain_of(name: str) -> str:
    """What is left of a name that ontologies write and nobody else: "acquired immunodeficiency syndrome, AIDS"."""
    for way in BESIDE:
        found = way.fullmatch(name)
        if found is not None and len(found["name"].split()) > 1:
            return found["name"]
    return ""


def rows(folder: Path, kind: str, lexicons: Path) -> Iterable[Row]:
    mondo = load_mondo(folder / "ontologies")
    gold = gold_of(kind, mondo)
    names = [one for one in rows_of(kind, lexicons) if not one.learnt]
    searched = {order_key(tokens(one.surface)): one.concept for one in names}
    known = make_linker(kind, names)
    made = [*dropped_rows(folder, kind, searched), *learnt_rows(folder, kind, gold, known, mondo)]
    carried = {one.concept for one in names}
    made += short_rows(folder, kind, gold, known)
    return [row for row in made if row[1] in carried]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--nlp", type=Path, default=here.parent / "shared" / "nlp")
    parser.add_argument("--out", type=Path, default=here / "nlp" / "lexicons")
    parser.add_argument("types", nargs="*", default=list(CORPORA))
    options = parser.parse_args()
    for kind in options.types:
        print(kind, write_rows(options.out / f"{kind}_links.tsv", rows(options.nlp, kind, options.out)))


if __name__ == "__main__":
    main()

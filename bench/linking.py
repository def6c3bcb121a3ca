"""How well names are tied to identifiers, given the name: diseases to MONDO, cell types to CL, lines to ROR.

    ./run.sh bench linking [--nlp DIR] [--split dev|test] [--only STEM] [--misses N] [--json]

Reads `DIR/corpora/NAME.SPLIT.jsonl.gz` and `DIR/affiliations/`, whichever are there. `--split dev` (the default) reads
only what is held out when `training.links` and `training.affiliations` learn: a third of the documents of a corpus'
`dev` or `val` file, all of a file that nothing is learnt from (`part`), one affiliation line in four. `test` files are
read whole.

What is asked is the product's own linker (`nlp.normalize`) with what it has in use: the mention and the abbreviations
that its document explains.

- link_accuracy: of the mentions whose identifier the ontology can cover, the share that is linked to it. Diseases:
  MONDO's exact matches to MeSH and OMIM. MeSH is coarser than MONDO: a concept without a MeSH class of its own counts
  as the nearest broader one that has one ("breast cancer" as MeSH's Breast Neoplasms). Cell types: the mention's CL
  identifiers. A mention with several identifiers asks for one of them.
- link_accuracy_strict: the same without that: only the exact match itself counts.
- link_accuracy_named: strictly right, or right by its broader class while MONDO itself calls the answer by this very
  name: "breast cancer" as MONDO's breast cancer, where MeSH has Breast Neoplasms alone.
- link_precision: of the answers, the share that is right. A mention that MONDO cannot cover counts as wrong when it is
  answered, unless MONDO itself gives the answer this very name: then nobody can judge. Affiliations: of the
  identifiers answered.
- link_recall, link_f1: affiliation lines; identifiers answered against those of the set.
- links_per_second: mentions or lines per second of process time, loading left out.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.entities import Picked, pick_files, read_corpus
from bench.measure import ROOT, Board, Measure
from nlp.entities.components.abbreviations import find_abbreviations
from nlp.entities.reader import HERE
from nlp.entities.typefiles import load_types
from nlp.normalize.affiliation_linker import AffiliationLinker, load_trees
from nlp.normalize.sites import COMPILED, LEXICONS, load_sites
from nlp.normalize.term_linkers import load_linkers
from nlp.normalize.terms import TermLinker
from training.mondo import Mondo, load_mondo
from training.ner.corpora import read_lines
from training.registry import Affiliation, is_held_string, read_items, read_s2aff, rors_of

CELLS = re.compile(r"CL:\d{7}")
DISEASE_CORPORA = ("ncbi_disease", "bc5cdr", "biored")
ORGANISATIONS = {"INSTITUTION", "ORG", "AFFILIATION", "ROR"}


@dataclass(slots=True)
class Tally:
    """What was asked, answered and right."""

    covered: int = 0
    right: int = 0
    strict: int = 0
    named: int = 0
    judged: int = 0
    asked: int = 0
    seconds: float = 0.0
    misses: Counter[str] = field(default_factory=Counter)


def mentions_of(picked: Picked) -> Iterator[tuple[dict[str, Any], dict[str, str], str, str, str]]:
    """(document, its abbreviations, surface, label, identifier) of every mention with an identifier."""
    learnt = picked.name in (*DISEASE_CORPORA, "craft_cl")
    documents = read_corpus(picked) if learnt else read_lines(picked.path)
    for document in documents:
        text = document["text"]
        known = {short: text[start:end] for short, start, end in find_abbreviations(text)}
        for start, end, label, *identifier in document["ents"]:
            if identifier and identifier[0]:
                yield document, known, text[start:end], label, str(identifier[0])


def tally_diseases(picked: Picked, linker: TermLinker, mondo: Mondo) -> Tally:
    tally = Tally()
    for _, known, surface, label, identifier in mentions_of(picked):
        if label != "DISEASE":
            continue
        meant = set(mondo.concepts(identifier))
        began = time.process_time()
        found = linker.find(surface, long_forms=known)
        tally.seconds += time.process_time() - began
        tally.asked += 1
        concept = found.concept if found else None
        right = concept is not None and bool({concept, *mondo.rolled(concept)} & meant)
        tally.covered += bool(meant)
        tally.right += right
        tally.strict += concept in meant
        tally.named += right and (concept in meant or mondo.is_called(concept or "", known.get(surface, surface)))
        if found and (meant or not mondo.is_called(found.concept, known.get(surface, surface))):
            tally.judged += 1
        if (meant or found) and not right:
            tally.misses[
                f"{surface} ({known.get(surface, '-')}) -> {concept} for {identifier}: {found.why if found else ''}"
            ] += 1
    return tally


def tally_cells(picked: Picked, linker: TermLinker) -> Tally:
    tally = Tally()
    for _, known, surface, label, identifier in mentions_of(picked):
        meant = set(CELLS.findall(identifier))
        if not meant or label == "CELL_LINE":
            continue
        began = time.process_time()
        found = linker.find(surface, long_forms=known)
        tally.seconds += time.process_time() - began
        right = found is not None and found.concept in meant
        tally.asked += 1
        tally.covered += 1
        tally.right += right
        tally.strict += right
        tally.named += right
        tally.judged += found is not None
        if not right:
            tally.misses[
                f"{surface} -> {found.concept if found else None} for {identifier}: {found.why if found else ''}"
            ] += 1
    return tally


def tally_lines(lines: Sequence[Affiliation], linker: AffiliationLinker) -> Tally:
    """`covered` are the identifiers of the set, `judged` those answered."""
    tally = Tally()
    for line in lines:
        began = time.process_time()
        found = {ror for ror, _ in linker.find(line.text)}
        tally.seconds += time.process_time() - began
        tally.asked += 1
        tally.covered += len(line.rors)
        tally.judged += len(found)
        tally.right += len(found & line.rors)
        if found != line.rors:
            tally.misses[f"{line.text[:120]!r} -> {sorted(found)} for {sorted(line.rors)}"] += 1
    return tally


def affiliation_sets(folder: Path, split: str) -> Iterator[tuple[str, list[Affiliation]]]:
    """Set's name and lines: S2AFF (csv), ROR's matching sets (json), or corpora whose mentions have ROR ids."""
    for path in sorted((folder / "affiliations").glob("*")):
        name = path.name.split(".")[0]
        if split == "dev" and "train" in name:
            read = read_s2aff(path) if ".csv" in path.name else read_items(path)
            yield name, [one for one in read if is_held_string(one.text)]
        elif split == "test" and "train" not in name:
            splits = frozenset({"test"}) if has_test(path) else None
            yield name, list(read_s2aff(path, splits=splits) if ".csv" in path.name else read_items(path))
    for path in sorted((folder / "corpora").glob(f"*.{split}.jsonl.gz")):
        lines = [
            Affiliation(
                text=document["text"],
                rors=rors_of([i for _, _, label, *i in document["ents"] if label in ORGANISATIONS]),
            )
            for document in read_lines(path)
        ]
        if any(line.rors for line in lines):
            yield path.name.removesuffix(".jsonl.gz"), lines


def has_test(path: Path) -> bool:
    """True for a table of S2AFF whose rows say that some of them are for testing."""
    return ".csv" in path.name and any(True for _ in read_s2aff(path, splits=frozenset({"test"})))


def show(board: Board, stem: str, tally: Tally, *, lines: bool, shown: int) -> None:
    if not tally.covered:
        return
    board.found += 1
    recall, precision = tally.right / tally.covered, tally.right / max(1, tally.judged)
    figures: dict[str, float] = {"link_precision": precision}
    if lines:
        figures |= {"link_recall": recall, "link_f1": 2 * tally.right / (tally.covered + tally.judged)}
    else:
        figures |= {
            "link_accuracy": recall,
            "link_accuracy_named": tally.named / tally.covered,
            "link_accuracy_strict": tally.strict / tally.covered,
        }
    figures["links_per_second"] = tally.asked / max(1e-9, tally.seconds)
    for name, value in figures.items():
        n = {"link_precision": tally.judged, "links_per_second": tally.asked}.get(name, tally.covered)
        board.show(Measure(set=stem, measure=name, value=value, anchor=None, n=n))
    for miss, times in tally.misses.most_common(shown):
        board.say(f"{times:6} {miss}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--split", default="dev", choices=["dev", "test"])
    parser.add_argument("--only", default="", help="sets whose name begins so")
    parser.add_argument("--misses", type=int, default=0, help="show so many of the commonest errors on stderr")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    board = Board(inputs=options.nlp, as_json=options.json, options=options)
    linkers = load_linkers(load_types(HERE), LEXICONS, COMPILED)
    ontologies = options.nlp / "ontologies"
    if (
        not ontologies.is_dir()
    ):  # sealed tests may come without the ontologies: those of the development data say the same
        ontologies = ROOT.parent / "shared" / "nlp" / "ontologies"
    mondo: Mondo | None = None
    for picked in pick_files(options.nlp / "corpora", options.split):
        stem = picked.path.name.removesuffix(".jsonl.gz")
        if not stem.startswith(options.only):
            continue
        first = [
            (label, identifier)
            for _, (_, _, _, label, identifier) in zip(range(400), mentions_of(picked), strict=False)
        ]
        if any(label == "DISEASE" for label, _ in first):
            mondo = mondo or load_mondo(ontologies)
            show(board, stem, tally_diseases(picked, linkers["DISEASE"], mondo), lines=False, shown=options.misses)
        if any(CELLS.search(identifier) for _, identifier in first):
            show(board, stem, tally_cells(picked, linkers["CELL_TYPE"]), lines=False, shown=options.misses)
    sites = None
    for name, lines in affiliation_sets(options.nlp, options.split):
        if name.startswith(options.only):
            sites = sites or AffiliationLinker(load_sites(), load_trees())
            show(board, name, tally_lines(lines, sites), lines=True, shown=options.misses)
    return board.finish()


if __name__ == "__main__":
    sys.exit(main())

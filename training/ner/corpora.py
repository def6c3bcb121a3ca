"""The annotated corpora: which are used, in whose dialect, what they annotate, and which documents are held out.

A corpus is a dialect ("style"): the corpora contradict each other on what a mention is, so each keeps its own. It
trains the heads that it annotates and no other: nothing is assumed about labels it does not have.

Held out ("dev") are, by the checksum of a document's id, one in three of a corpus' `dev` or `val` file; if there is
no such file, one in ten of its `train` or `all`. All other documents of train, dev and val are trained on. A training
document that shares sentences with a held-out one of any corpus is dropped.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HELD_OF_DEV, HELD_OF_TRAIN = 3, 10
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\[\"'0-9])|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """One corpus; `heads` maps a head to (their label -> ours)."""

    name: str
    style: str
    licence: str
    heads: Mapping[str, Mapping[str, str]]
    empties: float = 1.0  # share of passages without any mention that is trained on
    weight: int = 1  # times seen per epoch


SAME_DISEASE = {"DISEASE": {"DISEASE": "DISEASE"}}
NEWS = {"news": {one: one for one in ("PERSON", "ORG", "LOC")}}
WIKI = {"news": {one: one for one in ("PERSON", "ORG", "LOC", "JOURNAL")}}
ANATOMY = ("ORGAN", "TISSUE", "MULTI_TISSUE_STRUCTURE", "ORGANISM_SUBDIVISION", "ANATOMICAL_SYSTEM",
    "ORGANISM_SUBSTANCE", "DEVELOPING_ANATOMICAL_STRUCTURE", "IMMATERIAL_ANATOMICAL_ENTITY")  # fmt: skip
ANATEM = {**dict.fromkeys(ANATOMY, "ANATOMY"), "CANCER": "CANCER", "PATHOLOGICAL_FORMATION": "CANCER"}

CORPORA = (
    Corpus(name="bc5cdr", style="bc", licence="NLM/NCBI, public",
        heads={"disease": {"DISEASE": "DISEASE"}, "chemical": {"CHEMICAL": "CHEMICAL"}}),
    Corpus(name="ncbi_disease", style="nc", licence="NLM/NCBI, public domain",
        heads={"disease": {"DISEASE": "DISEASE"}}),
    Corpus(name="biored", style="br", licence="NCBI, US government, public domain",
        heads={"disease": {"DISEASE": "DISEASE"}, "chemical": {"CHEMICAL": "CHEMICAL"}, "gene": {"GENE": "GENE"},
               "species": {"SPECIES": "SPECIES"}, "cell": {"CELL_LINE": "CELL_LINE"}}),
    Corpus(name="jnlpba", style="jn", licence="GENIA, CC BY 3.0",
        heads={"cell": {"CELL_TYPE": "CELL_TYPE", "CELL_LINE": "CELL_LINE"},
               "gene": {"PROTEIN": "GENE", "DNA": "DNA", "RNA": "RNA"}}),
    Corpus(name="craft_cl", style="cr", licence="CC BY 3.0", heads={"cell": {"CELL_TYPE": "CELL_TYPE"}}, empties=0.35),
    Corpus(name="anatem", style="an", licence="CC BY-SA 3.0",
        heads={"cell": {"CELL": "CELL_TYPE"}, "anatomy": ANATEM}, weight=2),
    Corpus(name="cellfinder", style="cf", licence="CC BY-SA 3.0",
        heads={"cell": {"CELL_TYPE": "CELL_TYPE", "CELL_LINE": "CELL_LINE"}, "anatomy": {"ANATOMY": "ANATOMY"},
               "gene": {"GENE": "GENE"}, "species": {"SPECIES": "SPECIES"}}),
    Corpus(name="bionlp13cg-cell", style="cg", licence="CC BY-SA 3.0",
        heads={"cell": {"CELL_TYPE": "CELL_TYPE"}}, empties=0.5),
    Corpus(name="bionlp11id-species", style="bi", licence="CC BY 4.0", heads={"species": {"SPECIES": "SPECIES"}},
        empties=0.3),
    Corpus(name="craft-species", style="cs", licence="CC BY 3.0", heads={"species": {"SPECIES": "SPECIES"}},
        empties=0.15),
    Corpus(name="linnaeus", style="ln", licence="CC BY 4.0", heads={"species": {"SPECIES": "SPECIES"}}, empties=0.15),
    Corpus(name="gum_named", style="gu", licence="CC BY 4.0, texts CC BY and CC BY-SA", heads=NEWS),
    Corpus(name="uner_ewt", style="ue", licence="CC BY-SA 4.0", heads=NEWS),
    Corpus(name="wikigold", style="wg", licence="CC BY 4.0", heads=NEWS),
    *(Corpus(name=f"crossner_{one}", style="cn", licence="MIT, texts CC BY-SA", heads=WIKI, weight=weight)
      for one, weight in (("ai", 1), ("literature", 2), ("music", 1), ("politics", 1), ("science", 5))),
)  # fmt: skip
# left out, having no clear licence for what is shipped: bioid (none stated), re3d (mixed)

STYLES = ("-", *dict.fromkeys(one.style for one in CORPORA))
HEADS: dict[str, tuple[str, ...]] = {
    "disease": ("DISEASE",),
    "cell": ("CELL_TYPE", "CELL_LINE"),
    "news": ("PERSON", "ORG", "LOC", "JOURNAL"),
    "species": ("SPECIES",),
    "anatomy": ("ANATOMY", "CANCER"),
    "chemical": ("CHEMICAL",),
    "gene": ("GENE", "DNA", "RNA"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One annotated document. `spans` by head: (start, end, label), not overlapping, sorted."""

    id: str
    corpus: Corpus
    text: str
    spans: Mapping[str, tuple[tuple[int, int, str], ...]]


def is_held(name: str, part: str, identity: str, *, has_dev: bool) -> bool:
    """True when this document is for measuring only."""
    mark = zlib.crc32(identity.encode())
    if part in {"dev", "val"}:
        return mark % HELD_OF_DEV == 0
    return not has_dev and name != "cellfinder" and mark % HELD_OF_TRAIN == 0


def read_corpora(folder: Path) -> Iterator[tuple[Document, bool]]:
    """Every document of every corpus that is there, and whether it is held out. Raises ValueError on a bad line."""
    for corpus in CORPORA:
        parts = [one for one in ("train", "all", "dev", "val") if (folder / f"{corpus.name}.{one}.jsonl.gz").is_file()]
        has_dev = "dev" in parts or "val" in parts
        if parts == ["dev"]:
            has_dev = False  # uner_ewt: the dev file is all there is
        for part in parts:
            for raw in read_lines(folder / f"{corpus.name}.{part}.jsonl.gz"):
                held = is_held(corpus.name, "train" if not has_dev else part, str(raw["id"]), has_dev=has_dev)
                yield parse_document(raw, corpus), held


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            raw = json.loads(line)
            if not isinstance(raw, dict) or "text" not in raw or "ents" not in raw:
                raise ValueError(f"{path.name} line {number}: no document")
            yield raw


def parse_document(raw: Mapping[str, Any], corpus: Corpus) -> Document:
    """Of overlapping spans of one head the longer stays."""
    spans = {}
    for head, labels in corpus.heads.items():
        kept: list[tuple[int, int, str]] = []
        found = [(int(s), int(e), labels[kind]) for s, e, kind, *_ in raw["ents"] if kind in labels]
        for start, end, label in sorted(set(found), key=lambda one: (one[0] - one[1], one[0])):
            if end > start and all(end <= s or e <= start for s, e, _ in kept):
                kept.append((start, end, label))
        spans[head] = tuple(sorted(kept))
    return Document(id=f"{corpus.name}/{raw['id']}", corpus=corpus, text=raw["text"], spans=spans)


def sentences_of(text: str) -> set[str]:
    """Long sentences of a text, bare of everything but letters: to see copies."""
    bare = (re.sub(r"[^a-z]", "", one.lower()) for one in SENTENCE.split(text))
    return {one for one in bare if len(one) > 50}


def is_copy(text: str, known: set[str]) -> bool:
    own = sentences_of(text)
    shared = len(own & known)
    return shared >= 2 or (shared > 0 and shared >= 0.3 * len(own))

"""Corpora and running text -> passages of tokens with features and tags, kept in the work folder.

    python -m training.ner.prepare [--nlp DIR] [--work DIR] [--lines N]

Inputs   `DIR/corpora/*.jsonl.gz`, `DIR/text/*.txt.gz`, the compiled lexicons of this checkout.
Outputs  `passages.pickle`: {"train", "dev"} and `plain.pickle`: {"plain"}: lists of passages as plain dicts;
         `counts.json`.

A document is cut into passages of at most 160 tokens at ends of sentences, never inside a mention. Mentions that
do not begin and end with a token are counted and left out of training (measuring counts them as missed).
"""

from __future__ import annotations

import argparse
import gzip
import json
import pickle
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlp.entities.annotations import Annotations
from nlp.entities.component import Tools
from nlp.entities.components import lexicon
from nlp.entities.components.ner_model import Spans, collect_spans
from nlp.entities.reader import HERE
from nlp.entities.spelling import fold
from nlp.entities.tagger.lexicon_features import encode_names
from nlp.entities.tagger.tokens import find_tokens
from nlp.entities.typefiles import load_types
from nlp.entities.vocabulary import load_vocabulary
from training.ner.corpora import HEADS, Document, is_copy, read_corpora, sentences_of

LONGEST = 160
SEED = 20261122
ROOT = Path(__file__).resolve().parents[2]


def make_lexicon_finder() -> Callable[[str], Spans]:
    """A function text -> spans of names by type, as the pipeline's lexicon component finds them."""
    types = load_types(HERE)
    vocabulary = load_vocabulary(types, HERE.parent / "lexicons", HERE.parent / "compiled")
    component = lexicon.make(Tools(types=types, vocabulary=vocabulary))
    labels = [one.label for one in types if one.component == "lexicon"]

    def find(text: str) -> Spans:
        annotations = Annotations(text=text, folded=fold(text), country=None)
        component.annotate(annotations)
        return collect_spans(annotations, labels)

    return find


def tags_of(
    spans: Sequence[tuple[int, int, str]], starts: Sequence[int], ends: Sequence[int], labels: Sequence[str]
) -> tuple[list[int], int]:
    """BILOU tags (0 outside, then B I L U by label) and how many spans no tokens reach."""
    first_of = {start: number for number, start in enumerate(starts)}
    last_of = {end: number for number, end in enumerate(ends)}
    tags, lost = [0] * len(starts), 0
    for start, end, label in spans:
        first, last = first_of.get(start), last_of.get(end)
        if first is None or last is None or last < first:
            lost += 1
            continue
        base = 1 + 4 * labels.index(label)
        if first == last:
            tags[first] = base + 3
            continue
        tags[first], tags[last] = base, base + 2
        for inner in range(first + 1, last):
            tags[inner] = base + 1
    return tags, lost


def cut(words: Sequence[str], before: Sequence[int], open_at: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(first, past) of passages: at a sentence's end where possible, never inside a mention."""
    first, good = 0, 0
    for at in range(1, len(words)):
        if not open_at[at]:
            if (words[at - 1] in ".!?" and before[at] and words[at][0].isupper()) or before[at] == 2:
                good = at
            if at - first >= LONGEST:
                stop = good if good - first > 40 else at
                yield first, stop
                first = good = stop
    if first < len(words):
        yield first, len(words)


def make_passages(document: Document, find: Callable[[str], Spans], lost: Counter[str]) -> list[dict[str, Any]]:
    words, starts, ends, before = find_tokens(document.text)
    hits = encode_names(find(document.text), starts, ends)
    tags: dict[str, list[int]] = {}
    open_at = [False] * len(words)
    for head, spans in document.spans.items():
        tags[head], missed = tags_of(spans, starts, ends, HEADS[head])
        lost[f"{document.corpus.name} {head} spans"] += len(spans)
        lost[f"{document.corpus.name} {head} unreachable"] += missed
        for number, tag in enumerate(tags[head]):
            if tag and (tag - 1) % 4 in (1, 2):
                open_at[number] = True
    return [
        {
            "id": document.id,
            "corpus": document.corpus.name,
            "style": document.corpus.style,
            "words": words[first:past],
            "before": before[first:past],
            "hits": [row[first:past] for row in hits],
            "tags": {head: row[first:past] for head, row in tags.items()},
        }
        for first, past in cut(words, before, open_at)
    ]


def join_short(passages: list[dict[str, Any]], longest: int = 100) -> list[dict[str, Any]]:
    """Corpora of single sentences: several to a passage, so that a passage has neighbours as in use."""
    joined: list[dict[str, Any]] = []
    for one in passages:
        last = joined[-1] if joined else None
        if last and last["corpus"] == one["corpus"] and len(last["words"]) + len(one["words"]) <= longest:
            last["words"] = last["words"] + one["words"]
            last["before"] = last["before"] + one["before"]
            last["hits"] = [a + b for a, b in zip(last["hits"], one["hits"], strict=True)]
            last["tags"] = {head: last["tags"][head] + one["tags"][head] for head in last["tags"]}
        else:
            joined.append(dict(one))
    return joined


def read_plain(path: Path, *, lines: int, known: set[str], rng: random.Random) -> Iterator[str]:
    """A sample of the unlabelled lines, without those that a held-out document shares."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        every = [line.strip() for line in file]
    rng.shuffle(every)
    kept = 0
    for line in every:
        if kept >= lines:
            return
        if 60 <= len(line) <= 3000 and not sentences_of(line) & known:
            kept += 1
            yield line


def prepare(nlp: Path, work: Path, *, lines: int) -> Mapping[str, int]:
    """Write passages; returns counts."""
    work.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    find = make_lexicon_finder()
    documents = list(read_corpora(nlp / "corpora"))
    known: set[str] = set()
    for document, held in documents:
        if held:
            known |= sentences_of(document.text)
    counts: Counter[str] = Counter()
    sets: dict[str, list[dict[str, Any]]] = {"train": [], "dev": [], "plain": []}
    for document, held in documents:
        name = document.corpus.name
        if not held and is_copy(document.text, known):
            counts[f"{name} dropped as copies"] += 1
            continue
        if not held and not any(document.spans.values()) and rng.random() > document.corpus.empties:
            counts[f"{name} empty, left out"] += 1
            continue
        counts[f"{name} {'dev' if held else 'train'} documents"] += 1
        sets["dev" if held else "train"] += make_passages(document, find, counts)
    sets["train"] = join_short(sets["train"])
    sets["dev"] = join_short(sets["dev"])
    for path in sorted((nlp / "text").glob("*.txt.gz")):
        for line in read_plain(path, lines=lines, known=known, rng=rng):
            words, starts, ends, before = find_tokens(line)
            hits = encode_names(find(line), starts, ends)
            for first, past in cut(words, before, [False] * len(words)):
                sets["plain"].append(
                    {"words": words[first:past], "before": before[first:past], "hits": [r[first:past] for r in hits]}
                )
    for name, passages in sets.items():
        counts[f"passages {name}"] = len(passages)
        counts[f"tokens {name}"] = sum(len(one["words"]) for one in passages)
    plain = {"plain": sets.pop("plain")}
    for name, some in (("passages", sets), ("plain", plain)):
        with (work / f"{name}.pickle").open("wb") as file:
            pickle.dump(some, file, protocol=5)
    (work / "counts.json").write_text(json.dumps(dict(sorted(counts.items())), indent=1), encoding="utf-8")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "train" / "ner")
    parser.add_argument("--lines", type=int, default=60_000)
    options = parser.parse_args()
    counts = prepare(options.nlp, options.work, lines=options.lines)
    for name in sorted(counts):
        if re.search("passages|tokens|unreachable|copies", name):
            print(f"{name:45} {counts[name]:9}")


if __name__ == "__main__":
    main()

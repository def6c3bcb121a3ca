"""The tagger that is shipped, trained: embeddings of word, affixes and lexicon hits; convolutions; one head a group.

    python -m training.ner.student [--work DIR] [--name NAME] [--steps N] [--seed N] [--from NAME] [--silver FILE]

Needs torch, for training only. Inputs `passages.pickle`, `vectors.npz`, and at will the soft labels of `silver`.
Outputs `student-NAME.pt` (averaged weights, tables of words and affixes, settings) and figures on held-out documents.

Settings that matter: words outside the training text have their vector and their affixes; a training word loses its
own embedding one time in four, so that the network learns to do without. The style of a corpus scales and shifts the
hidden layer of the heads; one time in eight it is "-". Weights are averaged over the last thousands of steps.
"""

from __future__ import annotations

import argparse
import copy
import pickle
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nlp.entities.tagger.tokens import affixes, norm, shape
from training.ner.corpora import HEADS, STYLES
from training.ner.scores import Tally, spans_of_scores

SHARE = {"cs": 0.5, "ln": 0.5}  # of a style's passages, per epoch
WEIGHTS = {"anatomy": 0.4, "chemical": 0.4, "gene": 0.4, "species": 0.6}
SLOTS, CODES = 7, 5
Passage = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The network's measures."""

    width: int = 256
    table: int = 64
    dilations: tuple[int, ...] = (1, 1, 2, 4, 1)
    hidden: int = 96
    words: int = 20_000
    affixes: int = 6_000
    drop: float = 0.2
    word_drop: float = 0.25


class Tables:
    """Which words and affixes have embeddings of their own. 0 is for all others."""

    def __init__(self, names: Sequence[Sequence[str]], vector_words: Sequence[str]) -> None:
        self.names = [list(one) for one in names]  # words, four kinds of affix, shapes
        self._place = [{name: number for number, name in enumerate(one, start=1)} for one in self.names]
        self._vector = {word: number for number, word in enumerate(vector_words, start=1)}
        self.vector_words = list(vector_words)
        self._known: dict[str, tuple[int, ...]] = {}

    def of(self, word: str) -> tuple[int, ...]:
        """Rows: vector, word, prefix 3, prefix 4, suffix 3, suffix 4, shape."""
        found = self._known.get(word)
        if found is None:
            normed = norm(word)
            keys = (normed, *affixes(word), shape(word))
            rows = [place.get(key, 0) for place, key in zip(self._place, keys, strict=True)]
            found = self._known[word] = (self._vector.get(normed, 0), *rows)
        return found

    @classmethod
    def gather(cls, texts: Sequence[Sequence[str]], vector_words: Sequence[str], settings: Settings) -> Tables:
        counts: list[Counter[str]] = [Counter() for _ in range(6)]
        words: Counter[str] = Counter()
        for text in texts:
            words.update(text)
        for word, times in words.items():
            for counter, key in zip(counts, (norm(word), *affixes(word), shape(word)), strict=True):
                counter[key] += times
        most = (settings.words, *[settings.affixes] * 4, 400)
        names = [[k for k, n in c.most_common(m) if n >= 3] for c, m in zip(counts, most, strict=True)]
        return cls(names, vector_words)


class Student(nn.Module):
    def __init__(self, settings: Settings, tables: Tables, vectors: Any) -> None:
        super().__init__()
        self.settings = settings
        width, size = settings.width, settings.table
        rows = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors])
        self.vectors = nn.Embedding.from_pretrained(torch.tensor(rows), freeze=True)
        self.tables = nn.ModuleList([nn.Embedding(len(names) + 1, size) for names in tables.names])
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.3)
        self.before = nn.Embedding(3, width)
        self.hits = nn.Embedding(SLOTS * CODES, width)
        nn.init.normal_(self.before.weight, std=0.1)
        nn.init.normal_(self.hits.weight, std=0.1)
        self.mix = nn.Linear(vectors.shape[1] + size * len(self.tables), width)
        self.norm = nn.LayerNorm(width)
        self.convs = nn.ModuleList([nn.Linear(3 * width, width) for _ in settings.dilations])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in settings.dilations])
        self.last = nn.LayerNorm(width)
        hidden = settings.hidden
        self.hidden = nn.ModuleDict({head: nn.Linear(3 * width, hidden) for head in HEADS})
        self.scale = nn.ModuleDict({head: nn.Embedding(len(STYLES), hidden) for head in HEADS})
        self.shift = nn.ModuleDict({head: nn.Embedding(len(STYLES), hidden) for head in HEADS})
        self.out = nn.ModuleDict({head: nn.Linear(hidden, 1 + 4 * len(labels)) for head, labels in HEADS.items()})
        for head in HEADS:
            nn.init.ones_(self.scale[head].weight)
            nn.init.zeros_(self.shift[head].weight)
        self.drop = nn.Dropout(settings.drop)

    def encode(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        rows, mask = batch["rows"], batch["mask"].unsqueeze(-1)
        parts = [self.vectors(rows[..., 0])]
        for number, table in enumerate(self.tables, start=1):
            own = rows[..., number]
            if self.training and number == 1:
                own = own * (torch.rand(own.shape) > self.settings.word_drop)
            parts.append(table(own))
        mixed = (
            self.mix(self.drop(torch.cat(parts, -1))) + self.before(batch["before"]) + self.hits(batch["hits"]).sum(2)
        )
        h = self.norm(torch.relu(mixed)) * mask
        for conv, layer, gap in zip(self.convs, self.norms, self.settings.dilations, strict=True):
            h = (h + self.drop(torch.relu(conv(window(layer(h) * mask, gap))))) * mask
        return window(self.drop(self.last(h)) * mask, 1)

    def score(self, states: torch.Tensor, head: str, styles: torch.Tensor) -> torch.Tensor:
        hidden = self.hidden[head](states)
        hidden = hidden * self.scale[head](styles).unsqueeze(1) + self.shift[head](styles).unsqueeze(1)
        return self.out[head](self.drop(torch.relu(hidden))).float()


def window(h: torch.Tensor, gap: int) -> torch.Tensor:
    """Left neighbour, self, right neighbour `gap` tokens away; zeros past the edges."""
    padded = nn.functional.pad(h, (0, 0, gap, gap))
    return torch.cat([padded[:, : h.shape[1]], h, padded[:, 2 * gap :]], -1)


@dataclass(slots=True)
class Packed:
    """A passage as arrays: rows (n, 7), before (n,), hits (n, 7), tags by head (n,), soft scores by head."""

    corpus: str
    style: int
    rows: Any
    before: Any
    hits: Any
    tags: dict[str, Any]
    soft: dict[tuple[str, int], Any]


def pack(one: Passage, tables: Tables) -> Packed:
    offsets = np.arange(SLOTS) * CODES
    return Packed(
        corpus=one.get("corpus", "plain"),
        style=STYLES.index(one.get("style", "-")),
        rows=np.array([tables.of(word) for word in one["words"]], dtype=np.int32),
        before=np.array(one["before"], dtype=np.uint8),
        hits=(np.array(one["hits"], dtype=np.uint8).T + offsets).astype(np.uint8),
        tags={head: np.array(row, dtype=np.int8) for head, row in one.get("tags", {}).items()},
        soft=one.get("soft", {}),
    )


def make_batch(passages: Sequence[Packed]) -> dict[str, torch.Tensor]:
    most = max(len(one.before) for one in passages)
    rows = np.zeros((len(passages), most, 7), dtype=np.int64)
    before = np.zeros((len(passages), most), dtype=np.int64)
    hits = np.zeros((len(passages), most, SLOTS), dtype=np.int64)
    mask = np.zeros((len(passages), most), dtype=np.float32)
    for number, one in enumerate(passages):
        size = len(one.before)
        rows[number, :size], before[number, :size], hits[number, :size] = one.rows, one.before, one.hits
        mask[number, :size] = 1
    every = {"rows": rows, "before": before, "hits": hits, "mask": mask}
    return {name: torch.from_numpy(array) for name, array in every.items()}


def make_epoch(passages: Sequence[Packed], rng: random.Random, size: int) -> list[list[Packed]]:
    chosen = [one for one in passages if rng.random() < SHARE.get(STYLES[one.style], 1.0)]
    chosen.sort(key=lambda one: len(one.before) + rng.uniform(0, 12))
    batches: list[list[Packed]] = [[]]
    longest = 0
    for one in chosen:
        longest = max(longest, len(one.before))
        if batches[-1] and (len(batches[-1]) + 1) * longest > size:
            batches.append([])
            longest = len(one.before)
        batches[-1].append(one)
    rng.shuffle(batches)
    return batches


def loss_of(model: Student, passages: Sequence[Packed], rng: random.Random) -> torch.Tensor:
    """Cross-entropy with the corpora's tags, or with the teacher's probabilities where a passage has them."""
    states = model.encode(make_batch(passages))
    most = states.shape[1]
    drawn = [0 if rng.random() < 0.125 else one.style for one in passages]
    loss = torch.zeros(())
    for head in HEADS:
        rows = [number for number, one in enumerate(passages) if head in one.tags]
        if rows:
            wanted = np.full((len(rows), most), -100, dtype=np.int64)
            for at, number in enumerate(rows):
                wanted[at, : len(passages[number].tags[head])] = passages[number].tags[head]
            scores = model.score(states[rows], head, torch.tensor([drawn[number] for number in rows]))
            part = nn.functional.cross_entropy(
                scores.flatten(0, 1), torch.from_numpy(wanted).flatten(), ignore_index=-100, reduction="sum"
            )
            loss = loss + WEIGHTS.get(head, 1.0) * part
        soft = [(number, style) for number, one in enumerate(passages) for h, style in one.soft if h == head]
        if soft:
            width = model.out[head].out_features
            target = np.zeros((len(soft), most, width), dtype=np.float32)
            for at, (number, style) in enumerate(soft):
                some = passages[number].soft[head, style]
                target[at, : len(some)] = some
            scores = model.score(states[[number for number, _ in soft]], head, torch.tensor([s for _, s in soft]))
            part = -(torch.log_softmax(scores, -1) * torch.from_numpy(target)).sum()
            loss = loss + WEIGHTS.get(head, 1.0) * part / max(1, len(soft) / len(passages))
    return loss / sum(len(one.before) for one in passages)


def train(
    work: Path, *, name: str, steps: int, seed: int, rate: float, tokens: int, start: str | None,
    silver: Sequence[Path], share: float, settings: Settings, vectors_file: str,
) -> None:  # fmt: skip
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = random.Random(seed)
    with (work / "passages.pickle").open("rb") as file:  # written by prepare.py
        sets = pickle.load(file)
    held = np.load(work / vectors_file)
    if start:
        tables, model = load_student(work / f"student-{start}.pt")
    else:
        tables = Tables.gather([one["words"] for one in sets["train"]], held["words"].tolist(), settings)
        model = Student(settings, tables, held["vectors"])
    from training.ner.corpora import CORPORA

    times = {one.name: one.weight for one in CORPORA}
    dev = [pack(one, tables) for one in sets["dev"]]
    taught: list[Packed] = []
    gold: list[Packed] = []
    for path in silver:
        with path.open("rb") as file:  # written by silver.py
            for one in map(pack, pickle.load(file), repeat(tables)):
                (gold if one.tags else taught).append(one)
    if not gold:  # else the passages with tags came with soft labels too
        gold = [pack(one, tables) for one in sets["train"]]
    gold = [one for one in gold for _ in range(times[one.corpus])]
    del sets
    print(f"{len(gold)} gold and {len(taught)} taught passages", flush=True)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / 200) * max(0.02, 1 - s / steps)
    )
    mean = copy.deepcopy(model)
    began, seen, total, step = time.monotonic(), 0, 0.0, 0
    while step < steps:
        for passages in make_epoch(gold + [one for one in taught if rng.random() < share], rng, tokens):
            if step >= steps:
                break
            model.train()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = loss_of(model, passages, rng)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            keep = min(0.998, (step + 1) / (step + 10))
            with torch.no_grad():
                torch._foreach_lerp_(list(mean.parameters()), list(model.parameters()), 1 - keep)
            seen += sum(len(one.before) for one in passages)
            total += float(loss.detach())
            if step % 100 == 0:
                clock = time.monotonic() - began
                print(f"step {step} loss {total / 100:.4f} tokens/s {seen / clock:.0f} {clock:.0f} s", flush=True)
                total = 0.0
            if step % 1000 == 0 or step == steps:
                save_student(work / f"student-{name}.pt", tables, mean, step)
                evaluate(mean, dev)


def save_student(path: Path, tables: Tables, model: Student, step: int) -> None:
    torch.save(
        {"settings": asdict(model.settings), "names": tables.names, "vector_words": tables.vector_words,
         "state": model.state_dict(), "step": step, "styles": STYLES, "heads": HEADS}, path)  # fmt: skip


def load_student(path: Path) -> tuple[Tables, Student]:
    kept = torch.load(path, weights_only=True)
    settings = Settings(**{**kept["settings"], "dilations": tuple(kept["settings"]["dilations"])})
    tables = Tables(kept["names"], kept["vector_words"])
    size = kept["state"]["vectors.weight"].shape
    model = Student(settings, tables, np.zeros((size[0] - 1, size[1]), np.float32))
    model.load_state_dict(kept["state"])
    return tables, model


def evaluate(model: Student, passages: Sequence[Packed]) -> None:
    model.eval()
    tally = Tally()
    with torch.no_grad():
        for at in range(0, len(passages), 16):
            group = passages[at : at + 16]
            states = model.encode(make_batch(group))
            styles = torch.tensor([one.style for one in group])
            for head, labels in HEADS.items():
                if not any(head in one.tags for one in group):
                    continue
                scores = torch.log_softmax(model.score(states, head, styles), -1).numpy()
                for row, one in zip(scores, group, strict=True):
                    if head in one.tags:
                        tally.add(one.corpus, head, labels, one.tags[head], spans_of_scores(row[: len(one.before)]))
    tally.show()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("data/train/ner"))
    parser.add_argument("--name", default="gold")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--tokens", type=int, default=2000, help="tokens in a batch, padding counted")
    parser.add_argument("--from", dest="start", help="go on from this student")
    parser.add_argument("--silver", type=Path, action="append", default=[])
    parser.add_argument("--share", type=float, default=0.4, help="of the silver passages without tags, per epoch")
    parser.add_argument("--vectors", default="vectors.npz")
    parser.add_argument("--drop", type=float, default=0.2)
    parser.add_argument("--word-drop", type=float, default=0.25)
    options = parser.parse_args()
    train(
        options.work, name=options.name, steps=options.steps, seed=options.seed, rate=options.rate,
        tokens=options.tokens, start=options.start, silver=options.silver, share=options.share,
        vectors_file=options.vectors, settings=Settings(drop=options.drop, word_drop=options.word_drop),
    )  # fmt: skip


if __name__ == "__main__":
    main()

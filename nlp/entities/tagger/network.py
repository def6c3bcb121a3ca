"""The tagger's network, in numpy: what `training/ner/student.py` trained, without what training needs.

In order: a word's vector, its own embedding and those of its affixes and shape are mixed into one row, which is
remembered by surface; what was before the token and the hits of the lexicons are added; five convolutions over
neighbouring tokens (the fourth reaches four tokens far), each added to what it was given; then one small head per
group of labels. A head's hidden layer is scaled and shifted by the style in which the text is to be read.

A long text goes through in stretches that overlap by `REACH` tokens, so that memory is bounded and every token sees
what it would have seen at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlp.entities.tagger.tokens import affixes, norm, shape

Array = Any  # float32 unless said otherwise
STRETCH = 512  # tokens that go through at once: their layers fit the second-level cache
REMEMBERED = 60_000  # surfaces; 60 MB at most
CODES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One group of labels."""

    labels: tuple[str, ...]
    hidden: Array  # (3 * width, hidden)
    bias: Array
    scale: Array  # (styles, hidden)
    shift: Array
    out: Array  # (hidden, 1 + 4 * labels)
    out_bias: Array
    lean: Array  # (styles,): what "outside" loses, so that more is found where the corpus' own test shows too little


@dataclass(slots=True, kw_only=True)
class Network:
    """Weights, and what has been worked out of surfaces so far."""

    styles: tuple[str, ...]
    places: Sequence[Mapping[str, int]]  # row by name: vectors, words, four affixes, shapes; 0 for all others
    tables: Sequence[Array]  # int8 (rows, size)
    gains: Sequence[Array]  # (rows,): what a row's integers are multiplied by
    mix: Array
    mix_bias: Array
    before: Array  # (3, width)
    hits: Array  # (slots * codes, width)
    first_norm: tuple[Array, Array]
    convs: Sequence[tuple[Array, Array]]  # (3 * width, width), bias
    norms: Sequence[tuple[Array, Array]]
    dilations: tuple[int, ...]
    last_norm: tuple[Array, Array]
    heads: Mapping[str, Head]
    _rows: dict[str, int] = field(default_factory=dict)
    _known: Array = None
    _joined: dict[tuple[str, ...], tuple[Array, Array]] = field(default_factory=dict)

    def score(
        self,
        words: Sequence[str],
        before: Sequence[int],
        hits: Sequence[Sequence[int]],
        wanted: Sequence[tuple[str, str]],
    ) -> list[Array]:
        """Log-probabilities (tokens, tags) for each wanted (head, style). Raises KeyError for an unknown one."""
        numbers = self._numbers_of(words)
        codes = np.asarray(hits, dtype=np.int64).reshape(-1, len(words))
        glue = np.asarray(before, dtype=np.int64)
        ways = [(self.heads[head], self.styles.index(style)) for head, style in wanted]
        parts: list[list[Array]] = [[] for _ in ways]
        names = tuple(dict.fromkeys(head for head, _ in wanted))
        weight, bias = self._joined_heads(names)
        size = bias.shape[0] // max(1, len(names))
        columns = [slice(names.index(head) * size, (names.index(head) + 1) * size) for head, _ in wanted]
        reach = sum(self.dilations) + 1
        for start in range(0, len(words), STRETCH):
            first, past = max(0, start - reach), min(len(words), start + STRETCH + reach)
            states = self._encode(numbers[first:past], glue[first:past], codes[:, first:past])
            keep = slice(start - first, start - first + min(STRETCH, len(words) - start))
            hidden = states[keep] @ weight + bias
            for part, (head, style), column in zip(parts, ways, columns, strict=True):
                shaped = hidden[:, column] * head.scale[style]
                shaped += head.shift[style]
                np.maximum(shaped, 0, out=shaped)
                scores = shaped @ head.out + head.out_bias
                scores[:, 0] -= head.lean[style]
                part.append(_log_softmax(scores))
        return [np.concatenate(part) if part else np.zeros((0, 1), np.float32) for part in parts]

    def _joined_heads(self, names: tuple[str, ...]) -> tuple[Array, Array]:
        """The hidden layers of several heads as one: one product in place of many small ones."""
        if names not in self._joined:
            heads = [self.heads[name] for name in names]
            weight = np.concatenate([head.hidden for head in heads], 1)
            self._joined[names] = np.ascontiguousarray(weight), np.concatenate([head.bias for head in heads])
        return self._joined[names]

    def _encode(self, numbers: Array, before: Array, codes: Array) -> Array:
        h = self._known[numbers]
        h += self.before[before]
        for slot, row in enumerate(codes):
            named = np.flatnonzero(row)
            if len(named):
                h[named] += self.hits[slot * CODES + row[named]] - self.hits[slot * CODES]
        np.maximum(h, 0, out=h)
        h = _normed(h, self.first_norm)
        for (weight, bias), layer, gap in zip(self.convs, self.norms, self.dilations, strict=True):
            step = _window(_normed(h, layer), gap) @ weight
            step += bias
            np.maximum(step, 0, out=step)
            h += step
        return _window(_normed(h, self.last_norm), 1)

    def _numbers_of(self, words: Sequence[str]) -> Array:
        """Row numbers in `_known`; surfaces not met before are worked out first."""
        if self._known is None or len(self._rows) > REMEMBERED:
            self._rows.clear()
            self._known = np.zeros((1024, self.mix.shape[1]), dtype=np.float32)
        fresh = [word for word in dict.fromkeys(words) if word not in self._rows]
        if fresh:
            base = len(self._rows)
            need = base + len(fresh)
            if need > len(self._known):
                grown = np.zeros((max(need, 2 * len(self._known)), self._known.shape[1]), dtype=np.float32)
                grown[:base] = self._known[:base]
                self._known = grown
            for at in range(0, len(fresh), 2048):
                self._known[base + at : base + at + 2048][: len(fresh[at : at + 2048])] = self._mix(
                    fresh[at : at + 2048]
                )
            for number, word in enumerate(fresh, start=base):
                self._rows[word] = number
        rows = self._rows
        return np.fromiter((rows[word] for word in words), dtype=np.int64, count=len(words))

    def _mix(self, words: Sequence[str]) -> Array:
        keys = []
        for word in words:
            normed = norm(word)
            keys.append((normed, normed, *affixes(word), shape(word)))
        parts = []
        for place, table, gain, column in zip(
            self.places, self.tables, self.gains, zip(*keys, strict=True), strict=True
        ):
            rows = np.fromiter((place.get(key, 0) for key in column), dtype=np.int64, count=len(words))
            parts.append(table[rows] * gain[rows, None])
        nothing = self.hits.reshape(-1, CODES, self.hits.shape[1])[:, 0].sum(0)  # no lexicon says anything
        mixed: Array = np.concatenate(parts, 1).astype(np.float32) @ self.mix + (self.mix_bias + nothing)
        return mixed


def _normed(h: Array, layer: tuple[Array, Array]) -> Array:
    scale, shift = layer
    centred = h - np.einsum("ij->i", h)[:, None] * np.float32(1 / h.shape[1])
    spread = np.einsum("ij,ij->i", centred, centred) / h.shape[1]
    centred *= (1.0 / np.sqrt(spread + 1e-5))[:, None].astype(np.float32)
    centred *= scale
    centred += shift
    return centred


def _window(h: Array, gap: int) -> Array:
    """(tokens, 3 * width): left neighbour, self, right neighbour; zeros past the edges."""
    size, width = h.shape
    out = np.zeros((size, 3 * width), dtype=np.float32)
    out[:, width : 2 * width] = h
    if size > gap:
        out[gap:, :width] = h[:-gap]
        out[:-gap, 2 * width :] = h[gap:]
    return out


def _log_softmax(scores: Array) -> Array:
    scores -= scores.max(1, keepdims=True)
    scores -= np.log(np.exp(scores).sum(1, keepdims=True))
    return scores

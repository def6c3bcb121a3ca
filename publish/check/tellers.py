"""Who else tells what a text tells: documents of the edition that share its wording, its paper or its trial.

The index of words is contentless: it can say which documents hold a phrase, and cannot give their texts. So, in order:

1. the text is cut into phrases of `SIZE` words in a row (`SIGNS` for Korean, Chinese and Japanese), without the
   boilerplate of press releases; they overlap by half; up to `ASKED` of them, evenly spread, are searched as phrases;
2. a phrase that more than `COMMON` documents have says nothing and does not count;
3. a document shares the wording if it has at least `LEAST` of the phrases, and at least `SHARE` of those that count.
   Where the edition may show its whole text, the two texts are compared shingle by shingle instead (as in the stage
   `duplicates`), from `WORTH` phrases on;
4. documents that rest on the same paper or trial come after those.

The text itself may be here: a document with nearly all of the phrases and the same title is that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from core.records import Json
from core.text import paragraphs
from publish.check.records import Records
from publish.search.fold import fold_words, is_run, pieces

SIZE, SIGNS = 6, 10
ASKED = 120
COMMON = 40  # documents
WORTH = 2  # phrases from which on two texts are compared
LEAST, SHARE = 3, 0.12
SAME = 0.85  # share of the phrases from which on, with the title, it is the same text
MOST = 20  # documents that are named
COMPARED = 24  # documents with the most phrases that are looked at

Measure = Callable[[str, str], Json]  # (text, other) -> kept, copy, why


def find_tellers(
    records: Records, *, title: str, text: str, own: Sequence[int], measure: Measure, trim: Callable[[str], str]
) -> list[Json]:
    """Documents that tell the same, those that share most wording first. `own`: the papers and trials it rests on."""
    shares, asked = _count_phrases(records, make_phrases(trim(text)))
    found: dict[int, Json] = {}
    for number, times in shares.most_common(COMPARED):
        if number in own or times < WORTH:
            continue
        shown = records.shown_text(number)
        overlap = measure(text, shown) if shown else None
        if overlap and (overlap["copy"] or overlap["kept"] >= SHARE):
            found[number] = {"share": overlap["kept"], "why": overlap["why"], "copy": overlap["copy"]}
        elif not overlap and times >= LEAST and times / asked >= SHARE:
            why = f"{times} of {asked} phrases of the text are in it"
            found[number] = {"share": round(times / asked, 2), "why": why}
    for number in _find_reporters(records, own):
        found.setdefault(number, {"share": None, "why": "rests on the same paper or trial"})
    cards = records.cards(found)
    order = sorted(found, key=lambda number: (-(found[number]["share"] or 0.0), -number))[:MOST]
    folded = fold_words(title)
    return [
        {
            "title": cards[number]["title"], "page": records.page(cards[number]),
            "source": cards[number]["source_name"],
            "kind": cards[number]["kind"], "country": cards[number]["country"], "day": cards[number]["day"],
            "lang": cards[number]["lang"], "copy": bool(found[number].get("copy")), **found[number],
            "same": (found[number]["share"] or 0) >= SAME and fold_words(cards[number]["title"]) == folded,
            "story": records.story_page(cards[number]["story_slug"], cards[number]["story_key"])
            if cards[number]["story_key"]
            else "",
        }
        for number in order
        if number in cards
    ]  # fmt: skip


def make_phrases(text: str) -> list[str]:
    """Phrases of a text as the index has its words, evenly spread over it."""
    found: list[str] = []
    for paragraph in paragraphs(text):
        dense = sum(len(piece[0]) for piece in pieces(paragraph) if is_run(piece[0])) * 2 > len(paragraph)
        words, size = fold_words(paragraph).split(), SIGNS if dense else SIZE
        found += [" ".join(words[at : at + size]) for at in range(0, len(words) - size + 1, size // 2)]
    step = max(1.0, len(found) / ASKED)
    return list(dict.fromkeys(found[int(at * step)] for at in range(min(ASKED, len(found)))))


def _count_phrases(records: Records, phrases: Sequence[str]) -> tuple[Counter[int], int]:
    """Number of a document -> how many of the phrases it has; and how many phrases count."""
    counts: Counter[int] = Counter()
    asked = 0
    for phrase in phrases:
        rows = records.rows(
            f"SELECT rowid FROM search WHERE search MATCH ? LIMIT {COMMON + 1}", (f'{{body}} : "{phrase}"',)
        )
        if len(rows) <= COMMON:
            asked += 1
            counts.update(row["rowid"] for row in rows)
    return counts, asked


def _find_reporters(records: Records, own: Sequence[int]) -> list[int]:
    """Documents that link to one of these papers or trials, the newest first."""
    numbers: dict[int, None] = {}
    for number in own:
        for row in records.rows(
            "SELECT l.document FROM link l JOIN document d ON d.id = l.document WHERE l.other = ?"
            " AND l.relation IN ('paper', 'trial') AND d.kind NOT IN ('paper', 'preprint', 'trial')"
            f" ORDER BY l.document DESC LIMIT {MOST}",
            (number,),
        ):
            numbers[row["document"]] = None
    return list(numbers)

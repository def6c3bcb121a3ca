"""How well pages are read, set by set, compared with trafilatura (and htmldate) alone in the same run.

    python bench/extract.py [--inputs DIR] [--json] [--sets 01,02] [--halves] [--ours]

| set | measure | anchor |
|---|---|---|
| 00 | the seeds, wrapped by `wrap.py`: title, day, text, boilerplate left | trafilatura |
| 01 | `body_f1`: 4-gram shingles, as the benchmark's own `evaluate.py` counts them | trafilatura, precision mode |
| 02 | `body_token_f1` (summary, headlines, paragraphs), `title_exact`, `date_same_day` | trafilatura; htmldate |
| 03 | `segment_f1` (must-have and must-not-have segments), `title_exact`, `date_same_day` | the same |
| 04 | `date_same_day` | htmldate |
| 05 | `body_token_f1` against Readability.js, `title_exact` | trafilatura |
| 06 | `body_token_f1`, `title_exact` | trafilatura |
| 01-03 | `speed_ratio`: pages per CPU second, ours over trafilatura with metadata, page by page | 1 |

Titles are the same when they are after NFKC, one kind of quote and dash, single spaces and case folding. A page that
cannot be read counts as empty. `--halves` prints every figure again for even and odd items, to show its spread.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import logging
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import htmldate
import trafilatura

from bench.measure import Board, Measure
from bench.wrap import wrap_seeds
from crawlers.pages import PageError, read_page

_TOKEN = re.compile(r"\w+")
_QUOTES = str.maketrans("“”„«»‘’‚´`–—", '"""""' + "'''''" + "--")
_LATEST = "2026-11-22"  # days of capture that a set does not give


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one reader made of one page."""

    title: str = ""
    date: str = ""
    text: str = ""
    translated: bool = False


@dataclass(slots=True, kw_only=True)
class Item:
    """One page of a set with its truth (None where the set has none)."""

    page: bytes
    url: str
    fetched: str
    title: str | None = None
    date: str | None = None
    text: str | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    ours: Read = Read()
    theirs: Read = Read()
    precise: str = ""
    days: str = ""
    seconds: tuple[float, float] = (0.0, 0.0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench; the exit code is 2 when no set was there."""
    for library in ("trafilatura", "htmldate", "courlan"):  # they log what the figures say anyway
        logging.getLogger(library).setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(description="how well pages are read")
    parser.add_argument("--sets", default="00,01,02,03,04,05,06", help="numbers, parted by commas")
    parser.add_argument("--ours", action="store_true", help="our own figures only, without the libraries' (faster)")
    parser.add_argument("--halves", action="store_true", help="even and odd items apart as well")
    board = Board.start("how well pages are read", argv, parser)
    wanted = board.options.sets.split(",")
    for number, measure in _SETS.items():
        if number not in wanted:
            continue
        folder = board.find(number)
        if folder is not None:
            measure(board, folder)
    return board.finish()


def _seeds(board: Board, folder: Path) -> None:
    pages = wrap_seeds(folder)
    items = [
        Item(page=page.page, url=page.url, fetched=_LATEST, title=page.title, date=page.date, text=page.text)
        for page in pages
    ]
    read_all(items, anchors=not board.options.ours)
    _show(
        board,
        folder.name,
        "title_exact",
        items,
        lambda item: (same(item.ours.title, item.title), same(item.theirs.title, item.title)),
    )
    _show(
        board,
        folder.name,
        "date_same_day",
        items,
        lambda item: (item.ours.date == item.date, item.theirs.date == item.date),
    )
    _show(
        board,
        folder.name,
        "body_token_f1",
        items,
        lambda item: (token_f1(item.text or "", item.ours.text), token_f1(item.text or "", item.theirs.text)),
    )
    left = [
        (
            sum(line in item.ours.text for line in page.furniture),
            sum(line in item.theirs.text for line in page.furniture),
        )
        for item, page in zip(items, pages, strict=True)
    ]
    board.show(
        Measure(
            set=folder.name,
            measure="furniture_left",
            value=sum(a for a, _ in left),
            anchor=None if board.options.ours else sum(b for _, b in left),
            n=len(left),
        )
    )
    right = [item.ours.translated == page.translated for item, page in zip(items, pages, strict=True)]
    board.show(Measure(set=folder.name, measure="translation_told", value=mean(right), anchor=None, n=len(right)))


def _set01(board: Board, folder: Path) -> None:
    items = [
        Item(page=page, url=row.get("url") or "", fetched=_LATEST, text=row["articleBody"])
        for row, page in rows(folder)
        if row.get("articleBody") is not None
    ]
    read_all(items, anchors=not board.options.ours, precise=True)
    _show_whole(
        board,
        folder.name,
        "body_f1",
        items,
        lambda part: (
            shingle_f1((i.text or "", i.ours.text) for i in part),
            shingle_f1((i.text or "", i.precise) for i in part),
        ),
    )
    _speed(board, folder.name, items)


def _set02(board: Board, folder: Path) -> None:
    items = []
    for row, page in rows(folder):
        expected = row.get("expected") or {}
        items.append(
            Item(
                page=page,
                url=row.get("url") or "",
                fetched=(row.get("crawl_date") or _LATEST)[:10],
                title=expected.get("title"),
                date=_day(expected.get("publishing_date")),
                text=_fundus_text(expected.get("body")),
            )
        )
    read_all(items, anchors=not board.options.ours)
    _tokens(board, folder.name, items)
    _titles(board, folder.name, items)
    _days(board, folder.name, items)
    _speed(board, folder.name, items)


def _set03(board: Board, folder: Path) -> None:
    items = [
        Item(
            page=page,
            url=row.get("url") or "",
            fetched=_LATEST,
            title=row.get("title") or None,
            date=_day(row.get("date")),
            wanted=tuple(row.get("with") or ()),
            unwanted=tuple(row.get("without") or ()),
        )
        for row, page in rows(folder)
    ]
    read_all(items, anchors=not board.options.ours)
    _show_whole(
        board,
        folder.name,
        "segment_f1",
        items,
        lambda part: (segment_f1((i, i.ours.text) for i in part), segment_f1((i, i.theirs.text) for i in part)),
    )
    _titles(board, folder.name, items)
    _days(board, folder.name, items)
    _speed(board, folder.name, items)


def _set04(board: Board, folder: Path) -> None:
    items = [
        Item(page=page, url=row.get("url") or "", fetched=_LATEST, date=_day(row.get("date")))
        for row, page in rows(folder)
    ]
    read_all(items, anchors=not board.options.ours, text=False)
    _days(board, folder.name, items)


def _set05(board: Board, folder: Path) -> None:
    items = []
    for row, page in rows(folder):
        expected = row.get("expected_html")
        meta = row.get("expected_metadata") or {}
        path = folder / expected if expected else None
        text = _text_of(_read_bytes(path)) if path is not None and path.is_file() else None
        items.append(
            Item(
                page=page,
                url="http://fakehost/test/page.html",
                fetched=_LATEST,
                text=text,
                title=meta.get("title") or None,
            )
        )
    read_all(items, anchors=not board.options.ours)
    _tokens(board, folder.name, items)
    _titles(board, folder.name, items)


def _set06(board: Board, folder: Path) -> None:
    items = []
    for row, page in rows(folder):
        meta = row.get("metadata") or {}
        items.append(
            Item(
                page=page,
                url=meta.get("url") or "",
                fetched=_LATEST,
                text=row.get("text") or None,
                title=meta.get("title") or None,
            )
        )
    read_all(items, anchors=not board.options.ours)
    _tokens(board, folder.name, items)
    _titles(board, folder.name, items)


_SETS: dict[str, Callable[[Board, Path], None]] = {
    "00": _seeds, "01": _set01, "02": _set02, "03": _set03, "04": _set04, "05": _set05, "06": _set06,
}  # fmt: skip


def rows(folder: Path) -> Iterable[tuple[dict[str, Any], bytes]]:
    """The set's rows with the pages that they name; a page that is not there is left out of the set."""
    for row in json.loads((folder / "ground-truth.json").read_text(encoding="utf-8")):
        path = folder / (row.get("file") or "")
        if path.is_file():
            yield row, _read_bytes(path)


def _read_bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def read_all(items: list[Item], *, anchors: bool = True, precise: bool = False, text: bool = True) -> None:
    """Every page by us and by the libraries alone, in turn, each with its CPU seconds."""
    if items:
        _ours(items[0])  # what is loaded once should not count for one page
        _theirs(items[0])
    for number, item in enumerate(items):
        turns = [(_ours, 0)] + ([(_theirs, 1)] if text and anchors else [])
        seconds = [0.0, 0.0]
        for reader, which in turns if number % 2 else reversed(turns):  # tables that one loads serve the other
            start = time.process_time()
            read = reader(item)
            seconds[which] = time.process_time() - start
            if which == 0:
                item.ours = read
            else:
                item.theirs = read
        item.seconds = (seconds[0], seconds[1])
        if precise and anchors:
            document = trafilatura.bare_extraction(
                item.page, url=item.url or None, favor_precision=True, include_comments=False
            )
            item.precise = document.text or "" if document is not None else ""
        if item.date is not None and anchors:
            tree = trafilatura.load_html(item.page)
            item.days = (
                htmldate.find_date(tree, original_date=True, url=item.url or None) if tree is not None else None
            ) or ""


def _ours(item: Item) -> Read:
    try:
        page = read_page(item.page, url=item.url, content_type=None, fetched=item.fetched)
    except PageError:
        return Read()
    return Read(title=page.title, date=page.published or "", text=page.text, translated=page.translated is not None)


def _theirs(item: Item) -> Read:
    document = trafilatura.bare_extraction(item.page, url=item.url or None, with_metadata=True)
    if document is None:
        return Read()
    return Read(title=document.title or "", date=document.date or "", text=document.text or "")


def _show_whole(
    board: Board, name: str, measure: str, items: list[Item], both: Callable[[list[Item]], tuple[float, float]]
) -> None:
    parts = {"": items}
    if board.options.halves:
        parts |= {"/even": items[::2], "/odd": items[1::2]}
    for suffix, part in parts.items():
        ours, theirs = both(part) if part else (None, None)
        theirs = None if board.options.ours else theirs
        board.show(Measure(set=name, measure=measure + suffix, value=ours, anchor=theirs, n=len(part)))


def _show(
    board: Board, name: str, measure: str, items: list[Item], each: Callable[[Item], tuple[float, float]]
) -> None:
    def both(part: list[Item]) -> tuple[float, float]:
        pairs = [each(item) for item in part]
        return mean(float(a) for a, _ in pairs), mean(float(b) for _, b in pairs)

    _show_whole(board, name, measure, items, both)


def _tokens(board: Board, name: str, items: list[Item]) -> None:
    known = [item for item in items if item.text]
    _show(
        board,
        name,
        "body_token_f1",
        known,
        lambda i: (token_f1(i.text or "", i.ours.text), token_f1(i.text or "", i.theirs.text)),
    )


def _titles(board: Board, name: str, items: list[Item]) -> None:
    known = [item for item in items if item.title]
    _show(board, name, "title_exact", known, lambda i: (same(i.ours.title, i.title), same(i.theirs.title, i.title)))


def _days(board: Board, name: str, items: list[Item]) -> None:
    known = [item for item in items if item.date]
    _show(board, name, "date_same_day", known, lambda i: (i.ours.date == i.date, i.days == i.date))


def _speed(board: Board, name: str, items: list[Item]) -> None:
    ours, theirs = sum(i.seconds[0] for i in items), sum(i.seconds[1] for i in items)
    if ours > 0 and theirs > 0 and not board.options.ours:
        board.show(
            Measure(
                set=name,
                measure="pages_per_cpu_second",
                value=len(items) / ours,
                anchor=len(items) / theirs,
                n=len(items),
            )
        )
        board.show(Measure(set=name, measure="speed_ratio", value=theirs / ours, anchor=1.0, n=len(items)))


def same(one: str | None, other: str | None) -> bool:
    """Whether two titles are the same for a reader."""
    return _normal(one) == _normal(other)


def _normal(text: str | None) -> str:
    text = unicodedata.normalize("NFKC", text or "").replace("\xad", "").translate(_QUOTES)
    return " ".join(text.split()).casefold()


def token_f1(truth: str, said: str) -> float:
    """F1 of the two bags of words (lower case)."""
    one, other = Counter(_TOKEN.findall(truth.lower())), Counter(_TOKEN.findall(said.lower()))
    shared = (one & other).total()
    return 2 * shared / (one.total() + other.total()) if shared else 0.0


def shingle_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """The article extraction benchmark's F1 over (truth, said).

    Bags of 4-grams of words; TP, FP and FN of a page are divided by their sum, precision and recall are averaged
    over pages (those where they are defined), and F1 is taken of the averages.
    """
    precisions, recalls = [], []
    for truth, said in pairs:
        one, other = _shingles(truth), _shingles(said)
        tp, fp, fn = (one & other).total(), (other - one).total(), (one - other).total()
        if tp + fp:
            precisions.append(tp / (tp + fp))
        if tp + fn:
            recalls.append(tp / (tp + fn))
    if not precisions or not recalls or not (mean(precisions) + mean(recalls)):
        return 0.0
    precision, recall = mean(precisions), mean(recalls)
    return 2 * precision * recall / (precision + recall)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[at : at + 4]) for at in range(max(1, len(tokens) - 3)))


def segment_f1(pairs: Iterable[tuple[Item, str]]) -> float:
    """F1 over segments: a wanted one that is there is a hit, an unwanted one that is there a false alarm."""
    hits = misses = alarms = 0
    for item, text in pairs:
        flat = " ".join(text.split())
        found = sum(" ".join(segment.split()) in flat for segment in item.wanted)
        hits, misses = hits + found, misses + len(item.wanted) - found
        alarms += sum(" ".join(segment.split()) in flat for segment in item.unwanted)
    return 2 * hits / (2 * hits + misses + alarms) if hits else 0.0


def _fundus_text(body: dict[str, Any] | None) -> str | None:
    if not body:
        return None
    parts = list(body.get("summary") or ())
    for section in body.get("sections") or ():
        parts += [*(section.get("headline") or ()), *(section.get("paragraphs") or ())]
    return "\n\n".join(parts) or None


def _day(said: object) -> str | None:
    """A day that is written in full; other notes of the annotators do not count."""
    text = str(said or "")[:10]
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def _text_of(page: bytes) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.decode("utf-8", "replace")))


if __name__ == "__main__":
    sys.exit(main())

"""STAGE facts of all answers for an entry -> whether the newest is its page, and which one is the newest that is.

A set-wise stage: what an answer is shows best next to the others of its source. For each entry, `gather` gives its
answers in the order of their first visits, each with how many other items ended at the same address, and how much of
its text is on pages of other items. An item counts as another one if its title and its address differ: the same
story listed twice is no evidence. The step judges the answers one after the other (`crawlers.documents.verdict`),
each next to the newest before it that was a page. `extract` reads the page that this names; an answer that is worse
stays in raw.db and takes nobody's place.

After the stage, a source whose answers were no pages several times in a row is one issue, with what came and what to
do. It closes when good pages come again.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypedDict

from core.config import Config
from core.night import Night
from core.records import PageVerdict, Run
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from crawlers.addresses import clean_url
from crawlers.documents.verdict import PAGE, Before, Evidence, Verdict, explain_kind, judge
from crawlers.pages.facts import share_of

KIND = "not_the_page"
MOST_OTHERS = 3  # counted: more say nothing more, and a number that grows every night would make every row due
NEWEST = 50  # answers of a source that are looked at for a row of worse ones

ANSWERS = """
SELECT e.source, v.entry, v.capture, v.first, v.last, e.title AS asked_title, c.url, c.final_url, c.status,
       f.form, f.title, f.words, f.lines, f.asked_in_title, f.asked_in_text, f.signs
FROM (SELECT entry, capture, min(at) AS first, max(at) AS last FROM raw.visit
      WHERE role = 'page' AND capture IS NOT NULL AND entry IS NOT NULL GROUP BY entry, capture) v
JOIN entry e ON e.id = v.entry
JOIN page_facts f ON f.capture = v.capture
JOIN raw.capture c ON c.id = v.capture
ORDER BY e.source, v.entry, v.first, v.capture"""

TONIGHT = """
SELECT e.source, w.kind, w.why, p.url, p.last_visit,
       EXISTS (SELECT 1 FROM raw.visit v WHERE v.url = p.url AND v.entry = p.entry AND v.capture = p.capture
               AND v.run = n.run) AS tonight
FROM page_verdict w
JOIN page p ON p.entry = w.entry AND p.capture = w.capture
JOIN entry e ON e.id = w.entry
JOIN (SELECT source, max(run) AS run FROM raw.visit WHERE role = 'page' AND capture IS NOT NULL GROUP BY source) n
  ON n.source = e.source
ORDER BY e.source, p.last_visit DESC, p.url"""


class AnswerRow(TypedDict):
    """A row of ANSWERS: an answer for an entry, with its facts."""

    source: str
    entry: str
    capture: str
    first: str
    last: str
    asked_title: str
    url: str
    final_url: str
    status: int
    form: str
    title: str
    words: int
    lines: str  # JSON
    asked_in_title: float | None
    asked_in_text: float | None
    signs: str  # JSON


class Answer(TypedDict):
    """An answer as the step gets it."""

    capture: str
    last: str
    url: str
    final_url: str
    status: int
    form: str
    title: str
    words: int
    lines: dict[str, int]
    asked_in_title: float | None
    asked_in_text: float | None
    signs: list[str]
    others_here: int
    shared: float


class AnswersRow(TypedDict):
    """What the step reads: the answers for an entry, oldest first."""

    key: str
    input: str
    answers: list[Answer]


class RecentRow(TypedDict):
    """A row of TONIGHT: the newest answer for an entry, newest first in each source."""

    source: str
    kind: str
    why: str
    url: str
    last_visit: str
    tonight: int


def stage(config: Config) -> Stage:
    return Stage(
        name="judge",
        version=version_of("judge"),
        gather=gather,
        step=Address(module=__name__, function="build_step"),
        writes=(Writes(record=PageVerdict, owner="entry"),),
    )


def build_step() -> Step:
    """The step of the stage."""
    return judge_answers


def gather(work: Store) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """(entry, fingerprint, its answers) for all entries, one source after the other."""
    for _, rows in groupby(work.select(AnswerRow, ANSWERS), key=lambda row: row["source"]):
        answers = list(rows)
        others = Others(answers)
        for entry, own in groupby(answers, key=lambda row: row["entry"]):
            data = [others.compare(row) for row in own]
            yield entry, fingerprint(json.dumps(data, sort_keys=True)), {"answers": data}


class Others:
    """What the items of one source share."""

    def __init__(self, rows: Iterable[AnswerRow]) -> None:
        self._ended: dict[str, set[tuple[str, str]]] = defaultdict(set)  # final address -> items
        self._stands: dict[str, set[tuple[str, str]]] = defaultdict(set)  # line -> items
        for row in rows:
            item = _item(row)
            self._ended[_same(row["final_url"])].add(item)
            for line, _ in json.loads(row["lines"]):
                self._stands[line].add(item)

    def compare(self, row: AnswerRow) -> Answer:
        """An answer, with what other items share with it."""
        item, lines = _item(row), dict(json.loads(row["lines"]))
        total = sum(lines.values())
        # without titles, two addresses of one story cannot be told apart from two stories; three can
        least = 1 if item[0] else 2
        shared = sum(words for line, words in lines.items() if _count(self._stands[line], item) >= least)
        return Answer(
            capture=row["capture"], last=row["last"], url=row["url"], final_url=row["final_url"], status=row["status"],
            form=row["form"], title=row["title"], words=row["words"], lines=lines,
            asked_in_title=row["asked_in_title"], asked_in_text=row["asked_in_text"], signs=json.loads(row["signs"]),
            others_here=min(MOST_OTHERS, _count(self._ended[_same(row["final_url"])], item)),
            shared=round(shared / total, 1) if total else 0.0,
        )  # fmt: skip


def judge_answers(row: AnswersRow) -> Result:
    """All answers for an entry to one verdict on the newest."""
    pages: list[Answer] = []
    verdicts: dict[str, Verdict] = {}
    for answer in row["answers"]:
        verdict = judge(make_evidence(answer, pages[-1] if pages else None))
        verdicts[answer["capture"]] = verdict
        if verdict.kind == PAGE:
            pages.append(answer)
    newest = max(row["answers"], key=lambda answer: answer["last"])
    better = max(pages, key=lambda answer: answer["last"], default=None)
    verdict = verdicts[newest["capture"]]
    since = better["last"] if better else ""
    kept = PageVerdict(
        entry=row["key"], capture=newest["capture"], kind=verdict.kind, why=verdict.why,
        better=better["capture"] if better else None, better_at=better["last"] if better else None,
        worse=sum(answer["last"] > since for answer in row["answers"]),
    )  # fmt: skip
    return Done(records=(kept,))


def make_evidence(answer: Answer, before: Answer | None) -> Evidence:
    """What is known of an answer; `before` is the newest page before it."""
    return Evidence(
        status=answer["status"], asked=answer["url"], final=answer["final_url"], form=answer["form"],
        words=answer["words"], signs=frozenset(answer["signs"]), asked_in_title=answer["asked_in_title"],
        asked_in_text=answer["asked_in_text"], others_here=answer["others_here"], shared=answer["shared"],
        before=_look_back(answer, before) if before else None,
    )  # fmt: skip


def tell(night: Night) -> None:
    """Raise and close the issues."""
    tell_of_worse(night.work, night.run, night.config.extract.worse)


def tell_of_worse(work: Store, run: Run, least: int) -> None:
    """One issue for each source that gave `least` answers in a row, or in a night, that were no pages."""
    rows = work.select(RecentRow, TONIGHT)
    with work.writing():
        for source, own in groupby(rows, key=lambda row: row["source"]):
            recent = list(own)
            row_of_worse = _count_in_a_row(recent)
            tonight = [row for row in recent if row["tonight"]]
            worse = [row for row in tonight if row["kind"] != PAGE]
            if len(worse) >= least or row_of_worse >= least:
                said = worse if len(worse) >= least else recent[:row_of_worse]
                work.raise_issue(run, kind=KIND, subject=source, source=source, text=describe(said, len(tonight)))
            elif any(row["kind"] == PAGE for row in tonight):
                work.resolve_issues(run, kinds=[KIND], source=source)


def describe(worse: Sequence[RecentRow], asked: int) -> str:
    """One line for the operator: how many, what came, an example, what to do."""
    kinds = Counter(row["kind"] for row in worse)
    likely = kinds.most_common(1)[0][0]
    first = next(row for row in worse if row["kind"] == likely)
    came = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    what, advice = explain_kind(likely)
    return (
        f"{len(worse)} of {max(asked, len(worse))} answers are not the pages asked for ({came}); documents stay as they"
        f" were or are made of their list. Most likely {what}: {first['url']} ({first['why']}). {advice}"
    )


def _count_in_a_row(rows: Sequence[RecentRow]) -> int:
    kinds = [row["kind"] == PAGE for row in rows[:NEWEST]]
    return kinds.index(True) if True in kinds else len(kinds)


def _look_back(answer: Answer, before: Answer) -> Before:
    total = sum(before["lines"].values())
    kept = sum(words for line, words in before["lines"].items() if line in answer["lines"])
    return Before(
        words=before["words"], title_kept=share_of(before["title"], answer["title"]),
        text_kept=round(kept / total, 2) if total else 0.0,
    )  # fmt: skip


def _item(row: AnswerRow) -> tuple[str, str]:
    """An item of the source, as (title, address)."""
    return " ".join(row["asked_title"].casefold().split()), _same(row["url"])


def _count(items: set[tuple[str, str]], own: tuple[str, str]) -> int:
    """How many of the items are others: by address, and by title where there is one."""
    return len({url for title, url in items if url != own[1] and (title != own[0] or not title)})


def _same(url: str) -> str:
    return (clean_url(url) or url).partition("//")[2].removeprefix("www.").rstrip("/")

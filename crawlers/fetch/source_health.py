"""What is wrong with a source after its night, in one line for each kind of problem, and whether the source failed.

A source failed if none of its lists answered, if it broke, if robots.txt refuses us, or if it gave fewer entries than
`[expect]` says. More entries than expected, and lists that say they are incomplete (`list_partial`), should be looked
at but fail nothing. Pages that fail are reported together. A source whose lists were all held back at the host's
request is not judged. Empty fields are judged on documents (`crawlers.documents.coverage`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core.config import SourceFile
from crawlers.fetch.messages import SourceProblem

KINDS = (
    "source_dead", "list_failed", "feed_broken", "robots_refused", "expect_min", "expect_max", "page_failed",
    "page_refused", "crashed", "unfinished", "list_partial", "folded",
)  # fmt: skip
OF_PAGES = ("page_failed", "page_refused")  # stay open while such a page is still listed, asked for tonight or not


@dataclass(slots=True)
class Tally:
    """What a night brought from one source."""

    source: SourceFile
    due: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    waiting: int = 0
    entries: set[str] = field(default_factory=set)
    lists: Counter[str] = field(default_factory=Counter)
    pages_failed: list[str] = field(default_factory=list)  # "address: reason"
    pages_refused: list[str] = field(default_factory=list)
    troubles: list[SourceProblem] = field(default_factory=list)
    read: bool = False  # its lists were read; what is left are pages
    finished: bool = False

    @property
    def left(self) -> int:
        return max(0, self.due - self.done - self.skipped - self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: str
    text: str
    fatal: bool


def judge(tally: Tally, unfinished: str | None) -> list[Verdict]:
    """One verdict per kind of problem. `unfinished` says why the crawl ended early, if it did."""
    verdicts: dict[str, Verdict] = {}

    def say(kind: str, text: str, *, fatal: bool) -> None:
        before = verdicts.get(kind)
        verdicts[kind] = Verdict(
            kind=kind,
            text=f"{before.text}; {text}" if before else text,
            fatal=fatal or (before is not None and before.fatal),
        )

    lists, answered = tally.lists, tally.lists["fetched"] + tally.lists["unchanged"]
    asked = sum(lists.values())
    for trouble in tally.troubles:
        dead = trouble.kind == "list_failed" and not answered
        say("source_dead" if dead else trouble.kind, trouble.text, fatal=trouble.fatal)
    if not tally.finished:
        text = f"{tally.left} of {tally.due} requests were not made: {unfinished or 'the crawl ended early'}"
        say("unfinished", text, fatal=not tally.read or unfinished != TIME_OVER)
    if tally.pages_failed:
        say("page_failed", _summarise(tally.pages_failed, "failed"), fatal=False)
    if tally.pages_refused:
        say("page_refused", _summarise(tally.pages_refused, "refused"), fatal=False)
    if answered and tally.finished and lists["held"] == 0:
        _check_expectations(tally, say, whole=answered == asked and all(one.kind == "folded" for one in tally.troubles))
    return list(verdicts.values())


TIME_OVER = "the night's time (crawl.max_seconds) is over; the rest is asked for next night"


def _check_expectations(tally: Tally, say: object, *, whole: bool) -> None:
    assert callable(say)
    expect, found = tally.source.expect, len(tally.entries)
    if found < expect.entries.min and whole:
        say("expect_min", f"{found} entries, at least {expect.entries.min} are expected", fatal=True)
    if expect.entries.max is not None and found > expect.entries.max:
        say("expect_max", f"{found} entries, at most {expect.entries.max} are expected", fatal=False)


def _summarise(cases: list[str], what: str) -> str:
    more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
    return f"{len(cases)} {'page' if len(cases) == 1 else 'pages'} {what}: {cases[0]}{more}"

"""Runs checks in workers that may be killed, a few at a time, and turns failures into one line for the one who asked.

There are two workers: one fetches and parses pages, which hostile input can break or hold up; the other holds the
model, so that a bad page does not cost loading it again. `Checker.check` blocks until the answer is there. Whoever
comes while `WAITING` others wait has to come back later (`Busy`).

Nothing of a text is kept: not in a log, not on disk, not in a cache. A failure is logged by its kind alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType

from core import log
from core.config import Config
from core.errors import StemwireError, UsageError
from core.records import Json
from core.workers import Child, Failed, Limits
from publish.check.looking import Parts, Place, first_look, full_look, prepare

WAITING = 4  # checks that wait while one runs
MOST_TEXT = 200_000  # characters that are pasted; of these the reader reads as much as [nlp] max_chars says
PARSING = Limits(wall=30.0, cpu=20, memory=2 << 30, tasks=50)
READING = Limits(wall=60.0, cpu=60, memory=4 << 30, tasks=200)
_IDENTIFIER = re.compile(  # addresses that are an identifier and nothing to read
    r"https?://(?:(?:dx\.)?doi\.org/10\.|pubmed\.ncbi\.nlm\.nih\.gov/\d|(?:www\.)?clinicaltrials\.gov/)", re.IGNORECASE
)
_WORDS = {
    "cpu": "it took too much time to read", "timeout": "it took too long", "memory": "it needs too much memory to read",
    "died": "it could not be read", "raised": "it could not be read",
    "unready": "the reader could not be started; the operator should look at `pipeline.py doctor`",
}  # fmt: skip


class NotChecked(StemwireError):
    """A text that could not be checked; the message is for the one who gave it."""


class Busy(NotChecked):
    """Others are waiting already."""


class Checker:
    """Use it as a context manager, from any thread."""

    def __init__(self, config: Config, parts: Parts) -> None:
        self._config, self._parts = config, parts
        self._parsing: Child[Json] = Child(PARSING)
        self._reading: Child[Json] = Child(READING)
        self._turn = threading.Lock()
        self._waiting, self._count = 0, threading.Lock()

    def __enter__(self) -> Checker:
        self._parsing.__enter__()
        self._reading.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parsing.__exit__(kind, error, trace)
        self._reading.__exit__(kind, error, trace)

    def check(self, *, url: str = "", body: bytes = b"") -> Json:
        """What is known of a text, an address or a list. Raises NotChecked, Busy, UsageError (there is no edition)."""
        with self._in_turn():
            place = self._find_place()
            if _IDENTIFIER.match(url):
                url, body = "", url.encode()
            first = self._answer(self._parsing.run(first_look, self._parts, place, {"url": url, "body": body}))
            if first["kind"] == "list":
                return first
            outcomes = self._reading.map(
                full_look, [(self._parts, place, first["given"])], prepare=partial(prepare, self._parts, place)
            )
            return self._answer(next(outcomes))

    def warm_up(self) -> None:
        """Load the model before somebody asks. Without an edition there is nothing to load for."""
        try:
            with self._in_turn():
                place = self._find_place()
                list(self._reading.map(_nothing, [()], prepare=partial(prepare, self._parts, place)))
        except StemwireError as error:
            log.get_log(__name__).info("check_not_ready", reason=error.what)

    def _find_place(self) -> Place:
        current = self._config.editions / "current.db"
        if not current.exists():
            raise UsageError("there is no edition yet", where=str(current.parent), hint="pipeline.py publish makes one")
        return Place(edition=str(current.resolve()), site=self._config.site.url)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        with self._count:
            if self._waiting > WAITING:
                raise Busy("others are being checked", hint="try again in a minute")
            self._waiting += 1
        try:
            with self._turn:
                yield
        finally:
            with self._count:
                self._waiting -= 1

    def _answer(self, outcome: Json | Failed) -> Json:
        if not isinstance(outcome, Failed):
            return outcome
        if outcome.error is not None and outcome.kind == "raised":
            raise NotChecked(outcome.error.what, where=outcome.error.where, hint=outcome.error.hint)
        log.get_log(__name__).warning("check_failed", kind=outcome.kind)
        raise NotChecked(_WORDS[outcome.kind], hint="a shorter piece of plain text may work")


def _nothing() -> Json:
    return {}

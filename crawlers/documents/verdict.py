"""Whether an answer is the page that was asked for: page, or what came in its place.

A server that says 200 may give a check for robots, a page of consent, a form to sign in, "not found", the front page, a
notice of maintenance, or nothing. `judge` is a pure function of an `Evidence`. In order:

1. the answer itself: nothing in it, a part, a file that is no page, a header that says "challenge";
2. the address: the final one lost its path, carries the address that was asked for, is one for signing in, or is the
   final one of other items too;
3. the text: all of it is on pages of other items of the source;
4. what was asked for: neither titles nor text have the words of the title that the list gave, and something else is
   odd too (little text, no mark of an article, another host, noindex, a form, a phrase);
5. the better answer that came before: its text shrank to a fraction, and what is left is shared, a form or a phrase, or
   nothing of it is left here.

A page whose titles have the words of the list's title is a page in 2 to 4: that evidence is the strongest against them.
What came instead (`cause`) is named by forms and phrases; they are data (`verdict_signs.toml`), and never decide alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crawlers.addresses import COPY_HOST, clean_url, host_of

PAGE = "page"
KINDS = (PAGE, "challenge", "login", "wall", "missing", "home", "empty", "part", "maintenance", "file")

IN_TITLE = 0.34  # of the words of the list's title: as many in the page's titles, and it is the page asked for
IN_TEXT = 0.67  # as many anywhere in the page
ALL_SHARED = 0.8  # of the running text
SHARED = 0.5
LITTLE = 100  # words of a page that says nothing
NOTHING = 10  # words
FRACTION = 0.34  # of the text that came before

_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")
_FRONT = frozenset(("", "index", "index.html", "index.htm", "index.php", "index.asp", "index.aspx", "home", "main"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The newest answer before this one that was a page, as far as this one is like it."""

    words: int
    title_kept: float | None  # share of the words of its title that are in this one's
    text_kept: float  # share of its lines, by words, that are here too


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of an answer. Shares are 0 to 1; None where the list gave no title."""

    status: int
    asked: str  # address
    final: str  # address
    form: str  # empty | html | pdf | file | unread
    words: int
    signs: frozenset[str]  # of `crawlers.pages.facts`, and header: a challenge
    asked_in_title: float | None
    asked_in_text: float | None
    others_here: int = 0  # other items of the source whose answers came from the same final address
    shared: float = 0.0  # share of the running text that is on pages of other items
    before: Before | None = None

    @property
    def is_titled(self) -> bool:
        """Whether its titles name what was asked for, or what was here before."""
        kept = self.before.title_kept if self.before else None
        return (self.asked_in_title or 0) >= IN_TITLE or (kept or 0) >= SHARED

    @property
    def names_nothing(self) -> bool:
        """Whether there was something to look for, and neither titles nor text have it."""
        asked = self.asked_in_title is not None or (self.before is not None and self.before.title_kept is not None)
        return asked and not self.is_titled and (self.asked_in_text or 0) < IN_TEXT

    @property
    def is_elsewhere(self) -> bool:
        return _own_host(self.asked) != _own_host(self.final)

    @property
    def has_phrase(self) -> bool:
        return any(":" in sign for sign in self.signs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`why` is empty for a page."""

    kind: str
    why: str = ""


def judge(evidence: Evidence) -> Verdict:
    """What an answer is."""
    for rule in _RULES:
        verdict = rule(evidence)
        if verdict is not None:
            return verdict
    return Verdict(kind=PAGE)


def _look_at_answer(e: Evidence) -> Verdict | None:
    if e.form == "empty":
        return Verdict(kind="empty", why="the answer holds nothing")
    if e.status == 206:
        return Verdict(kind="part", why="the answer is a part (206)")
    if e.form == "file":
        return Verdict(kind="file", why="a file that is no page")
    if "header" in e.signs:
        return Verdict(kind="challenge", why="a header of the answer says so")
    if "marks" in e.signs and e.words < LITTLE and not e.is_titled:
        return Verdict(kind="challenge", why="the scripts of a challenge, and no text")
    return Verdict(kind=PAGE) if e.form in ("pdf", "unread") else None  # extract says what is wrong with it


def _look_at_address(e: Evidence) -> Verdict | None:
    if e.is_titled:
        return None
    if has_lost_path(e.asked, e.final):
        return Verdict(kind="home", why=f"it leads to the front page {e.final}")
    if carries(e.final, e.asked):
        return Verdict(kind=cause(e, "wall"), why=f"it leads to {_short(e.final)}, which leads back")
    for kind, words in load_signs()["addresses"].items():
        if _steps(e.final) & frozenset(words) and not _steps(e.asked) & frozenset(words):
            return Verdict(kind=kind, why=f"it leads to {_short(e.final)}")
    most = 0 if e.asked_in_title is not None else 1
    if e.others_here > most:
        return Verdict(kind=cause(e, "home"), why=f"other items lead to {_short(e.final)} too")
    return None


def _look_at_text(e: Evidence) -> Verdict | None:
    if e.words and e.shared >= ALL_SHARED and not e.is_titled and (e.asked_in_text or 0) < IN_TEXT:
        return Verdict(kind=cause(e, "missing"), why=f"{e.shared:.0%} of its text are on pages of other items")
    return None


def _look_for_title(e: Evidence) -> Verdict | None:
    if not e.names_nothing:
        return None
    odd = {
        "little text": e.words < LITTLE and "article" not in e.signs,
        "text of other pages": e.shared >= SHARED,
        "another host": e.is_elsewhere and "article" not in e.signs,
        "noindex": "noindex" in e.signs,
        "a form to sign in": "login" in e.signs and e.words < LITTLE,
        "a phrase": any(sign.startswith("title:") for sign in e.signs) and "article" not in e.signs,
        f"status {e.status}": e.status != 200,
    }
    found = [name for name, holds in odd.items() if holds]
    if not found:
        return None
    return Verdict(kind=cause(e, "missing"), why=f"it names nothing of what was asked for; {', '.join(found)}")


def _look_back(e: Evidence) -> Verdict | None:
    before = e.before
    if before is None or before.words < LITTLE // 2:
        return None
    if e.words < NOTHING:
        return Verdict(kind=cause(e, "empty"), why=f"{e.words} words of text, where {before.words} were")
    shrank = e.words < FRACTION * before.words
    if shrank and (e.shared >= SHARED or "login" in e.signs or "noindex" in e.signs or e.has_phrase):
        return Verdict(kind=cause(e, "wall"), why=f"{e.words} words of text, where {before.words} were")
    if not e.is_titled and before.text_kept == 0 and e.words < SHARED * before.words:
        return Verdict(kind=cause(e, "missing"), why="neither title nor text of the page that was here")
    return None


_RULES: tuple[Callable[[Evidence], Verdict | None], ...] = (
    _look_at_answer, _look_at_address, _look_at_text, _look_for_title, _look_back,
)  # fmt: skip


def cause(e: Evidence, otherwise: str) -> str:
    """What came instead, by its forms and phrases: those of a title before those of the text."""
    if "login" in e.signs:
        return "login"
    for place in ("title:", "text:"):
        kinds = [sign.removeprefix(place) for sign in sorted(e.signs) if sign.startswith(place)]
        if kinds:
            return kinds[0]
        if place == "title:" and e.signs & {"noscript", "marks"}:
            return "challenge"
    return "wall" if e.is_elsewhere and otherwise == "missing" else otherwise


def has_lost_path(asked: str, final: str) -> bool:
    """Whether a story's address led to a front page."""
    before, after = urlsplit(asked), urlsplit(final)
    return not _is_front(before.path, before.query) and _is_front(after.path, after.query)


def carries(final: str, asked: str) -> bool:
    """Whether an address has another one among its parameters, to lead back there."""
    query, back = unquote(urlsplit(final).query), urlsplit(asked)
    path = back.path.rstrip("/")
    return len(path) > 1 and clean_url(final) != clean_url(asked) and (
        f"{back.netloc}{path}" in query or any(part.partition("=")[2].startswith(path) for part in query.split("&"))
    )  # fmt: skip


@cache
def load_signs() -> dict[str, Any]:
    """`verdict_signs.toml`; `phrases` maps a kind to its words, in lower case."""
    said = tomllib.loads(Path(__file__).with_name("verdict_signs.toml").read_text("utf-8"))
    said["phrases"] = {kind: [word.casefold() for word in of["words"]] for kind, of in said["phrases"].items()}
    return said


def explain_kind(kind: str) -> tuple[str, str]:
    """(what it is, what to do), in words."""
    said = load_signs()["advice"][kind]
    return said["is"], said["do"]


def _is_front(path: str, query: str) -> bool:
    steps = [step for step in path.lower().split("/") if step not in _FRONT]
    return not query and (not steps or (len(steps) == 1 and _LANGUAGE.fullmatch(steps[0]) is not None))


def _steps(url: str) -> frozenset[str]:
    return frozenset(urlsplit(url).path.lower().strip("/").split("/"))


def _own_host(url: str) -> str:
    return COPY_HOST.sub("", host_of(url)).removeprefix("www.")


def _short(url: str) -> str:
    return url if len(url) <= 100 else f"{url[:99]}…"

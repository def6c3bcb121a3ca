"""Questions to an edition, asked by code that opens no database.

A function that needs rows is a generator: it yields an `Ask` and is sent the rows. So the site (`ask_later`) and the
letters (`ask_now`) run the same code. Many of them at once (`ask_together`) put what they ask for into one question.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the edition; the generator is sent its rows.

    `each`: the only parameter is a JSON list of this name, and this column of a row says for which of its items it is.
    """

    sql: str
    params: Mapping[str, object]
    each: tuple[str, str] | None = None


T = TypeVar("T")
Rows = Sequence[sqlite3.Row]
Steps = Generator[Ask, Rows, T]


def ask_now(steps: Steps[T], execute: Callable[[str, Mapping[str, object]], Rows]) -> T:
    """The result of steps whose questions are answered at once."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(execute(asked.sql, asked.params))
    except StopIteration as done:
        result: T = done.value
        return result


def ask_together(many: Sequence[Steps[T]], execute: Callable[[str, Mapping[str, object]], Rows]) -> list[T]:
    """The results of many steps. What several ask for of a list (`Ask.each`) is asked for once, for all of them."""
    results: dict[int, T] = {}
    answers: dict[int, Rows | None] = dict.fromkeys(range(len(many)))
    while answers:
        asks: dict[int, Ask] = {}
        for number, rows in answers.items():
            try:
                asks[number] = next(many[number]) if rows is None else many[number].send(rows)
            except StopIteration as done:
                results[number] = done.value
        answers = dict(_answer(asks, execute))
    return [results[number] for number in range(len(many))]


def _answer(
    asks: Mapping[int, Ask], execute: Callable[[str, Mapping[str, object]], Rows]
) -> Iterator[tuple[int, Rows]]:
    """The rows for each question, by its number."""
    lists: dict[tuple[str, tuple[str, str]], dict[int, list[str]]] = {}
    for number, ask in asks.items():
        if ask.each is None:
            yield number, execute(ask.sql, ask.params)
        else:
            lists.setdefault((ask.sql, ask.each), {})[number] = json.loads(str(ask.params[ask.each[0]]))
    for (sql, (name, column)), wanted in lists.items():
        items = sorted({item for some in wanted.values() for item in some})
        found: dict[str, list[sqlite3.Row]] = {}
        for row in execute(sql, {name: json.dumps(items, ensure_ascii=False)}):
            found.setdefault(row[column], []).append(row)
        for number, some in wanted.items():
            yield number, [row for item in some for row in found.get(item, ())]


async def ask_later(steps: Steps[T], execute: Callable[[str, Mapping[str, object]], Awaitable[Rows]]) -> T:
    """The same where answers have to be waited for."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(await execute(asked.sql, asked.params))
    except StopIteration as done:
        result: T = done.value
        return result

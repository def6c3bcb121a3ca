"""Cases of bytes -> records: one call of a function, or a recorded night, and what its result must contain.

A row has `call` (`of` names what is called) and `right`, a list of [path, op, value]. A path leads through fields,
keys and numbers ("entries.0.title"); `*` stands for every item of a list. For a night the path is an SQL query over
work.db, with raw.db attached as `raw`: its answer is one value, or a list where there are several.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.case_sets import Case, CaseError, Verdict, attempt, ours, rows_of, short
from bench.case_sets.nights import pipeline

FETCHED = "2026-11-22T03:00:00Z"  # when the inputs of these cases were fetched
CONFIG = """\
[paths]
data = "{folder}/data"
sources = "{folder}/sources"
editions = "{folder}/editions"

[crawl]
contact = "mailto:desk@stemwire.example"
delay = 0.0
retries = 0
max_seconds = {max_seconds}
"""


def is_mine(folder: Path) -> bool:
    """Whether the folder's cases have a call."""
    return any(isinstance(row.get("call"), dict) for row in rows_of(folder / "cases.jsonl"))


def read(folder: Path) -> list[Case]:
    """The cases of the folder."""
    return [Case(id=row["id"], kind=row["kind"], row=row) for row in rows_of(folder / "cases.jsonl")]


def judge(folder: Path, cases: Sequence[Case]) -> Iterator[Verdict]:
    """Run the cases in order."""
    for case in cases:
        check = _check_night if case.row["call"]["of"] == "night" else _check_call
        yield Verdict(case=case, wrong=attempt(check, folder, case.row))


def _check_call(folder: Path, row: Mapping[str, Any]) -> Iterator[str]:
    call = row["call"]
    if call["of"] not in CALLS:
        raise CaseError(f"there is no call for {call['of']!r}: one of {', '.join(CALLS)}")
    body = (folder / row["file"]).read_bytes() if row.get("file") else b""
    result = CALLS[call["of"]](call, gzip.decompress(body) if call.get("packed") else body)
    for path, op, wanted in row["right"]:
        got = value_at(result, path)
        if not holds(got, op, wanted):
            yield f"{path} is {short(got)}, wanted {op} {short(wanted)}"


def _index(call: Mapping[str, Any], body: bytes) -> Any:
    ((name, fields),) = call["rule"].items()
    task = ours("index task")(
        rule=ours(f"index rule {name}")(**fields), body=body, url=call["url"],
        content_type=call.get("content_type"), fetched=FETCHED,
    )  # fmt: skip
    return ours("index")(task)


def _page(call: Mapping[str, Any], body: bytes) -> Any:
    content_type = call.get("content_type", "text/html; charset=utf-8")
    return ours("page")(body, url=call["url"], content_type=content_type, fetched=FETCHED)


def _date(call: Mapping[str, Any], _body: bytes) -> Any:
    stamp = ours("date")(call["raw"], FETCHED)
    return {"day": stamp[:10] if stamp else None}


def _ids(call: Mapping[str, Any], _body: bytes) -> Any:
    return ours("ids")(call["url"])


def _works(call: Mapping[str, Any], _body: bytes) -> Any:
    """How many works a list of DOIs is, when each DOI is the only identifier of its entry."""
    claims = [
        ours("works claim")(entry=str(number), title="t", identifiers=(f"doi:{ours('doi')('doi', doi)}",))
        for number, doi in enumerate(call["dois"])
    ]
    work_of = ours("works")(claims).work
    return {"works": len({work_of[f"entry:{claim.entry}"] for claim in claims})}


CALLS: dict[str, Callable[[Mapping[str, Any], bytes], Any]] = {
    "index": _index, "page": _page, "date": _date, "ids": _ids, "works": _works,
}  # fmt: skip


def value_at(value: Any, path: str) -> Any:
    """What a path leads to. Raises LookupError or AttributeError where a record or list has no such part.

    >>> value_at({"entries": [{"title": "a"}, {"title": "b"}]}, "entries.*.title")
    ['a', 'b']
    """
    part, _, rest = path.partition(".")
    if not part:
        return value
    if part == "*":
        return [value_at(one, rest) for one in value]
    if isinstance(value, Mapping):
        return value_at(value.get(part), rest)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value_at(value[int(part)], rest)
    return value_at(getattr(value, part), rest)


def holds(got: Any, op: str, wanted: Any) -> bool:
    """Whether a value is as an operation wants it. Raises CaseError for an operation that does not exist."""
    if op not in OPS:
        raise CaseError(f"there is no operation {op!r}: one of {', '.join(OPS)}")
    return OPS[op](list(got) if isinstance(got, tuple) else got, wanted)


def _contains(got: Any, wanted: Any) -> bool:
    if not isinstance(got, str | list):
        got = json.dumps(got, ensure_ascii=False, default=_plain)
    return wanted in got


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be searched")


OPS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda got, wanted: bool(got == wanted),
    "ne": lambda got, wanted: bool(got != wanted),
    "in": lambda got, wanted: got in wanted,
    "contains": _contains,
    "lacks": lambda got, wanted: not _contains(got, wanted),
    "startswith": lambda got, wanted: str(got).startswith(wanted),
    "len": lambda got, wanted: len(got) == wanted,
    "min": lambda got, wanted: got is not None and bool(got >= wanted),
    "max": lambda got, wanted: got is not None and bool(got <= wanted),
}


def _check_night(folder: Path, row: Mapping[str, Any]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as temporary:
        config = prepare_night(folder, row["call"], Path(temporary))
        for stamp in row["call"]["nights"]:
            pipeline(config, "collect", "--recorded", f"{temporary}/recording", at=stamp)
            pipeline(config, "identify", at=stamp)
            pipeline(config, "extract", at=stamp)
        with closing(sqlite3.connect(f"{temporary}/data/work.db")) as work:
            work.execute("ATTACH ? AS raw", (f"{temporary}/data/raw.db",))
            for sql, op, wanted in row["right"]:
                got = _answer(work, sql)
                if not holds(got, op, wanted):
                    yield f"{sql} gives {short(got)}, wanted {op} {short(wanted)}"


def prepare_night(folder: Path, call: Mapping[str, Any], into: Path) -> Path:
    """Write sources, recording and config of a night; return the config's path."""
    for name in ("sources", "recording", "data"):
        (into / name).mkdir()
    for ident, toml in call["sources"].items():
        (into / "sources" / f"{ident}.toml").write_text(toml, "utf-8")
    lines = []
    for answer in call["index"]:
        if "file" in answer:
            name = Path(answer["file"]).name
            shutil.copyfile(folder / answer["file"], into / "recording" / name)
            answer = answer | {"file": name}
        lines.append(json.dumps(answer) + "\n")
    (into / "recording" / "index.jsonl").write_text("".join(lines), "utf-8")
    config = into / "config.toml"
    config.write_text(CONFIG.format(folder=into, max_seconds=float(call.get("max_seconds", 60))), "utf-8")
    return config


def _answer(work: sqlite3.Connection, sql: str) -> Any:
    """One value where the answer is one; else a list of values, or of lists where there are several columns."""
    found = [row[0] if len(row) == 1 else list(row) for row in work.execute(sql)]
    return found[0] if len(found) == 1 and not isinstance(found[0], list) else found

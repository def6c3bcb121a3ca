"""A wrong value of a stored row as a test that fails until the value is right.

A case is a file `NAME.toml` next to its input, the bytes as they were received:

- `input`, `call`: the file, and what is done with it. `page`: the stage extract reads it. `list`: the reader of lists
  finds the entry again (`native`), and extract makes its document of it;
- `field`, `check`, `right`: a field of the document and what is true of it when the fault is mended: it `is` the value,
  `holds` it somewhere or `lacks` it; `was`: what it was when the case was made;
- `source_file`: its rules are read as they are now, so a case passes when the source's file is mended, too. Where there
  is no such file, the rules of the day are used, which are in the row;
- `[row]`: the row as extract read it, without the input; `empty`: its columns that held nothing.

`run_case` calls the code of the stage itself: what a case gives is what the night would store.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import zstandard

from core.config import ROOT, Config, SourceFile, checked, load_toml
from core.errors import UsageError
from core.records import Document, Json
from core.replay import find_key
from core.stage import Done, load_row
from core.store import Store, as_row
from crawlers.documents import extract
from crawlers.documents.entry_row import EntryRow
from crawlers.lists.entries import make_entry
from crawlers.lists.model import ListTask, Rule
from crawlers.lists.read_list import read_list
from crawlers.lists.source_rules import ROLES, get_rules

CHECKS = ("is", "holds", "lacks")
RECORDED = "recorded"  # folder of tests/ that git ignores
TWINS = "pages_of_sources"  # folder of tests/ for the twins that we write
BYTES = {"body"}  # columns that are the input's, or follow from it
ENTRY = ("url", "title", "summary", "published", "published_raw", "authors", "identifiers", "extra")

DAYS = frozenset({"published"})  # fields of a document that hold a day
DAY = re.compile(r"\d{4}(?:-\d\d){0,2}(?:T.*)?")
OF_CAPTURE = """
SELECT entry FROM page WHERE capture = :id UNION SELECT entry FROM document WHERE capture = :id
UNION SELECT id FROM entry WHERE capture = :id"""
CAPTURE = "SELECT url, final_url, role, headers, body, fetched FROM raw.capture WHERE id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its file says it; `body` are the bytes of the input."""

    name: str
    source: str
    source_file: str
    call: str
    input: str
    body: bytes
    field: str
    check: str
    right: str
    was: str
    min_words: int
    row: Json
    entry: Json  # of the call `list`: role, rule, native, url, content_type, fetched


def make_case(config: Config, work: Store, ident: str, field: str, value: str, *, check: str, name: str) -> Case:
    """The case of a stored row. `ident` also names a capture. Raises UsageError, also when the value is right now."""
    if field not in {one.name for one in fields(Document)}:
        known = ", ".join(one.name for one in fields(Document))
        raise UsageError(f"a document has no field {field!r}", hint=f"known: {known}")
    if field in DAYS and check == "is" and value and not DAY.fullmatch(value):
        raise UsageError(f"{value!r} is not a day", hint=f"{field} is written YYYY-MM-DD, YYYY-MM or YYYY")
    stage = extract.stage(config)
    row = load_row(stage, work, find_key(stage, work, _entry_of(work, ident)))
    of_list = row["page_capture"] is None
    capture = work.one(CAPTURE, (row["page_capture"] or row["entry_capture"],))
    if capture is None:
        raise UsageError(f"no capture of {ident!r} is held", hint="was raw.db replaced?")
    headers = json.loads(capture["headers"])
    entry = {
        "role": capture["role"], "rule": capture["url"], "native": row["entry"].partition(":")[2],
        "url": capture["final_url"], "content_type": headers.get("content-type", ""), "fetched": capture["fetched"],
    }  # fmt: skip
    source_file = config.sources / f"{row['source']}.toml"
    case = Case(
        name=name or _name(row["url"] or row["entry"], field), source=row["source"],
        source_file=_relative(source_file), call="list" if of_list else "page",
        input=f"page{_suffix(entry['content_type'])}",
        body=zstandard.ZstdDecompressor().decompress(capture["body"], max_output_size=extract.MAX_PAGE),
        field=field, check=check, right=_normal(field, value), was="", min_words=config.extract.min_words,
        row={column: given for column, given in row.items() if column not in BYTES}, entry=entry if of_list else {},
    )  # fmt: skip
    case = replace(case, was=run_case(case))
    if is_right(case, case.was):
        raise UsageError(
            f"{field} is right already: {case.was[:80]!r}", hint="`replay extract ID` shows what is stored"
        )
    return case


def run_case(case: Case) -> str:
    """What the field is now; empty where extract makes no document. JSON fields as JSON text."""
    source = _source_of(case)
    row = {**dict.fromkeys(EntryRow.__annotations__), **case.row}  # a column may be younger than the case
    if source is not None:
        row["rules"] = source.rules
    if case.call == "page":
        row["body"] = zstandard.ZstdCompressor().compress(case.body)
    else:
        row |= {"body": None, **_read_entry(case, source)}
    result = extract.build_step(min_words=case.min_words)(row)
    records = result.records if isinstance(result, Done) else ()
    document = next((record for record in records if isinstance(record, Document)), None)
    value = as_row(document)[case.field] if document else None
    return "" if value is None else str(value)


def is_right(case: Case, value: str) -> bool:
    """Whether a value is what the case says of it."""
    if case.check == "is":
        return value == case.right
    return (case.right in value) == (case.check == "holds")


def find_cases(folder: Path) -> list[Path]:
    """The files of all cases under a folder."""
    return sorted(folder.rglob("*.toml"))


def load_case(path: Path) -> Case:
    """A case from its file."""
    said = tomllib.loads(path.read_text("utf-8"))
    row = {**dict.fromkeys(said.pop("empty"), None), **said.pop("row")}
    entry = said.pop("entry", {})
    return Case(name=path.stem, body=(path.parent / said["input"]).read_bytes(), row=row, entry=entry, **said)


def save_case(case: Case, folder: Path) -> Path:
    """Write `folder/NAME.toml` and its input. Raises UsageError when there is one of that name."""
    path = folder / f"{case.name}.toml"
    if path.exists():
        raise UsageError(f"there is a case {path}", hint="--name gives another name")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / case.input).write_bytes(case.body)
    path.write_text("\n".join(_lines(case)) + "\n", "utf-8")
    return path


def _lines(case: Case) -> Iterator[str]:
    yield f"# {case.field} of {case.row['url'] or case.row['entry']}; see crawlers/authoring/cases.py"
    for name in ("source", "source_file", "call", "input", "field", "check", "right", "was", "min_words"):
        yield f"{name} = {_toml(getattr(case, name))}"
    yield f"empty = {_toml([name for name, value in case.row.items() if value is None])}"
    for table in ("row", "entry"):
        if values := getattr(case, table):
            yield f"\n[{table}]"
            yield from (f"{name} = {_toml(value)}" for name, value in values.items() if value is not None)


def _toml(value: object) -> str:
    """JSON text is TOML, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry_of(work: Store, ident: str) -> str:
    """The id of the entry of a capture; any other name as it is."""
    found = [row["entry"] for row in work.rows(OF_CAPTURE, {"id": ident})]
    if len(found) > 1:
        raise UsageError(f"{len(found)} entries come from the capture {ident}", hint=f"name one, such as {found[0]}")
    return str(found[0]) if found else ident


def _source_of(case: Case) -> SourceFile | None:
    path = ROOT / case.source_file
    if not case.source_file or not path.is_file():
        return None
    return checked(SourceFile, {"id": path.stem, **load_toml(path)}, path)


def _read_entry(case: Case, source: SourceFile | None) -> Json:
    """What the list says of the entry now, as columns of the row. Raises UsageError when it is not there."""
    if source is None:
        raise UsageError(f"no file {case.source_file}: the rules of its list are there")
    said = case.entry
    rules: list[Rule] = [rule for rule in get_rules(source) if ROLES[type(rule)] == said["role"]]
    if not rules:
        raise UsageError(f"{case.source_file} has no [[{said['role']}]] any more")
    rule = next((rule for rule in rules if getattr(rule, "url", None) == said["rule"]), rules[0])
    task = ListTask(
        rule=rule, body=case.body, url=said["url"], content_type=said["content_type"] or None, fetched=said["fetched"]
    )
    for item in read_list(task).entries:
        if item.native == said["native"]:
            entry = as_row(make_entry(item, source, capture=case.row["entry_capture"], at=case.row["first_seen"]))
            return {name: entry[name] for name in ENTRY}
    raise UsageError(f"the list has no entry {said['native']!r} any more", hint="its native name may have changed")


def _normal(field: str, value: str) -> str:
    """A value as stored: JSON fields in the one way in which we write JSON."""
    kinds = {one.name: str(one.type) for one in fields(Document)}
    if not kinds[field].startswith(("tuple", "Json")):
        return value
    try:
        return json.dumps(cast(Any, json.loads(value)), ensure_ascii=False, sort_keys=True)
    except json.JSONDecodeError as error:
        raise UsageError(f"{field} takes JSON, not {value!r}", hint='as in \'["Ann Bell", "Cho Min-ji"]\'') from error


def _name(address: str, field: str) -> str:
    """The last part of an address and the field: `retina-sheet-published`, `view-do-no-118-title`."""
    parts = urlsplit(address)
    last = parts.path.rstrip("/").rpartition("/")[2]
    words = re.findall(r"[a-z0-9]+", f"{last} {parts.query if '.' in last or not last else ''}".lower())
    return "-".join([*words[-6:], field])


def _suffix(content_type: str) -> str:
    kinds = {"html": ".html", "xml": ".xml", "rss": ".xml", "atom": ".xml", "json": ".json"}
    return next((suffix for word, suffix in kinds.items() if word in content_type), ".html")


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()

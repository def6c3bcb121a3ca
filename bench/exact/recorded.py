"""What the sets of recorded answers share: truth and bodies from disk, and an answer or the error in its place.

A module of this folder is named after its set (`s23.py`) and has `rows(folder)`, which yields (field, expected, got,
where). `expected` is read from `ground-truth.json`, or from the recording by other means than the parser's; what is
not this interface's answer at all is expected to be refused (field `refused`). `got` that does not equal `expected` is
a difference.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawlers.lists.apis import ApiError
from crawlers.lists.model import ListResult

Row = tuple[str, object, object, str]
FETCHED = "2036-01-01T00:00:00Z"  # after every date that a recording may hold


def load_truth(folder: Path) -> Any:
    return json.loads((folder / "ground-truth.json").read_text("utf-8"))


def load_files(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The truth of each file with its bytes, in the order of the truth."""
    for item in load_truth(folder):
        yield item, load_body(folder / item["file"])


def load_body(path: Path) -> bytes:
    body = path.read_bytes()
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def answer(module: Any, body: bytes, url: str) -> ListResult | ApiError:
    try:
        index: ListResult = module.parse(body, url=url, fetched=FETCHED)
    except ApiError as error:
        return error
    return index


def letters(said: object) -> str:
    """Letters and digits only: what two ways of flattening markup must agree on."""
    plain = html.unescape(html.unescape(re.sub(r"<[^<>]*>", "", html.unescape(str(said or "")))))
    return re.sub(r"[\W_]+", "", re.sub(r"<[^<>]*>", "", plain).lower())

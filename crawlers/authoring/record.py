"""A recording of one source: its lists and some of its pages, as `--recorded` takes them (docs/architecture.md).

The source is asked as at night, in stores of its own. Every answer becomes a line of `index.jsonl`, in the order of
the requests: status, headers and a file with the body; of a redirect also the step to where the answer came from. What
was refused or did not answer has no line, and fails again when the recording is replayed. A folder that holds a
recording gets the answers of one more night.

An interface is asked for what changed since a day, so the addresses of its answers hold only on that day: replay such a
recording with `STEMWIRE_NOW` set to the time when it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from core.config import Config, SourceFile
from core.records import Json
from core.store import Store
from crawlers.authoring.trial_night import open_trial_night

LEFT = frozenset({  # headers of the way, not of the answer
    "connection", "content-encoding", "content-length", "date", "keep-alive", "set-cookie", "transfer-encoding", "vary",
})  # fmt: skip
SUFFIXES = {"html": ".html", "xml": ".xml", "rss": ".xml", "atom": ".xml", "json": ".json", "text/plain": ".txt"}
MAX_BODY = 64 * 2**20  # bytes

ANSWERS = """
SELECT v.url, v.role, v.status, c.final_url, c.headers, c.body, c.sha256
FROM visit v LEFT JOIN capture c ON c.id = v.capture
WHERE v.status IS NOT NULL ORDER BY v.rowid"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many answers and pages were saved, and why the source failed, if it did."""

    answers: int
    pages: int
    failed: str | None


def record(
    config: Config, source: SourceFile, folder: Path, *, pages: int, recorded: Path | None = None
) -> Recorded:  # fmt: skip
    """Save what a source answers. `recorded` asks a recording instead of the network."""
    with open_trial_night(config, recorded) as night:
        failed = night.collect(source, pages=pages)
        lines = list(_save(night.raw, folder))
    with (folder / "index.jsonl").open("a", encoding="utf-8") as index:
        index.writelines(json.dumps(line, ensure_ascii=False) + "\n" for _, line in lines)
    return Recorded(answers=len(lines), pages=sum(role == "page" for role, _ in lines), failed=failed)


def _save(raw: Store, folder: Path) -> Iterator[tuple[str, Json]]:
    """(role, line of the index) of every answer; bodies are written."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in raw.rows(ANSWERS):
        if row["body"] is None:
            yield row["role"], {"url": row["url"], "status": row["status"]}
            continue
        headers = {name: value for name, value in json.loads(row["headers"]).items() if name not in LEFT}
        name = f"{row['role']}-{row['sha256'][:12]}{_suffix(headers.get('content-type', ''))}"
        body = zstandard.ZstdDecompressor().decompress(row["body"], max_output_size=MAX_BODY)
        (folder / name).write_bytes(body)
        if row["final_url"] != row["url"]:
            yield "redirect", {"url": row["url"], "status": 302, "headers": {"location": row["final_url"]}}
        yield row["role"], {"url": row["final_url"], "status": row["status"], "headers": headers, "file": name}


def _suffix(content_type: str) -> str:
    return next((suffix for word, suffix in SUFFIXES.items() if word in content_type), ".bin")

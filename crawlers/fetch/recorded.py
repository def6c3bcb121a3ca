"""A night from a folder: answers come from a recording instead of the network, and everything else is the same code.

`index.jsonl` holds one answer a line:

    {"url": "https://a.example/feed", "status": 200, "headers": {"content-type": "text/xml"}, "file": "feed.xml"}

`file` is relative to the folder and may be left out (no body); with `"packed": "gzip"` it is unpacked first. With
`"match": "prefix"` the line answers every address that begins with `url` (the longest such line wins, after exact
ones). Several lines of one url are its answers on successive nights; the last one is repeated. An `etag` or
`last-modified` among the headers makes the answer a 304 when the request carries it. An address whose robots.txt is
not in the recording has none (404). Any other missing address fails, with that reason.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from core import clock
from core.errors import ConfigError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request

    from crawlers.fetch.history import History

KEYS = {"url", "status", "headers", "file", "match", "packed"}


class NotRecorded(IgnoreRequest):  # type: ignore[misc]
    """The recording holds no answer to this request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    url: str
    status: int
    headers: dict[str, str]
    file: str | None
    packed: bool


@dataclass(slots=True)
class Recording:
    """The index of a recording; bodies are read when they are asked for."""

    folder: Path
    exact: dict[str, list[Row]] = field(default_factory=dict)
    prefixes: dict[str, list[Row]] = field(default_factory=dict)

    def find_rows(self, url: str) -> tuple[str, bool, list[Row]] | None:
        """(the url of the lines, whether it is a prefix, the lines), or None."""
        if url in self.exact:
            return url, False, self.exact[url]
        hits = [prefix for prefix in self.prefixes if url.startswith(prefix)]
        best = max(hits, key=len, default=None)
        return None if best is None else (best, True, self.prefixes[best])

    def body_of(self, row: Row) -> bytes:
        """Raises NotRecorded when the file is not there or cannot be unpacked."""
        if row.file is None:
            return b""
        path = (self.folder / row.file).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise NotRecorded(f"{row.file} is outside the recording")
        try:
            body = path.read_bytes()
            return gzip.decompress(body) if row.packed else body
        except (OSError, EOFError, zlib.error) as error:
            raise NotRecorded(f"the recording's file {row.file} cannot be read ({error})") from error


def load_recording(folder: Path) -> Recording:
    """Raises ConfigError that names the line."""
    path = folder / "index.jsonl"
    recording = Recording(folder)
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "no readable index", where=str(path), hint="crawlers/fetch/recorded.py says how one is written"
        ) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            said = json.loads(line)
            unknown = set(said) - KEYS
            row = Row(
                url=str(said["url"]),
                status=int(said.get("status", 200)),
                headers={str(k).lower(): str(v) for k, v in said.get("headers", {}).items()},
                file=said.get("file"),
                packed=said.get("packed") == "gzip",
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError("not a line of a recording", where=where) from error
        if unknown:
            raise ConfigError(f"unknown key {', '.join(sorted(unknown))}", where=where, hint=f"known: {sorted(KEYS)}")
        table = recording.prefixes if said.get("match") == "prefix" else recording.exact
        table.setdefault(row.url, []).append(row)
    return recording


def find_answer(
    recording: Recording, state: History, url: str, asked: str, sent: dict[str, str], *, redirected: bool
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of tonight's answer. `asked` is the address before redirects. Raises NotRecorded.

    Scrapy escapes addresses; the recording may hold them unescaped.
    """
    spellings = [url, urldefrag(url).url] + ([] if redirected else [asked, urldefrag(asked).url])
    found = next((hit for spelling in spellings if (hit := recording.find_rows(spelling)) is not None), None)
    if found is None:
        if urlsplit(url).path == "/robots.txt":
            return 404, {}, b""
        raise NotRecorded(f"not in the recording: {url}")
    key, prefix, rows = found
    nights = state.count_nights(key, prefix=True) if prefix else state.count_nights(asked)
    row = rows[min(nights, len(rows) - 1)]
    if row.status == 200 and (
        ("etag" in row.headers and sent.get("if-none-match") == row.headers["etag"])
        or ("if-none-match" not in sent and sent.get("if-modified-since", "-") == row.headers.get("last-modified"))
    ):
        return 304, {k: v for k, v in row.headers.items() if k in ("etag", "last-modified")}, b""
    return row.status, row.headers, recording.body_of(row)


class RecordedHandler(BaseDownloadHandler):  # type: ignore[misc]
    """Scrapy's download handler for recordings, for http and https."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        spider = self.crawler.spider
        request.meta["began"] = clock.seconds()
        sent = {
            name: value.decode("latin-1")
            for name in ("if-none-match", "if-modified-since")
            if (value := request.headers.get(name))
        }
        status, headers, body = find_answer(
            spider.recording,
            spider.history,
            request.url,
            request.meta["asked"],
            sent,
            redirected="redirect_urls" in request.meta,
        )
        limit = request.meta.get("download_maxsize", self.max_size)
        if len(body) > limit:
            raise NotRecorded(f"{len(body)} bytes; the limit is {limit}")
        kind = responsetypes.from_args(headers=Headers(headers), url=request.url, body=body)
        return kind(url=request.url, status=status, headers=Headers(headers), body=body)

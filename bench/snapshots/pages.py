"""Pages of the served edition: fixed addresses first, then every link of the site, breadth first, up to a limit.

The site runs as a process of the checkout on loopback. Only `/` and some addresses that a reader types are fixed;
tables come from the edition's own list, all else is found by the links of pages that were read. A limit for each
kind of address (its first part, and whether it has a query) keeps one kind from using up the whole crawl.
"""

from __future__ import annotations

import html
import http.client
import re
import select
import socket
import subprocess
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from bench.snapshots.tables import Plain, Row, Table

MOST = 400
MOST_OF_A_KIND = 60
MOST_WITH_QUERY = 15
START_SECONDS = 300
FIXED = (
    "/", "/about", "/sources", "/search", "/stories", "/stories?all=1", "/trials", "/countries", "/promises",
    "/search?q=stem+cells", "/search?q=%22stem+cells%22+-review", "/search?q=%EC%84%B8%ED%8F%AC", "/search?q=a%22b",
    "/search?q=stem&sort=best", "/search?q=stem&page=2", "/search?q=contry:KR", "/search?q=", "/search.atom",
    "/search.atom?q=stem", "/stemwire", "/stemwire.json", "/-/metadata.json", "/nothing-here",
    "/document/no-such-000000000000",
)  # fmt: skip
_LINK = re.compile(r"""(?:href|src)=["']([^"']+)["']""")
_VARYING = re.compile(  # seconds of a query; the hidden column of a full-text index, which numbers its cursors
    r"""((?:Query|Queries) took |"query_ms": |class="col-search type-int">|"search": )[\d.]+"""
)
_STATIC = re.compile(r"(/static/[\w./-]+\?)\d+")  # when the file was checked out


def read_pages(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str], tables: Iterable[str], plain: Plain
) -> Table:
    """Serve with `command` plus `--port N` and read the pages. Raises RuntimeError if nothing is served."""
    with _served(command, cwd, env) as port:
        plain.replace(f"127.0.0.1:{port}", "<site>")
        rows = list(_crawl(port, tables, plain))
    return Table(name="pages", columns=("path", "status", "type", "location", "body"), rows=rows)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _served(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=cwd, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], 0.2)
    raise RuntimeError(f"the site did not start on port {port} (exit code {process.poll()})")


def _crawl(port: int, tables: Iterable[str], plain: Plain) -> Iterator[Row]:
    seeds = list(FIXED)
    for table in sorted(tables):
        seeds += [f"/stemwire/{quote(table)}", f"/stemwire/{quote(table)}.json?_shape=array&_size=2"]
    waiting, known = deque(seeds), set(seeds)
    kinds: Counter[tuple[str, bool]] = Counter()
    read = 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        while waiting and read < MOST:
            path = waiting.popleft()
            row, links = _read(connection, path, plain)
            read += 1
            yield row
            for link in links:
                kind = (urlsplit(link).path.split("/")[1], "?" in link)
                if link not in known and kinds[kind] < (MOST_WITH_QUERY if kind[1] else MOST_OF_A_KIND):
                    known.add(link)
                    kinds[kind] += 1
                    waiting.append(link)


def _read(connection: http.client.HTTPConnection, path: str, plain: Plain) -> tuple[Row, list[str]]:
    connection.request("GET", path, headers={"accept-encoding": "identity"})
    answer = connection.getresponse()
    kind, location, body = answer.getheader("content-type", ""), answer.getheader("location"), answer.read()
    text = body.decode("utf-8", "replace")
    links = [location] if location else []
    if kind.startswith("text/html"):
        links += [html.unescape(link) for link in _LINK.findall(text)]
    said = plain.text(_STATIC.sub(r"\g<1>0", _VARYING.sub(r"\g<1>0", text)))
    row: Row = {
        "path": plain.text(_STATIC.sub(r"\g<1>0", path)), "status": answer.status, "type": kind,
        "location": plain.text(location) if location else None, "body": said,
    }  # fmt: skip
    return row, [link for found in links if (link := _local(path, found, connection.port))]


def _local(path: str, link: str, port: int) -> str | None:
    """The path and query of a link to the site itself, else None."""
    try:
        parts = urlsplit(urldefrag(urljoin(f"http://127.0.0.1:{port}{path}", link)).url)
    except ValueError:
        return None
    if parts.scheme != "http" or parts.netloc != f"127.0.0.1:{port}":
        return None
    query = quote(parts.query, safe="/%:@!$&()*+,;=?~")
    return quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{query}" if query else "")

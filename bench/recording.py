"""A recorded night out of real feeds and pages: one source per publisher, answers by address.

Feeds of set 11 and the newest full snapshot of each feed of set 12 are answers of feeds; the pages of sets 01-04
and 06 are answers of pages, announced by a sitemap for each publisher; the texts of set 33 and the five seeds are
pages that `wrap.py` builds around them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from bench.measure import find_set
from bench.wrap import wrap_seeds

Row = dict[str, Any]


@dataclass
class Publisher:
    """What one source will be made of."""

    host: str
    kind: str = "news"
    feeds: list[tuple[str, Path, str]] = field(default_factory=list)  # address, file, content type
    pages: list[tuple[str, Path | str]] = field(default_factory=list)  # address, file or markup

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "_", self.host.lower()).strip("_") or "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    folder: Path  # newsroom/index.jsonl, sources/*.toml, config.toml
    publishers: int
    feeds: int
    pages: int


def make_recording(inputs: Path, folder: Path, only: Collection[str] = ()) -> Recording:
    """Write the recording, its sources and a config into `folder`; of the sources `only`, where some are named."""
    return write_recording([one for one in find_publishers(inputs) if not only or one.id in only], folder)


def find_publishers(inputs: Path) -> list[Publisher]:
    """All publishers of the sets, each once."""
    publishers: dict[str, Publisher] = {}
    for publisher in (*_feeds(inputs), *_snapshots(inputs), *_pages(inputs), *_releases(inputs), *_seeds(inputs)):
        known = publishers.setdefault(publisher.id, Publisher(host=publisher.host, kind=publisher.kind))
        known.feeds += publisher.feeds
        known.pages += publisher.pages
    return list(publishers.values())


def write_recording(publishers: Collection[Publisher], folder: Path) -> Recording:
    """Write answers, sources and a config for these publishers into `folder`."""
    newsroom, sources = folder / "newsroom", folder / "sources"
    (newsroom / "made").mkdir(parents=True, exist_ok=True)
    sources.mkdir(exist_ok=True)
    with (newsroom / "index.jsonl").open("w", encoding="utf-8") as index:
        for publisher in publishers:
            for row in _answers(publisher, newsroom):
                index.write(json.dumps(row, ensure_ascii=False) + "\n")
            (sources / f"{publisher.id}.toml").write_text(_source(publisher), "utf-8")
    (folder / "config.toml").write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\nmax_pages = 1000\nrevisit_hours = 0.0\n'
        f"[paths]\ndata = {json.dumps(str(folder / 'data'))}\nsources = {json.dumps(str(sources))}\n"
        f"editions = {json.dumps(str(folder / 'editions'))}\n",
        "utf-8",
    )
    return Recording(
        folder=folder,
        publishers=len(publishers),
        feeds=sum(len(p.feeds) for p in publishers),
        pages=sum(len({url for url, _ in p.pages}) for p in publishers),
    )


def _answers(publisher: Publisher, newsroom: Path) -> Iterator[Row]:
    for url, path, content_type in publisher.feeds:
        yield _row(url, path, content_type, newsroom)
    if not publisher.pages:
        return
    pages = dict(publisher.pages)
    listed = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in pages)
    made = f"made/{publisher.id}.sitemap.xml"
    (newsroom / made).write_text(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>', "utf-8"
    )
    yield {"url": _sitemap(publisher), "status": 200, "headers": {"content-type": "application/xml"}, "file": made}
    for number, (url, body) in enumerate(pages.items()):
        if isinstance(body, Path):
            yield _row(url, body, "text/html", newsroom)
            continue
        made = f"made/{publisher.id}.{number}.html"
        (newsroom / made).write_text(body, "utf-8")
        yield {"url": url, "status": 200, "headers": {"content-type": "text/html; charset=utf-8"}, "file": made}


def _row(url: str, path: Path, content_type: str, newsroom: Path) -> Row:
    """An answer with its bytes as they are; names of different folders do not meet."""
    copy = newsroom / "made" / f"{path.parent.parent.name}.{path.parent.name}.{path.name}"
    shutil.copyfile(path, copy)
    row = {"url": url, "status": 200, "headers": {"content-type": content_type}, "file": f"made/{copy.name}"}
    return {**row, "packed": "gzip"} if path.suffix == ".gz" else row


def _source(publisher: Publisher) -> str:
    lines = [
        f"name = {json.dumps(publisher.host, ensure_ascii=False)}",
        f'kind = "{publisher.kind}"',
        'about = "A publisher of the recorded night."',
        'licence = "headline-and-link"',
        "allow_private = true",
        *(f"[[feed]]\nurl = {json.dumps(url)}" for url, _, _ in publisher.feeds),
    ]
    if publisher.pages:
        lines.append(f"[[sitemap]]\nurl = {json.dumps(_sitemap(publisher))}")
    else:
        lines.append("[page]\nfetch = false")  # the recording holds no pages of these feeds
    return "\n".join(lines) + "\n"


def _sitemap(publisher: Publisher) -> str:
    return f"https://{publisher.host}/recorded-sitemap.xml"


def _truth(folder: Path) -> list[Row]:
    rows: list[Row] = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return rows


def _feeds(inputs: Path) -> Iterator[Publisher]:
    """Set 11, by the host that most of a feed's entries point to."""
    folder = find_set(inputs, "11")
    if folder is None:
        return
    for number, item in enumerate(_truth(folder)):
        entries = item.get("entries") or []
        hosts = Counter(host for entry in entries if (host := _host(entry.get("link"))))
        host = hosts.most_common(1)[0][0] if hosts else f"{item['origin'].split('/')[0].lower()}.example"
        host = f"feeds.{host}"  # apart from the publisher's pages: those of these feeds are not recorded
        doi = any(entry.get("doi") or entry.get("prism_doi") for entry in entries if isinstance(entry, dict))
        json_feed = item.get("root") == "jsonfeed"
        yield Publisher(
            host=host,
            kind="journal" if doi else "news",
            feeds=[
                (
                    f"https://{host}/recorded-feed-{number}{'.json' if json_feed else '.xml'}",
                    folder / item["file"],
                    "application/feed+json" if json_feed else "application/xml",
                )
            ],
        )


def _snapshots(inputs: Path) -> Iterator[Publisher]:
    """Set 12: the last snapshot of each feed that holds anything."""
    last: dict[str, Publisher] = {}
    for snapshot in find_snapshots(inputs):
        ((url, path, content_type),) = snapshot.feeds
        feed, _, _ = url.partition("?")
        last[feed] = replace(snapshot, feeds=[(feed, path, content_type)])
    yield from last.values()


def find_snapshots(inputs: Path) -> Iterator[Publisher]:
    """Set 12: every snapshot that holds anything, from the oldest on, at an address of its own."""
    folder = find_set(inputs, "12")
    for number, item in enumerate(_truth(folder) if folder else ()):
        if item.get("items") and folder:
            feed = item["feed"]
            host = f"{feed.split('.')[0]}.replay.example"
            yield Publisher(
                host=host,
                kind="preprint" if "rxiv" in feed else "journal",
                feeds=[(f"https://{host}/{feed}?snapshot={number}", folder / item["file"], "application/atom+xml")],
            )


def _pages(inputs: Path) -> Iterator[Publisher]:
    """Sets 01-04 and 06, by host."""
    for number in ("01", "02", "03", "04", "06"):
        folder = find_set(inputs, number)
        if folder is None:
            continue
        by_host: dict[str, list[tuple[str, Path | str]]] = defaultdict(list)
        for item in _truth(folder):
            url = item.get("url") or (item.get("metadata") or {}).get("url")
            if not url or not _host(url):
                url = f"https://set{number}.example/{quote(item['file'])}"
            by_host[_host(url) or ""].append((url.strip().split("#")[0], folder / item["file"]))
        for host, pages in by_host.items():
            yield Publisher(host=host, pages=pages)


def _releases(inputs: Path) -> Iterator[Publisher]:
    """Set 33: texts in plain pages."""
    folder = find_set(inputs, "33")
    if folder is None:
        return
    import gzip

    for number, item in enumerate(_truth(folder)):
        with gzip.open(folder / item["file"], "rt", encoding="utf-8") as file:
            text = json.load(file).get("text") or ""
        url = item.get("url") or ""
        if not _host(url):
            url = f"https://set33.example/{number}"
        day = str(item.get("publish_date") or "")[:10] or None
        yield Publisher(
            host=_host(url) or "",
            kind="press_release" if "release" in item["kind"] else "news",
            pages=[(url.split("#")[0], plain_page(item.get("title") or "", day, text))],
        )


def plain_page(title: str, day: str | None, text: str) -> str:
    """The markup that a text needs to be a page."""
    stamp = f'<meta property="article:published_time" content="{day}">' if day else ""
    body = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{stamp}</head>'
        f"<body><article><h1>{escape(title)}</h1>{body}</article></body></html>"
    )


def _seeds(inputs: Path) -> Iterator[Publisher]:
    """Set 00: the five documents, each in a page of the kind it came from."""
    folder = find_set(inputs, "00")
    if folder is None:
        return
    for seed in wrap_seeds(folder):
        yield Publisher(host=_host(seed.url) or "seeds.example", pages=[(seed.url, seed.page.decode("utf-8"))])


def _host(url: str | None) -> str | None:
    """The host of an http(s) address, or None."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:
        return None
    return host if parts.scheme in ("http", "https") and host and "." in host else None

"""Make `store-235f18d.tar.xz`: a data folder as commit 235f18d leaves it after one night over the bundled newsroom.

    git worktree add ../old 235f18d && ln -s "$PWD/.venv" ../old/.venv
    .venv/bin/python -m tests.upgrade.make_store ../old tests/upgrade/store-235f18d.tar.xz

Runs the old checkout's own `pipeline.py`. In order, it
1. lays out a folder: the shipped config.toml with other paths, the demo's sources without one (LATE is added on the
   second night, so that the second night has documents that are really new), and the demo's recording;
2. subscribes three addresses, then runs one recorded night against a mail relay on loopback. The relay takes the
   letters to two of them and puts off the third, so that the outbox holds a letter that still waits;
3. keeps the letters that the relay took and the feed that the old code serves of its edition;
4. shrinks the databases, and packs everything. A path of this machine inside any file is an error.

All texts in the archive are ours (demo/README.md).
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.publish.rig import Relay, Sink, free_port

FOLDER = "data/upgrade"  # inside the checkout; git ignores data/
LATE = "han_river.toml"
NIGHT = "2026-11-20T04:00:00Z"
SUBSCRIPTIONS = (  # address, query, how often
    ("news@reader.example", "kind:news", "--daily"),
    ("waits@reader.example", "retina", "--daily"),
    ("papers@reader.example", "kind:paper", "--weekly"),
)
PUT_OFF = {"waits@reader.example": "451 4.7.1 try again later"}
PORT = 2525  # of the relay in the packed config; a test puts its own there


def run(checkout: Path, *arguments: str, codes: tuple[int, ...] = (0,)) -> None:
    """One command of a checkout's pipeline, at NIGHT. Raises RuntimeError on another exit code."""
    command = [sys.executable, "pipeline.py", "--config", f"{FOLDER}/config.toml", *arguments]
    done = subprocess.run(command, cwd=checkout, env={**os.environ, "STEMWIRE_NOW": NIGHT}, check=False)
    if done.returncode not in codes:
        raise RuntimeError(f"{' '.join(arguments)}: exit code {done.returncode}")


@contextmanager
def serving(checkout: Path, config: str) -> Iterator[str]:
    """The site of a checkout while the block runs. Gives its address."""
    port = free_port()
    command = [sys.executable, "pipeline.py", "--config", config, "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        if not server.stdout.readline():  # it prints its address when it listens
            raise RuntimeError("the site did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()


def lay_out(checkout: Path) -> Path:
    """Config, sources and recording. Returns the folder."""
    folder = checkout / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(checkout / "demo" / "newsroom", folder / "newsroom")
    shutil.copytree(checkout / "demo" / "sources", folder / "sources")
    (folder / "late").mkdir()
    (folder / "sources" / LATE).rename(folder / "late" / LATE)
    text = (checkout / "config.toml").read_text("utf-8")
    for old, new in (
        ('data = "data" ', f'data = "{FOLDER}/data" '),
        ('sources = "crawlers/sources"', f'sources = "{FOLDER}/sources"'),
        ('editions = "datasette/editions"', f'editions = "{FOLDER}/editions"'),
        ("delay = 2.0 ", "delay = 0.0 "),
        ("port = 25\n", f"port = {PORT}\n"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    tomllib.loads(text)
    (folder / "config.toml").write_text(text, "utf-8")
    return folder


def fill(checkout: Path, folder: Path) -> None:
    """One night with letters; what was sent and served is kept as files."""
    config = folder / "config.toml"
    packed = config.read_text("utf-8")
    relay = Relay(by_recipient=PUT_OFF)
    with Sink(relay) as port:
        config.write_text(packed.replace(f"port = {PORT}\n", f"port = {port}\n"), "utf-8")
        for address, query, every in SUBSCRIPTIONS:
            run(checkout, "subscribe", address, query, every)
        run(checkout, "nightly", "--recorded", f"{FOLDER}/newsroom", codes=(1,))  # one source fails on purpose
    config.write_text(packed, "utf-8")
    (folder / "mail").mkdir()
    for number, wire in enumerate(relay.wire, 1):
        (folder / "mail" / f"{number:04d}.eml").write_bytes(wire)
    with serving(checkout, f"{FOLDER}/config.toml") as site, urlopen(f"{site}/search.atom") as answer:
        (folder / "feed.atom").write_bytes(answer.read())


def pack(folder: Path, archive: Path, never: tuple[bytes, ...]) -> None:
    """The folder as an archive without owners and times of files. Raises ValueError if a file holds one of `never`."""
    (folder / "data" / "night.lock").unlink()
    for path in sorted((folder / "data").glob("*.db")):
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("VACUUM")
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for path in sorted(folder.rglob("*")):
            info = tar.gettarinfo(path, path.relative_to(folder).as_posix())
            info.mtime, info.uid, info.gid, info.uname, info.gname = 0, 0, 0, "", ""
            if not info.isreg():
                tar.addfile(info)
                continue
            body = path.read_bytes()
            for word in never:
                if word in body:
                    raise ValueError(f"{info.name} holds {word.decode()}")
            tar.addfile(info, io.BytesIO(body))


def main(checkout: Path, archive: Path) -> None:
    folder = lay_out(checkout)
    fill(checkout, folder)
    pack(folder, archive, (bytes(checkout), bytes(Path.home()), bytes(Path.cwd())))
    print(f"{archive}: {archive.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())

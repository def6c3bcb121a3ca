"""The comparison of two states of the code: what varies between runs is not a difference, one changed word is."""

from __future__ import annotations

import os
import smtplib
import sqlite3
import subprocess
import sys
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from bench import same_rows
from bench.measure import ROOT
from bench.snapshots.mail import mail_server, mail_table
from bench.snapshots.nights import STILL, Night
from bench.snapshots.pages import read_pages
from bench.snapshots.store import Snapshot
from bench.snapshots.tables import Plain, Row, Table, read_tables

NIGHT = date(2026, 11, 22)
SITE = """
import argparse, http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = {
            "/": '<a href="/a?x=1"> <a href="https://elsewhere.example/"> <a href="//["> <img src="/static/s.css?17">',
            "/a?x=1": f"<p>on {self.headers['host']}, 22 November 2026, 03:59 UTC. Queries took 3.1ms",
        }.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write((body or "none").encode())
    def log_message(self, *arguments):
        pass
parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
http.server.HTTPServer(("127.0.0.1", parser.parse_args().port), Page).serve_forever()
"""


def database(path: Path, *statements: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path


def snapshot(folder: Path, *statements: str, pages: tuple[tuple[str, str], ...] = ()) -> Path:
    """A snapshot of one night: the tables that the statements make, and pages of (path, body)."""
    plain = Plain([NIGHT])
    plain.replace(str(folder), "<folder>")
    tables = list(read_tables(database(folder / "work.db", *statements), "work", plain))
    rows: list[Row] = [
        {"path": p, "status": 200, "type": "text/html", "location": None, "body": body} for p, body in pages
    ]
    tables.append(Table(name="pages", columns=("path", "status", "type", "location", "body"), rows=rows))
    made = Snapshot(folder / "x.json", {"commit": "x"})
    made.begin()
    made.add(Night(set="small", number=1, tables=tables))
    return made.path


def report(folder: Path, stamp: str, seconds: float, word: str = "stem") -> Path:
    return snapshot(
        folder,
        "CREATE TABLE report (run TEXT, at TEXT, place TEXT, seconds REAL, word TEXT)",
        f"INSERT INTO report VALUES ('20261122T{stamp.replace(':', '')}Z-1', '2026-11-22T{stamp}Z',"
        f" '{folder}/data', {seconds}, '{word}')",
    )


def test_times_folders_and_durations_are_no_difference(tmp_path: Path) -> None:
    one, two = report(tmp_path / "a", "03:00:01", 1.5), report(tmp_path / "b", "03:07:59", 2.5)
    assert same_rows.main(["compare", str(one), str(two)]) == 0


def test_a_time_outside_of_the_night_is_a_difference(tmp_path: Path) -> None:
    one, two = report(tmp_path / "a", "11:00:01", 1.5), report(tmp_path / "b", "11:00:02", 1.5)
    assert same_rows.main(["compare", str(one), str(two)]) == 1


def test_one_changed_word_is_found_and_its_column_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = report(tmp_path / "a", "03:00:01", 1.5), report(tmp_path / "b", "03:00:01", 1.5, word="stems")
    assert same_rows.main(["compare", str(one), str(two)]) == 1
    said = capsys.readouterr().out
    assert "differs    small/1      work.report" in said
    assert "columns that differ: word" in said


OLD = ("CREATE TABLE kin (id TEXT, against TEXT, how TEXT)", "INSERT INTO kin VALUES ('d1', 'h1', 'same')")
NEW = (
    "CREATE TABLE near_duplicate (how TEXT, id TEXT, other_hash TEXT)",
    "INSERT INTO near_duplicate VALUES ('copy', 'd1', 'h1')",
    "CREATE VIEW kin AS SELECT id, other_hash AS against, how FROM near_duplicate",
)
MAP = """
[tables]
kin = "near_duplicate"
[columns.kin]
against = "other_hash"
[values."kin.how"]
same = "copy"
[pages]
"/kin/*" = "/near-duplicates/*"
[text]
"kin of" = "near-duplicates of"
"""


def renamed(tmp_path: Path) -> tuple[str, str, str]:
    one = snapshot(tmp_path / "a", *OLD, pages=(("/kin/d1", "kin of d1"),))
    two = snapshot(tmp_path / "b", *NEW, pages=(("/near-duplicates/d1", "near-duplicates of d1"),))
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    return str(one), str(two), str(tmp_path / "map.toml")


def test_renamed_tables_columns_values_and_pages_are_equal_by_the_map(tmp_path: Path) -> None:
    one, two, names = renamed(tmp_path)
    assert same_rows.main(["compare", one, two, "--map", names]) == 0


@pytest.mark.parametrize("line", [line for line in MAP.splitlines() if "=" in line])
def test_each_line_of_the_map_is_needed(tmp_path: Path, line: str) -> None:
    one, two, names = renamed(tmp_path)
    Path(names).write_text(MAP.replace(line, ""), "utf-8")
    assert same_rows.main(["compare", one, two, "--map", names]) == 1


def test_an_unknown_section_of_the_map_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, names = renamed(tmp_path)
    Path(names).write_text("[colums]\n", "utf-8")
    assert same_rows.main(["compare", one, two, "--map", names]) == 2
    assert "unknown section colums" in capsys.readouterr().err


def test_ignored_tables_columns_and_pages_are_left_out(tmp_path: Path) -> None:
    one, two, names = renamed(tmp_path)
    Path(names).write_text(
        '[tables]\nkin = "near_duplicate"\n[ignore]\ncolumns = ["*.how", "*.against", "*.other_hash"]\npages = ["*"]\n',
        "utf-8",
    )
    assert same_rows.main(["compare", one, two, "--map", names]) == 0


def test_a_full_text_index_without_texts_is_compared_by_its_terms(tmp_path: Path) -> None:
    index = "CREATE VIRTUAL TABLE search USING fts5(body, content = '')"
    made = [
        snapshot(tmp_path / name, index, f"INSERT INTO search (rowid, body) VALUES (1, '{body}')")
        for name, body in (("a", "neural crest"), ("b", "neural crest"), ("c", "neural tube"))
    ]
    assert same_rows.main(["compare", str(made[0]), str(made[1])]) == 0
    assert same_rows.main(["compare", str(made[0]), str(made[2])]) == 1


def test_pages_are_found_by_links_and_read_without_port_and_times(tmp_path: Path) -> None:
    (tmp_path / "site.py").write_text(SITE, "utf-8")
    command = [sys.executable, str(tmp_path / "site.py")]
    pages = read_pages(command, tmp_path, dict(os.environ), ["document"], Plain([NIGHT]))
    by_path = {str(row["path"]): row for row in pages.rows}
    assert by_path["/a?x=1"]["body"] == "<p>on <site>, <night>. Queries took 0ms"
    assert "/static/s.css?0" in by_path and "/static/s.css?0" in str(by_path["/"]["body"])
    assert by_path["/stemwire/document"]["status"] == 404
    assert not [path for path in by_path if "elsewhere" in path]


def test_a_site_that_ends_at_once_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        read_pages([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, dict(os.environ), [], Plain([NIGHT]))


def test_mails_are_rows_without_their_boundary() -> None:
    tables = []
    with mail_server() as (port, inbox):
        for minute in ("03:00:01", "03:09:59"):
            message = EmailMessage()
            message["Subject"], message["Date"] = "New", f"Sun, 22 Nov 2026 {minute} +0000"
            message.set_content("Two new documents")
            message.add_alternative("<p>Two new documents</p>", subtype="html")
            with smtplib.SMTP("127.0.0.1", port) as server:
                server.send_message(message, "desk@example.org", ["ann@example.org"])
            tables.append(mail_table(inbox.take(), Plain([NIGHT])))
    assert tables[0].rows == tables[1].rows
    assert "Two new documents" in str(tables[0].rows[0]["parts"])
    assert "Sun, 22 Nov" not in str(tables[0].rows[0]["headers"])


def test_the_clock_of_a_night_stands_still() -> None:
    env = {**os.environ, "STEMWIRE_NOW": "2026-11-22T03:00:00Z", "PYTHONPATH": str(STILL)}
    program = "from core import clock; print({(clock.now().isoformat(), clock.seconds()) for _ in range(1000)})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "{('2026-11-22T03:00:00+00:00', 0.0)}\n"

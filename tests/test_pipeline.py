"""The command line: exit codes, one clear line each, and one run at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from core.store import open_store

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A config of its own, with no sources yet."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "newsroom").mkdir()
    (tmp_path / "newsroom" / "index.jsonl").write_text("", "utf-8")
    (tmp_path / "config.toml").write_text(
        '[crawl]\ncontact = "mailto:desk@stemwire.example"\n'
        f'[paths]\ndata = "{tmp_path}/data"\nsources = "{tmp_path}/sources"\neditions = "{tmp_path}/editions"\n',
        "utf-8",
    )
    return tmp_path


def run(installation: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "pipeline.py", "--config", str(installation / "config.toml"), *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


@pytest.mark.parametrize(("old", "new"), [("kin", "duplicates"), ("standing", "retractions")])
def test_a_renamed_command_names_the_new_one(installation: Path, old: str, new: str) -> None:
    done = run(installation, old, "--json")
    assert done.returncode == 2 and done.stdout == ""
    assert one_line(done.stderr).startswith(f"stemwire: `{old}` is now `{new}`")
    assert run(installation, new, "--json").returncode == 0


MICE = (
    "Cells from teeth mend torn nerves\n\nStem cells from teeth were put on the torn nerves of 48 mice at Konkuk"
    " University. The nerves of the mice grew back faster than in untreated animals.\n"
)


def test_a_wrong_setting_is_exit_2_and_one_line(installation: Path) -> None:
    with (installation / "config.toml").open("a") as file:
        file.write('editons = "x"\n')
    done = run(installation, "status")
    assert done.returncode == 2
    assert "paths.editons: unknown key (known: corrections, data, editions, sources)" in one_line(done.stderr)


def test_a_missing_config_is_exit_2(installation: Path) -> None:
    (installation / "config.toml").unlink()
    done = run(installation, "status")
    assert done.returncode == 2 and "no such file" in one_line(done.stderr)


def test_a_second_run_at_the_same_time_is_exit_75(installation: Path) -> None:
    (installation / "data").mkdir()
    with FileLock(installation / "data" / "night.lock"):
        done = run(installation, "nightly", "--recorded", str(installation / "newsroom"))
    assert done.returncode == 75 and "another run holds the lock" in one_line(done.stderr)


def test_an_unknown_record_or_source_is_exit_2(installation: Path) -> None:
    with open_store(installation / "data" / "raw.db", "raw"):
        pass
    for arguments in (("explain", "doi:10.1/none"), ("collect", "--source", "nobody")):
        done = run(installation, *arguments)
        assert done.returncode == 2, done.stderr
        assert "no such source: nobody" in done.stderr or "no document, entry or address" in done.stderr


def test_a_damaged_database_is_one_line_that_says_what_to_do(installation: Path) -> None:
    (installation / "data").mkdir()
    (installation / "data" / "work.db").write_bytes(
        b"not a database at all, but long enough to be read as a header" * 40
    )
    done = run(installation, "status")
    assert done.returncode == 1
    assert "the file is damaged" in one_line(done.stderr) and "rebuild" in done.stderr


def test_a_broken_source_file_is_named_and_the_night_ends_with_1(installation: Path) -> None:
    (installation / "sources" / "odd.toml").write_text('nam = "x"\n', "utf-8")
    done = run(installation, "collect", "--recorded", str(installation / "newsroom"), "--json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert "odd" in said["failed_sources"] and "nam: unknown key" in said["failed_sources"]["odd"]
    listed = run(installation, "status", "--json")
    issues = [json.loads(line)["issue"] for line in listed.stdout.splitlines() if "issue" in json.loads(line)]
    assert [issue["kind"] for issue in issues] == ["source_file"]


def test_no_disk_is_one_line_and_loses_nothing(installation: Path) -> None:
    with open_store(installation / "data" / "work.db", "work"):
        pass
    code = (
        "import shutil, collections, runpy, sys\n"
        "usage = collections.namedtuple('usage', 'total used free')\n"
        "shutil.disk_usage = lambda path: usage(1, 1, 1024)\n"
        "sys.argv[0] = 'pipeline.py'\n"
        "runpy.run_path('pipeline.py', run_name='__main__')\n"
    )
    command = [sys.executable, "-c", code, "--config", str(installation / "config.toml"), "collect"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "left on the disk" in one_line(done.stderr) and "nothing was lost" in done.stderr


def test_the_doctor_finds_a_healthy_installation(installation: Path) -> None:
    done = run(installation, "doctor")
    assert done.returncode == 0, done.stdout
    assert "import datasette finds the library" in done.stdout


def test_a_text_and_a_page_are_read_without_a_database(installation: Path) -> None:
    text = "Konkuk University made neural crest cells; the study stands in Acta Neuropathologica."
    (installation / "note.txt").write_text(text, "utf-8")
    body = f"<h1>Cells for nerves at last</h1><p>{text} {text.replace('made', 'kept')}</p>"
    (installation / "page.html").write_text(f"<!DOCTYPE html><html><body>{body}</body></html>", "utf-8")
    (installation / "empty.txt").write_text("", "utf-8")
    done = run(
        installation, "read", *(str(installation / name) for name in ("note.txt", "page.html", "empty.txt")), "--json"
    )
    assert done.returncode == 0, done.stderr
    note, read, empty = (json.loads(line) for line in done.stdout.splitlines())
    assert (note["doc"], read["doc"], empty["mentions"]) == ("note", "page", [])
    assert read["title"] == "Cells for nerves at last"
    found = {(m["type"], m["surface"], m["concept"]) for m in note["mentions"]}
    assert {
        ("INSTITUTION", "Konkuk University", "ROR:025h1m602"),
        ("CELL_TYPE", "neural crest cells", "CL:0011012"),
    } <= found
    assert all(text[m["start"] : m["end"]] == m["surface"] and m["why"] for m in note["mentions"])
    assert not (installation / "data").exists()
    assert set(note["labels"]) >= {
        "source_kind", "evidence_stage", "species", "relevant_to_stem_cells", "countries_of_work", "therapy",
        "only_in_animals", "translated", "marketing",
    }  # fmt: skip
    (installation / "mice.txt").write_text(MICE, "utf-8")
    (mice,) = map(json.loads, run(installation, "read", str(installation / "mice.txt"), "--json").stdout.splitlines())
    assert (mice["labels"]["species"], mice["labels"]["only_in_animals"]) == (["mouse"], True)
    assert [(f["value"], f["subject"]) for f in mice["figures"]] == [(48.0, "mice")]
    assert all("48" in MICE[f["start"] : f["end"]] for f in mice["figures"])
    shown = run(installation, "read", str(installation / "note.txt"))
    assert "Acta Neuropathologica" in shown.stdout and "journal:acta-neuropathologica" in shown.stdout

"""The plan of the house, checked on its source. Standard library only; nothing of ours is imported here."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {"core": set(), "crawlers": {"core"}, "nlp": {"core"}, "publish": {"core"}}
OWNERS = {  # library -> the only room that may import it
    "scrapy": "crawlers", "twisted": "crawlers", "feedparser": "crawlers", "lxml": "crawlers", "parsel": "crawlers",
    "trafilatura": "crawlers", "htmldate": "crawlers", "courlan": "crawlers", "protego": "crawlers",
    "spacy": "nlp", "sklearn": "nlp", "numpy": "nlp", "ahocorasick_rs": "nlp",
    "datasette": "publish", "jinja2": "publish", "uvicorn": "publish", "smtplib": "publish",
}  # fmt: skip
FOLDERS = {*ROOMS, "datasette", "demo", "tests", "bench", "docs", "data"}
PLUGIN_MAY = {"core", "publish"}  # one query language for site and digests: docs/decisions.md
VAGUE = {"utils", "util", "helpers", "misc", "common", "tools", "stuff"}
NOVEL = 400  # lines
LONG = {  # module -> why it may be longer
    "core/records.py": "one class per table: a catalogue, not a novel",
    "pipeline.py": "one short function per command; a list",
}


def modules(room: str) -> list[Path]:
    return sorted(p for p in (ROOT / room).rglob("*.py") if "__pycache__" not in p.parts)


def imports(path: Path) -> list[tuple[str, int]]:
    """Every imported module with its line; relative ones do not exist here."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found.append((node.module or "", node.lineno))
    return found


def broken_layers(path: Path, room: str) -> list[str]:
    """Imports that point up or sideways, and libraries out of their room."""
    bad = []
    for name, line in imports(path):
        top = name.split(".")[0]
        if top in ROOMS and top != room and top not in ROOMS[room]:
            bad.append(f"{path}:{line}: {room} imports {top}")
        if top == "pipeline":
            bad.append(f"{path}:{line}: {room} imports pipeline")
        owner = OWNERS.get(top)
        if owner and owner != room:
            bad.append(f"{path}:{line}: {top} belongs to {owner}")
    return bad


def time_askers(path: Path) -> list[str]:
    """Calls that ask the clock: datetime.now(), time.time(), date.today() …"""
    asked = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if (name, node.func.attr) in asked:
                found.append(f"{path}:{node.lineno}: asks the time")
    return found


def broad_excepts(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            kinds = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
            names = [kind.id if isinstance(kind, ast.Name) else "" for kind in kinds if kind is not None]
            reraises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            if (node.type is None or {"Exception", "BaseException"} & set(names)) and not reraises:
                found.append(f"{path.name}:{node.lineno}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_down_and_libraries_stay_in_their_room(room):
    bad = [line for path in modules(room) for line in broken_layers(path, room)]
    assert not bad, "\n".join(bad)


def test_the_site_imports_only_the_library_and_what_it_shares_with_the_digest():
    bad = []
    for path in modules("datasette"):
        for name, line in imports(path):
            top = name.split(".")[0]
            if top in {*ROOMS, "pipeline"} - PLUGIN_MAY:
                bad.append(f"{path}:{line}: a plugin imports {name}")
    assert not bad, "\n".join(bad)


def test_datasette_is_a_folder_of_data():
    assert not list((ROOT / "datasette").glob("*.py")), "a .py directly in datasette/ can shadow the library"
    assert not list((ROOT / "datasette").rglob("test_*.py"))
    code = "import datasette, datasette.app; print(datasette.__file__)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "site-packages" in run.stdout


def test_every_top_level_folder_is_declared():
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert folders <= FOLDERS, folders - FOLDERS


def test_the_stair_is_light():
    heavy = {"scrapy", "spacy", "sklearn", "datasette", "trafilatura", "uvicorn"}
    code = f"import sys, pipeline; print(sorted({heavy!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_only_the_clock_asks_the_time():
    paths = [p for room in ROOMS for p in modules(room)] + [ROOT / "pipeline.py"]
    bad = [line for path in paths if path != ROOT / "core" / "clock.py" for line in time_askers(path)]
    assert not bad, "\n".join(bad)


def test_two_broad_excepts_in_the_whole_house():
    paths = [p for room in ROOMS for p in modules(room)] + [ROOT / "pipeline.py"]
    found = [(path.relative_to(ROOT).as_posix(), place) for path in paths for place in broad_excepts(path)]
    assert sorted({path for path, _ in found}) == ["core/stage.py", "pipeline.py"], found
    assert len(found) == 2, found


def test_no_vague_names_and_no_novels():
    for path in [p for room in ROOMS for p in modules(room)] + [ROOT / "pipeline.py"]:
        assert path.stem not in VAGUE and path.parent.name not in VAGUE, path
        name = path.relative_to(ROOT).as_posix()
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= NOVEL or name in LONG, f"{name} has {lines} lines: look again, or say why in LONG"


def test_every_module_says_what_it_knows():
    silent = [
        path for room in ROOMS for path in modules(room) if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent, silent


def test_tests_are_no_package():
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_nothing_tracked_names_a_package_index_or_a_path_of_one_machine():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    words = ["--index" + "-url", "--extra-index" + "-url", "find" + "-links", "/work/" + "main", "/home/" + "user"]
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".tsv", ".png", ".gz"} or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        for word in words:
            assert word not in text, f"{name} holds {word}"


@pytest.mark.parametrize(
    ("look", "source"),
    [
        (lambda p: broken_layers(p, "crawlers"), "from nlp import entities"),
        (lambda p: broken_layers(p, "nlp"), "import scrapy"),
        (lambda p: broken_layers(p, "core"), "from publish import site"),
        (time_askers, "from datetime import datetime\ndatetime.now()"),
        (broad_excepts, "try:\n    x\nexcept Exception:\n    pass"),
    ],
)
def test_the_looks_see_what_they_look_for(tmp_path, look, source):
    path = tmp_path / "seeded.py"
    path.write_text(source, "utf-8")
    assert look(path)

"""The plan of the packages, checked on their source. Standard library only; no package of the project is imported here.

Every top-level folder that holds code is declared in `PACKAGES` with what it may import; an undeclared one fails.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick  # git and two short imports in processes of their own
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {  # package -> what it may import besides itself; lists every top-level folder with code
    "core": set(),
    "crawlers": {"core"},
    "nlp": {"core"},
    "relations": {"core"},
    "publish": {"core"},
    "training": {"core", "nlp", "relations", "publish", "bench"},
    "bench": {"core", "crawlers", "nlp", "relations", "publish", "training", "pipeline"},
    "datasette": {"core", "publish"},
    "tests": {"core", "crawlers", "nlp", "relations", "publish", "training", "bench", "pipeline"},
}
SUBPACKAGES: dict[str, dict[str, set[str]]] = {  # package -> subpackage -> the subpackages it may import
    "crawlers": {
        "pages": set(),
        "lists": set(),
        "fetch": {"lists"},
        "documents": {"fetch", "lists", "pages"},
        "authoring": {"documents", "fetch", "lists", "pages"},
    },
    "publish": {
        "search": set(),
        "edition": {"search"},
        "pages": {"edition", "search"},
        "letters": {"search"},
        "check": {"edition", "search"},
        "": {"edition", "pages"},  # publish/stage.py
    },
}  # modules directly in a package ("") serve all its subpackages and import only what is said here
NIGHTLY = ("core", "crawlers", "nlp", "relations", "publish", "datasette")  # what runs at night, or answers readers
FOLDERS = {*PACKAGES, "demo", "docs", "data"}
OWNERS = {  # library -> the packages of NIGHTLY that may import it
    "scrapy": {"crawlers"}, "twisted": {"crawlers"}, "feedparser": {"crawlers"}, "lxml": {"crawlers"},
    "parsel": {"crawlers"}, "trafilatura": {"crawlers"}, "htmldate": {"crawlers"}, "courlan": {"crawlers"},
    "protego": {"crawlers"},
    "spacy": {"nlp"}, "sklearn": {"nlp", "relations"}, "numpy": {"nlp", "relations"}, "ahocorasick_rs": {"nlp"},
    "datasette": {"publish"}, "jinja2": {"publish"}, "uvicorn": {"publish"}, "smtplib": {"publish"},
}  # fmt: skip
TIMER = re.compile(r"^(time|perf_counter|monotonic|process_time|thread_time)(_ns)?$|elapsed|seconds|duration")
VAGUE = {"utils", "util", "helpers", "misc", "common", "tools", "stuff"}
NOVEL = 400  # lines
LONG = {  # module -> why it may be longer
    "core/records.py": "one class per table: a catalogue, not a novel",
    "pipeline.py": "one short function per command; a list",
}


def modules(package: str) -> list[Path]:
    return sorted(p for p in (ROOT / package).rglob("*.py") if "__pycache__" not in p.parts)


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


def broken_layers(path: Path, package: str) -> list[str]:
    """Imports of packages that this one may not know, and libraries outside of theirs."""
    bad = []
    ours = {*PACKAGES, "pipeline"} - {
        "datasette"
    }  # `import datasette` is the library: our folder of that name is no package
    for name, line in imports(path):
        top = name.split(".")[0]
        if top in ours and top != package and top not in PACKAGES[package]:
            bad.append(f"{path}:{line}: {package} imports {top}")
        owners = OWNERS.get(top)
        if owners and package in NIGHTLY and package not in owners:
            bad.append(f"{path}:{line}: {top} belongs to {', '.join(sorted(owners))}")
    return bad


def _line(node: ast.AST) -> int:
    return node.lineno if isinstance(node, ast.stmt | ast.expr) else 0


def broken_order(path: Path, package: str, subpackage: str) -> list[str]:
    """Imports of a subpackage that SUBPACKAGES does not allow. `subpackage` is empty for a module of the package."""
    order = SUBPACKAGES[package]
    bad = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == package:
            names = [f"{package}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            top, _, rest = name.partition(".")
            goal = rest.split(".")[0]
            if top == package and goal and goal in order and goal not in {subpackage, *order.get(subpackage, set())}:
                bad.append(f"{path}:{_line(node)}: {package}/{subpackage} imports {package}/{goal}")
    return bad


def circles(package: str) -> list[str]:
    """Modules of a package that import each other in a circle, imports inside functions included."""
    files = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in modules(package)}
    names = {name.removesuffix(".__init__"): path for name, path in files.items()}
    arrows: dict[str, set[str]] = {}
    for name, path in names.items():
        arrows[name] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                arrows[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names} & set(names)
                arrows[name] |= whole or {node.module}
        arrows[name] = (arrows[name] & set(names)) - {name}
    while free := {name for name, goals in arrows.items() if not goals & set(arrows)}:
        arrows = {name: goals for name, goals in arrows.items() if name not in free}
    return sorted(arrows)


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


def timings(path: Path) -> list[str]:
    """Places that read a timer, or hold a duration against a limit: they fail on a busy machine."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
            names = [node.attr]
        elif isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops
        ):
            parts = [inner for side in (node.left, *node.comparators) for inner in ast.walk(side)]
            names = [part.attr for part in parts if isinstance(part, ast.Attribute)]
            names += [part.id for part in parts if isinstance(part, ast.Name)]
        found += [f"{path}:{_line(node)}: {name}" for name in names if TIMER.search(name)]
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


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_down_and_libraries_stay_in_their_package(package: str) -> None:
    bad = [line for path in modules(package) for line in broken_layers(path, package)]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("package", SUBPACKAGES)
def test_imports_inside_a_package_go_one_way(package: str) -> None:
    folders = {path.name for path in (ROOT / package).iterdir() if any(path.glob("*.py"))}
    assert folders == set(SUBPACKAGES[package]) - {""}, "declare every subpackage in SUBPACKAGES"
    bad = []
    for path in modules(package):
        inside = path.relative_to(ROOT / package).parts
        bad += broken_order(path, package, inside[0] if len(inside) > 1 else "")
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("package", sorted({*PACKAGES} - {"datasette", "tests"}))
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    assert not circles(package)


@pytest.mark.parametrize("library", ["scrapy", "feedparser", "spacy", "sklearn", "sqlite_utils", "datasette"])
def test_a_library_that_the_project_is_built_on_is_used_by_what_runs_at_night(library: str) -> None:
    paths = [path for package in NIGHTLY for path in modules(package)]
    assert any(name.split(".")[0] == library for path in paths for name, _ in imports(path))


def test_datasette_is_a_folder_of_data() -> None:
    assert not list((ROOT / "datasette").glob("*.py")), "a .py directly in datasette/ can shadow the library"
    assert not list((ROOT / "datasette").rglob("test_*.py"))
    code = "import datasette, datasette.app; print(datasette.__file__)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "site-packages" in run.stdout


def test_every_top_level_folder_is_declared() -> None:
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert folders <= FOLDERS, folders - FOLDERS
    holds_code = {f for f in folders - {"demo", "docs", "data"} if any((ROOT / f).rglob("*.py"))}
    assert holds_code <= set(PACKAGES), holds_code - set(PACKAGES)


def test_the_stair_is_light() -> None:
    heavy = {"scrapy", "spacy", "sklearn", "datasette", "trafilatura", "uvicorn"}
    code = f"import sys, pipeline; print(sorted({heavy!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_only_the_clock_asks_the_time() -> None:
    paths = [p for package in NIGHTLY for p in modules(package)] + [ROOT / "pipeline.py"]
    bad = [line for path in paths if path != ROOT / "core" / "clock.py" for line in time_askers(path)]
    assert not bad, "\n".join(bad)


def test_no_test_measures_time() -> None:
    """Count calls, rows or requests, limit CPU time (tests/limits.py), or make it a ratio in bench/."""
    bad = [line for path in modules("tests") for line in timings(path)]
    assert not bad, "\n".join(bad)


def test_two_broad_excepts_in_the_whole_project() -> None:
    paths = [p for package in NIGHTLY for p in modules(package)] + [ROOT / "pipeline.py"]
    found = [(path.relative_to(ROOT).as_posix(), place) for path in paths for place in broad_excepts(path)]
    assert sorted({path for path, _ in found}) == ["core/workers.py", "pipeline.py"], found
    assert len(found) == 2, found


def test_no_vague_names_and_no_novels() -> None:
    for path in [p for package in NIGHTLY for p in modules(package)] + [ROOT / "pipeline.py"]:
        name = path.relative_to(ROOT).as_posix()
        assert not VAGUE & {path.stem, *name.split("/")[:-1]}, path
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= NOVEL or name in LONG, f"{name} has {lines} lines: look again, or say why in LONG"


def test_every_module_says_what_it_knows() -> None:
    silent = [
        path
        for package in NIGHTLY
        for path in modules(package)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent, silent


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_nothing_tracked_names_a_package_index_or_a_path_of_one_machine() -> None:
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
        (lambda p: broken_order(p, "crawlers", "lists"), "from crawlers.fetch.guards import Refused"),
        (lambda p: broken_order(p, "crawlers", ""), "from crawlers import pages"),
        (time_askers, "from datetime import datetime\ndatetime.now()"),
        (timings, "import time\nbegan = time.perf_counter()"),
        (timings, "from time import monotonic"),
        (timings, "assert report.seconds < 5"),
        (timings, "assert 2.0 >= elapsed(night)"),
        (broad_excepts, "try:\n    x\nexcept Exception:\n    pass"),
    ],
)
def test_the_looks_see_what_they_look_for(tmp_path: Path, look: Callable[[Path], list[str]], source: str) -> None:
    path = tmp_path / "seeded.py"
    path.write_text(source, "utf-8")
    assert look(path)

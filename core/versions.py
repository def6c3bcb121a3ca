"""Which version a stage has, and whether its code has changed since somebody said so.

`core/stage_versions.toml` holds for each stage that is a step over rows

- `version`: a number, part of the version that decides which stored rows are due (`core.stage`). Models, tables of
  words and settings are part of that by themselves, where the stage's `stage(config)` says so;
- `fingerprint`: of all that the stage's results rest on, when a person last compared them. A test fails when it is no
  longer true: then either the results change (`pipeline.py stages --raise STAGE`, and rows are due again) or they do
  not (`pipeline.py stages --same STAGE --why "…"`).

The fingerprint is read from the source, nothing is imported. In order:

1. begin with what `stage(config)` names, and with the function that builds its step;
2. a definition brings every definition of our packages that it names, through imports, in whatever module. Code that
   looks for modules (`pkgutil`, `import_module`) brings every module of its folder, and of the packages that it names;
3. `config.NAME` in `stage` brings that section's class of `core/config.py`;
4. a text in such code that names a file or folder of data, next to its module or above it in its package, brings its
   bytes;
5. docstrings, comments, layout and annotations of functions do not count; neither does `DRIVER`, which runs steps and
   does not change what they give, nor the table of facets, which names results (addresses of identifiers, the one part
   of it that is in rows, belong to the version of enrich).
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
STAGE = "stage"  # the function that describes a stage: wiring, which gives no results itself
KEPT = Path(__file__).with_name("stage_versions.toml")
PACKAGES = frozenset({"core", "crawlers", "nlp", "relations", "publish"})
DRIVER = frozenset(
    f"core.{name}" for name in ("batches", "clock", "errors", "executors", "facets", "log", "night", "outputs",
                                "progress", "stage", "store", "versions", "workers")
)  # fmt: skip
FINDERS = frozenset({"pkgutil", "import_module", "importlib"})
_FILE = re.compile(r"(?:\*\.)?\w[\w./-]{2,60}")
ABOUT = """\
# The version of each stage, and the fingerprint of its code and data when its results were last compared.
# Written by `pipeline.py stages --raise STAGE` (results change) and `--same STAGE` (they do not); see core/versions.py.
# When two branches changed it: keep either side, then run the command again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is written down of a stage."""

    version: int
    fingerprint: str
    why: str


def version_of(stage: str) -> str:
    """The number of a stage's version, as text; 0 for a new stage, until a test asks for its first."""
    kept = load_kept().get(stage)
    return str(kept.version if kept else 0)


def load_kept() -> Mapping[str, Kept]:
    """What is written down, by stage."""
    return _load(KEPT)


@cache
def _load(path: Path) -> Mapping[str, Kept]:
    return {name: Kept(**said) for name, said in tomllib.loads(path.read_text("utf-8")).items()}


def save_kept(stage: str, fingerprint: str, why: str, *, raised: bool) -> Kept:
    """Write down that a stage was compared. `raised`: its results change, so its version does."""
    if not raised and not why:
        raise UsageError(f"why do the results of {stage} stay the same?", hint='--why "…"')
    known = dict(load_kept())
    before = known.get(stage, Kept(version=0, fingerprint="", why=""))
    known[stage] = Kept(version=before.version + raised, fingerprint=fingerprint, why=why)
    texts = [
        f"\n[{name}]\nversion = {kept.version}\nfingerprint = {json.dumps(kept.fingerprint)}\n"
        f"why = {json.dumps(kept.why, ensure_ascii=False)}\n"
        for name, kept in sorted(known.items())
    ]
    KEPT.write_text(ABOUT + "".join(texts), "utf-8")
    _load.cache_clear()
    return known[stage]


def fingerprint_stage(module: str, *builders: tuple[str, str], root: Path = ROOT) -> str:
    """Of the stage that `module` describes; `builders` are (module, function) of its step."""
    total = hashlib.sha256()
    for name, content in sorted(_Tree(root).reach([(module, STAGE), *builders])):
        total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


@dataclass(slots=True)
class _Tree:
    """The source of our packages under a folder."""

    root: Path
    modules: dict[str, _Module | None] = field(default_factory=dict)

    def find(self, name: str) -> _Module | None:
        """A module of the project by its dotted name, parsed once; None if there is no such module."""
        if name not in self.modules:
            stem = self.root.joinpath(*name.split("."))
            paths = [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]
            ours = name.split(".")[0] in PACKAGES and name not in DRIVER
            self.modules[name] = _Module(name, paths[0]) if ours and paths else None
        return self.modules[name]

    def reach(self, waiting: list[tuple[str, str]]) -> set[tuple[str, bytes]]:
        """Definitions and data files that these (module, name) rest on, each with its content."""
        found: set[tuple[str, bytes]] = set()
        seen: set[tuple[str, str]] = set()
        while waiting:
            place = waiting.pop()
            module = self.find(place[0])
            if place in seen or module is None:
                continue
            seen.add(place)
            waiting.append((module.name, ""))
            if place[1] in module.imported and place[1] not in module.defined:
                waiting += self._taken(place[1], module.imported, set())
            for node in module.defined.get(place[1], ()):
                if place[1] != STAGE:
                    found.add((place[1], _plain(node)))
                found |= {(path.name, path.read_bytes()) for path in module.data(node, self.root)}
                waiting += self._named(module, node)
        return found

    def _named(self, module: _Module, node: ast.stmt) -> Iterator[tuple[str, str]]:
        """What a statement names, as (module, name)."""
        imported = {**module.imported, **_imported(node)}
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        yield from ((module.name, name) for name in names & module.defined.keys())
        for name in names & imported.keys():
            yield from self._taken(name, imported, _attributes(node, name))
        if names & FINDERS:
            yield from self._everything(module.package)
            for source, given in imported.values():
                yield from self._everything(f"{source}.{given}")
        yield from (("core.config", section) for section in _sections(node))

    def _taken(
        self, name: str, imported: Mapping[str, tuple[str, str]], attributes: set[str]
    ) -> Iterator[tuple[str, str]]:
        """What an imported name stands for: a definition, or what is taken out of a module."""
        source, given = imported[name]
        if given and self.find(f"{source}.{given}") is None:
            yield source, given
        else:
            yield from ((f"{source}.{given}".strip("."), one) for one in attributes)

    def _everything(self, package: str) -> Iterator[tuple[str, str]]:
        folder = self.root.joinpath(*package.split("."))
        for path in sorted(folder.glob("*.py")) if (folder / "__init__.py").is_file() else ():
            module = self.find(package if path.stem == "__init__" else f"{package}.{path.stem}")
            if module is not None:
                yield from ((module.name, name) for name in module.defined)


@dataclass(slots=True)
class _Module:
    """One file. `defined`: name -> the top-level statements that bind it; "" -> those that bind none."""

    name: str
    path: Path
    defined: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.parse(self.path.read_text("utf-8"), str(self.path)).body:
            self.imported |= _imported(node) if isinstance(node, ast.Import | ast.ImportFrom | ast.If) else {}
            if not isinstance(node, ast.Import | ast.ImportFrom) and not _is_text(node):
                for name in _bound(node) or {""}:
                    self.defined.setdefault(name, []).append(node)

    @property
    def package(self) -> str:
        return self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]

    def data(self, node: ast.stmt, root: Path) -> Iterator[Path]:
        """Files that the texts of a statement name, next to the module or in a folder above it, in its package."""
        texts = {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
        folders = [folder for folder in self.path.parents if root in folder.parents]
        for text in sorted(text for text in texts if isinstance(text, str) and _FILE.fullmatch(text)):
            if text.startswith("*."):
                yield from (one for one in sorted(self.path.parent.glob(text)) if one.suffix != ".py" and one != KEPT)
                continue
            for folder in folders:
                yield from _files(folder / text)


def _files(path: Path) -> Iterator[Path]:
    """A file, or those of a folder that holds data only."""
    inside = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    if not any(one.suffix in (".py", ".pyc", ".pickle") for one in inside):  # code, or what a run has compiled
        yield from inside


def _bound(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _imported(node: ast.AST) -> dict[str, tuple[str, str]]:
    """Imports in a statement: name here -> (module, name there or nothing)."""
    found = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            for alias in inner.names:
                top = alias.name.split(".")[0]
                found[alias.asname or top] = (alias.name if alias.asname else top, "")
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            for alias in inner.names:
                found[alias.asname or alias.name] = (inner.module, alias.name)
    return found


def _attributes(node: ast.stmt, name: str) -> set[str]:
    return {
        inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == name
    }


def _sections(node: ast.stmt) -> set[str]:
    """Names of the config's classes that a `stage(config)` reads: `config.extract` -> Extract."""
    if not isinstance(node, ast.FunctionDef) or node.name != STAGE:
        return set()
    return {_CLASSES.get(section, section.capitalize()) for section in _attributes(node, "config")}


_CLASSES = {"run": "Running"}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _plain(node: ast.stmt) -> bytes:
    """A statement without its docstrings and the annotations of its functions, however it was laid out."""
    return ast.unparse(_Bare().visit(ast.parse(ast.unparse(node)))).encode()


class _Bare(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [one for one in node.body if not _is_text(one)] or [ast.Pass()]
        return node

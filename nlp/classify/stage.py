"""STAGE document -> labels: what it is about, what kind of text it is, what it rests on.

Each module `x.py` here that defines `find_labels(page)` is a family of label facets; the folder is scanned for them.
Its `COMPONENT` is what labels name as their origin, and `x.toml` declares its facets (`core/facets.py` reads it). A
family without a declaration is an error, and so is a label of a facet that its family does not declare. A document is
due again when its text, its source, what was named in it, or a paper or trial that it is linked to has changed. Of two
labels with one facet and value the better one is kept.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from core.config import Config
from core.errors import ConfigError, StageError
from core.facets import facets
from core.records import Label
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.text import fingerprint
from core.versions import version_of
from nlp.classify.cues import load_toml_cues
from nlp.classify.page import READ, Page, PageRow, make_page

HERE = Path(__file__).parent
NAMED = """(SELECT json_group_array(json_array(m.part, m.start, m."end", m.type, m.surface, m.concept, c.country,
        m.role)) FROM mention m LEFT JOIN concept c ON c.id = m.concept WHERE m.document = d.id)"""
ABOUT = "(SELECT json_group_array(t.concept) FROM topic t WHERE t.document = d.id AND t.about = 1)"
LINKED = """(SELECT json_group_array(json_array(p.id, p.kind, p.title, p.text, p.extra))
    FROM link l JOIN document p ON p.id = l.dst
    WHERE l.src = d.id AND l.relation IN ('paper', 'trial') AND l.dst <> d.id)"""
WORK = f"""
SELECT d.id AS "key",
       fingerprint(d.hash, d.kind, d.lang, d.summary, d.extra, d.translated, s.kind, s.scope, s.country,
              {NAMED}, {ABOUT}, {LINKED}) AS input,
       d.id, d.kind, d.lang, d.title, d.text, d.summary, d.extra, d.translated, d.source,
       s.kind AS source_kind, s.scope AS source_scope, s.country,
       {NAMED} AS mentions, {ABOUT} AS about, {LINKED} AS papers
FROM document d JOIN source s ON s.id = d.source"""

Find = Callable[[Page], Iterator[Label]]


def stage(_config: Config) -> Stage:
    return Stage(
        name="classify",
        version=version(),
        work=WORK,
        step=Address(module="nlp.classify.stage", function="build_step"),
        writes=(Writes(record=Label, owner="document"),),
    )


def build_step() -> Step:
    load_families()
    return classify


def classify(row: PageRow) -> Result:
    """The labels of one document. `row` is a row of WORK."""
    page = make_page(row)
    note = f"the last {len(page.text) - READ} characters were not labelled" if len(page.text) > READ else None
    return Done(records=tuple(label_text(page)), note=note)


def label_text(page: Page) -> list[Label]:
    """Every label of a page, once for each facet and value, in the order of the modules' names.

    Raises StageError if a family gives a facet that it does not declare.
    """
    kept: dict[tuple[str, str], Label] = {}
    for module in load_families():
        find: Find = module.find_labels
        declared = get_facets(module.__name__)
        for label in find(page):
            if label.facet not in declared:
                raise StageError(
                    f"{module.__name__} gave the facet {label.facet!r}, which its TOML does not declare",
                    hint=f"add [facet.{label.facet}]",
                )
            key = (label.facet, label.value)
            kept[key] = merge_labels(kept[key], label) if key in kept else label
    return list(kept.values())


def merge_labels(first: Label, second: Label) -> Label:
    """One label of two with one facet and value: the surer one, or the sentence of one and the record of the other."""
    if bool(first.sentence) == bool(second.sentence):
        return second if second.score > first.score else first
    sentence, record = (first, second) if first.sentence else (second, first)
    return replace(sentence, score=max(first.score, second.score), component=record.component)


@cache
def load_families() -> tuple[ModuleType, ...]:
    """The modules here that label. Raises ConfigError if one declares no facets."""
    names = sorted(found.name for found in pkgutil.iter_modules([str(HERE)]))
    modules = (import_module(f"nlp.classify.{name}") for name in names)
    found = tuple(module for module in modules if hasattr(module, "find_labels"))
    for module in found:
        if not get_facets(module.__name__):
            name = module.__name__.rpartition(".")[2]
            raise ConfigError(
                "declares no facets", where=f"nlp/classify/{name}.py", hint=f"write {name}.toml in the same folder"
            )
    return found


@cache
def get_facets(module: str) -> frozenset[str]:
    """Names of the facets that a family declares."""
    file = f"nlp/classify/{module.rpartition('.')[2]}.toml"
    return frozenset(facet.name for facet in facets().of_kind("label") if facet.file == file)


@cache
def version() -> str:
    """The stage's version: its number, its families and their cues, without titles of facets and places on pages."""
    tables = [table.read_text("utf-8") for table in sorted(HERE.glob("*.tsv"))]
    names = [module.__name__.rpartition(".")[2] for module in load_families()]
    tables += [json.dumps(cues) for name in names if (cues := load_toml_cues(HERE / f"{name}.toml"))]
    components = ",".join(module.COMPONENT for module in load_families())
    return f"{version_of('classify')}/{fingerprint(components, *tables)}"

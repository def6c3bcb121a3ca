"""What every format of cases shares: the table of our names, and what a case and its verdict are.

A set is a folder of cases: inputs with their right answers. Cases call parts of this project by the names
that those had on the day the cases were written. `NAMES` says what each is called now, and is the only place that has
to change when a module moves. One module of this package reads one format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import StemwireError

NAMES = {  # what cases ask for -> where it is now, as "module:name"
    "index": "crawlers.lists.read_list:read_list",
    "index task": "crawlers.lists.model:ListTask",
    "index rule api": "core.config:ApiRule",
    "index rule feed": "core.config:FeedRule",
    "index rule listing": "core.config:ListingRule",
    "index rule sitemap": "core.config:SitemapRule",
    "page": "crawlers.pages.read:read_page",
    "date": "crawlers.lists.feeds.dates:parse_date",
    "ids": "core.ids:ids_of_url",
    "ids in text": "core.ids:find_ids",
    "doi": "core.ids:normalise",
    "works": "relations.works:find_works",
    "works claim": "relations.works:Claim",
    "promise": "nlp.figures.promises:find_promises",
    "registry claim": "relations.registry_claims:find_claim",
    "registry verdict": "relations.registry_checks:judge",
    "promise page": "nlp.classify:make_text_page",
    "abbreviation": "nlp.entities.components.abbreviations:find_abbreviations",
    "indication": "nlp.normalize.term_linkers:load_linkers",
    "indication types": "nlp.entities.typefiles:load_types",
    "indication type files": "nlp.normalize.term_linkers:TYPES",
    "indication lexicons": "nlp.normalize.sites:LEXICONS",
    "indication cache": "nlp.normalize.sites:COMPILED",
    "config": "core.config:load_config",
    "site": "publish.pages.serve:make_site",
}


class CaseError(StemwireError):
    """A set that cannot be run, or a case that says something its format does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `row` is as its file has it. Prose says in words what to do and is for people to run."""

    id: str
    kind: str
    row: Mapping[str, Any]
    prose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A case that was run: what is wrong, a line each. Right when nothing is."""

    case: Case
    wrong: tuple[str, ...]


def ours(name: str) -> Any:
    """The part of this project that cases call `name`. Raises KeyError, ImportError, AttributeError."""
    module, _, attribute = NAMES[name].partition(":")
    return getattr(import_module(module), attribute)


def attempt(check: Callable[..., Iterable[str]], *arguments: Any) -> tuple[str, ...]:
    """What `check` finds wrong. An error that ends it counts as wrong, in its own words.

    A future keeps whatever its call raises, so one case that crashes never ends the run.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        done = pool.submit(lambda: tuple(check(*arguments)))
        error = done.exception()
    return done.result() if error is None else (f"{type(error).__name__}: {error}",)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines; none where there is no file. Raises CaseError on a broken line."""
    if not path.is_file():
        return []
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CaseError(f"not JSON: {error}", where=f"{path}:{number}") from error
        if not isinstance(row, dict):
            raise CaseError("an object is expected", where=f"{path}:{number}")
        rows.append(row)
    return rows


def fingerprint(text: str) -> str:
    """Eight hexadecimal digits that stand for a text: the name of a case that has none."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def short(value: Any, most: int = 160) -> str:
    """A value as one line of at most `most` characters."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"

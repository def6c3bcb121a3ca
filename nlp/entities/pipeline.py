"""The spaCy pipeline, assembled from the TOMLs. There is no list of components.

Every module in `components/` has `make(tools)` and is registered with spaCy under `stemwire_<module>`. Its `STEP` says
where it runs: sentences and names first, then what the types name, then what uses findings of any type (coordination,
abbreviations, repeats), and overlaps last. A TOML may name any component in spaCy's registry, with or without the
prefix: so a trained model of others can be used. Such a component runs between names and rules, and must add its spans
to `annotations.found`.

One tokenizer serves every language here (`tokenizer.py`): names are found in characters, not in tokens.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import spacy
from spacy.language import Language

from core.errors import ConfigError
from nlp.entities import components
from nlp.entities.component import Tools
from nlp.entities.tokenizer import Tokenizer

PREFIX = "stemwire_"
FOREIGN_STEP = 50  # of components that are not ours
_tools: WeakKeyDictionary[Language, Tools] = WeakKeyDictionary()  # spaCy's own config holds JSON values only


def build_pipeline(tools: Tools) -> Language:
    """A pipeline for these types. Raises ConfigError when a TOML names a component that nobody registered."""
    modules = load_components()
    wanted = {one.component: one for one in tools.types}
    foreign = [name for name in wanted if name not in modules]
    for name in foreign:
        if not Language.has_factory(name):
            raise ConfigError(
                f"component {name!r} is not in spaCy's registry",
                where=f"{wanted[name].name}.toml",
                hint="ours: " + ", ".join(sorted(modules)),
            )
    steps = [(FOREIGN_STEP, name) for name in foreign]
    steps += [(module.STEP, PREFIX + name) for name, module in modules.items() if module.ALWAYS or name in wanted]
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    _tools[nlp] = tools
    if not foreign:
        nlp.vocab.lex_attr_getters = {}  # spaCy computes these for each new word; only foreign components use them
    for _, name in sorted(steps):
        nlp.add_pipe(name)
    return nlp


def load_components() -> dict[str, ModuleType]:
    """Name -> module of each of our components, all registered with spaCy."""
    modules: dict[str, ModuleType] = {}
    for found in pkgutil.iter_modules(components.__path__):
        module = importlib.import_module(f"{components.__name__}.{found.name}")
        modules[found.name] = module
        _register(PREFIX + found.name, module.make)
    return modules


def _register(name: str, make: Callable[[Tools], Any]) -> None:
    def factory(nlp: Language, name: str) -> object:
        return make(_tools[nlp])

    Language.factory(name, func=factory)

"""The spaCy pipeline, assembled from the TOMLs: nobody lists the components twice.

Every module in `components/` that has `make(tools)` is registered with spaCy under `stemwire_<module>`. A
module says where it stands by `STEP`: sentences and names first, then what the types name, then what rests on
findings of any type (coordination, abbreviations, repeats), and the settling of overlaps last. A TOML may name
any component in spaCy's registry, with or without the prefix: that is the seam for trained models. Those that
are not ours run between names and rules, and must write into `notes.found`.

One tokenizer serves every language here (`tokenizer.py`): names are found in characters, not in tokens.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any
from weakref import WeakKeyDictionary

import spacy
from spacy.language import Language

from core.errors import ConfigError
from nlp.entities import components
from nlp.entities.notes import Tools
from nlp.entities.tokenizer import Tokenizer

PREFIX = "stemwire_"
_tools: WeakKeyDictionary[Language, Tools] = WeakKeyDictionary()  # spaCy's own config holds JSON values only


def build_pipeline(tools: Tools) -> Language:
    """A pipeline for these types. Raises ConfigError when a TOML names a component that nobody registered."""
    modules: dict[str, Any] = {}
    for module in pkgutil.iter_modules(components.__path__):
        loaded = importlib.import_module(f"{components.__name__}.{module.name}")
        modules[module.name] = loaded
        _register(PREFIX + module.name, loaded.make)
    wanted = {one.component: one for one in tools.types}
    ours = {name for name, module in modules.items() if module.ALWAYS or name in wanted}
    steps = [(modules[name].STEP, PREFIX + name) for name in ours]
    for name, one in wanted.items():
        if name not in modules:
            if not Language.has_factory(name):
                raise ConfigError(
                    f"component {name!r} is not in spaCy's registry",
                    where=f"{one.name}.toml",
                    hint="ours: " + ", ".join(sorted(modules)),
                )
            steps.append((50, name))
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    _tools[nlp] = tools
    if all(name in modules for name in wanted):
        nlp.vocab.lex_attr_getters = {}  # what spaCy works out of each new word, and only strangers' components ask for
    for _, name in sorted(steps):
        nlp.add_pipe(name)
    return nlp


def _register(name: str, make: Any) -> None:
    def factory(nlp: Language, name: str) -> Any:
        return make(_tools[nlp])

    Language.factory(name, func=factory)

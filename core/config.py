"""`config.toml` and the source files, typed and checked.

An unknown key, a wrong type or a value out of range gives one line that names the file, the key and what was expected.
Files never contain secrets: a secret is written `{ env = "NAME" }` and read when it is needed.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from core.errors import ConfigError
from core.records import Json

ROOT = Path(__file__).resolve().parent.parent

Http = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
Kind = Literal[
    "news", "press_release", "explainer", "clinic", "journal", "preprint", "registry", "stem_cell_bank"
]  # fmt: skip
Licence = Literal["full", "abstract", "headline-and-link"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Secret(Strict):
    """`{ env = "NAME" }`."""

    env: str

    def get(self) -> str:
        """The secret. Raises ConfigError when the variable is not set."""
        value = os.environ.get(self.env)
        if not value:
            raise ConfigError(f"the environment variable {self.env} is not set", hint=f"export {self.env}=…")
        return value


class Paths(Strict):
    """Relative to the folder of pipeline.py, unless absolute."""

    data: str = "data"
    corrections: str | None = None
    """What people corrected; `corrections.jsonl` in the folder of the data otherwise."""
    sources: str = "crawlers/sources"
    editions: str = "datasette/editions"


class Crawl(Strict):
    """Politeness and guards; sizes in bytes, times in seconds."""

    contact: str = Field(pattern=r"^(mailto:|https?://)\S+$")
    delay: float = Field(default=2.0, ge=0)
    timeout: float = Field(default=20, gt=0, le=180)
    retries: int = Field(default=2, ge=0, le=5)
    max_size: int = Field(default=8 * 2**20, gt=0)
    max_pages: int = Field(default=200, ge=0)
    max_seconds: float = Field(default=1800, gt=0)
    revisit_days: int = Field(default=365, ge=0)
    revisit_hours: float = Field(default=20, ge=0)
    gone_nights: int = Field(default=3, ge=1)


class Running(Strict):
    """Where the steps of stages run, and the limits of one row: seconds of CPU, idle seconds, bytes."""

    executor: Literal["serial", "processes"] = "serial"
    workers: int = Field(default=2, ge=1, le=64)
    cpu: int = Field(default=30, ge=1)
    wall: float = Field(default=60, gt=0)
    memory: int = Field(default=4 * 2**30, gt=0)
    recycle: int = Field(default=5000, ge=1)


class Extract(Strict):
    """Of one page. `workers` counts no longer; [run] has them."""

    workers: int = Field(default=2, ge=1, le=16)
    wall: float = Field(default=60, gt=0)
    cpu: int = Field(default=10, ge=1)
    memory: int = Field(default=2 * 2**30, gt=0)
    recycle: int = Field(default=200, ge=1)
    min_words: int = Field(default=25, ge=0)
    worse: int = Field(default=3, ge=1)


class Publish(Strict):
    keep: int = Field(default=7, ge=1)


class Question(Strict):
    """A question that the front page offers as a link, and where on the site its answer is."""

    text: str
    address: str = Field(pattern=r"^/")


class Site(Strict):
    name: str = "Stemwire"
    url: Http = "http://127.0.0.1:8001"
    about: str = ""
    notice: str = ""
    """What every reader of the front page should know before reading; empty for nothing."""
    questions: list[Question] = []
    reports: str = Field(default="", pattern=r"^((mailto:|https?://)\S+)?$")
    """Where readers report what is wrong: an address of mail, or of a form with {title} and {body} in it."""
    paste: bool = True
    """Whether the letters desk serves the box to check a text, to which the site links."""


class Letters(Strict):
    """Subscriptions. `desk` is the public address of the letters desk: sign-up, the signed pages, unsubscribe links.

    `wait`, `deadline`: seconds until a letter that was put off is tried again in the same run, and after which it waits
    for the next run. `local`: letters may leave although the sender or the desk can only be reached on this machine.
    """

    desk: Http = "http://127.0.0.1:8002"
    key: Secret = Secret(env="STEMWIRE_LETTERS_KEY")
    max_items: int = Field(default=40, ge=1)
    sign_up: bool = True
    archive: bool = True
    local: bool = False
    wait: float = Field(default=300, ge=0)
    deadline: float = Field(default=3600, ge=0)
    channels: dict[str, Json] = {}
    """name -> table `[letters.NAME]`; the channel itself declares the keys (publish/letters/channels)."""

    @model_validator(mode="before")
    @classmethod
    def _tables_are_channels(cls, given: object) -> object:
        if not isinstance(given, dict) or "channels" in given:
            return given
        tables = {name: value for name, value in given.items() if isinstance(value, dict) and name != "key"}
        return {name: value for name, value in given.items() if name not in tables} | {"channels": tables}


class Nlp(Strict):
    max_chars: int = Field(default=100_000, ge=1000)


class Config(Strict):
    crawl: Crawl
    paths: Paths = Paths()
    run: Running = Running()
    extract: Extract = Extract()
    nlp: Nlp = Nlp()
    publish: Publish = Publish()
    site: Site = Site()
    letters: Letters = Letters()
    log_level: Literal["debug", "info", "warning", "error"] = "warning"

    def data(self, name: str) -> Path:
        return ROOT / self.paths.data / name

    @property
    def sources(self) -> Path:
        return ROOT / self.paths.sources

    @property
    def corrections(self) -> Path:
        return ROOT / self.paths.corrections if self.paths.corrections else self.data("corrections.jsonl")

    @property
    def editions(self) -> Path:
        return ROOT / self.paths.editions


class FeedRule(Strict):
    url: Http


class SitemapRule(Strict):
    url: Http
    include: str = "."
    """Regular expression that an address must contain to be taken."""


class ListingRule(Strict):
    """CSS selectors: a row of the list, and inside it the link, the date, the title; `next` leads to older rows."""

    url: Http
    item: str
    link: str = "a"
    title: str | None = None
    date: str | None = None
    next: str | None = None
    pages: int = Field(default=1, ge=1, le=50)


class ApiRule(Strict):
    api: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    query: str
    max: int = Field(default=200, ge=1)
    key: Secret | None = None
    mailto: Secret | None = None


class PageRule(Strict):
    """CSS selectors that come before the general extractor. `fetch = false`: the entry itself is the document."""

    fetch: bool = True
    title: str | None = None
    body: str | None = None
    date: str | None = None
    author: str | None = None
    drop: list[str] = []


class Range(Strict):
    min: int = Field(default=0, ge=0)
    max: int | None = Field(default=None, ge=0)


class Filled(Strict):
    title: float = Field(default=0, ge=0, le=1)
    published: float = Field(default=0, ge=0, le=1)
    text: float = Field(default=0, ge=0, le=1)


class Expect(Strict):
    entries: Range = Range()
    filled: Filled = Filled()


class SourceFile(Strict):
    """One TOML of the sources folder; its id is the file's stem."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    name: str
    kind: Kind
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None
    about: str
    licence: Licence
    scope: Literal["all", "mixed"] = "mixed"
    """all: everything it gives is about stem cells, by what the source is or what it is asked for."""
    home: Http | None = None
    allow_private: bool = False
    enabled: bool = True
    feed: list[FeedRule] = []
    sitemap: list[SitemapRule] = []
    listing: list[ListingRule] = []
    api: list[ApiRule] = []
    page: PageRule = PageRule()
    expect: Expect = Expect()

    @field_validator("about")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if len(value.split()) < 3:
            raise ValueError("a sentence on what the source is")
        return value

    @property
    def rules(self) -> str:
        """How its pages are read, as JSON."""
        return str(self.page.model_dump_json())


def load_config(path: Path) -> Config:
    """Raises ConfigError."""
    return checked(Config, load_toml(path), path)


def load_sources(folder: Path, only: tuple[str, ...] = ()) -> tuple[list[SourceFile], list[ConfigError]]:
    """All source files of a folder; a broken one is an error in the second list and does not stop the others."""
    if not folder.is_dir():
        raise ConfigError("no such folder of sources", where=str(folder), hint="see [paths] sources in config.toml")
    good, bad = [], []
    for path in sorted(folder.glob("*.toml")):
        if only and path.stem not in only:
            continue
        try:
            source = checked(SourceFile, {"id": path.stem, **load_toml(path)}, path)
        except ConfigError as error:
            bad.append(error)
            continue
        if not (source.feed or source.sitemap or source.listing or source.api):
            bad.append(ConfigError("no [[feed]], [[sitemap]], [[listing]] or [[api]]", where=str(path)))
            continue
        good.append(source)
    missing = set(only) - {source.id for source in good} - {Path(str(error.where)).stem for error in bad}
    if missing:
        raise ConfigError(f"no such source: {', '.join(sorted(missing))}", where=str(folder))
    return good, bad


def load_toml(path: Path) -> Json:
    """Raises ConfigError with file and line."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError("no such file", where=str(path), hint="--config FILE names another") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("not valid TOML", where=str(path)) from error


M = TypeVar("M", bound=BaseModel)


def checked(model: type[M], data: Json, where: Path | str) -> M:
    """`data` as a model. Raises ConfigError that names `where` and the keys."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [_line(model, problem) for problem in error.errors()[:5]]
        raise ConfigError("; ".join(lines), where=str(where)) from None


def _line(model: type[BaseModel], problem: ErrorDetails) -> str:
    """`crawl.dely: unknown key (known: contact, delay, …)`."""
    place = ".".join(str(step) for step in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = ", ".join(sorted(_fields_at(model, problem["loc"][:-1])))
        return f"{place}: unknown key (known: {known})"
    if problem["type"] == "missing":
        return f"{place}: missing"
    wanted = problem["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{place}: {wanted} expected, not {repr(problem['input'])[:60]}"


def _fields_at(model: Any, steps: tuple[int | str, ...]) -> list[str]:  # noqa: ANN401  an annotation of any form
    for step in steps:
        if isinstance(step, int):
            continue
        model = model.model_fields[step].annotation
        model = next((a for a in getattr(model, "__args__", ()) if hasattr(a, "model_fields")), model)
    return [field.alias or name for name, field in getattr(model, "model_fields", {}).items()]

"""Settings: what is wrong is said in one line with file, key and what was expected."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.config import ROOT, Config, Secret, SourceFile, load_config, load_sources
from core.errors import ConfigError
from core.records import Json

CRAWL = '[crawl]\ncontact = "mailto:desk@stemwire.example"\n'
GOOD = """
name = "Institute"
kind = "press_release"
country = "KR"
lang = "en"
about = "Releases of an institute."
licence = "headline-and-link"
[[feed]]
url = "https://institute.example/feed"
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_config_file_says_every_setting_that_there_is() -> None:
    told = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))
    load_config(ROOT / "config.toml")

    def walk(model: type[BaseModel], table: Json, place: str) -> None:
        for name, field in model.model_fields.items():
            if (field.default is None and name not in table) or name == "channels":
                continue  # optional: described in a comment; or declared by each channel (tests/publish/test_mail.py)
            assert name in table, f"config.toml does not mention {place}{name}"
            part = field.annotation
            if isinstance(part, type) and issubclass(part, BaseModel) and part is not Secret:
                walk(part, table[name], f"{place}{name}.")

    walk(Config, told, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CRAWL + "dely = 3\n", "crawl.dely: unknown key (known: contact, delay"),
        (CRAWL + 'delay = "two"\n', "crawl.delay: a valid number expected, not 'two'"),
        ("[paths]\n", "crawl: missing"),
        ('[crawl]\ncontact = "nobody"\n', "crawl.contact:"),
        (CRAWL + "[letters]\nmax_item = 1\n", "letters.max_item: unknown key (known:"),
        (CRAWL + "retries = 99\n", "crawl.retries: less than or equal to 5 expected, not 99"),
        ("[crawl\n", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_one_line_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, "config.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    line = str(caught.value)
    assert line.startswith(str(path)) and said in line and "\n" not in line


def test_a_missing_config_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "nowhere.toml")


def test_one_broken_source_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path, "good.toml", GOOD)
    write(tmp_path, "typo.toml", GOOD.replace("licence", "license"))
    write(tmp_path, "empty.toml", GOOD.split("[[feed]]")[0])
    good, bad = load_sources(tmp_path)
    assert [source.id for source in good] == ["good"]
    assert len(bad) == 2
    assert any("license: unknown key" in str(error) for error in bad)


def test_asking_for_a_source_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "good.toml", GOOD)
    with pytest.raises(ConfigError, match="no such source: other"):
        load_sources(tmp_path, ("good", "other"))


def test_an_address_of_another_scheme_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "bad.toml", GOOD.replace("https://institute", "file:///institute"))
    good, bad = load_sources(tmp_path)
    assert good == [] and "feed.0.url" in str(bad[0])


def test_the_fingerprint_of_the_rules_changes_with_the_rules_only(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", GOOD)
    write(tmp_path, "b.toml", GOOD.replace("Releases of", "All releases of"))
    write(tmp_path, "c.toml", GOOD + '[page]\nbody = "article"\n')
    a, b, c = load_sources(tmp_path)[0]
    assert a.rules == b.rules != c.rules
    assert isinstance(a, SourceFile)


def test_a_secret_that_is_not_set_says_what_to_export(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    config = load_config(write(tmp_path, "config.toml", CRAWL))
    with pytest.raises(ConfigError, match="export STEMWIRE_LETTERS_KEY"):
        config.letters.key.get()

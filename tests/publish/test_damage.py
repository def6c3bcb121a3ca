"""An edition that is no longer the file that was published: publish, check and serve notice it and say so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import ROOT, Config
from core.errors import PublishError
from core.store import Store
from publish import stage
from publish.edition.damage import find_damage, find_linked
from publish.edition.editions import list_editions
from publish.letters.current_edition import open_current
from publish.pages.edition_database import EditionDatabase
from publish.pages.serve import check, make_site
from publish.stage import publish
from tests.present import present
from tests.publish.test_swap import SERVE, get, one_more


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    """One bit, somewhere in the middle."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        (byte,) = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 4]))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: os.truncate(path, 0), "it has 0 bytes"),
    "cut": (cut, "were published"),
    "flipped": (flip, "its bytes differ from what was published"),
    "gone": (Path.unlink, "there is no file stemwire-"),
    "no sidecar": (lambda path: path.with_suffix(".json").unlink(), "there is no file stemwire-"),
    "sidecar of nonsense": (lambda path: path.with_suffix(".json").write_text("[1]"), "cannot be read"),
    "sidecar of another": (
        lambda path: path.with_suffix(".json").write_text('{"name": "other"}'), "is not of this edition",
    ),
}  # fmt: skip
damages = pytest.mark.parametrize(("damage", "says"), DAMAGES.values(), ids=list(DAMAGES))
Damage = Callable[[Path], object]


@pytest.fixture
def first(config: Config, work: Store, at_night: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the current edition."""
    monkeypatch.setattr(stage, "check_edition", lambda config, path: [])
    publish(config, work)
    return present(find_linked(config.editions))


@pytest.fixture
def second(first: Path, config: Config, work: Store) -> Path:
    """The file of the current edition; `first` is the one before it."""
    one_more(work, 1)
    publish(config, work)
    return present(find_linked(config.editions))


def test_a_good_edition_has_no_damage(first: Path, config: Config, work: Store) -> None:
    assert find_damage(first, whole=True) == ""
    assert publish(config, work).reason.startswith("nothing has changed since stemwire-")


@damages
def test_publish_builds_it_again_and_says_so(
    first: Path, config: Config, work: Store, damage: Damage, says: str
) -> None:
    damage(first)
    done = publish(config, work)
    assert done.edition is not None
    assert says in done.reason and "built anew" in done.reason and first.stem in done.reason
    now = present(find_linked(config.editions))
    assert find_damage(now, whole=True) == ""
    assert publish(config, work).edition is None, "and then nothing has changed again"


def test_a_damaged_edition_does_not_let_a_much_smaller_one_pass(
    second: Path, first: Path, config: Config, work: Store
) -> None:
    second.with_suffix(".json").unlink()
    with work.writing():
        work.execute("DELETE FROM document WHERE id NOT IN (SELECT id FROM document LIMIT 3)")
    with pytest.raises(PublishError, match=r"only \d documents; the edition before has"):
        publish(config, work)


@damages
def test_check_is_one_clear_line(first: Path, config: Config, damage: Damage, says: str) -> None:
    damage(first)
    with pytest.raises(PublishError) as caught:
        check(config)
    line = str(caught.value)
    assert says in line and first.stem in line and "\n" not in line and "publish" in line
    assert caught.value.exit_code == 1


def test_a_link_to_nothing_and_no_link(first: Path, config: Config, work: Store) -> None:
    link = config.editions / "current.db"
    link.unlink()
    assert "is not a link to an edition" in publish(config, work).reason
    link.unlink()
    link.symlink_to("stemwire-20200101T000000Z.db")
    with pytest.raises(PublishError, match="there is no file stemwire-20200101T000000Z"):
        check(config)
    assert "there is no file stemwire-20200101T000000Z" in publish(config, work).reason
    assert present(find_linked(config.editions)).is_file()


@damages
def test_serve_refuses_where_there_is_no_other(first: Path, config: Config, damage: Damage, says: str) -> None:
    damage(first)
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(config.editions)], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1 and says in done.stderr and "PublishError" in done.stderr, done.stderr
    assert done.stdout == "", "it never listened"


@pytest.mark.parametrize("kind", ["empty", "flipped", "no sidecar"])
def test_serve_gives_the_last_good_one_and_then_the_next(
    second: Path, first: Path, config: Config, work: Store, kind: str
) -> None:
    damage, says = DAMAGES[kind]
    damage(second)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(config.editions)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        line = present(server.stdout).readline()
        assert "http://" in line, present(server.stderr).read()
        place = ("127.0.0.1", int(line.split("http://")[1].split()[0].rpartition(":")[2]))
        assert served_by(place) == first.stem
        new = present(publish(config, work).edition).name
        assert served_by(place) == new
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=30)
    assert f"{second.stem} is damaged" in errors and says in errors
    assert f"{first.stem} is served instead" in errors and "Traceback" not in errors


def served_by(place: tuple[str, int]) -> str:
    status, body = get(place, "/stemwire.json?sql=select+value+from+meta+where+name='name'&_shape=arrays")
    assert status == 200, body
    return body.split('[["')[1].split('"')[0]


def test_a_running_site_goes_back_when_its_edition_is_cut(second: Path, first: Path, config: Config) -> None:
    site = make_site(config)
    database = EditionDatabase(site)
    assert database.begin().path == second
    cut(second)
    assert database.begin().path == first
    database.close()
    site.executor.shutdown()


def test_letters_do_not_take_an_empty_file_for_a_day_without_news(first: Path, config: Config) -> None:
    os.truncate(first, 0)
    with pytest.raises(PublishError, match="cannot be read"), open_current(config):
        pass


def test_the_list_names_it(second: Path, first: Path, config: Config) -> None:
    cut(first)
    lines = [str(stored) for stored in list_editions(config)]
    assert "damaged" not in lines[0] and "damaged: it has" in lines[1]

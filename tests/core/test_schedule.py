"""The files that a machine is scheduled with: read back by those who will read them."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Literal, cast

import pytest

from core.config import load_config
from core.errors import ConfigError, UsageError
from core.schedule import render_schedule

CONFIG = '[crawl]\ncontact = "mailto:desk@stemwire.example"\n[paths]\ndata = "{data}"\neditions = "{data}/editions"\n'


@pytest.fixture(params=["plain", "with space", "100% of $HOME", "quo'te"])
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    root = tmp_path / str(request.param)
    root.mkdir()
    (root / "config.toml").write_text(CONFIG.format(data=root / "data"), "utf-8")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    return root


class UnitFile(configparser.ConfigParser):
    """Keys of a unit file keep their capitals."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def units(root: Path) -> dict[str, configparser.ConfigParser]:
    parsed: dict[str, configparser.ConfigParser] = {}
    for name, text in render_schedule("systemd", root, root / "config.toml", user="stemwire").items():
        unit = UnitFile(interpolation=None, delimiters=("=",), strict=False, comment_prefixes=("#",))
        unit.read_string(text)
        parsed[name] = unit
    return parsed


def said(text: str) -> str:
    """A word of a unit file as systemd understands it."""
    [word] = shlex.split(text)
    return word.replace("%%", "%").replace("$$", "$")


def test_the_files(root: Path) -> None:
    assert sorted(units(root)) == [
        "stemwire-alert@.service", "stemwire-desk.service", "stemwire-nightly.service", "stemwire-nightly.timer",
        "stemwire-site.service",
    ]  # fmt: skip


def test_the_night(root: Path) -> None:
    night = units(root)["stemwire-nightly.service"]["Service"]
    assert night["Type"] == "oneshot"
    assert night["User"] == "stemwire"
    assert night["WorkingDirectory"].replace("%%", "%") == str(root)
    command = shlex.split(night["ExecStart"].replace("%%", "%").replace("$$", "$"))
    assert command == ["/bin/sh", "run.sh", "--config", str(root / "config.toml"), "nightly"]
    writable = [path.replace("%%", "%") for path in shlex.split(night["ReadWritePaths"])]
    assert writable == [str(root / "data"), str(root / "data/editions")]
    wanted = {
        "KillMode": "control-group", "ProtectSystem": "strict", "PrivateTmp": "yes", "NoNewPrivileges": "yes",
        "SuccessExitStatus": "75", "MemoryMax": "6G", "CPUQuota": "200%", "TimeoutStartSec": "4h",
    }  # fmt: skip
    assert {key: night[key] for key in wanted} == wanted
    assert "RuntimeMaxSec" not in night  # does nothing for a oneshot unit
    assert units(root)["stemwire-nightly.service"]["Unit"]["OnFailure"] == "stemwire-alert@%N.service"


def test_the_timer(root: Path) -> None:
    timer = units(root)["stemwire-nightly.timer"]
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["RandomizedDelaySec"] == "20min"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_site_cannot_see_who_subscribed_and_has_no_secrets(root: Path) -> None:
    site = units(root)["stemwire-site.service"]["Service"]
    assert said(site["InaccessiblePaths"].removeprefix("-")) == str(root / "data")
    assert "EnvironmentFile" not in site
    assert "ReadWritePaths" not in site


def test_the_desk_is_apart(root: Path) -> None:
    desk = units(root)["stemwire-desk.service"]["Service"]
    assert desk["ExecStart"].endswith(" desk --port 8002")
    assert said(desk["ReadWritePaths"]) == str(root / "data")
    assert desk["IPAddressDeny"] == "any"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_agrees(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    for name, text in render_schedule("systemd", root, root / "config.toml", user="root").items():
        (folder / name).write_text(text, "utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(path) for path in sorted(folder.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in checked.stderr.splitlines() if "stemwire" in line]
    assert ours == []
    assert checked.returncode == 0


def test_the_crontab_is_run_as_it_is_meant(root: Path, tmp_path: Path) -> None:
    """Each command, unescaped as cron does it, is run by sh with a run.sh that writes down how it was called."""
    told = tmp_path / "told"
    (root / "run.sh").write_text(
        f'#!/bin/sh\npwd >>{shlex.quote(str(told))}\nprintf "%s\\n" "$@" >>{shlex.quote(str(told))}\n'
    )
    text = render_schedule("cron", root, root / "config.toml")["stemwire.cron"]
    jobs = [line for line in text.splitlines() if re.match(r"\d|@", line)]
    assert [line.split()[0] for line in jobs] == ["17", "@reboot", "@reboot"]
    for line in jobs:
        command = re.split(r"\s+", line, maxsplit=1 if line.startswith("@") else 5)[-1]
        assert not re.search(r"(?<!\\)%", command)
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace("\\%", "%")], capture_output=True, text=True, check=False, cwd="/"
        )
        assert (done.stdout, done.stderr) == ("", "")
    config = ["--config", str(root / "config.toml")]
    assert told.read_text().splitlines() == [
        str(root), *config, "nightly",
        str(root), *config, "serve", "--port", "8001",
        str(root), *config, "desk", "--port", "8002",
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "heard"), [(0, False), (75, False), (1, True), (2, True)])
def test_cron_tells_of_a_failed_night_only(tmp_path: Path, code: int, heard: bool) -> None:
    (tmp_path / "config.toml").write_text(CONFIG.format(data=tmp_path / "data"), "utf-8")
    (tmp_path / "run.sh").write_text(f"#!/bin/sh\necho 'one source failed' >&2\nexit {code}\n")
    (tmp_path / "run.sh").chmod(0o755)
    text = render_schedule("cron", tmp_path, tmp_path / "config.toml")["stemwire.cron"]
    [job] = [line for line in text.splitlines() if line.startswith("17 ")]
    command = re.split(r"\s+", job, maxsplit=5)[-1].replace("\\%", "%")
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, cwd="/")
    assert ("the night ended" in done.stdout, "one source failed" in done.stdout) == (heard, heard)


def test_what_cannot_be_scheduled_is_said(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(data=tmp_path / "data"), "utf-8")
    with pytest.raises(UsageError, match="systemd or cron"):
        render_schedule(cast("Literal['cron']", "launchd"), tmp_path, config)
    with pytest.raises(UsageError, match="control character"):
        render_schedule("cron", tmp_path / "a\nb", config)
    with pytest.raises(ConfigError):
        render_schedule("cron", tmp_path, tmp_path / "none.toml")


def test_the_projects_own_config_can_be_scheduled() -> None:
    root = Path(__file__).resolve().parents[2]
    assert load_config(root / "config.toml")
    kinds: tuple[Literal["systemd"], Literal["cron"]] = ("systemd", "cron")
    for kind in kinds:
        assert all(text.endswith("\n") for text in render_schedule(kind, root, root / "config.toml").values())

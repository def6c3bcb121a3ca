"""Ready files for a machine that does this every night: systemd units, or a crontab.

What is decided here, and why:
* The night is one process at a time by its own lock (exit code 75 says that another run holds it), so neither kind
  needs flock. `KillMode=control-group` matters: a lock is given back when its holder dies, even while a child of the
  holder lives on.
* `RuntimeMaxSec` does nothing for a oneshot unit; what ends a night that hangs is `TimeoutStartSec`.
* Exit code 1 (finished, but sources failed, or an error) stays a failure: it is how an operator hears of it. Only 75
  counts as success, since the other run is the one that matters.
* Each process sees what it needs: the night writes the data and editions folders, the desk the data folder, and the
  site may not even look into the data folder, where the addresses of subscribers are.
* Paths are quoted for whoever reads them (systemd's `%` and `$`, cron's `%`, the shell). A path with a control
  character is refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from core.config import load_config
from core.errors import UsageError

HOURS = 4
SITE_PORT, DESK_PORT = 8001, 8002

_GUARDED = """\
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=
KillMode=control-group"""

_NIGHT = """\
# {folder}/stemwire-nightly.service: one night, from the sources to the letters
[Unit]
Description=Stemwire: one night
Wants=network-online.target
After=network-online.target
OnFailure=stemwire-alert@%N.service

[Service]
Type=oneshot
User={user}
WorkingDirectory={root}
ExecStart=/bin/sh run.sh --config {config} nightly
SuccessExitStatus=75
# secrets, one NAME=value a line, readable by root only: STEMWIRE_LETTERS_KEY, STEMWIRE_SMTP_PASSWORD, keys of APIs
EnvironmentFile=-/etc/stemwire/secrets
TimeoutStartSec={hours}h
TimeoutStopSec=60
Nice=10
MemoryHigh=4G
MemoryMax=6G
CPUQuota=200%
TasksMax=256
UMask=0027
ReadWritePaths={data} {editions}
{guarded}
# The crawler refuses private addresses by itself; this is the second fence. The first line is safe everywhere (the
# address that clouds keep credentials at). Take the second one too, and add your name server and mail relay to
# IPAddressAllow if they are not on this machine: a night without names collects nothing.
IPAddressDeny=169.254.0.0/16
#IPAddressDeny=10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fe80::/10
IPAddressAllow=localhost
"""

_TIMER = """\
# {folder}/stemwire-nightly.timer
[Unit]
Description=Stemwire: every night

[Timer]
OnCalendar=*-*-* 03:17:00
RandomizedDelaySec=20min
# a night missed because the machine was off is made up for when it is on again
Persistent=true

[Install]
WantedBy=timers.target
"""

_SERVER = """\
# {folder}/stemwire-{name}.service: {about}
[Unit]
Description=Stemwire: {title}
After=network.target
OnFailure=stemwire-alert@%N.service

[Service]
Type=exec
User={user}
WorkingDirectory={root}
ExecStart=/bin/sh run.sh --config {config} {command} --port {port}
Restart=on-failure
RestartSec=5
MemoryMax={memory}
CPUQuota=100%
TasksMax=128
{more}
{guarded}
# behind a proxy on this machine, which adds TLS and the public name; nothing else may talk to it
IPAddressDeny=any
IPAddressAllow=localhost

[Install]
WantedBy=multi-user.target
"""

_ALERT = """\
# {folder}/stemwire-alert@.service: what happens when a unit fails; replace ExecStart by whatever wakes you
[Unit]
Description=Stemwire: %i failed

[Service]
Type=oneshot
ExecStart=/usr/bin/logger -p user.err -t stemwire "%i failed: `./run.sh status` in {root_quoted} shows why"
"""

_CRON = """\
# Stemwire's crontab. Put it in place, as the user who owns the folder, with:  crontab stemwire.cron
# Secrets (STEMWIRE_LETTERS_KEY, STEMWIRE_SMTP_PASSWORD) may be set here as NAME=value: crontabs are not public.
SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
# cron mails what a command prints to MAILTO: here that is the last lines of a night that failed
#MAILTO=you@example.org

# A night takes a lock. If one is still running, the next exits with 75, which needs no mail.
17 3 * * * cd {root} && {{ umask 027; mkdir -p {data}; \
timeout -k 60 {seconds} ./run.sh --config {config} nightly >>{log} 2>&1; code=$?; \
[ $code -eq 0 ] || [ $code -eq 75 ] || {{ echo "stemwire: the night ended with $code"; tail -n 30 {log}; }}; }}
@reboot cd {root} && ./run.sh --config {config} serve --port {site} >>{site_log} 2>&1
@reboot cd {root} && ./run.sh --config {config} desk --port {desk} >>{desk_log} 2>&1
"""


def render_schedule(
    kind: Literal["systemd", "cron"], root: Path, config_path: Path | str, *, user: str | None = None
) -> Mapping[str, str]:
    """Names and texts of the files. Without `user` it is the owner of `root` (`stemwire` if that is root).

    Raises UsageError on an unknown kind or a path that no unit file can name, ConfigError on a config that cannot be
    read.
    """
    config_path = Path(config_path).resolve()
    config = load_config(config_path)
    root = root.resolve()
    paths = {"root": root, "config": config_path, "data": config.data("").resolve(), "editions": config.editions}
    for path in paths.values():
        if re.search(r"[\x00-\x1f\x7f]", str(path)):
            raise UsageError("a path with a control character cannot be scheduled", where=repr(str(path)))
    if kind == "cron":
        return {"stemwire.cron": _cron(**paths)}
    if kind != "systemd":
        raise UsageError(f"no such kind of schedule: {kind}", hint="systemd or cron")
    user = user or _owner(root)
    values = {
        "folder": "/etc/systemd/system",
        "user": user,
        "root": _specifier(str(root)),
        "root_quoted": _specifier(str(root)).replace("$", "$$").replace('"', "'"),
        "config": _word(config_path),
        "data": _path(paths["data"]),
        "editions": _path(paths["editions"]),
        "guarded": _GUARDED,
        "hours": str(HOURS),
    }
    site = {
        "name": "site", "title": "the site", "command": "serve", "port": str(SITE_PORT), "memory": "2G",
        "about": "the site, on the current edition; it cannot see who subscribed",
        "more": f"InaccessiblePaths=-{values['data']}",
    }  # fmt: skip
    desk = {
        "name": "desk", "title": "the letters desk", "command": "desk", "port": str(DESK_PORT), "memory": "2G",
        "about": "takes unsubscribe clicks and texts to check, apart from the site",
        "more": f"EnvironmentFile=-/etc/stemwire/secrets\nUMask=0077\nReadWritePaths={values['data']}",
    }  # fmt: skip
    return {
        "stemwire-nightly.service": _NIGHT.format(**values),
        "stemwire-nightly.timer": _TIMER.format(**values),
        "stemwire-site.service": _SERVER.format(**values, **site),
        "stemwire-desk.service": _SERVER.format(**values, **desk),
        "stemwire-alert@.service": _ALERT.format(**values),
    }


def save_schedule(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the files; returns where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]


def _cron(*, root: Path, config: Path, data: Path, editions: Path) -> str:
    del editions  # cron fences nothing in
    return _CRON.format(
        root=_shell(root),
        config=_shell(config),
        data=_shell(data),
        seconds=HOURS * 3600,
        log=_shell(data / "nightly.log"),
        site=SITE_PORT,
        desk=DESK_PORT,
        site_log=_shell(data / "site.log"),
        desk_log=_shell(data / "desk.log"),
    )


def _owner(root: Path) -> str:
    try:
        name = root.owner()
    except KeyError:  # the owner's number has no name on this machine
        return "stemwire"
    return "stemwire" if name == "root" else name


def _specifier(text: str) -> str:
    return text.replace("%", "%%")


def _path(path: Path) -> str:
    """A path in a list of paths of a unit file."""
    text = _specifier(str(path))
    if re.search(r"""[\s"'\\;]""", text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def _word(path: Path) -> str:
    """A path in a command line of a unit file, where `$` begins a variable too."""
    return _path(path).replace("$", "$$")


def _shell(path: Path) -> str:
    """A path in a command of a crontab, where `%` is a line break."""
    return shlex.quote(str(path)).replace("%", "\\%")

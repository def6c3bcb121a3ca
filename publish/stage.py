"""STAGE publish: build an edition, check it and its pages, and switch the site to it.

The order of the steps, and what each protects, is described in `publish/edition/editions.py`. This module joins the
edition (tables) with the pages that show it, so that neither of these packages imports the other.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.config import Config
from core.corrections import load_corrections
from core.errors import PublishError
from core.records import Edition
from core.store import Store
from publish.edition.damage import CURRENT, find_damage, find_linked, sidecar_of
from publish.edition.editions import build_edition, find_current, list_editions, prune, remove, sweep, switch_to
from publish.pages.serve import check_edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`edition` is None if there was nothing new to publish; `reason` is one line for the operator."""

    edition: Edition | None
    reason: str


def publish(config: Config, work: Store, *, force: bool = False) -> Published:
    """Build and check an edition and switch to it. Raises PublishError; then the previous one stays in use."""
    folder = config.editions
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    damage = describe_damage(folder)
    before = find_current(config)
    if before is None and damage:  # how many documents there were is known from the one before it
        before = next((stored.edition for stored in list_editions(config)), None)
    building = folder / f".building-{os.getpid()}.db"
    try:
        corrections = load_corrections(config.corrections)
        edition = build_edition(building, work, before, force=force, damaged=bool(damage), corrections=corrections)
        if edition is None:
            return Published(edition=None, reason=f"nothing has changed since {before.name if before else ''}")
        final = folder / f"{edition.name}.db"
        building.replace(final)
        try:
            _refuse_broken_pages(config, final)
        except BaseException:
            final.unlink()
            sidecar_of(final).unlink(missing_ok=True)
            raise
    except sqlite3.DatabaseError as error:
        raise PublishError("the edition could not be built", where=str(folder)) from error
    finally:
        remove(building)
    switch_to(folder, edition.name)
    prune(config)
    with work.writing():
        work.save(edition)
    grown = f", {edition.documents - before.documents:+d}" if before else ""
    why = f"; built anew, because {damage}" if damage else ""
    return Published(edition=edition, reason=f"{edition.name}: {edition.documents} documents{grown}{why}")


def describe_damage(folder: Path) -> str:
    """What is wrong with the current edition, every byte of it read; empty: nothing, or there was none yet."""
    linked = find_linked(folder)
    if linked is None:
        stored = any(folder.glob("stemwire-*.db"))
        return f"{CURRENT} is not a link to an edition" if stored or (folder / CURRENT).exists() else ""
    damage = find_damage(linked, whole=True)
    return f"{linked.stem} was damaged: {damage}" if damage else ""


def _refuse_broken_pages(config: Config, path: Path) -> None:
    problems = check_edition(config, path)
    if problems:
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        raise PublishError(f"pages have problems: {'; '.join(problems[:3])}{more}", where=path.name)

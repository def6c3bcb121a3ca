"""The commands of the command line that concern letters. `pipeline.py` registers all of `COMMANDS`.

What a command needs is imported inside it, so that `--help` and `status` are quick.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.config import Config
from core.errors import UsageError
from core.store import open_store, open_to_read

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@click.command()
@click.argument("address")
@click.argument("query", default="")
@click.option("--daily", "every", flag_value="daily", help="After every night that has something new.")
@click.option("--weekly", "every", flag_value="weekly", default="weekly", help="Once a week (the default).")
@click.option("--at-once", "every", flag_value="at once", help="Only when the status of something changes, each night.")
@click.option(
    "--on", "day", type=click.Choice(DAYS), help="Day of a weekly letter; by default the one on which it began."
)
@click.option("--name", default="", help="What the letter calls the search; by default the search in words.")
@click.option("--stage", "stages", multiple=True, help="Only this kind of evidence, such as animal or 'phase 1'.")
@click.option("--most", type=int, default=40, show_default=True, help="Stories that one letter shows.")
@click.option("--story", default="", metavar="KEY", help="Follow a story instead of a search.")
@click.option("--own", multiple=True, metavar="ID", help="Follow works and trials: doi:…, pmid:… or nct:…, each.")
@click.option("--channel", default="mail", show_default=True, help="How the letters are delivered.")
@click.pass_context
def subscribe(
    ctx: click.Context,
    /,
    address: str,
    query: str,
    day: str | None,
    story: str,
    own: tuple[str, ...],
    channel: str,
    **rest: Any,  # noqa: ANN401  the fields of Wanted that options name
) -> None:
    """Subscribe ADDRESS to what is new for QUERY, to a story, or to works and trials."""
    from publish.letters.channels import check_sections
    from publish.letters.current_edition import open_current
    from publish.letters.preview import preview, show_tips
    from publish.letters.subscriptions import subscribe as add
    from publish.letters.wanted import Wanted

    config: Config = ctx.obj
    check_sections(config)
    if (bool(query), bool(story), bool(own)).count(True) != 1:
        raise click.UsageError("give one of QUERY, --story KEY and --own ID")
    wanted = Wanted(
        kind="own" if own else "story" if story else "search", query=query or story, identifiers=own,
        weekday=DAYS.index(day) if day else None, **rest,
    )  # fmt: skip
    with open_store(config.data("letters.db"), "letters") as letters:
        person, kept = add(config, letters, channel, address, wanted)
    what = f"{len(own)} works and trials" if own else kept.query
    print(f"{person.address} gets {kept.every} letters for: {what}")
    with open_current(config) as edition:
        if edition is None or kept.kind != "search":
            return
        seen = preview(edition, kept.query, kept.stages)
    if not seen.total:
        print("it finds nothing today; a letter comes when something does")
    for line in show_tips(seen):
        print(line)


@click.command()
@click.argument("address_or_token")
@click.pass_context
def unsubscribe(ctx: click.Context, address_or_token: str) -> None:
    """End all subscriptions of an address, or those that the token of a link ends."""
    from publish.letters.subscriptions import unsubscribe as end

    with open_store(ctx.obj.data("letters.db"), "letters") as letters:
        ended = end(ctx.obj, letters, address_or_token)
    print(f"{ended} subscription{'' if ended == 1 else 's'} ended")


@click.command()
@click.option("--addresses", is_flag=True, help="Show the addresses of people, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def subscriptions(ctx: click.Context, addresses: bool, as_json: bool) -> None:
    """List who follows what, by number, without addresses."""
    from publish.letters.listing import list_subscriptions, show_subscriptions

    with open_to_read(ctx.obj.data("letters.db"), "letters") as letters:
        listed = list_subscriptions(letters, addresses=addresses)
    print(json.dumps(listed, ensure_ascii=False, indent=1) if as_json else show_subscriptions(listed))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def bounces(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Read the delivery reports in FOLDER: a person whose letters came back three times in a row gets no more."""
    from publish.letters.bounces import count_bounces

    with open_store(ctx.obj.data("letters.db"), "letters") as letters:
        found = count_bounces(letters, folder)
    if as_json:
        print(json.dumps(asdict(found)))
        return
    print(
        f"{found.mails} mails, {found.reports} of them delivery reports: {found.hard} letters came back for good,"
        f" {found.soft} for now, {found.unknown} are not ours"
    )
    for person in found.stopped:
        print(f"person {person} gets no more letters until they subscribe again")


@click.command("preview")
@click.argument("query")
@click.option("--stage", "stages", multiple=True, help="Only this kind of evidence, such as animal or 'phase 1'.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def preview_search(ctx: click.Context, query: str, stages: tuple[str, ...], as_json: bool) -> None:
    """Say what a search would have sent in the last month. Nothing is stored."""
    from publish.letters.current_edition import open_current
    from publish.letters.preview import preview, show_preview
    from publish.letters.wanted import Wanted, check_wanted

    wanted = check_wanted(ctx.obj, Wanted(query=query, stages=stages))
    with open_current(ctx.obj) as edition:
        if edition is None:
            raise UsageError("there is no edition yet", hint="pipeline.py publish makes one")
        found = preview(edition, wanted.query, wanted.stages)
    click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else show_preview(found))


@click.command()
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send and write nothing.")
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), help="Save the letters here; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="")
@click.pass_context
def digest(ctx: click.Context, dry_run: bool, write: Path | None, as_json: bool, folder: Path | None) -> None:
    """Send each person what is new for what they follow, once."""
    from core.night import night_of
    from core.store import as_row
    from publish.letters.channels import check_sections
    from publish.letters.outbox import send_digests

    if folder is not None:  # one version long: `--dry-run FOLDER` had this meaning
        raise UsageError(f"`digest --dry-run {folder}` is now `digest --write {folder}`")
    check_sections(ctx.obj)
    if dry_run or write:
        _digest_dry(ctx.obj, write, as_json)
        return
    with night_of(ctx.obj, "digest") as night, open_store(ctx.obj.data("letters.db"), "letters") as letters:
        report = send_digests(ctx.obj, night.work, letters, night.run)
        night.kept_back = report.failed
        code = night.exit_code
    if as_json:
        print(json.dumps(as_row(report)))
    else:
        print(f"{report.done} sent, {report.skipped} with nothing new, {report.failed} failed")
    ctx.exit(code)


def _digest_dry(config: Config, folder: Path | None, as_json: bool) -> None:
    from publish.letters.dry_run import run_dry, save_dry
    from publish.letters.rendering import subject_of

    dry = run_dry(config)
    if folder is not None:
        save_dry(dry, folder)
    for one in dry.letters:
        subject = subject_of(one.letter) if one.letter else ""
        if as_json:
            said = {"subscriber": one.subscriber, "number": one.number, "every": one.every, "subject": subject}
            letter = asdict(one.letter) if one.letter else None
            print(json.dumps({**said, "file": one.name if folder else "", "letter": letter}, ensure_ascii=False))
        else:
            print(f"subscriber {one.subscriber}, {one.every}, letter {one.number}: {subject}")
    for problem in dry.problems:
        click.echo(f"{problem.subject}: {problem.text}", err=True)
    if not as_json:
        print(f"{len(dry.letters)} {'written' if folder else 'would be sent'}, {dry.empty} with nothing new")


@click.command()
@click.argument("action", required=False, type=click.Choice(["retry", "drop", "arrived", "resume"]))
@click.argument("number", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def outbox(ctx: click.Context, action: str | None, number: str | None, as_json: bool) -> None:
    """List letters that wait or are in doubt; retry, drop or settle (arrived) one, or resume a person's letters."""
    from publish.letters.repairs import ACTIONS, list_outbox, show_outbox

    if action is None:
        with open_to_read(ctx.obj.data("letters.db"), "letters") as letters:
            rows = list_outbox(letters)
        print(json.dumps(rows, ensure_ascii=False, indent=1) if as_json else "\n".join(show_outbox(rows)))
        return
    if number is None:
        raise UsageError(f"which one is to {action}?", hint="`outbox` lists them; a letter is such as 3.2")
    with open_store(ctx.obj.data("letters.db"), "letters") as letters:
        done = ACTIONS[action](letters, number)
    print(json.dumps({action: number}) if as_json else done)


COMMANDS: tuple[click.Command, ...] = (digest, outbox, subscribe, unsubscribe, subscriptions, bounces, preview_search)

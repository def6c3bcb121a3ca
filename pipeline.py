"""The command line: one short function per command, and the list of stages. The only module that imports every package.

Large packages are imported inside the command that needs them, so that `--help` and `status` are quick.
Exit codes: 0 good, 1 finished with failed sources, with letters that could not leave, or an error, 2 usage or config,
75 already running.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import click
from rich.console import Console

from core import clock, log
from core.config import ROOT, Config, load_config, load_sources
from core.corrections import describe_lost, load_corrections
from core.errors import StemwireError, UsageError
from core.night import Night, StepStage, night_of
from core.records import Report
from core.stage import make_report, save_report
from core.status import show_reports, show_status
from core.store import open_store, open_to_read
from publish.letters.commands import COMMANDS as letter_commands

screen = Console(highlight=False, soft_wrap=True)


def collect(night: Night) -> Report:
    """Request every source and store every answer."""
    from crawlers.fetch.collect import collect as run_collect

    sources, broken = load_sources(night.config.sources, night.only)
    night.failed |= {Path(str(error.where)).stem: str(error) for error in broken}
    with night.work.writing():
        for error in broken:
            night.work.raise_issue(night.run, kind="source_file", subject=str(error.where), text=str(error))
        if not night.only:
            night.work.resolve_issues(night.run, kinds=["source_file"])
    collected = run_collect(
        night.config, night.work, night.raw, night.run,
        [source for source in sources if source.enabled], recorded=night.recorded,
    )  # fmt: skip
    night.failed |= dict(collected.failed)
    return collected.report


def judge_coverage(night: Night) -> None:
    """Compare how many documents of each source have their fields filled with what the source expects."""
    from crawlers.documents.coverage import judge_filled

    judge_filled(night.work, night.run, load_sources(night.config.sources, night.only)[0])


def tell_of_worse(night: Night) -> None:
    """Raise an issue for each source whose answers are not the pages that were asked for."""
    from crawlers.documents.judge_page import tell

    tell(night)


def publish(night: Night) -> Report:
    """Build a new edition, check it, and switch the site to it."""
    from publish.stage import publish as build

    started = clock.seconds()
    result = build(night.config, night.work, force=night.force)
    night.notes.append(result.reason)
    done = int(result.edition is not None)
    report = make_report(night.run, "publish", started, seen=1, done=done, skipped=1 - done, failed=0)
    return save_report(night.work, report)


def digest(night: Night) -> Report:
    """Send each person what is new for what they follow, once."""
    from publish.letters.outbox import send_digests

    with open_store(night.config.data("letters.db"), "letters") as letters:
        report = send_digests(night.config, night.work, letters, night.run)
    night.kept_back = report.failed
    if report.failed:
        night.notes.append(f"{report.failed} letters could not leave; `./run.sh outbox` lists them")
    return report


STAGES: dict[str, Callable[[Night], Report]] = {
    "collect": collect,
    "identify": StepStage("relations.works", "Merge the records that share a DOI, PMID or trial number into works."),
    "inspect": StepStage("crawlers.documents.inspect_page", "Note what each answer for a page shows."),
    "judge": StepStage("crawlers.documents.judge_page", "Tell pages from what came in their place.", tell_of_worse),
    "extract": StepStage("crawlers.documents.extract", "Make documents from entries and their pages.", judge_coverage),
    "edits": StepStage("relations.edits", "Say what each edit of a page changed, and of what kind the change is."),
    "enrich": StepStage("nlp.enrich", "Find mentions in documents and link them to concepts."),
    "names": StepStage("nlp.names.stage", "Collect every name of each concept, and what is wider than it."),
    "link": StepStage("relations.links", "Link documents to the papers and trials that they report on."),
    "retractions": StepStage("relations.retractions", "Find retracted and corrected works, and who cites them."),
    "trials": StepStage(
        "relations.trial_status", "Find the status of each trial in its registry, and who writes about it."
    ),
    "classify": StepStage("nlp.classify", "Label documents; each label names the sentence it is based on."),
    "figures": StepStage("nlp.figures.stage", "Extract figures, quotations and promises from documents."),
    "duplicates": StepStage("relations.near_duplicates", "Find copies, translations and reports of the same event."),
    "stories": StepStage("relations.stories", "Group documents into stories and give each document its role."),
    "tellings": StepStage(
        "relations.tellings",
        "Compare each text with the release or paper it rests on: left out, added, changed numbers.",
    ),
    "checks": StepStage("relations.registry_checks", "Compare statements about trials with the registry."),
    "warnings": StepStage("relations.warnings", "Find what a reader should know before believing a document."),
    "publish": publish,
    "digest": digest,
}
NEEDS = {"extract": ("inspect", "judge")}  # a command of one stage runs these before it
STEPS = {name: stage for name, stage in STAGES.items() if isinstance(stage, StepStage)}
OFFLINE = tuple(name for name in STAGES if name not in ("collect", "digest"))  # a rebuild runs these again


def check_channels(config: Config) -> None:
    """Check the channel tables of config.toml, which core does not know. Raises ConfigError."""
    from publish.letters.channels import check_sections

    check_sections(config)


def run_stages(night: Night, names: list[str], as_json: bool) -> int:
    """Run stages in order and show their reports. Returns the exit code."""
    reports = [STAGES[name](night) for name in names]
    show_reports(night, reports, screen, as_json)
    return night.exit_code


RENAMED = {"kin": "duplicates", "standing": "retractions"}  # old command -> new one, for one version


class Main(click.Group):
    """Turns errors into one line and an exit code. Has one of the two broad excepts of the project."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Raises UsageError with the new name for a command that was renamed."""
        if cmd_name in RENAMED:
            raise UsageError(f"`{cmd_name}` is now `{RENAMED[cmd_name]}`", hint="docs/renamed.md lists all new names")
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except StemwireError as error:
            click.echo(f"stemwire: {error}", err=True)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort, KeyboardInterrupt):
            raise
        except BrokenPipeError:  # `… | head` closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except Exception as error:  # noqa: BLE001  print one line; the log has the rest
            log.get_log(__name__).error("crashed", exc_info=True)
            click.echo(f"stemwire: {type(error).__name__}: {error} (internal error; see the log above)", err=True)
            ctx.exit(1)


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), default=ROOT / "config.toml", show_default=True
)
@click.pass_context
def main(ctx: click.Context, config_path: Path) -> None:
    """Collect stem-cell news, papers and trials every night, analyse them and publish them for search."""
    ctx.obj = config = load_config(config_path)
    ctx.meta["config_path"] = config_path
    log.configure(config.log_level)


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
recorded_in = click.option(
    "--recorded",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read answers from this recording, not from the network.",
)


@main.command()
@recorded_in
@click.option("--source", "only", multiple=True, help="Only this source (repeatable).")
@as_json
@click.pass_context
def nightly(ctx: click.Context, recorded: Path | None, only: tuple[str, ...], as_json: bool) -> None:
    """Run all stages in order."""
    check_channels(ctx.obj)
    with night_of(ctx.obj, "nightly", recorded, only) as night:
        code = run_stages(night, list(STAGES), as_json)
    ctx.exit(code)


def _stage_command(name: str) -> None:
    @main.command(name, help=STAGES[name].__doc__)
    @recorded_in
    @click.option("--source", "only", multiple=True, help="Only this source (repeatable).")
    @as_json
    @click.pass_context
    def command(ctx: click.Context, recorded: Path | None, only: tuple[str, ...], as_json: bool) -> None:
        with night_of(ctx.obj, name, recorded, only) as night:
            code = run_stages(night, [*NEEDS.get(name, ()), name], as_json)
        ctx.exit(code)


for _name in STAGES:
    if _name not in ("publish", "digest"):
        _stage_command(_name)


@main.command("publish")
@click.option("--edition", help="Switch the site to this edition instead of building one.")
@click.option("--list", "listing", is_flag=True, help="List the stored editions.")
@click.option("--force", is_flag=True, help="Publish even if the edition has far fewer documents than the one before.")
@as_json
@click.pass_context
def publish_command(ctx: click.Context, edition: str | None, listing: bool, force: bool, as_json: bool) -> None:
    """Build an edition, check it, and switch the site to it."""
    from publish.edition import editions as site

    if listing:
        print(*site.list_editions(ctx.obj), sep="\n")
        return
    if edition:
        print(f"now serving {site.use_edition(ctx.obj, edition).name}")
        return
    with night_of(ctx.obj, "publish") as night:
        night.force = force
        code = run_stages(night, ["publish"], as_json)
    ctx.exit(code)


@main.command()
@click.option(
    "--raise", "raised", multiple=True, metavar="STAGE", help="Its results change: all its rows are due again."
)
@click.option("--same", multiple=True, metavar="STAGE", help="Its results are the same, though its code changed.")
@click.option("--why", default="", help="How you know; required with --same.")
@click.pass_context
def stages(ctx: click.Context, raised: tuple[str, ...], same: tuple[str, ...], why: str) -> None:
    """Show the versions of the stages, and which stages changed since their results were last compared."""
    from core.versions import load_kept, save_kept

    if unknown := {*raised, *same} - STEPS.keys():
        raise UsageError(f"no stage {', '.join(sorted(unknown))}", hint="known: " + ", ".join(STEPS))
    for name in (*raised, *same):
        save_kept(name, STEPS[name].fingerprint(ctx.obj), why, raised=name in raised)
    for name, stage in STEPS.items():
        kept = load_kept().get(name)
        changed = kept is None or kept.fingerprint != stage.fingerprint(ctx.obj)
        screen.print(f"{name:<12} {kept.version if kept else 0:>3}{'  changed: --raise or --same?' if changed else ''}")


@main.command()
@as_json
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show the last runs and the open issues."""
    with open_store(ctx.obj.data("work.db"), "work") as work:
        show_status(work, screen, as_json, describe_lost(work, load_corrections(ctx.obj.corrections)))


@main.command()
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="How many are listed.")
@as_json
@click.pass_context
def unanswered(ctx: click.Context, most: int, as_json: bool) -> None:
    """Show the searches of the site that found nothing, the most frequent first."""
    import json

    from publish.pages import unanswered as searches

    for words, times in searches.read(searches.path_of(ctx.obj))[:most]:
        line = json.dumps({"words": words, "times": times}, ensure_ascii=False)
        click.echo(line if as_json else f"{times:6} {words}")


@main.command()
@click.argument("ident")
@as_json
@click.pass_context
def explain(ctx: click.Context, ident: str, as_json: bool) -> None:
    """Show every row of a record, from the source's answer to the ledger, and which stages are due and why."""
    from core.explain import show_explanation

    stages = [step.stage(ctx.obj) for step in STEPS.values()]
    with open_to_read(ctx.obj.data("work.db"), "work", attach={"raw": ctx.obj.data("raw.db")}) as work:
        show_explanation(work, ident, stages, screen, as_json)


@main.command()
@click.argument("stage", type=click.Choice(list(STEPS)))
@click.argument("ident")
@as_json
@click.pass_context
def replay(ctx: click.Context, stage: str, ident: str, as_json: bool) -> None:
    """Run the step of STAGE on a stored row again and print what differs. Exit code 0: no difference; 1: some."""
    from core.executors import open_executor
    from core.replay import show_replay

    with (
        open_to_read(ctx.obj.data("work.db"), "work", attach={"raw": ctx.obj.data("raw.db")}) as work,
        open_executor(ctx.obj) as executor,
    ):
        ctx.exit(show_replay(STEPS[stage].stage(ctx.obj), work, ident, executor, screen, as_json))


@main.command()
@click.argument("ident", required=False)
@click.argument("field", required=False)
@click.argument("values", metavar="[VALUE]...", nargs=-1)
@click.option("--why", default="", help="The reason; it is published.")
@click.option("--by", default="", help="Who says so; it stays in the file and is not published.")
@click.option("--add", "action", flag_value="add", help="VALUE holds, too; what else was found stays.")
@click.option("--remove", "action", flag_value="remove", help="VALUE is wrong; what else was found stays.")
@click.option("--withdraw", "action", flag_value="withdraw", help="Take back what people said of FIELD.")
@click.option("--new", is_flag=True, help="VALUE is new for FIELD, not misspelt.")
@click.option("--list", "listing", is_flag=True, help="Print all corrections and whether they hold.")
@as_json
@click.pass_context
def correct(
    ctx: click.Context, ident: str | None, field: str | None, values: tuple[str, ...], why: str, by: str,
    action: Literal["add", "remove", "withdraw"] | None, new: bool, listing: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say that FIELD of the document ID is VALUE (several, or `none`). It wins over rules and models from now on."""
    from core.correct import correct as save_correct
    from core.correct import show_corrections

    with open_to_read(ctx.obj.data("work.db"), "work") as work:
        if listing:
            show_corrections(work, ctx.obj.corrections, screen, as_json)
        elif not ident or not field:
            raise UsageError("ID and FIELD are missing", hint='correct ID FIELD VALUE --why "…", or correct --list')
        else:
            print(*save_correct(
                work, ctx.obj.corrections, ident, field, values, action=action or "is", why=why, by=by, new=new
            ), sep="\n")  # fmt: skip


@main.command()
@click.argument("ident")
@click.argument("field")
@click.argument("value")
@click.option("--is", "check", flag_value="is", default="is", help="The field is VALUE (the default).")
@click.option("--holds", "check", flag_value="holds", help="The field holds VALUE somewhere.")
@click.option("--lacks", "check", flag_value="lacks", help="The field does not hold VALUE.")
@click.option("--name", default="", help="Of the case; made from its address otherwise.")
@click.option("--tests", type=click.Path(file_okay=False, path_type=Path), default=ROOT / "tests", help="Save it here.")
@click.pass_context
def fixture(ctx: click.Context, ident: str, field: str, value: str, check: str, name: str, tests: Path) -> None:
    """Make a failing test from a wrong value: FIELD of IDENT (document, entry, address or capture) should be VALUE."""
    from crawlers.authoring.cases import make_case
    from crawlers.authoring.fixture import save_fixture

    with open_to_read(ctx.obj.data("work.db"), "work", attach={"raw": ctx.obj.data("raw.db")}) as work:
        case = make_case(ctx.obj, work, ident, field, value, check=check, name=name)
    print(*save_fixture(case, tests), sep="\n")


@main.command()
@click.argument("source")
@click.option("--pages", type=click.IntRange(0), default=20, show_default=True, help="At most so many pages.")
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), help="Folder; data/recordings/SOURCE otherwise."
)
@recorded_in
@click.pass_context
def record(ctx: click.Context, source: str, pages: int, to: Path | None, recorded: Path | None) -> None:
    """Save what SOURCE answers, so that `nightly --recorded` can read it again without the network."""
    from crawlers.authoring.record import record as save_answers

    (said,), _ = load_sources(ctx.obj.sources, (source,))
    folder = to or ctx.obj.data("recordings") / source
    done = save_answers(ctx.obj, said, folder, pages=pages, recorded=recorded)
    print(f"{folder}: {done.answers} answers, {done.pages} of them pages", *filter(None, [done.failed]), sep="\n")
    ctx.exit(1 if done.failed else 0)


@main.command("new-source")
@click.argument("url")
@click.option("--name", default="", help="Id of the source and name of its file; made from the host otherwise.")
@click.option("--dry-run", is_flag=True, help="Only print; write no file.")
@recorded_in
@click.pass_context
def new_source(ctx: click.Context, url: str, name: str, dry_run: bool, recorded: Path | None) -> None:
    """Find out how the site at URL can be read; write its file, and show its first entries and one page."""
    from crawlers.authoring.new_source import draft_source, save_draft, show_draft
    from crawlers.authoring.trial_night import open_trial_night

    with open_trial_night(ctx.obj, recorded) as night:
        draft = draft_source(night, url, name=name)
    print(draft.text, *show_draft(draft), sep="\n")
    if not dry_run:
        path = save_draft(draft, ctx.obj.sources)
        print(f"{path}: check it, then `collect --source {draft.source.id}`")


@main.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--country", help="Two-letter code of the country of the text.")
@as_json
@click.pass_context
def read(ctx: click.Context, files: tuple[str, ...], country: str | None, as_json: bool) -> None:
    """Analyse text or HTML FILES (- is standard input) without the database and show what they mention."""
    from core.reading import show_reading
    from crawlers.pages import read_file
    from nlp.text import load_reader

    read_text = load_reader(ctx.obj)
    for name in files:
        with click.open_file(name, "rb") as file:
            title, text, lang = read_file(file.read(), clock.stamp())
        doc = "-" if name == "-" else Path(name).stem
        show_reading(read_text(doc=doc, title=title, text=text, lang=lang, country=country), screen, as_json)


def check_parts(config: Config) -> Any:  # noqa: ANN401  imported only where it is needed
    """The functions of the other packages that a check of a text needs, as addresses: `publish` may not import them."""
    from core.stage import Address
    from publish.check.looking import Parts

    crawl = {"contact": config.crawl.contact, "timeout": config.crawl.timeout, "max_size": config.crawl.max_size}
    return Parts(
        read_given=Address(module="crawlers.documents.read_given", function="read_given", settings=crawl),
        load_reader=Address(
            module="nlp.checked_text", function="load_text_reader", settings={"nlp": config.nlp.model_dump()}
        ),
        build_index=Address(module="relations.checked_text", function="build_index"),
        find_stated=Address(module="relations.checked_text", function="find_stated"),
        measure=Address(module="relations.checked_text", function="measure_shared"),
        warn=Address(module="relations.checked_text", function="find_warnings"),
        trim=Address(module="relations.checked_text", function="remove_boilerplate"),
    )


def serve_desk(config: Config, host: str, port: int, received: Path | None = None) -> None:
    """Serve the letters desk and the paste box; of the demo also the letters that were `received` in a folder."""
    from publish.check.checking import Checker
    from publish.check.pages import PATH, CheckPages
    from publish.letters.desk import run_desk

    with Checker(config, check_parts(config)) as checker:
        if config.site.paste:  # the model takes some seconds: it is there when the first reader comes
            threading.Thread(target=checker.warm_up, daemon=True).start()
        more: dict[str, Any] = {PATH: CheckPages(config, checker)} if config.site.paste else {}
        if received:
            from publish.letters import received as letters

            more[letters.PATH] = letters.make_pages(config, received)
        run_desk(config, host=host, port=port, more=more)


@main.command("check-text")
@click.argument("given", metavar="FILE|URL|-")
@as_json
@click.pass_context
def check_text(ctx: click.Context, given: str, as_json: bool) -> None:
    """Say what the current edition knows of a text, an address, or a list of references. Nothing is kept."""
    from publish.check.checking import Checker
    from publish.check.terminal import make_json, make_lines

    url = given if given.startswith(("http://", "https://")) else ""
    with click.open_file(given, "rb") if not url else nullcontext() as file:
        body = file.read(ctx.obj.crawl.max_size + 1) if file else b""
    with Checker(ctx.obj, check_parts(ctx.obj)) as checker:
        result = checker.check(url=url, body=body)
    click.echo(make_json(result) if as_json else "\n".join(make_lines(result)))


@main.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check the installation for common problems."""
    from core.doctor import examine
    from publish.letters.ready import check_letters

    check_channels(ctx.obj)
    ctx.exit(examine(ctx.obj, screen, check_letters(ctx.obj)))


@main.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Build work.db again from raw.db, offline, and run all stages that follow."""
    from crawlers.documents.rebuild import rebuild as replay

    with night_of(ctx.obj, "rebuild", anew=True) as night:
        sources, _ = load_sources(ctx.obj.sources)
        replay(ctx.obj, night.work, night.raw, night.run, sources)
        code = run_stages(night, list(OFFLINE), False)
    ctx.exit(code)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.pass_context
def serve(ctx: click.Context, port: int, host: str) -> None:
    """Serve the site from the current edition."""
    from publish.pages.serve import serve as run_site

    run_site(ctx.obj, host=host, port=port)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8002, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.pass_context
def desk(ctx: click.Context, port: int, host: str) -> None:
    """Serve the letters desk, which handles unsubscribe links, and the box to check a text; separate from the site."""
    serve_desk(ctx.obj, host, port)


@main.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Request every kind of page once, without serving."""
    from publish.pages.serve import check as check_pages

    ctx.exit(_say(check_pages(ctx.obj)))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def export(ctx: click.Context, folder: Path) -> None:
    """Write the current edition into a new FOLDER, as a data package: CSV files and their description."""
    from publish.edition.damage import find_linked
    from publish.edition.export import export as write_package

    config: Config = ctx.obj
    edition = find_linked(config.editions)
    if edition is None:
        raise UsageError("there is no edition yet", where=str(config.editions), hint="pipeline.py publish makes one")
    tables = write_package(edition, folder, title=config.site.name, home=config.site.url)
    screen.print(f"{edition.stem}: {tables} tables in {folder}")


def _say(problems: list[str]) -> int:
    for problem in problems:
        click.echo(problem, err=True)
    screen.print(f"{len(problems)} pages have problems" if problems else "every page answers")
    return 1 if problems else 0


for _command in letter_commands:
    main.add_command(_command)


@main.command()
@click.option("--systemd", "kind", flag_value="systemd", help="Print systemd unit files.")
@click.option("--cron", "kind", flag_value="cron", help="Print crontab lines.")
@click.option(
    "--write", type=click.Path(file_okay=False, path_type=Path), help="Write the files to this folder instead."
)
@click.pass_context
def schedule(ctx: click.Context, kind: Literal["systemd", "cron"] | None, write: Path | None) -> None:
    """Make the files that schedule a nightly run."""
    from core.schedule import render_schedule, save_schedule

    if kind is None:
        raise UsageError("which kind of schedule?", hint="--systemd or --cron")
    files = render_schedule(kind, ROOT, ctx.meta["config_path"])
    if write:
        print(*save_schedule(files, write), sep="\n")
    else:
        print("\n".join(f"# ---- {name}\n{text}" for name, text in files.items()))


@main.command()
@click.argument("name")
@click.option(
    "--nlp", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT.parent / "shared" / "nlp"
)
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), default=Path("data/train"), show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("nlp/models"), show_default=True)
def train(name: str, nlp: Path, work: Path, out: Path) -> None:
    """Train a model again from its corpora (docs/how-to/train-a-model.md)."""
    from training.ner.recipe import train as run_recipe

    run_recipe(name, nlp=nlp, work=work, out=out)


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--source", "ident", default="pubmed_stem_cells", show_default=True, help="The source that the entries belong to."
)
@click.pass_context
def medline(ctx: click.Context, folder: Path, ident: str) -> None:
    """Import PubMed's baseline and update files from FOLDER: new records, changes and deletions."""
    from crawlers.fetch.medline_import import import_folder

    (source,), _ = load_sources(ctx.obj.sources, (ident,))
    with night_of(ctx.obj, "medline") as night:
        done = import_folder(night.work, night.raw, night.run, source, folder)
    print(f"{done.seen} records, {done.kept} kept, {done.deleted} deleted, {len(done.problems)} problems")
    for problem in done.problems:
        click.echo(problem, err=True)
    ctx.exit(1 if done.problems else 0)


@main.group()
def vocab() -> None:
    """Manage the ontologies and registries that the lexicons are made from."""


@vocab.command("update")
@click.argument("names", nargs=-1)
@click.option(
    "--from", "source", help="A folder or address that contains the releases, instead of their own addresses."
)
@click.option("--force", is_flag=True, help="Import a release even if it is not newer.")
def vocab_update(names: tuple[str, ...], source: str | None, force: bool) -> None:
    """Import newer releases of ontologies and registries into the lexicons: NAMES, or all."""
    from training.vocabulary_update import update

    update(names, source=source, force=force, say=click.echo)


@main.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65533),
    default=8001,
    show_default=True,
    help="Of the site; the letters desk and the mail server take the next two.",
)
@click.option("--once", is_flag=True, help="Check every page without serving, and exit.")
@click.option("--next-night", is_flag=True, help="Run the night after the newest one: what changed, what is new.")
@click.option("--verbose", is_flag=True, help="Also print the table of stages.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Write the data here, not in data/demo.")
@click.pass_context
def demo(ctx: click.Context, port: int, once: bool, next_night: bool, verbose: bool, data: Path | None) -> None:
    """Run a whole night on the bundled newsroom, then serve the site, with a mail server that keeps every letter."""
    from core.demo import begin_next_night, configure_demo, load_tour, show_demo, show_ways_to_follow
    from publish.letters.mail_sink import list_numbers, receiving
    from publish.pages.serve import check as check_pages

    config = configure_demo(load_config(ROOT / "demo" / "config.toml"), port, data)
    if next_night:
        begin_next_night(config)
    received = config.data("received")
    with receiving(received, port + 2):
        before = len(list_numbers(received))
        with night_of(config, "demo", ROOT / "demo" / "newsroom") as night:
            reports = [stage(night) for stage in STAGES.values()]
            if verbose:
                show_reports(night, reports, screen, False)
            mistakes = show_demo(night, load_tour(ROOT / "demo" / "tour.toml"), screen)
        if once:
            ctx.exit(_say(check_pages(config)) or bool(mistakes))
        show_ways_to_follow(config, len(list_numbers(received)) - before, screen)
        serve_demo(config, port)


def serve_demo(config: Config, port: int) -> None:
    """Serve the demo's site on `port` and its letters desk, with the letters received, on the next."""
    from publish.pages.serve import serve as run_site

    desk = {"host": "127.0.0.1", "port": port + 1, "received": config.data("received")}
    threading.Thread(target=serve_desk, args=(config,), kwargs=desk, daemon=True).start()
    run_site(config, host="127.0.0.1", port=port)


if __name__ == "__main__":
    main(prog_name="pipeline.py")

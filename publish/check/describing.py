"""The result of a check in words: sections of lines, for the terminal and for the page alike.

Each line says one thing and what it rests on: a sentence of the text, or a record with its address. What follows from
nothing is not said; where nothing is known, the line says so. `alert` marks what a reader should see first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from core.facets import facets
from core.records import Json
from core.text import headline
from publish.check.describing_lists import describe_list
from publish.check.lines import Line, Section, count, describe_standing, on_day, say_day
from publish.check.looking import find_animals
from publish.edition.steps import STEPS

QUOTED = 400  # characters of a sentence of the text
NAMED = 8  # things that the text is about
SHOWN = 40  # figures without a series
MUCH = 0.5  # share of the phrases of the text from which on a document repeats much of it
UNSHOWN = ("source_kind", "translated")  # of a text without a source they are a guess
OFTEN = {"paper": "paper", "preprint": "preprint", "trial": "trial"}


def describe(result: Json) -> list[Section]:
    """The sections of a result, in the order in which they are shown."""
    if result["kind"] == "list":
        return list(describe_list(result))
    sections = [
        Section(title="In short", lines=tuple(_describe_alerts(result))),
        Section(title="What was done", lines=tuple(_describe_done(result))),
        Section(title="What it rests on", lines=tuple(_describe_basis(result)), note=_describe_edition(result)),
        Section(title="Figures and their series", lines=tuple(_describe_figures(result["figures"]))),
        Section(title="Who else tells it", lines=tuple(_describe_others(result))),
        Section(title="Who speaks", lines=tuple(_describe_speakers(result))),
        Section(title="Marketing cues", lines=tuple(_describe_marketing(result))),
        Section(title="Promises", lines=tuple(_describe_promises(result["promises"]))),
    ]
    return [section for section in sections if section.lines]


def find_labels(result: Json, facet: str) -> list[Json]:
    """The labels of a facet that are sure enough to be shown, the surest first."""
    found = [one for one in result["labels"] if one["facet"] == facet and one["sure"]]
    return sorted(found, key=lambda one: -one["score"])


def _describe_alerts(result: Json) -> Iterator[Line]:
    alerts = list(_find_alerts(result))
    yield from alerts
    if not alerts:
        yield Line(text="Nothing that we warn of was found. That is no proof that all of it is right.")
    if result["this_document"]:
        record = result["this_document"]
        yield Line(link=record["title"], address=record["page"], text="is this text: it is here already")
    if not result["understood"]:
        yield Line(text=f"The language of the text ({result['lang']}) is not read for labels and figures.")
    if result["cut"]:
        yield Line(text="Only the beginning of the text was read.")


def _find_alerts(result: Json) -> Iterator[Line]:
    """What a reader should know first, the gravest first."""
    for record in result["rests_on"]:
        yield from _warn_of(record)
    for warning in result["warnings"]:
        yield from _describe_warning(warning, result)
    for facet in facets().of_kind("label"):
        for label in find_labels(result, facet.name) if facet.warns else ():
            yield Line(label=_capital(facet.flag(label["value"])), text="", quote=_quote(label["sentence"]), alert=True)
    for figure in result["figures"]:
        if figure["verdict"] == "differs":
            here = figure["series"]["here"]
            yield Line(
                text=f"Another figure than the other documents here give: {_amount(figure['value'])} for"
                f" {here['period']}, not {_amount(here['value'])}",
                quote=_quote(figure["sentence"]), alert=True,
            )  # fmt: skip
    if cues := find_labels(result, "marketing"):
        yield Line(label="Marketing cues", text=", ".join(one["words"] for one in cues), alert=True)


def _warn_of(record: Json) -> Iterator[Line]:
    """What became of a paper or trial that the text rests on."""
    name, address = _name(record), record.get("page", "")
    kind = OFTEN.get(record["relation"], "work")
    if status := record.get("status"):
        words = {"concern": "is under an expression of concern"}.get(status["status"], f"was {status['status']}")
        yield Line(
            text=f"— the {kind} that it rests on {words}{on_day(status['day'])}", link=name, address=address, alert=True
        )
    if trial := record.get("trial"):
        table = facets().find("status", "trial_status")
        if table and trial["status"] in table.flags:
            reason = f": {trial['reason']}" if trial["reason"] else ""
            yield Line(text=f"— {table.flag(trial['status'])}{reason}", link=name, address=address, alert=True)
    published = record.get("published_as")
    if published and published["status"]:
        status = published["status"]
        text = f"— the published version of this preprint was {status['status']}{on_day(status['day'])}"
        yield Line(text=text, link=name, address=address, alert=True)


def _describe_warning(warning: Json, result: Json) -> Iterator[Line]:
    """A warning in words. What became of a paper is said from its record."""
    words, quote = _capital(warning["kind"]), _quote(warning["sentence"])
    if warning["kind"] == "headline leaves out animals":
        species = facets().find("label", "species")
        animals = find_animals(result["labels"], result["rests_on"])
        named = ", ".join(species.plurals.get(one, one) if species else one for one in animals)
        words = f"The headline does not say: {named or 'animals'}"
    if warning["kind"] != "rests on retracted work":
        yield Line(label=words, text=warning["why"], quote=quote, alert=True)


def _describe_done(result: Json) -> Iterator[Line]:
    """Step, species, and what it is about; each with the sentence that says so."""
    step = result["step"]
    if step["number"]:
        whole = ", ".join(STEPS)
        text = f"{step['name']}, {step['number']} of {len(STEPS)} ({whole})"
        yield Line(label="Step", text=text)
    steps = [one for one in find_labels(result, "evidence") if one["value"] != "none"]
    for label in steps:
        whose = "" if label["sentence"] else " (its paper or trial says so)"
        yield Line(label="Stage of the work", text=f"{label['words']}{whose}", quote=_quote(label["sentence"]))
    if not steps:
        yield Line(label="Stage of the work", text="the text does not say it for certain")
        for record in result["rests_on"]:
            for evidence in record.get("evidence", ())[:1]:
                yield Line(
                    link=_name(record), address=record["page"], quote=_quote(evidence["sentence"]),
                    text=f"— its own record: {_words('evidence', evidence['value'])}",
                )  # fmt: skip
    for label in find_labels(result, "species"):
        yield Line(label="Species", text=label["words"], quote=_quote(label["sentence"]))
    for facet in facets().shown_in("document", "label"):
        if not facet.quoted and facet.name not in UNSHOWN and (labels := find_labels(result, facet.name)):
            yield Line(label=facet.title, text=", ".join(one["words"] for one in labels))
    groups: dict[str, list[str]] = {}
    for one in result["about"][:NAMED]:
        groups.setdefault(one["type"], []).append(one["name"])
    for kind, names in groups.items():
        facet_of = facets().find("type", kind)
        yield Line(label=facet_of.title if facet_of else kind, text=", ".join(names))


def _describe_basis(result: Json) -> Iterator[Line]:
    for record in result["rests_on"]:
        yield Line(
            link=_name(record), address=record.get("page", ""), text=_describe_record(record), alert=_is_bad(record)
        )
    if not result["rests_on"]:
        yield Line(text="No paper and no trial could be identified. That does not mean that there is none.")
    if result["not_identified"]:
        yield Line(text=_capital(result["not_identified"]))


def _describe_record(record: Json) -> str:
    """What the edition knows of a paper or trial, and why the text is held to rest on it."""
    parts = [f"— {OFTEN.get(record['relation'], 'work')}"]
    if record.get("journal"):
        parts.append(str(record["journal"]))
    if record.get("day") and record["relation"] != "trial":
        parts.append(say_day(record["day"]))
    words = ", ".join(parts)
    return f"{words}. {describe_standing(record)} Why: the text {record['why'].replace('*', '')}."


def _is_bad(record: Json) -> bool:
    return any(True for _ in _warn_of(record))


def _describe_figures(figures: Sequence[Json]) -> Iterator[Line]:
    others = 0
    for figure in figures:
        series = figure["series"]
        if series is None:
            others += 1
            continue
        here = series["here"]
        given = _describe_value(figure)
        if figure["verdict"] == "no value" or here is None:
            last = series["last"]
            text = f"— {given}: no value here for that time; the last is {_amount(last['value'])} for {last['period']}"
        elif figure["verdict"] == "agrees":
            text = f"— {given}: so say most documents here that give one ({here['documents']})"
        elif figure["verdict"] == "fits":
            text = f"— {given}: fits what most documents here say, {_amount(here['value'])} ({here['documents']})"
        else:
            also = ", ".join(_amount(value) for value in here["others"] if value != figure["value"])
            text = f"— {given}: most documents here say {_amount(here['value'])}" + (f"; others {also}" if also else "")
        yield Line(
            link=series["name"], address=series["page"], text=text, quote=_quote(figure["sentence"]),
            alert=figure["verdict"] == "differs",
        )  # fmt: skip
    for figure in [one for one in figures if one["series"] is None][:SHOWN]:
        yield Line(text=f"{_describe_value(figure)}: not tied to a series here", quote=_quote(figure["sentence"]))
    if others > SHOWN:
        yield Line(text=f"and {others - SHOWN} more without a series here")


def _describe_value(figure: Json) -> str:
    high = figure["high"]
    value = _amount(figure["value"]) + (f" to {_amount(high)}" if high is not None else "")
    modifier = {"approximate": "about ", "at least": "at least ", "at most": "at most "}.get(figure["modifier"], "")
    parts = [f"{modifier}{value} {figure['unit']}".strip(), figure["subject"], figure["period"]]
    return ", ".join(str(part) for part in parts if part)


def _describe_others(result: Json) -> Iterator[Line]:
    others = [one for one in result["others"] if not one["same"]]
    for one in result["others"]:
        if one["same"]:
            yield Line(
                link=one["title"], address=one["page"], text=f"({one['source']}, {say_day(one['day'])}) is this text"
            )
    if others:
        countries = Counter(one["country"] for one in others if one["country"])
        sources = len({one["source"] for one in others})
        yield Line(
            text=f"{count(len(others), 'document')} here, from {count(sources, 'source')}"
            + (f" in {count(len(countries), 'country', 'countries')}" if countries else "")
        )
    for one in others:
        how = "repeats much of it" if one["copy"] or (one["share"] or 0) >= MUCH else "shares some of its wording"
        how = how if one["share"] else "on the same work"
        country = facets().vocabularies["country"].get(one["country"], one["country"])
        where = ", ".join(str(part) for part in (one["source"], country, say_day(one["day"])) if part)
        yield Line(link=one["title"], address=one["page"], text=f"({where}) {how}: {one['why']}")
    if not result["others"]:
        yield Line(text="No document here shares its wording, or rests on the same paper or trial.")
        if result["search"]:
            yield Line(
                link="Search for its rarest words", address=result["search"], text=f"— {', '.join(result['words'])}"
            )


def _describe_speakers(result: Json) -> Iterator[Line]:
    words = {
        "yes": "independent of the study",
        "no": "not independent of the study",
        "unknown": "not known whether independent",
    }
    for one in result["speakers"]:
        home = f", {one['affiliation']}" if one["affiliation"] else ""
        yield Line(label=f"{one['name']}{home}", text=f"{words[one['independent']]} ({one['why']})")
    if not result["speakers"]:
        yield Line(text="Nobody is quoted by name.")


def _describe_marketing(result: Json) -> Iterator[Line]:
    for label in find_labels(result, "marketing"):
        yield Line(label=_capital(label["words"]), text="", quote=_quote(label["sentence"]))


def _describe_promises(promises: Sequence[Json]) -> Iterator[Line]:
    for one in promises:
        who = f"{one['who']}: " if one["who"] else ""
        due = f"due {one['due']}" if one["due"] else "no day is given"
        yield Line(label=_capital(f"{who}{due}"), text="", quote=_quote(one["sentence"]))


def _describe_edition(result: Json) -> str:
    edition = result["edition"]
    return (
        f"Compared with the edition of {say_day(edition['night'])}: {count(edition['documents'], 'document')},"
        f" {count(result['papers'], 'paper')} among them. What is not in it is not known here."
    )


def _name(record: Json) -> str:
    return str(record["title"] or record["identifier"])


def _words(facet: str, value: str) -> str:
    table = facets().find("label", facet)
    return table.words(value) if table else value


def _quote(sentence: str) -> str:
    return headline(sentence, QUOTED) if sentence else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _amount(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"

"""The result of a check in words: sections of lines, for the terminal and for the page alike.

Each line says one thing and what it rests on: a sentence of the text, or a record with its address. What follows from
nothing is not said; where nothing is known, the line says so. `alert` marks what a reader should see first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.facets import facets
from core.records import Json
from core.text import headline, one_line

QUOTED = 400  # characters of a sentence of the text
NAMED = 8  # things that the text is about
SHOWN = 40  # figures without a series
OFTEN = {"paper": "paper", "preprint": "preprint", "trial": "trial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`link` is the text of a link to `address`, before `text`; `quote` a sentence that the line rests on."""

    text: str
    link: str = ""
    address: str = ""
    quote: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    lines: tuple[Line, ...]
    note: str = ""


def describe(result: Json) -> list[Section]:
    """The sections of a result, in the order in which they are shown."""
    if result["kind"] == "list":
        return list(_describe_list(result))
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
    headline_labels = [one for one in find_labels(result, "headline") if one["value"] == "only in animals"]
    if headline_labels and result["title"]:
        animals = [one["words"] for one in find_labels(result, "species") if one["value"] != "human"]
        yield Line(
            text=f"The headline does not say: {', '.join(animals) or 'animals'}", alert=True,
            quote=_quote(headline_labels[0]["sentence"]),
        )  # fmt: skip
    for label in find_labels(result, "claim_gap")[:1]:
        yield Line(text="It says more than the paper that it rests on", quote=_quote(label["sentence"]), alert=True)
    for facet in ("outcome", "outlook", "caution"):
        table = facets().find("label", facet)
        for label in find_labels(result, facet):
            words = table.flag(label["value"]) if table else label["words"]
            yield Line(text=_capital(words), quote=_quote(label["sentence"]), alert=True)
    speakers = result["speakers"]
    if speakers and all(one["independent"] == "no" for one in speakers):
        yield Line(text="Nobody who is quoted is independent of the study", alert=True)
    for figure in result["figures"]:
        if figure["verdict"] == "differs":
            here = figure["series"]["here"]
            yield Line(
                text=f"Another figure than the other documents here give: {_amount(figure['value'])} for"
                f" {here['period']}, not {_amount(here['value'])}",
                quote=_quote(figure["sentence"]), alert=True,
            )  # fmt: skip
    if cues := find_labels(result, "marketing"):
        yield Line(text=f"Marketing cues: {', '.join(one['words'] for one in cues)}", alert=True)


def _warn_of(record: Json) -> Iterator[Line]:
    """What became of a paper or trial that the text rests on."""
    name, address = _name(record), record.get("page", "")
    kind = OFTEN.get(record["relation"], "work")
    if status := record.get("status"):
        words = {"concern": "is under an expression of concern"}.get(status["status"], f"was {status['status']}")
        yield Line(
            text=f"— the {kind} that it rests on {words}{_on(status['day'])}", link=name, address=address, alert=True
        )
    if trial := record.get("trial"):
        table = facets().find("status", "trial_status")
        if table and trial["status"] in table.flags:
            reason = f": {trial['reason']}" if trial["reason"] else ""
            yield Line(text=f"— {table.flag(trial['status'])}{reason}", link=name, address=address, alert=True)
    if record["relation"] == "preprint" and record["here"]:
        if not record["published_as"]:
            yield Line(
                text="— it rests on a preprint; no published version is known here", link=name, address=address,
                alert=True,
            )  # fmt: skip
        elif record["published_as"]["status"]:
            status = record["published_as"]["status"]
            yield Line(
                text=f"— the published version of the preprint was {status['status']}{_on(status['day'])}", link=name,
                address=address, alert=True,
            )  # fmt: skip


def _describe_done(result: Json) -> Iterator[Line]:
    """Step, species, and what it is about; each with the sentence that says so."""
    steps = [one for one in find_labels(result, "evidence") if one["value"] != "none"]
    for label in steps:
        yield Line(text=f"Stage of the work: {label['words']}", quote=_quote(label["sentence"]))
    if not steps:
        yield Line(text="Stage of the work: the text does not say it for certain")
        for record in result["rests_on"]:
            for evidence in record.get("evidence", ())[:1]:
                yield Line(
                    link=_name(record), address=record["page"],
                    text=f"— its own record: {_words('evidence', evidence['value'])}", quote=_quote(evidence["sentence"]),
                )  # fmt: skip
    for label in find_labels(result, "species"):
        yield Line(text=f"Species: {label['words']}", quote=_quote(label["sentence"]))
    for facet in ("cell_product", "therapy", "tissue"):
        if labels := find_labels(result, facet):
            table = facets().find("label", facet)
            title = table.title if table else facet
            yield Line(text=f"{title}: {', '.join(one['words'] for one in labels)}")
    groups: dict[str, list[str]] = {}
    for one in result["about"][:NAMED]:
        groups.setdefault(one["type"], []).append(one["name"])
    for kind, names in groups.items():
        facet_of = facets().find("type", kind)
        yield Line(text=f"{facet_of.title if facet_of else kind}: {', '.join(names)}")


def _describe_basis(result: Json) -> Iterator[Line]:
    for record in result["rests_on"]:
        yield Line(link=_name(record), address=record.get("page", ""), text=_describe_record(record), alert=_is_bad(record))
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
        parts.append(str(record["day"]))
    words = ", ".join(parts)
    return f"{words}. {describe_standing(record)} Why: the text {record['why']}."


def describe_standing(record: Json) -> str:
    """What became of a work, in sentences. Also says what is not known."""
    if not record["here"] and not record.get("status"):
        return "Not in this edition, so nothing is known here of what became of it."
    said = []
    if status := record.get("status"):
        said.append(_sentence(status["text"]))
    if trial := record.get("trial"):
        said.append(_sentence(trial["text"]) + (f" Why it stopped: {_sentence(trial['reason'])}" if trial["reason"] else ""))
    elif record["here"] and record["kind"] == "trial":
        said.append("The registry's status of this trial is not known here.")
    if published := record.get("published_as"):
        name = f"“{published['title'].rstrip('.')}”" if published["title"] else published["identifier"]
        journal = f" in {published['journal']}" if published["journal"] else ""
        said.append(f"Published since{journal}: {name} ({published['identifier']}).")
        if published["status"]:
            said.append(_sentence(published["status"]["text"]))
    elif record["here"] and record["kind"] == "preprint":
        said.append("A preprint; no published version is known here.")
    if about := record.get("notice_about"):
        said.append(f"This record is a notice about “{about['title']}”.")
    if not said:
        said.append("No retraction and no correction is known here.")
    return " ".join(said)


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
            text = f"— {given}: the series has no value for this, its last is {_amount(series['last']['value'])} for {series['last']['period']}"
        elif figure["verdict"] == "agrees":
            text = f"— {given}: so say most documents here that give one ({here['documents']})"
        else:
            also = ", ".join(_amount(value) for value in here["others"] if value != figure["value"])
            text = f"— {given}: most documents here say {_amount(here['value'])}" + (f"; others {also}" if also else "")
        yield Line(
            link=series["name"], address=series["page"], text=text, quote=_quote(figure["sentence"]),
            alert=figure["verdict"] == "differs",
        )  # fmt: skip
    for figure in [one for one in figures if one["series"] is None][:SHOWN]:
        yield Line(text=f"{_describe_value(figure)}: no series here to compare it with", quote=_quote(figure["sentence"]))
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
            yield Line(link=one["title"], address=one["page"], text=f"({one['source']}, {one['day']}) is this text")
    if others:
        countries = Counter(one["country"] for one in others if one["country"])
        sources = len({one["source"] for one in others})
        yield Line(
            text=f"{_plural(len(others), 'document')} here, from {_plural(sources, 'source')}"
            + (f" in {_plural(len(countries), 'country', 'countries')}" if countries else "")
        )
    for one in others:
        how = "repeats much of it" if one["copy"] else "shares some of its wording" if one["share"] else "on the same work"
        where = ", ".join(str(part) for part in (one["source"], one["country"], one["day"]) if part)
        yield Line(link=one["title"], address=one["page"], text=f"({where}) {how}: {one['why']}")
    if not result["others"]:
        yield Line(text="No document here shares its wording, or rests on the same paper or trial.")


def _describe_speakers(result: Json) -> Iterator[Line]:
    words = {"yes": "independent of the study", "no": "not independent of the study", "unknown": "not known whether independent"}
    for one in result["speakers"]:
        home = f", {one['affiliation']}" if one["affiliation"] else ""
        yield Line(text=f"{one['name']}{home}: {words[one['independent']]} ({one['why']})")
    if not result["speakers"]:
        yield Line(text="Nobody is quoted by name.")


def _describe_marketing(result: Json) -> Iterator[Line]:
    for label in find_labels(result, "marketing"):
        yield Line(text=_capital(label["words"]), quote=_quote(label["sentence"]))


def _describe_promises(promises: Sequence[Json]) -> Iterator[Line]:
    for one in promises:
        who = f"{one['who']}: " if one["who"] else ""
        due = f"due {one['due']}" if one["due"] else "no day is given"
        yield Line(text=_capital(f"{who}{due}"), quote=_quote(one["sentence"]))


def _describe_edition(result: Json) -> str:
    edition = result["edition"]
    return (
        f"Compared with the edition of {edition['night']}: {_plural(edition['documents'], 'document')},"
        f" {_plural(result['papers'], 'paper')} among them. What is not in it is not known here."
    )


def _describe_list(result: Json) -> Iterator[Section]:
    references, edition = result["references"], result["edition"]
    words = Counter(name for one in references for name in sort_reference(one))
    said = [f"{words[name]} {text}" for name, text in SORTS.items() if words[name]]
    note = f"Compared with the edition of {edition['night']}. What is not in it is not known here."
    yield Section(title="In short", lines=(Line(text=f"{_plural(len(references), 'reference')}: {'; '.join(said)}"),), note=note)
    for name, title in TITLES.items():
        lines = tuple(_describe_reference(one) for one in references if sort_reference(one)[0] == name)
        if lines:
            yield Section(title=title, lines=lines)


SORTS = {
    "retracted": "retracted, withdrawn or in doubt", "corrected": "corrected", "published": "published since",
    "trial": "trials", "good": "without a notice that is known here", "unknown": "unknown here",
}  # fmt: skip
TITLES = {
    "retracted": "Retracted, withdrawn or in doubt", "corrected": "Corrected", "published": "Preprints that were published",
    "trial": "Trials", "good": "No notice is known here", "unknown": "Unknown here",
}  # fmt: skip


def sort_reference(one: Json) -> list[str]:
    """What a reference is counted under, the gravest first."""
    record = one["record"]
    if record is None or not (record["here"] or record["status"]):
        return ["unknown"]
    found = []
    published = record.get("published_as")
    for status in (record["status"], published and published["status"]):
        if status:
            found.append("corrected" if status["status"] == "corrected" else "retracted")
    if published:
        found.append("published")
    if record["kind"] == "trial":
        found.append("trial")
    return sorted(set(found), key=list(SORTS).index) or ["good"]


def _describe_reference(one: Json) -> Line:
    record = one["record"]
    if record is None:
        return Line(text=f"{one['name']} — no identifier and no title that is known here")
    by_title = " Found by its title." if one["by_title"] else ""
    alert = sort_reference(one)[0] == "retracted"
    name = record["title"] or one["title"] or record["identifier"]
    return Line(
        link=name, address=record.get("page", ""), alert=alert,
        text=f"({record['identifier']}) {describe_standing(record)}{by_title}",
    )  # fmt: skip


def _name(record: Json) -> str:
    return str(record["title"] or record["identifier"])


def _words(facet: str, value: str) -> str:
    table = facets().find("label", facet)
    return table.words(value) if table else value


def _on(day: str | None) -> str:
    return f" on {day}" if day else ""


def _sentence(text: str) -> str:
    text = one_line(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _quote(sentence: str) -> str:
    return headline(sentence, QUOTED) if sentence else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _amount(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def _plural(number: int, word: str, many: str = "") -> str:
    return f"{number:,} {word if number == 1 else many or word + 's'}"

"""A checked list of references in words: which were retracted, corrected or published since, which are unknown here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.facets import facets
from core.records import Json
from publish.check.lines import Line, Section, count, describe_standing, say_day


def describe_list(result: Json) -> Iterator[Section]:
    references, edition = result["references"], result["edition"]
    words = Counter(name for one in references for name in sort_reference(one))
    said = [f"{words[name]} {text}" for name, text in SORTS.items() if words[name]]
    note = f"Compared with the edition of {say_day(edition['night'])}. What is not in it is not known here."
    yield Section(
        title="In short", lines=(Line(text=f"{count(len(references), 'reference')}: {'; '.join(said)}"),), note=note
    )
    for name, title in TITLES.items():
        lines = tuple(_describe_reference(one) for one in references if sort_reference(one)[0] == name)
        if lines:
            yield Section(title=title, lines=lines)


SORTS = {
    "retracted": "retracted, withdrawn or in doubt", "corrected": "corrected", "published": "published since",
    "trial": "trials", "good": "without a notice that is known here", "unknown": "unknown here",
}  # fmt: skip
TITLES = {
    "retracted": "Retracted, withdrawn or in doubt", "corrected": "Corrected",
    "published": "Preprints that were published", "trial": "Trials",
    "good": "No notice is known here", "unknown": "Unknown here",
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
    stopped = facets().find("status", "trial_status")
    trial = (record.get("trial") or {}).get("status")
    alert = sort_reference(one)[0] == "retracted" or bool(stopped and trial in stopped.flags)
    shown = f"({record['identifier']})" if record["title"] or one["title"] else "—"
    name = record["title"] or one["title"] or record["identifier"]
    return Line(
        link=name, address=record.get("page", ""), alert=alert,
        text=f"{shown} {describe_standing(record)}{by_title}",
    )  # fmt: skip

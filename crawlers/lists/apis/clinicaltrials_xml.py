"""ClinicalTrials.gov's classic XML (until June 2024): one `clinical_study` a file, and the feed of a search.

Words and dates are those of that time (`Phase 1/Phase 2`, `May 3, 2012`); before 2017 the day of posting has no element
and the day of receipt stands in. The feed of a search gives number, title and day only.
"""

from __future__ import annotations

from lxml import etree

from core.ids import find_ids
from crawlers.lists.apis import ApiError, load_xml
from crawlers.lists.apis.answers import child, children, text
from crawlers.lists.apis.trial import Trial


def xml_studies(body: bytes, url: str) -> list[Trial]:
    """Raises ApiError."""
    root = load_xml(body, url)
    if root.tag == "clinical_study":
        return [_study(root)]
    if root.tag == "rss" and child(root, "channel") is not None:
        return [_found(item) for item in children(root, "channel", "item")]
    raise ApiError(f"a <{root.tag}>, no study of ClinicalTrials.gov", where=url)


def _found(item: etree._Element) -> Trial:
    numbers = [hit.value for tag in ("guid", "link") for hit in find_ids(text(item, tag)) if hit.scheme == "nct"]
    return Trial(
        number="".join(numbers[:1]), brief_title=text(item, "title"), days={"updated": _rfc822(text(item, "pubDate"))}
    )


def _rfc822(raw: str) -> str:
    """`Wed, 05 Feb 2020 12:00:00 EST` as `Feb 5, 2020`, which `partial_day` reads; anything else stays as it is."""
    parts = raw.replace(",", " ").split()
    return f"{parts[2]} {parts[1]}, {parts[3]}" if len(parts) >= 4 and parts[1].isdigit() else raw


def _study(root: etree._Element) -> Trial:
    sponsors = child(root, "sponsors")
    info = child(root, "study_design_info")
    design = _old_design(text(root, "study_design")) if info is None else {
        "allocation": text(info, "allocation"),
        "model": text(info, "intervention_model") or text(info, "observational_model"),
        "purpose": text(info, "primary_purpose"),
        "masking": text(info, "masking"),
    }  # fmt: skip
    browsed = [
        (of, text(node)) for of in ("condition", "intervention") for node in children(root, f"{of}_browse", "mesh_term")
    ]
    return Trial(
        number=text(root, "id_info", "nct_id"),
        aliases=tuple(text(node) for node in children(root, "id_info", "nct_alias")),
        numbers=tuple(text(node) for node in children(root, "id_info", "secondary_id")),
        brief_title=text(root, "brief_title"),
        official_title=text(root, "official_title"),
        acronym=text(root, "acronym"),
        summary=_block(child(root, "brief_summary", "textblock")),
        details=_block(child(root, "detailed_description", "textblock")),
        status=text(root, "overall_status"),
        why_stopped=text(root, "why_stopped"),
        phases=(text(root, "phase"),),
        study_type=text(root, "study_type"),
        design=design,
        conditions=tuple(text(node) for node in children(root, "condition")),
        keywords=tuple(text(node) for node in children(root, "keyword")),
        interventions=tuple(
            (text(node, "intervention_type"), text(node, "intervention_name"))
            for node in children(root, "intervention")
        ),
        arms=tuple(text(node, "arm_group_label") for node in children(root, "arm_group")),
        sponsor=text(sponsors, "lead_sponsor", "agency"),
        collaborators=tuple(text(node, "agency") for node in children(sponsors, "collaborator")),
        countries=tuple(text(node) for node in children(root, "location_countries", "country")),
        enrolment=text(root, "enrollment"),
        enrolment_type="".join(node.get("type", "") for node in children(root, "enrollment")[:1]),
        days={
            "started": text(root, "start_date"),
            "primary_completed": text(root, "primary_completion_date"),
            "completed": text(root, "completion_date"),
            "registered": text(root, "study_first_submitted") or text(root, "firstreceived_date"),
            "posted": text(root, "study_first_posted"),
            "updated": text(root, "last_update_posted") or text(root, "lastchanged_date"),
            "results_posted": text(root, "results_first_posted"),
        },
        has_results=child(root, "clinical_results") is not None,
        mesh=tuple((of, "", name) for of, name in browsed),
        references=tuple(
            (text(node, "PMID"), kind)
            for tag, kind in (("reference", ""), ("results_reference", "RESULT"))
            for node in children(root, tag)
        ),
        people=tuple(
            (
                " ".join(part for tag in ("first_name", "middle_name", "last_name") if (part := text(node, tag))),
                text(node, "affiliation"),
            )
            for node in children(root, "overall_official")
        ),
    )


def _block(node: etree._Element | None) -> str:
    """A text with its paragraphs: lines are wrapped and indented, empty lines part paragraphs."""
    if node is None:
        return ""
    lines = [line.strip() for line in "".join(node.itertext()).splitlines()]
    blocks = "\n".join(lines).split("\n\n")
    return "\n\n".join(joined for block in blocks if (joined := " ".join(block.split())))


def _old_design(said: str) -> dict[str, str]:
    """`Allocation: Randomized, Intervention Model: Parallel Assignment, …`, as it stood before 2017."""
    names = {"Allocation": "allocation", "Intervention Model": "model", "Observational Model": "model",
             "Primary Purpose": "purpose", "Masking": "masking"}  # fmt: skip
    found: dict[str, str] = {}
    for part in said.split(", "):
        name, _, value = part.partition(": ")
        if name.strip() in names and value:
            found[names[name.strip()]] = value
    return found

"""ClinicalTrials.gov's classic XML (until June 2024): one `clinical_study` a file, and the feed of a search.

Words and dates are those of that time (`Phase 1/Phase 2`, `May 3, 2012`); before 2017 the day of posting has no element
and the day of receipt is used instead. The feed of a search gives number, title and day only.
"""

from __future__ import annotations

from lxml import etree

from core.ids import find_ids
from crawlers.lists.apis import ApiError, load_xml
from crawlers.lists.apis.trial import Trial
from crawlers.lists.apis.xml_children import child_text, find_child, find_children


def parse_xml_studies(body: bytes, url: str) -> list[Trial]:
    """Raises ApiError."""
    root = load_xml(body, url)
    if root.tag == "clinical_study":
        return [_study(root)]
    if root.tag == "rss" and find_child(root, "channel") is not None:
        return [_found(item) for item in find_children(root, "channel", "item")]
    raise ApiError(f"a <{root.tag}>, no study of ClinicalTrials.gov", where=url)


def _found(item: etree._Element) -> Trial:
    numbers = [hit.value for tag in ("guid", "link") for hit in find_ids(child_text(item, tag)) if hit.scheme == "nct"]
    return Trial(
        number="".join(numbers[:1]),
        brief_title=child_text(item, "title"),
        days={"updated": _normalise_day(child_text(item, "pubDate"))},
    )


def _normalise_day(raw: str) -> str:
    """`Wed, 05 Feb 2020 12:00:00 EST` as `Feb 5, 2020`, which `partial_day` reads; anything else stays as it is."""
    parts = raw.replace(",", " ").split()
    return f"{parts[2]} {parts[1]}, {parts[3]}" if len(parts) >= 4 and parts[1].isdigit() else raw


def _study(root: etree._Element) -> Trial:
    sponsors = find_child(root, "sponsors")
    info = find_child(root, "study_design_info")
    design = _parse_old_design(child_text(root, "study_design")) if info is None else {
        "allocation": child_text(info, "allocation"),
        "model": child_text(info, "intervention_model") or child_text(info, "observational_model"),
        "purpose": child_text(info, "primary_purpose"),
        "masking": child_text(info, "masking"),
    }  # fmt: skip
    browsed = [
        (of, child_text(node))
        for of in ("condition", "intervention")
        for node in find_children(root, f"{of}_browse", "mesh_term")
    ]
    return Trial(
        number=child_text(root, "id_info", "nct_id"),
        aliases=tuple(child_text(node) for node in find_children(root, "id_info", "nct_alias")),
        numbers=tuple(child_text(node) for node in find_children(root, "id_info", "secondary_id")),
        brief_title=child_text(root, "brief_title"),
        official_title=child_text(root, "official_title"),
        acronym=child_text(root, "acronym"),
        summary=_get_paragraphs(find_child(root, "brief_summary", "textblock")),
        details=_get_paragraphs(find_child(root, "detailed_description", "textblock")),
        status=child_text(root, "overall_status"),
        why_stopped=child_text(root, "why_stopped"),
        phases=(child_text(root, "phase"),),
        study_type=child_text(root, "study_type"),
        design=design,
        conditions=tuple(child_text(node) for node in find_children(root, "condition")),
        keywords=tuple(child_text(node) for node in find_children(root, "keyword")),
        interventions=tuple(
            (child_text(node, "intervention_type"), child_text(node, "intervention_name"))
            for node in find_children(root, "intervention")
        ),
        arms=tuple(child_text(node, "arm_group_label") for node in find_children(root, "arm_group")),
        sponsor=child_text(sponsors, "lead_sponsor", "agency"),
        collaborators=tuple(child_text(node, "agency") for node in find_children(sponsors, "collaborator")),
        countries=tuple(child_text(node) for node in find_children(root, "location_countries", "country")),
        enrolment=child_text(root, "enrollment"),
        enrolment_type="".join(node.get("type", "") for node in find_children(root, "enrollment")[:1]),
        days={
            "started": child_text(root, "start_date"),
            "primary_completed": child_text(root, "primary_completion_date"),
            "completed": child_text(root, "completion_date"),
            "registered": child_text(root, "study_first_submitted") or child_text(root, "firstreceived_date"),
            "posted": child_text(root, "study_first_posted"),
            "updated": child_text(root, "last_update_posted") or child_text(root, "lastchanged_date"),
            "results_posted": child_text(root, "results_first_posted"),
        },
        has_results=find_child(root, "clinical_results") is not None,
        mesh=tuple((of, "", name) for of, name in browsed),
        references=tuple(
            (child_text(node, "PMID"), kind)
            for tag, kind in (("reference", ""), ("results_reference", "RESULT"))
            for node in find_children(root, tag)
        ),
        people=tuple(
            (
                " ".join(part for tag in ("first_name", "middle_name", "last_name") if (part := child_text(node, tag))),
                child_text(node, "affiliation"),
            )
            for node in find_children(root, "overall_official")
        ),
    )


def _get_paragraphs(node: etree._Element | None) -> str:
    """A text with its paragraphs: lines are wrapped and indented, empty lines part paragraphs."""
    if node is None:
        return ""
    lines = [line.strip() for line in "".join(node.itertext()).splitlines()]
    blocks = "\n".join(lines).split("\n\n")
    return "\n\n".join(joined for block in blocks if (joined := " ".join(block.split())))


def _parse_old_design(said: str) -> dict[str, str]:
    """`Allocation: Randomized, Intervention Model: Parallel Assignment, …`, as it was written before 2017."""
    names = {"Allocation": "allocation", "Intervention Model": "model", "Observational Model": "model",
             "Primary Purpose": "purpose", "Masking": "masking"}  # fmt: skip
    found: dict[str, str] = {}
    for part in said.split(", "):
        name, _, value = part.partition(": ")
        if name.strip() in names and value:
            found[names[name.strip()]] = value
    return found

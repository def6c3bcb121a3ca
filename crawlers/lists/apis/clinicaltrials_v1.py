"""ClinicalTrials.gov's first API (until June 2024), as archives keep its JSON: full studies, and chosen fields.

A full study has version 2's tree with longer names and with lists wrapped twice (`ConditionList: {Condition: [...]}`).
An answer of study fields has, for each study, a list for each requested field, so it describes only a part of the
trial: a field that was not requested is unknown, which differs from empty. Both say how many studies they hold: fewer
are half an answer (a problem); none where some are promised is an ApiError.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.text import one_line
from crawlers.lists.apis import ApiError
from crawlers.lists.apis.json_object import JsonObject
from crawlers.lists.apis.trial import Trial


def parse_full_studies(said: JsonObject, url: str) -> tuple[list[Trial], tuple[str, ...]]:
    """The studies, and what is wrong with their number. Raises ApiError."""
    studies = said.parts("FullStudies")
    return [_parse_full_study(study.part("Study")) for study in studies], _check_count(said, len(studies), url)


def parse_field_studies(said: JsonObject, url: str) -> tuple[list[Trial], tuple[str, ...]]:
    """The studies, and what is wrong with their number. Raises ApiError."""
    studies = said.parts("StudyFields")
    return [_parse_field_study(study) for study in studies], _check_count(said, len(studies), url)


def _check_count(said: JsonObject, held: int, url: str) -> tuple[str, ...]:
    promised = said.number("NStudiesReturned")
    if promised is None:
        raise ApiError("studies of version 1 without their number", where=url)
    line = f"{held} studies where the answer promises {promised}: the rest is missing"
    if promised > held == 0:
        raise ApiError(line, where=url)
    return (line,) if promised != held else ()


def _list(part: JsonObject, name: str) -> list[JsonObject]:
    return part.part(f"{name}List").parts(name)


def _texts(part: JsonObject, name: str) -> tuple[str, ...]:
    return tuple(one_line(str(each)) for each in part.part(f"{name}List").items(name))


def _day(part: JsonObject, name: str) -> str:
    return part.part(f"{name}Struct").text(name)


def _parse_full_study(study: JsonObject) -> Trial:
    protocol, derived = study.part("ProtocolSection"), study.part("DerivedSection")
    who, status = protocol.part("IdentificationModule"), protocol.part("StatusModule")
    design, sponsors = protocol.part("DesignModule"), protocol.part("SponsorCollaboratorsModule")
    info, places = design.part("DesignInfo"), protocol.part("ContactsLocationsModule")
    arms, topics = protocol.part("ArmsInterventionsModule"), protocol.part("ConditionsModule")
    browsed = [(of, derived.part(f"{of}BrowseModule")) for of in ("Condition", "Intervention")]
    return Trial(
        number=who.text("NCTId"),
        aliases=_texts(who, "NCTIdAlias"),
        numbers=tuple(each.text("SecondaryId") for each in _list(who, "SecondaryIdInfo")),
        brief_title=who.text("BriefTitle"),
        official_title=who.text("OfficialTitle"),
        acronym=who.text("Acronym"),
        summary=protocol.part("DescriptionModule").text("BriefSummary"),
        details=protocol.part("DescriptionModule").text("DetailedDescription"),
        status=status.text("OverallStatus"),
        why_stopped=status.text("WhyStopped"),
        phases=_texts(design, "Phase"),
        study_type=design.text("StudyType"),
        design={
            "allocation": info.text("DesignAllocation"),
            "model": info.text("DesignInterventionModel") or "".join(_texts(info, "DesignObservationalModel")[:1]),
            "purpose": info.text("DesignPrimaryPurpose"),
            "masking": info.part("DesignMaskingInfo").text("DesignMasking"),
        },
        conditions=_texts(topics, "Condition"),
        keywords=_texts(topics, "Keyword"),
        interventions=tuple(
            (each.text("InterventionType"), each.text("InterventionName")) for each in _list(arms, "Intervention")
        ),
        arms=tuple(each.text("ArmGroupLabel") for each in _list(arms, "ArmGroup")),
        sponsor=sponsors.part("LeadSponsor").text("LeadSponsorName"),
        collaborators=tuple(each.text("CollaboratorName") for each in _list(sponsors, "Collaborator")),
        countries=tuple(each.text("LocationCountry") for each in _list(places, "Location")),
        enrolment=design.part("EnrollmentInfo").text("EnrollmentCount"),
        enrolment_type=design.part("EnrollmentInfo").text("EnrollmentType"),
        days={
            "started": _day(status, "StartDate"),
            "primary_completed": _day(status, "PrimaryCompletionDate"),
            "completed": _day(status, "CompletionDate"),
            "registered": status.text("StudyFirstSubmitDate"),
            "posted": _day(status, "StudyFirstPostDate"),
            "updated": _day(status, "LastUpdatePostDate"),
            "results_posted": _day(status, "ResultsFirstPostDate"),
        },
        has_results=bool(study.part("ResultsSection")),
        mesh=tuple(
            (of.lower(), each.text(f"{of}MeshId"), each.text(f"{of}MeshTerm"))
            for of, part in browsed
            for each in _list(part, f"{of}Mesh")
        ),
        ancestors=tuple(
            (of.lower(), each.text(f"{of}AncestorId"), each.text(f"{of}AncestorTerm"))
            for of, part in browsed
            for each in _list(part, f"{of}Ancestor")
        ),
        references=tuple(
            (each.text("ReferencePMID"), each.text("ReferenceType"))
            for each in _list(protocol.part("ReferencesModule"), "Reference")
        ),
        people=tuple(
            (each.text("OverallOfficialName"), each.text("OverallOfficialAffiliation"))
            for each in _list(places, "OverallOfficial")
        ),
    )


def _parse_field_study(study: JsonObject) -> Trial:
    def every(name: str) -> tuple[str, ...]:
        return tuple(one_line(str(each)) for each in study.items(name))

    def pairs(of: str) -> Iterable[tuple[str, str, str]]:
        names = every(f"{of}Name") if of == "Intervention" else every(f"{of}Term")
        ids = every(f"{of}Type") if of == "Intervention" else every(f"{of}Id")
        ids = ids if len(ids) == len(names) else ("",) * len(names)
        return [("", one, other) for one, other in zip(ids, names, strict=True)]

    return Trial(
        number=study.text("NCTId"),
        aliases=every("NCTIdAlias"),
        numbers=every("SecondaryId"),
        brief_title=study.text("BriefTitle"),
        official_title=study.text("OfficialTitle"),
        acronym=study.text("Acronym"),
        summary=study.text("BriefSummary"),
        details=study.text("DetailedDescription"),
        status=study.text("OverallStatus"),
        why_stopped=study.text("WhyStopped"),
        phases=every("Phase"),
        study_type=study.text("StudyType"),
        design={
            "allocation": study.text("DesignAllocation"),
            "model": study.text("DesignInterventionModel") or study.text("DesignObservationalModel"),
            "purpose": study.text("DesignPrimaryPurpose"),
            "masking": study.text("DesignMasking"),
        },
        conditions=every("Condition"),
        keywords=every("Keyword"),
        interventions=tuple((kind, name) for _, kind, name in pairs("Intervention")),
        arms=every("ArmGroupLabel"),
        sponsor=study.text("LeadSponsorName"),
        collaborators=every("CollaboratorName"),
        countries=every("LocationCountry"),
        enrolment=study.text("EnrollmentCount"),
        enrolment_type=study.text("EnrollmentType"),
        days={
            "started": study.text("StartDate"),
            "primary_completed": study.text("PrimaryCompletionDate"),
            "completed": study.text("CompletionDate"),
            "registered": study.text("StudyFirstSubmitDate"),
            "posted": study.text("StudyFirstPostDate"),
            "updated": study.text("LastUpdatePostDate"),
            "results_posted": study.text("ResultsFirstPostDate"),
        },
        has_results=bool(study.items("ResultsFirstPostDate")) if study.has("ResultsFirstPostDate") else None,
        mesh=tuple(
            (of, ui, name) for of in ("condition", "intervention") for _, ui, name in pairs(f"{of.capitalize()}Mesh")
        ),
        ancestors=tuple(
            (of, ui, name)
            for of in ("condition", "intervention")
            for _, ui, name in pairs(f"{of.capitalize()}Ancestor")
        ),
        references=tuple((raw, "") for raw in every("ReferencePMID")),
        people=tuple((name, "") for name in every("OverallOfficialName")),
    )

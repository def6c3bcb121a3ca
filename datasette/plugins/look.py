"""Words and figures for the templates: dates, names of kinds and countries, addresses, the geometry of bar charts."""

import json
import math
import re
from pathlib import Path
from urllib.parse import quote, urlencode

from datasette import hookimpl

STATIC = Path(__file__).resolve().parent.parent / "static"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
KINDS = {
    "news": "News", "release": "Press release", "explainer": "Explainer", "clinic": "Clinic page", "paper": "Paper",
    "preprint": "Preprint", "trial": "Trial",
}  # fmt: skip
SOURCE_KINDS = {
    "news": "News outlet", "press_release": "Press office", "explainer": "Explainers", "clinic": "Clinic",
    "journal": "Journal", "preprint": "Preprint server", "registry": "Trial registry",
    "stem_cell_bank": "Stem cell bank",
}  # fmt: skip
TYPES = {
    "disease": ("Disease", "Diseases"), "cell_type": ("Cell type", "Cell types"),
    "institution": ("Institution", "Institutions"), "journal": ("Journal", "Journals"),
    "cell_line": ("Cell line", "Cell lines"), "species": ("Species", "Species"),
    "identifier": ("Identifier", "Identifiers"), "therapy": ("Therapy", "Therapies"),
    "anatomy": ("Tissue", "Tissues"), "place": ("Place", "Places"), "person": ("Person", "People"),
}  # fmt: skip
REGISTERS = {
    "MONDO": "MONDO", "CL": "Cell Ontology", "EFO": "EFO", "ROR": "ROR", "UBERON": "UBERON",
    "NCBITaxon": "NCBI Taxonomy",
}  # fmt: skip
LICENCES = {
    "full": "Full text, under its open licence",
    "abstract": "Abstract only",
    "headline-and-link": "Headline and link",
}
COUNTRIES = {
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium",
    "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CL": "Chile", "CN": "China", "CO": "Colombia",
    "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "EG": "Egypt", "ES": "Spain", "FI": "Finland",
    "FR": "France", "GB": "United Kingdom", "GR": "Greece", "HK": "Hong Kong", "HU": "Hungary", "IE": "Ireland",
    "IL": "Israel", "IN": "India", "IR": "Iran", "IS": "Iceland", "IT": "Italy", "JP": "Japan", "KR": "South Korea",
    "KZ": "Kazakhstan", "LU": "Luxembourg", "MX": "Mexico", "MY": "Malaysia", "NL": "Netherlands", "NO": "Norway",
    "NZ": "New Zealand", "PA": "Panama", "PK": "Pakistan", "PL": "Poland", "PT": "Portugal", "RO": "Romania",
    "RS": "Serbia", "RU": "Russia", "SA": "Saudi Arabia", "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia",
    "TH": "Thailand", "TR": "Türkiye", "TW": "Taiwan", "UA": "Ukraine", "US": "United States", "VN": "Vietnam",
    "ZA": "South Africa",
}  # fmt: skip
LANGUAGES = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "pt": "Portuguese", "zh": "Chinese",
}  # fmt: skip
STANDINGS = {
    "retracted": "paper retracted", "withdrawn": "paper withdrawn", "concern": "concern about its paper",
    "corrected": "paper corrected",
}  # fmt: skip
DATES = {
    "meta": "the page's own description", "json-ld": "the page's own description", "label": "a date beside the text",
    "byline": "the byline", "time": "a date beside the text", "rule": "where this site puts its date",
    "htmldate": "the likeliest date on the page", "url": "the address", "text": "the text", "feed": "its feed",
}  # fmt: skip
SCHEMES = {
    "doi": ("DOI", "https://doi.org/{}"),
    "pmid": ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    "pmcid": ("PubMed Central", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
    "nct": ("ClinicalTrials.gov", "https://clinicaltrials.gov/study/{}"),
    "isrctn": ("ISRCTN", "https://www.isrctn.com/{}"),
    "eudract": ("EudraCT", "https://www.clinicaltrialsregister.eu/ctr-search/search?query={}"),
    "ctis": ("CTIS", "https://euclinicaltrials.eu/search-for-clinical-trials/?lang=en&EUCT={}"),
    "ror": ("ROR", "https://ror.org/{}"),
    "geo": ("GEO", "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc={}"),
    "rrid": ("RRID", "https://scicrunch.org/resolver/{}"),
    "orcid": ("ORCID", "https://orcid.org/{}"),
}


def day(text):
    """`2026-11-22` as `22 November 2026`; months and years stay what they are."""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text or "")
    if not match:
        return text or ""
    year, month, number = match.groups()
    return " ".join(
        part for part in (str(int(number)) if number else "", FULL[int(month) - 1] if month else "", year) if part
    )


def moment(text):
    """`2026-11-22T04:51:00Z` as `22 November 2026, 04:51 UTC`."""
    return f"{day(text)}, {text[11:16]} UTC" if text and len(text) > 15 else day(text)


def month(text):
    return f"{MONTHS[int(text[5:7]) - 1]} {text[:4]}" if re.fullmatch(r"\d{4}-\d\d", text or "") else text


def kind(value):
    return KINDS.get(value, str(value).replace("_", " ").capitalize())


def source_kind(value):
    return SOURCE_KINDS.get(value, str(value).replace("_", " ").capitalize())


def type_(value, many=False):
    one, more = TYPES.get(value, (str(value).replace("_", " ").capitalize(), str(value).replace("_", " ").capitalize()))
    return more if many else one


def country(value):
    return COUNTRIES.get(value, value)


def language(value):
    return LANGUAGES.get(value, value)


def licence(value):
    return LICENCES.get(value, value)


def date_origin(where):
    """Where a date was found, in a reader's words."""
    text = where or ""
    if text.endswith(" entry"):
        return "its feed or record"
    return DATES.get(re.split(r"[ :]", text, maxsplit=1)[0], text)


def translation(value):
    """`machine, from ko` as `by machine, from Korean`."""
    who, _, language_ = (value or "").partition(", from ")
    said = f"by {'a person' if who == 'person' else who}"
    return f"{said}, from {language(language_)}" if language_ else said


def flag(row):
    """What a flag says: how the paper stands, or the value itself."""
    return STANDINGS.get(row["value"], row["value"]) if row["filter"] == "status" else row["value"]


def public_code(concept):
    """A code that others know, such as MONDO:0010726; nothing for names of our own."""
    return "" if str(concept).partition(":")[0].islower() else concept


def number(value):
    return f"{int(value):,}"


def amount(value):
    """`2000000.0` as `2,000,000`, `6.1` as it is."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def plural(count, one, many=None):
    return f"{int(count):,} {one if int(count) == 1 else many or one + 's'}"


def safe_url(value):
    """An address that may stand in a link, or nothing."""
    return value if re.match(r"https?://[^\s<>\"']+$", value or "") else ""


def host(value):
    match = re.match(r"https?://(?:www\.)?([^/:?#]+)", value or "")
    return match[1] if match else ""


def xml(text):
    """Without the characters that XML cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", str(text or ""))


def document_url(row):
    return f"/document/{quote(row['slug'])}-{row['key']}"


def entity_url(row):
    return f"/entity/{row['type']}/{quote(row['concept'], safe=':')}"


def identifier(scheme, value):
    """(name of the register, address or nothing)."""
    name, pattern = SCHEMES.get(scheme, (scheme.upper(), ""))
    return name, pattern.format(quote(value, safe="/:().;-_")) if pattern else ""


def register(concept):
    """`MONDO:0010726` -> `MONDO`."""
    prefix = str(concept).partition(":")[0]
    return REGISTERS.get(prefix, prefix)


def address(path, params):
    """Path and parameters, blanks left out."""
    kept = [(name, value) for name, value in params if value not in ("", None)]
    return f"{path}?{urlencode(kept)}" if kept else path


def bars(counts, built, width=1120, height=240, most=24):
    """Geometry of a bar chart of documents by month: {"YYYY-MM": n} up to the month of `built`, gaps as zeros.

    At most `most` months are drawn; `earlier` is what came before. The month that `built` falls in is partial.
    """
    if not counts:
        return None
    last = max(max(counts), built[:7])
    first = min(counts)
    months = []
    year, at = int(last[:4]), int(last[5:7])
    while len(months) < most and f"{year:04}-{at:02}" >= first:
        months.insert(0, f"{year:04}-{at:02}")
        year, at = (year, at - 1) if at > 1 else (year - 1, 12)
    while len(months) < min(6, most):  # a chart of one bar says nothing: show that the months before are empty
        months.insert(0, f"{year:04}-{at:02}")
        year, at = (year, at - 1) if at > 1 else (year - 1, 12)
    top = max(counts.get(name, 0) for name in months) or 1
    step = max(1, 10 ** math.floor(math.log10(top)))
    step = next(s for s in (step / 5, step / 2, step, step * 2, step * 5) if top / s <= 4.5)
    step = max(1, math.ceil(step))
    ceiling = math.ceil(top / step) * step
    left, right, head, foot = 44, 6, 14, 46
    inner, tall = width - left - right, height - head - foot
    slot = inner / len(months)
    wide = min(slot * 0.72, 56)
    every = max(1, math.ceil(len(months) * 30 / inner))
    drawn = []
    for place, name in enumerate(months):
        count = counts.get(name, 0)
        size = tall * count / ceiling
        x = left + slot * place + (slot - wide) / 2
        partial = name == built[:7]
        shown = (len(months) - 1 - place) % every == 0
        drawn.append({
            "month": name, "count": count, "x": round(x, 1), "y": round(head + tall - size, 1), "w": round(wide, 1),
            "h": round(size, 1), "cx": round(x + wide / 2, 1), "partial": partial,
            "label": MONTHS[int(name[5:7]) - 1] if shown else "",
            "year": name[:4] if name.endswith("-01") or (place == 0 and slot * (13 - int(name[5:7])) > 50) else "",
        })  # fmt: skip
    ticks = [{"value": n, "y": round(head + tall - tall * n / ceiling, 1)} for n in range(0, ceiling + 1, step)]
    return {
        "bars": drawn, "ticks": ticks, "width": width, "height": height, "left": left, "right": width - right,
        "base": head + tall, "earlier": sum(n for name, n in counts.items() if name < months[0]),
        "partial": f"to {int(built[8:10])} {MONTHS[int(built[5:7]) - 1]}", "first": months[0], "last": months[-1],
    }  # fmt: skip


FILTERS = {
    "from_json": json.loads,
    "day": day, "moment": moment, "month": month, "kind": kind, "source_kind": source_kind, "country": country,
    "language": language, "licence": licence, "number": number, "safe_url": safe_url, "host": host, "xml": xml,
    "entity_type": type_, "register": register, "date_origin": date_origin, "translation": translation,
    "public_code": public_code, "flag": flag, "amount": amount,
}  # fmt: skip
GLOBALS = {
    "document_url": document_url, "entity_url": entity_url, "identifier": identifier, "address": address, "bars": bars,
    "plural": plural,
}  # fmt: skip


@hookimpl
def prepare_jinja2_environment(env, datasette):
    facts = getattr(datasette, "stemwire", None)
    env.filters.update(FILTERS)
    env.globals.update(GLOBALS)
    env.globals["desk"] = {
        "name": facts.name if facts else "Stemwire", "url": facts.url if facts else "",
        "about": facts.about if facts else "", "look": int((STATIC / "desk.css").stat().st_mtime),
    }  # fmt: skip

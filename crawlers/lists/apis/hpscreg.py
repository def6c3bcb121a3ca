"""hPSCreg, the registry of human pluripotent stem-cell lines: its table of lines as CSV.

The query of a source is the file's address. There is no window. Each row is a line, an entry named by the registry's
name for it (`UKKi011-A`: who made it, embryonic or induced, donor, line, subclone). The names by which others call
it, the donor's disease and sex, the provider, its country and the BioSamples number go into `extra`.

The exports of the years call the columns differently; each thing has a list of names, compared by letters and digits
only. A row whose name does not have the registry's form is a problem, not a cell line.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from crawlers.lists.apis import ApiError
from crawlers.lists.apis.answers import drop_empty, drop_repeats, parse_partial_day, read_each
from crawlers.lists.apis.csv_rows import drop_placeholder, first_filled, parse_rows, split_cell
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://hpscreg.eu"
PAGE = f"{BASE}/cell-line/"
LINE = re.compile(r"([A-Z]{2,8})([ei])([A-Za-z0-9]{3})-([A-Z]{1,2})(?:-([A-Za-z0-9]{1,3}))?")
KINDS = {"e": "embryonic stem cell line", "i": "induced pluripotent stem cell line"}
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("hpscregname", "name", "celllinename", "cellline", "standardname", "id", "uniquename"),
    "synonyms": ("alternativenames", "alternativename", "alternatename", "synonyms", "synonym", "othernames",
                 "celllinealtname", "alternatenames"),
    "kind": ("celllinetype", "type", "celltype", "stemcelltype"),
    "disease": ("donordisease", "disease", "diseases", "diseasename", "donordiseases", "diseasestatus",
                "geneticdisease", "associateddisease"),
    "disease_id": ("diseaseid", "diseaseontologyid", "diseasepurl", "mondo", "orphanet", "donordiseaseid"),
    "provider": ("provider", "generator", "institution", "owner", "depositor", "providername", "generatorname"),
    "country": ("country", "providercountry", "countryoforigin", "donorcountry"),
    "sex": ("sex", "donorsex", "gender", "donorgender"),
    "biosamples": ("biosamplesid", "biosamples", "biosampleid", "biosample", "celllinebiosamplesid"),
    "cellosaurus": ("cellosaurus", "cellosaurusid", "cvcl"),
    "source_cell": ("sourcecelltype", "celltypeoforigin", "primarycelltype", "donorcelltype", "sourcecell"),
    "method": ("reprogrammingmethod", "derivationmethod", "vectortype", "method"),
    "availability": ("availability", "available", "distributionstatus"),
    "link": ("url", "link", "hpscregurl", "weblink"),
    "registered": ("registrationdate", "registered", "created", "dateregistered", "firstregistered"),
    "updated": ("lastupdate", "updated", "lastupdated", "changed", "modified"),
}  # fmt: skip


def requests(query: str, since: date, most: int) -> list[str]:
    """The file itself."""
    if not query.strip().startswith(("http://", "https://")):
        raise ApiError(f"no address of a file: {query!r}")
    return [query.strip()]


def stable(url: str) -> str:
    return url


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    rows: list[dict[str, str]] = []
    broken: list[str] = []
    for _, row, wrong in parse_rows(body, url, frozenset(COLUMNS["name"])):
        if row is None:
            broken.append(wrong)
        else:
            rows.append(row)
    if not rows:
        raise ApiError(f"a table without rows; {broken[0]}" if broken else "a table without rows", where=url)
    entries, problems = read_each(rows, lambda row: _entry(row, fetched), url)
    return ListResult(entries=entries, problems=(*broken, *problems))


def _entry(row: dict[str, str], fetched: str) -> ListEntry:
    def cell(what: str) -> str:
        return next((value for name in COLUMNS[what] if (value := drop_placeholder(row.get(name, "")))), "")

    name = next((value for column in COLUMNS["name"] if LINE.fullmatch(value := first_filled(row, column))), "")
    form = LINE.fullmatch(name)
    if form is None:
        raise ApiError(f"no name of a line: {first_filled(row, *COLUMNS['name'])[:60]!r}")
    kind = KINDS[form[2]]
    diseases = split_cell(cell("disease"))
    if [each.lower() for each in diseases] in (["no"], ["false"], ["healthy"], ["normal"]):
        diseases = []
    synonyms = [each for each in split_cell(cell("synonyms")) if each != name]
    raw = cell("registered")
    extra: dict[str, Any] = {
        "cell_line": name,
        "synonyms": synonyms,
        "line_kind": kind,
        "types": drop_repeats([cell("kind")]),
        "conditions": diseases,
        "condition_ids": split_cell(cell("disease_id")),
        "sponsor": cell("provider"),
        "countries": split_cell(cell("country")),
        "donor_sex": cell("sex").lower(),
        "biosamples": cell("biosamples"),
        "cellosaurus": cell("cellosaurus"),
        "source_cell": cell("source_cell"),
        "method": cell("method"),
        "status": cell("availability"),
        "parent": name.rpartition("-")[0] if form[5] else "",
        "dates": drop_empty({"registered": parse_partial_day(raw), "updated": parse_partial_day(cell("updated"))}),
    }
    about = [f"{kind.capitalize()} {name}"]
    if synonyms:
        about.append(f"also called {', '.join(synonyms)}")
    if diseases:
        about.append(f"from a donor with {', '.join(diseases)}")
    if cell("provider"):
        about.append(f"made by {cell('provider')}")
    link = cell("link")
    return ListEntry(
        native=name,
        url=link if link.startswith(("http://", "https://")) else PAGE + name,
        title=name,
        summary="; ".join(about) + ".",
        published=parse_date(parse_partial_day(raw), fetched),
        published_raw=raw or None,
        updated=parse_date(parse_partial_day(cell("updated")), fetched),
        lang="en",
        extra=drop_empty(extra),
    )

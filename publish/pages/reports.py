"""“Something wrong?”: the address by which a reader reports a label, link or name, with the report already written.

`[site] reports` in config.toml says where reports go; without it, to the contact of the crawler. An address of mail
gets a subject and a body. A form gets them where its address has `{title}` and `{body}`; without these the bare address
is linked. A report names the record, the field, the value, the sentence that it rests on, and the edition.
"""

from __future__ import annotations

from urllib.parse import quote

SENTENCE = 300  # characters: some programs cut long addresses


def make_report_address(
    reports: str, *, site: str, edition: str, page: str, record: str, field: str, value: str, sentence: str = ""
) -> str:
    """The address of a report, or nothing where the operator gave no contact."""
    title = f"Something wrong: {field}: {value}" if value else f"Something wrong: {field}"
    lines = [
        "What is wrong, and how do you know?", "", "", "---",
        f"record: {record}", f"page: {site}{page}", f"field: {field}", f"value: {value or 'nothing'}",
        *([f"sentence: {sentence[:SENTENCE]}"] if sentence else []), f"edition: {edition}",
    ]  # fmt: skip
    body = "\n".join(lines)
    if reports.startswith("mailto:"):
        return f"{reports}?subject={quote(title, safe='')}&body={quote(body, safe='')}".replace("%0A", "%0D%0A")
    return reports.replace("{title}", quote(title, safe="")).replace("{body}", quote(body, safe=""))

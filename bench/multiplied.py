"""An edition many times as large as another, for measurements of the site: rows of real shape, and words by Zipf's law.

In order:
1. the schema is copied, then every table. Rows of a document or a story are written once for each copy: numbers are
   spread, so that the order by day stays, and stable names get the number of the copy;
2. counts are multiplied: columns named in COUNTS, of tables that are not copied by document;
3. the index has the words of each document, and WORDS_EACH words of its own, drawn from a vocabulary by Zipf's law: so
   some words are in every second document, and most in a few.
Drawn with a fixed seed: two runs give the same edition.
"""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from publish.edition import build
from publish.edition.damage import find_sha256
from publish.search.fold import fold_words

COUNTS = {"documents", "named", "trials", "late", "works", "sources", "stories", "n", "mentions"}
VOCABULARY, WORDS_EACH, SEED = 30_000, 60, 11
LEFT_OUT = ("search", "sqlite_", "meta")


def multiply(small: Path, large: Path, documents: int) -> int:
    """Write an edition of about `documents` documents, and its sidecar. Returns how many it has."""
    large.unlink(missing_ok=True)
    with closing(sqlite3.connect(large, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;")
        db.executescript(build.SCHEMA.read_text("utf-8"))
        db.execute("ATTACH ? AS small", (str(small),))
        db.create_function("of_copy", 2, name_copy)
        copies = max(1, round(documents / db.execute("SELECT count(*) FROM small.document").fetchone()[0]))
        db.execute("CREATE TEMP TABLE copy (c INTEGER PRIMARY KEY)")
        db.executemany("INSERT INTO copy VALUES (?)", ((c,) for c in range(copies)))
        db.execute("BEGIN")
        for (table,) in db.execute("SELECT name FROM small.sqlite_master WHERE type = 'table'").fetchall():
            if not table.startswith(LEFT_OUT):
                db.execute(_copy_of(db, table, copies))
        total: int = db.execute("SELECT count(*) FROM document").fetchone()[0]
        words = _index(db, copies)
        _tell_words(db, words)
        named = large.stem
        said = dict(db.execute("SELECT name, value FROM small.meta").fetchall()) | {
            "name": named, "documents": str(total), "content": f"multiplied-{copies}",
        }  # fmt: skip
        db.executemany("INSERT INTO meta VALUES (?, ?)", said.items())
        db.execute("COMMIT")
        db.execute("DETACH small")
        db.executescript("ANALYZE; PRAGMA journal_mode = DELETE;")
        described = build.describe(db)
    about = {"name": named, "built": said["built"], "content": said["content"], "documents": total}
    about |= {"sha256": find_sha256(large), "size": large.stat().st_size, **described}
    large.with_suffix(".json").write_text(json.dumps(about), "utf-8")
    return total


def name_copy(name: str, copy: int) -> str:
    """A stable name of its own for each copy; copy 0 has that of the original."""
    digits = f"{copy:04x}"
    return name if not copy else f"{'ffff' if name.startswith(digits) else digits}{name[4:]}"


def _copy_of(db: sqlite3.Connection, table: str, copies: int) -> str:
    """The statement that copies a table, once for each copy where its rows are of documents or stories."""
    columns = [row[1] for row in db.execute(f'PRAGMA small.table_info("{table}")')]
    goals = {row[3]: row[2] for row in db.execute(f'PRAGMA small.foreign_key_list("{table}")')}
    numbered = {name for name, goal in goals.items() if goal in ("document", "story")}
    if table == "trial_status":
        numbered.add("other")
    if table in ("document", "story"):
        numbered |= {"id", "arrived"} & set(columns)
    names = ", ".join(f'"{name}"' for name in columns)
    if not numbered or table == "correction":
        scaled = ", ".join(f'"{n}" * {copies}' if n in COUNTS else f'"{n}"' for n in columns)
        return f'INSERT INTO main."{table}" ({names}) SELECT {scaled} FROM small."{table}"'
    values = ", ".join(
        f'(t."{name}" - 1) * {copies} + c + 1'
        if name in numbered
        else f'of_copy(t."{name}", c)'
        if name == "key"
        else f't."{name}"'
        for name in columns
    )
    keys = {row[1] for row in db.execute(f'PRAGMA small.table_info("{table}")') if row[5]}
    last = "" if keys & numbered else f" WHERE c = {copies - 1}"  # a list of documents that does not grow
    return f'INSERT INTO main."{table}" ({names}) SELECT {values} FROM small."{table}" t, copy{last}'


def _index(db: sqlite3.Connection, copies: int) -> Counter[str]:
    """Fill the index. Returns in how many documents each drawn word is."""
    tags = build._make_tags(db)
    texts = db.execute(
        "SELECT d.id, d.title, coalesce(t.text, '') FROM small.document d LEFT JOIN small.document_text t"
        " ON t.document = d.id ORDER BY d.id"
    ).fetchall()
    counted: Counter[str] = Counter()
    drawn = draw_words()

    def rows() -> Iterator[tuple[int, str, str, str]]:
        for number, title, text in texts:
            folded, body = fold_words(title), fold_words(text)
            for copy in range(copies):
                own = list(itertools.islice(drawn, WORDS_EACH))
                counted.update(set(own))
                place = (number - 1) * copies + copy + 1
                yield place, folded, f"{body} {' '.join(own)}", tags[place]

    db.executemany("INSERT INTO search (rowid, title, body, tags) VALUES (?, ?, ?, ?)", rows())
    db.execute("INSERT INTO search (search) VALUES ('optimize')")
    return counted


def draw_words() -> Iterator[str]:
    """Words by Zipf's law, without end."""
    source = random.Random(SEED)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(source.choices(syllables, k=source.randint(3, 5)))] = None
    weights = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    while True:
        yield from source.choices(list(words), cum_weights=weights, k=10_000)


def _tell_words(db: sqlite3.Connection, words: Counter[str]) -> None:
    """The words of the index with their counts, and each without one letter (what “did you mean” looks up)."""
    db.executemany("INSERT OR IGNORE INTO word VALUES (?, ?)", words.items())
    near = ((word[:i] + word[i + 1 :], word) for word in words for i in range(len(word)))
    db.executemany("INSERT OR IGNORE INTO word_near VALUES (?, ?)", near)

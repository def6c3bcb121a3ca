"""Readers' SQL: what is refused, what is answered, and that an answer ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.publish.reader import Reader

REFUSED = [
    "select printf('%.*c', 900000000, 'x')",
    "select format('%.*c', 900000000, 'x')",
    "select hex(randomblob(400000000))",
    "select zeroblob(400000000)",
    "select * from pragma_database_list",
    "select * from pragma_function_list",
    "select load_extension('x')",
    "select * from sqlite_dbpage",
    "select * from dbstat",
    "attach 'x' as y",
    "vacuum",
    "pragma database_list",
    "insert into meta values ('a', 'b')",
    "create temp table t (a)",
    "select 1; select 2",
    "with recursive c(x) as (select 'a' union all select x || x from c) select x from c",
    "with recursive c(n, x) as (select 1, 'a' union all select n + 1, x || x from c where n < 19)"
    " select replace(x, 'a', x) from c where n = 19",
    "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c",
    "select * from search_data",
    'select * from "SEARCH_Idx"',
    "select * from [search_docsize]",
    "select json_patch('{}', '{}')",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_readers_sql_is_refused(reader: Reader, sql: str) -> None:
    assert reader.sql(sql).status_code in (400, 403)
    where = reader.get(f"/stemwire/document.json?{urlencode({'_where': f'id in ({sql})'})}")
    assert where.status_code in (400, 403)


ALLOWED = [
    "select rowid, bm25(search) from search where search match 'neural AND crest' order by rank",
    "select name from sqlite_master",
    "select * from pragma_table_info('document')",
    "select json_group_array(kind) from document",
    "select upper(trim('  x ')), trim('xxaxx', 'x'), instr('stem cell', 'cell'), replace('aba', 'a', 'bb')",
    "select title from document where title like '%stem%' and title glob '*cells*'",
    "select substr(authors, 2) from document where id in (select document from entity_document)",
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_readers_sql_is_answered(reader: Reader, sql: str) -> None:
    answer = reader.sql(sql)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"]


def test_replaced_functions_answer_as_sqlite_does(reader: Reader) -> None:
    sql = (
        "select trim('  x '), trim('xxaxx', 'x'), ltrim('xxa', 'x'), rtrim('axx', 'x'), instr('stem cell', 'cell'),"
        " instr('a', 'b'), replace('aba', 'a', 'bb'), instr(null, 'a'), replace('a', '', 'b'), trim(12, 1),"
        " instr(123, 2), instr(x'0102', x'02'), trim('x', '')"
    )
    with closing(sqlite3.connect(":memory:")) as plain:
        assert reader.sql(sql).json()["rows"] == [list(plain.execute(sql).fetchone())]


def test_an_answer_ends_before_it_fills_the_memory(reader: Reader) -> None:
    sql = (
        "with recursive c(n, x) as (select 1, 'a' union all select n + 1, x || x from c where n < 19)"
        " select x from c, mention a, mention b where n = 19"
    )
    answer = reader.sql(sql)
    assert answer.status_code == 200
    assert answer.json()["truncated"] is True
    assert len(answer.content) < 10_000_000
    assert len(reader.sql("select a.start from mention a, mention b").json()["rows"]) == 1000

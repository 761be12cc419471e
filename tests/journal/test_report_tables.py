from __future__ import annotations

import csv

import pyarrow as pa
import pytest
from pyarrow import parquet
from reported import FORMULA, HOSTILE, hostile_session

from journal.report.tables import CYCLE_COLUMNS, SESSION_COLUMNS, cycle_rows, session_rows, write_csv, write_parquet


@pytest.fixture(scope="module")
def session():
    return hostile_session()


def rows_of(session):
    return [row for _, row in session_rows(session.events) if row is not None]


def test_the_session_as_csv(session, tmp_path):
    path = tmp_path / "session.csv"
    write_csv(path, SESSION_COLUMNS, rows_of(session))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(SESSION_COLUMNS)
    assert len([row for row in rows if row["motion"]]) == len(session.looks)
    assert [row["mark"] for row in rows if row["mark"]] == [f"'{FORMULA}", HOSTILE]
    assert [row["pain"] for row in rows if row["pain"]] == ["2"]
    assert {row["in_band"] for row in rows} == {"", "true", "false"}
    assert {row["device"] for row in rows if row["motion"]} == {session.looks[0].event.device}


def test_the_session_as_parquet_keeps_types_and_words(session, tmp_path):
    path = tmp_path / "session.parquet"
    write_parquet(path, SESSION_COLUMNS, rows_of(session), {"recording": "x"})
    table = parquet.read_table(path)
    assert table.schema.metadata[b"recording"] == b"x"
    assert table.schema.field("rate_cpm").type == pa.float64()
    assert table.schema.field("step").type == pa.int64()
    assert table.schema.field("in_band").type == pa.bool_()
    assert table.to_pydict() == dict(zip(SESSION_COLUMNS, map(list, zip(*rows_of(session), strict=True)), strict=True))
    assert FORMULA in table.column("mark").to_pylist()


def test_the_cycles_are_alike_in_both(session, tmp_path):
    rows = list(cycle_rows(session.cycles))
    assert len(rows) == len(session.cycles) > 20
    write_csv(tmp_path / "c.csv", CYCLE_COLUMNS, rows)
    write_parquet(tmp_path / "c.parquet", CYCLE_COLUMNS, rows, {})
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        texts = list(csv.DictReader(file))
    for text, row in zip(texts, parquet.read_table(tmp_path / "c.parquet").to_pylist(), strict=True):
        assert text["direction"] == (row["direction"] or "")
        assert float(text["end_s"]) == row["end_s"]
        assert text["reckoned"] == str(row["reckoned"]).lower()
        assert text["step"] == ("" if row["step"] is None else str(row["step"]))
        if row["period_s"] is not None:
            assert row["rate_cpm"] == pytest.approx(60 / row["period_s"], rel=0.01)


def test_a_table_of_nothing_has_its_columns_all_the_same(tmp_path):
    write_parquet(tmp_path / "none.parquet", CYCLE_COLUMNS, [], {})
    assert parquet.read_table(tmp_path / "none.parquet").column_names == list(CYCLE_COLUMNS)

"""Exports as phone apps write them, made of numbers of our own."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import numpy as np

from sensors.decode import Decoder
from sensors.files import Opened, open_file
from sensors.samples import G0_MPS2, Reading, Sensor

Rows = Iterable[Sequence[float | str]]

N = 300
T_S = np.arange(N) / 100
EPOCH_S = 1_790_000_000.0
LINEAR = np.column_stack([3.0 * np.sin(9 * T_S), 2.0 * np.cos(9 * T_S), 0.5 * np.sin(5 * T_S)])
GRAVITY = np.tile([0.0, 0.6 * G0_MPS2, 0.8 * G0_MPS2], (N, 1))
TOTAL = LINEAR + GRAVITY
TURNING = np.column_stack([np.cos(7 * T_S), np.sin(7 * T_S), 0.1 + 0 * T_S])


class Dialect(NamedTuple):
    """How phyphox writes a CSV."""

    delimiter: str
    point: str


DIALECTS = [Dialect(",", "."), Dialect("\t", "."), Dialect(";", "."), Dialect("\t", ","), Dialect(";", ",")]
COMMA = DIALECTS[0]


def phyphox(names: Sequence[str], rows: Rows, dialect: Dialect = COMMA) -> str:
    """A table as phyphox writes it: quoted names, ``0.000000000E0``, NaN where a column has ended."""
    lines = [dialect.delimiter.join(f'"{name}"' for name in names)]
    lines += [dialect.delimiter.join(_cell(cell).replace(".", dialect.point) for cell in row) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(cell: float | str) -> str:
    if isinstance(cell, str):
        return f'"{cell}"'
    return "NaN" if np.isnan(cell) else f"{cell:.9E}".replace("E+0", "E").replace("E-0", "E-")


def named(sensor: str, unit: str) -> list[str]:
    return [f"{sensor} {axis} ({unit})".strip() for axis in "xyz"]


def table(names: str, rows: Rows) -> str:
    return "\n".join([names, *(",".join(map(str, row)) for row in rows)]) + "\n"


def stamped(*columns: np.ndarray, t_s: np.ndarray = T_S) -> list[list[float]]:
    return np.column_stack([t_s, *columns]).tolist()


def sensor_logger(xyz: np.ndarray, t_s: np.ndarray = T_S) -> str:
    """A table as Sensor Logger writes it: epoch ns as integers, and the axes from last to first."""
    rows = zip(_epoch_ns(t_s), t_s.tolist(), *xyz[:, ::-1].T.tolist(), strict=True)
    return table("time,seconds_elapsed,z,y,x", rows)


def wrist_motion(linear: np.ndarray, gravity: np.ndarray, turning: np.ndarray) -> str:
    names = [f"{name}{axis}" for name in ("rotationRate", "gravity", "acceleration") for axis in "XYZ"]
    rows = zip(_epoch_ns(T_S), *np.column_stack([T_S, turning, gravity, linear]).T.tolist(), strict=True)
    return table(",".join(["time", "seconds_elapsed", *names]), rows)


def metadata(platform: str, *, standardised: bool) -> str:
    names = "version,device name,recording epoch time,platform,appVersion,standardisation"
    return f"{names}\n3,my phone,{EPOCH_S * 1e3:.0f},{platform},1.63,{str(standardised).lower()}\n"


def _epoch_ns(t_s: np.ndarray) -> list[int]:
    return [round(EPOCH_S) * 10**9 + round(1e9 * each) for each in t_s.tolist()]


def zipped(path: Path, members: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def in_folder(path: Path, members: Mapping[str, str]) -> Path:
    for name, text in members.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path


def workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """An xlsx of the least that is one: numbers as numbers, text inline."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    numbers = range(1, len(sheets) + 1)
    members = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        + "</Relationships>",
    }
    for n, rows in zip(numbers, sheets.values(), strict=True):
        members[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{_xml(rows)}</sheetData></worksheet>'
        )
    return zipped(path, members)


def _xml(rows: Rows) -> str:
    return "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            if isinstance(cell, str)
            else f"<c><v>{cell!r}</v></c>"
            for cell in row
        )
        + "</row>"
        for at, row in enumerate(rows, 1)
    )


class Read(NamedTuple):
    """A file, read to its end."""

    opened: Opened
    readings: list[Reading]
    rejected: int

    def of(self, sensor: Sensor, device: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Times in seconds, from the first on, and axes."""
        mine = [each for each in self.readings if each.sensor is sensor and device in (None, each.device)]
        ticks = np.concatenate([each.ticks for each in mine])
        return (ticks - ticks[0]) / (1 if ticks.dtype == np.float64 else 1e9), np.concatenate(
            [each.xyz for each in mine]
        )


def read(path: Path) -> Read:
    opened, decoder = open_file(path), Decoder()
    messages = list(opened.messages)
    arrivals = [message.received_ns for message in messages]
    assert arrivals == sorted(arrivals)
    decoded = [decoder.decode(message) for message in messages]
    readings = [reading for each in decoded for reading in each.readings]
    return Read(opened, readings, sum(sum(each.rejects.values()) for each in decoded))

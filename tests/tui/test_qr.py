"""QR codes: what a scanner sees in the terminal is the code, and the code is the bytes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import segno

from sensors.address import BrokerAddress
from sensors.broker.password import device_password
from sensors.phyphox_experiment import PhyphoxError, archive, experiment, parts
from tui import phyphox, qr
from tui.phyphox import MOST_CODES, STATE_TOPIC, write_phyphox

GUARDED = BrokerAddress("192.168.1.5", 1883, user="wrist", password="secret-word")
LINE = re.compile(r"\x1b\[38;5;16;48;5;231m([ ▀▄█]+)\x1b\[0m")


def seen(lines: list[str]) -> np.ndarray:
    """The modules as a camera sees them: 1 where dark."""
    rows: list[list[int]] = []
    for line in lines:
        shown = LINE.fullmatch(line)
        assert shown, line
        rows += [[int(sign in "▀█") for sign in shown[1]], [int(sign in "▄█") for sign in shown[1]]]
    return np.array(rows)


def scanned(modules: np.ndarray) -> bytes:
    reader = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed: install it to read QR codes back")
    picture = np.kron(1 - modules, np.ones((4, 4))).astype(np.uint8) * 255
    (code,) = reader.read_barcodes(picture)
    return bytes(code.bytes)


@pytest.mark.parametrize(
    "code", [qr.code_of_text("mqtt://wrist@192.168.1.5:1883"), qr.code_of_bytes(bytes(range(256)))]
)
def test_the_terminal_shows_every_module_and_a_quiet_zone(code: segno.QRCode) -> None:
    modules = seen(qr.lines(code))
    width, height = code.symbol_size(border=qr.QUIET)
    assert modules.shape == (height + height % 2, width)
    inner = modules[qr.QUIET : height - qr.QUIET, qr.QUIET : -qr.QUIET]
    assert np.array_equal(inner, np.array(code.matrix))
    assert modules.sum() == inner.sum()  # nothing dark around it
    assert qr.fits(code, width, len(modules) // 2)
    assert not qr.fits(code, width - 1, len(modules))
    assert not qr.fits(code, width, len(modules) // 2 - 1)


def test_a_scanner_reads_the_bytes_and_the_address() -> None:
    text = "mqtt://wrist@192.168.1.5:1883"
    assert scanned(seen(qr.lines(qr.code_of_text(text)))) == text.encode()
    for part in parts(archive(experiment(GUARDED, state_topic=STATE_TOPIC)), 2):
        assert scanned(seen(qr.lines(qr.code_of_bytes(part)))) == part


@pytest.mark.parametrize(("size", "count"), [((120, 60), 1), ((80, 41), 2), ((80, 32), 4)])
def test_a_smaller_terminal_gets_more_codes(
    size: tuple[int, int], count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_phyphox(GUARDED, out=tmp_path / "m.phyphox", size=size)
    out, err = capsys.readouterr()
    lines = out.splitlines()
    numbers = [line for line in lines if not LINE.fullmatch(line)]
    assert numbers == ([f"{k} of {count}" for k in range(1, count + 1)] if count > 1 else [])
    codes = re.split(r"^\d of \d\n", out, flags=re.MULTILINE)[count > 1 :]
    for code in codes:
        rows = code.splitlines()
        assert len(rows) < size[1]
        assert max(len(LINE.fullmatch(row)[1]) for row in rows) <= size[0]  # type: ignore[index]
    assert "wrote" in err
    assert "secret-word" not in err


def test_without_a_broker_it_is_for_the_one_a_session_starts_here(tmp_path: Path) -> None:
    address = phyphox.own_broker()
    write_phyphox(out=tmp_path / "m.phyphox", picture=tmp_path / "m.svg")
    told = ET.parse(tmp_path / "m.phyphox").find("network/connection")
    assert told is not None
    assert told.attrib["address"] == f"{address.host}:1883"
    assert (told.attrib["username"], told.attrib["password"]) == ("wrist", device_password())


def test_a_terminal_too_small_is_told_another_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_phyphox(GUARDED, out=tmp_path / "m.phyphox", size=(80, 24))
    out, err = capsys.readouterr()
    assert out == ""
    assert "80 x 24 is too small" in err
    assert "--qr FILE.svg" in err
    assert MOST_CODES < 10


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_a_picture_is_saved_instead(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, picture = tmp_path / "m.zip", tmp_path / f"code{suffix}"
    write_phyphox(GUARDED, out=out, picture=picture)
    assert capsys.readouterr().out == ""
    assert picture.read_bytes().startswith(b"<?xml" if suffix == ".svg" else b"\x89PNG")
    assert out.read_bytes().startswith(b"PK")
    assert {path.stat().st_mode & 0o077 for path in (out, picture)} == {0}  # both hold the password


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PhyphoxError, match="cannot be written: No such file"):
        write_phyphox(GUARDED, out=tmp_path / "no" / "m.phyphox")
    with pytest.raises(PhyphoxError, match="cannot be written"):
        write_phyphox(GUARDED, out=tmp_path / "m.phyphox", picture=tmp_path / "no" / "code.svg")
    with pytest.raises(PhyphoxError, match=r"saved as \.svg or \.png"):
        write_phyphox(GUARDED, out=tmp_path / "m.phyphox", picture=tmp_path / "code.pdf")


@pytest.mark.parametrize(
    ("broker", "words"),
    [
        (BrokerAddress("192.168.1.5", 1883), []),
        (GUARDED, ["sends no user and password"]),
        (BrokerAddress("127.0.0.1", 1883), ["the phone itself"]),
        (BrokerAddress("pi", 8883, tls=True, user="a", password="b"), ["may reject mqtts://"]),
        (BrokerAddress("broker.hivemq.com", 1883), ["public broker"]),
    ],
)
def test_what_may_go_wrong_is_said(broker: BrokerAddress, words: list[str]) -> None:
    told = phyphox.warnings(broker, "phyphox/acc")
    assert len(told) == len(words)
    assert all(word in line for word, line in zip(words, told, strict=True))

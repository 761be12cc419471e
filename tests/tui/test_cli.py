"""The command line's contract: words, exit codes, and what goes to stdout and stderr."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rig import START_NS, in_order, needs_mosquitto, said, wait_until, wrist

from sensors.broker import find_mosquitto, start_broker
from sensors.message import Message
from sensors.mqtt import MqttSource
from sensors.recording import Recorder, open_recording, read_recording
from tracker.routine import shipped_names, shipped_text
from tracker.session import Command
from tui.cli import run

PALMPACE = [sys.executable, "-m", "tui.cli"]


class Said(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return strict_lines(self.out)


def strict_lines(text: str) -> list[dict[str, Any]]:
    """JSON Lines without NaN and infinities."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


@pytest.fixture
def palmpace(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """The command, in this process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def command(*words: object) -> Said:
        code = run([str(word) for word in words])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    yield command
    for number, handler in before.items():
        signal.signal(number, handler)


def assert_refused(said: Said, code: int, *parts: str) -> None:
    """Assert one line on stderr that names the trouble, nothing on stdout, no traceback."""
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("palmpace: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    for part in parts:
        assert part in said.err


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A routine's session of ten seconds."""
    path = tmp_path_factory.mktemp("session") / "session.mcap"
    start = said(0.0, Command.START, shipped_text("slow-strokes"))
    messages = in_order([start], wrist(10.0), [said(10.5, Command.END)])
    with Recorder(path, {}) as recorder:
        for message in messages:
            recorder.write(message)
    return path


# --- words ---


def test_version_and_help(palmpace: Any) -> None:
    assert palmpace("--version").out.strip() == "0.1.0"
    told = palmpace("--help")
    assert told.code == 0
    commands = (
        "live",
        "replay",
        "analyze",
        "simulate",
        "routines",
        "import",
        "doctor",
        "phyphox",
        "password",
        "unpublish",
    )
    for command in commands:
        assert f" {command} " in told.out
        help_ = palmpace(command, "--help")
        assert (help_.code, help_.err) == (0, "")
        assert f"palmpace {command}" in help_.out
    assert palmpace("live", "--help").out.count("--no-") == 3  # --no-record, --no-publish, --no-ascii


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (["dance"], "'dance'"),
        (["live", "now"], "'now'"),
        (["live", "--loud"], "--loud"),
        (["live", "--headless", "--seconds", "soon"], "--seconds"),
        (["live", "--headless", "--seconds", "0"], "--seconds takes a number above 0, not 0"),
        (["live", "--headless", "--seconds", "nan"], "--seconds takes a number above 0, not nan"),
        (["replay"], "FILE"),
        (["replay", "a.mcap", "--speed", "fast"], "--speed takes a number above 0 or 'max', not 'fast'"),
        (["replay", "a.mcap", "--speed", "0"], "--speed takes"),
        (["replay", "a.mcap", "--speed", "-2"], "--speed takes"),
        (["replay", "a.mcap", "--speed", "inf"], "--speed takes"),
        (["analyze"], "name at least one file"),
        (["analyze", "--json"], "name at least one file"),
        (["analyze", "a.csv", "--unit", "stone"], "--unit"),
        (["import"], "name at least one file"),
        (["unpublish"], "name the broker with --broker"),
        (["doctor", "--seconds", "0"], "--seconds takes a number above 0, not 0"),
        (["simulate"], "SCENARIO"),
        (["simulate", "strokes"], "give either --broker URL or --out FILE"),
        (
            ["simulate", "strokes", "--out", "a.mcap", "--broker", "mqtt://x"],
            "give either --broker URL or --out FILE",
        ),
        (["simulate", "strokes", "--out", "a.mcap", "--seconds", "-3"], "--seconds takes"),
        (["simulate", "strokes", "--out", "a.mcap", "--seed", "x"], "--seed"),
    ],
)
def test_words_that_make_no_sense_are_wrong_usage(palmpace: Any, words: list[str], say: str) -> None:
    assert_refused(palmpace(*words), 2, say, "(see 'palmpace --help')")


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (["live", "--headless", "--routine", "nap"], "no routine is called 'nap'; there are "),
        (["live", "--headless", "--simulate", "nap"], "no scenario and no routine is called 'nap'; there are strokes,"),
        (["live", "--headless", "--topic", "a#"], "topic filter 'a#' is malformed"),
        (["live", "--headless", "--broker", "localhost"], "broker address 'localhost': begin it with mqtt://"),
        (["live", "--headless", "--broker", "mqtt://h:port"], "'mqtt://h:port': the port or host is malformed"),
        (
            ["live", "--headless", "--broker", "mqtt://127.0.0.1:1"],
            "no broker answers at mqtt://127.0.0.1:1: start one",
        ),
        (["simulate", "strokes", "--broker", "mqtt://127.0.0.1:1"], "no broker answers at mqtt://127.0.0.1:1"),
        (["simulate", "strokes", "--broker", "http://h"], "begin it with mqtt://"),
        (["simulate", "nap", "--out", "a.mcap"], "no scenario and no routine is called 'nap'"),
        (["simulate", "strokes", "--out", "a.mcap", "--format", "xml"], "no format is called 'xml'; there are sensor-"),
        (["simulate", "strokes", "--out", "a.csv"], "a.csv: a recording's name ends in .mcap"),
        (["simulate", "strokes", "--out", "a.mcap", "--seconds", "2"], "at least 5 s"),
        (["routines", "nap"], "no routine is called 'nap'; 'palmpace routines' lists them"),
        (["replay", "--headless", "none.mcap"], "cannot read none.mcap: No such file"),
        (["replay", "--headless", "none.csv"], "none.csv: no such file or directory; check its name"),
        (["replay", "--headless", "."], "holds no table"),
    ],
)
def test_what_fails_is_told_in_one_line(
    palmpace: Any, words: list[str], say: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(palmpace(*words), 1, say)
    assert list(tmp_path.glob("*.mcap*")) == []


@pytest.mark.parametrize(("words", "code"), [(["analyze"], 2), (["routines", "nap"], 1)])
def test_debug_shows_where_it_failed(palmpace: Any, words: list[str], code: int) -> None:
    plain = palmpace(*words)
    told = palmpace("--debug", *words)
    assert (told.code, told.out) == (plain.code, "") == (code, "")
    assert told.err.startswith("Traceback (most recent call last):\n")
    assert told.err.endswith(plain.err)


def test_a_file_without_permission(palmpace: Any, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        path = Path("/proc/self/mem")  # what even root cannot read
        assert_refused(palmpace("replay", "--headless", path), 1, str(path))
        return
    path = tmp_path / "secret.csv"
    path.write_text("t,ax,ay,az\n")
    path.chmod(0)
    assert_refused(palmpace("replay", "--headless", path), 1, str(path), "permission denied")


def test_files_that_hold_no_session(palmpace: Any, tmp_path: Path) -> None:
    for name, content, say in (
        ("empty.mcap", b"", "is cut off; it reaches 0.0 s: no acceleration in it"),
        ("garbage.mcap", bytes(range(256)) * 9, "is not a recording"),
        ("garbage.csv", bytes(range(256)) * 9, "is not a text file"),
        ("garbage.npz", bytes(range(256)) * 9, "is no whole .npz"),
        ("empty.csv", b"", "is empty"),
        ("other.csv", b"name,age\neva,7\n", "does not name t, ax, ay and az"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert_refused(palmpace("analyze", path), 1, str(path), say)


# --- a broker with a password ---


@contextmanager
def broker_with_password(folder: Path) -> Iterator[str]:
    """A mosquitto that lets in eva, whose password is secret."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    passwords, conf = folder / "passwords", folder / "mosquitto.conf"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "eva", "secret"], check=True)
    lines = [f"listener {port} 127.0.0.1", "user root", "allow_anonymous false", f"password_file {passwords}", ""]
    conf.write_text("\n".join(lines))
    program = find_mosquitto()
    assert program is not None
    with subprocess.Popen([program, "-c", str(conf)], stderr=subprocess.DEVNULL) as process:

        def accepts() -> bool:
            assert process.poll() is None
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        wait_until(accepts)
        yield f"127.0.0.1:{port}"
        process.terminate()


@needs_mosquitto
@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="mosquitto_passwd is not installed")
def test_passwords(palmpace: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with broker_with_password(tmp_path) as where:
        live = ["live", "--headless", "--seconds", "0.1", "--no-record", "--broker"]
        wrong = palmpace(*live, f"mqtt://eva:guessed@{where}")
        assert_refused(wrong, 1, f"mqtt://eva@{where} refuses user 'eva': check the name and the password")
        assert "guessed" not in wrong.err
        assert_refused(palmpace(*live, f"mqtt://{where}"), 1, "set PALMPACE_MQTT_USER and PALMPACE_MQTT_PASSWORD")
        monkeypatch.setenv("PALMPACE_MQTT_USER", "eva")
        monkeypatch.setenv("PALMPACE_MQTT_PASSWORD", "secret")
        assert palmpace(*live, f"mqtt://{where}").code == 0


# --- analyze ---

TOTALS = {
    "stroke": {"cycles", "seconds"},
    "circle": {"cycles", "cw", "ccw", "seconds"},
    "lift": {"cycles", "seconds"},
    "still": {"seconds"},
    "other": {"cycles", "seconds"},
}
STREAM = {
    *("device", "sample_rate_hz", "duration_s", "samples", "unit", "gravity", "gaps", "rejected"),
    *("totals", "segments"),
}
SEGMENT = {
    *("start_s", "end_s", "motion", "cycles", "rate_cpm", "direction", "circularity", "plane_normal"),
    *("period_cv", "size_cv", "extent_cm", "angle_deg"),
}


def csv_of(path: Path, seconds: float = 10.0, name: str = "circles") -> Path:
    """What a wrist's acceleration looks like as a CSV, with a hole of two seconds in it."""
    rows = ["t,ax,ay,az"]
    for message in wrist(seconds, name=name):
        columns = json.loads(message.payload)
        samples = zip(*(columns[key] for key in ("t_s", "ax", "ay", "az")), strict=True)
        rows += [",".join(map(str, sample)) for sample in samples if not 6.0 < sample[0] < 8.0]
    path.write_text("\n".join(rows) + "\n")
    return path


def test_analyze_prints_the_contracts_record(palmpace: Any, recording: Path, tmp_path: Path) -> None:
    csv = csv_of(tmp_path / "my wrist.csv")
    told = palmpace("analyze", "--json", recording, csv)
    assert told.code == 0
    first, second = told.lines
    for line, file, kind, device in (
        (first, recording, "mcap", "palmpace/imu"),
        (second, csv, "csv", "my wrist"),
    ):
        assert set(line) == {"file", "format", "streams"}
        assert (line["file"], line["format"]) == (str(file), kind)
        (stream,) = line["streams"]
        assert set(stream) == STREAM
        assert stream["device"] == device
        assert {kind: set(totals) for kind, totals in stream["totals"].items()} == TOTALS
        assert stream["segments"]
        assert all(set(segment) == SEGMENT for segment in stream["segments"])
        assert (stream["unit"], stream["gravity"], stream["rejected"]) == ("m/s2", "included", 0)
        assert stream["sample_rate_hz"] == pytest.approx(50, abs=0.5)
        seconds = sum(totals["seconds"] for totals in stream["totals"].values())
        covered = sum(segment["end_s"] - segment["start_s"] for segment in stream["segments"])
        assert seconds == pytest.approx(covered, abs=0.01)
    assert first["streams"][0]["gaps"] == []
    (gap,) = second["streams"][0]["gaps"]
    assert set(gap) == {"start_s", "end_s"}
    assert gap["end_s"] - gap["start_s"] == pytest.approx(2.0, abs=0.1)


def test_analyze_tells_a_circles_plane_and_direction(palmpace: Any, tmp_path: Path) -> None:
    path = tmp_path / "circles.mcap"
    assert palmpace("simulate", "circles", "--out", path, "--seconds", "30").code == 0
    (line,) = palmpace("analyze", "--json", path).lines
    (stream,) = line["streams"]
    circles = [segment for segment in stream["segments"] if segment["motion"] == "circle"]
    assert circles
    for circle in circles:
        assert circle["direction"] in ("cw", "ccw")
        assert sum(part**2 for part in circle["plane_normal"]) == pytest.approx(1.0, abs=1e-3)
    totals = stream["totals"]["circle"]
    assert totals["cw"] + totals["ccw"] == pytest.approx(totals["cycles"], abs=0.01)


def test_analyze_gives_ten_values_a_second_on_request(palmpace: Any, recording: Path) -> None:
    (line,) = palmpace("analyze", "--json", "--track", recording).lines
    (stream,) = line["streams"]
    track = stream["track"]
    assert set(track) == {"t_s", "motion", "rate_cpm", "rate_sd_cpm", "cycles"}
    assert {len(values) for values in track.values()} == {len(track["t_s"])}
    steps_s = {round(after - before, 3) for before, after in zip(track["t_s"], track["t_s"][1:], strict=False)}
    assert steps_s == {0.1}
    assert len(track["t_s"]) == pytest.approx(10 * stream["duration_s"], abs=3)
    assert track["cycles"] == sorted(track["cycles"])


def test_a_bad_file_does_not_keep_the_others_from_being_read(palmpace: Any, recording: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("hello\n")
    missing = tmp_path / "missing.mcap"
    told = palmpace("analyze", "--json", bad, recording, missing)
    assert told.code == 1
    first, second, third = told.lines
    assert (set(first), set(third)) == ({"file", "error"}, {"file", "error"})
    assert first["file"] == str(bad)
    assert str(missing) in third["error"]
    assert second["streams"]

    told = palmpace("analyze", bad, recording)
    assert told.code == 1
    assert told.err.startswith(f"palmpace: {bad}: ")
    assert told.out.startswith(f"{recording} (mcap)\n  palmpace/imu: 10.0 s at 50.0 Hz, m/s2, gravity included")


def test_a_recording_without_motion_is_told_with_what_was_in_it(palmpace: Any, tmp_path: Path) -> None:
    path = tmp_path / "garden.mcap"
    with Recorder(path, {}) as recorder:
        recorder.write(Message("garden", b'{"temperature": 21.5}', START_NS))
    (line,) = palmpace("analyze", "--json", path).lines
    assert line["error"].startswith(f"{path}: no acceleration in it")


def test_a_cut_recording_is_read_as_far_as_it_is_whole_and_that_is_said(
    palmpace: Any, recording: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mcap"
    writer = Recorder(tmp_path / "whole.mcap", {})
    for message in read_recording(recording):
        writer.write(message)
    writer.flush()
    part = (tmp_path / "whole.mcap.part").read_bytes()
    writer.close()
    cut.write_bytes(part[: len(part) // 2])
    told = palmpace("analyze", "--json", cut)
    assert told.code == 0
    assert f"{cut} is cut off; it reaches " in told.err
    assert 3 < told.lines[0]["streams"][0]["duration_s"] < 7
    told = palmpace("replay", "--json", "--speed", "max", cut)
    assert told.code == 0
    assert told.lines[0]["event"] == "notice"
    assert "is cut off" in told.err


def test_a_damaged_recording_is_told_after_what_was_read(palmpace: Any, tmp_path: Path) -> None:
    path = tmp_path / "damaged.mcap"
    with Recorder(path, {}) as recorder:
        for message in wrist(30.0):
            recorder.write(message)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 16] = bytes(16)
    path.write_bytes(content)
    told = palmpace("replay", "--json", "--speed", "max", path)
    assert told.code == 1
    assert told.lines[-1]["event"] == "summary"
    assert told.err.splitlines()[-1].startswith(f"palmpace: {path} is damaged")
    told = palmpace("analyze", "--json", path)
    assert told.code == 1
    assert "is damaged" in told.lines[0]["error"]


# --- replay ---


def test_replay_prints_the_sessions_events_and_the_summary_last(palmpace: Any, recording: Path) -> None:
    told = palmpace("replay", "--headless", "--json", "--speed", "max", recording)
    assert told.code == 0
    lines = told.lines
    kinds = {line["event"] for line in lines}
    assert kinds == {"session", "step", "motion", "link", "notice", "summary"}
    assert all({"t_s", "event"} <= set(line) for line in lines)
    motions = [line for line in lines if line["event"] == "motion"]
    assert set(motions[0]) == {
        *("event", "t_s", "device", "motion", "rate_cpm", "rate_sd_cpm", "cycles", "direction", "circularity"),
        *("period_cv", "size_cv", "extent_cm", "angle_deg", "band", "in_band"),
    }
    assert len(motions) == pytest.approx(100, abs=5)  # ten a second
    links = [line for line in lines if line["event"] == "link"]
    assert [link["t_s"] for link in links] == [float(second) for second in range(1, 11)]
    (totals,) = (stream["totals"] for stream in palmpace("analyze", "--json", recording).lines[0]["streams"])
    assert lines[-1]["event"] == "summary"
    assert lines[-1]["totals"] == totals
    assert lines[-1]["routine"] == "slow-strokes"


def test_replay_without_json_is_for_people(palmpace: Any, recording: Path) -> None:
    told = palmpace("replay", "--headless", "--speed", "max", recording)
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == "    0.0 s  running: started"
    assert " s  in all: " in lines[-1]
    assert len(lines) < 40


def test_another_routine_can_be_replayed_by(palmpace: Any, recording: Path) -> None:
    told = palmpace("replay", "--json", "--speed", "max", "--routine", "palm-circling", recording)
    assert told.lines[-1]["routine"] == "palm-circling"
    assert palmpace("replay", "--json", "--speed", "max", "--routine", "free", recording).lines[-1]["routine"] == "free"


def test_a_reader_that_has_seen_enough_is_no_trouble(recording: Path) -> None:
    with subprocess.Popen(
        [*PALMPACE, "replay", "--json", "--speed", "20", recording], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() in (
            b"",
            b"palmpace/imu: taken as m/s2, gravity included, 50 Hz, with gyroscope, time in s\n",
        )
        assert child.wait() == 1


# --- simulate ---


def test_the_same_seed_gives_the_same_recording_and_its_truth(palmpace: Any, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.mcap", "b.mcap", "c.mcap")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        told = palmpace("simulate", "circles", "--seed", seed, "--seconds", "8", "--out", path)
        assert (told.code, told.out) == (0, "")
    first, again, other = (list(read_recording(path)) for path in paths)
    assert first == again
    assert first != other
    truths = [json.loads(path.with_suffix(".truth.json").read_text()) for path in paths]
    assert truths[0] == truths[1]
    assert (truths[0]["scenario"], truths[0]["seed"]) == ("circles", 1)
    assert set(truths[0]["truth"]) == {
        *("t_s", "phase_rad", "cycles", "motion", "rate_cpm", "direction", "plane_normal"),
    }
    assert_refused(palmpace("simulate", "circles", "--out", paths[0]), 1, str(paths[0]), "exists already")


@pytest.mark.parametrize("format", ["sensor-logger", "phyphox", "android-event", "plain"])
def test_every_format_can_be_written_and_is_understood(palmpace: Any, format: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    assert palmpace("simulate", "strokes", "--seconds", "8", "--format", format, "--out", path).code == 0
    (stream,) = palmpace("analyze", "--json", path).lines[0]["streams"]
    assert (stream["unit"], stream["gravity"], stream["rejected"]) == ("m/s2", "included", 0)
    assert stream["duration_s"] == pytest.approx(8, abs=0.1)


def test_a_routine_can_be_simulated(palmpace: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    assert palmpace("simulate", "sore-back", "--seconds", "12", "--out", path).code == 0
    assert open_recording(path).metadata["routine"] == "sore-back"
    assert palmpace("replay", "--json", "--speed", "max", path).lines[-1]["routine"] == "sore-back"


@needs_mosquitto
def test_simulate_publishes_at_a_devices_pace(tmp_path: Path) -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["left/#"])
        source.connect()
        words = ["simulate", "strokes", "--seconds", "5", "--topic", "left/imu", "--format", "plain"]
        done = subprocess.run(
            [*PALMPACE, *words, "--broker", str(broker.address)], capture_output=True, text=True, check=False
        )
        found = source.take().messages
        source.close()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "strokes: 5 s to left/imu\n")
    assert len(found) == 25
    assert {message.topic for message in found} == {"left/imu"}
    assert (found[-1].received_ns - found[0].received_ns) / 1e9 > 4  # not all at once


# --- routines ---


def test_routines_are_listed_and_shown(palmpace: Any) -> None:
    listed = palmpace("routines")
    assert listed.code == 0
    for name in shipped_names():
        assert name in listed.out
        shown = palmpace("routines", name)
        assert shown.code == 0
        assert "  1. " in shown.out
        assert "source: " in shown.out


# --- live ---


@contextmanager
def live(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*PALMPACE, "live", "--headless", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        yield child
        if child.poll() is None:
            child.kill()


def test_a_live_session_of_some_seconds(data_folder: Path) -> None:
    with live("--json", "--simulate", "strokes", "--routine", "slow-strokes", "--seconds", "2.5") as child:
        out, err = child.communicate()
        assert child.returncode == 0
    lines = strict_lines(out)
    assert lines[0] == {"event": "session", "t_s": 0.0, "state": "running", "why": "started"}
    assert any(line["event"] == "motion" for line in lines)
    assert lines[-1]["event"] == "summary"
    assert lines[-1]["t_s"] >= 2.5
    (path,) = (data_folder / "recordings").glob("*-slow-strokes.mcap")
    said = err.splitlines()
    assert said[0].startswith("listening at 127.0.0.1:")
    assert said[-1] == f"recorded: {path}"
    replay = subprocess.run(
        [*PALMPACE, "replay", "--json", "--speed", "max", path], capture_output=True, text=True, check=True
    )
    assert replay.stdout == out  # to the last byte


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_live_session_is_closed_and_summed_up(number: int, data_folder: Path) -> None:
    with live("--json", "--simulate", "strokes") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        lines = []
        for line in child.stdout:
            lines.append(line)
            if '"motion"' in line:
                break
        child.send_signal(number)
        lines += child.stdout
        err = child.stderr.read()
        assert child.wait() == 130
    assert strict_lines("".join(lines))[-1]["event"] == "summary"
    (path,) = (data_folder / "recordings").iterdir()
    assert path.suffix == ".mcap"
    assert err.splitlines()[-1] == f"recorded: {path}"
    assert "Traceback" not in err
    assert open_recording(path).notice is None
    replay = subprocess.run(
        [*PALMPACE, "replay", "--json", "--speed", "max", path], capture_output=True, text=True, check=True
    )
    assert replay.stdout == "".join(lines)


def test_nothing_is_kept_when_not_wanted(data_folder: Path) -> None:
    with live("--no-record", "--simulate", "still", "--seconds", "0.3") as child:
        _, err = child.communicate()
        assert child.returncode == 0
    assert "recorded" not in err
    assert not data_folder.exists()


# --- weight ---


def test_headless_commands_never_load_textual(recording: Path, tmp_path: Path) -> None:
    script = f"""
import sys
from tui.cli import run
for words in (
    ["--version"],
    ["routines"],
    ["analyze", "--json", {str(recording)!r}],
    ["replay", "--headless", "--speed", "max", {str(recording)!r}],
    ["simulate", "strokes", "--seconds", "5", "--out", {str(tmp_path / "a.mcap")!r}],
    ["live", "--headless", "--simulate", "still", "--seconds", "0.1", "--no-record"],
):
    assert run(words) == 0, words
    loaded = [name for name in sys.modules if name.partition(".")[0] in ("textual", "rich")]
    assert not [name for name in loaded if name.startswith("textual")], (words, loaded)
    assert not {{"matplotlib", "jinja2", "pyarrow"}} & set(sys.modules), words
"""
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


# --- devices and files of any make ---


def test_a_file_is_imported_and_its_recording_reads_alike(palmpace: Any, tmp_path: Path, data_folder: Path) -> None:
    csv = csv_of(tmp_path / "my wrist.csv")
    told = palmpace("import", csv, tmp_path / "none.csv")
    assert told.code == 1
    (path,) = told.out.splitlines()
    assert Path(path).parent == data_folder / "recordings"
    assert str(tmp_path / "none.csv") in told.err
    (of_file,), (of_recording,) = (line["streams"] for line in palmpace("analyze", "--json", csv, path).lines)
    assert of_file == of_recording


def test_the_unit_can_be_said_outright(palmpace: Any, tmp_path: Path) -> None:
    csv = csv_of(tmp_path / "a.csv")
    (as_told,), (as_said,) = (palmpace("analyze", "--json", csv, *words).lines for words in ((), ("--unit", "mg")))
    assert as_told["streams"][0]["unit"] == "m/s2"
    assert as_said["streams"][0]["unit"] == "mg"


def test_a_bad_configuration_is_told_in_one_line(palmpace: Any, config_folder: Path) -> None:
    config_folder.mkdir(parents=True)
    (config_folder / "config.toml").write_text('[[device]]\ntopic = "a"\nunti = "g"\n')
    assert_refused(
        palmpace("live", "--headless"), 1, str(config_folder / "config.toml"), "device 1: unknown key `unti`"
    )


def test_the_doctor_fails_where_nothing_is_heard_and_says_what_to_do(palmpace: Any) -> None:
    with start_broker(0) as broker:
        told = palmpace("doctor", "--broker", str(broker.address), "--seconds", "0.2")
    assert told.code == 1
    assert "nothing in" in told.out
    assert max(map(len, told.out.splitlines())) <= 80


def test_phyphox_gets_its_experiment(palmpace: Any, tmp_path: Path) -> None:
    out, qr = tmp_path / "a.phyphox", tmp_path / "a.svg"
    told = palmpace("phyphox", "--broker", "mqtt://192.168.1.20", "-o", out, "--qr", qr)
    assert told.code == 0
    assert 'address="192.168.1.20:1883"' in out.read_text()
    assert "<svg" in qr.read_text()
    assert_refused(palmpace("phyphox", "--broker", "192.168.1.20"), 1, "begin it with mqtt://")


def test_what_was_published_can_be_taken_back(palmpace: Any) -> None:
    with start_broker(0) as broker:
        told = palmpace("unpublish", "--broker", str(broker.address))
        assert (told.code, told.out) == (0, "")


def test_the_devices_password_is_shown_and_renewed_on_request_alone(palmpace: Any) -> None:
    first, again, renewed, after = (palmpace("password", *words).out for words in ((), (), ("--renew",), ()))
    assert first == again != renewed == after
    assert [line.split()[0] for line in first.splitlines()] == ["user", "password", "certificate", "SHA-256"]

"""Connect: what to enter is shown, what arrives is judged, and it goes on by itself when that is good."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scripted import BATCH_S, CONNECTION, START_NS, FakeHub, HeldSource
from textual.app import App

from sensors.broker import Access, Endpoint
from sensors.message import NS_PER_S, Message
from tracker.events import NoticeEvent
from tracker.pipeline import Pipeline, command_message
from tracker.session import Command
from tui import qr
from tui.app import PalmpaceApp
from tui.apps import GUIDES
from tui.runner import Connection, Runner
from tui.screens.connect import OTHER_S, SILENCE_S, ConnectScreen
from tui.widgets.code import Code

SIZES = [(80, 24), (120, 40)]
SIZE = SIZES[0]
NOWHERE = replace(CONNECTION, access=Access((Endpoint("mqtt", "127.0.0.1", 1883),)))


def stream(topic: str, start_s: float = 1.0, end_s: float = 12.0, *, hz: float = 50.0, length: float = 9.81):
    """Batches of a swinging hand; ``length`` is that of gravity as sent."""
    n = max(1, round(BATCH_S * hz))
    messages, at = [], 0
    while start_s + (at + n) / hz <= end_s:
        t_s = [start_s + (at + i) / hz for i in range(n)]
        columns = {
            "t": t_s,
            "ax": [0.1 * length * math.sin(2 * t) for t in t_s],
            "ay": [0.0] * n,
            "az": [length] * n,
        }
        messages.append(message(topic, json.dumps(columns).encode(), t_s[-1] + 1 / hz))
        at += n
    return messages


def message(topic: str, payload: bytes, t_s: float) -> Message:
    return Message(topic, payload, START_NS + round(t_s * NS_PER_S))


class Hub(FakeHub):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def connection(self) -> Connection:
        return self._connection


class Door(App[None]):
    """Shows the screen, keeps what it says, and has the time in its hand."""

    HORIZONTAL_BREAKPOINTS = PalmpaceApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = PalmpaceApp.VERTICAL_BREAKPOINTS

    def __init__(self, messages=(), connection: Connection = CONNECTION, limit_s: float | None = None) -> None:
        super().__init__()
        source = HeldSource(iter(sorted(messages, key=lambda each: each.received_ns)))
        self.runner = Runner(source, Pipeline(), hub=Hub(connection), limit_s=limit_s)
        for said in (Command.START, Command.PAUSE):
            self.runner.pipeline.feed(command_message(said, START_NS))
        self.said: list[str] = []

    def on_mount(self) -> None:
        self.push_screen(ConnectScreen(self.runner))

    def on_connect_screen_ready(self, message: ConnectScreen.Ready) -> None:
        assert message.runner is self.runner
        self.said.append("ready")

    def on_connect_screen_left(self) -> None:
        self.said.append("left")

    async def until(self, pilot, t_s: float) -> str:
        """Let time pass up to then; give what a person reads."""
        while self.runner.source.now_s < t_s - 1e-6:
            self.runner.source.now_s += 0.1
            self.screen.take(self.runner.poll())
        await pilot.pause()
        await pilot.pause()
        return self.page()

    def page(self) -> str:
        rows = self.screen._compositor.render_strips()
        return " ".join(" ".join(strip.text for strip in rows).split())


@pytest.mark.parametrize("size", SIZES)
async def test_what_to_enter_and_the_steps_for_each_app(size):
    app = Door()
    async with app.run_test(size=size) as pilot:
        page = await app.until(pilot, 0.5)
        access = CONNECTION.access
        shown = [access.user, access.password, CONNECTION.topic, "8883 (mqtts)", "8000 (ws)"]
        assert all(value in page for value in shown)
        assert ("192.168.1.20" in page) == (size == SIZE)  # else in block letters
        assert "Listening" in page
        assert app.screen.query_one(Code).display
        for guide in GUIDES:
            assert f"{guide.name} {guide.runs_on}" in app.page()
            assert guide.steps[2] in app.page()
            await pilot.press("tab")
            await pilot.pause()
        code = app.screen.query_one(Code)
        if size == SIZE:  # the code has a page of its own
            assert "for a phone's camera" in app.page()
            assert GUIDES[0].steps[2] not in app.page()
            assert "192.168.1.20" in app.page()
            await pilot.press("tab")
            await pilot.pause()
            assert code.code is None
        else:
            assert "for a phone's camera" in app.page()
        assert GUIDES[0].steps[2] in app.page()


async def test_the_code_is_whole_dark_on_light_and_holds_the_values():
    app = Door()
    async with app.run_test(size=SIZE) as pilot:
        await app.until(pilot, 0.2)
        await pilot.press(*["tab"] * len(GUIDES))
        await pilot.pause()
        widget = app.screen.query_one(Code)
        assert widget.code.symbol_size(border=qr.QUIET) == (widget.size.width, widget.size.height * 2 - 1)
        strips = [widget.render_line(y) for y in range(widget.size.height)]
        styles = {segment.style for strip in strips for segment in strip}
        assert [(each.color.get_truecolor(), each.bgcolor.get_truecolor()) for each in styles] == [
            ((0, 0, 0), (255, 255, 255))
        ]
        halves = [strip.text for strip in strips]
        dark = np.array([[sign in signs for sign in row] for row in halves for signs in ("▀█", "▄█")]).astype(int)
        reader = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed: install it to read QR codes back")
        picture = np.kron(1 - dark, np.ones((4, 4))).astype(np.uint8) * 255
        (read,) = reader.read_barcodes(picture)
        assert read.text.splitlines() == ["192.168.1.20", "1883", "wrist", "mtk7-w4xf-9rqe", "palmpace/left"]


async def test_phyphox_gets_its_experiment_where_there_is_room():
    app = Door()
    async with app.run_test(size=(200, 60)) as pilot:
        await app.until(pilot, 0.2)
        code = app.screen.query_one(Code)
        values = code.code
        await pilot.press("tab")
        await pilot.pause()
        assert code.code.version > values.version
        assert "the experiment, for phyphox" in app.page()
        assert "palmpace phyphox" not in app.page()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert code.code.version == values.version
        assert "palmpace phyphox" in app.page()


async def test_a_terminal_too_small_for_the_code_shows_none_of_it():
    app = Door()
    async with app.run_test(size=(64, 20)) as pilot:
        await app.until(pilot, 0.2)
        for _ in GUIDES:
            assert app.screen.query_one(Code).code is None
            await pilot.press("right")
        assert GUIDES[0].name in app.page()


async def test_a_terminal_with_ascii_alone_gets_no_code():
    app = Door()
    async with app.run_test(size=(120, 40)) as pilot:
        app.switch_screen(ConnectScreen(app.runner, codes=False))
        await pilot.pause()
        await app.until(pilot, 0.2)
        assert app.screen.query_one(Code).code is None
        assert not app.screen.query_one("#scan").display


async def test_the_topic_is_the_app_s_own_unless_another_is_asked_for():
    app = Door(connection=replace(CONNECTION, topic="sensor-logger"))
    async with app.run_test(size=SIZE) as pilot:
        assert "topic sensor-logger" in await app.until(pilot, 0.2)
        await pilot.press("tab", "tab")
        await pilot.pause()
        assert "topic android/sensor" in app.page()


async def test_a_good_stream_goes_on_by_itself():
    app = Door(stream("palmpace/left"))
    async with app.run_test(size=SIZE) as pilot:
        page = await app.until(pilot, 2.4)
        assert "palmpace/left looking at it" in page
        assert app.said == []
        page = await app.until(pilot, 4.0)
        assert "✓ palmpace/left 50.0 Hz, m/s2, gravity included, no gyroscope, time stamps in s" in page
        await app.until(pilot, 6.0)
        assert app.said == ["ready"]  # once


async def test_the_session_waits_until_the_second_wrist_is_good_too():
    app = Door([*stream("palmpace/left"), *stream("palmpace/right", 2.0)])
    async with app.run_test(size=SIZE) as pilot:
        assert "One is good, waiting a moment for the other" in await app.until(pilot, 3.2)
        assert app.said == []
        await app.until(pilot, 4.2)
        assert app.said == ["ready"]


async def test_a_second_wrist_that_does_not_get_good_is_waited_for_no_longer_than_its_time():
    app = Door([*stream("palmpace/left"), *stream("palmpace/right", hz=5.0)])
    async with app.run_test(size=SIZE) as pilot:
        await app.until(pilot, 2.7 + OTHER_S - 0.3)
        assert app.said == []
        await app.until(pilot, 2.7 + OTHER_S + 0.3)
        assert app.said == ["ready"]


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (
            stream("android/sensor", hz=5.0),
            ("too slow", "300 need 20 Hz", "set its sampling rate to 20000", "(Sensor Spot) 5.0 Hz"),
        ),
        (stream("palmpace/left", length=0.2), ("gravity is missing", "send the acceleration with gravity in it")),
        (stream("palmpace/left", length=16384.0), ("raw numbers", "raw (16384 per g)", "config.toml settle it")),
    ],
    ids=["slow", "no gravity", "raw"],
)
async def test_a_flawed_stream_waits_for_enter(messages, told):
    app = Door(messages)
    async with app.run_test(size=SIZE) as pilot:
        page = await app.until(pilot, 7.0)
        assert "not as it should be: Enter starts anyway" in page
        assert all(part in page for part in told)
        assert app.said == []
        await pilot.press("enter", "enter")
        assert app.said == ["ready"]


async def test_a_stream_that_falls_silent_is_no_use_until_it_comes_back():
    app = Door([*stream("palmpace/left", hz=10.0, end_s=4.0), *stream("palmpace/left", 12.0, 14.0, hz=10.0)])
    async with app.run_test(size=SIZE) as pilot:
        page = await app.until(pilot, 9.0)
        assert "✗ palmpace/left silent for 0:05" in page
        assert "look at its Wi-Fi" in page
        assert "too slow" in await app.until(pilot, 13.0)


async def test_a_gyroscope_alone_is_no_use():
    sent = [message("palmpace/left", b'{"t": %d, "gx": 0.1, "gy": 0.2, "gz": 0.3}' % n, 1.0 + n) for n in range(8)]
    app = Door(sent)
    async with app.run_test(size=SIZE) as pilot:
        page = await app.until(pilot, 7.5)
        assert "✗ palmpace/left no acceleration in it" in page
        assert 'send JSON as {"t": 12.34' in page
        assert app.said == []


async def test_a_topic_that_cannot_be_used_is_named_with_its_reason():
    sent = [message(f"tele/{n}/SENSOR", b'{"ENERGY": {"Power": 3}}', 1.0) for n in range(6)]
    app = Door(sent)
    async with app.run_test(size=SIZE) as pilot:
        page = await app.until(pilot, 16.0)
        assert "Something is heard, but no use" in page
        assert "✗ topic tele/0/SENSOR no acceleration in it (1)" in page
        assert page.count("it reports once in 10 s at best") == 1
        assert "✗ topic tele/3/SENSOR" in page
        assert "2 topics more" in page
        assert "Nothing heard" not in page
        assert app.said == []


@pytest.mark.parametrize("size", SIZES)
async def test_silence_says_what_to_check(size):
    app = Door()
    async with app.run_test(size=size) as pilot:
        assert "→" not in await app.until(pilot, SILENCE_S - 0.2)
        page = await app.until(pilot, SILENCE_S + 0.2)
        assert "Nothing heard for 0:15" in page
        assert "palmpace doctor" in page
        assert "firewall of this machine: let TCP port 1883 in" in page
        assert "phyphox and Sensor Spot stop when the phone is locked or the app is left" in page


@pytest.mark.parametrize(
    ("kind", "told"),
    [("amqtt", "install mosquitto"), ("mosquitto", "connect it to your network"), ("broker", "enter its address")],
)
async def test_a_broker_that_no_phone_reaches_is_told_at_once(kind, told):
    app = Door(connection=replace(NOWHERE, broker=kind))
    async with app.run_test(size=SIZE) as pilot:
        page = await app.until(pilot, 0.5)
        assert f"only this machine reaches 127.0.0.1: {told}" in page
        assert "password" not in page


async def test_enter_goes_on_without_anything_and_q_leaves():
    for key, said in (("space", "ready"), ("q", "left"), ("escape", "left")):
        app = Door()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(key)
            assert app.said == [said]


async def test_a_session_that_ends_meanwhile_is_left():
    app = Door(limit_s=2.0)
    async with app.run_test(size=SIZE) as pilot:
        await app.until(pilot, 2.5)
        assert app.said == ["left"]


async def test_the_latest_warnings_are_shown_and_devices_own_are_not_told_twice():
    app = Door(stream("palmpace/left", hz=5.0))
    async with app.run_test(size=(120, 40)) as pilot:
        old, new = (NoticeEvent(t_s=0.0, about="broker", text=f"{word} [warning]") for word in ("old", "new"))
        app.screen.take([old, new, new])
        page = await app.until(pilot, 5.0)
        assert "broker: new [warning] broker: old [warning]" in page
        assert "palmpace/left: taken as" not in page

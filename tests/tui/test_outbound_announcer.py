"""Sessions announced at a real mosquitto."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from outbound_events import SECONDS, WRIST, heard, of_kind, routine, session
from rig import ScriptedSource, needs_mosquitto, wait_until

from sensors.address import BrokerAddress
from sensors.broker import Broker, start_broker
from sensors.mqtt import Publisher, Will
from tracker.events import CueEvent, Event, LinkEvent, MotionEvent, NoticeEvent, SummaryEvent
from tracker.pipeline import Pipeline
from tui.outbound import announcer as module
from tui.outbound.announcer import Announcer
from tui.outbound.forget import forget
from tui.outbound.home_assistant import config_topic
from tui.runner import Runner

pytestmark = needs_mosquitto


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """One for all tests that leave it alone; each speaks of a wrist of its own."""
    with start_broker(0, "mosquitto") as running:
        yield running


class Ear:
    """Another program at the broker: keeps what it hears of some topics."""

    def __init__(self, address: BrokerAddress, *filters: str) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.publisher = Publisher(address, listen=dict.fromkeys(filters, self._hear))
        self.publisher.connect()

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        self.heard.append((topic, payload, retained))

    def of(self, output: str) -> list[bytes]:
        return [payload for topic, payload, _ in self.heard if topic.endswith(f"/{output}")]

    def bodies(self, output: str) -> list[Any]:
        return [json.loads(payload) for payload in self.of(output)]

    def wait_for(self, output: str, *payloads: bytes) -> None:
        """Wait until these were heard, in this order, since the last call; other outputs may come in between."""
        wait_until(lambda: len(self.of(output)) >= len(payloads))
        assert self.of(output) == list(payloads)

    def forget(self) -> None:
        self.heard.clear()


@pytest.fixture
def ear_of(broker: Broker) -> Iterator[Callable[..., Ear]]:
    ears: list[Ear] = []

    def listening(*filters: str) -> Ear:
        ears.append(Ear(broker.address, *filters))
        return ears[-1]

    yield listening
    for ear in ears:
        ear.publisher.close()


def link(device: str, **changed: Any) -> LinkEvent:
    return msgspec.structs.replace(of_kind(LinkEvent)[0], device=device, **changed)


def look(device: str, **changed: Any) -> MotionEvent:
    return msgspec.structs.replace(of_kind(MotionEvent)[0], device=device, **changed)


def cue() -> CueEvent:
    return of_kind(CueEvent)[0]


def ended(device: str) -> SummaryEvent:
    (event,) = of_kind(SummaryEvent)
    return msgspec.structs.replace(event, streams=[msgspec.structs.replace(event.streams[0], device=device)])


def cut(publisher: Publisher | None) -> None:
    """Break a connection without a goodbye, as a dead battery does."""
    assert publisher is not None
    publisher._link.client.socket().shutdown(socket.SHUT_RDWR)


# --- a whole session ---


def test_a_session_goes_out_as_it_happens_and_its_numbers_agree(broker: Broker, ear_of: Callable[..., Ear]) -> None:
    ear = ear_of(f"palmpace/{WRIST}/+")
    buzzer = ear_of(f"palmpace/{WRIST}/cue")
    announcer = Announcer(broker.address)
    announcer._voice(WRIST)  # connected before the session begins: its time flies here
    ear.wait_for("status", b"online")
    ear.forget()
    source = ScriptedSource([([message], message.received_ns) for message in heard()])
    runner = Runner(source, Pipeline(routine()))
    events: list[Event] = []
    while not runner.done:
        fresh = runner.poll()
        events += fresh
        assert announcer.take(fresh) == []
        if any(isinstance(event, CueEvent) for event in fresh):
            cues = sum(isinstance(event, CueEvent) for event in events)
            wait_until(lambda expected=cues: len(buzzer.of("cue")) == expected)  # while the session runs
    announcer.close()
    wait_until(lambda: ear.of("status") == [b"offline"])

    assert events == list(session())
    *live, last = ear.bodies("state")
    assert [state["t_s"] for state in live] == [float(second) for second in range(1, int(SECONDS))]
    (summary,) = ear.bodies("summary")
    made = sum(total.get("cycles", 0.0) for total in summary["totals"].values())
    assert [cycle["number"] for cycle in ear.bodies("event")] == list(range(1, int(made) + 1))
    assert last["cycles"] == pytest.approx(made, abs=0.01)
    assert last["session"] == "ended"
    assert [said["pattern"][0] for said in buzzer.bodies("cue")] == [80, 150]
    assert {topic for topic, _, _ in ear_of_what_stands(broker, f"palmpace/{WRIST}/+")} == {
        f"palmpace/{WRIST}/status",
        f"palmpace/{WRIST}/summary",
    }


def ear_of_what_stands(broker: Broker, *filters: str) -> list[tuple[str, bytes, bool]]:
    """What a program hears that comes later."""
    late = Ear(broker.address, *filters, "marker/late")
    late.publisher.publish("marker/late", b"")  # after what is retained
    wait_until(lambda: bool(late.of("late")))
    late.publisher.close()
    return [message for message in late.heard if message[0] != "marker/late"]


# --- status ---


def test_a_status_stands_from_the_first_word_to_the_last(broker: Broker) -> None:
    announcer = Announcer(broker.address)
    announcer.take([link("stands")])
    wait_until(lambda: ear_of_what_stands(broker, "palmpace/stands/+") == [("palmpace/stands/status", b"online", True)])
    announcer.close()
    announcer.close()
    assert ear_of_what_stands(broker, "palmpace/stands/+") == [("palmpace/stands/status", b"offline", True)]


def test_the_will_speaks_when_we_cannot_and_we_contradict_it_when_we_are_back(
    broker: Broker, ear_of: Callable[..., Ear]
) -> None:
    ear = ear_of("palmpace/cut/status")
    announcer = Announcer(broker.address)
    announcer.take([link("cut")])
    ear.wait_for("status", b"online")
    cut(announcer._voices["cut"]._publisher)
    wait_until(lambda: ear.of("status")[-1] == b"online" and b"offline" in ear.of("status"))
    assert ear.of("status")[:2] == [b"online", b"offline"]
    announcer.close()
    wait_until(lambda: ear.of("status")[-1] == b"offline")


def test_a_will_of_an_older_connection_that_comes_late_is_contradicted(
    broker: Broker, ear_of: Callable[..., Ear]
) -> None:
    """The race: the broker gives an old connection up only after the new one has said that it is there."""
    ear = ear_of("palmpace/late/status")
    old = Publisher(broker.address, will=Will("palmpace/late/status", b"offline"))
    old.connect()
    announcer = Announcer(broker.address)
    announcer.take([link("late")])
    ear.wait_for("status", b"online")
    cut(old)
    ear.wait_for("status", b"online", b"offline", b"online")
    old.close()
    assert ear_of_what_stands(broker, "palmpace/late/status") == [("palmpace/late/status", b"online", True)]
    announcer.close()
    ear.wait_for("status", b"online", b"offline", b"online", b"offline")


# --- a broker that is away ---


def test_what_is_live_is_lost_while_the_broker_is_away_and_what_stands_comes_later() -> None:
    """It comes back at another port."""
    with start_broker(0, "mosquitto") as first:
        address = first.address
        announcer = Announcer(address, home_assistant=True)
        ear = Ear(address, "palmpace/away/+", "homeassistant/#")
        announcer.take([link("away"), look("away")])
        ear.wait_for("status", b"online")
        publisher = announcer._voices["away"]._publisher
        assert publisher is not None
    wait_until(lambda: "lost" in publisher.status() and "lost" in ear.publisher.status())
    ear.forget()
    client = publisher._link.client
    for second in range(500):
        said = [look("away", cycles=float(second)), cue(), link("away", t_s=float(second))]
        assert announcer.take(said) == []
    assert len(client._out_messages) + len(client._out_packet) < 10  # what was on its way at the end
    announcer.take([ended("away")])
    with start_broker(0, "mosquitto") as moved:
        announcer.move(moved.address)
        ear.publisher.move(moved.address)
        wait_until(lambda: {"status", "summary", "config"} <= {topic.rpartition("/")[2] for topic, _, _ in ear.heard})
        announcer.take([link("away", t_s=501.0), ended("new")])
        wait_until(lambda: bool(ear.of("state")))
        assert [state["t_s"] for state in ear.bodies("state")] == [501.0]
        assert ear.of("cue") == ear.of("event") == []
        assert set(ear.of("status")) == {b"online"}
        wait_until(lambda: len(ear_of_what_stands(moved, "palmpace/new/+")) == 2)
        announcer.close()
        ear.publisher.close()


def test_a_session_whose_broker_cannot_be_reached_goes_on_and_is_told_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    announcer = Announcer(BrokerAddress("127.0.0.1", port))
    told: list[NoticeEvent] = []

    def refused() -> bool:
        told.extend(announcer.take([link("nowhere", t_s=3.0), cue(), ended("nowhere"), link("nowhere", t_s=7.0)]))
        return bool(told)

    wait_until(refused)
    assert announcer.take([link("nowhere")]) == []
    (notice,) = told
    assert (notice.about, notice.t_s) == ("publishing", 7.0)
    assert notice.text.startswith(f"no broker answers at mqtt://127.0.0.1:{port}: ")
    assert notice.text.endswith("; trying again")
    announcer.close()


def test_a_broker_that_comes_up_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    with start_broker(0, "mosquitto") as gone:
        address = gone.address
    announcer = Announcer(address)
    announcer.take([ended("early")])
    wait_until(lambda: announcer._voices["early"].problem is not None)
    with start_broker(address.port, "mosquitto") as broker:
        assert broker.address == address
        wait_until(lambda: len(ear_of_what_stands(broker, "palmpace/early/+")) == 2)
        announcer.close()


def test_no_more_wrists_are_announced_than_anybody_has(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WRISTS", 2)
    announcer = Announcer(broker.address)
    (notice,) = announcer.take([link("many 1"), link("many 2"), link("many 3"), link("many 4")])
    assert notice.text.startswith("more than 2 devices: many 3 ")
    assert announcer.take([link("many 5")]) == []
    assert len(announcer._voices) == 2
    announcer.close()


def test_a_connection_that_stands_only_after_the_goodbye_is_given_up(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    goodbye = threading.Event()
    made: list[Publisher] = []
    connect = Publisher.connect

    def slowly(publisher: Publisher, timeout_s: float) -> None:
        made.append(publisher)
        assert goodbye.wait(timeout_s)
        connect(publisher, timeout_s)

    monkeypatch.setattr(Publisher, "connect", slowly)
    announcer = Announcer(broker.address)
    announcer.take([link("slow")])
    voice = announcer._voices["slow"]
    announcer.close(timeout_s=0.0)
    goodbye.set()
    voice._connecting.join()
    monkeypatch.undo()
    assert "lost" in made[0].status()
    assert ear_of_what_stands(broker, "palmpace/slow/+") == []


# --- Home Assistant ---


def test_home_assistant_is_told_of_a_wrist_and_again_when_it_comes_up(
    broker: Broker, ear_of: Callable[..., Ear]
) -> None:
    ear = ear_of(config_topic("ha"))
    announcer = Announcer(broker.address, home_assistant=True)
    announcer.take([link("ha")])
    wait_until(lambda: len(ear.heard) == 1)
    assert ear_of_what_stands(broker, config_topic("ha")) == [(config_topic("ha"), ear.heard[0][1], True)]
    ear.publisher.publish("homeassistant/status", b"offline")
    ear.publisher.publish("homeassistant/status", b"online")
    wait_until(lambda: len(ear.heard) == 2)
    assert ear.heard[0] == ear.heard[1]
    announcer.close()


def test_what_stands_is_taken_back_and_nothing_of_others() -> None:
    with start_broker(0, "mosquitto") as own:
        others = [("homeassistant/device/lamp/config", b"{}"), ("palmpace/imu", b"{}")]
        with Publisher(own.address) as somebody:
            for topic, payload in others:
                somebody.publish(topic, payload, retain=True)
            somebody.flush()
        announcer = Announcer(own.address, home_assistant=True)
        announcer.take([link("left"), link("Eva's phone"), ended("left")])
        wait_until(lambda: len(ear_of_what_stands(own, "#")) == len(others) + 5)
        announcer.close()
        gone = forget(own.address)
        assert len(gone) == 5
        assert config_topic("left") in gone
        assert config_topic("Eva's phone") in gone
        assert sorted(ear_of_what_stands(own, "#")) == [(topic, payload, True) for topic, payload in others]
        assert forget(own.address) == []


def test_nobody_waits_for_a_broker_that_accepts_and_is_mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The events of ten minutes go through meanwhile and leave nothing behind, and the goodbye is short."""
    monkeypatch.setattr(module, "CONNECT_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        announcer = Announcer(BrokerAddress("127.0.0.1", server.getsockname()[1]))
        announcer.take([link("mute")])
        client, _ = server.accept()
        voice = announcer._voices["mute"]
        for second in range(600):
            announcer.take([look("mute", cycles=second / 3), cue(), link("mute", t_s=float(second))])
        assert list(voice._standing) == ["palmpace/mute/status"]
        announcer.close(timeout_s=0.0)
        assert voice._connecting.is_alive()
        client.close()
    voice._connecting.join()
    assert voice._publisher is None

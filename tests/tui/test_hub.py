from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from rig import mosquitto_at, needs_mosquitto, nothing_left, wait_until

from sensors.broker import start_broker
from sensors.mqtt import BrokerAddress, BrokerError
from tui.config import BrokerConfig
from tui.hub import DEFAULT_TOPICS, OWN_TOPICS, Hub, named_address
from tui.runner import Connection


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    with nothing_left():
        yield


def hub_at(url: str, *topics: str, config: BrokerConfig = BrokerConfig()) -> Hub:
    return Hub.open(url, topics, config, network=False, opened=ExitStack())


# --- somebody's broker ---


def test_a_named_broker_is_asked_for_the_usual_topics_or_those_that_are_said() -> None:
    config = BrokerConfig(topics=("gym/+",))
    url = "mqtt://broker.local"
    assert hub_at(url).topics == DEFAULT_TOPICS
    assert hub_at(url, config=config).topics == ("gym/+",)
    assert hub_at(url, "hall/left", config=config).topics == ("hall/left",)


def test_the_command_line_goes_before_the_configuration() -> None:
    config = BrokerConfig(url="mqtt://kept.local")
    named = named_address("mqtt://said.local:1884", config)
    kept = named_address(None, config)
    assert named is not None
    assert kept is not None
    assert (named.host, named.port, kept.host) == ("said.local", 1884, "kept.local")
    assert named_address(None, BrokerConfig()) is None


def test_the_environment_goes_before_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    config = BrokerConfig(url="mqtt://broker.local", user="kept", password="kept-secret")
    monkeypatch.setenv("PALMPACE_MQTT_USER", "said")
    monkeypatch.delenv("PALMPACE_MQTT_PASSWORD", raising=False)
    address = named_address(None, config)
    assert address is not None
    assert (address.user, address.password) == ("said", "kept-secret")
    connection = hub_at("mqtt://broker.local", config=config).connection()
    assert connection.access.user == "said"
    assert connection.access.password is None  # a person who uses this broker knows it


def test_a_malformed_address_is_told() -> None:
    with pytest.raises(BrokerError, match="begin it with mqtt://"):
        hub_at("broker.local")


def test_a_topic_to_show_names_one_and_not_many() -> None:
    url = "mqtt://broker.local"
    assert hub_at(url, "hall/left", "hall/right").first_topic == "hall/left"
    assert hub_at(url, "hall/+").first_topic == hub_at(url, "hall/#").first_topic == DEFAULT_TOPICS[0]


def test_a_public_broker_is_no_private_place_and_is_warned_about() -> None:
    public, own = hub_at("mqtt://test.mosquitto.org", "palmpace/my/imu"), hub_at("mqtt://192.168.1.20")
    assert (public.private, own.private) == (False, True)
    assert any("test.mosquitto.org" in warning for warning in public.warnings())
    assert own.warnings() == []


def test_a_broker_of_somebody_elses_is_not_looked_after() -> None:
    with start_broker(0) as broker:
        hub = hub_at(str(broker.address))
        moved: list[BrokerAddress] = []
        hub.lead(moved.append)
    assert hub.tend() is None
    assert moved == []


# --- our own ---


@needs_mosquitto
def test_our_own_broker_comes_back_and_leads_those_who_follow() -> None:
    with ExitStack() as opened:
        hub = Hub.open(None, (), BrokerConfig(), network=False, opened=opened)
        assert hub.topics == OWN_TOPICS
        before, where = hub.connection(), hub.address
        assert (before.broker, before.port, before.topic) == ("mosquitto", where.port, DEFAULT_TOPICS[0])
        assert hub.private
        followed: list[BrokerAddress] = []
        hub.lead(followed.append)
        assert hub.tend() is None  # it lives
        mosquitto = mosquitto_at(where.port)
        mosquitto.kill()
        mosquitto.wait()
        back: list[Connection] = []

        def is_back() -> bool:
            back.extend(filter(None, [hub.tend()]))
            return bool(back)

        wait_until(is_back)
        assert back == [before]
        assert followed == [where]
        assert hub.tend() is None

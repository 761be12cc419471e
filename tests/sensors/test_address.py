from __future__ import annotations

from dataclasses import replace

import pytest

from sensors.address import BrokerAddress, BrokerError, check_filter, is_near, is_public, refuse_the_world


def parse(url: str, **environ: str) -> BrokerAddress:
    return BrokerAddress.parse(url, environ)


@pytest.mark.parametrize(
    ("url", "expected", "shown"),
    [
        ("mqtt://host", BrokerAddress("host", 1883), "mqtt://host:1883"),
        ("mqtts://host/", BrokerAddress("host", 8883, tls=True), "mqtts://host:8883"),
        ("mqtt://10.0.0.7:1884", BrokerAddress("10.0.0.7", 1884), "mqtt://10.0.0.7:1884"),
        ("mqtt://[::1]:99", BrokerAddress("::1", 99), "mqtt://[::1]:99"),
        ("mqtt://[fe80::1]", BrokerAddress("fe80::1", 1883), "mqtt://[fe80::1]:1883"),
        ("mqtt://eva@host", BrokerAddress("host", 1883, user="eva"), "mqtt://eva@host:1883"),
        (
            "mqtt://e%40x:p%3Aa%2Fs@host",
            BrokerAddress("host", 1883, user="e@x", password="p:a/s"),
            "mqtt://e%40x@host:1883",
        ),
        ("ws://host", BrokerAddress("host", 80, websocket="/mqtt"), "ws://host:80/mqtt"),
        ("ws://host:8000/", BrokerAddress("host", 8000, websocket="/mqtt"), "ws://host:8000/mqtt"),
        ("wss://eva@host/a/b", BrokerAddress("host", 443, True, "eva", websocket="/a/b"), "wss://eva@host:443/a/b"),
    ],
)
def test_an_address_is_read_from_a_url(url: str, expected: BrokerAddress, shown: str) -> None:
    address = parse(url)
    assert address == expected
    assert str(address) == shown
    assert parse(shown) == replace(address, password=None)


def test_user_and_password_come_from_the_environment_where_the_url_has_none() -> None:
    environ = {"PALMPACE_MQTT_USER": "eva", "PALMPACE_MQTT_PASSWORD": "secret"}
    assert parse("mqtt://host", **environ) == BrokerAddress("host", 1883, user="eva", password="secret")
    assert parse("mqtt://ute@host", **environ).user == "ute"
    assert parse("mqtt://ute@host", **environ).password == "secret"
    assert parse("mqtt://ute:own@host", **environ).password == "own"
    assert parse("mqtt://host", PALMPACE_MQTT_PASSWORD="secret").password is None


def test_no_printed_form_of_an_address_shows_the_password() -> None:
    address = parse("mqtt://eva:secret@host")
    assert "secret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    ("url", "say"),
    [
        ("localhost:1883", "begin it with mqtt://"),
        ("http://host", "begin it with mqtt://"),
        ("", "begin it with mqtt://"),
        ("mqtt://", "mqtt://host:port"),
        ("mqtt://:1883", "mqtt://host:port"),
        ("mqtt://host:0", "mqtt://host:port"),
        ("mqtts://host/topic", "mqtts://host:port"),
        ("ws://host/mqtt?token=1", "ws://host:port"),
        ("mqtt://host:port", "malformed"),
        ("mqtt://host:99999", "malformed"),
        ("mqtt://[::1", "malformed"),
    ],
)
def test_a_bad_address_is_told_in_one_line(url: str, say: str) -> None:
    with pytest.raises(BrokerError, match=say) as told:
        parse(url)
    assert repr(url) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "eva:secret@host",
        "http://eva:secret@host",
        "mqtt://eva:secret@x:host",
        "mqtt://eva:secret/@host",
        "ws://e:12/@host",
    ],
)
def test_a_bad_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(BrokerError, match="host'") as told:
        parse(url)
    assert "secret" not in str(told.value)
    assert "12" not in str(told.value)


def test_the_certificate_to_trust_comes_from_the_environment_where_there_is_one() -> None:
    environ = {"PALMPACE_MQTT_CA": "ca.crt"}
    assert [parse(f"{scheme}://host", **environ).ca for scheme in ("mqtts", "wss", "mqtt", "ws")] == [
        *("ca.crt", "ca.crt"),
        *(None, None),
    ]
    assert parse("mqtts://host", PALMPACE_MQTT_CA="").ca is None


# --- trust ---


def test_public_brokers_are_known_by_name() -> None:
    for host in ("broker.hivemq.com", "Test.Mosquitto.org", "test.mosquitto.org.", "eu.broker.emqx.io"):
        assert is_public(host)
    for host in ("hivemq.com", "mybroker.hivemq.com.example.org", "xbroker.emqx.io", "192.168.1.2", "localhost"):
        assert not is_public(host)


@pytest.mark.parametrize(
    ("host", "near"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "::1", "10.1.2.3", "192.168.0.7", "fe80::1", "fd00::2")),
        *((host, True) for host in ("laptop", "laptop.local", "nas.fritz.box", "172.16.0.1", "169.254.3.4")),
        *((host, False) for host in ("example.org", "8.8.8.8", "172.32.0.1", "2606:4700::1", "local.example.org")),
    ],
)
def test_a_near_host_is_told_by_its_address(host: str, near: bool) -> None:
    assert is_near(host) is near


@pytest.mark.parametrize(
    ("url", "say"),
    [
        ("mqtt://192.168.1.2", []),
        ("mqtts://eva@example.org", []),
        ("mqtt://example.org", []),
        ("mqtt://eva@192.168.1.2", []),
        ("mqtt://broker.hivemq.com", ["public broker"]),
        ("mqtt://eva@example.org", ["unencrypted: use mqtts://"]),
        ("ws://eva@example.org", ["unencrypted: use wss://"]),
        ("mqtts://eva:secret@example.org", ["PALMPACE_MQTT_PASSWORD"]),
        ("mqtt://eva:secret@test.mosquitto.org", ["public broker", "unencrypted", "PALMPACE_MQTT_PASSWORD"]),
    ],
)
def test_what_is_risky_about_a_broker_is_told(url: str, say: list[str]) -> None:
    told = parse(url, PALMPACE_MQTT_PASSWORD="kept").warnings()
    assert len(told) == len(say)
    assert all(word in sentence for word, sentence in zip(say, told, strict=True))
    assert not any("secret" in sentence or "kept" in sentence for sentence in told)


@pytest.mark.parametrize("topic", ["#", "+/imu", "+"])
def test_nobody_listens_to_strangers_on_a_public_broker(topic: str) -> None:
    with pytest.raises(BrokerError, match="would listen to strangers: name the first part of your device's topic"):
        refuse_the_world(parse("mqtt://broker.emqx.io"), ["mine/#", topic])
    refuse_the_world(parse("mqtt://broker.emqx.io"), ["mine/#"])
    refuse_the_world(parse("mqtt://192.168.1.2"), [topic])


# --- topic filters ---


@pytest.mark.parametrize("topic", ["a", "#", "+", "a/#", "+/a/+", "/", "a b/ü", "/#", "a//b", "$SYS/#"])
def test_a_topic_filter(topic: str) -> None:
    check_filter(topic)


@pytest.mark.parametrize("topic", ["", "a#", "#/a", "a/#/b", "a+", "+a/b", "a\n", "a\0", "##", "++"])
def test_what_is_no_topic_filter(topic: str) -> None:
    with pytest.raises(BrokerError, match=r"is malformed: '#' stands last and '\+' alone between slashes"):
        check_filter(topic)

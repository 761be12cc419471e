"""The user's configuration file: strict, and each complaint names the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensors.declared import Declared
from sensors.samples import Unit
from tui.config import Config, ConfigError, Override, config_path, load_config

WHOLE = """
[broker]
url = "mqtts://nas.local"
user = "anna"
topics = ["attic/#"]

[publish]
home_assistant = true

[[device]]
topic = "attic/left"
side = "left"
unit = "g"

[display]
theme = "high-contrast"
fps = 4

[sound]
volume = "chatty"

[keys]
"live.pause" = "p, space"
live.pacer = "."
"""


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_without_a_file_there_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALMPACE_CONFIG_DIR", str(tmp_path))
    assert config_path() == tmp_path / "config.toml"
    assert load_config() == Config()


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, WHOLE))
    assert (config.broker.url, config.broker.user, config.broker.topics) == ("mqtts://nas.local", "anna", ("attic/#",))
    assert config.publish.home_assistant
    assert config.device == (Declared(topic="attic/left", side="left", unit=Unit.G),)
    assert (config.display.theme, config.display.fps, config.display.ascii) == ("high-contrast", 4, None)
    assert (config.sound.volume, config.sound.bell) == ("chatty", True)
    assert config.keymap == {"live.pause": "p,space", "live.pacer": "full_stop"}


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("[broker", "not TOML"),
        ("[brokers]\n", "unknown key `brokers`"),
        ("[broker]\nurl = 3\n", "broker, url"),
        ('[[device]]\ntopic = "a"\n[[device]]\ntopic = "b"\nunti = "g"\n', "device 2: unknown key `unti`"),
        ('[[device]]\ntopic = "a"\nunit = "stone"\n', "device 1, unit"),
        ('[[device]]\ntopic = "a/#/b"\n', "device 1"),
        ("[[device]]\n", "device 1: missing key `topic`"),
        ("[display]\ntheem = 1\n", "display: unknown key `theem`"),
        ('[display]\ntheme = "blue"\n', "display, theme: Invalid enum value 'blue', give one of 'dark'"),
        ("[display]\nfps = 60\n", "display, fps: Expected `float` <= 30"),
        ("[display]\nfps = 0.5\n", "display, fps: Expected `float` >= 1"),
        ("[sound]\nvolume = 3\n", "sound, volume"),
        ('[sound]\nbell = "yes"\n', "sound, bell"),
        ('[keys]\nnope = "x"\n', "keys: there is no 'nope', but help"),
        ('[keys]\n"live.nope" = "x"\n', "keys: there is no 'live.nope', but live.pause, live.next"),
        ('[keys]\n"live.pause" = 7\n', "keys, live.pause: write the keys in quotes"),
        ('[keys]\n"live.pause" = "n"\n', "keys, live.pause: 'n' is live.next already"),
        ('[keys]\n"live.pause" = "z,z"\n', "keys, live.pause: 'z' is live.pause already"),
        ('[keys]\n"help" = "space"\n', "keys, help: 'space' is connect.go already"),
        ('[keys]\n"live.pause" = "z"\n"live.pause" = "y"\n', "not TOML"),
    ],
)
def test_a_complaint_names_the_file_and_the_key(text: str, say: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as told:
        load_config(path)
    assert str(told.value).startswith(f"{path}: ")
    assert say in str(told.value)
    assert "\n" not in str(told.value)


def test_a_password_that_others_can_read_is_refused_without_being_shown(tmp_path: Path) -> None:
    path = written(tmp_path, '[broker]\npassword = "sesame"\n', 0o644)
    with pytest.raises(ConfigError, match="chmod 600") as told:
        load_config(path)
    assert "sesame" not in str(told.value)
    path.chmod(0o600)
    config = load_config(path)
    assert config.broker.password == "sesame"
    assert "sesame" not in repr(config)


def test_the_command_lines_word_goes_over_every_declaration() -> None:
    declared = (Declared(topic="attic/left", unit=Unit.MG, side="left"),)
    assert Override().upon(declared) == declared
    assert Override(Unit.G, "included").upon(declared) == (
        Declared(topic="attic/left", unit=Unit.G, gravity="included", side="left"),
        Declared(topic="#", unit=Unit.G, gravity="included"),
    )

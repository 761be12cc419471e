"""The user's configuration, ``config.toml``: broker, what is published, devices, limits, how the dashboard is set."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from sensors.declared import Declared, GravitySaid
from sensors.keep import config_folder
from sensors.samples import Unit
from sensors.toml import read_toml
from tracker.safety import Safety
from tui.keymap import checked_keys
from tui.memory import Pacer, Theme, View, Volume

LEAST_FPS, MOST_FPS = 1.0, 30.0
"""Looks at a session per second: below, a stroke is over before it shows; above, no eye sees more."""


class ConfigError(Exception):
    """A configuration that cannot be used; one line that names the file, the key and what to do."""


class BrokerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[broker]``: one that runs already, instead of starting one here.

    ``open_topics`` is about the broker that is started here: anyone may send to these without a password.
    """

    url: str | None = None
    user: str | None = None
    password: str | None = None
    ca: str | None = None
    topics: tuple[str, ...] = ()
    open_topics: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"BrokerConfig(url={self.url!r}, user={self.user!r}, ...)"  # a password does not belong in a log


class PublishConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[publish]``: what goes out over MQTT."""

    state: bool = True
    home_assistant: bool = False


class DisplayConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[display]``: how the dashboard looks; what is left out stays as it was left."""

    theme: Theme | None = None
    fps: Annotated[float, msgspec.Meta(ge=LEAST_FPS, le=MOST_FPS)] | None = None
    ascii: bool | None = None
    pacer: Pacer | None = None
    view: View | None = None


class SoundConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[sound]``: how much is said, and how."""

    volume: Volume | None = None
    bell: bool = True
    voice: bool = True


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file; every key may be left out."""

    broker: BrokerConfig = BrokerConfig()
    publish: PublishConfig = PublishConfig()
    device: tuple[Declared, ...] = ()
    safety: Safety = Safety()
    display: DisplayConfig = DisplayConfig()
    sound: SoundConfig = SoundConfig()
    keys: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_keys(self.keys)

    @property
    def keymap(self) -> dict[str, str]:
        """The person's own keys by id, as Textual names them."""
        return checked_keys(self.keys)


class Override(msgspec.Struct, frozen=True):
    """What the command line says of every device, over what the configuration says of some."""

    unit: Unit = Unit.AUTO
    gravity: GravitySaid = "auto"

    def upon(self, declared: Sequence[Declared]) -> tuple[Declared, ...]:
        """Give declarations that say this too."""
        said: dict[str, Any] = {}
        if self.unit is not Unit.AUTO:
            said["unit"] = self.unit
        if self.gravity != "auto":
            said["gravity"] = self.gravity
        if not said:
            return tuple(declared)
        every_topic = Declared(topic="#")
        return tuple(msgspec.structs.replace(each, **said) for each in (*declared, every_topic))


def config_path() -> Path:
    """Give where the configuration is."""
    return config_folder() / "config.toml"


def load_config(path: Path | None = None) -> Config:
    """Read the configuration; where there is no file, the defaults.

    Raises
    ------
    ConfigError
        It cannot be read, is not TOML, has an unknown key or a wrong value, or holds a password others can read.
    """
    path = path or config_path()
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        config = read_toml(text, Config)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    if config.broker.password and os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path}: holds a password that others on this machine can read: chmod 600 it")
    return config

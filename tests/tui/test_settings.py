"""Who decides how the dashboard is set: command line, configuration, last time, default."""

from __future__ import annotations

from typing import Any

import pytest

from tui.config import Config, DisplayConfig, SoundConfig
from tui.memory import Remembered
from tui.settings import Display, Settings, draws_ascii_alone, settings_from


def test_without_a_word_from_anybody_there_are_the_defaults() -> None:
    assert settings_from(Config(), Remembered()) == Settings()


@pytest.mark.parametrize(
    ("setting", "said", "configured", "remembered"),
    [
        ("theme", "light", {"display": DisplayConfig(theme="high-contrast")}, "dark"),
        ("pacer", "on", {"display": DisplayConfig(pacer="off")}, "needed"),
        ("volume", "chatty", {"sound": SoundConfig(volume="quiet")}, "off"),
    ],
)
def test_the_command_line_goes_over_the_configuration_and_that_over_the_last_time(
    setting: str, said: str, configured: dict[str, Any], remembered: str
) -> None:
    last_time = Remembered(**{setting: remembered})
    config = Config(**configured)
    in_config = getattr(next(iter(configured.values())), setting)
    assert getattr(settings_from(config, last_time, Display(**{setting: said})), setting) == said
    assert getattr(settings_from(config, last_time), setting) == in_config
    assert getattr(settings_from(Config(), last_time), setting) == remembered


def test_what_the_configuration_alone_decides() -> None:
    config = Config(
        display=DisplayConfig(view="path"), sound=SoundConfig(bell=False, voice=False), keys={"live.pause": "z"}
    )
    settings = settings_from(config, Remembered(view="pace"))
    assert (settings.view, settings.bell, settings.voice, settings.keys) == ("path", False, False, {"live.pause": "z"})


def test_frames_come_from_the_command_line_or_the_configuration() -> None:
    config = Config(display=DisplayConfig(fps=5))
    assert settings_from(config, Remembered()).fps == 5
    assert settings_from(config, Remembered(), Display(fps=2)).fps == 2


def test_a_remembered_theme_that_is_no_more_is_forgotten() -> None:
    assert settings_from(Config(), Remembered(theme="calm")).theme == Settings().theme


def test_ascii_is_for_plain_terminals_unless_somebody_says_otherwise() -> None:
    assert settings_from(Config(), Remembered(), plain=True).ascii
    assert not settings_from(Config(), Remembered(), Display(ascii=False), plain=True).ascii
    assert not settings_from(Config(display=DisplayConfig(ascii=False)), Remembered(), plain=True).ascii
    assert settings_from(Config(display=DisplayConfig(ascii=False)), Remembered(), Display(ascii=True)).ascii


@pytest.mark.parametrize(
    ("environment", "encoding", "plain"),
    [
        ({"TERM": "xterm-256color"}, "utf-8", False),
        ({"TERM": "tmux-256color"}, "UTF-8", False),
        ({"TERM": "screen-256color"}, "utf_8", False),
        ({}, "utf-8", False),
        ({"TERM": "xterm"}, "iso8859-1", True),
        ({"TERM": "linux"}, "utf-8", True),
        ({"TERM": "dumb"}, "utf-8", True),
        ({"TERM": "vt100"}, "utf-8", True),
        ({"TERM": "dumb", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, "ascii", False),
    ],
)
def test_a_terminal_without_the_signs_is_known_by_its_name_or_encoding(
    environment: dict[str, str], encoding: str, plain: bool
) -> None:
    assert draws_ascii_alone(environment, encoding) is plain

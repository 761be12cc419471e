"""The command line's words about the dashboard, and what becomes of them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tui.app
from tui.choices import Choice
from tui.cli import run
from tui.memory import Memory, Remembered
from tui.settings import Settings


class Opened:
    """Stands where the dashboard would open; keeps how it was called."""

    calls: list[dict[str, Any]]
    return_code = 0

    def __init__(self, launcher: object, **how: Any) -> None:
        type(self).calls.append(how)

    def run(self) -> None:
        pass


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Opened]]:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(Opened, "calls", [], raising=False)
    monkeypatch.setattr(tui.app, "PalmpaceApp", Opened)
    monkeypatch.setenv("TERM", "xterm-256color")
    yield Opened
    signal.signal(signal.SIGTERM, before)


def settings(opened: type[Opened], *words: str) -> Settings:
    assert run(list(words)) == 0
    found = opened.calls[-1]["settings"]
    assert isinstance(found, Settings)
    return found


def configure(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("command", "start"),
    [
        ((), None),
        (("live", "--routine", "sore-back"), Choice("device", "sore-back")),
        (("live", "--simulate", "circles"), Choice("simulated", "free")),
        (("live", "--routine", "knot-circles", "--style", "deep"), Choice("device", "knot-circles", style="deep")),
        (("replay", "x.mcap", "--style", "deep"), Choice("replay", None, Path("x.mcap"), style="deep")),
        (("replay", "x.mcap", "--speed", "2"), Choice("replay", None, Path("x.mcap"), 2.0)),
    ],
)
def test_the_dashboards_commands_take_the_same_options(
    command: tuple[str, ...], start: Choice | None, opened: type[Opened]
) -> None:
    words = ("--fps", "4", "--theme", "light", "--ascii", "--pacer", "on", "--volume", "quiet")
    found = settings(opened, *command, *words)
    assert found == Settings(theme="light", fps=4, ascii=True, pacer="on", volume="quiet")
    assert opened.calls[-1]["start"] == start


def test_without_a_word_the_dashboard_is_as_it_comes(opened: type[Opened]) -> None:
    assert settings(opened) == Settings()


def test_configuration_and_memory_have_their_say(opened: type[Opened], config_folder: Path) -> None:
    configure(config_folder, '[display]\ntheme = "light"\n[sound]\nvoice = false\n[keys]\nlive.pause = "z"\n')
    Memory().note(theme="high-contrast", pacer="off")
    found = settings(opened, "replay", "x.mcap")
    assert found == Settings(theme="light", pacer="off", voice=False, keys={"live.pause": "z"})
    assert settings(opened, "--theme", "dark").theme == "dark"


def test_the_dashboard_may_go_on_remembering(opened: type[Opened]) -> None:
    settings(opened)
    opened.calls[-1]["memory"].note(volume="off")
    assert Memory().kept == Remembered(volume="off")
    assert settings(opened).volume == "off"


@pytest.mark.parametrize(("words", "plain"), [((), True), (("--no-ascii",), False)])
def test_a_plain_console_gets_ascii_unless_told_otherwise(
    words: tuple[str, ...], plain: bool, opened: type[Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    assert settings(opened, *words).ascii is plain


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (("--fps", "0"), "--fps takes a number from 1 to 30, not 0"),
        (("live", "--fps", "31"), "--fps takes a number from 1 to 30, not 31"),
        (("replay", "x.mcap", "--fps", "nan"), "--fps takes a number from 1 to 30, not nan"),
        (("--theme", "blue"), '"dark", "light", "high-contrast"'),
        (("live", "--pacer", "maybe"), "--pacer"),
        (("live", "--volume", "11"), '"off", "quiet", "normal", "chatty"'),
        (("serve", "--port", "0"), "--port takes a number from 1 to 65535, not 0"),
    ],
)
def test_a_wrong_word_is_wrong_usage_in_one_line(
    words: tuple[str, ...], say: str, opened: type[Opened], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(words)) == 2
    printed = capsys.readouterr()
    assert say in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
    assert opened.calls == []


def test_a_wrong_configuration_is_told_before_anything_is_drawn(
    opened: type[Opened], config_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configure(config_folder, '[keys]\nlive.pause = "n"\n')
    assert run([]) == 1
    assert capsys.readouterr().err == (
        f"palmpace: {path}: line 2, keys, live.pause: 'n' is live.next already; give each its own\n"
    )
    assert opened.calls == []

"""How the dashboard is set now: a key changes it, and the next run finds it so."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar, get_args

from tui.memory import Memory, Pacer, View, Volume
from tui.settings import THEMES, Settings

T = TypeVar("T")

PACERS: Final[tuple[Pacer, ...]] = get_args(Pacer)
VIEWS: Final[tuple[View, ...]] = get_args(View)
VOLUMES: Final[tuple[Volume, ...]] = ("normal", "chatty", "off", "quiet")


class Preferences:
    """The settings in force, and the memory that keeps their changes.

    Parameters
    ----------
    settings : Settings
    memory : Memory, optional
        Without one, nothing outlives the program.

    Attributes
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings, memory: Memory | None = None) -> None:
        self.settings = settings
        self._memory = memory

    def next_theme(self) -> str:
        """Go to the next theme; give its name."""
        theme = _after(THEMES, self.settings.theme)
        self._change(theme=theme)
        return theme

    def next_pacer(self) -> Pacer:
        """Show the pacer when needed, always, never."""
        pacer = _after(PACERS, self.settings.pacer)
        self._change(pacer=pacer)
        return pacer

    def next_view(self) -> View:
        """Show the pace large, or the path."""
        view = _after(VIEWS, self.settings.view)
        self._change(view=view)
        return view

    def next_volume(self) -> Volume:
        """Say more, nothing, little."""
        volume = _after(VOLUMES, self.settings.volume)
        self._change(volume=volume)
        return volume

    def _change(self, **chosen: str) -> None:
        self.settings = replace(self.settings, **chosen)  # type: ignore[arg-type]  # the names are those of the fields
        if self._memory is not None:
            self._memory.note(**chosen)


def _after(choices: tuple[T, ...], now: T) -> T:
    return choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]

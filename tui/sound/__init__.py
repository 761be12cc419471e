"""Advice for the ear, since the eyes are closed and the hands are busy: a bell's rhythms, and a voice."""

from __future__ import annotations

from collections.abc import Callable

from tui.settings import Settings
from tui.sound.sounder import Sounder
from tui.sound.voice import Voice, find_program

__all__ = ["TICK_S", "Sounder", "make_sounder"]

TICK_S = 0.05
"""How often a sounder is to be ticked: a quarter of the quickest rhythm."""


def make_sounder(settings: Settings, ring: Callable[[], None], tell: Callable[[str], None]) -> Sounder:
    """Give a sounder as it is set.

    Parameters
    ----------
    settings : Settings
    ring : callable
        Rings the terminal's bell once.
    tell : callable
        Takes what a person should know, such as that nothing here speaks.
    """
    return Sounder(
        settings.volume,
        ring=ring if settings.bell else None,
        speaker=Voice(find_program(), tell) if settings.voice else None,
    )

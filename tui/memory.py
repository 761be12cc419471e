"""What the dashboard remembers from one run to the next: what was chosen last, and how it was set."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from journal.person import person_config_folder

Theme = Literal["dark", "light", "high-contrast"]
Pacer = Literal["needed", "on", "off"]
Volume = Literal["off", "quiet", "normal", "chatty"]
View = Literal["pace", "path"]

MOST_SPOTS = 5
"""As many are remembered."""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept; None where the person has not chosen yet.

    ``cautions`` is whether they were shown, ``spots`` those that were pressed, the last one first.
    """

    kind: Literal["simulated", "device"] | None = None
    routine: str | None = None
    style: str = ""
    theme: str | None = None
    pacer: Pacer | None = None
    volume: Volume | None = None
    view: View | None = None
    cautions: bool = False
    spots: tuple[str, ...] = ()


class Memory:
    """Keeps it in a file; without one, or with one that cannot be read, all is as on the first day.

    Parameters
    ----------
    path : Path, optional
        ``remembered.json`` of the person who is here unless given.

    Attributes
    ----------
    kept : Remembered
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or person_config_folder() / "remembered.json"
        self.kept = Remembered()
        with suppress(OSError, msgspec.MsgspecError):
            self.kept = msgspec.json.decode(self._path.read_bytes(), type=Remembered)

    def note(self, **chosen: Any) -> None:
        """Remember these; where the disk does not take it, until the program ends."""
        kept = msgspec.structs.replace(self.kept, **chosen)
        if kept == self.kept:
            return
        self.kept = kept
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            part.write_bytes(msgspec.json.encode(kept))
            part.replace(self._path)

    def note_spot(self, spot: str) -> None:
        """Remember a spot as the last one."""
        others = (each for each in self.kept.spots if each != spot)
        self.note(spots=(spot, *others)[:MOST_SPOTS])

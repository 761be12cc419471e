"""How the dashboard is set: by the command line, else by the configuration, else as it was left, else as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, get_args

from cyclopts import Parameter

from tui.config import Config
from tui.memory import Pacer, Remembered, Theme, View, Volume

THEMES: Final[tuple[Theme, ...]] = get_args(Theme)

_PLAIN_CONSOLES = ("ansi", "cons25", "dumb", "linux", "unknown")
_OLD_TERMINALS = "vt"


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it.

    Attributes
    ----------
    theme : str
        A name of `tui.themes`.
    fps : float
        Looks at the session per second; 0 leaves it to the caller of `tui.app.PalmpaceApp.tick`.
    ascii : bool
        Draw with the letters of ASCII alone.
    pacer : {"needed", "on", "off"}
    view : {"pace", "path"}
    volume : {"off", "quiet", "normal", "chatty"}
        How much is said.
    bell : bool
        Ring the terminal's bell.
    voice : bool
        Speak, where a program for it is installed.
    keys : mapping of str to str
        A key's id (see `tui.keys`) and the keys it shall have instead, as Textual names them.
    """

    theme: str = "dark"
    fps: float = 10.0
    ascii: bool = False
    pacer: Pacer = "needed"
    view: View = "pace"
    volume: Volume = "normal"
    bell: bool = True
    voice: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Display:
    """What the command line says of the dashboard; None where it says nothing.

    Parameters
    ----------
    fps
        Looks at the session per second; fewer for a slow link.
    theme
        The dashboard's colours.
    ascii
        Draw with the letters of ASCII alone.
    pacer
        A dot to follow at the target pace.
    volume
        How much is said, by bell and voice.
    """

    fps: float | None = None
    theme: Theme | None = None
    ascii: Annotated[bool | None, Parameter(negative="--no-ascii")] = None
    pacer: Pacer | None = None
    volume: Volume | None = None


def settings_from(
    config: Config, remembered: Remembered, said: Display = Display(), *, plain: bool = False
) -> Settings:
    """Settle each setting: what the command line says, else the configuration, else as it was left, else as it comes.

    Parameters
    ----------
    config : Config
    remembered : Remembered
    said : Display
    plain : bool
        Whether the terminal draws nothing but ASCII; see `draws_ascii_alone`.
    """
    display, sound = config.display, config.sound
    settled: dict[str, Any] = {
        "theme": (said.theme, display.theme, remembered.theme if remembered.theme in THEMES else None),
        "fps": (said.fps, display.fps),
        "ascii": (said.ascii, display.ascii, plain),
        "pacer": (said.pacer, display.pacer, remembered.pacer),
        "view": (display.view, remembered.view),
        "volume": (said.volume, sound.volume, remembered.volume),
        "bell": (sound.bell,),
        "voice": (sound.voice,),
    }
    chosen = {name: next((each for each in order if each is not None), None) for name, order in settled.items()}
    return Settings(**{name: value for name, value in chosen.items() if value is not None}, keys=config.keymap)


def draws_ascii_alone(environment: Mapping[str, str], encoding: str) -> bool:
    """Whether a terminal has no signs beyond ASCII that could be relied on.

    A console of the kernel has a font of 512 signs, without braille; a browser has all, whatever ``TERM`` says.

    Parameters
    ----------
    environment : mapping of str to str
        With ``TERM``, and ``TEXTUAL_DRIVER`` where a browser draws.
    encoding : str
        Of what is written to the terminal.
    """
    if environment.get("TEXTUAL_DRIVER"):
        return False
    terminal = environment.get("TERM", "")
    utf8 = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return not utf8 or terminal in _PLAIN_CONSOLES or terminal.startswith(_OLD_TERMINALS)

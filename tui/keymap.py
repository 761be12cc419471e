"""The person's own keys: checked against the registry before anything is drawn."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping

from tui.keys import BY_ID, EVERYWHERE, SCREENS, Key

_NAMES = {
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "low_line": "underscore",
    "plus_sign": "plus",
    "reverse_solidus": "backslash",
    "solidus": "slash",
}
"""Signs that Textual calls otherwise than Unicode does."""

_MOVING = ("left", "right", "up", "down", "home", "end", "insert", "delete", "pageup", "pagedown")
_NAMED = frozenset(
    {*_MOVING, *(f"f{number}" for number in range(1, 25)), "tab", "space", "enter", "escape", "backspace"}
)
_MODIFIERS = ("alt", "ctrl", "shift")
_SENT_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+h": "backspace"}
"""What a terminal cannot tell from another key."""

_TAKEN = {"ctrl+q": "leaves the program", "ctrl+c": "is for copying"}


def key_name(character: str) -> str:
    """Give what Textual calls the key of one printable character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _NAMES.get(name, name)


_SIGNS = frozenset(key_name(sign) for sign in string.punctuation)


def checked_keys(chosen: Mapping[str, object]) -> dict[str, str]:
    """Check the keys that a person chose; give them by id, as Textual names them.

    Parameters
    ----------
    chosen : mapping
        Ids (see `tui.keys`) and their keys, comma separated; a screen's may stand in a table of their own.

    Raises
    ------
    ValueError, TypeError
        An unknown id, what is no key, or a key that does two things on one screen; one line that names the id.
    """
    flat: dict[str, object] = {}
    for name, own in chosen.items():
        if isinstance(own, dict):
            flat.update({f"{name}.{action}": keys for action, keys in own.items()})
        else:
            flat[name] = own
    keymap: dict[str, str] = {}
    for name, keys in flat.items():
        if name not in BY_ID:
            raise ValueError(f"keys: there is no {name!r}, but {_like(name)}")
        if not isinstance(keys, str):
            raise TypeError(f"keys, {name}: write the keys in quotes, as in 'p,space'")
        keymap[name] = ",".join(_key(name, key) for key in keys.split(","))
    for screen in SCREENS.values():
        _refuse_double([*EVERYWHERE, *screen], keymap)
    return keymap


def _like(name: str) -> str:
    """List the ids of the same screen; where that is unknown too, the screens."""
    screen = name.partition(".")[0]
    return ", ".join(key.id for key in SCREENS.get(screen, EVERYWHERE)) + (
        "" if screen in SCREENS else "".join(f", {each}.…" for each in SCREENS)
    )


def _key(name: str, written: str) -> str:
    """Give one key as Textual names it."""
    *modifiers, key = written.strip().split("+") if written.strip() != "+" else ["+"]
    if len(key) == 1 and key.isprintable():
        key = key_name(key)
    # Signs of other alphabets are their own names; the terminal sends a capital for shift and a letter.
    is_key = key in _NAMED or key in _SIGNS or (len(key) == 1 and key.isalnum())
    if not is_key or any(modifier not in _MODIFIERS for modifier in modifiers) or len({*modifiers}) < len(modifiers):
        raise ValueError(f"keys, {name}: {written.strip()!r} is no key; write 'p', 'space', 'ctrl+left', 'f5', '!'")
    if modifiers == ["shift"] and (len(key) == 1 or key in _SIGNS):
        raise ValueError(f"keys, {name}: write what shift makes of {key!r} instead of {written.strip()!r}")
    full = "+".join([*sorted(modifiers), key])
    if full in _SENT_AS:
        raise ValueError(f"keys, {name}: a terminal sends {_SENT_AS[full]!r} for {full!r}")
    if full in _TAKEN:
        raise ValueError(f"keys, {name}: {full!r} {_TAKEN[full]} everywhere")
    return full


def _refuse_double(screen: list[Key], keymap: Mapping[str, str]) -> None:
    """Refuse a key that does two things on one screen."""
    taken: dict[str, str] = {}
    for binding in sorted(screen, key=lambda each: each.id in keymap):  # blame what the person wrote
        for key in keymap.get(binding.id, binding.keys).split(","):
            if key in taken:
                raise ValueError(f"keys, {binding.id}: {key!r} is {taken[key]} already; give each its own")
            taken[key] = binding.id

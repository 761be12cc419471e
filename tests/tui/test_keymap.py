"""A person's own keys: what is a key, what is taken, and that it does what it shall."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from scripted import FakeLauncher, opened
from textual.keys import Keys, _character_to_key

from tracker.session import Status
from tui import keys
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.keymap import checked_keys, key_name
from tui.settings import Settings

NEVER_SENT = {"ctrl+@", "ctrl-at", "return", "ctrl+circumflex_accent"}


def test_keys_are_called_as_textual_calls_them() -> None:
    printable = string.ascii_letters + string.digits + string.punctuation + "äß§€µ "
    assert [key_name(each) for each in printable] == [_character_to_key(each) for each in printable]


def test_every_key_that_textual_knows_can_be_chosen() -> None:
    named = {key.value for key in Keys if not key.value.startswith("<")} - NEVER_SENT
    told = {}
    for name in named:
        try:
            assert checked_keys({"feeling.say": name}) == {"feeling.say": name}
        except ValueError as error:
            told[name] = str(error)
    refused = {name for name, why in told.items() if "already" not in why}
    assert refused == {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+q", "ctrl+c"}


@pytest.mark.parametrize("name", ["", "spcae", "ctrl+", "shift+a", "shift+1", "ctrl+ctrl+x", "hyper+x", "pp", "\x1b"])
def test_what_is_no_key_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^keys, live\.mark: "):
        checked_keys({"live.mark": name})


def test_an_order_of_modifiers_is_as_good_as_the_other() -> None:
    assert checked_keys({"live.mark": "shift+ctrl+left"}) == {"live.mark": "ctrl+shift+left"}


def test_keys_may_change_places() -> None:
    swapped = {"live.pause": "n", "live.next": "space"}
    assert checked_keys(swapped) == swapped


def test_as_they_come_no_key_does_two_things_on_a_screen() -> None:
    assert checked_keys({}) == {}


def test_each_screen_of_the_registry_is_checked() -> None:
    several = {screen: bound for screen, bound in keys.SCREENS.items() if len(bound) > 1}
    assert set(keys.SCREENS) - set(several) == {"told"}
    for screen, (first, second, *_) in several.items():
        with pytest.raises(ValueError, match="already"):
            checked_keys({screen: {first.id.partition(".")[2]: "z", second.id.partition(".")[2]: "z"}})


def test_the_page_about_keys_lists_every_id() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "dashboard.md").read_text(encoding="utf-8")
    listed, screen = set(), ""
    for word in page[page.index("    home. ") : page.index("## Settings")].split():
        if word.endswith(".") or word == "everywhere":
            screen = word.removesuffix("everywhere")
        else:
            listed.add(screen + word)
    assert listed == set(keys.BY_ID)


async def test_a_key_of_ones_own_does_it_and_the_old_one_does_not() -> None:
    launcher = FakeLauncher()
    keymap = checked_keys({"live.pause": "z", "live.mark": "space"})
    settings = Settings(fps=0, keys=keymap)
    app = PalmpaceApp(launcher, settings=settings, start=Choice("simulated", "sore-back"))
    async with app.run_test() as pilot:
        await opened(pilot)
        session = launcher.runner.pipeline
        await pilot.press("space")
        assert session.session.status is Status.RUNNING
        await pilot.press("z")
        assert session.session.status is Status.PAUSED

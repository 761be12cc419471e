"""The themes can be read: in full colour, with 256, with 16, and without any."""

from __future__ import annotations

from typing import get_args

import pytest
from rich.color import ColorSystem
from scripted import FakeLauncher
from textual.color import Color
from textual.theme import Theme

from tui.app import PalmpaceApp
from tui.memory import Memory
from tui.memory import Theme as ThemeName
from tui.settings import THEMES, Settings
from tui.themes import ALL_THEMES, DARK, HIGH_CONTRAST

READABLE, VERY_READABLE, VISIBLE = 4.5, 7.0, 3.0  # WCAG 2.1: AA and AAA for text; for what is no text (1.4.3, 1.4.11)

TEXT = ("foreground", "foreground-muted", "text-muted", "primary", "secondary", "warning", "error", "success", "accent")
GROUNDS = ("background", "surface", "panel")
PAIRS = [
    *((text, ground) for text in TEXT for ground in GROUNDS),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("button-color-foreground", "primary"),
    ("button-foreground", "surface"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("screen-selection-foreground", "screen-selection-background"),
    ("text-disabled", "surface"),
]
SHAPES = [
    ("foreground", "band"),  # the needle upon the band
    ("scrollbar", "scrollbar-background"),
    ("scrollbar-hover", "scrollbar-background-hover"),
    ("block-cursor-background", "background"),
    ("block-cursor-background", "surface"),
    ("border", "surface"),
    ("input-cursor-background", "surface"),
]
BAND = [("band", ground) for ground in GROUNDS[:2]]

every_theme = pytest.mark.parametrize("theme", ALL_THEMES, ids=lambda theme: theme.name)


def colour(theme: Theme, name: str) -> Color:
    found = Color.parse((theme.to_color_system().generate() | theme.variables)[name])
    assert found.a == 1, f"{name} is mixed with what lies under it, and nobody knows what it becomes"
    return found


def contrast(one: Color, other: Color) -> float:
    """WCAG's contrast ratio, 1 to 21."""

    def luminance(colour: Color) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def downgraded(colour: Color, system: ColorSystem) -> Color:
    return Color(*colour.rich_color.downgrade(system).get_truecolor())


def too_close(theme: Theme, pairs: list[tuple[str, str]], least: float, system: ColorSystem | None = None) -> list[str]:
    found = []
    for names in pairs:
        one, other = (colour(theme, name) for name in names)
        if system is not None:
            one, other = downgraded(one, system), downgraded(other, system)
        if (ratio := contrast(one, other)) < least:
            found.append(f"{names[0]} on {names[1]}: {ratio:.1f}")
    return found


def test_the_ratio_is_that_of_the_guideline() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)


def test_the_names_are_those_of_the_settings() -> None:
    assert tuple(theme.name for theme in ALL_THEMES) == THEMES == get_args(ThemeName)
    assert Settings().theme == DARK.name


@every_theme
def test_text_can_be_read_on_every_ground(theme: Theme) -> None:
    assert too_close(theme, PAIRS, VERY_READABLE if theme is HIGH_CONTRAST else READABLE) == []


@every_theme
def test_what_is_no_text_can_be_seen(theme: Theme) -> None:
    assert too_close(theme, SHAPES, VISIBLE) == []
    assert too_close(theme, BAND, VISIBLE if theme is HIGH_CONTRAST else 1.5) == []


@every_theme
@pytest.mark.parametrize("system", [ColorSystem.EIGHT_BIT, ColorSystem.STANDARD], ids=["256", "16"])
def test_with_few_colours_text_can_still_be_read(theme: Theme, system: ColorSystem) -> None:
    assert too_close(theme, PAIRS, READABLE if system is ColorSystem.EIGHT_BIT else VISIBLE, system) == []
    assert too_close(theme, [*SHAPES, *BAND], 1.5, system) == []


@every_theme
def test_without_colour_greys_can_be_told_apart(theme: Theme) -> None:
    for names in PAIRS:
        one, other = (colour(theme, name).monochrome for name in names)
        assert contrast(one, other) >= VISIBLE, names


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colour", "no-colour"])
async def test_the_dashboard_opens_in_each(
    name: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    app = PalmpaceApp(FakeLauncher(), settings=Settings(theme=name, fps=0), memory=Memory())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.theme == name
        strips = app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style]
    colours = {colour.get_truecolor() for style in styles for colour in (style.color, style.bgcolor) if colour}
    assert len(colours) > 3
    assert all(len(set(colour)) == 1 for colour in colours) == bool(environment)
    if not environment:
        own = (colour(app.current_theme, each) for each in ("background", "foreground", "primary"))
        assert {each.rich_color.triplet for each in own} <= colours

from __future__ import annotations

import pytest
from textual.app import App

from tui import keys
from tui.screens.feeling import FeelingScreen, Scale

UNSAID = "unsaid"


class Asking(App[None]):
    """Asks once, keeps what was answered."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (64, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-short"), (32, "-tall")]  # noqa: RUF012 - Textual's type
    CSS = "$foreground-muted: gray;"

    def __init__(self, screen: FeelingScreen | None = None) -> None:
        super().__init__()
        self.asked = screen or FeelingScreen("after")
        self.answer: object = UNSAID

    def on_mount(self) -> None:
        self.push_screen(self.asked, self.answered)

    def answered(self, value: int | None) -> None:
        self.answer = value


def shown(app: App) -> str:
    return "\n".join(
        "".join(segment.text for segment in widget.render_line(y))
        for widget in app.screen.query("#asked > *")
        for y in range(widget.size.height)
    )


@pytest.mark.parametrize(
    ("pressed", "answer"),
    [
        (("4", "enter"), 4),
        (("0", "space"), 0),
        (("1", "0", "enter"), 10),
        (("1", "enter"), 1),
        (("1", "3", "enter"), 3),
        (("7", "2", "enter"), 2),
        (("1", "0", "0", "enter"), 0),
        (("right", "right", "enter"), 6),
        (("9", "right", "right", "enter"), 10),
        (("1", "left", "left", "left", "enter"), 0),
        (("5", "up", "enter"), 6),
        (("5", "minus", "enter"), 4),
        (("5", "escape"), None),
        (("q",), None),
        (("enter",), UNSAID),
    ],
)
async def test_keys_choose_and_say(pressed, answer):
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*pressed)
        await pilot.pause()
        assert app.answer == answer
        assert isinstance(app.screen, FeelingScreen) == (answer == UNSAID)


async def test_the_question_and_its_ends_are_given():
    app = Asking(FeelingScreen("before", "How much does it hurt?", "no pain", "the worst"))
    async with app.run_test(size=(80, 24)):
        text = shown(app)
        assert "before you begin" in text
        assert "How much does it hurt?" in text
        assert "no pain" in text
        assert "the worst" in text


async def test_nothing_is_chosen_until_the_person_does_and_then_it_is_large():
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.screen.query_one(Scale).value is None
        assert "[" not in shown(app)
        await pilot.press("8")
        assert "[8]" in shown(app)
        assert shown(app).count("█") > 20


@pytest.mark.parametrize("size", [(40, 12), (64, 20), (80, 24), (120, 40), (200, 60)])
async def test_all_numbers_are_seen_at_any_size(size):
    app = Asking()
    async with app.run_test(size=size) as pilot:
        await pilot.press("1", "0")
        [row] = [line for line in shown(app).splitlines() if "[10]" in line]
        assert row.split() == [*map(str, range(10)), "[10]"]
        scale = app.screen.query_one(Scale)
        assert scale.region.bottom <= size[1]
        assert scale.region.right <= size[0]


def test_every_key_has_its_action_and_no_two_share_one():
    for key in keys.FEELING:
        assert hasattr(FeelingScreen, f"action_{key.action.partition('(')[0]}"), key
    pressed = [name for key in keys.FEELING for name in key.keys.split(",")]
    assert len(pressed) == len(set(pressed))

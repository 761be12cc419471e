"""The line of a replay's position."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.bars import Seek


@pytest.mark.parametrize(("total_s", "shown"), [(0.0, "—   2×"), (75.0, "1:15   2×")])
async def test_a_length_that_is_not_known_is_a_dash(total_s: float, shown: str) -> None:
    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield Seek()

    app = Alone()
    async with app.run_test(size=(80, 3)):
        seek = app.query_one(Seek)
        seek.total_s, seek.speed = total_s, "2×"
        assert seek.render().plain.endswith(shown)

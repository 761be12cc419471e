"""How the screens look, as pictures. After a wanted change: pytest tests/tui/test_snapshots.py --snapshot-update."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted import FakeLauncher, circles, opened, pass_time, strokes, wave

from tui.app import PalmpaceApp
from tui.choices import Choice

SORE_BACK = Choice("simulated", "sore-back")
CASES = {
    "home": (FakeLauncher, None, 0, ()),
    "live_in_band": (lambda: FakeLauncher(strokes(9.3), wave(60, 9.3)), SORE_BACK, 40, ()),
    "live_cue": (lambda: FakeLauncher(strokes(24), wave(60, 24)), SORE_BACK, 33, ()),
    "live_stale": (lambda: FakeLauncher(strokes(9.3), wave(30, 9.3)), SORE_BACK, 38, ()),
    "live_waiting": (lambda: FakeLauncher(messages=iter(())), Choice("device", "slow-strokes"), 8, ()),
    "live_pain": (
        lambda: FakeLauncher(circles(30), wave(60, 30)),
        Choice("simulated", "palm-circling"),
        20,
        ("exclamation_mark",),
    ),
    "replay": (lambda: FakeLauncher(circles(30), wave(60, 30)), Choice("replay", path=Path("x")), 50, ("plus",)),
    "summary": (lambda: FakeLauncher(strokes(9.3), wave(200, 9.3)), SORE_BACK, 190, ("q",)),
}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("case", CASES)
def test_screen(snap_compare, case, size):
    make, start, seconds, pressed = CASES[case]
    launcher = make()

    async def walk(pilot):
        await opened(pilot)
        if start is not None:
            await pass_time(pilot, launcher, seconds)
        await pilot.press(*pressed)
        await opened(pilot)

    assert snap_compare(PalmpaceApp(launcher, fps=0, start=start), terminal_size=size, run_before=walk)

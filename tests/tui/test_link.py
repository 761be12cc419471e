"""The link panel: who is heard, how well, and how full the battery is."""

from __future__ import annotations

import msgspec
import pytest
from outbound_events import of_kind
from textual.app import App, ComposeResult

from tracker.events import LinkEvent
from tui.widgets.link import Link


async def shown(height: int, *links: LinkEvent) -> Link:
    class Panel(App[None]):
        def compose(self) -> ComposeResult:
            yield Link()

    app = Panel()
    async with app.run_test(size=(60, height)) as pilot:
        panel = app.query_one(Link)
        panel.links = links
        await pilot.pause()
        return panel


def link(**changed: object) -> LinkEvent:
    return msgspec.structs.replace(of_kind(LinkEvent)[-1], **changed)


@pytest.mark.parametrize("height", [1, 2])
@pytest.mark.parametrize(
    ("battery", "words", "style"),
    [
        (0.83, "battery 83 %", "$foreground-muted"),
        (0.15, "battery 15 %", "$foreground-muted"),
        (0.14, "battery low, 14 %", "bold $warning"),
        (0.0, "battery low, 0 %", "bold $warning"),
    ],
)
async def test_the_battery_stands_beside_the_rate(height: int, battery: float, words: str, style: str) -> None:
    content = (await shown(height, link(battery=battery))).render()
    assert f"50.0 Hz  {words}" in content.plain
    (span,) = [each for each in content.spans if "battery" in content.plain[each.start : each.end]]
    assert span.style == style


async def test_who_does_not_say_has_no_battery() -> None:
    assert "battery" not in (await shown(8, link(battery=None))).render().plain


async def test_a_silent_wrist_shows_its_battery_which_may_be_why() -> None:
    content = (await shown(8, link(battery=0.03, stale_s=64.0))).render()
    assert "stale: nothing for 1:04  battery low, 3 %" in content.plain


async def test_two_wrists_on_one_line() -> None:
    told = [link(device=name, side=None, battery=full) for name, full in (("left", 0.5), ("right", 0.1))]
    content = (await shown(1, *told)).render()
    assert content.plain == "left  50.0 Hz  battery 50 %   right  50.0 Hz  battery low, 10 %"


async def test_in_silence_the_way_to_the_devices_is_told() -> None:
    panel = await shown(1)
    panel.status = "connection to mqtt://host:1883 lost 12 s ago, trying again"
    assert panel.render().plain == f"nothing heard yet  {panel.status}"
    panel.links = (link(),)
    assert "lost" not in panel.render().plain
    panel.links = (link(stale_s=5.0),)
    assert panel.render().plain.endswith(panel.status)

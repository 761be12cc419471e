"""The health of the devices' streams."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tracker.events import LinkEvent
from tui import words

LOW = 0.15
"""A battery less full than this may not last the session."""


class Link(Widget):
    """One device a line, or where there is less room all of them in one; in silence also how the way to them is."""

    links: reactive[tuple[LinkEvent, ...]] = reactive[tuple[LinkEvent, ...]](())
    status: reactive[str] = reactive("")

    def render(self) -> Content:
        """Draw them; the most important first."""
        status = Content.styled(f"  {self.status}", "$foreground-muted")
        if not self.links:
            return Content.styled("nothing heard yet", "$warning") + status
        rows = max(1, self.size.height)
        if rows < len(self.links):
            lines = [Content("   ").join([_state(link) for link in self.links])]
        else:
            lines = [_in_a_line(link) for link in self.links]
        if any(link.stale_s is not None for link in self.links):
            lines[-1] += status
        return Content("\n").join(lines)


def _state(link: LinkEvent) -> Content:
    """Give who speaks, from which wrist, how fast and how long it may; or for how long no more."""
    told = link.side is None or link.side in link.device.lower()
    who = link.device if told else f"{link.side}: {link.device}"
    if link.stale_s is not None:
        silence = f"  stale: nothing for {words.clock(link.stale_s)}"
        return Content.assemble((who, "bold"), (silence, "bold $warning"), _battery(link.battery))
    rate = words.UNKNOWN if link.sample_rate_hz is None else f"{link.sample_rate_hz:.1f}"
    return Content.assemble((who, "bold"), (f"  {rate} Hz", "$foreground-muted"), _battery(link.battery))


def _battery(full: float | None) -> Content:
    """Give how full a battery is; nothing where the device does not say."""
    if full is None:
        return Content("")
    if full < LOW:
        return Content.styled(f"  battery low, {full:.0%}".replace("%", " %"), "bold $warning")
    return Content.styled(f"  battery {full:.0%}".replace("%", " %"), "$foreground-muted")


def _details(link: LinkEvent) -> tuple[str, str]:
    """Give what its values are, and what became of them; of what may go wrong only what did."""
    taken = f"{link.unit or words.UNKNOWN}, gravity {link.gravity or words.UNKNOWN}"
    lag = words.UNKNOWN if link.lag_s is None else f"{link.lag_s:.1f} s"
    amiss = [
        f"{word} {number}"
        for word, number in (
            ("rejected", link.rejected),
            ("lost", link.lost),
            ("late", link.late),
            ("twice", link.duplicated),
        )
        if number
    ]
    gaps = [f"gaps {link.gap_s:.1f} s"] if link.gap_s else []
    return taken, "  ".join([f"lag {lag}", *amiss, *gaps])


def _in_a_line(link: LinkEvent) -> Content:
    taken, counts = _details(link)
    return _state(link) + Content.styled(f"  {taken}  {counts}", "$foreground-muted")

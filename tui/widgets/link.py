"""The health of the devices' streams, and where they are to send."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tracker.events import LinkEvent, NoticeEvent
from tui import words
from tui.runner import Connection

ROOMY = 3
"""Rows from which on there is more than a line for each device."""
LOW = 0.15
"""A battery less full than this may not last the session."""


class Link(Widget):
    """One device a line; with more room also its counts, the source's status and the latest notice."""

    links: reactive[tuple[LinkEvent, ...]] = reactive[tuple[LinkEvent, ...]](())
    status: reactive[str] = reactive("")
    notice: reactive[NoticeEvent | None] = reactive[NoticeEvent | None](None)

    @property
    def tells_notices(self) -> bool:
        """Whether there is room for them."""
        return self.size.height >= ROOMY

    def render(self) -> Content:
        """Draw all there is room for; the most important first."""
        rows = self.size.height
        if rows < len(self.links):
            return Content("   ").join([_state(link) for link in self.links])
        if rows < ROOMY:
            return Content("\n").join([_in_a_line(link) for link in self.links[:rows]] or [_NOTHING])
        lines = [Content.styled("Link", "bold $secondary")]
        for link in self.links[:2]:
            lines += [_state(link), *(Content.styled(line, "$foreground-muted") for line in _details(link))]
        if not self.links:
            lines.append(_NOTHING)
        if self.status:
            lines.append(Content.styled(self.status, "$foreground-muted"))
        if self.notice:
            lines.append(Content.styled(f"{self.notice.about}: {self.notice.text}", "$foreground-muted"))
        return Content("\n").join(lines)


_NOTHING = Content.styled("nothing heard yet", "$warning")


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


class Waiting(Widget):
    """What to type into the phone's app, as long as nothing is heard."""

    connection: reactive[Connection | None] = reactive[Connection | None](None)
    status: reactive[str] = reactive("")

    def render(self) -> Content:
        """Draw the address large enough to copy from the floor."""
        lines = [
            Content.styled("Waiting for the wrist; its app needs", "bold $warning"),
            Content(""),
        ]
        if self.connection is not None:
            access = self.connection.access
            for key, value in (
                ("host", self.connection.host),
                ("port", str(self.connection.port)),
                ("topic", self.connection.topic),
                ("user", access.user),
                ("password", access.password),
            ):
                if value:
                    lines += [Content.assemble((f"{key:10}", "$foreground-muted"), (value, "bold $foreground"))]
            others = ", ".join(map(str, access.endpoints[1:]))
            if others:
                lines += [Content.styled(f"also {others}", "$foreground-muted")]
        help_line = "nothing comes? palmpace doctor tells why"
        return Content("\n").join(
            [*lines, Content(""), *(Content.styled(line, "$foreground-muted") for line in (self.status, help_line))]
        )

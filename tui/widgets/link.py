"""The health of the devices' streams, and where they are to send."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tracker.events import LinkEvent, NoticeEvent
from tui import words
from tui.runner import Connection


class Link(Widget):
    """One device a line; with more room also its counts, the source's status and the latest notice."""

    links: reactive[tuple[LinkEvent, ...]] = reactive[tuple[LinkEvent, ...]](())
    status: reactive[str] = reactive("")
    notice: reactive[NoticeEvent | None] = reactive[NoticeEvent | None](None)

    def render(self) -> Content:
        """Draw all there is room for; the most important first."""
        rows = self.size.height
        if rows < 3:
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
    """Give who speaks, and how fast; or for how long no more."""
    if link.stale_s is not None:
        silence = f"  stale: nothing for {words.clock(link.stale_s)}"
        return Content.assemble((link.device, "bold"), (silence, "bold $warning"))
    rate = words.UNKNOWN if link.sample_rate_hz is None else f"{link.sample_rate_hz:.1f}"
    return Content.assemble((link.device, "bold"), (f"  {rate} Hz", "$foreground-muted"))


def _details(link: LinkEvent) -> tuple[str, str]:
    """Give what its values are, and what became of them."""
    taken = f"{link.unit or words.UNKNOWN}, gravity {link.gravity or words.UNKNOWN}"
    counts = f"rejected {link.rejected}  late {link.late}  duplicated {link.duplicated}"
    return taken, counts + (f"  gaps {link.gap_s:.1f} s" if link.gap_s else "")


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
            for key, value in (
                ("host", self.connection.host),
                ("port", str(self.connection.port)),
                ("topic", self.connection.topic),
            ):
                lines += [Content.assemble((f"{key:7}", "$foreground-muted"), (value, "bold $foreground"))]
        return Content("\n").join([*lines, Content(""), Content.styled(self.status, "$foreground-muted")])

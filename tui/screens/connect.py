"""Connect: what to enter in a device's app, what arrives meanwhile, and on it goes when a good stream comes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from functools import lru_cache

import segno
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static

from sensors.address import BrokerAddress
from sensors.phyphox_experiment import PhyphoxError
from tracker.events import Event, NoticeEvent
from tui import keys, phyphox, qr, words
from tui.apps import GUIDES, SCAN, Guide
from tui.arriving import Arrival, arrivals
from tui.doctor.apps import App
from tui.doctor.checks import silence
from tui.doctor.surroundings import is_loopback
from tui.runner import Connection, Runner
from tui.screens import bindings
from tui.widgets import blocks
from tui.widgets.code import Code

SILENCE_S = 15.0
"""Time to find the app's settings; what to check is told after that."""
OTHER_S = 3.0
"""A second wrist gets this long to be good too."""
_NOTICES = 2
_BESIDE = 58
"""Columns that the steps need beside a code."""
_PHYPHOX_FROM = 160
"""Columns from which on it is worth the time to make the experiment's code."""
_MARKS = {"good": "✓", "new": "·", "flawed": "!", "no use": "✗"}
_STYLES = {"good": "bold $success", "new": "bold", "flawed": "bold $warning", "no use": "bold $warning"}


class ConnectScreen(Screen[None]):
    """Shows a session that listens and waits for its first good stream.

    Parameters
    ----------
    runner : Runner
        Its events are given to `take`.
    codes : bool
        Whether the terminal can draw QR codes; one that has ASCII alone cannot.
    """

    TITLE = "Connect"
    ABOUT = "Enter the values in the device's app. The session starts by itself when a good stream comes."
    CSS_PATH = "connect.tcss"
    BINDINGS = bindings(keys.CONNECT)

    class Ready(Message):
        """A stream is good, or the person does not want to wait: the session may begin."""

        def __init__(self, runner: Runner) -> None:
            super().__init__()
            self.runner = runner

    class Left(Message):
        """The person leaves, or the session has ended."""

        def __init__(self, runner: Runner) -> None:
            super().__init__()
            self.runner = runner

    def __init__(self, runner: Runner, *, codes: bool = True) -> None:
        super().__init__()
        self.runner = runner
        self._codes = codes
        self._page = 0
        self._pages = len(GUIDES)
        self._began_s = runner.pipeline.t_s
        self._first_heard_s: dict[str, float] = {}
        self._heard: tuple[Arrival, ...] = ()
        self._good_s: float | None = None
        self._notices: list[NoticeEvent] = []
        self._over = False

    def compose(self) -> ComposeResult:
        """Values, steps and what arrives to the left, the code to the right, notices and keys below."""
        yield Static(id="top")
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield Values()
                yield How()
                yield Arriving()
            with Vertical(id="scan"):
                yield Code(id="code")
                yield Static(id="caption")
        yield Static(id="notices")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show what there is before the first event."""
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        """Lay out anew."""
        self.call_after_refresh(self.show)

    def take(self, events: Iterable[Event]) -> None:
        """Take a runner's events, show how things stand, and go on when a stream is good."""
        self._notices += [event for event in events if isinstance(event, NoticeEvent)]
        self.show()
        if self.runner.done:
            self._leave(self.Left(self.runner))
        elif self._ready():
            self._leave(self.Ready(self.runner))

    def show(self) -> None:
        """Give every part its values; each redraws only if they changed."""
        pipeline, connection = self.runner.pipeline, self.runner.connection
        for name in pipeline.devices:
            self._first_heard_s.setdefault(name, pipeline.t_s)
        heard = self._heard = tuple(arrivals(pipeline, self._first_heard_s))
        good = [each for each in heard if each.state == "good"]
        self._good_s = None if not good else pipeline.t_s if self._good_s is None else self._good_s
        self._lay_out(connection)
        guide = self._guide
        values, how, arriving = self.query_one(Values), self.query_one(How), self.query_one(Arriving)
        values.entries = _entries(connection, guide)
        how.guide, how.page, how.pages = guide, self._page, self._pages
        arriving.heard = heard
        arriving.word, arriving.style = self._verdict(heard)
        arriving.hints = self._hints(heard)
        self._show_words()

    def _show_words(self) -> None:
        pipeline = self.runner.pipeline
        top = Content.assemble(
            ("Connect a phone or board", "bold $primary"),
            (f"   when its motion comes, it goes on: {words.title(pipeline.routine)}", "$foreground-muted"),
        )
        self.query_one("#top", Static).update(top)
        about = set(pipeline.devices) | set(pipeline.rejected)
        told = [f"{each.about}: {each.text}" for each in self._notices if each.about not in about]
        latest = [*list(dict.fromkeys(reversed(told)))[:_NOTICES], words.at_hand(pipeline.routine)]
        self.query_one("#notices", Static).update(Content("\n".join(latest)))

    def _lay_out(self, connection: Connection | None) -> None:
        """Show the code beside the steps where there is room, else on a page of its own, and never a part of it."""
        room = self.query_one("#main").size
        code = _code(connection, self._guide, room) if self._codes else None
        beside = code is not None and qr.fits(code, room.width - _BESIDE, room.height)
        instead = code is not None and not beside and qr.fits(code, room.width // 2 - 1, room.height)
        self._pages = len(GUIDES) + (1 if instead else 0)
        self._page = min(self._page, self._pages - 1)
        on_its_page = self._page == len(GUIDES)
        code = code if beside or on_its_page else None
        experiment = code is not None and code is not _text_code(_text(connection, self._guide))
        how = self.query_one(How)
        how.display = not on_its_page
        how.scan = experiment
        self.query_one(Code).code = code
        self.query_one("#scan").display = code is not None
        caption = "the experiment, for phyphox" if experiment else "the values, for a phone's camera"
        self.query_one("#caption", Static).update(caption)

    @property
    def _guide(self) -> Guide:
        return GUIDES[self._page % len(GUIDES)]

    def _verdict(self, heard: Sequence[Arrival]) -> tuple[str, str]:
        """Give how things stand in a few words, and their style."""
        states = {each.state for each in heard}
        since_s = self.runner.pipeline.t_s - self._began_s
        if "good" in states and len(self.runner.pipeline.devices) > 1:
            return "✓ One is good, waiting a moment for the other", "bold $success"
        if "good" in states:
            return "✓ Good: here we go", "bold $success"
        if "new" in states:
            return "· Something is heard", "bold $success"
        if "flawed" in states:
            return "! Heard, but not as it should be: Enter starts anyway", "bold $warning"
        if heard:
            return "✗ Something is heard, but no use", "bold $warning"
        if since_s < SILENCE_S:
            return f"Listening {'·' * (1 + int(since_s) % 3)}", "bold"
        return f"✗ Nothing heard for {words.clock(since_s)}: check, or run palmpace doctor", "bold $warning"

    def _hints(self, heard: Sequence[Arrival]) -> tuple[str, ...]:
        """Give what to check while nothing comes, the surest first."""
        connection = self.runner.connection
        if heard or connection is None:
            return ()
        hints = []
        if is_loopback(connection.host):
            do = {"mosquitto": "connect it to your network", "amqtt": "install mosquitto"}
            advice = do.get(connection.broker, "enter its address in the network on the device")
            hints.append(f"only this machine reaches {connection.host}: {advice}")
        if self.runner.pipeline.t_s - self._began_s >= SILENCE_S:
            hints += silence(None if connection.broker == "broker" else connection.access)
        return tuple(hints)

    def _ready(self) -> bool:
        """Whether to go on by itself; where two are heard, both are good or the second had its time."""
        if self._good_s is None:
            return False
        good = [each for each in self._heard if each.state == "good"]
        return len(good) == len(self.runner.pipeline.devices) or self.runner.pipeline.t_s - self._good_s >= OTHER_S

    def _leave(self, message: Message) -> None:
        if not self._over:
            self._over = True
            self.post_message(message)

    def action_next_app(self) -> None:
        """Show the steps for the next app; after the last one the code, where it has no room beside them."""
        self._page = (self._page + 1) % self._pages
        self.show()

    def action_start(self) -> None:
        """Go on with what is heard."""
        self._leave(self.Ready(self.runner))

    def action_leave(self) -> None:
        """Give up."""
        self._leave(self.Left(self.runner))


class Values(Widget):
    """What to enter, each value with its name; the address in block letters where there is room."""

    entries: reactive[tuple[tuple[str, str], ...]] = reactive[tuple[tuple[str, str], ...]]((), layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the rows it takes."""
        return len(self._rows(width))

    def render(self) -> Content:
        """Draw them."""
        return Content("\n").join(self._rows(self.size.width))

    def _rows(self, columns: int) -> list[Content]:
        large, scale = self._large(columns)
        entries = self.entries
        rows = []
        if large:
            rows.append(Content.styled("address and port", "$foreground-muted"))
            entries = entries[2:]
        for text in large:
            rows += [*(Content.styled(row, "$foreground") for row in blocks.draw(text, scale)), Content("")]
        if columns < 2 * _ENTRY:
            return [*rows, *map(_entry, entries)]
        pairs = [entries[at : at + 2] for at in range(0, len(entries), 2)]
        return [*rows, *(Content("").join([_entry(entry, _ENTRY) for entry in pair]) for pair in pairs)]

    def _large(self, columns: int) -> tuple[list[str], int]:
        """Give what to draw in block letters, and how large: address and port, where they are numbers and fit."""
        values = dict(self.entries)
        address, port = values.get("address", ""), values.get("port", "")
        if not (address and set(address) <= set("0123456789.") and self.screen.has_class("-tall")):
            return [], 0
        rows = self.app.size.height // 6
        sizes = [
            (min(blocks.fitting(line, columns, rows) for line in lines), lines)
            for lines in ([f"{address}:{port}"], [address, port])
        ]
        scale, lines = max(sizes, key=lambda size: size[0])
        return (lines, scale) if scale else ([], 0)


_ENTRY = 29
"""Columns of a value with its name, where two stand side by side."""


def _entry(entry: tuple[str, str], columns: int = 0) -> Content:
    name, value = entry
    return Content.assemble(
        (f"{name:9} ", "$foreground-muted"), (f"{value:{max(columns - 10, 1)}}", "bold $foreground")
    )


class How(Widget):
    """The steps for one app, and which of the pages this is."""

    guide: reactive[Guide] = reactive(GUIDES[0], layout=True)
    scan: reactive[bool] = reactive(False, layout=True)
    page: reactive[int] = reactive(0)
    pages: reactive[int] = reactive(len(GUIDES))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the rows it takes."""
        return 1 + len(self._steps(width))

    def render(self) -> Content:
        """Draw the page's name and its steps."""
        dots = "".join("●" if page == self.page else "○" for page in range(self.pages))
        head = Content.assemble(
            (self.guide.name, "bold $secondary"),
            (f"  {self.guide.runs_on}   {dots} tab", "$foreground-muted"),
        )
        return Content("\n").join([head, *map(Content, self._steps(self.size.width))])

    def _steps(self, columns: int) -> list[str]:
        steps = (SCAN, *self.guide.steps[1:]) if self.scan else self.guide.steps
        numbered = enumerate(steps, 1)
        return [line for number, step in numbered for line in _hang(f"{number} ", step, columns)]


class Arriving(Widget):
    """How things stand in a word, and below it what is heard or what to check."""

    word: reactive[str] = reactive("", layout=True)
    style: reactive[str] = reactive("")
    heard: reactive[tuple[Arrival, ...]] = reactive[tuple[Arrival, ...]]((), layout=True)
    hints: reactive[tuple[str, ...]] = reactive[tuple[str, ...]]((), layout=True)

    def on_mount(self) -> None:
        """Head it."""
        self.border_title = "what arrives"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the rows it takes."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Draw it."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, columns: int) -> list[Content]:
        lines = [Content.styled(line, self.style) for line in _hang("", self.word, columns)]
        for each in self.heard:
            style = _STYLES[each.state]
            first, *more = _hang(f"{_MARKS[each.state]} ", f"{each.name}  {each.found}", columns)
            lines += [Content.styled(first, style), *(Content.styled(line, style) for line in more)]
            for flaw in each.flaws:
                lines += [Content(line) for line in _hang("  ", flaw, columns)]
            for advice in each.advice:
                lines += [Content.styled(line, "$foreground") for line in _hang("  → ", advice, columns)]
        for hint in self.hints:
            lines += [Content(line) for line in _hang("→ ", hint, columns)]
        return lines


def _hang(mark: str, text: str, columns: int) -> list[str]:
    """Wrap a text, with a mark hanging out to its left."""
    return textwrap.wrap(
        text, max(columns, 20), initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
    )


def _entries(connection: Connection | None, guide: Guide) -> tuple[tuple[str, str], ...]:
    if connection is None:
        return ()
    access = connection.access
    named = (
        ("address", connection.host),
        ("port", str(connection.port)),
        ("user", access.user),
        ("password", access.password),
        ("topic", guide.topic_on(connection.topic)),
        ("or port", ", ".join(f"{each.port} ({each.scheme})" for each in access.endpoints[1:])),
    )
    return tuple((name, value) for name, value in named if value)


def _text(connection: Connection | None, guide: Guide) -> str:
    """Give the values alone, a line each, so that a phone can copy them: the less text, the smaller the code."""
    return "\n".join(value for name, value in _entries(connection, guide) if name != "or port")


def _code(connection: Connection | None, guide: Guide, room: Size) -> segno.QRCode | None:
    """Give the code to scan: phyphox's experiment where there is room for it, else the values."""
    if connection is None:
        return None
    if guide.app is App.PHYPHOX and room.width >= _PHYPHOX_FROM:
        experiment = _experiment(connection, guide.topic_on(connection.topic))
        if experiment is not None and qr.fits(experiment, room.width - _BESIDE, room.height):
            return experiment
    return _text_code(_text(connection, guide))


@lru_cache(maxsize=8)
def _text_code(text: str) -> segno.QRCode:
    return qr.code_of_text(text, small=True)


@lru_cache(maxsize=2)
def _experiment(connection: Connection, topic: str) -> segno.QRCode | None:
    access = connection.access
    if access.user and not access.password:
        return None  # the app would be refused
    broker = BrokerAddress(connection.host, connection.port, user=access.user, password=access.password)
    try:
        return phyphox.whole_code(broker, topic)
    except (PhyphoxError, ValueError):
        return None

"""Recordings: a list to filter, sort, open, rename, export and delete from."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer, Input, Label, Static
from textual.worker import Worker, WorkerState, get_current_worker

from sensors.recording import SUFFIX, RecordingError, delete_recording, rename_recording
from tui import keys, words
from tui.choices import Choice, LaunchError
from tui.exporting import Exported, ExportError, export_csv, exports_folder
from tui.reporting import report_page
from tui.screens import Open, bindings
from tui.screens.ask import Ask, question
from tui.screens.shelved import ShelfScreen
from tui.shelf import DAYS, LIVE, ORDERS, Details, Entry, Order, Shelf, date_words, stamp_of
from tui.widgets.listing import Listing
from tui.widgets.typed import Typing

_NAMES: dict[Order, str] = {"newest": "newest", "longest": "longest", "best": "best in band", "name": "by name"}
_LABEL_LEAST, _LABEL_MOST = 14, 28
_BAR_LEAST, _BAR_MOST = 6, 24
_AIRY, _WIDE = 90, 106
"""From so many columns on there is more space between them, and room for a bar."""

Cell = Callable[[Entry, "Details | None"], tuple[str, str]]
"""Gives what a column holds: text and style."""


class Column(NamedTuple):
    """A column: its head, its width, the order that follows it, and what it holds; `_fitting` gives it a width of 0."""

    head: str
    width: int
    order: Order | None
    cell: Cell | None
    left: bool = False


class RecordingsScreen(ShelfScreen):
    """All recordings on disk.

    Parameters
    ----------
    shelf : Shelf
    filter : str
        Show only those with these words at first.
    """

    CSS_PATH = "recordings.tcss"
    BINDINGS = bindings(keys.RECORDINGS)

    class Changed(Message):
        """Something on disk was changed; this one is to be chosen now, and the person be told."""

        def __init__(self, said: str, path: Path | None = None) -> None:
            super().__init__()
            self.said = said
            self.path = path

    class Failed(Message):
        """What the person wanted could not be done."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    class Exporting(Message):
        """An export has come so far, 0 to 1."""

        def __init__(self, name: str, part: float) -> None:
            super().__init__()
            self.name = name
            self.part = part

    def __init__(self, shelf: Shelf, filter: str = "") -> None:
        super().__init__(shelf)
        self._filter = filter
        self._order: Order = "newest"
        self._shown: list[Entry] = []
        self._chosen: Path | None = None
        self._wanted: Path | None = None
        self._renamed: Entry | None = None
        self._export: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Title, filter, list, and what is known of the chosen one."""
        yield Static(id="title")
        with Horizontal(id="filter", classes="typing"):
            yield Label("/ ")
            yield Typing(self._filter, placeholder="words of its name, date or routine", id="words")
        yield Listing(self._head, self._row, id="list")
        yield Static(id="empty")
        yield Static(id="about")
        with Horizontal(id="rename", classes="typing"):
            yield Label("new name: ")
            yield Typing(id="name")
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Stand in the list."""
        super().on_mount()
        self.query_one("#filter").display = bool(self._filter)
        self.query_one("#rename").display = False
        self._list.focus()
        self.show_shelf()

    @property
    def chosen(self) -> Entry | None:
        """The recording that the keys are about."""
        return self._shown[self._list.chosen] if self._shown else None

    def show_shelf(self) -> None:
        """Show those that match, in order; the chosen one stays so."""
        found = self.shelf.matching(self.entries, self._filter)
        self._shown = found if self._sorted else self.shelf.ordered(found, self._order)
        at = self._place(self._wanted)
        if at is not None:
            self._wanted = None
        elif self._list.chosen:  # who stands at the top stays there, whatever comes to it as it is read
            at = self._place(self._chosen)
        self._list.display = bool(self._shown)
        self._list.show(len(self._shown), self._list.chosen if at is None else at)
        empty = self.query_one("#empty", Static)
        was_empty, empty.display = empty.display, not self._shown
        empty.update(self._why_empty())
        self.query_one("#title", Static).update(self._title())
        self._note_chosen()
        if empty.display != was_empty:
            self.refresh_bindings()

    def on_resize(self) -> None:
        """Say what is chosen to its new width."""
        self.call_after_refresh(self._note_chosen)

    @on(Listing.Moved)
    def _note_chosen(self) -> None:
        entry = self.chosen
        self._chosen = entry.path if entry is not None else None
        about = self.query_one("#about", Static)
        # The list has no width as long as it is empty and not shown.
        known = Content("") if entry is None else _about(entry, self.shelf.known(entry), about.size.width)
        about.update(known)

    @on(Listing.Seen)
    def _read_first(self) -> None:
        self.look_at([self._shown[i] for i in self._list.seen])

    # --- what the keys do ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer what is about one recording only where there is one."""
        return None if action in ("open", "rename", "export", "report", "delete") and not self._shown else True

    @on(Listing.Opened)
    def action_open(self) -> None:
        """Replay the chosen one."""
        if self.chosen is not None:
            self.post_message(Open(Choice("replay", path=self.chosen.path)))

    def action_filter(self) -> None:
        """Let the person type words."""
        self.query_one("#filter").display = True
        self.query_one("#words").focus()

    def action_sort(self) -> None:
        """Take the next order, and go to its top."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self._chosen = None
        self._list.chosen = 0
        self.show_shelf()

    def action_rename(self) -> None:
        """Let the person type a name; when it was stays in front of it."""
        self._renamed = entry = self.chosen
        if entry is None:
            return
        self.query_one("#rename").display = True
        typing = self.query_one("#name", Typing)
        typing.value = entry.stem[len(stamp_of(entry)) :]
        typing.focus()

    def action_delete(self) -> None:
        """Ask, then delete."""
        entry = self.chosen
        if entry is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(lambda: delete_recording(entry.path), f"{entry.title} is deleted", None)

        self.app.push_screen(Ask(_question(entry)), answered)

    def action_export(self) -> None:
        """Write what the hand did as a table; a second time, stop that."""
        if self._export is not None and self._export.state is WorkerState.RUNNING:
            self._export.cancel()
            self._say("The export is stopped; nothing was written.")
            return
        entry = self.chosen
        if entry is None:
            return

        def progress(part: float) -> None:
            self.post_message(self.Exporting(entry.title, part))

        def work() -> None:
            worker = get_current_worker()
            try:
                exported = export_csv(
                    entry.path,
                    exports_folder(),
                    progress,
                    lambda: worker.is_cancelled,
                )
            except ExportError as error:
                self.post_message(self.Failed(str(error)))
                return
            if exported is not None:
                self.post_message(self.Changed(_exported(exported), entry.path))

        self._export = self.run_worker(work, thread=True, group="export")

    def action_report(self) -> None:
        """Write a page with plots."""
        entry = self.chosen
        if entry is None:
            return
        self._say(f"Making the report of {entry.title} …")

        def work() -> None:
            try:
                page, trouble = report_page(entry.path)
            except LaunchError as error:
                self.post_message(self.Failed(str(error)))
            else:
                not_whole = f"; not whole: {trouble}" if trouble else ""
                self.post_message(self.Changed(f"The report is {page}{not_whole}", entry.path))

        self.run_worker(work, thread=True, group="report", exclusive=True)

    # --- what is typed ---

    @on(Input.Changed, "#words")
    def _narrow(self, event: Input.Changed) -> None:
        if event.value != self._filter:
            self._filter = event.value
            self._chosen = None
            self._list.chosen = 0
            self.show_shelf()

    @on(Typing.Left, "#words")
    def _show_all(self) -> None:
        self.query_one("#words", Typing).value = ""
        self.query_one("#filter").display = False
        self._list.focus()

    @on(Input.Submitted, "#words")
    def _filtered(self) -> None:
        self.query_one("#filter").display = bool(self._filter)
        self._list.focus()

    @on(Input.Submitted, "#name")
    def _rename(self, event: Input.Submitted) -> None:
        entry, name = self._renamed, event.value.strip()
        if entry is not None and name:
            whole = f"{stamp_of(entry)}{name}"
            target = entry.path.parent / f"{whole}{SUFFIX}"
            self._change(lambda: rename_recording(entry.path, whole), f"Its name is {name} now.", target)
        self._leave_rename()

    @on(Typing.Left, "#name")
    def _leave_rename(self) -> None:
        self.query_one("#rename").display = False
        self._list.focus()

    # --- what the threads tell ---

    def _change(self, change: Callable[[], object], said: str, path: Path | None) -> None:
        def work() -> None:
            try:
                change()
            except RecordingError as error:
                self.post_message(self.Failed(str(error)))
            else:
                self.post_message(self.Changed(said, path))

        self.run_worker(work, thread=True, group="change")

    @on(Changed)
    def _tell(self, message: Changed) -> None:
        self._say(message.said)
        self._wanted = message.path
        self.look()

    @on(Failed)
    def _tell_why(self, message: Failed) -> None:
        self._say(message.why, error=True)

    @on(Exporting)
    def _tell_progress(self, message: Exporting) -> None:
        if self._export is not None and self._export.state is WorkerState.RUNNING:
            self._say(f"Exporting {message.name}: {message.part:.0%}   (e stops it)")

    def _say(self, text: str, *, error: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(error, "error")
        said.update(Content(f"✗ {text}" if error else text))

    # --- how it looks ---

    @property
    def _list(self) -> Listing:
        return self.query_one(Listing)

    @property
    def _sorted(self) -> bool:
        """Whether the list is in order as the folder gave it; the last of it may have no date in their names."""
        return self._order == "newest" and (not self.entries or self.entries[-1].when is not None)

    def _place(self, path: Path | None) -> int | None:
        return next((i for i, entry in enumerate(self._shown) if entry.path == path), None) if path else None

    def _title(self) -> Content:
        all_of_them = words.count(len(self.entries), "recording")
        shown = all_of_them if len(self._shown) == len(self.entries) else f"{len(self._shown)} of {all_of_them}"
        size = sum(entry.size_bytes for entry in self._shown)
        told = f"{shown}   {_size(size)}   {_NAMES[self._order]}" if self.entries else ""
        reading = f"   reading: {self.unread:,} to go" if self.unread else ""
        return Content.assemble(("Recordings", "bold $primary"), (f"   {told}{reading}", "$foreground-muted"))

    def _why_empty(self) -> Content:
        if not self.listed:
            return Content.styled("Looking at the folder …", "$foreground-muted")
        if self.entries:
            return Content.assemble(
                ("Nothing matches these words.", "bold"), ("\n\nPress / to change them.", "$foreground-muted")
            )
        return Content.assemble(
            ("No recordings yet: start a session at home.", "bold"),
            ("\n\nEvery session is recorded by itself. They are kept in\n", "$foreground-muted"),
            (str(self.shelf.folder), "$foreground-muted"),
        )

    def _head(self, width: int) -> Content:
        gap, columns = _fitting(width)
        heads = (f"{column.head}{'▾' if column.order == self._order else ''}" for column in columns)
        return Content(gap.join(_cell(head, column) for head, column in zip(heads, columns, strict=True)))

    def _row(self, index: int, width: int) -> Content:
        entry = self._shown[index]
        details = self.shelf.known(entry)
        gap, columns = _fitting(width)
        parts: list[tuple[str, str]] = []
        for column in columns:
            if column.cell is None:
                parts.append((_bar(details, column.width), "$success"))
            else:
                text, style = column.cell(entry, details)
                parts.append((_cell(text, column), style))
            parts.append((gap, ""))
        return Content.assemble(*parts)


def _when(entry: Entry, details: Details | None) -> tuple[str, str]:
    when = entry.when or (details.began if details is not None else None)
    return (f"{when:%Y-%m-%d %H:%M}" if when is not None else words.UNKNOWN), "$foreground"


def _when_wide(entry: Entry, details: Details | None) -> tuple[str, str]:
    when = entry.when or (details.began if details is not None else None)
    text, style = _when(entry, details)
    return (f"{DAYS[when.weekday()]} {text}" if when is not None else text), style


def _label(entry: Entry, details: Details | None) -> tuple[str, str]:  # noqa: ARG001 - a Cell
    return entry.title, "$foreground"


def _length(entry: Entry, details: Details | None) -> tuple[str, str]:  # noqa: ARG001 - a Cell
    if details is None or details.length_s is None:
        return words.UNKNOWN, "$foreground-muted"
    return words.clock(details.length_s), "$foreground"


def _in_band(entry: Entry, details: Details | None) -> tuple[str, str]:  # noqa: ARG001 - a Cell
    if details is None or details.in_band is None:
        return words.UNKNOWN, "$foreground-muted"
    return f"{100 * details.in_band:.0f} %", "$success"


def _feelings(entry: Entry, details: Details | None) -> tuple[str, str]:  # noqa: ARG001 - a Cell
    return feelings(details), "$foreground" if details is not None else "$foreground-muted"


def _size_cell(entry: Entry, details: Details | None) -> tuple[str, str]:  # noqa: ARG001 - a Cell
    return _size(entry.size_bytes), "$foreground-muted"


def _remark(entry: Entry, details: Details | None) -> tuple[str, str]:  # noqa: ARG001 - a Cell
    remark = details.remark if details is not None else ""
    return remark, "$primary" if remark == LIVE else "$warning"


_WHEN = Column("when", 16, "newest", _when, left=True)
_COLUMNS = (
    _WHEN,
    Column("routine", 0, "name", _label, left=True),
    Column("length", 7, "longest", _length),
    Column("in band", 8, "best", _in_band),
    Column("feeling", 7, None, _feelings),
    Column("size", 7, None, _size_cell),
    Column("", 7, None, _remark, left=True),
)
_WHEN_WIDE = Column("when", 20, "newest", _when_wide, left=True)
_BAR = Column("", 0, None, None, left=True)
_GIVING_WAY = ("size", "feeling", "")
"""Heads of the columns that leave where there is no room, the first first."""


def feelings(details: Details | None) -> str:
    """Give how sore the person was before and after; unknown where neither was said."""
    if details is None or (details.feeling_before is None and details.feeling_after is None):
        return words.UNKNOWN
    before, after = (
        words.UNKNOWN if felt is None else str(felt) for felt in (details.feeling_before, details.feeling_after)
    )
    return f"{before} → {after}"


@lru_cache(maxsize=8)
def _fitting(width: int) -> tuple[str, list[Column]]:
    """Give the columns there is room for, with their widths, and the space between them."""
    gap = "  " if width >= _AIRY else " "
    columns = list(_COLUMNS)
    if width >= _WIDE:
        columns[0] = _WHEN_WIDE
        columns.insert(4, _BAR)

    def room() -> int:
        return width - sum(column.width + len(gap) for column in columns)

    for head in _GIVING_WAY:
        if room() < _LABEL_LEAST:
            columns = [column for column in columns if column.head != head]
    bar = min(_BAR_MOST, max(_BAR_LEAST, room() - _LABEL_MOST)) if width >= _WIDE else 0
    label = max(1, min(_LABEL_MOST, room() - bar) if bar else room())
    widths = {"routine": label, _BAR.head: bar}
    return gap, [column if column.width else column._replace(width=widths[column.head]) for column in columns]


def _bar(details: Details | None, width: int) -> str:
    if details is None or details.in_band is None:
        return " " * width
    full = round(min(1.0, details.in_band) * width)
    return "━" * full + "┄" * (width - full)


def _cell(text: str, column: Column) -> str:
    width = column.width
    text = text if len(text) <= width else text[: width - 1] + "…"
    return text.ljust(width) if column.left else text.rjust(width)


def _size(size_bytes: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes / 1e3:.0f} kB"


def _about(entry: Entry, details: Details | None, width: int) -> Content:
    """Say in two lines what the list has no room for."""
    told: list[str] = []
    if details is not None:
        told = [
            details.title or details.routine,
            f"{details.cycles:.0f} cycles" if details.cycles is not None else "",
            details.why,
        ]
    path = str(entry.path)
    if len(path) > width - 4:
        path = f"…{path[-max(1, width - 5) :]}"
    line = "   ".join(filter(None, told)) or words.UNKNOWN
    return Content.assemble((line, "$foreground"), (f"\n{path}", "$foreground-muted"))


def _question(entry: Entry) -> Content:
    when = f" of {date_words(entry.when)}, {entry.when:%H:%M}" if entry.when is not None else ""
    return question(f"Delete {entry.title}{when}?", "The file goes for good.", "delete it", "keep it")


def _exported(exported: Exported) -> str:
    trouble = f"; not whole: {exported.trouble}" if exported.trouble else ""
    return f"Exported {exported.rows:,} rows to {exported.path}{trouble}"

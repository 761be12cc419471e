"""What the screens about recordings have in common: a thread lists and reads them, and tells by messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.message import Message
from textual.screen import Screen
from textual.worker import get_current_worker

from tui.shelf import Agenda, Details, Entry, Shelf, reading


class ShelfScreen(Screen[None]):
    """Shows recordings: at once what their names tell, then what stands in them.

    Parameters
    ----------
    shelf : Shelf
        Keeps what has been read, from one screen to the next.
    """

    class Listed(Message):
        """The folder was looked at."""

        def __init__(self, entries: Sequence[Entry], agenda: Agenda, unread: int) -> None:
            super().__init__()
            self.entries = entries
            self.agenda = agenda
            self.unread = unread

    class Read(Message):
        """Some recordings were read."""

        def __init__(self, agenda: Agenda, details: Mapping[Entry, Details]) -> None:
            super().__init__()
            self.agenda = agenda
            self.details = details

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.entries: Sequence[Entry] = ()
        self.listed = False
        self.unread = 0
        self._agenda = Agenda(())

    def on_mount(self) -> None:
        """Look at the folder."""
        self.look()

    def look(self) -> None:
        """List the recordings anew, and read those that are not known."""

        def work() -> None:
            worker = get_current_worker()
            entries = self.shelf.entries()
            unread = self.shelf.unread(entries)
            agenda = Agenda(unread)
            self.post_message(self.Listed(entries, agenda, len(unread)))
            for details in reading(agenda, lambda: worker.is_cancelled):
                self.post_message(self.Read(agenda, details))

        self.run_worker(work, thread=True, group="shelf", exclusive=True)

    def look_at(self, entries: Sequence[Entry]) -> None:
        """Let these be read first."""
        self._agenda.look_at(entries)

    def show_shelf(self) -> None:
        """Show what is known now."""
        raise NotImplementedError

    @on(Listed)
    def _take_list(self, message: Listed) -> None:
        self.listed = True
        self.entries = message.entries
        self.unread = message.unread
        self._agenda = message.agenda
        self.show_shelf()

    @on(Read)
    def _take_details(self, message: Read) -> None:
        self.shelf.note(message.details)
        if message.agenda is self._agenda:
            self.unread -= len(message.details)
        self.show_shelf()

"""What the screens about days and weeks have in common: a thread reads the history, and tells by messages."""

from __future__ import annotations

from datetime import date

from textual import on
from textual.message import Message
from textual.screen import Screen
from textual.worker import get_current_worker

from journal.store import HistoryError
from tui.weeks import Known, Weeks


class JournalScreen(Screen[None]):
    """Shows what the history has: at once what it has, then what it is brought up to.

    Parameters
    ----------
    weeks : Weeks
    today : date
        Local.
    since : date, optional
        Sessions before it are of no interest.
    """

    class Told(Message):
        """So much is known."""

        def __init__(self, known: Known) -> None:
            super().__init__()
            self.known = known

    class Failed(Message):
        """The history cannot be used."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    def __init__(self, weeks: Weeks, today: date, since: date | None = None) -> None:
        super().__init__()
        self.weeks = weeks
        self.today = today
        self._since = since
        self.known: Known | None = None
        self.why_not = ""

    def on_mount(self) -> None:
        """Look into the history."""
        self.look()
        self.show_known()

    def look(self) -> None:
        """Read the history anew, and bring it up to date."""

        def work() -> None:
            worker = get_current_worker()
            try:
                self.weeks.follow(
                    lambda known: self.post_message(self.Told(known)), lambda: worker.is_cancelled, self._since
                )
            except HistoryError as error:
                self.post_message(self.Failed(str(error)))

        self.run_worker(work, thread=True, group="journal", exclusive=True)

    def show_known(self) -> None:
        """Show what is known now."""
        raise NotImplementedError

    @on(Told)
    def _take(self, message: Told) -> None:
        notice = message.known.notice
        if notice and (self.known is None or self.known.notice != notice):
            self.notify(notice, severity="warning", timeout=10, markup=False)
        self.known = message.known
        self.why_not = ""
        self.show_known()

    @on(Failed)
    def _take_failure(self, message: Failed) -> None:
        self.why_not = message.why
        self.show_known()

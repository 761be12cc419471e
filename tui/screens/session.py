"""What live and replay share: one large number, one cue, and quietly all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from sensors.samples import Samples
from tracker.coach import in_band, right_motion
from tracker.cycles import cycle_marks
from tracker.motion.state import Kind, Motion
from tui import words
from tui.look import Look, Wrist
from tui.preferences import Preferences
from tui.screens import saying
from tui.story import Story
from tui.widgets.bars import Top
from tui.widgets.body import BodyMap
from tui.widgets.cue import Cue, Said
from tui.widgets.gauge import Gauge
from tui.widgets.link import Link
from tui.widgets.pacer import Pacer, needed
from tui.widgets.path import Path
from tui.widgets.rate import Rate
from tui.widgets.signal import Signal
from tui.widgets.steps import Place, Steps

VAST = Size(160, 50)
"""A terminal from this size on has room for larger pictures too."""
WRISTS = 2
"""As many hands as there is room for."""


class SessionScreen(Screen[None]):
    """Shows a session at one moment: all of it follows from the look and the story given to `show`.

    Parameters
    ----------
    preferences : Preferences
    """

    LIVE = True
    """Whether it happens now."""
    CSS_PATH = "session.tcss"

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self.preferences = preferences

    def compose(self) -> ComposeResult:
        """Clocks above; pace and steps; the pacer, the cue; signal, path and body; the link; keys below."""
        yield Top(id="top")
        yield from self.compose_extra()
        with Horizontal(id="main"):
            with Vertical(id="pace"):
                with Horizontal(id="hands"):
                    for index in range(WRISTS):
                        yield Rate(id=f"rate-{index}", classes="hand")
                    for index in range(WRISTS):
                        yield Path(id=f"large-path-{index}", classes="hand large")
                    yield Pacer(id="large-pacer", classes="large")
                yield Gauge(id="gauge")
            with Vertical(id="side"):
                yield Steps(id="steps")
        yield Pacer(id="track")
        yield Cue(id="cue")
        with Horizontal(id="below"):
            yield Signal(id="signal")
            for index in range(WRISTS):
                yield Path(id=f"path-{index}", classes="small")
            yield BodyMap(id="body", classes="small")
            yield Pacer(id="turn", classes="small")
        yield Link(id="link")
        yield Footer(show_command_palette=False)

    def compose_extra(self) -> Iterable[Widget]:
        """Give what another kind of session shows below the clocks."""
        return ()

    def signal_of(self, wrist: Wrist) -> Sequence[Samples]:
        """Give a wrist's blocks of the last seconds."""
        raise NotImplementedError

    def motions_of(self, wrist: Wrist) -> Sequence[Motion]:
        """Give the looks at a wrist's hand of the last seconds."""
        raise NotImplementedError

    def recording(self) -> str:
        """Give whether a recording is being made, or what this is."""
        raise NotImplementedError

    def title_of(self, look: Look) -> str:
        """Give what runs, and in which style."""
        return words.title(look.routine)

    def question(self, look: Look) -> Said | None:  # noqa: ARG002  for those who ask
        """Give what the person is to be asked now."""
        return None

    def aside(self, look: Look) -> str:  # noqa: ARG002  for those who have one
        """Give what to add to a step's own words."""
        return ""

    def source_status(self) -> str:
        """Tell how the way to the data is."""
        return ""

    def on_resize(self) -> None:
        """Draw the pictures to their new size even while no data comes."""
        self.set_class(self.size.width >= VAST.width and self.size.height >= VAST.height, "-vast")
        self.call_after_refresh(self.refresh_show)

    def refresh_show(self) -> None:
        """Show how things stand, again."""
        raise NotImplementedError

    def action_pacer(self) -> None:
        """Show the pacer when needed, always, never."""
        words_of = {"needed": "pacer: when the pace is out of the band", "on": "pacer: always", "off": "pacer: off"}
        self.notify(words_of[self.preferences.next_pacer()], timeout=3)
        self.refresh_show()

    def action_view(self) -> None:
        """Show the number large, or the path."""
        self.preferences.next_view()
        self.refresh_show()

    def show(self, look: Look, story: Story) -> None:
        """Give every part its values; each redraws only if they changed."""
        if not self.is_mounted:
            return  # its parts are still to come
        shown = self._shown_wrists(look)
        step = look.step
        self.set_class(len(shown) > 1, "-two")
        self.set_class(self.preferences.settings.view == "path", "-path")
        self.set_class(not step.area, "-nowhere")
        self._show_top(look)
        for index in range(WRISTS):
            self._show_hand(index, shown[index] if index < len(shown) else None, look, alone=len(shown) < WRISTS)
        self._show_gauge(look)
        self._show_pacer(look)
        self._show_steps(look)
        body = self.query_one(BodyMap)
        body.now = words.place(step)
        body.done = _areas_done(look)
        link = self.query_one(Link)
        link.status = self.source_status()
        link.links = story.links(look.t_s)
        self.query_one(Cue).said = saying.said(look, story, self.question(look), self.aside(look), live=self.LIVE)
        wrist = look.wrist
        marks_s = cycle_marks(self.motions_of(wrist)) if wrist else []
        blocks = self.signal_of(wrist) if wrist else ()
        self.query_one(Signal).show(blocks, wrist.edge_s if wrist else look.t_s, marks_s)

    def _shown_wrists(self, look: Look) -> list[tuple[Wrist, bool]]:
        """Give the wrists there is room for, the left one first, and whether each is the coached one."""
        pairs = [(wrist, index == look.coached) for index, wrist in enumerate(look.wrists)]
        if len(pairs) > WRISTS:
            pairs = [pair for pair in pairs if pair[1]]
        return sorted(pairs, key=lambda pair: pair[0].side == "right")

    def _show_top(self, look: Look) -> None:
        top = self.query_one(Top)
        top.title = self.title_of(look) if self.query_one("#side").display else self._place(look)
        top.state = "waiting" if look.state.paused_by == "stale" else look.state.status.value
        top.recording = self.recording()
        top.clock = words.clock(look.t_s)

    def _show_hand(self, index: int, shown: tuple[Wrist, bool] | None, look: Look, *, alone: bool) -> None:
        wrist, coached = shown or (None, index == 0)
        step = look.step
        motion = wrist.motion if wrist else None
        rate = self.query_one(f"#rate-{index}", Rate)
        rate.display = index == 0 or shown is not None
        rate.who = "" if alone or wrist is None else words.who(wrist.side, wrist.name, coached=coached)
        rate.stale_s = None if wrist is None or wrist.stale_s is None else int(wrist.stale_s)
        rate.pace = words.pace(motion.rate_cpm if motion else None)
        rate.spread = words.spread(motion.rate_sd_cpm if motion else None)
        rate.motion = words.motion(motion.kind, motion.direction) if motion else words.UNKNOWN
        rate.cycles = words.cycles(look.so_far.cycles, step.cycles) if coached else _made(motion)
        rate.in_band = in_band(motion, step) if motion and coached else None
        rate.unit = "cpm"
        if coached and step.motion is Kind.STILL:
            rate.pace, rate.unit = words.left(step, look.so_far)[0], "to hold" if step.hold_s else "to go"
            rate.spread = rate.cycles = ""
            rate.in_band = right_motion(motion, step) if motion else None
        for path in (self.query_one(f"#path-{index}", Path), self.query_one(f"#large-path-{index}", Path)):
            path.display = rate.display and (path.has_class("small") or self.preferences.settings.view == "path")
            path.figure = wrist.figure if wrist else None
            path.ideal = step.motion
            path.circularity = motion.circularity if motion else None

    def _show_gauge(self, look: Look) -> None:
        step, motion = look.step, look.wrist.motion if look.wrist else None
        gauge = self.query_one(Gauge)
        gauge.band = step.band
        gauge.rate_cpm = None if motion is None or motion.rate_cpm is None else round(motion.rate_cpm, 1)
        gauge.instead = ""
        gauge.about = _about_pace(look)
        if step.motion and motion and motion.rate_cpm is not None and not right_motion(motion, step):
            gauge.instead = words.motion(step.motion, None)

    def _show_pacer(self, look: Look) -> None:
        step, motion = look.step, look.wrist.motion if look.wrist else None
        inside = in_band(motion, step) if motion else None
        shown = needed(self.preferences.settings.pacer, inside, step.band is not None)
        round_about = step.motion is Kind.CIRCLE
        large = self.preferences.settings.view == "path"
        self.set_class(shown and round_about and not large, "-turn")
        self.set_class(shown and not round_about, "-track")
        for pacer, here in (
            (self.query_one("#track", Pacer), not round_about),
            (self.query_one("#turn", Pacer), round_about and not large),
            (self.query_one("#large-pacer", Pacer), round_about and large),
        ):
            pacer.display = shown and here
            if pacer.display and step.band is not None:
                pacer.shape = "circle" if round_about else "line"
                pacer.turns = step.direction or (motion.direction if motion else None) or "cw"
                pacer.rate_cpm = sum(step.band) / 2
                pacer.t_s = look.t_s

    def _show_steps(self, look: Look) -> None:
        routine, state = look.routine, look.state
        left, left_of = _left(look)
        judged_s = sum(done.judged_s for done in state.progress)
        in_band_s = sum(done.in_band_s for done in state.progress)
        paced = any(step.band for step in state.steps)
        self.query_one(Steps).place = Place(
            title=words.title(routine),
            names=tuple(step.name for step in state.steps),
            current=state.step,
            left=left,
            left_of=f"{left_of}, easier" if state.step in state.eased else left_of,
            in_band=f"in the band {words.clock(in_band_s)}, {words.share(in_band_s, judged_s)}" if paced else "",
        )

    def _place(self, look: Look) -> str:
        """Tell in a line where in the routine one is, where there is no room for the list of steps; the time first."""
        left, left_of = _left(look)
        step = f"{look.state.step + 1}/{len(look.routine.step)} {look.step.name}"
        return f"{left} {'to go' if left_of == words.LEFT else left_of}, {step}"  # "left" is a hand here


def _left(look: Look) -> tuple[str, str]:
    """Give what is left of the step, as a number and its noun; what is done where there is no end."""
    return (words.clock(look.so_far.seconds), "so far") if look.free else words.left(look.step, look.so_far)


def _made(motion: Motion | None) -> str:
    return "" if motion is None else words.cycles(motion.cycles, None)


def _about_pace(look: Look) -> str:
    """Tell what holds in a step without a band."""
    step = look.step
    if step.motion is Kind.STILL:
        return saying.holding(look)
    if step.calibrates:
        return "no pace is asked for: your own is measured"
    if step.own_tempo:
        return "no tempo of your own is known: any pace will do"
    return "no target pace in this step"


def _areas_done(look: Look) -> tuple[str, ...]:
    """Give the areas of the steps that were worked on, but for the current one's."""
    done = zip(look.state.steps, look.state.progress, strict=True)
    areas = [words.place(step) for step, so_far in done if step is not look.step and step.area and so_far.seconds > 0]
    return tuple(dict.fromkeys(areas))

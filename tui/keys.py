"""Every key of the dashboard, by screen: the one place where a key gets its meaning.

A key's ``id`` is what ``[keys]`` in ``config.toml`` calls it.
"""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """A key, the action of the screen that it calls, and its word in the footer.

    ``keys`` are Textual's names, comma separated; ``shown`` is what stands on the key where that is another
    thing; ``help`` says more than the word, on the help page; ``footer`` is whether it stands in the footer too. One
    without a word does not: the next one's ``shown`` names both.
    """

    id: str
    keys: str
    action: str
    label: str
    shown: str | None = None
    help: str = ""
    footer: bool = True


EVERYWHERE = (
    Key("help", "question_mark,f1", "app.help", "help", "?", "this page"),
    Key("theme", "t", "app.next_theme", "theme", help="dark, light, high contrast", footer=False),
    Key("commands", "ctrl+p", "app.command_palette", "commands", "^p", "all commands, by name", footer=False),
)

HOME = (
    Key("home.next-list", "tab", "app.focus_next", "next list", footer=False),
    Key("home.down", "down", "app.focus_next", "next", "↓", "the next list, or choice", footer=False),
    Key("home.up", "up", "app.focus_previous", "before", "↑", "the list, or choice, before", footer=False),
    Key("home.connect", "c", "connect", "connect", help="connect a device with the routine that is chosen"),
    Key("home.recordings", "r", "app.go('recordings')", "recordings"),
    Key("home.history", "h", "app.go('history')", "history"),
    Key("home.today", "d", "app.go('today')", "today", help="how much of your plan is done, and how your spots are"),
    Key("home.edit", "e", "edit", "edit", help="change the routine that is chosen"),
    Key("home.style", "s", "style", "style", help="the routine's next style, such as deep", footer=False),
    Key(
        "home.cautions", "w", "app.cautions", "when not to", help="when not to massage, and when to stop", footer=False
    ),
    Key("home.quit", "q,escape", "app.quit", "quit", "q"),
)

CONNECT = (
    Key("connect.next-app", "tab,right", "next_app", "next app", "tab", "the steps for another app"),
    Key(
        "connect.go",
        "enter,space",
        "start",
        "start anyway",
        "enter",
        "go on with what is heard, or wait there",
    ),
    Key("connect.home", "q,escape", "leave", "home", "q"),
)

LIVE = (
    Key("live.pause", "space", "pause", "pause", help="pause, and go on"),
    Key("live.next", "n", "next", "next", help="the next step"),
    Key("live.back", "b", "back", "back", help="this step again; early in a step the one before"),
    Key("live.pain", "exclamation_mark", "pain", "pain", "!", "pain: stop at once"),
    Key("live.mark", "m", "mark", "mark", help="note this moment, then what it was"),
    Key("live.easier", "e", "easier", "easier", help="take the easier band that is offered"),
    Key("live.release", "x,enter", "release", "released", "x", "the spot has let go: on to the next step"),
    Key("live.pacer", "p", "pacer", "pacer", help="a dot at the target pace: when needed, always, off"),
    Key("live.view", "v", "view", "view", help="the number large, or the hand's path large", footer=False),
    Key("live.volume", "s", "app.next_volume", "sound", help="advice: normal, chatty, off, quiet", footer=False),
    Key("live.left", "l", "strap('left')", "left", help="the wrist in question is the left one"),
    Key("live.right", "r", "strap('right')", "right", help="the wrist in question is the right one"),
    Key(
        "live.cautions", "w", "app.cautions", "when not to", help="when not to massage, and when to stop", footer=False
    ),
    Key("live.end", "q,escape", "end", "end", "q", "end the session"),
)

MARKING = (
    Key("marking.pop", "p", "say('pop')", "pop"),
    Key("marking.good-pain", "g", "say('good pain')", "good pain"),
    Key("marking.words", "w", "write", "own words"),
    Key("marking.done", "enter,escape", "say('')", "just the mark", "enter"),
)

REPLAY = (
    Key("replay.pause", "space", "pause", "pause", help="hold, and go on"),
    Key("replay.second-back", "left", "step_seconds(-1)", "", "←", "a second back"),
    Key("replay.second-on", "right", "step_seconds(1)", "1 s", "←→", "a second on"),
    Key("replay.ten-back", "shift+left,pageup", "step_seconds(-10)", "10 s", "⇧←", "ten seconds back", footer=False),
    Key("replay.ten-on", "shift+right,pagedown", "step_seconds(10)", "10 s", "⇧→", "ten seconds on", footer=False),
    Key("replay.cycle-back", "comma", "step_cycles(-1)", "", ",", "a cycle back"),
    Key("replay.cycle-on", "full_stop", "step_cycles(1)", "cycle", ",.", "a cycle on"),
    Key("replay.jump-back", "left_square_bracket", "jump(-1)", "", "[", "to the mark, cue or step before"),
    Key("replay.jump-on", "right_square_bracket", "jump(1)", "jump", "[]", "to the next mark, cue or step"),
    Key("replay.start", "home", "seek_to(0)", "start", "home", "to the beginning", footer=False),
    Key("replay.finish", "end", "seek_end", "end", "end", "to the end", footer=False),
    Key("replay.go-to", "colon,g", "ask_time", "go to", ":", "type a time: 90, 1:30, 1:02:03, 50%"),
    Key("replay.slower", "minus", "slower", "", "-", "slower, down to a quarter"),
    Key("replay.faster", "plus,equals_sign", "faster", "speed", "-+", "faster, up to a minute in a second"),
    Key("replay.loop", "o", "loop", "loop", help="start again at the end", footer=False),
    Key("replay.ghost", "c", "ghost", "compare", help="an earlier session of the same routine beside it", footer=False),
    Key("replay.view", "v", "view", "view", help="the number large, or the hand's path large", footer=False),
    Key("replay.pacer", "p", "pacer", "pacer", help="a dot at the target pace: when needed, always, off", footer=False),
    Key("replay.end", "q,escape", "end", "leave", "q"),
)

FEELING = (
    Key("feeling.less", "left,down,minus", "change(-1)", "less", "←"),
    Key("feeling.more", "right,up,plus", "change(1)", "more", "→"),
    Key("feeling.say", "enter,space", "say", "that is it", "enter"),
    Key("feeling.skip", "escape,q", "skip", "skip", "esc", "rather not say"),
    *(Key(f"feeling.{n}", str(n), f"digit({n})", str(n), footer=False) for n in range(10)),
)

WHERE = (
    Key("where.up", "up", "move(-1)", "up", "↑"),
    Key("where.down", "down", "move(1)", "down", "↓"),
    Key("where.left", "left", "turn(-1)", "left", "←", "the left side, or both again"),
    Key("where.right", "right", "turn(1)", "right", "→", "the right side, or both again"),
    Key("where.say", "enter,space", "say", "there", "enter"),
    Key("where.skip", "escape,q", "skip", "skip", "esc", "rather not say"),
    *(Key(f"where.{key}", key, f"choose('{key}')", "", footer=False) for key in "123abcdefghijkl"),
)

TOLD = (Key("told.on", "enter,space,escape,q", "on", "understood", "enter"),)

SUMMARY = (
    Key("summary.home", "h", "home", "home"),
    Key("summary.replay", "r", "replay", "replay it"),
    Key("summary.quit", "q,escape", "app.quit", "quit", "q"),
    Key("summary.down", "down,j", "rows(1)", "down", "↓", footer=False),
    Key("summary.up", "up,k", "rows(-1)", "up", "↑", footer=False),
    Key("summary.page-down", "pagedown,space", "pages(1)", "a page down", footer=False),
    Key("summary.page-up", "pageup", "pages(-1)", "a page up", footer=False),
)

RECORDINGS = (
    Key("recordings.open", "enter", "open", "replay", "enter"),
    Key("recordings.filter", "slash", "filter", "filter", "/", "show only what has these words in its name or date"),
    Key("recordings.sort", "o", "sort", "order", help="newest, longest, best, by name"),
    Key("recordings.rename", "n", "rename", "rename"),
    Key("recordings.export", "e", "export", "export", help="write what the hand did as CSV"),
    Key("recordings.report", "p", "report", "report", help="write a page with plots", footer=False),
    Key("recordings.delete", "d,delete", "delete", "delete", "d", "asks first"),
    Key("recordings.history", "h", "app.go('history')", "history", footer=False),
    Key("recordings.home", "q,escape", "app.go('home')", "home", "q"),
)

LIST = (
    Key("list.up", "up,k", "up", "up", "↑", footer=False),
    Key("list.down", "down,j", "down", "down", "↓", footer=False),
    Key("list.page-up", "pageup", "page(-1)", "a page up", footer=False),
    Key("list.page-down", "pagedown", "page(1)", "a page down", footer=False),
    Key("list.first", "home", "first", "first", footer=False),
    Key("list.last", "end", "last", "last", footer=False),
)

TYPING = (Key("typing.leave", "escape", "leave", "leave it", "esc"),)

ASK = (
    Key("ask.yes", "y", "answer(True)", "yes"),
    Key("ask.no", "n,escape,q", "answer(False)", "no", "n"),
)

HISTORY = (
    Key("history.earlier", "left", "move(-7)", "week", "←", "a week back"),
    Key("history.later", "right", "move(7)", "week", "→", "a week on"),
    Key("history.up", "up", "move(-1)", "day", "↑", "a day back"),
    Key("history.down", "down", "move(1)", "day", "↓", "a day on"),
    Key("history.open", "enter", "open", "that day's recordings", "enter"),
    Key("history.recordings", "r", "app.go('recordings')", "recordings", footer=False),
    Key("history.today", "d", "app.go('today')", "today", help="plan and spots", footer=False),
    Key("history.home", "q,escape", "app.go('home')", "home", "q"),
)

TODAY = (
    Key("today.up", "up,k", "move(-1)", "", "↑", "the goal or spot before"),
    Key("today.down", "down,j", "move(1)", "choose", "↑↓", "the next goal or spot"),
    Key("today.start", "enter", "start", "start", "enter", "the routine of the chosen goal"),
    Key("today.add", "a", "add", "add", help="a goal: a routine, as often as it says itself"),
    Key("today.remove", "d,delete", "remove", "remove", "d", "take a goal out of the plan; asks first"),
    Key("today.history", "h", "app.go('history')", "history"),
    Key("today.home", "q,escape", "app.go('home')", "home", "q"),
)

ROUTINE = (
    Key("routine.field", "tab", "field(1)", "field", help="the next thing that can be changed of this step"),
    Key("routine.field-back", "shift+tab", "field(-1)", "field before", "⇧tab", "the one before", footer=False),
    Key("routine.less", "left,minus", "change(-1)", "", "←", "less, or the choice before"),
    Key("routine.more", "right,plus,equals_sign", "change(1)", "change", "←→", "more, or the next choice"),
    Key("routine.move-up", "shift+up,K", "move(-1)", "", "⇧↑", "this step comes earlier"),
    Key("routine.move-down", "shift+down,J", "move(1)", "move", "⇧↑↓", "this step comes later"),
    Key("routine.copy", "c", "copy", "copy", help="this step once more, behind it", footer=False),
    Key("routine.delete", "d,delete", "delete", "delete", "d", "leave this step out; asks first"),
    Key("routine.undo", "u,ctrl+z", "undo", "undo", "u", "take the last change back"),
    Key("routine.redo", "r,ctrl+y", "redo", "redo", "r", "make that change again", footer=False),
    Key("routine.style", "s", "style", "style", help="show, and change, the targets of another style", footer=False),
    Key("routine.title", "n", "title", "title", help="type another title", footer=False),
    Key("routine.save", "w,enter", "save", "save", "w", "keep it as your own"),
    Key("routine.home", "q,escape", "leave", "home", "q"),
)

SCREENS = {
    "home": HOME,
    "connect": CONNECT,
    "live": LIVE,
    "replay": REPLAY,
    "marking": MARKING,
    "feeling": FEELING,
    "where": WHERE,
    "told": TOLD,
    "summary": SUMMARY,
    "recordings": RECORDINGS,
    "history": HISTORY,
    "today": TODAY,
    "routine": ROUTINE,
}
BY_ID = {key.id: key for section in (*SCREENS.values(), EVERYWHERE) for key in section}

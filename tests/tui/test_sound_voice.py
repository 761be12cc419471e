"""The voice, by a program that is really run: one sentence at a time, and no harm without one."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rig import wait_until

from tracker.events import CueEvent
from tui.look import Look
from tui.settings import Settings
from tui.sound import make_sounder
from tui.sound.voice import PATIENCE_S, Voice, find_program

# Writes its number and its words, and speaks until the test lets it end.
SPEAKER = """#!/bin/sh
while read -r other _; do kill -0 "$other" 2>/dev/null && twice="two at once"; done < {log}
echo "$$ $* $twice" >> {log}
read _ < {pipe}
"""
STUBBORN = SPEAKER.replace("#!/bin/sh", "#!/bin/sh\ntrap '' TERM")


class Stage:
    """A folder, alone on PATH, for programs that pretend to speak."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self.pipe = folder, folder / "log", folder / "pipe"
        self.log.touch()
        os.mkfifo(self.pipe)
        self.told: list[str] = []
        self.now_s = 0.0

    def install(self, name: str, script: str) -> None:
        program = self.folder / name
        program.write_text(script.format(log=self.log, pipe=self.pipe))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def said(self) -> list[str]:
        """What was spoken, program's options and all."""
        return [line.partition(" ")[2].strip() for line in self.log.read_text().splitlines()]

    def until(self, voice: Voice, true: Callable[[], bool]) -> None:
        def ticked() -> bool:
            voice.tick(self.now_s)
            return true()

        wait_until(ticked)

    def let_it_end(self) -> None:
        def written() -> bool:
            try:
                pipe = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # it does not listen yet
                return False
            os.write(pipe, b"\n")
            os.close(pipe)
            return True

        wait_until(written)

    def alive(self) -> list[int]:
        numbers = [int(line.split()[0]) for line in self.log.read_text().splitlines()]
        return [number for number in numbers if _runs(number)]


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return Stage(folder)


@pytest.fixture
def voice(stage: Stage) -> Iterator[Voice]:
    stage.install("espeak-ng", SPEAKER)
    made = Voice(find_program(), stage.told.append)
    yield made
    made.close()


def test_it_speaks_without_waiting_for_the_end(stage: Stage, voice: Voice) -> None:
    voice.say("next: circles, lower back", 0.0)
    stage.until(voice, lambda: stage.said() == ["-v en next: circles, lower back"])
    assert len(stage.alive()) == 1
    assert stage.told == []


def test_a_newer_sentence_replaces_what_is_spoken_and_what_waits(stage: Stage, voice: Voice) -> None:
    voice.say("one", 0.0)
    stage.until(voice, lambda: len(stage.said()) == 1)
    voice.say("two", 0.0)
    voice.say("three", 0.0)
    stage.until(voice, lambda: len(stage.said()) == 2)
    assert stage.said() == ["-v en one", "-v en three"]
    assert len(stage.alive()) == 1


def test_after_its_end_the_next_is_spoken(stage: Stage, voice: Voice) -> None:
    voice.say("one", 0.0)
    stage.let_it_end()
    stage.until(voice, lambda: not stage.alive())
    voice.say("two", 0.0)
    stage.until(voice, lambda: stage.said() == ["-v en one", "-v en two"])
    assert stage.told == []


def test_one_that_does_not_fall_silent_is_made_to_and_still_not_two_speak(stage: Stage) -> None:
    stage.install("espeak-ng", STUBBORN)
    voice = Voice(find_program(), stage.told.append)
    voice.say("one", 0.0)
    stage.until(voice, lambda: len(stage.said()) == 1)
    voice.say("two", 0.0)
    voice.tick(PATIENCE_S / 2)
    assert stage.said() == ["-v en one"]
    stage.now_s = PATIENCE_S * 2
    stage.until(voice, lambda: len(stage.said()) == 2)
    assert stage.said() == ["-v en one", "-v en two"]
    voice.close()
    assert stage.told == []


def test_hushed_it_is_silent(stage: Stage, voice: Voice) -> None:
    voice.say("one", 0.0)
    stage.until(voice, lambda: len(stage.said()) == 1)
    voice.say("two", 0.0)
    voice.hush(0.0)
    stage.until(voice, lambda: not stage.alive())
    said = stage.said()  # the second may have begun before the hush
    voice.tick(1.0)
    assert (stage.alive(), stage.said()) == ([], said)


def test_closed_it_leaves_nothing_that_runs(stage: Stage, voice: Voice) -> None:
    voice.say("one", 0.0)
    stage.until(voice, lambda: len(stage.said()) == 1)
    voice.close()
    assert stage.alive() == []
    voice.say("two", 0.0)
    voice.tick(1.0)
    assert stage.said() == ["-v en one"]


def test_a_program_that_fails_is_told_once_and_not_tried_again(stage: Stage) -> None:
    stage.install("espeak-ng", '#!/bin/sh\necho "$$ $*" >> {log}\nexit 3\n')
    voice = Voice(find_program(), stage.told.append)
    voice.say("one", 0.0)
    stage.until(voice, lambda: bool(stage.told))
    voice.say("two", 0.0)
    voice.tick(1.0)
    voice.close()
    assert stage.told == [f"no voice: {stage.folder}/espeak-ng failed with code 3"]
    assert stage.said() == ["-v en one"]


def test_a_program_that_cannot_be_run_is_told_once(stage: Stage) -> None:
    stage.install("espeak-ng", "no program at all")
    (stage.folder / "espeak-ng").write_bytes(b"\x00\x01\x02")
    voice = Voice(find_program(), stage.told.append)
    voice.say("one", 0.0)
    voice.say("two", 0.0)
    voice.close()
    assert len(stage.told) == 1
    assert stage.told[0].startswith("no voice: ")


def test_without_a_program_it_is_told_when_there_would_have_been_something_to_say(stage: Stage) -> None:
    rings: list[int] = []
    sounder = make_sounder(Settings(), lambda: rings.append(1), stage.told.append)
    assert stage.told == []
    for t_s, word in ((0.0, "slower"), (5.0, "faster")):
        sounder.take([CueEvent(t_s=t_s, cue=word, text=word, why="", band=None)], Look(), t_s)
    sounder.close()
    assert stage.told == ["no voice: install espeak-ng"]
    assert len(rings) == 2


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        (["say", "espeak", "espeak-ng"], ("espeak-ng", "-v", "en")),
        (["say", "espeak"], ("espeak", "-v", "en")),
        (["say"], ("say",)),
        ([], None),
    ],
)
def test_the_program_is_the_first_of_those_known(
    stage: Stage, installed: list[str], found: tuple[str, ...] | None
) -> None:
    for name in installed:
        stage.install(name, SPEAKER)
    expected = None if found is None else (str(stage.folder / found[0]), *found[1:])
    assert find_program() == expected

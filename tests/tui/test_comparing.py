from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.cli import run
from tui.comparing import coach_again

CIRCLES = Path(__file__).parents[2] / "recordings" / "circles.mcap"


def test_a_recording_is_coached_again_by_other_routines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'format = 1\nname = "mine"\ntitle = "Mine"\n[[step]]\nname = "Circles"\ntechnique = "palm-circling"\n'
        'motion = "circle"\nband_cpm = [40, 50]\nseconds = 600\nsource = "me"\nevidence = 3\n'
    )
    assert run(["compare", str(CIRCLES), "palm-circling", "knot-circles:deep", str(mine), "--json"]) == 0
    own, palm, deep, other = map(json.loads, capsys.readouterr().out.splitlines())
    assert (own["routine"], own["judged_s"], own["score"]) == ("free", 0.0, None)
    assert palm["in_band_s"] == palm["judged_s"] > 40
    assert (deep["routine"], deep["style"], deep["in_band_s"]) == ("knot-circles", "deep", 0.0)
    assert {cue["cue"] for cue in deep["cues"]} == {cue["cue"] for cue in other["cues"]} == {"faster"}
    assert all(cue["why"] for each in (palm, deep, other) for cue in each["cues"])
    assert run(["compare", str(CIRCLES), "knot-circles:deep", "--cues"]) == 0
    told = capsys.readouterr().out
    assert "0 % of 0:47" in told
    assert "faster: 30, aim for 90-140" in told
    assert "has been outside 90-140 for 2.5 s" in told


def test_the_same_question_has_the_same_answer() -> None:
    assert coach_again(CIRCLES, ["palm-circling"]) == coach_again(CIRCLES, ["palm-circling"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["nothing"], "no routine is called 'nothing'"),
        (["knot-circles:loud"], "knot-circles has no style 'loud'"),
        (["gone.toml"], "gone.toml: cannot be read: No such file"),
    ],
)
def test_a_routine_that_there_is_not_is_told_in_a_line(
    capsys: pytest.CaptureFixture[str], asked: list[str], words: str
) -> None:
    assert run(["compare", str(CIRCLES), *asked]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert words in told.err

"""Changes to a routine's text: what they make of a step, that nothing a person wrote is lost, and what is refused."""

from __future__ import annotations

import re
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.routine import RoutineError, load_shipped, parse_routine, shipped_names, shipped_text
from tui import editing
from tui.editing import OWN, Draft, EditError

MINE = '''# A routine of my own.
format = 1
name = "mine"
title = "Mine"   # for the evenings
style = "swedish"

# First the knots.
[[step]]   # the shoulder
name = "Knots"
technique = "knot-circles"
motion = "circle"
area = "lower back, right"
side = "right"
band_cpm = [40, 90]  # as students do
seconds = 90  # a minute and a half
# It says so:
say = """
# no comment, and
[[step]]
is no step
"""
source = "students"
evidence = 1

[step.styles.deep]
band_cpm = [90, 140]   # as experts do
source = "experts"
evidence = 1
# So much for knots.

  # Then a press.
  # It is short.
  [[ "step" ]]
  name = 'Press # not too hard'
  technique = "trigger-press"
  motion = "still"
  held_s = 60
  styles.deep.held_s = 90   # longer
  source = "30 to 90 s"
  evidence = 1

[often]   # as I please
times_a_day = 2
source = "me"
evidence = 3

[[step]]
name = "Slow strokes"
technique = "slow-stroking"
motion = "stroke"
speed_cm_s = [1, 10]
length_cm = 20
seconds = 120
source = "Löken 2009"
evidence = 1
# The end.'''
INLINE = """format = 1
name = "a"
title = "A"

[[step]]
name = "x"
technique = "y"
motion = "still"
seconds = 60
styles.deep = { held_s = 60, say = "x" }   # deep

[[step]]
name = "z"
technique = "y"
motion = "circle"
side = "alternate"
switch_s = 20   # a third
band_cpm = [
    20,  # slow
    40,
]
source = "tradition"
evidence = 3
seconds = 60
"""
TEXTS = {"mine": MINE, "inline": INLINE} | {name: shipped_text(name) for name in shipped_names()}
FIELDS = ("end", "ends by", "low", "high", "length", "side", "switch", "way")


def comments(text: str) -> Counter[str]:
    """The comments of MINE, of which each says another thing."""
    strings = re.sub(r'""".*?"""|"[^"\n]*"|\'[^\'\n]*\'', "", text, flags=re.DOTALL)
    return Counter(found.strip() for found in re.findall(r"#.*", strings))


def step(text: str, index: int = 0):
    return parse_routine(text, "test").step[index]


def after(text: str, index: int, *changes: tuple[str, int], style: str = ""):
    """Make changes to a step; give the text."""
    for field, by in changes:
        text = editing.changed(text, index, field, by, style)
    return text


def names(text: str) -> list[str]:
    return [each.name for each in parse_routine(text, "test").step]


# --- the list of steps ---


def test_a_step_moves_with_what_is_written_above_and_within_it():
    text = editing.moved(MINE, 0, 1)
    assert names(text) == ["Press # not too hard", "Knots", "Slow strokes"]
    assert text.index("# Then a press.") < text.index("# It is short.") < text.index("Press #")
    assert text.index("Press #") < text.index("# First the knots.") < text.index("# the shoulder")
    assert comments(text) == comments(MINE)
    assert editing.moved(text, 1, -1) == MINE + "\n"


def test_a_step_moves_past_another_table():
    text = editing.moved(MINE, 1, 1)
    assert names(text) == ["Knots", "Slow strokes", "Press # not too hard"]
    assert parse_routine(text, "test").often == parse_routine(MINE, "test").often
    assert comments(text) == comments(MINE)


def test_a_step_is_copied_and_left_out():
    text = editing.copied(MINE, 1)
    assert names(text) == ["Knots", "Press # not too hard", "Press # not too hard", "Slow strokes"]
    assert step(text, 1) == step(text, 2)
    assert editing.deleted(text, 2) == MINE + "\n"
    assert names(editing.deleted(MINE, 2)) == ["Knots", "Press # not too hard"]


def test_what_cannot_be_done_to_the_list_is_said_in_one_line():
    alone = editing.deleted(editing.deleted(MINE, 0), 0)
    for refused in (
        lambda: editing.moved(MINE, 0, -1),
        lambda: editing.moved(MINE, 2, 1),
        lambda: editing.deleted(alone, 0),
        lambda: editing.deleted(shipped_text("own-tempo"), 0),
        lambda: editing.moved(shipped_text("own-tempo"), 1, -1),
    ):
        with pytest.raises(EditError) as caught:
            refused()
        assert str(caught.value).startswith("not changed: ")
        assert "\n" not in str(caught.value)


def test_a_title_is_changed_and_its_comment_stays():
    text = editing.titled(MINE, ' Knots, "deep" ')
    assert parse_routine(text, "test").title == 'Knots, "deep"'
    assert comments(text) == comments(MINE)
    with pytest.raises(EditError):
        editing.titled(MINE, "  ")


# --- one step ---


@pytest.mark.parametrize(
    ("start", "by", "goes"),
    [
        (20, 1, [25, 30]),
        (55, 1, [60, 75]),
        (75, -1, [60, 55]),
        (170, 1, [180, 210]),
        (5, -1, [None]),
        (600, 1, [660]),
        (62.5, 1, [75]),
        (62.5, -1, [60]),
    ],
)
def test_a_time_changes_from_round_to_round_value(start, by, goes):
    text = MINE.replace("seconds = 90", f"seconds = {start}")
    for seconds in goes:
        if seconds is None:
            with pytest.raises(EditError, match="cannot be less"):
                after(text, 0, ("end", by))
        else:
            text = after(text, 0, ("end", by))
            assert step(text).seconds == seconds
            assert f"seconds = {seconds}  # a minute" in text


def test_a_time_is_not_what_a_pace_has_its_source_for():
    assert step(after(MINE, 0, ("end", 1))).source == "students"


def test_a_changed_band_is_the_persons_own():
    text = after(MINE, 0, ("low", 1))
    assert (step(text).band_cpm, step(text).source, step(text).evidence) == ((45, 90), OWN, 3)
    assert "band_cpm = [45, 90]  # as students do" in text
    assert after(text, 0, ("high", -1), ("high", 1)) == text


def test_a_changed_speed_is_the_persons_own_and_a_changed_length_is_not():
    text = after(MINE, 2, ("length", 1))
    assert (step(text, 2).length_cm, step(text, 2).speed_cm_s, step(text, 2).source) == (25, (1, 10), "Löken 2009")
    text = after(text, 2, ("high", -1), ("low", 1))
    assert (step(text, 2).speed_cm_s, step(text, 2).source) == ((1.5, 9), OWN)


def test_how_long_stillness_is_held_is_a_target_too():
    text = after(MINE, 1, ("end", 1))
    assert (step(text, 1).held_s, step(text, 1).source) == (75, OWN)
    with pytest.raises(EditError, match="at most 300"):
        after(text, 1, *[("end", 1)] * 20)


def test_a_style_is_changed_by_itself():
    text = after(MINE, 0, ("low", -1), ("end", -1), style="deep")
    assert step(text) == parse_routine(text, "test").styled("swedish").step[0]
    assert (step(text).band_cpm, step(text).seconds, step(text).source) == ((40, 90), 90, "students")
    deep = step(text).styled("deep")
    assert (deep.band_cpm, deep.seconds, deep.source, deep.evidence) == ((85, 140), 75, OWN, 3)
    assert comments(text) == comments(MINE)
    text = after(MINE, 0, ("ends by", 1), ("ends by", 1), style="deep")
    assert (step(text).seconds, step(text).styled("deep").seconds) == (90, 90)


@pytest.mark.parametrize(("text", "index"), [(MINE, 1), (INLINE, 0)])
def test_a_style_without_a_table_of_its_own_is_left_alone(text, index):
    with pytest.raises(EditError, match=r"write it as a \[step.styles.deep\] table"):
        after(text, index, ("end", -1), style="deep")
    assert step(after(text, index, ("end", 1)), index).styled("deep").held_s == step(text, index).styled("deep").held_s


def test_a_style_that_a_step_did_not_have_is_given_to_it():
    text = after(MINE, 2, ("high", -1), ("ends by", 1), ("end", 1), style="deep")
    deep = step(text, 2).styled("deep")
    assert (deep.speed_cm_s, deep.length_cm, deep.seconds, deep.source) == ((1, 9), 20, None, OWN)
    assert deep.cycles == 16  # 120 s at 7.5 a minute, and one more
    assert step(text, 2) == msgspec.structs.replace(step(MINE, 2), styles=step(text, 2).styles)


def test_an_end_of_another_kind_asks_for_about_as_much():
    text = after(MINE, 0, ("ends by", 1))
    assert (step(text).seconds, step(text).cycles) == (None, 98)  # 90 s at 65 a minute
    assert text.index("\nband_cpm") < text.index("\ncycles") < text.index("\nsay")
    assert comments(text) == comments(MINE)
    assert step(after(text, 0, ("ends by", 1))).seconds == 90
    kinds = [after(MINE, 1, *[("ends by", 1)] * n) for n in range(4)]
    assert [(step(each, 1).held_s, step(each, 1).until_release_s, step(each, 1).seconds) for each in kinds] == [
        (60, None, None),
        (None, 60, None),
        (None, None, 60),
        (60, None, None),
    ]


def test_a_side_takes_the_area_along_and_taking_turns_brings_a_time():
    text = MINE
    seen = []
    for _ in range(4):
        text = after(text, 0, ("side", 1))
        seen.append((step(text).side, step(text).area, step(text).switch_s))
    assert seen == [
        ("both", "lower back", None),
        ("alternate", "lower back", 30),
        ("left", "lower back", None),
        ("right", "lower back", None),
    ]
    text = after(MINE, 0, ("side", -1))
    assert (step(text).side, step(text).area) == ("left", "lower back, left")
    text = after(MINE, 0, ("side", 1), ("side", 1), ("switch", -1))
    assert step(text).switch_s == 25
    short = MINE.replace("seconds = 90", "seconds = 20")
    assert step(after(short, 0, ("side", -1), ("side", -1))).switch_s == 10


def test_a_circle_goes_one_way_the_other_or_either():
    ways = [step(after(MINE, 0, *[("way", 1)] * n)).direction for n in range(4)]
    assert ways == [None, "cw", "ccw", None]


def test_what_a_step_has_not_cannot_be_changed():
    assert editing.fields(step(MINE)) == ("end", "ends by", "low", "high", "side", "way")
    assert editing.fields(step(MINE, 1)) == ("end", "ends by", "side")
    assert editing.fields(step(MINE, 2)) == ("end", "ends by", "low", "high", "length", "side")
    assert editing.fields(load_shipped("own-tempo").step[1]) == ("end", "ends by", "side")
    with pytest.raises(EditError, match="'way'"):
        after(MINE, 2, ("way", 1))
    with pytest.raises(EditError, match="lower edge"):
        after(MINE, 0, *[("low", 1)] * 20)


# --- any change ---

changes = st.tuples(
    st.sampled_from(("moved", "copied", "deleted", "changed", "changed", "changed", "titled")),
    st.integers(0, 20),
    st.sampled_from(FIELDS),
    st.sampled_from((-1, 1)),
    st.integers(0, 1),
)


def make(draft: Draft, change) -> Draft:
    """Make a change, or leave it where it is refused."""
    what, place, field, by, style = change
    styles = draft.routine.styles or ("",)
    index = place % len(draft.routine.step)
    try:
        match what:
            case "moved":
                return draft.changed(editing.moved(draft.text, index, by))
            case "copied":
                return draft.changed(editing.copied(draft.text, index))
            case "deleted":
                return draft.changed(editing.deleted(draft.text, index))
            case "titled":
                return draft.changed(editing.titled(draft.text, f'"{place}" \\ #'))
            case _:
                style = styles[style % len(styles)]
                return draft.changed(editing.changed(draft.text, index, field, by, style))
    except EditError as error:
        return draft if re.fullmatch("not changed: .+", str(error)) else pytest.fail(str(error))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.lists(changes, max_size=8))
def test_whatever_is_changed_the_routine_holds_and_undo_brings_all_back(name, made):
    draft = editing.drafted(TEXTS[name], name)
    for change in made:
        before, draft = draft, make(draft, change)
        parse_routine(draft.text, name)
        if change[0] != "deleted":
            assert comments(before.text) <= comments(draft.text)
        if change[0] == "changed":
            others = [each for each in range(len(draft.routine.step)) if each != change[1] % len(draft.routine.step)]
            assert all(before.routine.step[each] == draft.routine.step[each] for each in others)
        if draft is not before:
            assert draft.undo().text == before.text
            assert draft.undo().redo() == draft
    texts = draft.texts
    while draft.at:
        draft = draft.undo()
    assert draft.is_saved
    assert draft.text == TEXTS[name]
    assert draft.undo() == draft
    while draft.at < len(texts) - 1:
        draft = draft.redo()
    assert draft.redo() == draft


def test_a_change_after_undo_goes_on_from_there():
    draft = editing.drafted(MINE, "mine").changed(editing.titled(MINE, "One")).undo()
    draft = draft.changed(editing.titled(MINE, "Two"))
    assert [parse_routine(text, "test").title for text in draft.texts] == ["Mine", "Two"]
    assert not draft.is_saved
    assert draft.kept().is_saved
    assert draft.changed(draft.text) is draft


def test_where_two_routines_differ():
    one = parse_routine(MINE, "test")
    assert editing.differs_at(one, one) is None
    assert editing.differs_at(one, parse_routine(editing.moved(MINE, 1, 1), "test")) == 1
    assert editing.differs_at(one, parse_routine(editing.deleted(MINE, 2), "test")) == 1
    assert editing.differs_at(parse_routine(editing.deleted(MINE, 2), "test"), one) == 2


IN_ONE_ARRAY = """
format = 1
name = "a"
title = "A"
step = [{name = "x", technique = "y", seconds = 1}]
"""
APART = """
format = 1
name = "a"
title = "A"

[[step]]
name = "x"
technique = "y"
motion = "stroke"
seconds = 1

[often]
times_a_day = 1
source = "me"
evidence = 3

[step.styles.deep]
seconds = 2
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (IN_ONE_ARRAY, "mine.toml: its steps are in one array; write each as a [[step]] table to change them here"),
        (APART, "mine.toml: a [step. ...] table stands apart from its [[step]]; write it right below"),
        ("a = ", "mine.toml: "),
        (MINE.replace("times_a_day", "times_a_year"), "mine.toml: "),
    ],
)
def test_what_cannot_be_edited_says_why(text, told):
    with pytest.raises(RoutineError) as caught:
        editing.drafted(text, "mine.toml")
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)

"""Whether the hand moves at all."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.motion.history import History


@dataclass(frozen=True, slots=True)
class ActivityParams:
    """Tuning of the stillness test.

    Attributes
    ----------
    acc_mps2, gyro_radps : float
        Root-mean-square change of the specific force, and angular rate, above which a hand moves. A resting hand
        breathes and drifts by about half of this. They are taken from means over 0.1 s: physiological tremor (8 to
        12 Hz) is no movement.
    brisk_looks : int
        Window of that test, looks of 0.1 s.
    brisk : float
        So much more is too much for a slow movement.
    slow, slower : (int, float)
        A slow stroke of 13 s changes too little within a moment. So the hand also moves while its posture has changed
        over the last so many looks by so many m/s²; the longer of the two for cycles of up to 50 s, and only while
    going_mps2 : float
        the shorter one shows this much: a change that is over is no movement. Breathing and a posture that sinks make
        half as much. (The angle turned would tell the same, but for the bias of gyroscopes, which turns as much.)
    posture_looks : int
        What a posture is averaged over.
    """

    acc_mps2: float = 0.10
    gyro_radps: float = 0.07
    brisk_looks: int = 7
    brisk: float = 3.0
    slow: tuple[int, float] = (20, 0.13)
    slower: tuple[int, float] = (60, 0.25)
    going_mps2: float = 0.06
    posture_looks: int = 5


def activity(history: History, looks: int, params: ActivityParams) -> float:
    """How much the hand moved in the last ``looks`` looks, in units of the threshold: above 1 it moves."""
    acc_mps2, gyro_radps = history.spread(looks)
    return max(acc_mps2 / params.acc_mps2, gyro_radps / params.gyro_radps)


def drifting(history: History, available: int, params: ActivityParams) -> bool:
    """Whether a hand that does nothing brisk moves slowly, by what it did in the last ``available`` looks.

    Those must hold nothing brisk: from the midst of a movement no posture can be told.
    """
    looks, least_mps2 = params.slow
    if looks + params.posture_looks > available:
        return False
    shifted_mps2 = history.shifted(looks, params.posture_looks)
    if shifted_mps2 > least_mps2:
        return True
    looks, least_mps2 = params.slower
    return (
        shifted_mps2 > params.going_mps2
        and looks + params.posture_looks <= available
        and history.shifted(looks, params.posture_looks) > least_mps2
    )

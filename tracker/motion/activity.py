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
    slow : tuple of (int, float)
        A slow stroke of 13 s changes too little within a second. So the hand also moves while its posture has changed
        over the last so many looks by so many m/s². Breathing and a posture that sinks make half as much. (The angle
        turned would tell the same, but for the bias of gyroscopes, which turns as much.)
    posture_looks : int
        What a posture is averaged over.
    """

    acc_mps2: float = 0.10
    gyro_radps: float = 0.07
    brisk_looks: int = 10
    slow: tuple[tuple[int, float], ...] = ((20, 0.13), (60, 0.3))
    posture_looks: int = 5


def activity(history: History, looks: int, params: ActivityParams) -> float:
    """How much the hand moved in the last ``looks`` looks, in units of the threshold: above 1 it moves."""
    acc_mps2, gyro_radps = history.spread(looks)
    return max(acc_mps2 / params.acc_mps2, gyro_radps / params.gyro_radps)


def stirring(history: History, available: int, params: ActivityParams) -> bool:
    """Whether the hand moves now, briskly or slowly, by what it did in the last ``available`` looks."""
    if activity(history, params.brisk_looks, params) > 1:
        return True
    return any(
        history.shifted(looks, params.posture_looks) > least_mps2
        for looks, least_mps2 in params.slow
        if looks + params.posture_looks <= available
    )

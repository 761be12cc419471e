"""Pure tones in white noise, straight on the grid: the rate's error beside the Cramér-Rao bound, octaves, circles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation
from scipy.stats import rankdata

from bench.accuracy.sessions import MAX_CPM, MIN_CPM, Figure, Mask, Told, generator, log_uniform, share
from bench.accuracy.table import Table, verdict
from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import G0_MPS2, Array, Samples
from tracker.motion.engine import Engine

SNRS_DB = (-6, 0, 6, 12, 20, 30)
LEAST_MPS2, MOST_MPS2 = 0.5, 5.0
LEAST_M = 0.005
"""A quick tone goes at least this far: what moves less is no hand."""
LEAD_CYCLES, LEAD_S = 6.0, 3.0
"""Rates are held against the bound from here on."""
SCORED_CYCLES, SCORED_S = 5.0, 4.0
BOUND = 1.3
AUC, AUC_DB, RIGHT_WAY = 0.995, 0, 0.995
OCTAVE = (0.75, 1.33)
MOST_HARMONIC = 2.0
HARMONICS = (0.0, 0.5, 1.0, 1.5, MOST_HARMONIC)


@dataclass(frozen=True, eq=False)
class Tone:
    """A tone that goes on from the first sample.

    Parameters
    ----------
    cpm, amplitude_mps2 : float
        Of a line, peak; of a circle, radius.
    snr_db : float
        Power of the tone by that of the noise, both summed over the three axes, in one grid sample.
    circle : bool
    attitude : Rotation
        The motion is along x, a circle turns about z by the right-hand rule; this turns them.
    harmonic : float
        Amplitude of a second harmonic, relative.
    """

    cpm: float
    amplitude_mps2: float
    snr_db: float
    circle: bool
    attitude: Rotation
    harmonic: float = 0.0

    @property
    def power(self) -> float:
        """Sum of the squared amplitudes of the axes, (m/s²)²."""
        return self.amplitude_mps2**2 * (2 if self.circle else 1)

    @property
    def noise_mps2(self) -> float:
        """Per axis and grid sample, RMS."""
        return math.sqrt(self.power / 2 / 3 / 10 ** (self.snr_db / 10))

    @property
    def normal(self) -> Array:
        """Of the circle's plane."""
        return np.asarray(self.attitude.apply([0.0, 0.0, 1.0]))

    def samples(self, rng: np.random.Generator, seconds: float) -> Samples:
        """Measure it for a while, gravity in some direction."""
        t_s = (np.arange(round(seconds * RATE_HZ), dtype=np.float64) + 0.5) * CELL_S
        phase_rad = 2 * np.pi * (self.cpm / 60 * t_s + rng.random())
        path = np.zeros((len(t_s), 3))
        path[:, 0] = np.cos(phase_rad)
        path[:, 1] = np.sin(phase_rad) if self.circle else 0.0
        way = Rotation.random(rng=rng).apply([1.0, 0.0, 0.0])
        path += self.harmonic * np.outer(np.cos(2 * phase_rad + 2 * np.pi * rng.random()), way)
        noise_mps2 = self.noise_mps2 * rng.standard_normal(path.shape)
        gravity_mps2 = Rotation.random(rng=rng).apply([0.0, 0.0, G0_MPS2])
        acc_mps2 = self.attitude.apply(self.amplitude_mps2 * path) + gravity_mps2 + noise_mps2
        return Samples(t_s, acc_mps2, None, np.ones(len(t_s), dtype=np.bool_))

    def bound_cpm(self, window_s: Array) -> Array:
        """Least standard deviation of an unbiased rate over a window (Rife & Boorstyn 1974), cpm."""
        n = np.maximum(window_s * RATE_HZ, 2.0)
        variance = 24 * self.noise_mps2**2 / (self.power * CELL_S**2 * n * (n * n - 1))
        return np.asarray(60 / (2 * np.pi) * np.sqrt(variance))

    def __str__(self) -> str:
        harmonic = f" second harmonic {self.harmonic:.2f}" if self.harmonic else ""
        return (
            f"{'circle' if self.circle else 'line'} {self.cpm:.2f} cpm {self.amplitude_mps2:.2f} m/s² "
            f"{self.snr_db:.0f} dB{harmonic}"
        )


def some_tone(rng: np.random.Generator, snr_db: float, *, circle: bool, harmonic: float = 0.0) -> Tone:
    """Draw tempo, size and attitude."""
    cpm = log_uniform(rng, MIN_CPM, MAX_CPM)
    least_mps2 = max(LEAST_MPS2, LEAST_M * (2 * np.pi * cpm / 60) ** 2)
    amplitude_mps2 = log_uniform(rng, least_mps2, max(MOST_MPS2, 2 * least_mps2))
    return Tone(cpm, amplitude_mps2, snr_db, circle, Rotation.random(rng=rng), harmonic)


def listen(tone: Tone, rng: np.random.Generator) -> Told:
    """Let a new engine look at a tone until it has been scored for long enough."""
    seconds = lead_s(tone) + max(SCORED_CYCLES * 60 / tone.cpm, SCORED_S)
    return Told.of(Engine().update(tone.samples(rng, seconds)))


def lead_s(tone: Tone) -> float:
    """When a tone begins to be scored."""
    return max(LEAD_CYCLES * 60 / tone.cpm, LEAD_S)


# --- the rate's error beside the bound, and circles beside lines ---


@dataclass(frozen=True, eq=False)
class ToneScore:
    """A tone and what was told of it.

    Attributes
    ----------
    tone : Tone
    known : float
        Share of the looks that have a rate.
    off : ndarray
        Errors of the rate by its bound.
    gross : float
        Share of the rates outside `OCTAVE`.
    circularity : ndarray
    right_way : ndarray of bool
        Of a circle, where a plane was told: whether it turns the right way.
    """

    tone: Tone
    known: float
    off: Array
    gross: float
    circularity: Array
    right_way: Mask

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        off = np.sqrt(np.mean(self.off**2)) if len(self.off) else np.nan
        round_ = np.median(self.circularity) if len(self.circularity) else np.nan
        return (
            f"{self.tone} | known {self.known:.2f} error / bound {off:.2f} gross {self.gross:.2f} "
            f"circularity {round_:.2f} right way {share(self.right_way)}"
        )


def score_tone(seed: int) -> ToneScore:
    """Hold a steady tone against its truth."""
    rng = generator("tones", seed)
    # One line and one circle in turn at each noise.
    tone = some_tone(rng, SNRS_DB[seed // 2 % len(SNRS_DB)], circle=seed % 2 == 1)
    told = listen(tone, rng)
    looks = told.part(told.t_s >= lead_s(tone)).thinned()
    rated = looks.part(~np.isnan(looks.rate_cpm))
    planes = looks.plane_normal[~np.isnan(looks.plane_normal[:, 0])]
    return ToneScore(
        tone=tone,
        known=len(rated.t_s) / len(looks.t_s),
        off=(rated.rate_cpm - tone.cpm) / tone.bound_cpm(rated.window_s),
        gross=float(np.mean(_is_gross(rated.rate_cpm / tone.cpm))) if len(rated.t_s) else 0.0,
        circularity=looks.circularity[~np.isnan(looks.circularity)],
        right_way=planes @ tone.normal > 0 if tone.circle else np.empty(0, dtype=bool),
    )


def _is_gross(ratio: Array) -> Mask:
    return (ratio < OCTAVE[0]) | (ratio > OCTAVE[1])


def tone_figures(scores: Sequence[ToneScore]) -> list[Figure]:
    """Say the main figures: name, measured, target, verdict."""
    *_, ratio, _, target, met = _bound_cells(list(scores))
    rows: list[Figure] = [
        (f"RMS rate error by the bound, {SNRS_DB[0]} to {SNRS_DB[-1]} dB", ratio, target, met),
    ]
    at_0_db = [s for s in scores if s.tone.snr_db == AUC_DB]
    if at_0_db:
        _, auc, auc_target, auc_met, _, way, way_target, way_met = _circle_cells(AUC_DB, at_0_db)
        rows.append((f"circle or line at {AUC_DB} dB, area under the curve", auc, auc_target, auc_met))
        rows.append((f"way round at {AUC_DB} dB", way, way_target, way_met))
    return rows


def tone_tables(scores: Sequence[ToneScore]) -> list[Table]:
    """Put the tones together."""
    groups = [(snr_db, [s for s in scores if s.tone.snr_db == snr_db]) for snr_db in SNRS_DB]
    groups = [(snr_db, group) for snr_db, group in groups if group]
    return [
        Table(
            "Steady tones: RMS error of the rate by the Cramér-Rao bound",
            (
                "per sample",
                "tones",
                "looks with a rate",
                "gross errors",
                "error / bound",
                "median",
                "target",
                "verdict",
            ),
            [
                *((f"{snr_db} dB", *_bound_cells(group)) for snr_db, group in groups),
                ("all", *_bound_cells(list(scores))),
            ],
            [
                f"""Lines and circles of {MIN_CPM:g} to {MAX_CPM:g} cpm on three axes with white noise, no gyroscope.
The noise is that of one grid sample, both powers summed over the axes. Looks after {LEAD_CYCLES:g} cycles and
{LEAD_S:g} s, every tone weighing the same; the bound is that of the window which the rate stands on. Gross is outside
{OCTAVE[0]:g} to {OCTAVE[1]:g} of the tempo. The median is over the tones, each with its own RMS.""",
            ],
        ),
        Table(
            "Steady tones: circle or line, and which way",
            ("per sample", "tones", "AUC", "target", "verdict", "planes told", "right way", "target", "verdict"),
            [(f"{snr_db} dB", *_circle_cells(snr_db, group)) for snr_db, group in groups],
            [
                """AUC: how often the circularity told of a circle is above that told of a line. A way is right where
the plane's normal points to the true side.""",
            ],
        ),
    ]


def _bound_cells(scores: list[ToneScore]) -> tuple[str, ...]:
    told = [s for s in scores if len(s.off)]
    squares = np.array([np.mean(s.off**2) for s in told])
    ratio = math.sqrt(squares.mean()) if told else math.nan
    return (
        f"{len(scores)}",
        f"{100 * np.mean([s.known for s in scores]):.1f} %",
        f"{100 * np.mean([s.gross for s in told]):.1f} %" if told else "-",
        f"{ratio:.2f}",
        f"{math.sqrt(np.median(squares)):.2f}" if told else "-",
        f"≤ {BOUND:g}",
        verdict(ratio <= BOUND),
    )


def _circle_cells(snr_db: float, scores: list[ToneScore]) -> tuple[str, ...]:
    circles = np.concatenate([np.empty(0), *(s.circularity for s in scores if s.tone.circle)])
    lines = np.concatenate([np.empty(0), *(s.circularity for s in scores if not s.tone.circle)])
    ways = np.concatenate([np.empty(0, dtype=bool), *(s.right_way for s in scores)])
    auc = area_under_curve(circles, lines)
    asked = snr_db >= AUC_DB
    return (
        f"{len(scores)}",
        "-" if auc is None else f"{auc:.4f}",
        f"≥ {AUC:g}" if asked else "",
        verdict(auc >= AUC if asked and auc is not None else None),
        f"{len(ways)}",
        share(ways),
        f"≥ {100 * RIGHT_WAY:g} %" if asked else "",
        verdict(bool(ways.mean() >= RIGHT_WAY) if asked and len(ways) else None),
    )


def area_under_curve(higher: Array, lower: Array) -> float | None:
    """Tell how often one of the first exceeds one of the second, equals counting half; None where either is empty."""
    if not len(higher) or not len(lower):
        return None
    ranks = rankdata(np.concatenate((higher, lower)))[: len(higher)]
    return float((ranks.sum() - len(higher) * (len(higher) + 1) / 2) / (len(higher) * len(lower)))


# --- octaves ---


@dataclass(frozen=True, eq=False)
class OctaveScore:
    """A tone with a second harmonic: all rates told of it, by the true one."""

    tone: Tone
    known: float
    ratio: Array

    @property
    def gross(self) -> Mask:
        """Which of the rates are far off."""
        return _is_gross(self.ratio)

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        extremes = f"{self.ratio.min():.2f} to {self.ratio.max():.2f}" if len(self.ratio) else "-"
        return f"{self.tone} | known {self.known:.2f} told / true {extremes} gross {share(self.gross)}"


def score_octave(seed: int) -> OctaveScore:
    """Hold a tone with a second harmonic against its truth."""
    rng = generator("octaves", seed)
    bins = len(HARMONICS) - 1
    harmonic = rng.uniform(HARMONICS[seed % bins], HARMONICS[seed % bins + 1])
    tone = some_tone(rng, rng.uniform(6.0, 30.0), circle=seed // bins % 2 == 1, harmonic=harmonic)
    told = listen(tone, rng)
    rated = told.part(~np.isnan(told.rate_cpm))
    late = told.t_s >= lead_s(tone)
    known = float(np.mean(~np.isnan(told.rate_cpm[late])))
    return OctaveScore(tone, known, rated.rate_cpm / tone.cpm)


def octave_figures(scores: Sequence[OctaveScore]) -> list[Figure]:
    """Say the main figure: name, measured, target, verdict."""
    hit = [bool(s.gross.any()) for s in scores]
    return [("tones with an octave error, second harmonic up to 2", share(hit), "none", verdict(not any(hit)))]


def octave_tables(scores: Sequence[OctaveScore]) -> list[Table]:
    """Put the octaves together."""
    rows = []
    for low, high in pairwise(HARMONICS):
        group = [s for s in scores if low <= s.tone.harmonic < high]
        if group:
            rows.append((f"harmonic {low:g} to {high:g}", *_octave_cells(group)))
    rows.append(("all", *_octave_cells(list(scores))))
    return [
        Table(
            "Octave errors, second harmonic up to twice the fundamental",
            ("tones", "tones", "looks with a rate", "tones hit", "looks off", "twice", "half", "target", "verdict"),
            rows,
            [
                f"""All looks that tell a rate, from the first; off is outside {OCTAVE[0]:g} to {OCTAVE[1]:g} of the
tempo, every tone weighing the same. Phase and direction of the harmonic are random, its amplitude relative to the
fundamental's acceleration; 6 to 30 dB. Looks with a rate are those after {LEAD_CYCLES:g} cycles and {LEAD_S:g} s.""",
            ],
        )
    ]


def _octave_cells(scores: list[OctaveScore]) -> tuple[str, ...]:
    told = [s for s in scores if len(s.ratio)]
    hit = [bool(s.gross.any()) for s in told]
    return (
        f"{len(scores)}",
        f"{100 * np.mean([s.known for s in scores]):.1f} %",
        f"{sum(hit)}",
        f"{100 * np.mean([s.gross.mean() for s in told]):.2f} %" if told else "-",
        f"{sum(bool(((s.ratio > 1.6) & (s.ratio < 2.4)).any()) for s in told)}",
        f"{sum(bool(((s.ratio > 0.4) & (s.ratio < 0.6)).any()) for s in told)}",
        "none",
        verdict(not any(hit)),
    )

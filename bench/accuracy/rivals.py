"""What a person would use instead: methods of standard libraries on an accelerometer, tuned in their favour."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import librosa
import neurokit2
import numpy as np
from scipy import signal

from bench.accuracy.figures import Told, idle_spans
from bench.accuracy.recordings import Recording, joined, samples_of
from sensors.grid import RATE_HZ
from sensors.samples import Array

WINDOW_S = 20.0
LOOK_S = 1.0
SLOWEST_HZ, FASTEST_HZ = 0.1, 5.0
PEAKS_BELOW_HZ = 1.0
MOVING_MPS2 = 0.6
TO_CPM = 60.0
NOTE = f"""All but Palmpace read the accelerometer alone. They are given what did best on these very recordings, all in
all, of windows of 10, 20 and 30 s, bands up to 1, 2 and 5 Hz, several prominences, heights and channels: windows of
{WINDOW_S:g} s, and peaks below {PEAKS_BELOW_HZ:g} Hz, which is 60 cycles a minute (no recording is faster; in wider
bands they find peaks that are no cycles). They are told when the robot moved, and their rate is the median over the
windows within; to count, they filter forwards and backwards over the whole recording. Welch and YIN tell no cycles:
theirs are the rate summed up while the wrist moves. None tells kinds or directions. Palmpace's own parameters were
chosen with these recordings in view, too."""

Channel = Callable[[Array], Array]


def length(acc_mps2: Array) -> Array:
    """Give the length |a|, which needs no axis."""
    return np.asarray(np.linalg.norm(acc_mps2, axis=1))


def principal(acc_mps2: Array) -> Array:
    """Give the acceleration along the axis on which it varies most."""
    varying = acc_mps2 - acc_mps2.mean(axis=0)
    return np.asarray(varying @ np.linalg.eigh(varying.T @ varying)[1][:, -1])


class Rival(ABC):
    """A method that reads a window of acceleration."""

    name: str

    @abstractmethod
    def rate_cpm(self, acc_mps2: Array) -> float | None:
        """Give the rate of a window: the live job."""

    def cycles_s(self, acc_mps2: Array) -> Array:
        """Tell when each cycle of a recording was made; without peaks, from the rate while the wrist moves."""
        rate_hz = np.zeros(len(acc_mps2))
        hop, width = round(LOOK_S * RATE_HZ), round(WINDOW_S * RATE_HZ)
        for start in range(0, len(acc_mps2), hop):
            begin = max(0, min(start + (hop - width) // 2, len(acc_mps2) - width))
            rate_hz[start : start + hop] = (self.rate_cpm(acc_mps2[begin : begin + width]) or 0.0) / TO_CPM
        phase = np.cumsum(rate_hz * moving(acc_mps2)) / RATE_HZ
        # A half cycle counts as one begun: the number is rounded.
        return np.flatnonzero(np.diff(np.floor(phase + 0.5)) > 0) / RATE_HZ


class Peaks(Rival):
    """`scipy.signal.find_peaks` on a band-passed channel.

    Parameters
    ----------
    name : str
    channel : callable
    """

    PROMINENCE = 1.0  # of the channel's standard deviation
    LEAST_MPS2 = 0.1

    def __init__(self, name: str, channel: Channel) -> None:
        self.name = name
        self._channel = channel
        band = (SLOWEST_HZ, PEAKS_BELOW_HZ)
        self._band: Any = signal.butter(2, band, "bandpass", fs=RATE_HZ, output="sos")

    def rate_cpm(self, acc_mps2: Array) -> float | None:
        """From the median time between peaks."""
        peaks_s = self.cycles_s(acc_mps2)
        return TO_CPM / float(np.median(np.diff(peaks_s))) if len(peaks_s) > 2 else None

    def cycles_s(self, acc_mps2: Array) -> Array:
        """Take each peak for a cycle."""
        passed = signal.sosfiltfilt(self._band, self._channel(acc_mps2))
        prominence = max(self.LEAST_MPS2, self.PROMINENCE * float(passed.std()))
        return signal.find_peaks(passed, prominence=prominence)[0] / RATE_HZ


class Welch(Rival):
    """The highest peak of `scipy.signal.welch` on the principal axis, its top interpolated.

    One segment as long as the window: shorter ones were worse, and so was |a|, by far.
    """

    name = "Welch"
    POINTS = 8192

    def rate_cpm(self, acc_mps2: Array) -> float | None:
        """From the highest bin and its neighbours."""
        along = principal(acc_mps2)
        options: dict[str, Any] = {"nperseg": len(along), "nfft": self.POINTS, "detrend": "linear"}
        f_hz, power = signal.welch(along, RATE_HZ, **options)
        band = np.flatnonzero((f_hz >= SLOWEST_HZ) & (f_hz <= FASTEST_HZ))
        top = band[np.argmax(power[band])]
        low, middle, high = np.log(power[top - 1 : top + 2] + np.finfo(float).tiny)
        bend = low - 2 * middle + high
        return float(TO_CPM * (f_hz[top] + (0.5 * (low - high) / bend if bend else 0.0) * f_hz[1]))


class Yin(Rival):
    """`librosa.yin` on the principal axis.

    Notes
    -----
    It is made for audio, and takes no frequencies near 0.1 Hz with its usual frames: it is given 25 Hz samples, and a
    frame as long as the window, into which two of the longest periods must fit.
    """

    name = "librosa.yin"
    EVERY = 2

    def __init__(self) -> None:
        self._low_pass: Any = signal.butter(2, FASTEST_HZ, fs=RATE_HZ, output="sos")

    def rate_cpm(self, acc_mps2: Array) -> float | None:
        """From one frame, the window."""
        along = signal.sosfiltfilt(self._low_pass, principal(acc_mps2))[:: self.EVERY]
        n, rate_hz = len(along), RATE_HZ / self.EVERY
        slowest_hz = max(SLOWEST_HZ, 2 * rate_hz / (n - 2))
        f_hz = librosa.yin(
            along, fmin=slowest_hz, fmax=FASTEST_HZ, sr=rate_hz, frame_length=n, hop_length=n, center=False
        )
        return float(TO_CPM * f_hz[0])


class NeuroKit(Rival):
    """NeuroKit2's filter, peaks and rate on the principal axis."""

    name = "NeuroKit2"
    HEIGHT = -0.5  # standard deviations of the peaks' heights, from their mean

    def rate_cpm(self, acc_mps2: Array) -> float | None:
        """From the median of `signal_rate`."""
        peaks = self._peaks(acc_mps2)
        rates = neurokit2.signal_rate(peaks, sampling_rate=RATE_HZ) if len(peaks) > 3 else [np.nan]
        return float(np.nanmedian(rates)) if np.isfinite(rates).any() else None

    def cycles_s(self, acc_mps2: Array) -> Array:
        """Take each peak for a cycle."""
        return self._peaks(acc_mps2) / RATE_HZ

    def _peaks(self, acc_mps2: Array) -> Array:
        passed = neurokit2.signal_filter(
            principal(acc_mps2), sampling_rate=RATE_HZ, lowcut=SLOWEST_HZ, highcut=PEAKS_BELOW_HZ, order=2
        )
        return np.asarray(neurokit2.signal_findpeaks(passed, relative_height_min=self.HEIGHT)["Peaks"], dtype=float)


RIVALS: tuple[Rival, ...] = (
    Peaks("peaks of length", length),
    Peaks("peaks of main axis", principal),
    Welch(),
    Yin(),
    NeuroKit(),
)


def moving(acc_mps2: Array) -> Array:
    """Tell at each sample whether the wrist moves: the acceleration varies within two seconds around it."""
    width = round(2 * RATE_HZ)
    around = np.pad(acc_mps2, ((width // 2, width - 1 - width // 2), (0, 0)), "edge")
    spread = np.lib.stride_tricks.sliding_window_view(around, width, axis=0).std(axis=2)
    return np.asarray(np.linalg.norm(spread, axis=1) > MOVING_MPS2)


def read(rival: Rival, recording: Recording) -> Told:
    """Let a rival read a recording: the rate is the median over the windows while the robot moves, or over all."""
    acc_mps2 = joined(samples_of(recording.path, gyroscope=False)).acc_mps2
    begin_s, end_s = recording.active_s or (0.0, recording.end_s)
    active = acc_mps2[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)]
    width, hop = round(WINDOW_S * RATE_HZ), round(LOOK_S * RATE_HZ)
    windows = [active[start : start + width] for start in range(0, max(1, len(active) - width), hop)]
    rates = [rate for rate in map(rival.rate_cpm, windows) if rate is not None]
    cycles_s = rival.cycles_s(acc_mps2)
    idle = sum(((cycles_s >= a) & (cycles_s < b)).sum() for a, b in idle_spans(recording))
    return Told(rate_cpm=float(np.median(rates)) if rates else None, cycles=len(cycles_s), idle_cycles=float(idle))

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from sensors.samples import G0_MPS2, Array, Sensor, Unit
from sensors.units import Gravity, Understanding, understand

FASTEST_TURN_RADPS = 6.0


def resting(length: float, *, n: int = 50, noise: float = 0.02, seed: int = 1) -> Array:
    """A second of a device at rest whose vector has this length, in any attitude, with noise in proportion."""
    rng = np.random.default_rng(seed)
    down = Rotation.random(rng=rng).apply([0.0, 0.0, length])
    return down + noise * length * rng.standard_normal((n, 3))


def read(
    acc: Array,
    unit: Unit = Unit.AUTO,
    *,
    sensor: Sensor = Sensor.ACCELEROMETER,
    gyro: Array | None = None,
    gyro_unit: Unit = Unit.AUTO,
) -> Understanding:
    return understand(sensor, unit, acc, gyro_unit, gyro)


@pytest.mark.parametrize(
    ("length", "unit"),
    [
        (G0_MPS2, "m/s2"),
        (1.0, "g"),
        (1000.0, "mg"),
        (2048.0, "raw (2048 per g)"),
        (4096.0, "raw (4096 per g)"),
        (8192.0, "raw (8192 per g)"),
        (16384.0, "raw (16384 per g)"),
    ],
)
@pytest.mark.parametrize("error", [0.9, 1.0, 1.1])
def test_the_unit_is_told_from_the_length_of_gravity(length: float, unit: str, error: float) -> None:
    acc = resting(length * error)
    understood = read(acc)
    assert (understood.unit, understood.gravity) == (unit, "included")
    assert_allclose(np.median(np.linalg.norm(acc, axis=1)) * understood.acc_scale, G0_MPS2 * error, rtol=0.01)


@pytest.mark.parametrize(
    ("declared", "length", "scale"),
    [
        (Unit.MPS2, 1.0, 1.0),  # moved gently with gravity taken out, not g
        (Unit.G, G0_MPS2, G0_MPS2),
        (Unit.RAW, 1000.0, G0_MPS2 / 2048),
    ],
)
def test_what_the_payload_declares_is_believed(declared: Unit, length: float, scale: float) -> None:
    assert read(resting(length), declared).acc_scale == pytest.approx(scale)


def test_a_second_of_hasty_movement_does_not_hide_the_unit() -> None:
    acc = resting(1.0)
    acc[:20] *= 3.0
    assert read(acc).unit == "g"


def test_small_values_are_metres_with_gravity_removed() -> None:
    understood = read(resting(0.2, noise=0.5))
    assert (understood.unit, understood.gravity, understood.acc_scale) == ("m/s2", "removed", 1.0)


@pytest.mark.parametrize("length", [0.1, 3.0, 9.0])
def test_linear_acceleration_has_no_gravity_however_strong(length: float) -> None:
    assert read(resting(length), Unit.MPS2, sensor=Sensor.LINEAR).gravity == "removed"


def test_gravity_free_g_of_a_watch_is_seen_when_declared() -> None:
    understood = read(resting(0.1), Unit.G)
    assert understood.gravity == "removed"
    assert understood.acc_scale == pytest.approx(G0_MPS2)


@pytest.mark.parametrize(
    ("length", "peak", "scale"),
    [
        (G0_MPS2, FASTEST_TURN_RADPS, 1.0),
        (G0_MPS2, np.rad2deg(FASTEST_TURN_RADPS), np.deg2rad(1)),  # no wrist turns at 340 rad/s
        (1.0, np.rad2deg(FASTEST_TURN_RADPS), np.deg2rad(1)),
        (1.0, 5.0, np.deg2rad(1)),  # libraries that count in g count in degrees, also while resting
        (1000.0, 5.0, np.deg2rad(1)),
        (16384.0, 131.0, np.deg2rad(1) / 131),
    ],
)
def test_the_gyroscope_s_unit_follows_from_the_accelerometer_s(length: float, peak: float, scale: float) -> None:
    gyro = np.linspace(-peak, peak, 60).reshape(20, 3)
    assert read(resting(length), gyro=gyro).gyro_scale == pytest.approx(scale)


@pytest.mark.parametrize(
    ("declared", "scale"),
    [(Unit.RADPS, 1.0), (Unit.DEGPS, np.deg2rad(1)), (Unit.RAW, np.deg2rad(1) / 131)],
)
@pytest.mark.parametrize("length", [1.0, G0_MPS2, 16384.0])
def test_a_declared_unit_of_the_gyroscope_is_believed(declared: Unit, scale: float, length: float) -> None:
    understood = read(resting(length), gyro=np.full((10, 3), 1.0), gyro_unit=declared)
    assert understood.gyro_scale == pytest.approx(scale)


def test_nothing_measured_is_no_error() -> None:
    assert read(np.empty((0, 3)), gyro=np.empty((0, 3))).gyro_scale == 1.0


@pytest.mark.parametrize("unit", [Unit.MG, Unit.GAL])
def test_gal_and_mg_are_two_in_a_hundred_apart_and_told_by_what_is_declared(unit: Unit) -> None:
    acc = resting({Unit.MG: 1000.0, Unit.GAL: 100 * G0_MPS2}[unit], noise=0.0)
    understood = read(acc, unit)
    assert (understood.unit, understood.gravity) == (unit.value, "included")
    assert_allclose(np.linalg.norm(acc, axis=1) * understood.acc_scale, G0_MPS2)
    assert read(acc).unit == "mg"


@pytest.mark.parametrize("length", [0.7, 1.5, 9.0])
def test_without_gravity_there_is_no_length_to_tell_the_unit_by(length: float) -> None:
    assert read(resting(length), sensor=Sensor.LINEAR).unit == "m/s2"
    assert understand(Sensor.ACCELEROMETER, Unit.AUTO, resting(length), Unit.AUTO, None, "removed").unit == "m/s2"


@pytest.mark.parametrize("gravity", ["included", "removed"])
@pytest.mark.parametrize("sensor", [Sensor.ACCELEROMETER, Sensor.LINEAR])
@pytest.mark.parametrize("length", [0.1, G0_MPS2])
def test_declared_gravity_is_believed(gravity: Gravity, sensor: Sensor, length: float) -> None:
    assert understand(sensor, Unit.MPS2, resting(length), Unit.AUTO, None, gravity).gravity == gravity

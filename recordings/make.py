"""Make the example recordings again: the same seeds give the same files."""

from __future__ import annotations

from pathlib import Path

from sensors.simulate import Device
from tui.simulation import write_scenario

HERE = Path(__file__).parent
PHONE = Device(rate_hz=50, jitter_s=0.001)
ACCELEROMETER_BOARD = Device(rate_hz=25, gyro=False, batch_s=0.4)
"""Eight minutes of a phone's gyroscope would not stay small."""

EXAMPLES = (
    # scenario, seconds, seed, wire format, device
    ("strokes", 60.0, 1, "sensor-logger", PHONE),
    ("circles", 60.0, 2, "sensor-logger", PHONE),
    ("lifts", 60.0, 3, "sensor-logger", PHONE),
    ("sore-back", None, 4, "plain", ACCELEROMETER_BOARD),
)


def main() -> None:
    """Write each example and its truth beside this file, over what is there."""
    for name, seconds, seed, wire, device in EXAMPLES:
        out = HERE / f"{name}.mcap"
        out.unlink(missing_ok=True)
        write_scenario(name, out, seed=seed, seconds=seconds, format=wire, topic=None, device=device)


if __name__ == "__main__":
    main()

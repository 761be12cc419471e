"""NPZ: ``t`` in seconds, ``acc`` in m/s² and perhaps ``gyro`` in rad/s, as numpy saves them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

import numpy as np

from sensors.files.fault import FileError
from sensors.files.header import What
from sensors.files.messages import Sensors, Worn
from sensors.files.sheets import check_unpacked
from sensors.files.stamps import going_on, mended
from sensors.files.table import ROWS_AT_ONCE, Damage, Table
from sensors.samples import Unit

_BROKEN: Final = (  # what numpy and zipfile raise; a TypeError means a single array, saved by numpy.save
    *(EOFError, MemoryError, RuntimeError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)


def read_npz(path: Path, device: str) -> tuple[Worn, Damage]:
    """Read an NPZ whole.

    Raises
    ------
    FileError
        It is broken, lacks ``t`` or ``acc``, or their shapes do not fit.
    """
    try:
        check_unpacked(path)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: np.asarray(arrays[name]) for name in ("t", "acc", "gyro") if name in arrays}
    except _BROKEN as error:
        raise FileError(f"{path}: is no whole .npz; save t and acc again with numpy.savez") from error
    if not found.keys() >= {"t", "acc"}:
        raise FileError(f"{path}: lacks t or acc; save both with numpy.savez")
    n = found["t"].size
    if not n:
        raise FileError(f"{path}: is empty")
    for name, array in found.items():
        shape = (n,) if name == "t" else (n, 3)
        if array.shape != shape or array.dtype.kind not in "fiu":
            raise FileError(f"{path}: {name} is {array.dtype} {array.shape}; it takes numbers, {shape}")
    table: Table = np.column_stack([*found.values(), np.arange(n)]).astype(np.float64)
    damage = Damage(str(path), numbered="row")
    tables = damage.noted(going_on(mended(np.split(table, range(ROWS_AT_ONCE, n, ROWS_AT_ONCE)))))
    columns, units = {What.ACCELERATION: slice(1, 4)}, {What.ACCELERATION: Unit.MPS2}
    if "gyro" in found:
        columns[What.ROTATION], units[What.ROTATION] = slice(4, 7), Unit.RADPS
    return Worn(device, units, Sensors(tables, columns)), damage

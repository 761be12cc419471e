"""Motion kept in files, as the messages a device would have sent live: CSV, NPZ, and what phone apps export."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from sensors.decode import assemble
from sensors.files.export import Export, read_export
from sensors.files.fault import FileError, unreadable
from sensors.files.messages import BATCH_S, messages
from sensors.files.npz import read_npz
from sensors.files.sheets import sheets_of
from sensors.files.table import Damage
from sensors.message import Message

__all__ = ["BATCH_S", "FileError", "Opened", "open_file"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, looked into.

    Attributes
    ----------
    format : str
        ``csv``, ``npz``, ``zip``, ``folder``, ``json``, ``xls`` or ``xlsx``.
    app : str
        Who wrote it, ``phyphox`` or ``Sensor Logger`` or so; empty where nothing tells.
    device : str
        The file's stem, as its readings name it; a watch beside a phone has ``watch`` after it.
    messages : iterator of Message
        Read as they are asked for, in order of arrival; raises `FileError` where the disk fails midway.
    has_motion : bool
        False where it only tells when a measurement ran.
    notices : list of str
        What a person should know at once.
    """

    format: str
    app: str
    device: str
    messages: Iterator[Message]
    notices: list[str]
    _damage: list[Damage]
    has_motion: bool = True

    def damage(self) -> list[str]:
        """Name the rows that were skipped, a line for each table, as far as messages have been taken."""
        return [str(each) for each in self._damage if each.skipped]


def open_file(path: Path, batch_s: float = BATCH_S) -> Opened:
    """Look into a file, and make ready to read it.

    A CSV has a header, ``t,ax,ay,az[,gx,gy,gz]`` in s, m/s² and rad/s. Other names are taken as in plain JSON or as
    phone apps write them, their units told from the data unless in brackets, ``ax (g)``. A zip, a folder, a workbook or
    a JSON holds an app's export: the sensors of a phone and of a watch. An NPZ has ``t`` of shape (n,) and ``acc``,
    perhaps ``gyro``, of shape (n, 3), in the same units. Where t steps back a new take begins: its time goes on from
    the one before.

    Parameters
    ----------
    path : Path
    batch_s : float
        Span of a message.

    Raises
    ------
    FileError
        It is missing, unreadable, empty, or holds no motion.
    """
    device = assemble.device_name(path.stem) or "file"
    if path.suffix.lower() == ".npz":
        laid_out, export = "npz", _npz(path, device)
    else:
        laid_out, sheets = sheets_of(path)
        export = read_export(str(path), device, sheets)
    arrivals = heapq.merge(*(messages(worn, batch_s) for worn in export.worn), key=attrgetter("received_ns"))
    return Opened(laid_out, export.app, device, arrivals, export.notices, export.damage, bool(export.worn))


def _npz(path: Path, device: str) -> Export:
    try:
        worn, damage = read_npz(path, device)
    except OSError as error:
        raise unreadable(path, error) from error
    return Export([worn], [damage], "", [])

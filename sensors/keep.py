"""Files in the user's configuration folder that nobody else may read."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs

from sensors.address import BrokerError

CONFIG_VARIABLE = "PALMPACE_CONFIG_DIR"


def config_folder() -> Path:
    """Give where settings and secrets are kept: ``$PALMPACE_CONFIG_DIR``, else the user's folder of this system."""
    folder = os.environ.get(CONFIG_VARIABLE) or platformdirs.user_config_path("palmpace", appauthor=False)
    return Path(folder)


def read_private(path: Path) -> bytes | None:
    """Read a file and close it to others; None where there is none.

    Raises
    ------
    BrokerError
        It cannot be read.
    """
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BrokerError(f"cannot read {path}: {error.strerror or error}") from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file in one step, so that nobody sees half of it and none but its owner reads it.

    Raises
    ------
    BrokerError
        It cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:  # mode 0600
            file.write(content)
        Path(file.name).replace(path)
    except OSError as error:
        raise BrokerError(f"cannot write {path}: {error.strerror or error}; set {CONFIG_VARIABLE}") from None

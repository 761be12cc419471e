"""No test writes into the recordings of whoever runs it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's sessions are kept."""
    folder = tmp_path / "data"
    monkeypatch.setenv("PALMPACE_DATA_DIR", str(folder))
    return folder

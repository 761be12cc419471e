"""No test writes into the recordings or the configuration of whoever runs it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's sessions are kept."""
    folder = tmp_path / "data"
    monkeypatch.setenv("PALMPACE_DATA_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's settings and secrets are kept."""
    folder = tmp_path / "config"
    monkeypatch.setenv("PALMPACE_CONFIG_DIR", str(folder))
    return folder

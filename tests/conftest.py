"""No test writes into the recordings or the configuration of whoever runs it."""

from __future__ import annotations

import gc
from itertools import count
from pathlib import Path

import pytest

# Each app and each session is a heap of small objects that refer to each other; by Python's own thresholds a sixth of
# the suite's time went into looking through them.
gc.set_threshold(50_000)

_numbers = count()

WAITING = (
    "test_terminal.py",
    "test_faults.py",
    "test_faults_network.py",
    "test_mqtt.py",
    "test_broker_network.py",
    "test_outbound_announcer.py",
)
"""What mostly waits for real time, brokers and processes. The others use the cores meanwhile."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits, so that no worker is left with it at the end."""
    order = {name: place for place, name in enumerate(WAITING)}
    items.sort(key=lambda item: order.get(item.path.name, len(WAITING)))


def pytest_collection_finish() -> None:
    """Let no collection of garbage look through what is imported and collected by now: it stays to the end."""
    gc.freeze()


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this test's own: ``tmp_path`` looks through all others for each, which is dear for thousands."""
    folder = tmp_path_factory.getbasetemp() / "homes" / str(next(_numbers))
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def data_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's sessions are kept."""
    folder = home / "data"
    monkeypatch.setenv("PALMPACE_DATA_DIR", str(folder))
    monkeypatch.delenv("PALMPACE_PERSON", raising=False)
    return folder


@pytest.fixture(autouse=True)
def config_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's settings and secrets are kept."""
    folder = home / "config"
    monkeypatch.setenv("PALMPACE_CONFIG_DIR", str(folder))
    return folder

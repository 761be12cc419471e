"""A page that several benches write, each its own section and no other."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.accuracy.table import Table

HEAD = f"""\
# What the wire costs, and what it cannot break

Palmpace {version("palmpace")}, as `make bench-wire` measured it.
"""

FORMATS, DEVICES, DAMAGE = "Formats", "Many devices", "Damaged payloads"
SECTIONS = (FORMATS, DEVICES, DAMAGE)


def write(path: Path, section: str, tables: Sequence[Table]) -> None:
    """Put tables into one of the `SECTIONS` of a page, which is made if need be; the others stay as they are."""
    kept = _sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept[section] = "\n".join(table.markdown(level=3) for table in tables)
    parts = [f"## {title}\n\n{kept[title].strip()}\n" for title in SECTIONS if title in kept]
    path.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    _, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def processor() -> str:
    """Name this machine's, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())

"""The dashboard in a browser: its page, its socket, and who is kept out."""

from __future__ import annotations

import asyncio
import builtins
import errno
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tui.cli import run
from tui.settings import Display

aiohttp = pytest.importorskip("aiohttp", reason="textual-serve is not installed: pip install -e '.[web]'")
pytest.importorskip("textual_serve", reason="textual-serve is not installed: pip install -e '.[web]'")

PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Give the signal back that the command takes."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def served() -> Iterator[str]:
    """Address of a dashboard that is served by a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "serve", "--port", str(port), "--theme", "light", "--fps", "4"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        assert server.stdout is not None
        assert server.stderr.readline() == f"open http://127.0.0.1:{port} in a browser on this machine; ctrl+c ends\n"
        yield f"127.0.0.1:{port}"
        server.terminate()
        assert server.stdout.read() == ""


async def test_a_page_of_this_machine_brings_the_dashboard_and_no_other_page_does(served: str) -> None:
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as browser:
        page = await _page(browser, served)
        assert page.status == 200
        assert "fonts.googleapis.com" not in page.headers["Content-Security-Policy"]
        assert f"ws://{served}/ws" in await page.text()
        stranger = await browser.get(f"http://{served}/", headers={"Host": "elsewhere.example"})
        assert stranger.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await browser.ws_connect(f"http://{served}/ws", headers={"Origin": "http://elsewhere.example"})
        port = served.partition(":")[2]
        async with browser.ws_connect(
            f"http://{served}/ws?width=100&height=30", headers={"Origin": f"http://localhost:{port}"}
        ) as terminal:
            await _until(terminal, "no therapy")  # who is here for the first time is told first when not to massage
            await terminal.send_json(["stdin", "\r"])
            await _until(terminal, "simulated wrist")
            await terminal.send_json(["stdin", "q"])
            while (await terminal.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass


async def _page(browser: Any, served: str) -> Any:
    while True:
        try:
            return await browser.get(f"http://{served}/")
        except aiohttp.ClientConnectorError:  # it tells where it will be before it is there
            await asyncio.sleep(0.02)


async def _until(terminal: Any, words: str) -> None:
    drawn = ""
    while words not in drawn.lower():
        drawn += _words(await terminal.receive())


def _words(message: Any) -> str:
    assert message.type in {aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT}
    text = message.data.decode() if isinstance(message.data, bytes) else message.data
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def test_a_port_in_use_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def bind(_server: object) -> None:
        raise OSError(errno.EADDRINUSE, "error while attempting to bind on address")

    monkeypatch.setattr("textual_serve.server.Server.serve", bind)
    assert run(["serve", "--port", "8123"]) == 1
    assert capsys.readouterr().err == (
        "palmpace: cannot serve at 127.0.0.1:8123: Address already in use; give another --port\n"
    )


def test_without_textual_serve_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("textual_serve"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.delitem(sys.modules, "tui.serve", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    assert run(["serve"]) == 1
    assert capsys.readouterr().err == "palmpace: a browser needs textual-serve: pip install 'palmpace[web]'\n"


def test_options_are_handed_on_to_the_dashboard_in_the_page() -> None:
    from tui.serve import dashboard_command

    display = Display(fps=4, theme="high-contrast", ascii=False, volume="off")
    words = shlex.split(dashboard_command(display))
    assert words[1:] == ["-m", "tui.cli", "--fps", "4", "--theme", "high-contrast", "--no-ascii", "--volume", "off"]
    assert shlex.split(dashboard_command(Display(ascii=True)))[3:] == ["--ascii"]

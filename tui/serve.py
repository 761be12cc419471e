"""The dashboard in a browser on this machine, by textual-serve."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from dataclasses import fields

from tui.choices import LaunchError
from tui.settings import Display

try:
    from aiohttp import web
    from aiohttp.typedefs import Handler
    from textual_serve.server import Server
except ImportError as error:
    raise LaunchError("a browser needs textual-serve: pip install 'palmpace[web]'") from error

HOST = "127.0.0.1"
"""Who opens the page sits at this machine's keyboard as far as Palmpace can tell: it asks for no password."""


def serve_dashboard(port: int, display: Display) -> None:
    """Serve until interrupted; each page that is opened is a program of its own.

    Raises
    ------
    LaunchError
        The port is in use; one line.
    """
    try:
        _Loopback(dashboard_command(display), HOST, port, title="Palmpace").serve()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise LaunchError(f"cannot serve at {HOST}:{port}: {why}; give another --port") from error


def dashboard_command(display: Display) -> str:
    """Give the shell's command for a dashboard that is set like this."""
    words = [sys.executable, "-m", "tui.cli"]
    for option in fields(display):
        value = getattr(display, option.name)
        if value is not None:
            words += [f"--{'no-' if value is False else ''}{option.name}"]
            words += [] if isinstance(value, bool) else [str(value)]
    return shlex.join(words)


class _Loopback(Server):
    """Answers pages of this machine alone, and has none of them fetch anything from elsewhere."""

    def initialize_logging(self) -> None:
        """Tell of trouble only, and not with all that the program knows at that moment."""
        logging.basicConfig(level=logging.WARNING, format="%(message)s")

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._of_this_machine)
        return app

    @web.middleware
    async def _of_this_machine(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse a page from elsewhere that the browser has open too: it could otherwise type here.

        A loopback address alone does not keep it out; browsers let any page open a socket to it.
        """
        own = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        origin = request.headers.get("Origin")
        if request.host not in own or (origin is not None and origin.removeprefix("http://") not in own):
            raise web.HTTPForbidden(text=f"Palmpace answers only at http://{HOST}:{self.port}\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = "style-src 'self' 'unsafe-inline'"
        return response

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002 - textual-serve's
        """Say where the page is; stdout is for data."""
        print(f"open http://{HOST}:{self.port} in a browser on this machine; ctrl+c ends", file=sys.stderr)

"""Serve the bank's pages: one process with threads (waitress), or several on PostgreSQL (gunicorn)."""

from __future__ import annotations

import dataclasses
import logging
import signal
import time
from typing import TYPE_CHECKING, Any

from cellbank.core.errors import StartUpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cellbank.core.settings import Settings

    WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# How long requests that have begun may still take once the server was told to stop. A container is killed
# 10 s after SIGTERM unless told otherwise; systemd waits 90 s.
GRACE_SECONDS = 25.0


def serve(make_app: Callable[[], WsgiApp], settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that have begun are answered first."""
    if settings.workers > 1:
        _serve_with_gunicorn(make_app, settings)
    else:
        ThreadedServer(make_app(), settings.host, settings.port, settings.threads).run()


class ThreadedServer:
    """Waitress with a gentle end: by itself it drops the requests in flight when it is told to stop."""

    def __init__(self, app: WsgiApp, host: str, port: int, threads: int) -> None:
        """Listen at once; :raises StartUpError: the address is taken or not ours."""
        import waitress
        from waitress import wasyncore

        self._loop = wasyncore.loop
        self._sockets: dict[int, Any] = {}
        self.told_to_stop = False
        # The list of waiting requests says enough; waitress would warn each time one waits a moment.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        try:
            self._server = waitress.create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=threads,
                ident="cellbank",
                # The application itself decides whose word it takes (CELLBANK_TRUSTED_PROXY).
                clear_untrusted_proxy_headers=False,
            )
        except (OSError, ValueError) as error:
            raise StartUpError(f"Cannot listen on {host}:{port}: {error}.") from None

    @property
    def addresses(self) -> list[str]:
        """The addresses that people open, one for each socket that listens."""
        server = self._server
        listening = getattr(server, "effective_listen", None) or [
            (server.effective_host, server.effective_port)
        ]
        return [
            f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host, port in listening
        ]

    def run(self) -> None:
        """Serve until told to stop, then finish what has begun."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        for address in self.addresses:
            print(f"cellbank serves {address}", flush=True)
        while not self.told_to_stop:
            self._loop(timeout=1.0, map=self._sockets, count=1)
        self._finish()

    def stop(self) -> None:
        """Ask the server to end; safe to call from a signal handler."""
        self.told_to_stop = True
        for listener in self._listeners():
            listener.pull_trigger()

    def _listeners(self) -> list[Any]:
        return [entry for entry in list(self._sockets.values()) if hasattr(entry, "active_channels")]

    def _finish(self) -> None:
        """Take no new connection; answer what came in; then end the threads."""
        listeners = self._listeners()
        self._loop(
            timeout=0.0, map=self._sockets, count=2
        )  # let in who already knocked, and read what they sent
        for listener in listeners:
            listener.accepting = False
            listener.socket.close()  # whoever connects now learns at once that nobody listens
            # Only the socket: closing the listener would close the trigger by which threads announce answers.
            self._sockets.pop(listener._fileno, None)  # noqa: SLF001
        deadline = time.monotonic() + GRACE_SECONDS
        while any(_is_busy(listener) for listener in listeners) and time.monotonic() < deadline:
            self._loop(timeout=0.05, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)


def _is_busy(listener: Any) -> bool:
    """True while a connection has a request being read or answered, or bytes of an answer still to send."""
    return any(
        channel.requests or channel.request is not None or channel.total_outbufs_len > 0
        for channel in list(listener.active_channels.values())
    )


def _serve_with_gunicorn(make_app: Callable[[], WsgiApp], settings: Settings) -> None:
    """Serve with several processes; gunicorn finishes requests on SIGTERM by itself."""
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        raise StartUpError(
            'More than one process needs gunicorn: install it with pip install "cellbank[postgres]".'
        ) from None

    options = {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "gthread",
        "graceful_timeout": int(GRACE_SECONDS),
        "proc_name": "cellbank",
    }

    class Application(BaseApplication):  # type: ignore[misc]
        """Our settings instead of gunicorn's command line."""

        def load_config(self) -> None:
            """Hand over our options."""
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> WsgiApp:
            """Each process makes its own program: a database connection must never be shared by a fork."""
            return make_app()

    print(f"cellbank serves http://{settings.host}:{settings.port}", flush=True)
    Application().run()


def with_options(settings: Settings, **given: object) -> Settings:
    """The settings, with those replaced that the command line gave (None means not given)."""
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(settings, **values)

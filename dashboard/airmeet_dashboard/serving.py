"""The app served over HTTP, behind a guard, until somebody stops it."""

import os
import secrets
import socket
import threading
import webbrowser
from pathlib import Path

from airmeet_etl.exit_codes import CommandError

from .assets import Assets
from .guard import Guard

DESTINATION, DATASET = "AIRMEET_DASHBOARD_DESTINATION", "AIRMEET_DASHBOARD_DATASET"
COMMUNITY = "AIRMEET_DASHBOARD_COMMUNITY"
"""Environment variables by which the app learns what it shows: marimo hands it no arguments."""

_EVERYWHERE = ("0.0.0.0", "::", "")
_QUIET = {"MARIMO_SKIP_UPDATE_CHECK": "1", "RUNTIME__DLTHUB_TELEMETRY": "false"}


def serve(
    host: str,
    port: int,
    name: str | None = None,
    destination: str | None = None,
    dataset: str | None = None,
    headless: bool = False,
    community: str | None = None,
) -> None:
    """Serve the app; print the address that opens it.

    Args:
        host: the name or address to listen on.
        port: 0 takes a free one.
        name: what browsers call this machine; its host name where it listens on all addresses.
        destination: a dlt destination's name; DuckDB without one.
        dataset: the raw dataset's name; `airmeet` without one.
        headless: open no browser.
        community: of several communities this one; without it what is over all of them.

    Raises:
        CommandError: it cannot listen there.
    """
    target = {DESTINATION: destination, DATASET: dataset, COMMUNITY: community}
    os.environ.update(_QUIET, **{variable: value for variable, value in target.items() if value})
    import marimo
    import uvicorn

    # Before the address is known: whoever opens it need not wait for what the pages import.
    from . import live_table, report  # noqa: F401

    host = host.strip("[]")
    listener = _listen(host, port)
    token = secrets.token_urlsafe(24)
    shown = name or (socket.gethostname() if host in _EVERYWHERE else host)
    app = str(Path(__file__).with_name("app.py"))
    pages = marimo.create_asgi_app(quiet=True).with_app(path=f"/{token}", root=app).build()
    static = Path(marimo.__file__).parent / "_static" / "assets"
    guarded = Guard(Assets(pages, f"/{token}/assets/", static), token, {shown})
    config = uvicorn.Config(
        guarded,
        log_level="error",
        timeout_keep_alive=300,
        # A browser that is gone is noticed; one that is busy is not taken for gone.
        ws_ping_interval=1,
        ws_ping_timeout=60,
        timeout_graceful_shutdown=1,
    )
    within = f"[{shown}]" if ":" in shown else shown
    address = f"http://{within}:{listener.getsockname()[1]}/{token}/"
    print(f"The dashboard is at {address} (Ctrl-C stops it)", flush=True)
    if not headless:
        # Beside the server: some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    uvicorn.Server(config).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CommandError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --port, or "
            "--port 0 for a free one"
        ) from None

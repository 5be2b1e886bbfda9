"""The receiver behind HTTP, until it is stopped."""

import signal
import socket
import threading
from collections.abc import Callable, Mapping

from ..exit_codes import CommandError
from .inbox import Inbox

_LINGER_SECONDS = 10
"""How long deliveries that are under way may take once the receiver is stopped."""


def listen(
    inboxes: Mapping[str, Inbox], host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Receive deliveries until Ctrl-C or SIGTERM; those that are under way then are taken.

    Call it from the main thread.

    Args:
        inboxes: by secret.
        host: where to listen.
        port: likewise; 0 for a free one.
        ready: gets the address, without a secret.

    Raises:
        CommandError: an inbox cannot be written, or nobody can listen there.
    """
    import uvicorn  # here: slow to import

    from .receiver import Receiver

    for inbox in inboxes.values():
        inbox.prepare()
    listener = _listener(host, port)
    config = uvicorn.Config(
        Receiver(inboxes),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,  # addresses hold the secret
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_LINGER_SECONDS,
    )
    server = uvicorn.Server(config)
    stop = threading.Event()

    def serve() -> None:
        try:
            server.run([listener])
        finally:
            stop.set()

    former = {n: signal.signal(n, lambda *_: stop.set()) for n in (signal.SIGINT, signal.SIGTERM)}
    thread = threading.Thread(target=serve, name="airmeet-receiver")
    thread.start()
    try:
        name, number = listener.getsockname()[:2]
        ready(f"http://{f'[{name}]' if ':' in name else name}:{number}")
        stop.wait()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        for number, handler in former.items():
            signal.signal(number, handler)


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(
            f"cannot listen on {host}, port {port}: {reason}; choose another by --host and --port"
        ) from None

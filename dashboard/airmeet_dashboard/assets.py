"""The files that marimo's page consists of, given from memory.

They are hundreds, each asked for before anything is shown. marimo reads each from the disk, behind
all that its own requests pass, and names no time for which a browser may keep it.
"""

import mimetypes
from pathlib import Path

from .guard import App, Message, Receive, Send


class Assets:
    """An ASGI application before another one that answers for the files of a folder."""

    def __init__(self, app: App, path: str, folder: Path) -> None:
        """No file is read yet.

        Args:
            app: answers all other requests.
            path: where the files are, with a slash at its end.
            folder: has them. Their names change with what they hold, so browsers may keep them.
        """
        self._app = app
        self._files = {f"{path}{file.name}": file for file in folder.iterdir() if file.is_file()}
        self._read: dict[Path, bytes] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        file = self._files.get(scope.get("path", ""))
        if file is None or scope.get("method") != "GET":
            await self._app(scope, receive, send)
            return
        if file not in self._read:
            self._read[file] = file.read_bytes()
        body = self._read[file]
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"private, max-age=31536000, immutable"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

"""Below HTTP: proxies and certificates of the environment, and answers without measure."""

import asyncio
import gzip
import json
import os
import socket
import ssl
import subprocess
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from airmeet.api.client import Client
from airmeet.errors import UnexpectedResponse
from airmeet.settings import Settings
from airmeet_simulator.server import Address

from tests.workplace import Workplace, simulated

PASSWORD = "proxy-password"


class Handler(BaseHTTPRequestHandler):
    """Says nothing on standard error."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with suppress(OSError):  # the client may have read enough
            self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """What it was asked, and how it is to answer."""

    daemon_threads = True

    def __init__(self, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.status, self.content = 0, b""
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        self.credentials: set[str | None] = set()

    @contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()


class Proxying(Handler):
    """Passes on what it is asked, unless its server says a status."""

    def do_GET(self) -> None:
        self._note()
        if self.server.status:
            self.answer(self.server.status, b"")
            return
        length = int(self.headers.get("content-length") or 0)
        request = Request(self.path, self.rfile.read(length) or None, method=self.command)
        for name, value in self.headers.items():
            if name.lower().startswith("x-"):
                request.add_header(name, value)
        with build_opener(ProxyHandler({})).open(request) as response:
            self.answer(response.status, response.read(), content_type="application/json")

    def do_POST(self) -> None:
        self.do_GET()

    def do_CONNECT(self) -> None:
        self._note()
        if self.server.status:
            self.answer(self.server.status, b"")
            return
        host, port = self.path.split(":")
        self.send_response(200)
        self.end_headers()
        with socket.create_connection((host, int(port))) as there:
            back = threading.Thread(target=_copy, args=(there, self.connection), daemon=True)
            back.start()
            _copy(self.connection, there)
        self.close_connection = True

    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.credentials.add(self.headers.get("proxy-authorization"))


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)


class ApiHandler(Handler):
    """An Airmeet without airmeets; or one that answers all but /auth with what its server has."""

    def do_POST(self) -> None:
        self.answer(200, json.dumps({"data": {"token": "a-token"}}).encode())

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.answer(200, self.server.content or b'{"data": []}', **self.server.headers)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(Proxying).running() as server:
        yield server


@pytest.fixture
def place(workplace: Workplace) -> Iterator[tuple[Workplace, Address]]:
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        yield workplace, address


def at(server: Server, user: str = "") -> str:
    return f"http://{user}127.0.0.1:{server.server_port}"


def test_requests_go_through_the_proxy_of_the_environment(
    place: tuple[Workplace, Address], proxy: Server
) -> None:
    workplace, _ = place
    workplace.set(HTTP_PROXY=at(proxy, f"ann:{PASSWORD}@"))
    result = workplace.run("check")
    assert result.code == 0, result
    assert any(line.startswith("POST http://") and "/auth" in line for line in proxy.asked)
    assert len(proxy.asked) >= 4
    assert all(held and held.startswith("Basic ") for held in proxy.credentials)


@pytest.mark.parametrize("excepted", ["127.0.0.1", "*", "example.com,127.0.0.1"])
def test_no_proxy_excepts_hosts(
    place: tuple[Workplace, Address], proxy: Server, excepted: str
) -> None:
    workplace, _ = place
    workplace.set(HTTP_PROXY=at(proxy), NO_PROXY=excepted)
    assert workplace.run("check").code == 0
    assert not proxy.asked


@pytest.mark.parametrize("status", [407, 403, 0])
def test_a_proxy_that_does_not_serve_is_named_without_its_password(
    place: tuple[Workplace, Address], proxy: Server, status: int
) -> None:
    workplace, _ = place
    port = proxy.server_port
    if status:
        proxy.status = status
        workplace.setting(api_url="https://airmeet.example.com/api/v1")
        workplace.set(HTTPS_PROXY=at(proxy, f"ann:{PASSWORD}@"))
    else:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        workplace.set(HTTP_PROXY=f"ann:{PASSWORD}@127.0.0.1:{port}")
    result = workplace.run("load")
    assert result.code == 1
    variable = "HTTPS_PROXY" if status else "HTTP_PROXY"
    assert f"the proxy 127.0.0.1:{port} ({variable})" in result.err
    assert (status == 407) == ("wants a user and a password" in result.err)
    assert PASSWORD not in result.err + result.out
    if status == 407:
        assert len(proxy.asked) == 1  # an account is soon locked


@pytest.mark.parametrize("named", ["socks5://127.0.0.1:1080", "http://", "http://h:port"])
def test_a_proxy_that_is_none_is_said(place: tuple[Workplace, Address], named: str) -> None:
    workplace, _ = place
    workplace.set(HTTP_PROXY=named)
    result = workplace.run("load")
    assert result.code == 1
    assert result.err.startswith("airmeet: HTTP_PROXY names no proxy that can be used")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost with its key, in one file."""
    if not which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "both.pem").write_text(
        (folder / "key.pem").read_text() + (folder / "cert.pem").read_text()
    )
    return folder / "both.pem"


@pytest.fixture
def over_tls(workplace: Workplace, certificate: Path) -> Iterator[Server]:
    """An API at https://localhost, and a workplace that points at it."""
    server = Server(ApiHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    workplace.point_at(f"https://localhost:{server.server_port}/api/v1")
    with server.running():
        yield server


def test_ssl_cert_file_is_trusted_also_through_a_proxy(
    workplace: Workplace, over_tls: Server, certificate: Path, proxy: Server
) -> None:
    workplace.set(SSL_CERT_FILE=certificate.with_name("cert.pem"))
    result = workplace.run("check")
    assert result.code == 0, result
    assert not proxy.asked
    # Proxies of Python's own have no TLS; one that tunnels needs none.
    workplace.set(HTTPS_PROXY=f"127.0.0.1:{proxy.server_port}")
    assert workplace.run("check").code == 0
    assert proxy.asked and set(proxy.asked) == {f"CONNECT localhost:{over_tls.server_port}"}


def test_a_certificate_that_is_not_trusted_says_what_to_set(
    workplace: Workplace, over_tls: Server
) -> None:
    result = workplace.run("load")
    assert result.code == 1
    assert "TLS certificate is not trusted" in result.err and "SSL_CERT_FILE" in result.err


@pytest.mark.parametrize("content", [None, "no certificates at all"])
def test_a_file_of_certificates_that_is_none_is_said(
    workplace: Workplace, content: str | None
) -> None:
    file = workplace.folder / "corporate.pem"
    if content:
        file.write_text(content)
    workplace.point_at("https://localhost:1/api/v1")
    workplace.set(SSL_CERT_FILE=file)
    result = workplace.run("load")
    assert result.code == 1
    assert "SSL_CERT_FILE names" in result.err and result.err.count("\n") == 1


def _get(settings: Settings, folder: Path) -> dict[str, Any]:
    async def get() -> dict[str, Any]:
        async with Client(settings, folder) as client:
            return await client.get("api", "/airmeets")

    return asyncio.run(get())


class Redirecting(ApiHandler):
    """Answers at /moved alone."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.startswith("/moved") or not self.server.headers:
            self.answer(200, b'{"data": []}')
        else:
            self.answer(307, b"", **self.server.headers)


def test_a_redirect_within_the_host_is_followed(tmp_path: Path) -> None:
    server = Server(Redirecting)
    server.headers = {"location": "/moved?size=1"}
    settings = Settings(access_key="a", secret_key="b", api_url=at(server), retry_seconds=0)
    with server.running():
        assert _get(settings, tmp_path) == {"data": []}
    assert server.asked == ["/airmeets", "/moved?size=1"]


def test_a_redirect_elsewhere_takes_no_token_with_it(tmp_path: Path) -> None:
    server, elsewhere = Server(Redirecting), Server(Redirecting)
    server.headers = {"location": f"{at(elsewhere)}/login?next=token"}
    settings = Settings(access_key="a", secret_key="b", api_url=at(server), retry_seconds=0)
    with server.running(), elsewhere.running():
        message = f"redirects to {at(elsewhere)} .307.; if that .* name it in the settings"
        with pytest.raises(UnexpectedResponse, match=message):
            _get(settings, tmp_path)
    assert not elsewhere.asked


def test_redirects_without_end_are_left(tmp_path: Path) -> None:
    server = Server(Redirecting)
    server.headers = {"location": "/airmeets"}
    settings = Settings(access_key="a", secret_key="b", api_url=at(server), retry_seconds=0)
    with server.running(), pytest.raises(UnexpectedResponse, match="again and again"):
        _get(settings, tmp_path)
    assert len(server.asked) == 6


def _packed(encoding: str, mib: int) -> bytes:
    plain = b'{"data": "' + b"a" * (mib * 1024 * 1024) + b'"}'
    if encoding == "gzip":
        return gzip.compress(plain)
    return zlib.compress(plain) if encoding else plain


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_an_answer_without_measure_is_never_held_whole(tmp_path: Path, encoding: str) -> None:
    server = Server(ApiHandler)
    server.content = _packed(encoding, 24)
    server.headers = {"content-encoding": encoding} if encoding else {}
    settings = Settings(
        access_key="a", secret_key="b", api_url=at(server), max_answer_mib=2, retry_seconds=0
    )
    with server.running():
        tracemalloc.start()
        try:
            with pytest.raises(UnexpectedResponse, match="larger than 2 MiB; raise max_answer_mib"):
                _get(settings, tmp_path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 8 * 1024 * 1024
        assert server.asked == ["/airmeets"]  # asked again it would be as large
        settings.max_answer_mib = 25
        assert len(_get(settings, tmp_path)["data"]) == 24 * 1024 * 1024


def test_proxies_of_whoever_runs_the_tests_are_not_used() -> None:
    assert not [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy")]

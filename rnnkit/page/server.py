"""A server of a few known files on this machine: nothing else of the disk can be asked for."""

import errno
import ipaddress
import socket
import socketserver
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from rnnkit.errors import RnnkitError
from rnnkit.page import LOCAL
from rnnkit.page.assets import START

#: What the page may do: run its own files and WebAssembly, ask nobody else, and be in no other page's frame.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}
_EXPECTED_HOST = "expected an address of this machine, such as 0.0.0.0."
_LAST_PORT = 65_535
_SECONDS = 30  # until a client that says nothing is let go


class PageServer(ThreadingHTTPServer):
    """Serves the files of a site.

    Args:
        files: What `rnnkit.page.site.site` gave.
        host: The address to listen at; "0.0.0.0" or "::" for all of this machine's.
        port: 0 for any that is free.

    Raises:
        RnnkitError: The address is none of this machine, or the port is taken.
    """

    daemon_threads = True

    def __init__(self, files: Mapping[str, Path | bytes], host: str = LOCAL, port: int = 0) -> None:
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            raise RnnkitError(f"--host is {host!r}; {_EXPECTED_HOST}") from None
        if not 0 <= port <= _LAST_PORT:
            raise RnnkitError(f"--port is {port}; expected one of 0 to {_LAST_PORT}, or leave it out for a free one.")
        self.files = files
        self.address_family = socket.AF_INET6 if version == 6 else socket.AF_INET
        self.is_open = not ipaddress.ip_address(host).is_loopback
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise RnnkitError(f"--host is {host!r}, which is none of this machine's; {_EXPECTED_HOST}") from None
            raise RnnkitError(
                f"Nothing can be served at {host}, port {port} ({error.strerror or error}). "
                "Give another --port, or leave it out for a free one."
            ) from None

    def server_bind(self) -> None:
        """Take the address. The base class also asks the network for its name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)

    @property
    def address(self) -> str:
        """What to type into a browser of this machine, or where others may ask too, of theirs."""
        host, port = self.server_address[:2]
        given = ipaddress.ip_address(str(host))
        shown = own_address(given.version) if given.is_unspecified else str(given)
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a browser that leaves in the middle is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "rnnkit", ""
    timeout = _SECONDS
    server: PageServer

    def do_GET(self) -> None:  # noqa: N802  (the base class's name)
        """Answer with a file."""
        self._answer(True)

    def do_HEAD(self) -> None:  # noqa: N802
        """Answer without its content."""
        self._answer(False)

    def _answer(self, with_content: bool) -> None:
        if not is_own(self.headers.get("Host", ""), self.server.is_open):
            self._say(HTTPStatus.FORBIDDEN, f"This page is at {self.server.address} alone.\n", with_content)
            return
        try:
            address = unquote(urlsplit(self.path).path).removeprefix("/") or START
            found = self.server.files.get(address)
            content = found.read_bytes() if isinstance(found, Path) else found
        except (OSError, ValueError):  # it is gone, or the request's address is none
            content = None
        if content is None:
            self._say(HTTPStatus.NOT_FOUND, "There is no such file.\n", with_content)
            return
        kind = _KINDS.get(PurePosixPath(address).suffix, "application/octet-stream")
        self._send(HTTPStatus.OK, kind, content, with_content)

    def _say(self, status: HTTPStatus, text: str, with_content: bool) -> None:
        self._send(status, _KINDS[".txt"], text.encode(), with_content)

    def _send(self, status: HTTPStatus, kind: str, content: bytes, with_content: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_content:
            self.wfile.write(content)

    def end_headers(self) -> None:
        """Add what every answer has."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is for what a person should read."""


def is_own(host: str, is_open: bool = False) -> bool:
    """Whether a request's header `Host` is one of this machine: another site whose name leads here is refused.

    Args:
        host: The header, with or without a port.
        is_open: Whether others may ask too; then by any address, but by no name.

    Example:

    >>> is_own("127.0.0.1:8000"), is_own("localhost:8000"), is_own("rebound.example:8000"), is_own("192.168.1.7:8000")
    (True, True, False, False)
    >>> is_own("192.168.1.7:8000", is_open=True), is_own("rebound.example:8000", is_open=True)
    (True, False)
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name == "localhost":
            return True
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return is_open or address.is_loopback


def own_address(version: int = 4) -> str:
    """The address of this machine on its network; the local one where it is on none. Nothing is sent.

    Args:
        version: Of the Internet protocol, 4 or 6.
    """
    family, elsewhere, local = (
        (socket.AF_INET6, "2001:db8::1", "::1") if version == 6 else (socket.AF_INET, "192.0.2.1", LOCAL)
    )
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect((elsewhere, 9))
            return str(asked.getsockname()[0])
        except OSError:
            return local

"""The server of the page: its files and nothing else, for this machine alone, and nothing that a page could misuse."""

import http.client
import re
import socket
import threading
from pathlib import Path

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.page.server import POLICY, PageServer, own_address

STATIC = Path(__file__).parents[2] / "web" / "page" / "static"


@pytest.fixture
def served(tmp_path):
    """A server of two files; what asks it, and the folder with one of them."""
    (tmp_path / "model.tflite").write_bytes(b"model")
    (tmp_path / "secret.txt").write_text("secret")
    files = {"index.html": b"<!doctype html>", "bundle/model.tflite": tmp_path / "model.tflite"}
    with PageServer(files) as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        yield lambda *words, **headers: asked(server, *words, **headers), tmp_path, server
        server.shutdown()
        running.join()


def asked(server, path, method="GET", **headers):
    """The answer to a request: status, headers, content."""
    host, port = server.server_address[:2]
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", headers.pop("host", f"127.0.0.1:{port}"))
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def test_it_serves_its_files_with_a_policy(served):
    ask, folder, server = served
    status, headers, content = ask("/")
    assert (status, content, headers["Content-Type"]) == (200, b"<!doctype html>", "text/html; charset=utf-8")
    assert headers["Content-Security-Policy"] == POLICY and headers["X-Content-Type-Options"] == "nosniff"
    assert ask("/bundle/model.tflite?x=1")[2] == b"model"
    status, headers, content = ask("/bundle/model.tflite", "HEAD")
    assert (status, headers["Content-Length"], content) == (200, "5", b"")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", server.address)
    (folder / "model.tflite").unlink()
    assert ask("/bundle/model.tflite")[0] == 404


@pytest.mark.parametrize(
    "path",
    ["/secret.txt", "/bundle/secret.txt", "/bundle/../secret.txt", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
     "/bundle/..%2fsecret.txt", "//etc/passwd", "/bundle%5c..%5csecret.txt", "/bundle/", "/index.html/", "/%00",
     "/bundle/model.tflite%00.txt", "http://[/"],
)  # fmt: skip
def test_nothing_else_of_the_disk_is_served(served, path):
    status, headers, content = served[0](path)
    assert (status, content) == (404, b"There is no such file.\n") and headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:8000", "192.168.1.7", "", "127.0.0.1.example"])
def test_a_name_that_leads_here_is_refused(served, host):
    status, _, content = served[0]("/", host=host)
    assert status == 403 and content.startswith(b"This page is at http://127.0.0.1:")


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "[::1]:80"])
def test_this_machine_may_be_named_in_any_way(served, host):
    assert served[0]("/", host=host)[0] == 200


def test_other_methods_are_refused(served):
    assert served[0]("/", "POST")[0] == 501


def test_where_others_may_ask_they_do_so_by_an_address():
    with PageServer({"index.html": b"1"}, "0.0.0.0") as server:
        assert server.is_open and own_address() in server.address
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        found = [asked(server, "/", host=host)[0] for host in ("192.168.1.7:80", "rebound.example")]
        server.shutdown()
        running.join()
    assert found == [200, 403]


def test_a_taken_port_and_no_address_are_one_line():
    with PageServer({}) as server:
        port = server.server_address[1]
        with pytest.raises(RnnkitError, match=f"Nothing can be served at 127.0.0.1, port {port} .*Give another --port"):
            PageServer({}, port=port)
    with pytest.raises(RnnkitError, match="--host is 'home'; expected an address"):
        PageServer({}, "home")
    with pytest.raises(RnnkitError, match=r"--port is 70000; expected one of 0 to 65535"):
        PageServer({}, port=70_000)
    with pytest.raises(RnnkitError, match=r"--host is '192\.0\.2\.1', which is none of this machine's"):
        PageServer({}, "192.0.2.1")


def test_nobody_is_asked_for_the_name_of_this_machine(monkeypatch):
    def asked(*_):
        raise AssertionError("the network was asked for a name")

    monkeypatch.setattr(socket, "getfqdn", asked)
    PageServer({}, "0.0.0.0").server_close()


def test_a_static_host_serves_the_same_policy():
    """But for the directive that a page cannot give itself."""
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    written = re.search(r'http-equiv="Content-Security-Policy"\s+content="([^"]+)"', page)
    assert written and f"{written[1]}; frame-ancestors 'none'" == POLICY
    assert "<style" not in page and re.findall(r"<script[^>]*>([^<]*)", page) == [""]

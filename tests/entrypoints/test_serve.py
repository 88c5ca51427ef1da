"""The server ends gently: whoever was being answered when it was told to stop still gets the whole answer."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cellbank.core.errors import StartUpError
from cellbank.entrypoints.serve import ThreadedServer

REPOSITORY = Path(__file__).resolve().parents[2]

# The program answers slowly and tells on standard output when it began; the test then sends SIGTERM.
SLOW_SERVER = textwrap.dedent("""
    import time
    from cellbank.entrypoints.serve import ThreadedServer

    def answer(environ, start_response):
        print("began", flush=True)
        time.sleep(1.5)
        start_response("200 OK", [("Content-Length", "3000000")])
        return [b"x" * 1000000] * 3

    ThreadedServer(answer, "127.0.0.1", 0, threads=2).run()
    print("ended", flush=True)
""")


@pytest.fixture
def slow_server():
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_SERVER], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_request_in_flight_is_answered_whole_after_sigterm(slow_server):
    address = slow_server.stdout.readline().split()[-1]

    with ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(lambda: urllib.request.urlopen(address, timeout=20).read())
        assert slow_server.stdout.readline() == "began\n"
        os.kill(slow_server.pid, signal.SIGTERM)

        assert len(answer.result(timeout=20)) == 3_000_000
    assert slow_server.stdout.readline() == "ended\n"
    assert slow_server.wait(timeout=20) == 0


def test_after_sigterm_nobody_is_let_in_any_more(slow_server):
    address = slow_server.stdout.readline().split()[-1]
    port = int(address.rpartition(":")[2])

    with ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(lambda: urllib.request.urlopen(address, timeout=20).read())
        assert slow_server.stdout.readline() == "began\n"
        os.kill(slow_server.pid, signal.SIGTERM)
        assert len(answer.result(timeout=20)) == 3_000_000

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_an_idle_server_ends_at_once_on_sigterm_though_a_browser_keeps_its_connection(slow_server):
    address = slow_server.stdout.readline().split()[-1]
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5):
        os.kill(slow_server.pid, signal.SIGTERM)

        assert slow_server.wait(timeout=10) == 0


def test_a_taken_port_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(StartUpError, match=rf"^Cannot listen on 127\.0\.0\.1:{port}: [^\n]+$"):
            ThreadedServer(lambda *_: [], "127.0.0.1", port, threads=1)

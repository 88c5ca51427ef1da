"""The server ends gently: whoever was being answered when it was told to stop still gets the whole answer."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
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

# The same with two processes; the database is only named, nobody connects to it.
SLOW_PROCESSES = textwrap.dedent("""
    import sys, time
    from cellbank.core.settings import Settings
    from cellbank.entrypoints.serve import serve

    def answer(environ, start_response):
        print("began", flush=True)
        time.sleep(1.5)
        start_response("200 OK", [("Content-Length", "3000000")])
        return [b"x" * 1000000] * 3

    settings = Settings(database_url="postgresql://bank@db/bank", workers=2, threads=2, port=int(sys.argv[1]))
    serve(lambda: answer, settings)
""")


def started(program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=REPOSITORY,
    )


@pytest.fixture
def slow_server():
    process = started(SLOW_SERVER)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def slow_processes():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = started(SLOW_PROCESSES, str(port))
    yield process
    process.terminate()
    process.wait()
    process.stdout.close()


def ask_when_up(address):
    """The first request may come before the processes listen."""
    for _ in range(100):
        try:
            return urllib.request.urlopen(address, timeout=20).read()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"nobody listens on {address}")


def test_several_processes_also_answer_a_request_in_flight_after_sigterm(slow_processes):
    address = slow_processes.stdout.readline().split()[-1]

    with ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(ask_when_up, address)
        assert slow_processes.stdout.readline() == "began\n"
        os.kill(slow_processes.pid, signal.SIGTERM)

        assert len(answer.result(timeout=20)) == 3_000_000
    assert slow_processes.wait(timeout=20) == 0


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

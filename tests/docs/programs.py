"""`rnnkit` and `python` for the commands of a page, quick to start: their processes are forked from one that has
loaded TensorFlow.

    python programs.py serve SOCKET         forks a process for each call, until its standard input is closed
    python programs.py call SOCKET WORDS    has WORDS run there, with this process's files, folder and variables

WORDS are `rnnkit ...`, `python -m MODULE ...`, `python FILE ...`, or `python -c CODE`.
"""

import json
import os
import runpy
import socket
import sys


def call(path: str, words: list[str]) -> int:
    """Ask the server to run the words, and return the exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        said = json.dumps({"words": words, "cwd": os.getcwd(), "environment": dict(os.environ)}).encode()
        socket.send_fds(server, [len(said).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(said)
        return int(server.recv(4) or b"70")


def serve(path: str) -> None:
    """Load TensorFlow, then fork for each call."""
    from rnnkit.quiet import load_keras

    load_keras()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        size, files, _, _ = socket.recv_fds(client, 4, 3)
        if os.fork():
            client.close()
            for file in files:
                os.close(file)
            continue
        listener.close()
        said = b""
        while len(said) < int.from_bytes(size, "big"):
            said += client.recv(1 << 16)
        if child := os.fork():  # which alone has the reader's files
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            client.sendall(str(status if status >= 0 else 128 - status).encode())
            os._exit(0)
        client.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        _run(**json.loads(said))


def _run(words: list[str], cwd: str, environment: dict[str, str]) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # as Python opens them for these files
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)
    sys.stderr = sys.__stderr__ = open(2, "w", closefd=False, errors="backslashreplace", buffering=1)
    code: object = 0
    try:
        program, *rest = words
        sys.path[0] = ""
        if program == "rnnkit":
            sys.argv = ["rnnkit", *rest]
            from rnnkit.__main__ import main

            main()
        elif rest[0] == "-m":
            sys.argv = rest[1:]
            runpy.run_module(rest[1], run_name="__main__", alter_sys=True)
        elif rest[0] == "-c":
            sys.argv = ["-c", *rest[2:]]
            exec(compile(rest[1], "<the page>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv = rest
            sys.path[0] = os.path.dirname(rest[0])
            runpy.run_path(rest[0], run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[2], sys.argv[3:]))

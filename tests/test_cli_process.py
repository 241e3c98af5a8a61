"""The command line as a process: pipes, signals, streams, the server."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from socket import socket

import pytest
from commands import ARTICLE, process


@pytest.fixture
def articles(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, "utf-8")
    return path


def test_records_come_out_as_they_go_in():
    with process("clean") as running:
        for number in range(3):
            running.stdin.write(json.dumps({"id": number, "text": ARTICLE}).encode() + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == number
        running.stdin.close()
        assert (running.wait(), running.stderr.read()) == (0, b"")


def test_a_terminal_is_told_that_its_input_is_awaited():
    keyboard, terminal = os.openpty()
    try:
        command = [sys.executable, "-m", "provenance", "clean", "--format", "text"]
        with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stderr.readline().startswith(b"provenance: reading standard input")
            os.write(keyboard, b"The harbour was closed on Tuesday.\n\x04")
            assert running.communicate() == (b"The harbour was closed on Tuesday.\n", b"")
            assert running.returncode == 0
    finally:
        os.close(keyboard)
        os.close(terminal)


def test_compare_colours_the_words_in_common_on_a_terminal(tmp_path):
    for name, ferry in {"a.txt": "ferries", "b.txt": "steamers"}.items():
        (tmp_path / name).write_text(ARTICLE.replace("ferries", ferry), "utf-8")
    screen, terminal = os.openpty()
    try:
        command = [sys.executable, "-m", "provenance", "compare", tmp_path / "a.txt", tmp_path / "b.txt"]
        plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        size = {"TERM": "xterm", "COLUMNS": "60"}
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=terminal, env=plain | size, check=True)
        shown = os.read(screen, 100_000).decode("utf-8", "replace")
    finally:
        os.close(screen)
        os.close(terminal)
    marked = " ".join(re.findall("\x1b\\[1;3\\dm([^\x1b]*)", shown))
    assert "harbour" in marked
    assert "ferries" not in marked
    assert "steamers" not in marked
    lines = re.sub("\x1b\\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines)) <= 60
    assert {line[:3] for line in lines if line.startswith(("A", "B"))} == {"A  ", "B  "}


def test_a_closed_pipe_ends_it_quietly(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text((json.dumps({"text": ARTICLE}) + "\n") * 500)
    with process("clean", path) as running:
        running.stdout.readline()
        running.stdout.close()
        assert (running.wait(), running.stderr.read()) == (0, b"")


def test_ctrl_c_ends_it_quietly():
    with process("clean") as running:
        running.stdin.write(json.dumps({"text": ARTICLE}).encode() + b"\n")
        running.stdin.flush()
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert (running.wait(), running.stderr.read()) == (130, b"")


def test_a_full_disk_is_an_error_of_one_line(articles):
    command = [sys.executable, "-m", "provenance", "clean", articles]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"provenance: output: No space left on device\n")


def test_what_is_read_in_a_plain_locale_is_written_in_utf_8(articles):
    done = subprocess.run(
        [sys.executable, "-m", "provenance", "clean", articles, "--format", "text"],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert done.stdout.decode() == ARTICLE


def test_serve_says_when_the_port_is_taken(tmp_path):
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with process("serve", "--data", tmp_path, "--port", taken.getsockname()[1]) as running:
            assert running.wait() == 2
            line = running.stderr.read().decode()
            assert line.startswith("provenance: cannot listen on 127.0.0.1:")
            assert line.endswith(": Address already in use\n")


def keys(*arguments, data):
    command = [sys.executable, "-m", "provenance", "keys", *arguments, "--data", data]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_keys_are_made_listed_and_revoked(tmp_path):
    data = tmp_path / "data"
    assert keys("list", data=data).stdout == ""
    made = keys("add", "post", "--scope", "check", "--label", "news desk", data=data)
    assert (made.returncode, re.fullmatch(r"prov_[a-z0-9]{12}_[\w-]{43}\n", made.stdout) is not None) == (0, True)
    name = made.stdout.split("_")[1]
    assert made.stderr == f"provenance: key {name} of post: check\n"
    (row,) = [json.loads(line) for line in keys("list", data=data).stdout.splitlines()]
    assert (row["id"], row["tenant"], row["scopes"], row["revoked"]) == (name, "post", ["check"], None)
    assert keys("revoke", name, data=data).returncode == 0
    again = keys("revoke", name, data=data)
    assert (again.returncode, again.stderr) == (2, f"provenance: {name}: no such key, or it was revoked before\n")
    assert keys("add", "../x", data=data).returncode == 2

"""Full disks and killed parents: what is said, what stays, and what ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import relutope as rt
from relutope.cli import main
from relutope.common.files import mark_failed, replacing, write_text

FULL = OSError(28, "No space left on device")


def test_replacing_names_the_target_and_cleans_up(tmp_path):
    target = tmp_path / "result.txt"
    write_text(target, "old\n")
    with pytest.raises(OSError, match=r"No space left on device: .*result\.txt"), replacing(target):
        raise FULL
    with pytest.raises(KeyboardInterrupt), replacing(target) as fresh:
        _write_half(fresh)
    assert target.read_text() == "old\n"
    assert [file.name for file in tmp_path.iterdir()] == ["result.txt"]


def _write_half(path):
    path.write_text("half")
    raise KeyboardInterrupt


def test_links_and_pipes_are_written_to_not_replaced(tmp_path):
    target, link, pipe = tmp_path / "result.txt", tmp_path / "link.txt", tmp_path / "pipe"
    link.symlink_to(target)
    write_text(link, "new\n")
    assert link.is_symlink()
    assert target.read_text() == "new\n"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "sent\n")
        assert os.read(reader, 100) == b"sent\n"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        write_text(tmp_path, "lost\n")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.txt", "pipe", "result.txt"]


def test_every_writer_has_a_name_of_its_own(tmp_path):
    target = tmp_path / "result.txt"
    with replacing(target) as one, replacing(target) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert target.read_text() == "one"


def test_a_state_is_marked_in_place(tmp_path):
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"state": "running", "rows": 3}, indent=2))
    size = path.stat().st_size
    mark_failed(path)
    assert json.loads(path.read_text()) == {"state": "failed", "rows": 3}
    assert path.stat().st_size == size
    mark_failed(path)
    mark_failed(tmp_path / "nothing.json")
    assert json.loads(path.read_text())["state"] == "failed"


@pytest.fixture
def _full_disk(monkeypatch):
    from relutope.lab.study import running

    def full(_):
        raise FULL

    monkeypatch.setattr(running, "_write_report", full)


@pytest.mark.usefixtures("_full_disk")
def test_a_study_on_a_full_disk(tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    out = tmp_path / "study"
    words = ["study", "classification", "--data", "moons", "--hidden", "4", "--epochs", "3"]
    assert main([*words, "--records", "2", "--quiet", "--out", str(out)]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "no space left on device" in said[0].lower()
    assert json.loads((out / "study.json").read_text())["state"] == "failed"
    assert rt.load(out / "complex.npz").n_cells >= 1
    assert rt.load_network(out / "weights.npz").input_dim == 2


WORKERS = """
import sys, time
from relutope.lab.reproduce.seeds import run_seeds

def job(settings, seed):
    print(seed, __import__("os").getpid(), flush=True)
    time.sleep(120)
    return {}

if __name__ == "__main__":
    run_seeds(job, None, [0, 1], 2, lambda seed, found: None)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed")
    script = tmp_path / "workers.py"
    script.write_text(WORKERS)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(parent.stdout.readline().split()[1]) for _ in range(2)]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while any(map(_runs, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_runs, workers))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return True

"""Real schedulers on this machine: Dask, with workers that are killed, and MPI."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import relutope as rt
from clusters import assert_same, deep, wide

HERE = Path(__file__).parent
pytestmark = pytest.mark.filterwarnings("default")  # those of the schedulers are theirs


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask_gives_the_same_bytes(client, tmp_path):
    pytest.importorskip("pyarrow")
    network, box = deep()
    whole = rt.decompose(network, box)
    executor = client.get_executor()
    assert_same(rt.decompose(network, box, executor=executor), whole, tmp_path)
    assert int(rt.count(network, box, executor=executor)) == whole.n_cells
    store = rt.decompose(network, box, executor=executor, store=tmp_path / "store")
    assert_same(store.to_memory(), whole, tmp_path)


def test_dask_workers_that_are_killed_cost_their_tasks_only(client, tmp_path):
    network, box = wide(90)
    killed = []

    def kill(cells, done, parts):
        if len(killed) < 3:
            workers = client.run(os.getpid, on_error="ignore")
            alive = [pid for pid in workers.values() if isinstance(pid, int)]
            for pid in alive[:1]:  # none while they are started again
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    cx = rt.decompose(network, box, executor=client.get_executor(), progress=kill)
    assert killed
    assert_same(cx, rt.decompose(network, box), tmp_path)


def started(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_store_outlives_the_scheduler(tmp_path):
    """Scheduler and workers by their command lines; all of them are killed, and started again."""
    distributed = pytest.importorskip("distributed")
    pytest.importorskip("pyarrow")
    network, box = wide(90)
    for attempt in range(2):
        address = tmp_path / f"scheduler-{attempt}.json"
        run = [
            started(
                "distributed.cli.dask_scheduler",
                *("--port", "0", "--no-dashboard", "--scheduler-file", str(address)),
            )
        ]
        run += [
            started(
                "distributed.cli.dask_worker",
                *("--scheduler-file", str(address), "--nthreads", "1", "--no-dashboard"),
                *("--local-directory", str(tmp_path / f"worker-{attempt}-{k}"), "--no-nanny"),
            )
            for k in range(2)
        ]
        try:
            until = time.monotonic() + 120
            while not address.exists() and time.monotonic() < until:
                time.sleep(0.1)
            with distributed.Client(scheduler_file=str(address), timeout=120) as client:
                client.wait_for_workers(2, timeout=120)
                progress = (lambda cells, done, parts: done >= 3) if attempt == 0 else False
                try:
                    store = rt.decompose(
                        network,
                        box,
                        store=tmp_path / "store",
                        executor=client.get_executor(),
                        progress=progress,
                    )
                except rt.StoppedError:
                    assert attempt == 0
        finally:
            for process in run:
                process.kill()
                process.wait()
        if attempt == 0:
            assert rt.open_store(tmp_path / "store").jobs_done >= 3
            assert not rt.open_store(tmp_path / "store").complete
    assert_same(store.to_memory(), rt.decompose(network, box), tmp_path)


def test_mpi_gives_the_same_bytes(tmp_path):
    pytest.importorskip("mpi4py")
    pytest.importorskip("pyarrow")
    mpiexec = shutil.which("mpiexec")
    if mpiexec is None:
        pytest.skip("no mpiexec: apt-get install openmpi-bin")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
            import sys; sys.path.insert(0, {str(HERE)!r})
            from mpi4py.futures import MPIPoolExecutor
            import relutope as rt
            from clusters import deep

            if __name__ == "__main__":
                with MPIPoolExecutor() as executor:
                    rt.decompose(*deep(), executor=executor).save({str(tmp_path / "cx.npz")!r})
                    rt.decompose(*deep(), executor=executor, store={str(tmp_path / "store")!r})
                    print(int(rt.count(*deep(), executor=executor)))
        """)
    )
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    done = subprocess.run(
        [mpiexec, "--oversubscribe", "-n", "2", sys.executable, "-m", "mpi4py.futures", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    whole = rt.decompose(*deep())
    assert int(done.stdout) == whole.n_cells
    assert_same(rt.load(tmp_path / "cx.npz"), whole, tmp_path)
    assert_same(rt.open_store(tmp_path / "store").to_memory(), whole, tmp_path)


def test_the_slurm_script_starts_workers_with_what_was_asked_for(tmp_path):
    jobqueue = pytest.importorskip("dask_jobqueue")
    with jobqueue.SLURMCluster(
        queue="compute",
        account="mathematics",
        cores=4,
        processes=4,
        memory="16GB",
        walltime="02:00:00",
        job_script_prologue=["source ~/relutope/bin/activate"],
        scheduler_options={"dashboard_address": None},
        log_directory=str(tmp_path),
    ) as cluster:
        script = cluster.job_script()
    lines = script.splitlines()
    assert lines[0].startswith("#!")
    for wanted in ("-p compute", "-A mathematics", "--cpus-per-task=4", "--mem=15G", "-t 02:00:00"):
        assert f"#SBATCH {wanted}" in lines
    command = next(line for line in lines if "distributed.cli.dask_worker" in line)
    assert "--nworkers 4" in command
    assert "--nthreads 1" in command
    assert lines.index("source ~/relutope/bin/activate") < lines.index(command)
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0

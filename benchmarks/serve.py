"""How soon `fascicle serve` answers, and how much memory it holds: run by hand, `make bench`.

Prints a bare interpreter that only imports uvicorn and FastAPI beside it, since these machines are noisy.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PROGRAM = [sys.executable, "-m", "fascicle"]
RUNS = 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_answer(folder: Path) -> tuple[float, float]:
    """Seconds from start to the first 200 of /healthz, and megabytes resident after a hundred pages."""
    port = free_port()
    env = {**os.environ, "FASCICLE_LISTEN": f"127.0.0.1:{port}"}
    begin = time.perf_counter()
    child = subprocess.Popen([*PROGRAM, "serve"], cwd=folder, env=env, stderr=subprocess.DEVNULL)
    try:
        while not answers(f"http://127.0.0.1:{port}/healthz"):
            time.sleep(0.01)
        took = time.perf_counter() - begin
        for _ in range(100):
            answers(f"http://127.0.0.1:{port}/")
        return took, resident(child.pid)
    finally:
        child.terminate()
        child.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def resident(pid: int) -> float:
    """Megabytes in memory, from the kernel (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def baseline() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import uvicorn, fastapi, sqlalchemy"], check=True)
    return time.perf_counter() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*PROGRAM, "init"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        base = min(baseline() for _ in range(RUNS))
        runs = [first_answer(folder) for _ in range(RUNS)]
    took, memory = min(run[0] for run in runs), max(run[1] for run in runs)
    print(f"baseline, importing uvicorn, fastapi, sqlalchemy: {base:.2f} s")
    print(f"first answer of serve: {took:.2f} s (best of {RUNS}), {took / base:.1f} x the baseline")
    print(f"resident after 100 pages: {memory:.0f} MB (worst of {RUNS})")


if __name__ == "__main__":
    main()

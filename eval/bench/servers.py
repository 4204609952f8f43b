"""Servers in processes of their own, to be measured from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

START_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, without a slash at the end, and its process."""

    address: str
    process: int

    def resident_megabytes(self) -> float:
        """Memory that the process holds now; Linux only."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    def processor_seconds(self) -> float:
        """Processor time that the process has used so far; Linux only."""
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        # utime and stime, counted from the field after the name in brackets.
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def product(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The product on a free port, over the index in ``data_dir``, with other ``settings`` by their names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_")}
    port = free_port()
    # The questions are recorded, as they are where people ask, but not beside theirs.
    with TemporaryDirectory(prefix="policy-bench-") as folder:
        records = f"sqlite:///{folder}/records.sqlite3"
        own = {**kept, "POLICY_DATA_DIR": str(data_dir), "POLICY_DATABASE_URL": records, **(settings or {})}
        with _started(["-m", "app", "serve", "--host", "127.0.0.1", "--port", str(port)], port, own) as server:
            yield server


@contextmanager
def embed_only() -> Iterator[Server]:
    """The server that only embeds."""
    port = free_port()
    with _started(["-m", "eval.bench.embed_only", str(port)], port, dict(os.environ)) as server:
        yield server


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def _started(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, f"{address}/readyz")
        yield Server(address, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    # Without the machine's proxy, which knows nothing of this address.
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            complaint = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
            raise RuntimeError(f"the server did not start: {complaint}")
        try:
            with opener.open(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server was not ready after {START_SECONDS:g} s")

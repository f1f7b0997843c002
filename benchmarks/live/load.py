"""Drives one server with wrk and reads what it cost: requests a second, latency, processor time."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from math import inf
from pathlib import Path

from benchmarks.live.processes import cpu_ms
from benchmarks.live.queries import request
from benchmarks.live.servers import Server

MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True, slots=True)
class Figure:
    """One read of one server under one load."""

    server: str
    read: str
    connections: int
    rate: float
    p50: float
    p99: float
    api_ms: float
    database_ms: float

    def better(self, other: "Figure") -> "Figure":
        """The best of two rounds of the same measurement, value by value."""
        return Figure(
            self.server,
            self.read,
            self.connections,
            max(self.rate, other.rate),
            min(self.p50, other.p50),
            min(self.p99, other.p99),
            min(self.api_ms, other.api_ms),
            min(self.database_ms, other.database_ms),
        )


def measure(server: Server, read: str, uid: str, *, database: int, connections: int, seconds: int) -> Figure:
    """Ask for some seconds over so many connections."""
    before = cpu_ms(server.process), cpu_ms(database)
    report = drive(server, read, uid, connections=connections, seconds=seconds)
    api_ms, database_ms = cpu_ms(server.process) - before[0], cpu_ms(database) - before[1]
    answers = int(_find(r"(\d+) requests in", report)[1])
    if "Non-2xx" in report or "Socket errors" in report:
        raise RuntimeError(f"{server.name} did not answer every {read}:\n{report}")
    if answers == 0:
        return Figure(server.name, read, connections, 0, inf, inf, inf, inf)
    return Figure(
        server.name,
        read,
        connections,
        float(_find(r"Requests/sec:\s+([\d.]+)", report)[1]),
        _latency(50, report),
        _latency(99, report),
        api_ms / answers,
        database_ms / answers,
    )


def drive(server: Server, read: str, uid: str, *, connections: int, seconds: int) -> str:
    """What wrk prints."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "read.lua"
        script.write_text(_script(request(server.dialect, read, uid)[1], server.headers))
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout=20s", f"-s{script}"]
        return subprocess.run(
            [wrk, *options, server.url(read, uid)],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + 40,
        ).stdout


def _script(body: str, headers: dict[str, str]) -> str:
    lines = ["wrk.method = 'POST'", f"wrk.body = [==[{body}]==]"]
    every = {"Content-Type": "application/json"} | headers
    return "\n".join(lines + [f"wrk.headers['{name}'] = '{value}'" for name, value in every.items()])


def _latency(percent: int, report: str) -> float:
    found = _find(rf"{percent}%\s+([\d.]+)(us|ms|s|m)", report)
    return float(found[1]) * MILLISECONDS[found[2]]


def _find(pattern: str, report: str) -> re.Match[str]:
    found = re.search(pattern, report)
    if found is None:
        raise RuntimeError(f"wrk printed something new:\n{report}")
    return found

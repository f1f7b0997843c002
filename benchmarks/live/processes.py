"""Which process listens on a port, and how much processor time it has used: read from /proc."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from graph import keeper

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
LISTENING = "0A"


def free_port() -> int:
    """A loopback port nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listener(port: int) -> int | None:
    """The process that accepts connections on this port, None while there is none."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for handle in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        try:
            if os.readlink(handle) in sockets:
                return int(handle.parts[2])
        except OSError:
            continue  # it ended, or closed the file, meanwhile
    return None


def cpu_ms(process: int) -> float:
    """User and system time of all threads of a process since it started."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_MS


def embedded(home: Path) -> int | None:
    """The process of the embedded engine of a home, None where there is none."""
    facts = keeper.read_state(home / "graph") or {}
    port = urlsplit(facts.get("url", "")).port
    return listener(port) if port else None


def peak_mib(process: int | None = None) -> float:
    """The most memory that a process has held, this one if none is given."""
    status = Path(f"/proc/{process or os.getpid()}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _inodes(port: int) -> set[str]:
    rows = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text().splitlines()[1:]
    ]
    return {row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port}

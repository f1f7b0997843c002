"""The embedded engine lives exactly as long as somebody holds it, however they end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph import keeper
from tests.processes import process_of

# an engine in one line: it listens on the port it was given, and never ends by itself
LISTEN = "import socket,sys,time; s=socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(999)"
HOLDER = """
import sys, time
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from test_keeper import hold
facts = hold(Path({folder!r})).facts
print(facts["port"], flush=True)
time.sleep(999)
"""


def _engine() -> keeper.Engine:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    return keeper.Engine([sys.executable, "-c", LISTEN, str(port)], {"port": port}, stable_seconds=0.3)


def _ready(facts: dict[str, Any]) -> bool:
    try:
        socket.create_connection(("127.0.0.1", facts["port"]), 1).close()
    except OSError:
        return False
    return True


def hold(folder: Path) -> keeper.Hold:
    return keeper.hold(folder, _engine, _ready, 20)


def _holder(folder: Path) -> tuple[subprocess.Popen[str], int]:
    code = HOLDER.format(
        folder=str(folder), tests=str(Path(__file__).parent), root=str(Path(keeper.__file__).parents[1])
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_the_engine_stops_with_the_last_holder(tmp_path: Path) -> None:
    first, second = hold(tmp_path), hold(tmp_path)
    assert first.facts == second.facts
    first.release()
    assert _ready(second.facts)
    second.release()
    assert _until(lambda: not _ready(second.facts))


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    process, port = _holder(tmp_path)
    mine = hold(tmp_path)
    assert mine.facts["port"] == port
    _end(process)
    time.sleep(0.2)
    assert _ready(mine.facts)
    mine.release()
    assert _until(lambda: not _ready(mine.facts))


def test_two_homes_never_meet(tmp_path: Path) -> None:
    one, other = hold(tmp_path / "one"), hold(tmp_path / "other")
    assert one.facts["port"] != other.facts["port"]
    one.release()
    assert _ready(other.facts)
    other.release()


async def test_many_starting_at_once_share_one_engine(tmp_path: Path) -> None:
    holds = await asyncio.gather(*[asyncio.to_thread(hold, tmp_path) for _ in range(8)])
    assert len({one.facts["port"] for one in holds}) == 1
    for one in holds:
        one.release()


def test_starting_while_the_last_engine_stops_gives_a_new_one(tmp_path: Path) -> None:
    for _ in range(5):
        one = hold(tmp_path)
        assert _ready(one.facts)
        one.release()


@pytest.mark.skipif(sys.platform != "linux", reason="the engine follows its keeper by a signal of Linux")
def test_a_killed_keeper_takes_the_engine_along_and_the_next_command_recovers(tmp_path: Path) -> None:
    before = hold(tmp_path)
    os.kill(process_of(f"keeper.py|{tmp_path}|"), signal.SIGKILL)
    assert _until(lambda: not _ready(before.facts))
    after = hold(tmp_path)
    assert _ready(after.facts)
    before.release()
    after.release()
    assert _until(lambda: not _ready(after.facts))


@pytest.mark.skipif(sys.platform != "linux", reason="finds the engine in /proc")
@pytest.mark.parametrize("age", [0.0, 0.4], ids=["just started", "stable"])
def test_an_engine_that_is_killed_comes_back_where_its_clients_know_it(tmp_path: Path, age: float) -> None:
    one = hold(tmp_path)
    time.sleep(age)
    os.kill(process_of(f"time.sleep(999)|{one.facts['port']}"), signal.SIGKILL)
    time.sleep(0.05)
    assert _until(lambda: _ready(one.facts))
    one.release()
    assert _until(lambda: not _ready(one.facts))


def test_an_engine_that_is_killed_each_time_is_given_up(tmp_path: Path) -> None:
    suicide = "import os; print('no room', flush=True); os.kill(os.getpid(), 9)"
    broken = keeper.Engine([sys.executable, "-c", suicide], {"port": 1})
    with pytest.raises(keeper.NotStarted, match="no room"):
        keeper.hold(tmp_path, lambda: broken, _ready, 60, attempts=1)


def test_a_stale_record_of_a_dead_engine_is_passed_over(tmp_path: Path) -> None:
    keeper.write_private(tmp_path / "engine.json", '{"facts": {"port": 1}}')
    one = hold(tmp_path)
    assert one.facts["port"] != 1
    one.release()


def test_an_engine_that_cannot_start_is_explained_with_its_log(tmp_path: Path) -> None:
    broken = keeper.Engine([sys.executable, "-c", "raise SystemExit('no memory left')"], {"port": 1})
    with pytest.raises(keeper.NotStarted, match=r"no memory left \(log: .*engine\.log\)"):
        keeper.hold(tmp_path, lambda: broken, _ready, 20)


def test_what_a_home_keeps_is_private(tmp_path: Path) -> None:
    one = hold(tmp_path / "home")
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "home").iterdir()}
    assert set(modes.values()) == {0o600}
    one.release()

"""The embedded queue."""

import shutil
from pathlib import Path

import pytest
from redis.asyncio import Redis

from graph.errors import Unavailable
from jobs.embedded import embedded_queue
from jobs.settings import JobSettings


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_the_embedded_queue_keeps_what_it_was_given(tmp_path: Path) -> None:
    for expected in (None, b"1"):
        async with embedded_queue(JobSettings(home=tmp_path)) as url, Redis.from_url(url) as redis:
            assert await redis.get("kept") == expected
            await redis.set("kept", 1)
            assert (await redis.config_get("appendfsync"))["appendfsync"] == "everysec"


async def test_the_socket_is_private_and_inside_the_home(tmp_path: Path) -> None:
    async with embedded_queue(JobSettings(home=tmp_path)) as url:
        path = Path(url.removeprefix("unix://"))
        assert path.parent == tmp_path / "queue"
        assert _mode(path) & 0o077 == 0


async def test_a_home_of_a_long_path_has_its_socket_in_a_private_folder(tmp_path: Path) -> None:
    home = tmp_path / ("a-long-name-" * 10)
    for _ in range(2):
        async with embedded_queue(JobSettings(home=home)) as url, Redis.from_url(url) as redis:
            assert await redis.ping()
            folder = Path(url.removeprefix("unix://")).parent
            assert (home / "queue" / "socket").readlink() == folder
            assert _mode(folder) == 0o700
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_home_that_is_no_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=f"queue did not start: {tmp_path}/file is a file; move that file"):
        async with embedded_queue(JobSettings(home=tmp_path / "file" / "home")):
            pass

"""The doctor names what was planted, and how to mend it."""

import socket
from pathlib import Path

import pytest

from api import doctor
from api.settings import ApiSettings
from graph.doctor import Check
from graph.driver import Graph
from graph.settings import GraphSettings
from jobs.settings import JobSettings


def test_an_old_python_is_named() -> None:
    assert not doctor.python((3, 10, 4)).ok
    assert doctor.python().ok


def test_a_misspelt_setting_is_named_with_the_right_one() -> None:
    check = doctor.names(["MUHATAP_GRAPH_URI", "MUHATAP_PORT", "PATH"])
    assert not check.ok
    assert "MUHATAP_GRAPH_URI" in check.found
    assert "MUHATAP_GRAPH_URL" in check.fix
    assert doctor.names(["MUHATAP_PORT", "MUHATAP_SOMETHING_ELSE"]).ok


@pytest.mark.parametrize("home", ["file", "file/home"])
def test_a_file_in_the_place_of_the_home_is_named(tmp_path: Path, home: str) -> None:
    (tmp_path / "file").touch()
    assert doctor.home(GraphSettings(home=tmp_path / home)) == Check(
        "home",
        False,
        f"{tmp_path}/file is a file",
        "move that file away, or set MUHATAP_HOME to a folder of your own",
    )


@pytest.mark.skipif(not Path("/proc").exists(), reason="a folder in which nobody may make one")
def test_a_home_that_cannot_be_made_is_named_with_the_reason() -> None:
    check = doctor.home(GraphSettings(home=Path("/proc/new/home")))
    assert not check.ok
    assert check.found.startswith("/proc/new/home cannot be written: ")
    assert check.fix == "let this user write there, or set MUHATAP_HOME to a folder of your own"


def test_a_home_that_can_be_made_is_not_made(tmp_path: Path) -> None:
    assert doctor.home(GraphSettings(home=tmp_path / "new" / "home")).found.startswith(
        f"{tmp_path}/new/home, "
    )
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_DISK", 2**80)
    assert "GiB free" in doctor.home(GraphSettings(home=tmp_path)).found
    assert not doctor.home(GraphSettings(home=tmp_path)).ok


def test_a_port_of_another_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ASK_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = ApiSettings(port=other.getsockname()[1])
        check = doctor.port(settings)
    assert not check.ok
    assert "MUHATAP_PORT" in check.fix
    assert "is free" in doctor.port(settings).found
    assert doctor.port(ApiSettings(port=0)).ok


def test_every_limit_is_shown() -> None:
    found = doctor.limits(ApiSettings(limit_depth=7)).found
    assert "depth 7" in found
    assert "body 262,144" in found


async def test_a_graph_that_is_away_is_one_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MUHATAP_HOME", str(tmp_path))
    monkeypatch.setenv("MUHATAP_GRAPH_URL", "bolt://127.0.0.1:1")
    last = (await doctor.examine())[-1]
    assert (last.name, last.ok) == ("graph", False)
    assert "MUHATAP_GRAPH_URL" in last.fix


async def test_a_queue_that_is_away_is_one_finding(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = graph.settings
    monkeypatch.setenv("MUHATAP_HOME", str(settings.home))
    if settings.graph_url and settings.graph_password:
        monkeypatch.setenv("MUHATAP_GRAPH_URL", settings.graph_url)
        monkeypatch.setenv("MUHATAP_GRAPH_PASSWORD", settings.graph_password.get_secret_value())
    monkeypatch.setenv("MUHATAP_REDIS_URL", "redis://127.0.0.1:1")
    found = {check.name: check for check in await doctor.examine()}
    assert found["graph"].ok
    assert found["migrations"].ok
    assert not found["queue"].ok
    assert "MUHATAP_REDIS_URL" in found["queue"].fix


def test_without_work_an_embedded_queue_needs_no_worker() -> None:
    found = [
        Check("worker", False, "none reported", "start one"),
        Check("jobs", False, "1 waiting", "start one"),
    ]
    done, late = Check("outbox", True, "0 events", ""), Check("outbox", False, "9 events", "start one")
    assert all(check.ok for check in doctor.idle([*found, done], JobSettings(redis_url=None)))
    assert not any(check.ok for check in doctor.idle([*found, late], JobSettings(redis_url=None)))
    assert not doctor.idle([*found, done], JobSettings(redis_url="redis://somewhere"))[0].ok

"""The command: what it prints, where faults go, and that what keeps running ends in order."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from asyncio.subprocess import PIPE
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.cli import app, demo, rankings
from api.cli.picture import file_name
from api.cli.shell import run_app, seconds
from graph import runs
from graph.console import Part, RankedCustomer, Share, TalliedIdea, stranger
from graph.driver import Graph
from graph.errors import NotFound, Unavailable
from graph.folders import import_folder
from graph.records import now
from graph.settings import GraphSettings
from graph.tokens import Role, verify

FILES = {
    "customers.csv": "id,name\nayse,Ayşe\nbeth,Beth\ncan,Can\n",
    "communities.csv": "id,name\nfilter,Filter\n",
    "memberships.csv": "customer,community\nayse,filter\nbeth,filter\n",
    "mentions.csv": (
        "id,author,channel,text,at,in_reply_to,sentiment\n"
        "m1,ayse,forum,Harika kahve,2026-01-01T09:00:00Z,,0.8\n"
        "m2,beth,forum,So true,2026-01-01T10:00:00Z,m1,0.6\n"
        "m3,can,forum,Never again,2026-01-02T10:00:00Z,,-0.7\n"
        "m4,beth,forum,Oh no,2026-01-02T11:00:00Z,m3,0.1\n"
    ),
    "challenges.csv": "id,title\nnext,What next?\n",
    "ideas.csv": "id,challenge,title\ni1,next,Cold brew\n",
    "votes.csv": "voter,idea,value\nayse,i1,1\nbeth,i1,1\ncan,i1,-1\n",
}


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Muhatap = Callable[..., Said]


@pytest.fixture
def muhatap(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Muhatap:
    """Runs the command in this process, without any setting of this machine."""
    for name in [name for name in os.environ if name.startswith("MUHATAP_")]:
        monkeypatch.delenv(name)

    def run(*words: str, **settings: str) -> Said:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["muhatap", *words])
            code = run_app(app)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def engines(graph: Graph, settings: GraphSettings) -> dict[str, str]:
    """The settings of the engines under test, which are open and empty."""
    given = {"MUHATAP_HOME": str(settings.home)}
    if settings.graph_url and settings.graph_password:
        given["MUHATAP_GRAPH_URL"] = settings.graph_url
        given["MUHATAP_GRAPH_PASSWORD"] = settings.graph_password.get_secret_value()
    return given


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to import."""
    place = tmp_path / "small"
    place.mkdir()
    for name, text in FILES.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


def one_line(said: Said, code: int) -> str:
    """The only line of a command that failed."""
    assert said.code == code
    [line] = said.err.splitlines()
    assert line.startswith("muhatap: ")
    return line


def test_an_unknown_command_is_refused_in_one_line(muhatap: Muhatap) -> None:
    assert "frobnicate" in one_line(muhatap("frobnicate"), 2)


def test_a_wrong_word_names_those_that_are_right(muhatap: Muhatap) -> None:
    assert "influence" in one_line(muhatap("run", "everything"), 2)
    assert "product_manager" in one_line(muhatap("token", "--role", "BOSS"), 2)


def test_a_setting_that_cannot_be_read_is_named(muhatap: Muhatap) -> None:
    assert "MUHATAP_PORT" in one_line(muhatap("doctor", MUHATAP_PORT="many"), 2)
    assert "MUHATAP_GRAPH_HEAP" in one_line(muhatap("migrate", MUHATAP_GRAPH_HEAP="huge"), 2)


@pytest.mark.parametrize("command", [["migrate"], ["worker"], ["run", "tally"], ["token", "--role", "AGENT"]])
def test_a_graph_that_is_away_is_named(muhatap: Muhatap, command: list[str]) -> None:
    line = one_line(muhatap(*command, MUHATAP_GRAPH_URL="bolt://127.0.0.1:1"), 1)
    assert "bolt://127.0.0.1:1" in line


@pytest.mark.parametrize(
    "command",
    [
        ["migrate"],
        ["serve", "--port", "0"],
        ["worker"],
        ["run", "tally"],
        ["token", "--role", "AGENT"],
        ["import", "FOLDER"],
        ["export", "FOLDER/out"],
        ["demo", "--no-serve"],
    ],
    ids=lambda command: command[0],
)
def test_a_home_that_is_no_folder_is_named_with_what_to_do(
    muhatap: Muhatap, folder: Path, command: list[str]
) -> None:
    file = folder / "customers.csv"
    words = [word.replace("FOLDER", str(folder)) for word in command]
    assert one_line(muhatap(*words, MUHATAP_HOME=str(file / "home")), 1) == (
        f"muhatap: The embedded graph did not start: {file} is a file; "
        "move that file away, or set MUHATAP_HOME to a folder of your own"
    )


def test_a_folder_that_is_not_there_is_named(muhatap: Muhatap, tmp_path: Path) -> None:
    assert "none is not a folder" in one_line(muhatap("import", str(tmp_path / "none")), 1)


def test_a_port_that_is_taken_is_told_before_any_engine_starts(muhatap: Muhatap, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert port in one_line(muhatap("serve", "--port", port, MUHATAP_HOME=str(tmp_path / "home")), 1)
    assert not (tmp_path / "home").exists()


def test_a_fault_nobody_expected_is_one_line(muhatap: Muhatap, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ValueError("two\nlines")

    monkeypatch.setattr("api.cli.tools.doctor", broken)
    assert "ValueError: two lines" in one_line(muhatap("doctor"), 1)


def test_a_fault_on_a_full_disk_names_the_disk(
    muhatap: Muhatap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(**_: object) -> None:
        raise Unavailable("Internal error")

    usage = namedtuple("usage", ["free"])
    monkeypatch.setattr("api.cli.tools.doctor", broken)
    assert one_line(muhatap("doctor", MUHATAP_HOME=str(tmp_path)), 1) == "muhatap: Internal error"
    assert one_line(muhatap("doctor", MUHATAP_HOME=str(tmp_path / "none")), 1) == "muhatap: Internal error"
    monkeypatch.setattr("api.cli.shell.shutil.disk_usage", lambda _: usage(free=3))
    said = one_line(muhatap("doctor", MUHATAP_HOME=str(tmp_path)), 1)
    assert said == f"muhatap: Internal error; the disk of {tmp_path} is full: 0 MiB free"


def test_an_interrupt_leaves_with_its_own_code(muhatap: Muhatap, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("api.cli.tools.doctor", interrupted)
    assert one_line(muhatap("doctor"), 130) == "muhatap: interrupted"


def test_the_version_is_told(muhatap: Muhatap) -> None:
    assert re.fullmatch(r"muhatap \d+\.\d+\.\d+\n", muhatap("--version").out)


def test_the_schema_is_compared_with_the_file_here(
    muhatap: Muhatap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "schema.graphql is not in" in one_line(muhatap("schema", "--check"), 1)
    text = muhatap("schema").out
    Path("schema.graphql").write_text(text, encoding="utf-8")
    assert muhatap("schema", "--check").code == 0
    Path("schema.graphql").write_text(text.replace("type Query", "type Queries", 1), encoding="utf-8")
    differs = muhatap("schema", "--check")
    assert differs.code == 1
    assert "+type Query" in differs.out
    assert len(differs.err.splitlines()) == 1


def test_an_import_says_what_became_of_the_rows(
    muhatap: Muhatap, folder: Path, engines: dict[str, str]
) -> None:
    with (folder / "votes.csv").open("a", encoding="utf-8") as votes:
        votes.write("nobody,i1,1\n")
    tried = muhatap("import", str(folder), "--dry-run", "--json", **engines).json()
    assert tried["dry_run"]
    said = muhatap("import", str(folder), **engines)
    assert said.code == 0
    assert "votes.csv" in said.out
    assert "1 faults, each with line and reason" in said.out
    again = muhatap("import", str(folder), "--json", **engines).json()
    assert {file["file"]: file["written"] for file in again["files"]} == dict.fromkeys(FILES, 0)


def test_a_folder_without_import_files_fails(
    muhatap: Muhatap, tmp_path: Path, engines: dict[str, str]
) -> None:
    said = muhatap("import", str(tmp_path), **engines)
    assert said.code == 1
    assert "no import file" in said.err


def test_what_is_exported_can_be_imported(
    muhatap: Muhatap, folder: Path, tmp_path: Path, engines: dict[str, str]
) -> None:
    muhatap("import", str(folder), **engines)
    exported = muhatap("export", str(tmp_path / "out"), "--json", **engines).json()
    assert exported["files"]["customers.csv"] == 3
    assert muhatap("import", str(tmp_path / "out"), **engines).code == 0
    said = muhatap("export", str(tmp_path / "no"), "--challenge", "h9", "--audience", "h9", **engines)
    assert "export them one after the other" in one_line(said, 1)
    for option in ("--challenge", "--audience"):
        said = muhatap("export", str(tmp_path / "no"), option, "h9", **engines)
        assert "There is no challenge h9" in one_line(said, 1)


def test_a_migration_that_is_done_is_not_done_again(muhatap: Muhatap, engines: dict[str, str]) -> None:
    assert muhatap("migrate", "--json", **engines).json() == []


async def test_a_token_is_printed_alone_and_works(
    graph: Graph, engines: dict[str, str], folder: Path
) -> None:
    await import_folder(graph, folder)
    words = ("token", "--role", "customer", "--customer", "ayse", "--days", "1")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", *words, env=os.environ | engines, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    viewer = await verify(graph, out.decode().strip(), now=now())
    assert viewer is not None
    assert viewer.role is Role.CUSTOMER
    assert out.strip() not in err


def test_a_token_is_listed_and_ends_when_revoked(muhatap: Muhatap, engines: dict[str, str]) -> None:
    secret = muhatap("token", "--role", "AGENT", "--name", "lost laptop", **engines).out.strip()
    [key] = [key for key in muhatap("tokens", "--json", **engines).json() if key["name"] == "lost laptop"]
    assert secret.startswith(key["prefix"])
    assert key["good"]
    assert "revoked" in muhatap("revoke", key["id"], **engines).out
    listed = muhatap("tokens", **engines).out
    [line] = [line for line in listed.splitlines() if "lost laptop" in line]
    assert f"revoked {now()[:10]}" in line
    assert secret not in listed
    assert "muhatap tokens" in one_line(muhatap("revoke", "nothing", **engines), 1)


def test_a_token_of_a_customer_needs_one(muhatap: Muhatap, engines: dict[str, str]) -> None:
    assert "CUSTOMER" in one_line(muhatap("token", "--role", "CUSTOMER", **engines), 1)
    words = ("token", "--role", "CUSTOMER", "--customer", "nobody")
    assert "no customer nobody" in one_line(muhatap(*words, **engines), 1)


def test_a_run_says_what_it_counted(muhatap: Muhatap, folder: Path, engines: dict[str, str]) -> None:
    muhatap("import", str(folder), **engines)
    assert "3 votes of 3 voters on 1 ideas" in muhatap("run", "tally", **engines).out
    scored = muhatap("run", "influence", "--as-of", "2026-02-01T00:00:00Z", "--json", **engines)
    assert scored.json()["customers"] == 3
    found = muhatap("run", "communities", "--as-of", "2025-01-01", "--json", **engines)
    assert (found.json()["communities"], found.json()["ended"]) == (0, 0)
    assert (
        "until 2025-01-01 00:00 UTC" in muhatap("run", "communities", "--as-of", "2025-01-01", **engines).out
    )
    assert "--as-of" in one_line(muhatap("run", "analysis", "--as-of", "2026-02-01T00:00:00Z", **engines), 1)
    assert "yesterday" in one_line(muhatap("run", "tally", "--as-of", "yesterday", **engines), 1)


async def _waiting(graph: Graph, engines: dict[str, str]) -> tuple[asyncio.subprocess.Process, str]:
    """A command that waits for a run of its kind, and the uid of that."""
    other = await graph.write(runs.queue, kind="TALLY", now=now())
    assert await graph.write(runs.start, uid=other.uid, now="2099-01-01T00:00:00.000Z")
    # a shell ignores interrupts for what it runs in the background, tests included, and a command takes that over
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", "run", "tally", "--json", env=os.environ | engines,
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    assert process.stderr is not None
    assert (await process.stderr.readline()).decode() == (
        f"tally: another tally run is going on since 2099-01-01 00:00 UTC ({other.uid}); "
        "this one begins when it has ended\n"
    )
    return process, other.uid


async def test_a_run_waits_until_the_one_before_it_has_ended(graph: Graph, engines: dict[str, str]) -> None:
    process, other = await _waiting(graph, engines)
    await asyncio.sleep(3)  # it looks again, and says no more
    assert await graph.read("MATCH (r:JobRun) RETURN r.uid AS uid") == [{"uid": other}]
    await graph.write(runs.finish, uid=other, now=now())
    out, err = await process.communicate()
    assert json.loads(out)["votes"] == 0
    assert re.fullmatch(r"tally: 0 votes of 0 voters on 0 ideas, until .* UTC \(\d+ ms\)\n", err.decode())
    [mine] = await graph.read("MATCH (r:JobRun) WHERE r.uid <> $other RETURN r.status AS status", other=other)
    assert mine["status"] == "SUCCEEDED"


@pytest.mark.parametrize(("number", "said"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "stopped")])
async def test_a_run_that_is_stopped_while_it_waits_leaves_nothing_behind(
    graph: Graph, engines: dict[str, str], number: signal.Signals, said: str
) -> None:
    process, other = await _waiting(graph, engines)
    process.send_signal(number)
    out, err = await process.communicate()
    assert (process.returncode, out, err.decode()) == (128 + number, b"", f"muhatap: {said}\n")
    assert await graph.read("MATCH (r:JobRun) RETURN r.uid AS uid, r.status AS status") == [
        {"uid": other, "status": "RUNNING"}
    ]


def test_a_community_is_drawn_into_a_file_or_to_stdout(
    muhatap: Muhatap,
    folder: Path,
    engines: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    muhatap("import", str(folder), **engines)
    words = ("picture", "community", "filter")
    assert "run influence" in one_line(muhatap(*words, **engines), 1)
    muhatap("run", "influence", **engines)
    assert "2 of 2 members and 1 of 1 ties in community-filter.svg" in muhatap(*words, **engines).out
    drawn = Path("community-filter.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg ")
    piped = muhatap(*words, "--out", "-", **engines)
    assert (piped.code, piped.out) == (0, drawn)
    assert "no community ../x" in one_line(muhatap("picture", "community", "../x", **engines), 1)
    assert "nowhere/a.svg" in one_line(muhatap(*words, "--out", "nowhere/a.svg", **engines), 1)
    assert "community" in one_line(muhatap("picture", "product", "ayse", **engines), 2)


def test_the_history_of_a_customer_is_drawn_run_by_run(
    muhatap: Muhatap, folder: Path, engines: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    muhatap("import", str(folder), **engines)
    words = ("picture", "customer", "ayse")
    assert "run influence" in one_line(muhatap(*words, **engines), 1)
    muhatap("run", "influence", **engines)
    assert "1 run in customer-ayse.svg" in muhatap(*words, **engines).out
    drawn = Path("customer-ayse.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg ")
    assert "1 run, the last one as of" in drawn
    assert muhatap(*words, "--out", "-", **engines).out == drawn
    assert "no customer nobody" in one_line(muhatap("picture", "customer", "nobody", **engines), 1)


def test_the_report_on_a_challenge_is_one_file(
    muhatap: Muhatap, folder: Path, engines: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    muhatap("import", str(folder), **engines)
    muhatap("run", "tally", **engines)
    assert "1 ideas and 3 votes in report-next.html" in muhatap("report", "next", **engines).out
    written = Path("report-next.html").read_text(encoding="utf-8")
    assert "Cold brew" in written
    assert muhatap("report", "next", "--to", "-", **engines).out == written
    turkish = muhatap("report", "next", "--to", "-", "--locale", "tr", **engines).out
    assert "Bütün fikirler" in turkish
    assert "no challenge nothing" in one_line(muhatap("report", "nothing", **engines), 1)


def test_an_id_leads_into_no_other_folder() -> None:
    assert file_name("community", "../../a b") == "community-..-..-a-b.svg"


def test_a_demo_ends_with_the_rankings(
    muhatap: Muhatap, folder: Path, engines: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "examples", lambda: [folder])
    monkeypatch.setattr(rankings, "FEWEST_VOTES", 1)
    said = muhatap("demo", "--no-serve", "--json", **engines)
    found = said.json()
    assert [one["name"] for one in found["advocates"]] == ["Ayşe", "Beth"]
    assert [one["name"] for one in found["detractors"]] == ["Can"]
    assert found["contests"][0]["popular"][0]["title"] == "Cold brew"
    assert found["communities"] == []
    told = muhatap("demo", "--no-serve", **engines)
    assert "Advocates" in told.out
    assert "because Beth responds to them" in " ".join(told.out.split())


async def test_a_demo_leaves_the_customers_of_others_alone(graph: Graph) -> None:
    await graph.write(_customer)
    assert await stranger(graph, ["ayse"]) == "own"
    assert await stranger(graph, ["own"]) is None


async def _customer(tx: Any) -> None:
    await (await tx.run("CREATE (:Customer {uid: 'u', externalId: 'own'})")).consume()


def test_the_demo_finds_the_example_folders() -> None:
    assert "kahve" in [folder.name for folder in demo.examples()]


def test_without_example_folders_the_demo_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "api" / "cli" / "demo.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFound, match="not part of an installation"):
        demo.examples()


def test_the_reason_of_a_customer_is_that_of_the_api() -> None:
    parts = (
        Part("REACH", "BASE", 0.15, ""),
        Part("REACH", "NEIGHBOUR", 0.2, "Can"),
        Part("REACH", "NEIGHBOUR", 0.5, "Beth"),
        Part("VOICE", "POSITIVE", 0.6, ""),
        Part("VOICE", "NEGATIVE", -0.1, ""),
    )
    one = RankedCustomer("ayse", "Ayşe", 0.85, None, 0.5, 0.4, 0.0, 2, "ADVOCATE", 0, 2, parts)
    assert rankings.reason_of_customer(one) == (
        "Advocate: reach 0.8 times the average, mostly because Beth and another one respond to them. "
        "Nobody speaks of them. They speak well of the brand: voice 0.50 from 2 acts. In all: advocacy 0.40."
    )


def test_the_reason_of_an_idea_is_that_of_its_list() -> None:
    shares = (
        Share("Filter", 9, 1, 0, 0.83, True),
        Share("", 1, 9, 0, 0.17, True),
        Share("Few", 1, 0, 0, 0.7, False),
    )
    one = TalliedIdea("i1", "Cold brew", "What next?", 10, 10, 0, 0.3, 0.4, 0.1, 0.66, shares)
    assert rankings.reason_of_idea(one, "support").startswith("10 of 20 in favour: at least 30%")
    assert rankings.reason_of_idea(one, "bridging") == "approved by Filter 83%, the others 17%"
    assert rankings.reason_of_idea(one, "divisive") == "Filter 83% against the others 17%"


def test_durations_are_said_as_people_say_them() -> None:
    assert [seconds(value) for value in (0.35, 4.21, 185)] == ["350 ms", "4.2 s", "3 min 5 s"]


@contextmanager
def running(engines: dict[str, str], *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that keeps running, and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", *words],
        env=os.environ | engines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and last words of a process that was told to stop."""
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    _, err = process.communicate(timeout=15)
    assert time.monotonic() - started < 10
    return process.returncode, err


def test_serve_takes_a_free_port_answers_and_ends_in_order(engines: dict[str, str]) -> None:
    with running(engines, "serve", "--port", "0") as (process, line):
        [port] = re.findall(r"http://127\.0\.0\.1:(\d+)/graphql", line)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
            assert answer.status == 200
        assert ended(process) == (0, "Muhatap has stopped\n")


def test_the_worker_ends_in_order(engines: dict[str, str]) -> None:
    with running(engines, "worker") as (process, line):
        assert line.startswith("Muhatap does the jobs")
        assert ended(process) == (0, "Muhatap has stopped\n")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted as Linux shows them")
def test_linear_algebra_starts_no_threads_of_its_own() -> None:
    code = "import api.cli, os, numpy as np; np.linalg.eigh(np.eye(600)); print(len(os.listdir('/proc/self/task')))"
    unset = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    said = subprocess.run([sys.executable, "-c", code], env=unset, capture_output=True, check=True, text=True)
    assert said.stdout == "1\n"

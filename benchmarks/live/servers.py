"""Starts the servers that are compared, each on a free loopback port, and stops them whatever happens."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.live import processes
from benchmarks.live.queries import Answer, Dialect, answer, request
from benchmarks.live.target import Target

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent / "peers"
PEER_FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
READY_SECONDS = 60
NAMES = {
    "bare": "async driver, hand-written Cypher, orjson (bound)",
    "muhatap": "muhatap",
    "yoga": "@neo4j/graphql on GraphQL Yoga",
    "apollo": "@neo4j/graphql on Apollo Server",
    "dataloaders": "Strawberry with DataLoaders",
}
DIALECTS = {
    "bare": Dialect.BARE,
    "muhatap": Dialect.MUHATAP,
    "yoga": Dialect.NEO4J_GRAPHQL,
    "apollo": Dialect.NEO4J_GRAPHQL,
    "dataloaders": Dialect.LOADERS,
}
UVICORN = ("--host=127.0.0.1", "--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning")


@dataclass(frozen=True, slots=True)
class Server:
    """One server that answers the three reads."""

    name: str
    port: int
    process: int
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        """The words it understands."""
        return DIALECTS[self.name]

    def url(self, read: str, uid: str) -> str:
        """Where a read is asked."""
        return f"http://127.0.0.1:{self.port}{request(self.dialect, read, uid)[0]}"

    def ask(self, read: str, uid: str) -> Answer:
        """One answer, in the common form."""
        body = request(self.dialect, read, uid)[1].encode()
        headers = {"Content-Type": "application/json"} | self.headers
        asked = urllib.request.Request(self.url(read, uid), body, headers)
        try:
            with urllib.request.urlopen(asked, timeout=60) as got:
                return answer(self.dialect, read, got.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{self.name} answered {error.code}: {error.read()[:500]!r}") from error


@contextmanager
def servers(names: list[str], target: Target, home: Path) -> Iterator[list[Server]]:
    """All of them at once: the machine's speed drifts, so they are measured in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="live-")))
        yield [stack.enter_context(_server(name, target, home, folder)) for name in names]


@contextmanager
def _server(name: str, target: Target, home: Path, folder: Path) -> Iterator[Server]:
    port = processes.free_port()
    log = folder / f"{name}.log"
    environment = os.environ | target.environment() | {"PYTHONPATH": str(ROOT)}
    headers: dict[str, str] = {}
    if name == "muhatap":
        environment |= _our_environment(target, home)
        token = subprocess.run(
            [str(Path(sys.executable).with_name("muhatap")), "token", "--role", "ADMINISTRATOR"],
            env=environment,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        headers["Authorization"] = f"Bearer {token.stdout.strip()}"
    with log.open("w") as output:
        started = subprocess.Popen(
            _command(name, port),
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Server(name, port, _listening(started, port, log), headers)
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _command(name: str, port: int) -> list[str]:
    if name in ("yoga", "apollo"):
        return ["node", str(node_peers() / "server.mjs"), name, str(port)]
    if name == "muhatap":
        return [str(Path(sys.executable).with_name("muhatap")), "serve", "--port", str(port)]
    return [sys.executable, "-m", "uvicorn", f"benchmarks.live.{name}:app", f"--port={port}", *UVICORN]


def _our_environment(target: Target, home: Path) -> dict[str, str]:
    environment = {"MUHATAP_HOME": str(home)}
    if target.embedded:
        return environment
    return environment | {
        "MUHATAP_GRAPH_URL": target.url,
        "MUHATAP_GRAPH_USER": target.user,
        "MUHATAP_GRAPH_PASSWORD": target.password,
        "MUHATAP_GRAPH_DATABASE": target.database,
    }


def _listening(started: subprocess.Popen[bytes], port: int, log: Path) -> int:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and started.poll() is None:
        if process := processes.listener(port):
            return process
        time.sleep(0.2)
    raise RuntimeError(f"{started.args!r} does not listen: {log.read_text()[-2000:]}")


def node_peers() -> Path:
    """The folder with the Node servers and what they import, installed once for each content of the lock."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "muhatap" / "peers"
    cache.mkdir(parents=True, exist_ok=True)
    lock, installed = PEERS / "package-lock.json", cache / "installed.json"
    fresh = installed.exists() and installed.read_bytes() == lock.read_bytes()
    for name in PEER_FILES:
        shutil.copy(PEERS / name, cache / name)
    if not fresh:
        command = ["npm", "ci", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=cache, check=True, stdin=subprocess.DEVNULL)
        shutil.copy(lock, installed)
    return cache

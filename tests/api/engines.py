"""An engine of a test's own that may be killed: an embedded one, or a Neo4j where the tests run on one."""

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import SecretStr

from graph.settings import GraphSettings
from tests.neo4j.server import neo4j_server
from tests.processes import process_of, processes_of


class Engine:
    """What a command needs to use it, and the way to kill it and have it back."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MUHATAP_")},
            "MUHATAP_HOME": str(home),
            "MUHATAP_GRAPH_HEAP": "512m",
        }

    def kill(self) -> None:
        """Kill the engine; it stays away until it is asked `back`."""
        os.kill(process_of(self._keeper), signal.SIGSTOP)
        os.kill(process_of(f"rootPath={self.home}/graph|"), signal.SIGKILL)

    def kill_for_good(self) -> None:
        """Kill it so that only the next command starts it again."""
        os.kill(process_of(self._keeper), signal.SIGKILL)

    def back(self) -> None:
        """Let whoever starts it do so."""
        for keeper in processes_of(self._keeper):
            os.kill(keeper, signal.SIGCONT)

    @property
    def _keeper(self) -> str:
        return f"keeper.py|{self.home}/graph|"

    @property
    def settings(self) -> GraphSettings:
        """The same for this process."""
        return GraphSettings(home=self.home, graph_url=None, graph_heap="512m")


class Neo4jEngine(Engine):
    """A Neo4j, started again by this test as a supervisor would: on its port, with its data."""

    def __init__(self, home: Path, running: ExitStack) -> None:
        super().__init__(home)
        self.running = running
        self.password = secrets.token_urlsafe(24)
        self.url = self._start(0)
        self.environment |= {"MUHATAP_GRAPH_URL": self.url, "MUHATAP_GRAPH_PASSWORD": self.password}

    def _start(self, port: int) -> str:
        server = neo4j_server(self.home / "neo4j", self.password, heap="512m", port=port)
        return self.running.enter_context(server)

    def kill(self) -> None:
        os.kill(process_of(f"Neo4jServer.java|{self.home}/neo4j|"), signal.SIGKILL)

    def kill_for_good(self) -> None:
        self.kill()

    def back(self) -> None:
        self._start(int(self.url.rpartition(":")[2]))

    @property
    def settings(self) -> GraphSettings:
        return GraphSettings(home=self.home, graph_url=self.url, graph_password=SecretStr(self.password))


@contextmanager
def own_engine(home: Path) -> Iterator[Engine]:
    """An engine that keeps everything in this home."""
    if "MUHATAP_TEST_NEO4J" in os.environ:
        with ExitStack() as running:
            yield Neo4jEngine(home, running)
    else:
        engine = Engine(home)
        try:
            yield engine
        finally:
            engine.back()  # a keeper that stands still would outlive the tests

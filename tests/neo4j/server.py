"""A real Neo4j without Docker: `python tests/neo4j/server.py [--jars DIR] -- COMMAND…` runs beside one."""

import argparse
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

HERE = Path(__file__).resolve().parent
POM = HERE / "pom.xml"
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent", "java.lang")
START_SECONDS = 120
STOP_SECONDS = 30


def cached_jars() -> Path:
    """Where the jars are kept when no folder is named."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("MUHATAP_NEO4J_JARS") or cache / "muhatap" / "neo4j-jars")


def fetch_jars(folder: Path) -> Path:
    """Copy the jars that pom.xml names into the folder, once for each content of pom.xml."""
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    complete = folder / ".complete"
    if complete.exists() and complete.read_text() == wanted:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # A second process may fetch at the same time: each fills its own folder, and a rename shows it whole.
    fresh = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
    try:
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
        subprocess.run(
            ["mvn", "--quiet", "--batch-mode", "--strict-checksums", f"--file={POM}", *goal],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        (fresh / ".complete").write_text(wanted)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


@contextmanager
def neo4j_server(
    folder: Path, password: str, *, jars: Path | None = None, heap: str = "1g", port: int = 0
) -> Iterator[str]:
    """The Bolt URL of a Neo4j that keeps everything inside the folder and stops with the block."""
    process = _launch(folder, password, _command(folder, fetch_jars(jars or cached_jars()), heap, port))
    try:
        yield f"bolt://127.0.0.1:{_port(process, folder)}"
    finally:
        _stop(process)


def _launch(folder: Path, password: str, command: list[str]) -> subprocess.Popen[str]:
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    with _log(folder).open("w") as errors:
        return subprocess.Popen(
            command,
            env=os.environ | {"NEO4J_PASSWORD": password},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C is for the command; the server ends with our end of its pipe
        )


def _command(folder: Path, jars: Path, heap: str, port: int) -> list[str]:
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    memory = [f"-Xmx{heap}", f"-Djava.io.tmpdir={folder / 'tmp'}"]
    return [
        "java",
        *memory,
        *opens,
        "-cp",
        f"{jars}/*",
        str(HERE / "Neo4jServer.java"),
        str(folder),
        str(port),
    ]


def _log(folder: Path) -> Path:
    return folder / "server.log"


def _port(process: subprocess.Popen[str], folder: Path) -> int:
    """The port from the line `ready PORT`, which the server prints once it answers."""
    assert process.stdout is not None
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            word, _, port = line.partition(" ")
            if word == "ready":
                return int(port)
    finally:
        watchdog.cancel()
    raise RuntimeError(f"Neo4j did not start; the end of its log:\n{_log(folder).read_text()[-2000:]}")


def _stop(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    """Run a command with MUHATAP_TEST_NEO4J and its password in the environment; answer its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jars", type=Path, help="where the jars are kept (default: a cache folder)")
    parser.add_argument("--heap", default="1g", help="the server's -Xmx")
    parser.add_argument("command", nargs="+", help="what to run, after --")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    password = secrets.token_urlsafe(24)
    with (
        tempfile.TemporaryDirectory(prefix="neo4j-", ignore_cleanup_errors=True) as folder,
        neo4j_server(Path(folder), password, jars=arguments.jars, heap=arguments.heap) as url,
    ):
        environment = {"MUHATAP_TEST_NEO4J": url, "MUHATAP_TEST_NEO4J_PASSWORD": password}
        return subprocess.run(arguments.command, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""What every command shares: the event loop, the open graph, bars and lines, and one line for a fault."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import orjson
import typer
from pydantic import ValidationError
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from graph.driver import Engine, Graph, open_graph
from graph.errors import GraphError, Unavailable
from graph.migrate import migrate, status
from graph.settings import GraphSettings

T = TypeVar("T")

INTERRUPTED = 128 + signal.SIGINT
STOPPED = 128 + signal.SIGTERM
# nothing may wrap in a pipe, where each record is one line
PIPE_WIDTH = 1_000
LINE_SECONDS = 5.0
FULL = 2**26  # with fewer bytes free the embedded engine fails in ways that do not name the disk


def run_app(app: typer.Typer) -> int:
    """Run the command line of this process; what goes wrong is one line on stderr, and the exit code."""
    # the driver tells each try of a fault on several lines; the last one is told here
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    try:
        code = int(app(standalone_mode=False, prog_name="muhatap") or 0)
        return _said("interrupted" if code == INTERRUPTED else "", code)
    except BrokenPipeError:
        # whoever read has seen enough; the interpreter must not complain about its own last flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else _said(str(ended.code or ""), 1)
    except (Exception, KeyboardInterrupt, asyncio.CancelledError) as error:
        if "--traceback" in sys.argv:
            traceback.print_exc()
        return _said(*explained(error))


def _said(line: str, code: int) -> int:
    sys.stderr.write(f"muhatap: {line}\n" if line else "")
    return code


def explained(error: BaseException) -> tuple[str, int]:
    """What to say of a fault in one line, and the exit code."""
    match error:
        case KeyboardInterrupt():
            return "interrupted", INTERRUPTED
        case asyncio.CancelledError():
            return "stopped", STOPPED
        case GraphError():
            return f"{_one_line(error.message)}{_full_disk()}", 1
        case ValidationError():
            return _settings_fault(error), 2
        case OSError(strerror=str(why)):
            return f"{error.filename}: {why}" if error.filename else why, 1
        case _ if callable(usage := getattr(error, "format_message", None)):
            if not usage():  # the help was asked for, or shown instead of a guess
                return "", 2
            return f"{_one_line(usage()).replace('Value error, ', '')} (muhatap --help lists the commands)", 2
        case _:
            what = f"{type(error).__name__}: {error}"
            return f"unexpected {_one_line(what)} (muhatap --traceback … shows where)", 1


def _full_disk() -> str:
    try:
        home = GraphSettings().home
        free = shutil.disk_usage(home).free
    except (ValidationError, OSError):
        return ""
    return f"; the disk of {home} is full: {free >> 20} MiB free" if free < FULL else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _settings_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False)
    said = [
        f"MUHATAP_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg'][:1].lower()}{fault['msg'][1:]}"
        for fault in faults
    ]
    return "; ".join(said)


def leave(code: int) -> NoReturn:
    """End the command with this exit code."""
    raise typer.Exit(code)


STOP_SECONDS = 5.0


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine; SIGTERM cancels it as SIGINT does, so that it ends in order."""
    import uvloop

    async def guarded() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop() -> None:
            if task is not None and not task.done():
                task.cancel()
                loop.call_later(STOP_SECONDS, stop)  # a library below may have swallowed the first

        loop.add_signal_handler(signal.SIGTERM, stop)
        return await main

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(guarded())


@asynccontextmanager
async def ready_graph(settings: GraphSettings) -> AsyncIterator[Graph]:
    """The graph of these settings with its schema; only the embedded one is migrated without being asked."""
    async with open_graph(settings) as graph:
        if graph.engine is Engine.ARCADEDB:
            await migrate(graph)
        elif missing := [one.name for one in await status(graph) if one.applied_at is None]:
            raise Unavailable(
                f"The graph at {graph.url} lacks {', '.join(missing)} of its schema: run muhatap migrate"
            )
        yield graph


def console(*, stderr: bool = False) -> Console:
    """Where people read: as wide as the terminal, and never wrapped in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH, highlight=False, emoji=False)


def say(text: str, *, stderr: bool = False) -> None:
    """One line of text, exactly as it is."""
    stream = sys.stderr if stderr else sys.stdout
    stream.write(text + "\n")
    stream.flush()


def say_json(value: object) -> None:
    """One JSON document for machines."""
    say(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())


def table(title: str, *columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """A table whose `numbers` columns are set to the right."""
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for name in columns:
        right = name in numbers
        made.add_column(name, justify="right" if right else "left", no_wrap=right)
    return made


def show(made: Table) -> None:
    """Print a table; in a pipe as plain columns, without rules, colour and trailing blanks."""
    shown = console()
    if shown.is_terminal:
        shown.print(made)
        return
    made.box, made.pad_edge = None, False
    with shown.capture() as captured:
        shown.print(made)
    say("\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n")


def seconds(value: float) -> str:
    """A duration as people say it: 350 ms, 4.2 s, 3 min 5 s."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 60 else f"{value // 60:.0f} min {value % 60:.0f} s"


@dataclass(slots=True)
class Step:
    """One thing a command does while somebody waits: a bar on a terminal, now and then a line in a pipe."""

    title: str
    bar: Progress | None
    task: TaskID | None
    result: str = ""
    started: float = field(default_factory=time.monotonic)
    _last: float = field(default_factory=time.monotonic)

    def at(self, what: str, share: float | None) -> None:
        """How far it is: `share` of 1, if anybody knows."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, what=what, completed=share, total=None if share is None else 1.0)
        elif time.monotonic() - self._last > LINE_SECONDS:
            self._last = time.monotonic()
            part = "" if share is None else f" {share:.0%}"
            say(f"{self.title}: {what}{part}", stderr=True)

    def count(self, done: int, total: int) -> None:
        """How many of how many are done."""
        self.at(f"{done:,} of {total:,}", done / total if total else 1.0)

    def file(self, name: str, rows: int, share: float) -> None:
        """How far a file is; one whose length nobody knows has a share of 0 until its end."""
        self.at(f"{name} {rows:,} rows", share or None)


@contextmanager
def step(title: str, *, json: bool = False) -> Iterator[Step]:
    """Show a step while it lasts, then a line with its result and time, where no JSON is expected."""
    shown = console(stderr=True)
    if shown.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[what]}"),
        )
        with Progress(*columns, TimeElapsedColumn(), console=shown, transient=True) as bar:
            doing = Step(title, bar, bar.add_task(title, total=None, what=""))
            yield doing
    else:
        doing = Step(title, None, None)
        yield doing
    took = seconds(time.monotonic() - doing.started)
    say(f"{title}: {doing.result or 'done'} ({took})", stderr=json)

"""What a doctor finds out about this machine, the settings, the API's port, the graph and the queue."""

import asyncio
import difflib
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from dataclasses import replace

from pydantic_settings import BaseSettings

from api.settings import ApiSettings
from graph import doctor as graph_doctor
from graph.doctor import Check
from graph.driver import open_graph
from graph.errors import Unavailable
from graph.home import fault as home_fault
from graph.home import nearest
from graph.settings import GraphSettings
from jobs import doctor as job_doctor
from jobs.queue import open_queue
from jobs.settings import JobSettings

OLDEST_PYTHON = (3, 11)
LEAST_DISK = 2**30
SETTINGS: tuple[type[BaseSettings], ...] = (GraphSettings, JobSettings, ApiSettings)
LIKE = 0.85
ASK_SECONDS = 5.0


async def examine() -> list[Check]:
    """Every check there is, none of which changes anything; what cannot be opened is one finding."""
    api, graph, jobs = ApiSettings(), GraphSettings(), JobSettings()
    here = [python(), names(), home(graph), limits(api), await asyncio.to_thread(port, api)]
    return [*here, *await _engines(graph, jobs)]


async def _engines(graph_settings: GraphSettings, settings: JobSettings) -> list[Check]:
    try:
        async with open_graph(graph_settings) as graph:
            found = await graph_doctor.check(graph)
            try:
                async with open_queue(settings) as queue:
                    return [*found, *idle(await job_doctor.check(graph, queue, settings), settings)]
            except Unavailable as error:
                return [*found, _away("queue", error)]
    except Unavailable as error:
        return [_away("graph", error)]


def _away(name: str, error: Unavailable) -> Check:
    found, _, fix = error.message.partition(";")
    return Check(name, False, found, fix.strip() or "see what it says above, then ask again")


def idle(checks: list[Check], settings: JobSettings) -> list[Check]:
    """With an embedded queue nobody works while nothing runs: that is well unless the outbox is late."""
    found = {check.name: check for check in checks}
    if settings.redis_url is not None or found["worker"].ok or not found["outbox"].ok:
        return checks
    well = {"worker": "none needed now: muhatap serve brings one", "jobs": found["jobs"].found}
    return [
        replace(check, ok=True, found=well[check.name]) if check.name in well else check for check in checks
    ]


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """The version of Python."""
    found = ".".join(map(str, version))
    return Check("python", version >= OLDEST_PYTHON, found, "install Python 3.11 or later")


def names(environment: list[str] | None = None) -> Check:
    """Settings nobody reads, because their names are misspelt."""
    given = [
        name for name in (os.environ if environment is None else environment) if name.startswith("MUHATAP_")
    ]
    known = {f"MUHATAP_{name.upper()}" for settings in SETTINGS for name in settings.model_fields}
    wrong = {
        name: close[0]
        for name in sorted(set(given) - known)
        if (close := difflib.get_close_matches(name, known, n=1, cutoff=LIKE))
    }
    found = (
        f"nobody reads {', '.join(wrong)}" if wrong else f"{len(known & set(given))} of {len(known)} given"
    )
    return Check("settings", not wrong, found, f"did you mean {', '.join(wrong.values())}?")


def home(settings: GraphSettings) -> Check:
    """Whether the home of what is embedded can be written and has room."""
    if wrong := home_fault(settings.home):
        return Check("home", False, *wrong)
    free = shutil.disk_usage(nearest(settings.home)).free
    fix = "free at least 1 GiB, or set MUHATAP_HOME to another disk"
    return Check("home", free >= LEAST_DISK, f"{settings.home}, {free / 2**30:.1f} GiB free", fix)


def limits(settings: ApiSettings) -> Check:
    """The limits of a request, for reading."""
    given = settings.model_dump(include={name for name in type(settings).model_fields if "limit" in name})
    found = ", ".join(f"{name.removeprefix('limit_')} {value:,}" for name, value in given.items())
    return Check("limits", True, f"{found}, {settings.request_timeout:g} s a request", "")


def port(settings: ApiSettings) -> Check:
    """Whether the API answers on its port, or could."""
    where = f"{settings.host}:{settings.port}"
    fix = "stop that program, or choose another port: MUHATAP_PORT"
    if settings.port == 0:
        return Check("api", True, "takes a free port", "")
    try:
        with socket.create_connection((settings.host, settings.port), timeout=ASK_SECONDS):
            pass
    except OSError:
        return Check("api", True, f"not running: {where} is free", "")
    answers = _is_ours(settings)
    return Check("api", answers, f"answers at {where}" if answers else f"another program has {where}", fix)


def _is_ours(settings: ApiSettings) -> bool:
    url = f"http://{settings.host}:{settings.port}/ready"
    try:
        with urllib.request.urlopen(url, timeout=ASK_SECONDS) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 503
    except (OSError, ValueError):
        return False

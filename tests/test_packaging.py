"""What is shipped: three packages with all that they read at run time, and nothing else."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = {"api", "graph", "jobs"}
IGNORED = {"__pycache__"}


def build(target: str, folder: Path) -> Path:
    """The file that hatchling makes of the tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    # Old stamps make zip files fail and new ones make each build differ: one fixed day.
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": "1767225600"})
    [made] = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names inside the wheel."""
    with zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names inside the source distribution, without its top folder."""
    with tarfile.open(build("sdist", tmp_path_factory.mktemp("sdist"))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def shipped() -> set[str]:
    """Every file of the three layers: code, migrations, lexicons, pages."""
    files = (path for layer in LAYERS for path in (ROOT / layer).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in files if not IGNORED & set(path.parts)}


def test_the_wheel_holds_the_three_layers_and_its_own_metadata(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    [metadata] = tops - LAYERS
    assert tops - {metadata} == LAYERS
    assert metadata.startswith("muhatap-")
    assert metadata.endswith(".dist-info")


def test_the_wheel_holds_every_file_the_layers_read(wheel: set[str]) -> None:
    assert shipped() - wheel == set()


def test_the_wheel_installs_the_command_and_the_licence(wheel: set[str]) -> None:
    assert {"entry_points.txt", "LICENSE"} <= {
        name.rpartition("/")[2] for name in wheel if "dist-info" in name
    }


def test_the_source_distribution_can_be_built_and_tested_again(sdist: set[str]) -> None:
    assert {"pyproject.toml", "README.md", "LICENSE", "schema.graphql"} <= sdist
    assert shipped() - sdist == set()
    assert "tests/test_packaging.py" in sdist


def test_no_working_file_is_shipped(wheel: set[str], sdist: set[str]) -> None:
    working = (".venv", ".muhatap", "__pycache__", "node_modules", ".git/", ".env")
    shipped = (wheel | sdist) - {".env.example"}
    assert [name for name in shipped if any(part in name for part in working)] == []

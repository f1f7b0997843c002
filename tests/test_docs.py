"""The guides: their queries are valid, their commands exist, their tables and figures are the code's."""

import importlib
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, parse, validate
from pydantic_settings import BaseSettings

from api.sentences import SENTENCES
from graph.decisions import STEPS
from graph.folders.columns import TABLES
from graph.ideas import IdeaStatus
from graph.settings import GraphSettings
from jobs.algorithms.influence import advocacy
from jobs.algorithms.paths import Near, Search, strength
from jobs.algorithms.reach import reach
from jobs.algorithms.standing import estimate, fairness_goodness
from jobs.influence.changes import change
from jobs.settings import JobSettings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
BIN = Path(sys.executable).parent
CHEAP = ("schema",)


@cache
def _schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema.graphql").read_text())


def _blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text()):
            if block["language"] == language:
                yield page.name, block["body"]


def _commands(word: str) -> list[list[str]]:
    lines = [line for _, body in _blocks("console") for line in body.splitlines()]
    found = {line for line in lines if line.startswith(f"$ {word} ")}
    return [shlex.split(line)[2:] for line in sorted(found)]


QUERIES = list(_blocks("graphql"))


@pytest.mark.parametrize("query", [body for _, body in QUERIES], ids=[page for page, _ in QUERIES])
def test_every_query_in_the_guides_is_valid(query: str) -> None:
    assert validate(_schema(), parse(query)) == []


@pytest.mark.parametrize("command", _commands("muhatap"), ids=" ".join)
def test_every_command_in_the_guides_exists(command: list[str]) -> None:
    told = subprocess.run(
        [BIN / "muhatap", command[0], "--help"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    options = [word for word in command if word.startswith("--")]
    assert [option for option in options if option not in told.stdout] == []
    if command[0] in CHEAP:
        run = subprocess.run([BIN / "muhatap", *command], capture_output=True, check=False)
        assert run.returncode == 0


def test_every_word_of_make_in_the_guides_exists() -> None:
    known = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [words for words in _commands("make") if words[0] not in known] == []


@pytest.mark.parametrize("kind", ["Query", "Mutation", "Subscription"])
def test_every_root_field_is_named_in_the_guides(kind: str) -> None:
    root = _schema().get_type(kind)
    fields = root.fields if isinstance(root, GraphQLObjectType) else {}
    text = "\n".join(page.read_text() for page in PAGES)
    assert [name for name in fields if not re.search(rf"\b{name}\b", text)] == []


def _settings() -> list[type[BaseSettings]]:
    classes: list[type[BaseSettings]] = [GraphSettings, JobSettings]
    if importlib.util.find_spec("api.settings"):
        module = importlib.import_module("api.settings")
        found = [value for value in vars(module).values() if isinstance(value, type)]
        classes += [
            one for one in found if issubclass(one, BaseSettings) and one.__module__ == "api.settings"
        ]
    return classes


def test_the_table_of_settings_is_the_code() -> None:
    rows: dict[str, str] = {}
    for one in _settings():
        for name, field in one.model_fields.items():
            default = "" if field.default in (None, "") else f"`{field.default}`"
            row = f"| `MUHATAP_{name.upper()}` | {default} | {field.description} |"
            rows.setdefault(name, row)
    table = (DOCS / "operator.md").read_text().partition("<!-- settings -->")[2].strip().splitlines()[2:]
    assert table == list(rows.values())


def test_the_table_of_import_columns_is_the_code() -> None:
    text = (DOCS / "import-format.md").read_text()
    for table in TABLES:
        columns = ", ".join(
            f"**{column.name}**" if column.needed else column.name for column in table.columns
        )
        assert f"| {table.name} | {columns} |" in text


def test_the_table_of_steps_is_the_code() -> None:
    text = (DOCS / "product-team.md").read_text()
    for status, steps in STEPS.items():
        to = ", ".join(f"`{each}`" for each in IdeaStatus if each in steps and each is not status)
        assert f"| `{status}` | {to} |" in text
        assert status in steps


def test_every_link_leads_somewhere() -> None:
    broken = [
        (page.name, target)
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_score_recomputed_by_hand_is_what_the_program_computes() -> None:
    ayse, beth, can = 0, 1, 2
    ties = np.array([beth, can]), np.array([ayse, ayse]), np.array([1.0, 1.0])
    far = reach(*ties, 3).values
    kind = fairness_goodness([beth, can], [ayse, ayse], [0.6, 0.6], 3).fairness[[beth, can]]
    said = estimate([ayse, ayse], [0.6, 0.6], [1.0, 1.0], kind, 3)
    standing = said.values
    voice = estimate([ayse], [0.6], [1.0], [1.0], 3).values
    assert far.round(4).tolist() == [1.7234, 0.6383, 0.6383]
    assert standing[ayse].round(4) == 0.6667
    assert said.margin()[ayse].round(4) == 0.7304
    assert voice[ayse] == 0.5
    assert advocacy(far, voice, standing)[ayse].round(4) == 0.7181


def test_the_way_recomputed_by_hand_is_what_the_program_computes() -> None:
    door = Search("mert", count=2)
    door.grow({"mert": [Near("can", strength(2.0, 0.0), False), Near("desk", strength(0.5, 0.0), True)]})
    door.grow({"can": [Near("ayse", strength(1.0, 1.0), True)]})
    ways = {trail.people[-1]: round(trail.strength, 4) for trail in door.found()}
    assert ways == {"ayse": 0.5333, "desk": 0.3333}


def test_the_harsh_word_recomputed_by_hand_is_what_the_program_computes() -> None:
    fair = fairness_goodness([1, 2], [0, 0], [0.6, -0.6], 3).fairness[[1, 2]]
    assert fair.round(4).tolist() == [0.7, 0.7]
    assert estimate([0, 0], [0.6, -0.6], [1.0, 1.0], fair, 3).values[0].round(4) == -0.3684


def _published(acts: list[tuple[str, float, float, float]], values: list[float]) -> dict[str, object]:
    """What a run publishes of a standing: of each act its id, weight, what time left, fairness, and its part."""
    ids, weights, left, fair = (list(column) for column in zip(*acts, strict=True))
    parts: dict[str, list[object]] = {
        f"part{name}": [] for name in ("Score", "Kind", "Value", "From", "Share")
    }
    count = len(acts)
    columns = {"Score": ["STANDING"] * count, "Kind": ["REPLY"] * count, "At": [""] * count, "Value": values}
    columns |= {"Of": ids, "Weight": weights, "Left": left, "Fairness": fair}
    scores = {"reach": 1.0, "standing": sum(values), "voice": None}
    return scores | parts | {f"act{name}": column for name, column in columns.items()}


def test_the_change_recomputed_by_hand_is_what_the_program_computes() -> None:
    text = (DOCS / "community-manager.md").read_text()
    weights = [0.6, 0.6, -0.6]
    beth, can = fairness_goodness([1, 2, 2], [0, 0, 0], weights, 3).fairness[[1, 2]].tolist()
    fair, left = [beth, can, can], [0.5, 0.5, 1.0]
    after = estimate([0] * 3, weights, left, fair, 1)
    before = _published([("b", 0.6, 1.0, 1.0), ("c", 0.6, 1.0, 1.0)], [1 / 3, 1 / 3])
    acts = [*zip(("b", "c", "d"), weights, left, fair, strict=True)]
    moved = change(before, _published(acts, after.shares.tolist()), "2026-01-01T00:00:00.000Z")
    assert moved["changeKind"] == ["FADED", "FAIRNESS", "NEW"]
    assert [round(value, 4) for value in moved["changeValue"]] == [-0.1667, -0.0751, -0.7795]
    assert [round(beth, 4), round(can, 4), after.values[0].round(4)] == [0.7778, 0.7, -0.3546]
    for figure in ("−0.1667", "−0.0751", "−0.7795", "0.7778", "−0.3546"):
        assert figure in text
    assert estimate([0, 0], [0.6, 0.6], [0.5, 0.5], [1.0, 1.0], 1).values[0] == 0.5


def test_the_sentences_are_those_of_the_program() -> None:
    text = (DOCS / "community-manager.md").read_text()
    near = [["REACH", "NEIGHBOUR", 0.5426, "Beth"], ["REACH", "NEIGHBOUR", 0.5426, "Can"]]
    said = [["STANDING", "POSITIVE", 0.3333, "Beth"], ["STANDING", "POSITIVE", 0.3333, "Can"]]
    values = ["NEUTRAL", 1.7234, 0.6667, 0.5, 0.7181, 0.0, 2, 1]
    for tell in SENTENCES.values():
        assert f"> {tell([values, [*near, *said]])}\n" in text

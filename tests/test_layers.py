"""Who may import whom, and that no module is an empty shell."""

import ast
from pathlib import Path

import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

ROOT = Path(__file__).parents[1]
LAYERS = ["api", "graph", "jobs"]
MODULES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
LONGEST = 400


def test_each_layer_imports_only_what_lies_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    configure()
    assert lint_imports(config_filename="pyproject.toml", cache_dir=None), "run `lint-imports` to see which"


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__init__.py"], ids=name)
def test_no_module_is_empty(path: Path) -> None:
    body = ast.parse(path.read_text()).body
    assert any(not isinstance(statement, ast.Expr | ast.Import | ast.ImportFrom) for statement in body)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_that_grows_becomes_a_package(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST

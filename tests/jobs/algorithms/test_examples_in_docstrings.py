"""What the docstrings of the algorithms show is what they answer."""

import doctest
import importlib
import pkgutil

import pytest

from jobs import algorithms

MODULES = [module.name for module in pkgutil.walk_packages(algorithms.__path__, "jobs.algorithms.")]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_answers_as_shown(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0

"""The example data: made by its generator, read by the import format, and telling the story in its labels."""

import csv
import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from graph.folders.columns import BY_NAME
from jobs.algorithms.bridging import bridging_within
from jobs.algorithms.consensus import wilson_lower_bound

EXAMPLES = Path(__file__).parents[1] / "examples"
KAHVE = EXAMPLES / "kahve"
TAXES = EXAMPLES / "polis-scoop-hivemind.taxes"


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (lzma.decompress(data) if path.suffix == ".xz" else data).decode()


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(path).splitlines()))


def test_the_generator_writes_what_is_committed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "generate.py", tmp_path], check=True)
    made = {path.name: _text(path) for path in tmp_path.iterdir()}
    assert sorted(made) == sorted(path.name for path in KAHVE.iterdir() if path.name != "rejected.csv")
    assert [name for name, text in made.items() if _text(KAHVE / name) != text] == []


def test_the_examples_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file()) < 3_000_000


@pytest.mark.parametrize("folder", [KAHVE, TAXES], ids=lambda folder: folder.name)
def test_every_column_is_one_the_import_knows(folder: Path) -> None:
    for path in folder.iterdir():
        name = path.name.split(".")[0]
        if ".csv" in path.name and name not in ("labels", "rejected"):
            header = _text(path).splitlines()[0].split(",")
            assert set(header) <= set(BY_NAME[name].names), path.name


def test_the_labels_name_records_that_exist() -> None:
    labels = _rows(KAHVE / "labels.csv")
    known = {
        "customer": {row["id"] for row in _rows(KAHVE / "customers.csv.xz")},
        "product": {row["id"] for row in _rows(KAHVE / "products.csv")},
        "community": {row["id"] for row in _rows(KAHVE / "communities.csv")},
        "idea": {row["id"] for row in _rows(KAHVE / "ideas.csv")},
    }
    assert [row for row in labels if row["id"] not in known[row["record"]]] == []
    truths = [row["truth"] for row in labels]
    assert (truths.count("ADVOCATE"), truths.count("RING"), truths.count("SPREADER")) == (10, 14, 8)


def test_nobody_real_can_be_reached() -> None:
    customers = _rows(KAHVE / "customers.csv.xz")
    assert all(row["email"].endswith("@example.com") for row in customers if row["email"])
    assert "phone" not in customers[0]


def test_the_attribution_is_what_the_licence_demands() -> None:
    assert (
        (TAXES / "ATTRIBUTION")
        .read_text()
        .startswith(
            "Data was gathered using the Polis software (compdemocracy.org/polis) and is sub-licensed under "
            "CC BY 4.0 with Attribution to The Computational Democracy Project\n"
        )
    )


def test_what_all_want_leads_across_the_divide_and_what_one_group_wants_leads_the_count() -> None:
    ideas, votes = _rows(KAHVE / "ideas.csv"), _rows(KAHVE / "votes.csv.xz")
    ids, challenges = [row["id"] for row in ideas], [row["challenge"] for row in ideas]
    place = {idea: number for number, idea in enumerate(ids)}
    voter = np.unique([row["voter"] for row in votes], return_inverse=True)[1].astype(np.int64)
    idea = np.array([place[row["idea"]] for row in votes])
    value = np.array([int(row["value"]) for row in votes])
    up, n = (np.bincount(idea[chosen], minlength=len(ids)) for chosen in (value == 1, value < 2))
    support = wilson_lower_bound(up, n)
    bridging, _ = bridging_within(voter, idea, value, np.unique(challenges, return_inverse=True)[1])
    wanted = {row["truth"]: row["id"] for row in _rows(KAHVE / "labels.csv") if row["record"] == "idea"}
    assert ids[support.argmax()] == wanted["WANTED_BY_LOUD_GROUP"]
    assert ids[bridging.argmax()] == wanted["WANTED_BY_ALL"]

"""The scores find what they claim to find, in published conversations."""

import csv
import gzip
import lzma
import random
from collections import Counter
from pathlib import Path

import numpy as np
import orjson
import pytest

from benchmarks.folders import rows
from benchmarks.quality import agreements, as_json, main, read, run, spearman
from jobs.algorithms.bridging import bridging
from jobs.algorithms.consensus import Members, tally
from tests.shared import SHARED

DATA = SHARED / "data"
FOLDERS = sorted(path.parent.name for path in DATA.glob("*/memberships.csv"))

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the published conversations are not here")


@needs_data
@pytest.mark.parametrize("folder", FOLDERS)
def test_counts_are_those_of_the_file(folder: str) -> None:
    votes, members = read(DATA / folder)
    found = tally(votes, members)
    with (DATA / folder / "votes.csv").open(encoding="utf-8") as file:
        counts = Counter((row["idea"], int(row["value"])) for row in csv.DictReader(file))
    ideas = sorted({idea for idea, _ in counts})
    for value, column in ((1, found.up), (-1, found.down), (0, found.passed)):
        assert column.tolist() == [counts[idea, value] for idea in ideas]


@needs_data
def test_bridging_finds_what_the_least_approving_group_approves_of() -> None:
    found = {line.folder: line for line in agreements(DATA)}
    assert len(found) >= 4
    assert found["polis-scoop-hivemind.taxes"].bridging >= 0.80
    for line in found.values():
        assert line.bridging >= line.raw + (0.05 if line.raw < 0.9 else -0.07)


@needs_data
@pytest.mark.parametrize("folder", FOLDERS)
def test_bridging_has_settled(folder: str) -> None:
    votes, _ = read(DATA / folder)
    given = (votes.voter, votes.idea, votes.value, votes.ideas)
    np.testing.assert_allclose(
        bridging(*given, seed=1).intercept, bridging(*given, seed=2).intercept, atol=1e-7
    )


@needs_data
def test_tally_without_communities_keeps_its_counts_and_support() -> None:
    votes, members = read(DATA / FOLDERS[0])
    none = Members(members.voter[:0], members.community[:0], 0)
    with_groups, without = tally(votes, members), tally(votes, none)
    np.testing.assert_array_equal(with_groups.support, without.support)
    assert np.isnan(without.consensus).all()


def test_spearman_by_hand() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(0.8)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0


def _conversation(folder: Path) -> None:
    """Twelve ideas on which two groups differ, and six ratings of which the last two come later."""
    dice = random.Random(5)
    groups = {f"c{n}": f"g{n % 2}" for n in range(40)}
    votes = [
        (who, idea, dice.choice([1, 1, -1] if (idea < 6) == (group == "g0") else [1, -1]))
        for who, group in groups.items()
        for idea in range(12)
    ]
    texts = {
        "votes": "voter,idea,value\n" + "".join(f"{who},i{idea},{value}\n" for who, idea, value in votes),
        "memberships": "customer,community\n" + "".join(f"{who},{group}\n" for who, group in groups.items()),
        "advocacy": "id,from,to,kind,weight,at\n"
        + "".join(f"a{n},c{n},c{n % 2},RATING,{0.5 - n % 2},\n" for n in range(2, 6)),
        "labels": "rater,rated,weight,at\nc7,c0,1,\nc8,c1,-1,\n",
    }
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)


def _pack(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.iterdir())):
        suffix, pack = ((".gz", gzip.compress), (".xz", lzma.compress))[number % 2]
        path.with_name(path.name + suffix).write_bytes(pack(path.read_bytes()))
        path.unlink()


def test_a_packed_folder_measures_as_it_does_unpacked(tmp_path: Path) -> None:
    _conversation(tmp_path / "talk")
    plain = as_json(tmp_path)
    assert (len(plain["ideas"]), len(plain["standing"])) == (1, 6)
    _pack(tmp_path / "talk")
    assert {path.suffix for path in (tmp_path / "talk").iterdir()} == {".gz", ".xz"}
    assert as_json(tmp_path) == plain


def test_json_holds_what_the_tables_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _conversation(tmp_path / "talk")
    main([str(tmp_path), "--json"])
    found = orjson.loads(capsys.readouterr().out)
    ideas, standing = run(tmp_path)
    assert [row["folder"] for row in found["ideas"]] == list(ideas.columns[0].cells) == ["talk"]
    assert [f"{row['consensus']:.2f}" for row in found["ideas"]] == list(ideas.columns[-1].cells)
    assert [row["measure"] for row in found["standing"]] == list(standing.columns[0].cells)
    assert [f"{row['auc']:.2f}" for row in found["standing"]] == list(standing.columns[1].cells)
    assert {row["folder"] for row in found["standing"]} == {"talk"}


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text("voter,idea,value\nc1,i1\n")
    with pytest.raises(ValueError, match=r"votes.csv, line 2: the row has 2 cells"):
        list(rows(tmp_path, "votes", ("voter", "idea", "value")))


def test_without_a_folder_the_usage_is_said(tmp_path: Path) -> None:
    for words in ([], ["--json"], [str(tmp_path / "nowhere")]):
        with pytest.raises(SystemExit, match="usage"):
            main(words)

"""What is published of the scores that Spark wrote, read back some thousand rows at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.algorithms.standing import PRIOR_WEIGHT, Estimate
from jobs.influence.acts import ACTS
from jobs.influence.describe import PARTS, PAST, PROPERTIES
from jobs.influence.measure import named_bands, scored, vetted
from jobs.influence.spark.tables import batches
from jobs.influence.trusted import Doubt

ROWS = 5_000
# the fields of what Spark lists, in the order of the properties
PART = ("score", "kind", "value", "other", "share")
ACT = ("score", "kind", "value", "id", "at", "weight", "left", "fairness")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def score_rows(
    folder: Path, persons: Mapping[str, str], as_of: str | None, slot: str
) -> Iterator[dict[str, Any]]:
    """What is written of each customer; who is not ranked is cleared."""
    accounts: dict[str, list[str]] = {}
    for uid, person in persons.items():
        accounts.setdefault(person, []).append(uid)
    for batch in batches(folder / "customers", ROWS):
        for uid, scores in _rows(batch, banded=True):
            named = {"person": persons.get(uid), "accounts": accounts.get(uid)}
            now = {name: [scores[name] or 0.0] for name in PAST} if scores else {name: [] for name in PAST}
            at = [as_of or ""] if scores else []
            yield {"uid": uid, "scores": _named(scores and scores | named, slot), "past": {"at": at, **now}}


def member_rows(folder: Path, slot: str) -> Iterator[dict[str, Any]]:
    """What is written of each membership."""
    for batch in batches(folder / "members", ROWS):
        places = batch.column("place").to_pylist()
        for place, (uid, scores) in zip(places, _rows(batch, banded=False), strict=True):
            yield {"uid": uid, "community": place, "scores": _named(scores, slot)}


def _named(scores: Mapping[str, Any], slot: str) -> dict[str, Any]:
    return {name + slot: scores.get(name) for name in PROPERTIES}


def _rows(batch: pa.RecordBatch, *, banded: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The uid and scores of each row by property; none of who is not ranked."""
    columns = _columns(batch, banded=banded)
    lists = (batch.column(name).to_pylist() for name in ("parts", "acts"))
    ranked = batch.column("reach").is_valid().to_pylist()
    uids = batch.column("uid").to_pylist()
    for uid, counts, parts, acts, values in zip(
        uids, ranked, *lists, zip(*columns.values(), strict=True), strict=True
    ):
        scores = (
            dict(zip(columns, values, strict=True)) | _lists(parts, PARTS, PART) | _lists(acts, ACTS, ACT)
        )
        yield uid, scores if counts else {}


def _columns(batch: pa.RecordBatch, *, banded: bool) -> dict[str, list[Any]]:
    """The scores of each row, their margins, how many acts and people they come from, trust and the band."""
    stood, spoke = (_estimate(batch, name) for name in ("standing", "voice"))
    people, acts, band = (_ints(batch, name) for name in ("people", "voiceActs", "band"))
    said = (stood.values, stood.margin()), (spoke.values, spoke.margin())
    reached = _floats(batch, "reach"), _floats(batch, "reachMargin")
    columns = scored(reached, *said, stood.known, spoke.known)
    columns |= {"standingPeople": people.tolist(), "voiceActs": acts.tolist()}
    trust, told = _floats(batch, "trust"), _floats(batch, "vouched")
    doubt = Doubt(*(_floats(batch, f"{name}Percentile", float("nan")) for name in ("reach", "trust")))
    columns |= vetted(trust, told, spoke.values, stood.known, spoke.known, doubt)
    if banded:
        columns["band"] = named_bands(spoke.values, stood.values, acts, people, band)
    return columns


def _estimate(batch: pa.RecordBatch, name: str) -> Estimate:
    known = batch.column(name).is_valid().to_numpy(zero_copy_only=False)
    nothing = np.zeros(0, dtype=np.int64)
    evidence = _floats(batch, f"{name}Evidence", PRIOR_WEIGHT)
    return Estimate(_floats(batch, name), known, evidence, nothing, nothing, np.zeros(0))


def _floats(batch: pa.RecordBatch, name: str, unknown: float = 0.0) -> Floats:
    return np.asarray(batch.column(name).fill_null(unknown).to_numpy(zero_copy_only=False), dtype=np.float64)


def _ints(batch: pa.RecordBatch, name: str) -> Ints:
    return np.asarray(batch.column(name).fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)


def _lists(
    entries: list[dict[str, Any]] | None, names: tuple[str, ...], fields: tuple[str, ...]
) -> dict[str, Any]:
    """Structs as parallel lists; None for none."""
    if entries is None:
        return dict.fromkeys(names)
    return {name: [entry[field] for entry in entries] for name, field in zip(names, fields, strict=True)}

"""Tables in Parquet, which Spark reads and this process streams out of the graph.

`nodes` holds each customer once for the whole graph (place empty, `node` = `who`) and once for each community, so
that overall is one more community: every score is computed by node. `acts` holds what customers did, `persons` which
accounts are one person's, as far as they share something.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph import tables
from graph.driver import Graph
from graph.persons import stream_shared
from jobs.algorithms.bands import Band
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.persons import PLACEHOLDER, persons

ROWS = 20_000  # of a table that are held before they are written

NODES = pa.schema(
    [
        ("node", pa.int64()),
        ("who", pa.int64()),
        ("uid", pa.string()),
        ("name", pa.string()),
        ("place", pa.string()),
        ("ranked", pa.bool_()),
        ("band", pa.int64()),
    ]
)
ACTS = pa.schema(
    [
        ("kind", pa.string()),
        ("source", pa.string()),
        ("target", pa.string()),
        ("weight", pa.float64()),
        ("at", pa.string()),
        ("subject", pa.string()),
        ("place", pa.string()),
        ("id", pa.string()),
    ]
)
PERSONS = pa.schema([("uid", pa.string()), ("person", pa.string())])


@dataclass(slots=True)
class Table:
    """A Parquet file that grows by rows, closed at the end of its block."""

    path: Path
    schema: pa.Schema
    rows: list[Sequence[Any]] = field(default_factory=list)
    written: int = 0
    _writer: Any = None

    def __enter__(self) -> "Table":
        self._writer = pq.ParquetWriter(self.path, self.schema)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        self._writer.close()

    def add(self, *row: Any) -> None:
        """One row, in the order of the schema."""
        self.rows.append(row)
        if len(self.rows) >= ROWS:
            self._flush()

    def __len__(self) -> int:
        return self.written + len(self.rows)

    def _flush(self) -> None:
        if self.rows:
            columns = zip(*self.rows, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, self.schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
            self.written += len(self.rows)
            self.rows.clear()


@dataclass(frozen=True, slots=True)
class Exported:
    """How many ranked customers and memberships were written, rows of nodes in all, and who is not alone.

    `persons` is the first account by external id of each person with several, for each of their accounts.
    """

    customers: int
    memberships: int
    rows: int
    persons: dict[str, str]


async def export(graph: Graph, folder: Path, until: str | None) -> Exported:
    """Write what a run up to an instant counts.

    Held in this process are some thousand rows of a table, and the accounts that share something with others.
    """
    shared = _Shared()
    async for uids in stream_shared(graph):
        shared.tell(uids)
    customers = memberships = 0
    bands = {band.name: int(band) for band in Band}
    with Table(folder / "nodes.parquet", NODES) as nodes:
        async for each in tables.accounts(graph):
            who, band = len(nodes), bands.get(each.band or "", int(Band.UNKNOWN))
            for place in ("", *each.communities):
                nodes.add(len(nodes), who, each.uid, each.external_id, place, each.ranked, band)
            if each.ranked:
                customers, memberships = customers + 1, memberships + len(each.communities)
                shared.meet(each.uid, each.external_id)
    with Table(folder / "acts.parquet", ACTS) as acts:
        async for act in tables.acts(graph, until, NEUTRAL_BELOW):
            acts.add(*act)
    shared_by = shared.persons()
    with Table(folder / "persons.parquet", PERSONS) as table:
        for pair in shared_by.items():
            table.add(*pair)
    return Exported(customers, memberships, len(nodes), shared_by)


@dataclass(slots=True)
class _Shared:
    """Which accounts have which thing, by number; of the accounts only those that share one are known."""

    things: dict[str, list[int]] = field(default_factory=dict)
    ranked: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0

    def tell(self, uids: Sequence[str]) -> None:
        for uid in set(uids):
            self.things.setdefault(uid, []).append(self.count)
        self.count += 1

    def meet(self, uid: str, external_id: str) -> None:
        """A ranked account; what is shared with others says nothing."""
        if uid in self.things:
            self.ranked.append((external_id, uid))

    def persons(self) -> dict[str, str]:
        """The first account by external id of each person who has several, for each of theirs."""
        uids = [uid for _, uid in sorted(self.ranked)]
        pairs = [(number, thing) for number, uid in enumerate(uids) for thing in self.things[uid]]
        account, thing = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        person = persons(account, thing, len(uids), most=PLACEHOLDER)
        several = np.flatnonzero(np.bincount(person, minlength=len(uids))[person] > 1)
        return {uids[account]: uids[person[account]] for account in several.tolist()}


def batches(folder: Path, size: int) -> Iterator[pa.RecordBatch]:
    """The rows of a folder of Parquet files, some at a time."""
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=size)

"""Steps that are repeated until nothing moves: reach and fairness, as in `jobs.algorithms`."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.algorithms.reach import ALPHA, PATIENCE, TOLERANCE

MOST = 1000
# what comes in another order each time adds up to something else: that this little ends is not waited for
TREMBLING = 1e-7


@dataclass(frozen=True, slots=True)
class Reached:
    """`values` by node: reach and its unattached part; `given` by tie: what a source gives of its own reach."""

    values: DataFrame
    given: DataFrame
    steps: int
    residual: float


def kept(frame: DataFrame) -> DataFrame:
    """Compute it at its first use and forget where it came from, in `spark.checkpoint.dir` if there is one."""
    if frame.sparkSession.sparkContext.getCheckpointDir():
        return frame.checkpoint(eager=False)
    return frame.localCheckpoint(eager=False)


def reach(nodes: DataFrame, ties: DataFrame) -> Reached:
    """Weighted PageRank with mean 1.0 in each place, from `node`, `place` and `source`, `target`, `weight`.

    reach(v) = (1 − α) + α·D/n + α·Σ_u reach(u)·w(u,v)/w(u), as `jobs.algorithms.reach.reach` has it.
    """
    ties = ties.where("weight > 0 AND source <> target")
    out = ties.groupBy("source").agg(F.sum("weight").alias("out"))
    share = (F.lit(ALPHA) * F.col("weight") / F.col("out")).alias("share")
    # ties and values lie by node in the same partitions, so that a step sends nothing around but what is received
    given = kept(ties.join(out, "source").select("source", "target", share).repartition("source"))
    giving = out.select(F.col("source").alias("node"), F.lit(False).alias("sink"))
    sink = F.coalesce("sink", F.lit(True)).alias("sink")
    start = nodes.select("node", "place").join(giving, "node", "left")
    state = kept(start.select("node", "place", sink, F.lit(1.0).alias("next")).repartition("node"))

    def step(state: DataFrame) -> DataFrame:
        now = state.select("node", "place", "sink", F.col("next").alias("reach"))
        lost = F.sum(F.when(F.col("sink"), F.col("reach")).otherwise(0.0)) * ALPHA / F.count("*")
        spread = now.groupBy("place").agg(lost.alias("unattached"))
        from_each = now.select(F.col("node").alias("source"), "reach")
        got = given.join(from_each, "source").groupBy(F.col("target").alias("node"))
        received = got.agg(F.sum(F.col("share") * F.col("reach")).alias("received"))
        both = now.join(received, "node", "left").join(F.broadcast(spread), "place")
        following = F.col("unattached") + F.coalesce("received", F.lit(0.0)) + (1 - ALPHA)
        return both.select("node", "place", "sink", "reach", "unattached", following.alias("next"))

    state, steps, residual = settled(state, step, F.max(F.abs(F.col("next") - F.col("reach"))), TOLERANCE)
    return Reached(state.select("node", "reach", "unattached"), given, steps, residual)


def fairness(rated: DataFrame) -> DataFrame:
    """How fair each rater `from` is, from the weights of what they said of `to`.

    Goodness of v is the mean of f(u)·W(u,v), fairness of u the mean of 1 − |W(u,v) − goodness(v)|/2, as
    `jobs.algorithms.standing.fairness_goodness` has it.
    """
    edges = rated.select("from", "to", "weight")
    given, received = kept(edges.repartition("from")), kept(edges.repartition("to"))
    state = kept(given.select("from").distinct().select("from", F.lit(1.0).alias("next")))

    def step(state: DataFrame) -> DataFrame:
        now = state.select("from", F.col("next").alias("fairness"))
        good = (
            given.join(now, "from")
            .groupBy("to")
            .agg(F.avg(F.col("fairness") * F.col("weight")).alias("goodness"))
        )
        fair = F.avg(1 - F.abs(F.col("weight") - F.col("goodness")) / 2)
        return now.join(received.join(good, "to").groupBy("from").agg(fair.alias("next")), "from")

    state, _, _ = settled(state, step, F.max(F.abs(F.col("next") - F.col("fairness"))), TOLERANCE)
    return state.select("from", F.col("next").alias("fairness"))


def settled(
    state: DataFrame,
    step: Callable[[DataFrame], DataFrame],
    moved: Column,
    tolerance: float,
    most: int | None = MOST,
) -> tuple[DataFrame, int, float]:
    """The state after the first step that moved it by no more, which step it was, and what it still moved.

    `moved` is of a whole state: how far it is from the one before. Where that shrinks no further it ends as well, if
    it is little. Without `most` steps it has to be sure that it ends.
    """
    least, since = float("inf"), 0
    for steps in count(1):
        state = kept(step(state))
        (change,) = state.agg(F.coalesce(moved, F.lit(0.0))).first() or (0.0,)
        since = 0 if change < least else since + 1
        least = min(least, change)
        if change <= tolerance or (since >= PATIENCE and change <= TREMBLING):
            break
        if steps == most:
            raise ArithmeticError(f"{most} steps were not enough: the values still move by {change:.1e}.")
    return state, steps, change

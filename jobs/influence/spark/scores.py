"""Every score of every node and what it is made of, as DataFrames."""

from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.algorithms.parts import KEPT as PARTS_KEPT
from jobs.algorithms.reach import ALPHA
from jobs.algorithms.standing import NEGATIVE_WEIGHT, PRIOR, PRIOR_WEIGHT, Z
from jobs.influence.acts import KEPT as ACTS_KEPT
from jobs.influence.spark import acts
from jobs.influence.spark.acts import Tables
from jobs.influence.spark.percentiles import percentiles
from jobs.influence.spark.steps import Reached, fairness, kept, reach
from jobs.influence.spark.trust import trusted, voices, vouched, whose

PART = ("score", "kind", "value", "other", "share")
ACT = ("score", "kind", "value", "id", "at", "weight", "left", "fairness")


@dataclass(frozen=True, slots=True)
class Scored:
    """A row for each node, ranked or not, and what the run counted."""

    rows: DataFrame
    ties: int
    acts: int
    steps: int
    residual: float


def scored(nodes: DataFrame, did: DataFrame, persons: DataFrame, until: np.datetime64) -> Scored:
    """All scores from the exported tables at an instant; who is not ranked has none."""
    tables = acts.ranked(nodes, did, persons)
    tables = Tables(kept(tables.nodes), kept(tables.acts), tables.persons)
    ties = kept(acts.ties(tables.acts, until))
    reached = reach(tables.nodes, acts.between(ties, tables.nodes))
    said = acts.signed(tables.acts)
    about, by = kept(acts.about(said)), acts.by(said)
    fair = kept(fairness(about))
    stood = acts.placed(acts.between(about, tables.nodes)).withColumn("node", F.col("target"))
    spoke = acts.placed(acts.each(by, tables.nodes)).withColumn("node", F.col("source"))
    standing = _Estimate.of("STANDING", stood, fair, F.col("from"), tables.nodes, until)
    voice = _Estimate.of("VOICE", spoke, fair, F.col("to"), tables.nodes, until)
    heard = _near(reached, tables.nodes)
    lists = [
        _lists(_all(*_reach_parts(reached, heard), *standing.parts(), *voice.parts()), PART, "parts"),
        _lists(_all(*standing.acts(), *voice.acts()), ACT, "acts"),
    ]
    people = kept(whose(tables.nodes, tables.persons))
    trust = kept(trusted(ties, people, until))
    told = kept(voices(standing.shares, people, trust))
    speakers = told.groupBy("node").agg(F.countDistinct("person").alias("people"))
    margin = heard.groupBy("node").agg((Z * F.sqrt(F.sum(F.pow("value", F.lit(2))))).alias("reachMargin"))
    rows = nodes.select("node", "who", "uid", "place", "band").join(
        trust.select("who", "trust"), "who", "left"
    )
    found = reached.values, margin, standing.values(), voice.values(), speakers, vouched(told)
    for columns in (*found, _places(reached, trust, ties), *lists):
        rows = rows.join(columns, "node", "left")
    return Scored(rows, ties.count(), tables.acts.count(), reached.steps, reached.residual)


def _places(reached: Reached, trust: DataFrame, ties: DataFrame) -> DataFrame:
    """Where reach and trust lie among those whom anybody answered, overall: there a node is who it is of."""
    answered = trust.join(ties.withColumnRenamed("to", "who"), "who", "left_semi")
    both = answered.withColumnRenamed("who", "node").join(reached.values, "node")
    return percentiles(both, "reach", "trust")


@dataclass(frozen=True, slots=True)
class _Estimate:
    """`totals` by node: value, evidence and how many acts; `shares`: each act's part of the value."""

    score: str
    totals: DataFrame
    shares: DataFrame

    @classmethod
    def of(
        cls,
        score: str,
        said: DataFrame,
        fair: DataFrame,
        other: Column,
        nodes: DataFrame,
        until: np.datetime64,
    ) -> "_Estimate":
        """The shrunk mean of signs of `jobs.algorithms.standing.estimate`, the acts credited to `other`.

        A speaker whom nobody knows as a rater is as fair as can be.
        """
        named = nodes.where("place = ''").select(F.col("who").alias("speaker"), "uid", "name")
        count = F.when(F.col("weight") < 0, NEGATIVE_WEIGHT).otherwise(1.0)
        believed = said.join(fair, "from", "left").withColumns(
            {
                "left": acts.left(until),
                "fairness": F.coalesce("fairness", F.lit(1.0)),
                "speaker": other,
                "sign": F.signum("weight"),
            }
        )
        rows = believed.withColumn("evidence", F.col("left") * F.col("fairness") * count)
        rows = kept(rows.join(named, "speaker", "left"))
        balance = F.sum(F.col("evidence") * F.col("sign")) + PRIOR_WEIGHT * PRIOR
        heard = F.sum("evidence") + PRIOR_WEIGHT
        totals = rows.groupBy("node").agg(
            (balance / heard).alias("estimate"), heard.alias("heard"), F.count("*").alias("count")
        )
        share = F.col("evidence") * F.col("sign") / F.col("heard")
        shares = rows.join(totals.select("node", "heard"), "node").withColumn("value", share)
        return cls(score, totals, kept(shares))

    def values(self) -> DataFrame:
        """The totals, under the name of the score."""
        name = self.score.lower()
        columns = {"estimate": name, "heard": f"{name}Evidence", "count": f"{name}Acts"}
        return self.totals.withColumnsRenamed(columns)

    def parts(self) -> tuple[DataFrame, ...]:
        """By whom it is said: the strongest by name, and what all others add for and against."""
        kind = F.when(F.col("value") > 0, "POSITIVE").otherwise("NEGATIVE")
        said = self.shares.where("value <> 0").withColumn("kind", kind)
        pairs = said.groupBy("node", "speaker", "uid", "name", "kind").agg(F.sum("value").alias("value"))
        unnamed = F.when(F.col("uid").isNull(), 1).otherwise(0)
        ranks = _rank(pairs.withColumn("unnamed", unnamed), "unnamed", "name")
        first = (F.col("nth") <= PARTS_KEPT) & (F.col("unnamed") == 0)
        rest = ranks.where(~first).groupBy("node", "kind").agg(F.sum("value").alias("value"))
        last = F.when(F.col("kind") == "POSITIVE", PARTS_KEPT + 1).otherwise(PARTS_KEPT + 2)
        return (
            self._part(ranks.where(first), F.col("nth"), F.col("uid")),
            self._part(rest, last, F.lit("")),
        )

    def _part(self, rows: DataFrame, nth: Column, uid: Column) -> DataFrame:
        rows = rows.withColumns({"score": F.lit(self.score), "nth": nth, "other": uid, "share": F.lit(0.0)})
        return rows.select("node", "nth", *PART)

    def acts(self) -> tuple[DataFrame, ...]:
        """The strongest acts, then one row for all others."""
        ranks = _rank(self.shares, "name", "kind", "at", "id")
        rest = ranks.where(F.col("nth") > ACTS_KEPT).groupBy("node").agg(F.sum("value").alias("value"))
        nothing = {"kind": F.lit("OTHERS"), "id": F.lit(""), "at": F.lit(""), "nth": F.lit(ACTS_KEPT + 1)}
        nothing |= {name: F.lit(0.0) for name in ("weight", "left", "fairness")}
        found = ranks.where(F.col("nth") <= ACTS_KEPT), rest.withColumns(nothing)
        return tuple(
            rows.withColumns({"score": F.lit(self.score), "at": F.coalesce("at", F.lit(""))}).select(
                "node", "nth", *ACT
            )
            for rows in found
        )


def _near(reached: Reached, nodes: DataFrame) -> DataFrame:
    """What each neighbour adds to the reach of a node, by name."""
    source = F.col("node").alias("source")
    values = reached.values.select(source, "reach").join(nodes.select(source, "uid", "name"), "source")
    named = reached.given.join(values, "source").withColumn("value", F.col("share") * F.col("reach"))
    return kept(named.select(F.col("target").alias("node"), "uid", "name", "value", "share"))


def _reach_parts(reached: Reached, heard: DataFrame) -> tuple[DataFrame, ...]:
    """Base, unattached share, the strongest neighbours and all others."""
    ranks = _rank(heard, "name")
    rest = ranks.where(F.col("nth") > PARTS_KEPT).groupBy("node").agg(F.sum("value").alias("value"))

    def part(
        rows: DataFrame, kind: str, nth: Column, value: Column, other: Column, share: Column
    ) -> DataFrame:
        named = {"score": F.lit("REACH"), "kind": F.lit(kind), "nth": nth, "value": value}
        return rows.withColumns(named | {"other": other, "share": share}).select("node", "nth", *PART)

    nobody, none = F.lit(""), F.lit(0.0)
    # the share of all that a neighbour gives is what comes of it without the damping
    given = F.col("share") / ALPHA
    return (
        part(reached.values, "BASE", F.lit(-1), F.lit(1 - ALPHA), nobody, none),
        part(reached.values, "UNATTACHED", F.lit(0), F.col("unattached"), nobody, none),
        part(
            ranks.where(F.col("nth") <= PARTS_KEPT),
            "NEIGHBOUR",
            F.col("nth"),
            F.col("value"),
            F.col("uid"),
            given,
        ),
        part(rest, "OTHERS", F.lit(PARTS_KEPT + 1), F.col("value"), nobody, none),
    )


def _rank(rows: DataFrame, *ties: str) -> DataFrame:
    """The rows with their place among those of their node, the largest first, named ones before all others."""
    first = [F.col(name) for name in ties if name == "unnamed"]
    then = [F.col(name) for name in ties if name != "unnamed"]
    order = Window.partitionBy("node").orderBy(*first, F.desc(F.abs("value")), *then)
    return rows.withColumn("nth", F.row_number().over(order))


def _all(first: DataFrame, *others: DataFrame) -> DataFrame:
    for other in others:
        first = first.unionByName(other)
    return first


def _lists(rows: DataFrame, columns: tuple[str, ...], name: str) -> DataFrame:
    """One list of structs for each node, by score and place in it."""
    score = F.when(F.col("score") == "REACH", 0).when(F.col("score") == "STANDING", 1).otherwise(2)
    entry = F.struct(score.alias("by"), "nth", *columns)
    return rows.groupBy("node").agg(F.sort_array(F.collect_list(entry)).alias(name))

"""Which acts count, for whom and how much, as DataFrames: what `jobs.influence.measure` says of arrays."""

from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.algorithms.decay import FURTHEST, HALF_LIFE
from jobs.influence.measure import STANDING, VOICE

MS_PER_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Tables:
    """The exported tables: `nodes` and `persons` as they are, `acts` between ranked customers by their number."""

    nodes: DataFrame
    acts: DataFrame
    persons: DataFrame


def ranked(nodes: DataFrame, acts: DataFrame, persons: DataFrame) -> Tables:
    """Leave out who is not ranked, and what was done by or towards them."""
    nodes = nodes.where("ranked")
    people = nodes.where("place = ''").select(F.col("uid").alias("found"), F.col("who").alias("number"))
    source = people.select(F.col("found").alias("source"), F.col("number").alias("from"))
    target = people.select(F.col("found").alias("target"), F.col("number").alias("to"))
    known = acts.join(source, "source").join(target, "target", "left")
    return Tables(nodes, known.where("target = '' OR to IS NOT NULL").drop("source", "target"), persons)


def signed(acts: DataFrame) -> DataFrame:
    """The acts that say something, by their weight: warnings always warn."""
    weight = F.when(F.col("kind") == "WARNING", -F.abs("weight")).otherwise(F.col("weight"))
    return acts.withColumn("weight", weight).where("weight <> 0")


def about(acts: DataFrame) -> DataFrame:
    """The counted acts that say something of whom they are addressed to."""
    brand = (F.col("kind") == "RECOMMENDATION") & (F.col("subject") == "")
    return counted(acts.where(F.col("kind").isin(*STANDING) | brand))


def by(acts: DataFrame) -> DataFrame:
    """The counted acts that say something of the brand or a product; a mood is towards its product."""
    return counted(acts.where(F.col("kind").isin(*VOICE)))


def ties(acts: DataFrame, until: np.datetime64) -> DataFrame:
    """Who responded to whom: `from`, `to`, the `weight` that is left, on how many `days` and `since` which.

    A tie with an undated act is since nobody knows when: null.
    """
    acts = acts.where(~F.col("kind").isin("MOOD", "WARNING"))
    back = F.col("kind") == "REFERRAL"  # the referred responded to the advocate
    ends = {"from": F.when(back, F.col("to")).otherwise(F.col("from"))}
    ends["to"] = F.when(back, F.col("from")).otherwise(F.col("to"))
    chosen = counted(acts.withColumns(ends)).withColumn("day", F.substring("at", 1, 10))
    days = F.size(F.collect_set(F.coalesce("day", F.lit(""))))  # the undated are one more
    since = F.when(~F.bool_or(F.col("day").isNull()), F.min("day"))
    weight = F.sum(left(until)).alias("weight")
    return chosen.groupBy("from", "to").agg(weight, days.alias("days"), since.alias("since"))


def counted(acts: DataFrame) -> DataFrame:
    """The latest act of each kind, ordered pair and day; of several at one instant that with the largest id."""
    towards = F.when(F.col("kind") == "MOOD", F.col("subject")).otherwise(F.col("to").cast("string"))
    day = F.coalesce(F.substring("at", 1, 10), F.lit(""))
    same = Window.partitionBy("kind", "from", F.coalesce(towards, F.lit("")), day)
    latest = F.row_number().over(same.orderBy(F.desc("at"), F.desc("id")))
    return acts.withColumn("nth", latest).where("nth = 1").drop("nth")


def left(until: np.datetime64) -> Column:
    """What is left of an act: d = 2^(−(T − t)/h), 1 for an undated one."""
    instant = int(until.astype("datetime64[ms]").astype(np.int64))
    span = (F.lit(instant) - F.unix_millis(F.to_timestamp("at"))) / (MS_PER_DAY * HALF_LIFE)
    halves = F.greatest(F.least(span, F.lit(FURTHEST)), F.lit(-FURTHEST))
    # least and greatest pass over what is null
    return F.when(F.col("at").isNull(), 1.0).otherwise(F.pow(F.lit(2.0), -halves))


def between(pairs: DataFrame, nodes: DataFrame) -> DataFrame:
    """What happened between two of one place, by their nodes `source` and `target`, once for each such place."""
    here = nodes.select(
        F.col("who").alias("from"), F.col("node").alias("source"), F.col("place").alias("home")
    )
    there = nodes.select(
        F.col("who").alias("to"), F.col("node").alias("target"), F.col("place").alias("home")
    )
    return pairs.join(here, "from").join(there, ["to", "home"])


def each(acts: DataFrame, nodes: DataFrame) -> DataFrame:
    """What each did, once for each node `source` of theirs."""
    here = nodes.select(
        F.col("who").alias("from"), F.col("node").alias("source"), F.col("place").alias("home")
    )
    return acts.join(here, "from")


def placed(acts: DataFrame) -> DataFrame:
    """Leave out, inside a community, what was said in another one."""
    return acts.where("home = '' OR place = '' OR place = home")

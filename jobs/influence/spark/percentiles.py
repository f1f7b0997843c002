"""Where values stand among others, as `jobs.algorithms.percentiles` has it, with no place that holds them all."""

from functools import reduce

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.algorithms.percentiles import EXACT
from jobs.influence.spark.steps import kept


def percentiles(values: DataFrame, *names: str) -> DataFrame:
    """For each `node` and each of these columns the share of others below, as `reachPercentile` for `reach`.

    Values are counted in ranges: what is below one is all of the ranges before, and some of its own.
    """
    columns = (
        values.select("node", F.lit(name).alias("name"), F.rint(F.col(name) * 10.0**EXACT).alias("value"))
        for name in names
    )
    asked = kept(reduce(DataFrame.unionByName, columns))
    counts = asked.groupBy("name", "value").agg(F.count("*").alias("equal"))
    ranged = kept(counts.repartitionByRange("name", "value").withColumn("range", F.spark_partition_id()))
    ranges = ranged.groupBy("name", "range").agg(F.sum("equal").alias("in"))
    whole = Window.partitionBy("name")
    before = whole.orderBy("range").rowsBetween(Window.unboundedPreceding, -1)
    earlier = F.coalesce(F.sum("in").over(before), F.lit(0)).alias("earlier")
    ranges = ranges.select("name", "range", earlier, F.sum("in").over(whole).alias("all"))
    upto = F.col("earlier") + F.sum("equal").over(Window.partitionBy("name", "range").orderBy("value"))
    percent = 50.0 * (2 * upto - F.col("equal")) / F.col("all")
    places = ranged.join(F.broadcast(ranges), ["name", "range"]).select(
        "name", "value", percent.alias("percent")
    )
    found = asked.join(places, ["name", "value"])
    of = (F.max(F.when(F.col("name") == name, F.col("percent"))).alias(f"{name}Percentile") for name in names)
    return found.groupBy("node").agg(*of)

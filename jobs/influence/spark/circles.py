"""Circles among persons, by joins of their ties: how closed a group is, and which circle is the largest."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.algorithms.trust import COMMON
from jobs.influence.spark.steps import kept, settled


def pair(one: str, other: str) -> tuple[Column, Column]:
    """Two ends in the order of their numbers, `low` and `high`, whichever way a tie goes."""
    return F.least(one, other).alias("low"), F.greatest(one, other).alias("high")


def overlap(ties: DataFrame) -> DataFrame:
    """How far each `low`, `high` with a tie is inside a closed group, as `jobs.algorithms.trust.overlap` has it.

    Each triangle x → y → z is found once, from ends of low degree to ends of high, so that hubs cost no squares.
    """
    pairs = ties.select(*pair("source", "target")).distinct()
    ends = pairs.select(F.explode(F.array("low", "high")).alias("end"))
    degree = ends.groupBy("end").agg(F.count("*").alias("degree"))
    low, high = (degree.withColumnsRenamed({"end": end, "degree": f"{end}Degree"}) for end in ("low", "high"))
    one, other = (
        F.struct(F.col(f"{end}Degree").alias("degree"), F.col(end).alias("end")) for end in ("low", "high")
    )
    degrees = (F.col("lowDegree") + F.col("highDegree")).alias("degrees")
    x, y = F.least(one, other)["end"].alias("x"), F.greatest(one, other)["end"].alias("y")
    edges = kept(pairs.join(low, "low").join(high, "high").select(x, y, degrees))
    onwards = edges.select(F.col("x").alias("y"), F.col("y").alias("z"))
    triangles = edges.join(onwards, "y").join(edges.select("x", F.col("y").alias("z")), ["x", "z"])
    sides = (F.struct(F.col(a).alias("x"), F.col(b).alias("y")) for a, b in ("xy", "yz", "xz"))
    side = triangles.select(F.explode(F.array(*sides)).alias("side"))
    common = side.groupBy("side.x", "side.y").agg(F.count("*").alias("common"))
    shared = F.coalesce("common", F.lit(0))
    found = shared / (F.col("degrees") - 2 - shared + COMMON)
    return edges.join(common, ["x", "y"], "left").select(*pair("x", "y"), found.alias("overlap"))


def largest(ties: DataFrame) -> DataFrame | None:
    """Each `node` of the largest strongly connected component or of several as large; None if all are of one node.

    The largest label of those that lead to a node reaches it along the ties [1]_, that of those it leads to against
    them. Where both are one, the node is in the component of its owner, and no component lies in two classes of
    such pairs: each round finds some, and the next looks into the classes that could hold one as large. Labels are
    by chance, new ones in each round, so that a chain of many components takes few.

    References
    ----------
    .. [1] Orzan: On distributed verification and verified distribution, thesis, Vrije Universiteit 2004.
    """
    found: DataFrame | None = None
    size, rounds, edges = 0, 0, _trimmed(ties.select("source", "target").distinct())
    while edges is not None:
        nodes = edges.select(F.col("source").alias("node")).distinct()
        label = F.xxhash64("node", F.lit(rounds))  # one to one
        nodes = kept(_spread(edges, nodes.withColumns({"before": label, "behind": label})))
        classes = kept(nodes.groupBy("before", "behind").agg(F.count("*").alias("nodes")))
        whole = F.col("before") == F.col("behind")
        (most,) = classes.where(whole).agg(F.max("nodes")).first() or (0,)
        nodes = nodes.join(classes, ["before", "behind"])
        new = nodes.where(whole & (F.col("nodes") == most)).select("node")
        if most > size:
            found, size = new, most
        elif most == size and found is not None:
            found = found.union(new)
        edges = _trimmed(_inside(edges, nodes.where(~whole & (F.col("nodes") >= size))))
        rounds += 1
    return found


def _trimmed(edges: DataFrame) -> DataFrame | None:
    """Leave out, again and again, who answers nobody or is answered by nobody; None if nobody remains."""
    edges, before = kept(edges), -1
    while (left := edges.count()) not in (0, before):
        answered = edges.select(F.col("target").alias("source"))
        answering = edges.select(F.col("source").alias("target"))
        edges = kept(edges.join(answered, "source", "left_semi").join(answering, "target", "left_semi"))
        before = left
    return edges if left else None


def _inside(edges: DataFrame, nodes: DataFrame) -> DataFrame:
    """The edges between two nodes of one class."""
    first = nodes.select(F.col("node").alias("source"), "before", "behind")
    second = nodes.select(F.col("node").alias("target"), "before", "behind")
    inside = edges.join(first, "source").join(second, ["target", "before", "behind"])
    return inside.select("source", "target")


def _spread(edges: DataFrame, nodes: DataFrame) -> DataFrame:
    """Each `node` with the largest label `before` of those that lead to it and `behind` of those it leads to."""
    ways = edges.withColumn("onwards", F.lit(True))
    back = edges.select(F.col("target").alias("source"), F.col("source").alias("target"))
    ways = kept(ways.unionByName(back.withColumn("onwards", F.lit(False))).repartition("source"))
    state = kept(nodes.withColumn("moved", F.lit(1)).repartition("node"))

    def step(state: DataFrame) -> DataFrame:
        told = ways.join(state.withColumnRenamed("node", "source"), "source")
        before = F.max(F.when(F.col("onwards"), F.col("before"))).alias("ahead")
        behind = F.max(F.when(~F.col("onwards"), F.col("behind"))).alias("after")
        heard = told.groupBy(F.col("target").alias("node")).agg(before, behind)
        moved = F.when((F.col("ahead") > F.col("before")) | (F.col("after") > F.col("behind")), 1).otherwise(
            0
        )
        further = {"before": F.greatest("before", "ahead"), "behind": F.greatest("behind", "after")}
        return state.join(heard, "node").withColumns(further | {"moved": moved}).drop("ahead", "after")

    # in a long ring a label needs as many steps as there are nodes, but no more
    return settled(state, step, F.max("moved"), 0, most=None)[0].drop("moved")

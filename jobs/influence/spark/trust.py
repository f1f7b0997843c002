"""Trust and vouched standing as DataFrames: what `jobs.algorithms.trust` and `jobs.influence.trusted` say of arrays."""

import numpy as np
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.algorithms.standing import NEGATIVE_WEIGHT, PRIOR_WEIGHT
from jobs.algorithms.trust import ALPHA, FEW, KEPT_BACK, KNOWN, OWN, SLOW, STRONGEST, TOLERANCE, VOICES
from jobs.influence.spark.acts import MS_PER_DAY
from jobs.influence.spark.circles import largest, overlap, pair
from jobs.influence.spark.steps import kept, settled


def whose(nodes: DataFrame, persons: DataFrame) -> DataFrame:
    """The `person` of each account `who`, by the number of their first account, and its own `name`."""
    accounts = nodes.where("place = ''").select("uid", "who", "name").join(persons, "uid", "left")
    first = nodes.where("place = ''").select(F.col("uid").alias("person"), F.col("who").alias("first"))
    person = F.coalesce("first", "who").alias("person")
    return accounts.join(first, "person", "left").select("who", "name", person)


def trusted(ties: DataFrame, people: DataFrame, until: np.datetime64) -> DataFrame:
    """The `trust` of each `who`, 1 being usual, and `speaking`, how far they are to be believed."""
    given = _opened(ties, people)
    known = kept(_tenure(given, people, until))
    seeds = kept(_seeds(given, known).repartition("who"))
    given, passed = _passed(kept(_shared(given).repartition("from")), seeds)
    sent = given.join(passed.withColumnRenamed("who", "from"), "from")
    norm = _norm(sent, F.col("open") * F.col("passed"), STRONGEST, F.col("to").alias("who"))
    value = (F.coalesce("norm", F.lit(0.0)) + OWN * F.col("passed")).alias("value")
    values = kept(passed.join(norm, "who", "left").select("who", value))
    usual = F.broadcast(values.where("value > 0").agg(F.avg("value").alias("usual")))
    readable = F.coalesce(F.col("value") / F.col("usual"), F.lit(0.0)).alias("trust")
    trust = values.crossJoin(usual).select("who", readable).join(known, "who")
    return trust.select("who", "trust", (F.col("trust") * F.pow("tenure", F.lit(KNOWN))).alias("speaking"))


def voices(said: DataFrame, people: DataFrame, trusts: DataFrame) -> DataFrame:
    """What each `person` is heard with for and against each `node` of somebody else, by `sign`: the strongest."""
    by = people.join(trusts, "who").select(F.col("who").alias("from"), "person", "speaking")
    own = people.select(F.col("who").alias("to"), F.col("person").alias("own"))
    others = said.join(by, "from").join(own, "to").where("person <> own")
    told = F.pow("left", F.lit(1 / SLOW)) * F.col("fairness") * F.col("speaking")
    return others.groupBy("node", "person", "sign").agg(F.max(told).alias("told"))


def vouched(voices: DataFrame) -> DataFrame:
    """The `vouched` standing of each `node`: (P − 3·N)/(P + 3·N + 1), norms of the voices for and against."""
    sides = _norm(voices, F.col("told"), VOICES, F.col("node"), F.col("sign"))
    good = F.sum(F.when(F.col("sign") > 0, F.col("norm")).otherwise(0.0))
    bad = NEGATIVE_WEIGHT * F.sum(F.when(F.col("sign") < 0, F.col("norm")).otherwise(0.0))
    return sides.groupBy("node").agg(((good - bad) / (good + bad + PRIOR_WEIGHT)).alias("vouched"))


def _opened(ties: DataFrame, people: DataFrame) -> DataFrame:
    """The ties from a `person` to another, `own`, and how `open` each is: 1, less inside closed groups."""
    by = people.select(F.col("who").alias("from"), "name", "person")
    own = people.select(F.col("who").alias("to"), F.col("person").alias("own"))
    between = kept(ties.join(by, "from").join(own, "to").where("person <> own"))
    inside = overlap(_ends(between))
    open_ = F.pow(1 - F.col("overlap"), F.lit(2))
    found = between.select("*", *pair("person", "own")).join(inside, ["low", "high"])
    return kept(found.withColumn("open", open_).drop("low", "high", "overlap"))


def _ends(given: DataFrame) -> DataFrame:
    return given.select(F.col("person").alias("source"), F.col("own").alias("target"))


def _tenure(given: DataFrame, people: DataFrame, until: np.datetime64) -> DataFrame:
    """The `tenure` of each `who`, as `jobs.algorithms.trust.tenure` has it."""
    instant = int(until.astype("datetime64[ms]").astype(np.int64))
    age = (F.lit(instant) - F.unix_millis(F.to_timestamp("since"))) / MS_PER_DAY
    # greatest passes over what is null
    oldest, undated = F.greatest(F.max(age), F.lit(0.0)), F.bool_or(F.col("since").isNull())
    heard = given.groupBy(F.col("to").alias("who")).agg(oldest.alias("age"), undated.alias("undated"))
    longest = heard.agg(F.max("age").alias("longest"))
    known = F.when(F.col("undated"), F.col("longest")).otherwise(F.col("age")).alias("known")
    heard = kept(heard.crossJoin(F.broadcast(longest)).select("who", known))
    middle = heard.agg(F.coalesce(F.percentile("known", F.lit(0.5)), F.lit(0.0)).alias("middle"))
    for_time = F.coalesce(F.col("known") / (F.col("known") + F.col("middle")), F.lit(0.0))
    tenure = F.when(F.col("middle") == 0, 1.0).otherwise(for_time).alias("tenure")
    everybody = people.select("who").join(heard, "who", "left")
    return everybody.crossJoin(F.broadcast(middle)).select("who", tenure)


def _seeds(given: DataFrame, known: DataFrame) -> DataFrame:
    """The `start` of each `who`: how well known, and by how many, in the largest circle.

    All trust is in proportion to it and told in units of its mean, so that its scale does not matter.
    """
    circle = largest(_ends(given))
    inside = given
    if circle is not None:
        inside = given.join(circle.withColumnRenamed("node", "own"), "own", "left_semi")
    once = inside.groupBy(F.col("to").alias("who"), "person").agg(F.max("open").alias("open"))
    heard = once.groupBy("who").agg(F.sum("open").alias("heard"))
    seed = F.coalesce(F.col("heard") / (F.col("heard") + FEW), F.lit(0.0)) * F.col("tenure")
    return known.join(heard, "who", "left").select("who", seed.alias("start"))


def _shared(given: DataFrame) -> DataFrame:
    """The ties with the `share` of the trust of `from` that each passes on, before damping."""
    weight = F.col("open") * F.col("days") / (F.col("days") + 1)
    out = given.groupBy("from").agg((F.sum(weight) + KEPT_BACK).alias("out"))
    return given.join(out, "from").withColumn("share", weight / F.col("out")).drop("out")


def _passed(given: DataFrame, seeds: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The ties that are heard, one of a person to an account, and what each `who` has `passed` to them and on."""
    passed = _settled(given, seeds)
    times = given.groupBy("person", "to").agg(F.count("*").alias("times"))
    if not times.where("times > 1").take(1):
        return given, passed
    heard = kept(_strongest(given, passed).repartition("from"))
    return heard, _settled(heard, seeds)


def _settled(given: DataFrame, seeds: DataFrame) -> DataFrame:
    """What each `who` has `passed`, after as many steps as with arrays: whom they do not come to has nothing."""

    def step(state: DataFrame) -> DataFrame:
        now = state.select("who", "start", F.col("next").alias("passed"))
        got = given.join(now.select(F.col("who").alias("from"), "passed"), "from")
        received = F.sum(F.col("share") * F.col("passed")).alias("received")
        both = now.join(got.groupBy(F.col("to").alias("who")).agg(received), "who", "left")
        following = F.col("start") + ALPHA * F.coalesce("received", F.lit(0.0))
        return both.select("who", "start", "passed", following.alias("next"))

    most, change = F.max("next"), F.max(F.abs(F.col("next") - F.col("passed")))
    state = seeds.withColumn("next", F.col("start"))
    state, _, _ = settled(state, step, F.when(most > 0, change / most), TOLERANCE)
    return state.select("who", F.col("next").alias("passed"))


def _strongest(given: DataFrame, passed: DataFrame) -> DataFrame:
    """Of the accounts by which a person answers an account the one that passes most on, of equal ones the last."""
    sent = given.join(passed.withColumnRenamed("who", "from"), "from")
    order = F.struct(F.col("share") * F.col("passed"), "name")
    one = F.max_by(F.struct("from", "share", "open"), order)
    return sent.groupBy("person", "to").agg(one.alias("one")).select("to", "one.*")


def _norm(rows: DataFrame, value: Column, power: float, *by: Column) -> DataFrame:
    """The p-`norm` of each group, (Σ x^p)^(1/p), scaled by the largest; there is none where all are 0."""
    values = rows.select(*by, value.alias("value")).where("value > 0")
    names = [name for name in values.columns if name != "value"]
    scaled = values.withColumn("top", F.max("value").over(Window.partitionBy(*names)))
    total = F.sum(F.pow(F.col("value") / F.col("top"), F.lit(power)))
    return scaled.groupBy(*names).agg((F.max("top") * F.pow(total, F.lit(1 / power))).alias("norm"))

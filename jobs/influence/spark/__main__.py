"""The job: scores from the tables of a folder, into the same folder.

`python -m jobs.influence.spark FOLDER --as-of INSTANT [--master URL]`; Spark may be configured outside instead.
It reads `nodes`, `acts` and `persons.parquet` and writes `customers` and `members`, folders of Parquet files, and
`summary.json`, what it counted. The executors need no Python: nothing but DataFrame operations is sent to them.
"""

import argparse
import json
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from jobs.algorithms.decay import until
from jobs.influence.spark.scores import scored
from jobs.influence.spark.steps import kept


def session(master: str | None) -> SparkSession:
    """Spark as it is configured outside, at this master if one is given; on one machine it listens to nobody else."""
    builder = SparkSession.builder.appName("muhatap influence")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    if master is not None:
        builder = builder.master(master)
    if master is not None and master.startswith("local"):
        builder = builder.config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
    spark = builder.getOrCreate()
    configured = spark.sparkContext.getConf()
    if not configured.contains("spark.sql.shuffle.partitions"):  # the default, 200, is for no size at all
        spark.conf.set("spark.sql.shuffle.partitions", str(spark.sparkContext.defaultParallelism))
    if not configured.contains(
        "spark.sql.adaptive.enabled"
    ):  # a hundred small steps are planned faster without
        spark.conf.set("spark.sql.adaptive.enabled", "false")
    return spark


def compute(spark: SparkSession, folder: Path, as_of: str | None) -> None:
    """Read the tables of the folder, and write the scores beside them."""

    def table(name: str) -> DataFrame:
        return spark.read.parquet((folder / f"{name}.parquet").as_uri())

    found = scored(table("nodes"), table("acts"), table("persons"), until(as_of))
    rows = kept(found.rows)
    rows.where("place = ''").write.parquet((folder / "customers").as_uri())
    rows.where("place <> ''").write.parquet((folder / "members").as_uri())
    counted = {"ties": found.ties, "acts": found.acts, "steps": found.steps, "residual": found.residual}
    (folder / "summary.json").write_text(json.dumps(counted))


def main() -> None:
    """Compute what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m jobs.influence.spark")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of")
    parser.add_argument("--master")
    given = parser.parse_args()
    spark = session(given.master)
    try:
        compute(spark, given.folder.absolute(), given.as_of)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()

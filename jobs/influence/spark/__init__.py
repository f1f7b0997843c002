"""The same scores from Spark, for a graph that no one machine holds: DataFrames over tables in Parquet.

All of them are those of `jobs.influence.measure` to 1e-6, overall and inside communities.
"""

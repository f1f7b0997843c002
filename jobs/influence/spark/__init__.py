"""The same scores from Spark, for a graph that no one machine holds: DataFrames over tables in Parquet.

Reach, standing, voice, advocacy and harm with their margins, parts and acts are those of `jobs.influence.measure`
to 1e-6. Trust and vouched, and what follows from them, are not computed here and are published as unknown.
"""

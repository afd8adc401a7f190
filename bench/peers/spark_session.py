"""A Spark session for one bench on one machine."""

import glob
import os

from pyspark.sql import SparkSession


def start(scratch):
    jars = sorted(glob.glob(os.path.join(os.environ["LANDFALL_JUDGES"], "jars", "*.jar")))
    settings = {
        "spark.jars": ",".join(jars),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        # Its defaults of 200 and 50 are for clusters.
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.local.dir": f"{scratch}/local",
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={scratch} -Duser.timezone=UTC -XX:-UsePerfData",
        "spark.driver.memory": "4g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[*]").appName("landfall-bench")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()

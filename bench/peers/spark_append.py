"""Spark's file source with `availableNow` into a Delta table: FOLDER TABLE. Prints the seconds without the session's start."""

import glob
import json
import os
import shutil
import sys
import tempfile
import time

from pyspark.sql import SparkSession
from telemetry_schema import DDL


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


def main():
    folder, table = sys.argv[1:]
    scratch = tempfile.mkdtemp(prefix="landfall-bench-spark-")
    try:
        session = start(scratch)
        started = time.monotonic()
        stream = (
            session.readStream.schema(DDL)
            .json(folder)
            .writeStream.format("delta")
            .option("checkpointLocation", f"{scratch}/checkpoint")
            .trigger(availableNow=True)
            .start(table)
        )
        stream.awaitTermination()
        seconds = time.monotonic() - started
        rows = session.read.format("delta").load(table).count()
        print(json.dumps({"rows": rows, "seconds": seconds}))
        session.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


main()

"""Spark's file source with `availableNow` into a Delta table: FOLDER TABLE. Prints the seconds without the session's start."""

import json
import shutil
import sys
import tempfile
import time

from spark_session import start
from telemetry_schema import DDL


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

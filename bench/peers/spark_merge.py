"""Merges a Parquet file into a Delta table by its key `k` with Spark's MERGE: TABLE SOURCE. Prints what became of the rows, and the seconds without the session's start."""

import json
import shutil
import sys
import tempfile
import time

from spark_session import start


def main():
    table, source = sys.argv[1:]
    scratch = tempfile.mkdtemp(prefix="landfall-bench-spark-")
    try:
        session = start(scratch)
        session.read.parquet(source).createOrReplaceTempView("s")
        started = time.monotonic()
        merge = f"MERGE INTO delta.`{table}` t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
        row = session.sql(merge).collect()[0]
        seconds = time.monotonic() - started
        print(
            json.dumps(
                {
                    "updated": row["num_updated_rows"],
                    "inserted": row["num_inserted_rows"],
                    "seconds": seconds,
                }
            )
        )
        session.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


main()

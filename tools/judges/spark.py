"""The judge Spark with Delta: one local session for a whole suite. Requests: tools/judges/README.md."""

import glob
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import reduce

from canonical import arrow_table, canonical_rows
from line_server import serve
from json_rows import IN_JSON, rows_of
from pyspark.sql import DataFrame, SparkSession, functions
from pyspark.sql.pandas.types import to_arrow_schema
from random_tables import make_tables


CORES = 2
# More would make each task carry the plans of all.
TABLES_OF_A_JOB = 8

# What Spark prepares for large tables costs it most of the time over small ones.
FOR_SMALL_TABLES = {
    "spark.databricks.delta.stats.skipping": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def start(scratch, jars):
    """A session on two cores that writes only into `scratch`; up in some six seconds."""
    settings = {
        "spark.jars": ",".join(jars),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        # VACUUM lists folders in so many tasks, ten thousand by default: minutes, for a folder of ten files.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.local.dir": f"{scratch}/local",
        # UsePerfData would leave a folder in /tmp; the second compiler costs more than it gains on tables of a test.
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={scratch} -Duser.timezone=UTC -XX:-UsePerfData -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
        "spark.driver.memory": "2g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master(f"local[{CORES}]").appName("landfall-judge")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


class Judge:
    def __init__(self, session):
        self.session = session

    def fresh(self):
        # Tests write, delete and write again behind Spark's back.
        self.session._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
        self.session.catalog.clearCache()

    def frame(self, request):
        self.fresh()
        reader = self.session.read.format("delta")
        if request.get("version") is not None:
            reader = reader.option("versionAsOf", request["version"])
        frame = reader.load(request["table"])
        columns = request.get("columns")
        return frame if columns is None else frame.select(*[quoted(name) for name in columns])

    def version(self, table):
        # Of the log as the request read or wrote it, which is still in Delta's cache.
        logs = self.session._jvm.org.apache.spark.sql.delta.DeltaLog
        return logs.forTable(self.session._jsparkSession, table).unsafeVolatileSnapshot().version()

    def read(self, request):
        frame = self.frame(request)
        version = request.get("version")
        return answer(frame) | {"version": self.version(request["table"]) if version is None else version}

    def read_all(self, request):
        """The latest versions of many small tables, some together in a job, on both cores."""
        self.fresh()
        tables = request["tables"]
        groups = [tables[at : at + TABLES_OF_A_JOB] for at in range(0, len(tables), TABLES_OF_A_JOB)]
        with self.settings(FOR_SMALL_TABLES | request.get("settings", {})), ThreadPoolExecutor(CORES) as pool:
            return {"tables": [table for group in pool.map(self.read_together, groups) for table in group]}

    @contextmanager
    def settings(self, wanted):
        before = {key: self.session.conf.get(key, None) for key in wanted}
        try:
            for key, value in wanted.items():
                self.session.conf.set(key, value)
            yield
        finally:
            for key, value in before.items():
                self.session.conf.unset(key) if value is None else self.session.conf.set(key, value)

    def read_together(self, tables):
        frames = [self.session.read.format("delta").load(table) for table in tables]
        texts = [
            frame.select(functions.lit(at).alias("at"), functions.to_json(functions.struct("*"), IN_JSON).alias("row"))
            for at, frame in enumerate(frames)
        ]
        found = [[] for _ in frames]
        for at, text in reduce(DataFrame.unionAll, texts).collect():
            found[at].append(text)
        fields = [frame.schema.jsonValue()["fields"] for frame in frames]
        return [{"fields": of, "rows": rows_of(rows, of)} for of, rows in zip(fields, found)]

    def random_tables(self, request):
        return make_tables(self.session, request, FOR_SMALL_TABLES)

    def count(self, request):
        return {"count": self.frame(request).count()}

    def history(self, request):
        self.fresh()
        rows = self.session.sql(f"DESCRIBE HISTORY {path(request['table'])}").toJSON().collect()
        return {"commits": [json.loads(row) for row in rows]}

    def describe(self, request):
        schema = self.frame(request).schema.jsonValue()
        detail = self.session.sql(f"DESCRIBE DETAIL {path(request['table'])}").first().asDict(recursive=True)
        return {
            "schema": schema,
            "partitionColumns": detail["partitionColumns"],
            "protocol": {
                "minReaderVersion": detail["minReaderVersion"],
                "minWriterVersion": detail["minWriterVersion"],
                "features": sorted(detail["tableFeatures"]),
            },
            "properties": detail["properties"],
            "id": detail["id"],
            "version": self.version(request["table"]),
        }

    def append(self, request):
        self.fresh()
        if "parquet" in request:
            frame = self.session.read.parquet(request["parquet"])
        else:
            schema = self.session.read.format("delta").load(request["table"]).schema
            rows = arrow_table(request["rows"], to_arrow_schema(schema, timestamp_utc=True))
            frame = self.session.createDataFrame(rows, schema)
        writer = frame.write.format("delta").mode("append")
        for key, value in request.get("options", {}).items():
            writer = writer.option(key, value)
        if request.get("mergeSchema"):
            writer = writer.option("mergeSchema", "true")
        writer.save(request["table"])
        return {"version": self.version(request["table"])}

    def stream(self, request):
        """All that lies in a folder of JSON, by a streaming query with a checkpoint, into a Delta table."""
        reader = self.session.readStream.schema(request["schema"]).format("json")
        for key, value in request.get("options", {}).items():
            reader = reader.option(key, value)
        writer = reader.load(request["source"]).writeStream.format("delta").trigger(availableNow=True)
        query = writer.option("checkpointLocation", request["checkpoint"]).start(request["table"])
        query.awaitTermination()
        return {"read": sum(progress["numInputRows"] for progress in query.recentProgress)}

    def execute(self, request):
        """For commands whose own answer is of no use."""
        self.fresh()
        self.session.sql(request["sql"]).collect()
        return {}

    def execute_all(self, request):
        """Commands over small tables, one after the other."""
        self.fresh()
        with self.settings(FOR_SMALL_TABLES | request.get("settings", {})):
            for sql in request["statements"]:
                self.session.sql(sql).collect()
        return {}

    def checkpoint(self, request):
        self.fresh()
        nothing = self.session._jvm.scala.Option.empty()
        log = self.session._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(self.session._jsparkSession, request["table"])
        with self.settings(FOR_SMALL_TABLES):
            log.checkpoint(log.update(False, nothing, nothing), nothing)
        return {}

    def sql(self, request):
        self.fresh()
        return answer(self.session.sql(request["sql"]))


def answer(frame):
    fields = frame.schema.jsonValue()["fields"]
    return {
        "schema": [{"name": field["name"], "type": field["type"]} for field in fields],
        "rows": canonical_rows(frame.toArrow()),
    }


def camel(name):
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def path(table):
    return "delta." + quoted(table)


def main():
    jars = sorted(glob.glob(os.path.join(os.environ["LANDFALL_JUDGES"], "jars", "*.jar")))
    scratch = tempfile.mkdtemp(prefix="landfall-spark-")
    try:
        session = start(scratch, jars)
        judge = Judge(session)
        operations = ["read", "read_all", "random_tables", "count", "history", "describe", "append", "stream", "execute", "execute_all", "checkpoint", "sql"]
        serve({camel(name): getattr(judge, name) for name in operations})
        session.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


main()

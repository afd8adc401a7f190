"""Makes tables by random operations in Spark and records what Spark reads of them: at every version, at times, and as changes.

A table lies in FOLDER/table, what is expected of it is the answer (tools/judges/README.md has its form).
"""

import json
import os
import random as randoms
import time as clock
from concurrent.futures import ThreadPoolExecutor

from delta.tables import DeltaTable, IdentityGenerator
from json_rows import IN_JSON, rows_of
from pyspark.sql import functions
from pyspark.sql.types import StructType
from random_operations import insert, new_table, next_operation
from random_values import quoted, text

# Beside those for small tables: nothing waits for a retention, vacuum is logged, and checkpoints are of all forms.
SETTINGS = {
    # Without it some frames are not pinned to a snapshot, which the reads of deletion vectors need.
    "spark.databricks.delta.stats.skipping": "true",
    "spark.databricks.delta.retentionDurationCheck.enabled": "false",
    "spark.databricks.delta.vacuum.logging.enabled": "true",
    "spark.databricks.delta.restore.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}
HOUR = 3_600_000


def make_tables(session, request, settings):
    """Two at a time: most of a small operation is waiting. Each has a session, because the forms of checkpoints are settings."""
    seeds = request["seeds"]
    with ThreadPoolExecutor(2) as pool:
        return {"tables": list(pool.map(lambda seed: make(session, request, seed, settings), seeds))}


def make(session, request, seed, settings):
    own = session.newSession()
    random = randoms.Random(seed)
    for key, value in {**settings, **SETTINGS, **checkpoint_form(random)}.items():
        own.conf.set(key, value)
    maker = Maker(own, random, os.path.join(request["folder"], str(seed), "table"))
    return {"seed": seed, **maker.make(request.get("operations", 10))}


def checkpoint_form(random):
    forms = {"spark.databricks.delta.checkpointV2.topLevelFileFormat": random.choice(["json", "parquet"])}
    # Several parts, or several sidecars.
    if random.random() < 0.4:
        forms["spark.databricks.delta.checkpoint.partSize"] = str(random.choice([2, 3]))
    return forms


class Maker:
    def __init__(self, session, random, path):
        self.session, self.random, self.path = session, random, path
        self.jvm = session._jvm
        # Each step of such a name is looked for as a class in every jar, so it is gone through once.
        self.logs = self.jvm.org.apache.spark.sql.delta.DeltaLog
        self.sessions = self.jvm.org.apache.spark.sql.classic.SparkSession
        self.converters = self.jvm.scala.jdk.javaapi.CollectionConverters
        self.nothing = self.jvm.scala.Option.empty()
        self.statements, self.versions, self.vacuumed = [], [], -1
        self.table = None

    def make(self, operations):
        # What Spark does not take together is drawn anew.
        for _ in range(20):
            if self.versions:
                break
            self.table = new_table(self.random, self.path)
            self.run(self.table.create)
        self.run(insert(self.random, self.table))
        for _ in range(operations - 2):
            self.run(next_operation(self.random, self.table))
        self.set_back_clocks()
        return {
            "table": self.path,
            "statements": self.statements,
            "versions": [{**each, "readable": self.readable(each["version"])} for each in self.versions],
            "times": [self.version_at(time) for time in self.some_times()],
            "history": self.session.sql(f"DESCRIBE HISTORY {self.table.name}").count(),
            "changes": self.changes(),
        }

    def log(self):
        # Both threads share the cache of logs; settings are read from the session that is active.
        self.sessions.setActiveSession(self.session._jsparkSession)
        return self.logs.forTable(self.session._jsparkSession, self.path)

    def run(self, operation):
        note = {"operation": operation if isinstance(operation, str) else " ".join(map(str, operation))}
        self.statements.append(note)
        try:
            if isinstance(operation, str):
                self.session.sql(operation).collect()
            elif operation[0] == "checkpoint":
                self.log().checkpoint()
            elif operation[0] == "createComputed":
                self.create_computed(*operation[1:])
            else:
                self.compact_log(operation[1])
        except Exception as error:  # noqa: BLE001 - what Spark refuses is no operation
            note["refused"] = str(error).split("\n")[0][:300]
            if not self.versions:
                return
        self.look()
        note["version"] = self.table.version
        if "VACUUM" in note["operation"] and "refused" not in note:
            self.vacuumed = self.table.version

    def look(self):
        """The rows of every version that is new, and the columns as they are now."""
        newest = self.log().update(False, self.nothing, self.nothing)
        self.table.version = newest.version()
        self.table.columns = json.loads(newest.metadata().schemaString())["fields"]
        properties = self.converters.asJava(newest.metadata().configuration())
        self.table.properties = {str(key): str(properties[key]) for key in properties}
        for version in range(len(self.versions), newest.version() + 1):
            # The newest needs no travel in time, for which Spark would build the table's state anew.
            options = {} if version == newest.version() else {"versionAsOf": version}
            self.versions.append({"version": version, "changes": self.table.on("delta.enableChangeDataFeed"), **self.read(options)})

    def read(self, options):
        frame = self.session.read.format("delta").options(**options).load(self.path)
        fields = frame.schema.jsonValue()["fields"]
        columns = ", ".join(in_json(each) for each in fields)
        how = ", ".join(f"'{key}', {text(value)}" for key, value in IN_JSON.items())
        rows = frame.selectExpr(f"to_json(struct({columns}), map({how})) AS row").collect()
        return {
            "schema": [{"name": each["name"], "type": each["type"]} for each in fields],
            "rows": rows_of([row[0] for row in rows], [shown(each) for each in fields]),
        }

    def readable(self, version):
        if version > self.vacuumed:
            return True
        try:
            self.read({"versionAsOf": version})
        except Exception:  # noqa: BLE001 - its files are gone
            return False
        return True

    def create_computed(self, kind, columns):
        builder = DeltaTable.create(self.session).location(self.path).partitionedBy(*self.table.partitions)
        builder = builder.addColumns(StructType.fromDDL(columns))
        builder = builder.addColumn("made", "BIGINT", generatedAlwaysAs=IdentityGenerator(10, 5) if kind == "identity" else "id * 2")
        for key, value in self.table.properties.items():
            builder = builder.property(key, value)
        builder.execute()

    def compact_log(self, start):
        """By Delta's kernel, the one that writes them; Spark reads them."""
        kernel = self.jvm.io.delta.kernel
        configuration = self.session.sparkContext._jsc.hadoopConfiguration()
        engine = kernel.defaults.engine.DefaultEngine.create(configuration)
        folders = [kernel.internal.fs.Path(self.path), kernel.internal.fs.Path(os.path.join(self.path, "_delta_log"))]
        kernel.internal.hook.LogCompactionHook(*folders, start, self.table.version, 0).threadSafeInvoke(engine)

    def set_back_clocks(self):
        """Gives the commits times hours apart, some before those of the commit before, as copies and stepped clocks do."""
        log = os.path.join(self.path, "_delta_log")
        # Recent, because Spark reads nothing older than the retention of files.
        time = int(clock.time() * 1000) // HOUR * HOUR - 48 * HOUR
        for name in sorted(os.listdir(log)):
            if not name.endswith(".json") or not name[:20].isdigit() or len(name) != 25:
                continue
            time += self.random.choice([HOUR, HOUR, 7, 0, -HOUR, -3 * HOUR])
            os.utime(os.path.join(log, name), ns=(time * 1_000_000, time * 1_000_000))
        # Of this table alone: the other thread goes on with its own.
        self.logs.invalidateCache(self.session._jsparkSession, self.jvm.org.apache.hadoop.fs.Path(self.path))

    def some_times(self):
        own = self.session.sql(f"DESCRIBE HISTORY {self.table.name}").select(functions.unix_millis("timestamp")).collect()
        known = sorted({*(row[0] for row in own)})
        chosen = self.random.sample(known, min(3, len(known)))
        chosen += [time + self.random.choice([-1, 1]) for time in chosen]
        return [*chosen, known[0] - HOUR, known[-1] + HOUR, self.random.randint(known[0], known[-1])]

    def version_at(self, time):
        text = self.session.sql(f"SELECT CAST(timestamp_millis({time}) AS STRING)").first()[0]
        try:
            frame = self.session.read.format("delta").option("timestampAsOf", text).load(self.path)
            leaf = frame._jdf.queryExecution().analyzed().collectLeaves().head()
            return {"time": time, "version": leaf.relation().location().version()}
        except Exception as error:  # noqa: BLE001 - outside of the history is an answer, too
            return {"time": time, "refused": str(error).split("\n")[0][:200]}

    def changes(self):
        """Of all versions that record changes, in one range where Spark reads it so, else one by one."""
        wanted = [each["version"] for each in self.versions if each.get("changes")]
        if not wanted:
            return []
        whole = self.changes_of(wanted[0], wanted[-1])
        return [whole] if "rows" in whole else [whole, *(self.changes_of(version, version) for version in wanted)]

    def changes_of(self, first, last):
        options = {"readChangeFeed": "true", "startingVersion": first, "endingVersion": last}
        try:
            return {"from": first, "to": last, **self.read(options)}
        except Exception as error:  # noqa: BLE001 - a schema that changed in between is one
            return {"from": first, "to": last, "refused": str(error).split("\n")[0][:300]}


def in_json(field):
    """A variant is a text inside of the row's text, so that its numbers are not taken for ours."""
    name = quoted(field["name"])
    return f"to_json({name}) AS {name}" if field["type"] == "variant" else name


def shown(field):
    return {**field, "type": "string"} if field["type"] == "variant" else field

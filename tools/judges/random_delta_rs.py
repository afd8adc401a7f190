"""Makes tables by random operations of delta-rs and records what it reads at every version; the answer has the form of random_tables.py."""

import json
import os
import random as randoms
from decimal import Decimal

import pyarrow as pa
from canonical import canonical_rows
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from random_values import TEXTS

TYPES = {
    "byte": pa.int8(), "short": pa.int16(), "integer": pa.int32(), "long": pa.int64(), "double": pa.float64(), "float": pa.float32(),
    "string": pa.string(), "boolean": pa.bool_(), "date": pa.date32(), "timestamp": pa.timestamp("us", "UTC"),
    "timestamp_ntz": pa.timestamp("us"), "binary": pa.binary(), "decimal(18,3)": pa.decimal128(18, 3), "list": pa.list_(pa.int64()),
    "struct": pa.struct([("a", pa.int32()), ("b", pa.string())]),
}  # fmt: skip
DAY = 86_400_000_000


def make_tables(request):
    return {"tables": [make(seed, os.path.join(request["folder"], str(seed), "table")) for seed in request["seeds"]]}


def make(seed, path):
    random = randoms.Random(seed)
    table = RandomTable(random, path)
    table.run(table.append)
    for _ in range(10):
        table.run(random.choices(*zip(*table.operations()))[0])
    newest = table.known
    return {
        "seed": seed,
        "table": path,
        "statements": table.statements,
        "versions": [{"version": at, **table.versions[at], "readable": at >= table.vacuumed} for at in range(newest + 1)],
        "history": len(DeltaTable(path).history()),
    }


class RandomTable:
    def __init__(self, random, path):
        self.random, self.path = random, path
        self.kinds = {f"c{at}": random.choice(list(TYPES)) for at in range(random.randint(2, 5))}
        self.partitions = []
        if random.random() < 0.5:
            self.kinds["p"] = random.choice(["string", "integer", "date", "boolean", "timestamp"])
            self.partitions = ["p"]
        self.next_id, self.known, self.vacuumed = 1, -1, 0
        self.statements, self.versions = [], []
        self.configuration = {"delta.checkpointInterval": str(random.choice([2, 5, 100]))}

    def operations(self):
        return [
            (self.append, 5), (self.delete, 3), (self.update, 3), (self.merge, 3), (self.optimize, 1), (self.order, 0.7), (self.vacuum, 0.5),
            (self.checkpoint, 1), (self.add_column, 1), (self.constrain, 0.4), (self.restore, 0.4), (self.overwrite, 0.5),
        ]  # fmt: skip

    def run(self, operation):
        note = {"operation": operation.__name__}
        try:
            note["operation"] += f" {operation() or ''}"
        except Exception as error:  # noqa: BLE001 - what delta-rs refuses is no operation
            if self.known < 0:
                raise
            note["refused"] = str(error).split("\n")[0][:200]
        newest = DeltaTable(self.path).version()
        for version in range(self.known + 1, newest + 1):
            self.versions.append(read(DeltaTable(self.path, version=version)))
        self.known = newest
        if operation == self.vacuum:
            self.vacuumed = newest
        self.statements.append({**note, "version": newest})

    def table(self):
        return DeltaTable(self.path)

    def rows(self, count):
        ids = list(range(self.next_id, self.next_id + count))
        self.next_id += count
        columns = {"id": pa.array(ids, pa.int64())}
        for name, kind in self.kinds.items():
            values = [self.value(kind) for _ in ids]
            if name in self.partitions:
                # The protocol reads "" as null ("Partition Value Serialization"); delta-rs reads what it wrote.
                values = [None if value == "" else value for value in values]
            columns[name] = pa.array(values, TYPES[kind])
        return pa.table(columns)

    def value(self, kind):
        random = self.random
        if random.random() < 0.15:
            return None
        if kind in ("byte", "short", "integer", "long"):
            bits = TYPES[kind].bit_width - 1
            return random.choice([0, -1, 2**bits - 1, -(2**bits), random.randint(-100, 100)])
        if kind in ("float", "double"):
            return random.choice([0.0, -0.0, 1.5, float("nan"), float("inf"), random.uniform(-9, 9)])
        if kind.startswith("decimal"):
            return Decimal(random.randint(-(10**18) + 1, 10**18 - 1)).scaleb(-3)
        if kind == "string":
            return random.choice(TEXTS)
        if kind == "boolean":
            return random.random() < 0.5
        if kind == "binary":
            return random.randbytes(random.randrange(5))
        if kind == "date":
            return random.randint(-40_000, 60_000)
        if kind == "list":
            return [self.value("long") for _ in range(random.randrange(4))]
        if kind == "struct":
            return {"a": self.value("integer"), "b": self.value("string")}
        return random.randint(-40_000, 60_000) * DAY + random.randrange(DAY)

    def predicate(self):
        return f"id % {self.random.randint(2, 4)} = {self.random.randrange(2)}"

    def append(self):
        new = {} if self.known >= 0 else {"partition_by": self.partitions, "configuration": self.configuration}
        write_deltalake(self.path, self.rows(self.random.randint(1, 12)), mode="append", **new)

    def overwrite(self):
        write_deltalake(self.path, self.rows(self.random.randint(1, 6)), mode="overwrite")

    def delete(self):
        where = self.predicate()
        self.table().delete(where)
        return where

    def update(self):
        names = [name for name, kind in self.kinds.items() if kind in ("long", "integer") and name not in self.partitions]
        where = self.predicate()
        updates = {self.random.choice(names): str(self.random.randint(-99, 99))} if names else {"id": "id + 0"}
        self.table().update(updates=updates, predicate=where)
        return f"{updates} where {where}"

    def merge(self):
        rows = self.rows(self.random.randint(1, 8))
        known = pa.array([self.random.randint(1, self.next_id) if at % 2 else row.as_py() for at, row in enumerate(rows["id"])], pa.int64())
        # Each id once: a row may match one source row only.
        kept = [at for at, each in enumerate(known) if each not in known[:at]]
        source = rows.set_column(0, "id", known).take(kept)
        merge = self.table().merge(source, predicate="t.id = s.id", source_alias="s", target_alias="t")
        if self.random.random() < 0.5:
            merge.when_matched_delete(predicate="s.id % 3 = 0").when_matched_update_all().when_not_matched_insert_all().execute()
        else:
            merge.when_matched_update_all().when_not_matched_insert_all().execute()

    def optimize(self):
        self.table().optimize.compact()

    def order(self):
        self.table().optimize.z_order(["id"])

    def vacuum(self):
        self.table().vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)

    def checkpoint(self):
        self.table().create_checkpoint()

    def add_column(self):
        name = f"n{len(self.kinds)}"
        self.kinds[name] = self.random.choice(list(TYPES))
        write_deltalake(self.path, self.rows(self.random.randint(1, 5)), mode="append", schema_mode="merge")
        return f"{name} {self.kinds[name]}"

    def constrain(self):
        self.table().alter.add_constraint({f"k{self.next_id}": "id > 0"})

    def restore(self):
        target = self.random.randint(self.vacuumed, self.known)
        self.table().restore(target)
        return str(target)


def read(table):
    fields = json.loads(table.schema().to_json())["fields"]
    rows = pa.table(QueryBuilder().register("judged", table).execute("SELECT * FROM judged").read_all())
    return {"schema": [{"name": each["name"], "type": each["type"]} for each in fields], "rows": canonical_rows(rows)}

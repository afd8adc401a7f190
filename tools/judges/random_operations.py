"""What happens to a random table: its traits, and one operation after another, as Spark's SQL. Chosen by a seed; nothing is run here."""

from dataclasses import dataclass, field as member

from random_values import PARTITION_TYPES, a_type, ddl, literal, quoted

ODD_NAMES = ["a b", "x.y", "ü;", "k=v", "(p)", "tab\tname", "Case", "comma,", "{brace}"]
WIDER = {
    "byte": ["short", "integer", "long", "decimal(10,0)", "double"],
    "short": ["integer", "long", "decimal(10,0)", "double"],
    "integer": ["long", "decimal(10,0)", "double"],
    "float": ["double"],
    "decimal(9,2)": ["decimal(11,2)", "decimal(20,5)"],
    "decimal(18,0)": ["decimal(38,10)", "decimal(20,0)"],
    "date": ["timestamp_ntz"],
}


@dataclass
class Table:
    """What the choice of an operation must know; the columns are those that Spark last told."""

    path: str
    properties: dict
    create: object
    partitions: list
    # Generated, identity and clustering columns: nobody may drop, rename, widen or set them.
    fixed: set
    omitted: set
    columns: list = member(default_factory=list)
    next_id: int = 1
    names: int = 0
    version: int = 0

    @property
    def name(self):
        return f"delta.{quoted(self.path)}"

    def on(self, key):
        return self.properties.get(key) == "true"

    @property
    def mapped(self):
        return "delta.columnMapping.mode" in self.properties

    def free(self):
        """Columns that may be changed."""
        return [each for each in self.columns if each["name"] not in {"id", *self.partitions, *self.fixed}]


def new_table(random, path):
    properties = some_properties(random)
    mapped = "delta.columnMapping.mode" in properties
    names = [f"c{at}" for at in range(random.randint(2, 6))]
    if mapped:
        names[: len(names) // 2] = random.sample(ODD_NAMES, len(names) // 2)
    columns = ["id BIGINT" + random.choice(["", " NOT NULL"])]
    columns += [f"{quoted(name)} {ddl(a_type(random))}" for name in names]
    if random.random() < 0.06:
        columns.append("doc VARIANT")
    fixed, omitted = set(), set()
    # Spark's SQL knows neither identity nor generated columns in a table that is named by its path.
    computed = random.choice(["identity", "generated"]) if random.random() < 0.2 else None
    if computed is None and random.random() < 0.15:
        properties["delta.feature.allowColumnDefaults"] = "supported"
        columns.append("preset STRING DEFAULT 'it''s'")
    partitions, layout = [], ""
    if random.random() < 0.5:
        partitions = [f"p{at}" for at in range(random.randint(1, 2))]
        columns += [f"{name} {ddl(random.choice(PARTITION_TYPES))}" for name in partitions]
        layout = f"PARTITIONED BY ({', '.join(partitions)})"
    elif computed is None and random.random() < 0.25:
        layout, fixed = "CLUSTER BY (id)", fixed | {"id"}
        # Clustering wants statistics of its columns.
        properties.pop("delta.dataSkippingNumIndexedCols", None)
    if computed is not None:
        fixed.add("made"), omitted.add("made")
        create = ("createComputed", computed, ", ".join(columns))
    else:
        settings = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
        create = f"CREATE TABLE delta.{quoted(path)} ({', '.join(columns)}) USING delta {layout} TBLPROPERTIES ({settings})"
    return Table(path=path, properties=properties, create=create, partitions=partitions, fixed=fixed, omitted=omitted)


def some_properties(random):
    chosen = {"delta.checkpointInterval": str(random.choice([2, 3, 5, 100]))}
    likely = {
        "delta.enableDeletionVectors": 0.5,
        "delta.enableChangeDataFeed": 0.3,
        "delta.enableTypeWidening": 0.35,
        "delta.enableInCommitTimestamps": 0.25,
        "delta.enableRowTracking": 0.2,
        "delta.randomizeFilePrefixes": 0.1,
        "delta.checkpoint.writeStatsAsStruct": 0.3,
    }
    for key, probability in likely.items():
        if random.random() < probability:
            chosen[key] = "true"
    if random.random() < 0.15:
        chosen["delta.checkpoint.writeStatsAsJson"] = "false"
    if random.random() < 0.35:
        chosen["delta.columnMapping.mode"] = random.choice(["name", "id"])
    if random.random() < 0.35:
        chosen["delta.checkpointPolicy"] = "v2"
    if random.random() < 0.2:
        chosen["delta.dataSkippingNumIndexedCols"] = random.choice(["0", "1", "2"])
    return chosen


def next_operation(random, table):
    """A statement, or `("checkpoint",)` and `("compactLog", FROM)` for what SQL cannot ask."""
    choices = [
        (7, insert), (3, delete), (3, update), (3, merge), (1, optimize), (2, add_column), (1, widen), (0.6, vacuum), (1.5, checkpoint),
        (0.6, overwrite), (0.4, restore), (0.4, purge), (0.5, constrain), (0.5, turn_on), (0.5, compact_log), (0.2, truncate),
    ]  # fmt: skip
    if table.mapped:
        choices += [(1.2, rename), (1.2, drop)]
    while True:
        operation = random.choices([each for _, each in choices], [weight for weight, _ in choices])[0]
        chosen = operation(random, table)
        if chosen is not None:
            return chosen


def insert(random, table):
    names, values = rows(random, table, random.randint(1, 12))
    hint = f"/*+ REPARTITION({random.randint(2, 3)}) */ " if random.random() < 0.3 else ""
    return f"INSERT INTO {table.name} ({names}) SELECT {hint}* FROM VALUES {values}"


def rows(random, table, count):
    columns = [each for each in table.columns if each["name"] not in table.omitted]
    # A column that is left out is null, or its default.
    left_out = {each["name"] for each in table.free() if random.random() < 0.1}
    columns = [each for each in columns if each["name"] not in left_out]
    values = ", ".join(f"({', '.join(value_of(random, table, each) for each in columns)})" for _ in range(count))
    return ", ".join(quoted(each["name"]) for each in columns), values


def value_of(random, table, column):
    if column["name"] != "id":
        return literal(random, column["type"])
    table.next_id += 1
    return f"CAST({table.next_id} AS {ddl(column['type'])})"


def predicate(random, table):
    kind = random.randrange(4)
    if kind == 0:
        return f"id % {random.randint(2, 4)} = 0"
    if kind == 1:
        low = random.randint(0, table.next_id)
        return f"id BETWEEN {low} AND {low + random.randint(0, 10)}"
    column = quoted(random.choice(table.columns)["name"])
    return f"{column} IS {random.choice(['NULL', 'NOT NULL'])} AND id % 3 = {random.randrange(3)}"


def delete(random, table):
    return f"DELETE FROM {table.name} WHERE {predicate(random, table)}"


def update(random, table):
    free = [each for each in table.columns if each["name"] not in table.fixed | {"id"}]
    if not free:
        return None
    column = random.choice(free)
    return f"UPDATE {table.name} SET {quoted(column['name'])} = {literal(random, column['type'])} WHERE {predicate(random, table)}"


def merge(random, table):
    free = table.free()
    if not free:
        return None
    column = random.choice(free)
    ids = sorted({random.randint(1, table.next_id + 3) for _ in range(random.randint(1, 10))})
    inserted = [each for each in table.columns if each["name"] not in table.omitted | {"id"}]
    names = ", ".join(["id", *(quoted(each["name"]) for each in inserted)])
    values = ", ".join(["s.k", *(literal(random, each["type"]) for each in inserted)])
    table.next_id += 3
    return (
        f"MERGE INTO {table.name} t USING (SELECT col1 AS k FROM VALUES {', '.join(f'({each}L)' for each in ids)}) s ON t.id = s.k "
        f"WHEN MATCHED AND s.k % 3 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET {quoted(column['name'])} = {literal(random, column['type'])} "
        f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})"
    )


def optimize(random, table):
    zorder = "" if table.fixed or random.random() < 0.6 else " ZORDER BY (id)"
    return f"OPTIMIZE {table.name}{zorder}"


def add_column(random, table):
    table.names += 1
    structs = [each["name"] for each in table.free() if isinstance(each["type"], dict) and each["type"]["type"] == "struct"]
    name = f"n{table.names}"
    if structs and random.random() < 0.4:
        return f"ALTER TABLE {table.name} ADD COLUMNS ({quoted(random.choice(structs))}.{name} {ddl(a_type(random, 1))})"
    place = random.choice(["", "", " FIRST", " AFTER id"])
    return f"ALTER TABLE {table.name} ADD COLUMNS ({name} {ddl(a_type(random))}{place})"


def widen(random, table):
    if not table.on("delta.enableTypeWidening"):
        return None
    places = []
    for column in table.free():
        kind = column["type"]
        places.append((quoted(column["name"]), kind))
        if isinstance(kind, dict) and kind["type"] == "struct":
            places += [(f"{quoted(column['name'])}.{quoted(each['name'])}", each["type"]) for each in kind["fields"]]
        if isinstance(kind, dict) and kind["type"] == "array":
            places.append((f"{quoted(column['name'])}.element", kind["elementType"]))
        if isinstance(kind, dict) and kind["type"] == "map":
            places.append((f"{quoted(column['name'])}.value", kind["valueType"]))
    places = [(name, kind) for name, kind in places if isinstance(kind, str) and kind in WIDER]
    if not places:
        return None
    name, kind = random.choice(places)
    return f"ALTER TABLE {table.name} ALTER COLUMN {name} TYPE {ddl(random.choice(WIDER[kind]))}"


def rename(random, table):
    free = [each for each in table.free() if each["name"] != "preset"]
    if not free:
        return None
    table.names += 1
    return f"ALTER TABLE {table.name} RENAME COLUMN {quoted(random.choice(free)['name'])} TO {quoted(f'r {table.names}')}"


def drop(random, table):
    free = table.free()
    return f"ALTER TABLE {table.name} DROP COLUMN {quoted(random.choice(free)['name'])}" if len(free) > 1 else None


def vacuum(_random, table):
    return f"VACUUM {table.name} RETAIN 0 HOURS"


def checkpoint(_random, _table):
    return ("checkpoint",)


def compact_log(random, table):
    return ("compactLog", random.randint(0, table.version - 1)) if table.version > 1 else None


def overwrite(random, table):
    names, values = rows(random, table, random.randint(1, 6))
    return f"INSERT OVERWRITE {table.name} ({names}) VALUES {values}"


def restore(random, table):
    return f"RESTORE TABLE {table.name} TO VERSION AS OF {random.randint(0, table.version)}"


def purge(_random, table):
    return f"REORG TABLE {table.name} APPLY (PURGE)"


def truncate(_random, table):
    return f"DELETE FROM {table.name}"


def constrain(_random, table):
    table.names += 1
    return f"ALTER TABLE {table.name} ADD CONSTRAINT k{table.names} CHECK (id > -{table.names})"


def turn_on(random, table):
    """A feature in the middle of a table's life: what is older than it has none of its traces."""
    off = [key for key in ("delta.enableDeletionVectors", "delta.enableInCommitTimestamps", "delta.enableRowTracking", "delta.enableChangeDataFeed") if not table.on(key)]
    if not table.mapped:
        off.append("delta.columnMapping.mode")
    if not off:
        return None
    key = random.choice(off)
    return f"ALTER TABLE {table.name} SET TBLPROPERTIES ('{key}' = '{'name' if key.endswith('mode') else 'true'}')"

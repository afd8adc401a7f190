"""Random column types and values as Spark's SQL, for tables that random_tables.py makes. Types are those of Delta's schema JSON."""

INTEGERS = {"byte": 8, "short": 16, "integer": 32, "long": 64}
PRIMITIVES = [
    "byte", "short", "integer", "long", "float", "double", "decimal(9,2)", "decimal(18,0)", "decimal(38,10)",
    "string", "binary", "boolean", "date", "timestamp", "timestamp_ntz",
]  # fmt: skip
PARTITION_TYPES = ["string", "string", "integer", "long", "date", "timestamp", "timestamp_ntz", "boolean", "decimal(9,2)", "double", "binary"]
SQL_NAMES = {"byte": "TINYINT", "short": "SMALLINT", "integer": "INT", "long": "BIGINT"}

# What file names, URLs, logs and statistics have to carry.
TEXTS = [
    "", " ", "a", "b", "a/b", "k=v", "50%", "%20", "a b", "ü", "日本", "🙂", "it's", '"q"', "x:y", "#?&", "{a,b}", "back\\slash",
    "line\nend", "tab\t", "null", "__HIVE_DEFAULT_PARTITION__", "z" * 40, "é" * 33, "2020-01-01", "007", "~", "\u007f", "\uffff",
]  # fmt: skip
NUMBERS = ["NaN", "Infinity", "-Infinity", "-0.0", "0.0", "1.5", "-2.25", "1e300", "4.9E-324", "0.1", "3.4028235e38"]
DOCUMENTS = ['{"a":1}', "[1,2.5,null]", '"text"', "null", "true", '{"n":{"deep":[{}]},"b":"é"}', "12345678901234567890", "1.10"]


def a_type(random, depth=0):
    """A column's type; one in four is nested, two levels at most."""
    if depth == 2 or random.random() > 0.25:
        return random.choice(PRIMITIVES)
    form = random.choice(["struct", "array", "map"])
    if form == "struct":
        fields = [field(f"f{at}", a_type(random, depth + 1)) for at in range(random.randint(1, 3))]
        return {"type": "struct", "fields": fields}
    if form == "array":
        return {"type": "array", "elementType": a_type(random, depth + 1), "containsNull": True}
    return {"type": "map", "keyType": "string", "valueType": a_type(random, depth + 1), "valueContainsNull": True}


def field(name, kind):
    return {"name": name, "type": kind, "nullable": True, "metadata": {}}


def ddl(kind):
    if isinstance(kind, str):
        return SQL_NAMES.get(kind, kind).upper()
    if kind["type"] == "struct":
        return "STRUCT<" + ", ".join(f"{quoted(each['name'])}: {ddl(each['type'])}" for each in kind["fields"]) + ">"
    if kind["type"] == "array":
        return f"ARRAY<{ddl(kind['elementType'])}>"
    return f"MAP<{ddl(kind['keyType'])}, {ddl(kind['valueType'])}>"


def literal(random, kind, nulls=0.15):
    """An expression of exactly this type."""
    if kind == "variant":
        return "CAST(NULL AS VARIANT)" if random.random() < nulls else f"parse_json({text(random.choice(DOCUMENTS))})"
    return f"CAST({bare(random, kind, nulls)} AS {ddl(kind)})"


def bare(random, kind, nulls):
    if random.random() < nulls:
        return "NULL"
    if isinstance(kind, dict):
        return nested(random, kind, nulls)
    if kind in INTEGERS:
        return integer(random, INTEGERS[kind])
    if kind.startswith("decimal"):
        return decimal(random, kind)
    if kind in ("float", "double"):
        number = random.choice(NUMBERS) if random.random() < 0.5 else repr(random.uniform(-1000, 1000))
        # A float of 1e300 would be infinite in silence.
        return text(number if kind == "double" or number != "1e300" else "1e30")
    if kind == "string":
        return text(random.choice(TEXTS))
    if kind == "binary":
        return "X'" + bytes(random.randrange(256) for _ in range(random.randrange(6))).hex() + "'"
    if kind == "boolean":
        return random.choice(["TRUE", "FALSE"])
    return f"{kind.upper()}{text(moment(random, kind))}"


def nested(random, kind, nulls):
    if kind["type"] == "struct":
        values = ", ".join(f"{text(each['name'])}, {literal(random, each['type'], nulls)}" for each in kind["fields"])
        return f"named_struct({values})"
    if kind["type"] == "array":
        return "array(" + ", ".join(literal(random, kind["elementType"], nulls) for _ in range(random.randrange(4))) + ")"
    keys = random.sample(["k", "é", "a b", "x.y"], random.randrange(4))
    return "map(" + ", ".join(f"{text(key)}, {literal(random, kind['valueType'], nulls)}" for key in keys) + ")"


def integer(random, bits):
    edge = 2 ** (bits - 1)
    number = random.choice([0, 1, -1, edge - 1, -edge, random.randint(-100, 100), random.randint(-edge, edge - 1)])
    return text(str(number))


def decimal(random, kind):
    digits, scale = (int(part) for part in kind[8:-1].split(","))
    number = random.choice([0, 1, 10**digits - 1, 1 - 10**digits, random.randrange(10**digits)])
    return text(f"{'-' if number < 0 else ''}{abs(number) // 10**scale}.{abs(number) % 10**scale:0{scale or 1}}")


def moment(random, kind):
    year = random.choice([1970, 1999, 2024, random.randint(1700, 2250)])
    date = f"{year:04}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    if kind == "date":
        return date
    fraction = random.choice(["", ".001", ".123456", ".999999"])
    return f"{date} {random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}{fraction}"


def text(value):
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"


def quoted(name):
    return "`" + name.replace("`", "``") + "`"

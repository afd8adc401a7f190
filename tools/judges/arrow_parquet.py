"""Parquet as Arrow writes it, with the notes on its own types that Arrow's readers heed."""

import os
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

COLUMNS = "row_id yes b s i l f d t large words by dec dec_wide day at list large_list map rec".split()


def write_parquet(folder, chance, rows):
    """A file of every codec that readers of Delta unpack, the later ones with their columns in another order and some of them missing."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    files = []
    for at, codec in enumerate(["zstd", "gzip", "snappy", "none"]):
        names = COLUMNS if at == 0 else chance.sample(COLUMNS, len(COLUMNS) - at)
        every = [row_of(at * rows + row, chance) for row in range(rows)]
        kinds = kinds_of(pa)
        table = pa.table({name: pa.array([row[name] for row in every], kinds[name]) for name in names})
        path = os.path.join(folder, f"{at}-{codec}.parquet")
        parquet.write_table(table, path, compression=codec)
        files.append(path)
    return files


def kinds_of(pa):
    return {
        "row_id": pa.int64(),
        "yes": pa.bool_(),
        "b": pa.int8(),
        "s": pa.int16(),
        "i": pa.int32(),
        "l": pa.int64(),
        "f": pa.float32(),
        "d": pa.float64(),
        "t": pa.string(),
        "large": pa.large_string(),
        "words": pa.dictionary(pa.int32(), pa.string()),
        "by": pa.binary(),
        "dec": pa.decimal128(9, 2),
        "dec_wide": pa.decimal128(38, 10),
        "day": pa.date32(),
        "at": pa.timestamp("us", "Europe/Berlin"),
        "list": pa.list_(pa.int64()),
        "large_list": pa.large_list(pa.string()),
        "map": pa.map_(pa.string(), pa.float64()),
        "rec": pa.struct([("x", pa.int32()), ("in", pa.struct([("z", pa.string())]))]),
    }


def row_of(row, chance):
    def pick(*values):
        return values[chance.randrange(len(values))]

    # Within what ClickHouse holds.
    instant = datetime(1950, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=chance.randrange(10**16))
    values = {
        "yes": pick(True, False),
        "b": pick(-128, 127, 0),
        "s": pick(-32768, 32767),
        "i": pick(0, -1, 2**31 - 1, -(2**31)),
        "l": pick(0, -(2**63), 2**63 - 1, 2**53 + 1, chance.randrange(-(2**63), 2**63)),
        "f": pick(0.5, -0.0, float("inf"), 3.4028234663852886e38),
        "d": pick(0.1, -0.0, float("-inf"), 5e-324, 1.7976931348623157e308, chance.random()),
        "t": pick("", 'a"\\\né😀', "null", "x" * chance.randrange(200)),
        "large": "y" * chance.randrange(20),
        "words": pick("red", "green", "é"),
        "by": chance.randbytes(chance.randrange(20)),
        "dec": Decimal(pick("0.00", "-1234567.89", "1.10")),
        "dec_wide": Decimal(pick("0", "1234567890123456789012345678.0123456789", "-0.0000000001")),
        "day": pick(date(1950, 1, 1), date(2024, 2, 29), date(2200, 12, 31)),
        "at": instant,
        "list": [pick(None, chance.randrange(9)) for _ in range(chance.randrange(4))],
        "large_list": [pick("a", "é") for _ in range(chance.randrange(3))],
        "map": {pick("", "k", "q z"): chance.random() for _ in range(chance.randrange(3))},
        "rec": {"x": pick(None, row), "in": {"z": pick(None, "q")}},
    }
    return {name: None if chance.randrange(10) == 0 else value for name, value in values.items()} | {"row_id": row}

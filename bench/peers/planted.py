"""Prints the planted rows of a Delta table as delta-rs and pyarrow read them: TABLE COLUMN…"""

import json
import os
import sys
from decimal import Decimal

import pyarrow.compute as pc
from deltalake import DeltaTable


def text(value):
    if value is None or isinstance(value, (bool, str)):
        return value if value is None else str(value)
    digits = format(Decimal(value), "f")  # a double in full: what it is, not what it prints as
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def main():
    location, *columns = sys.argv[1:]
    dataset = DeltaTable(location).to_pyarrow_dataset()
    names = [name for name in columns if name in dataset.schema.names]
    rows = dataset.to_table(columns=["id", *names, "_rescued_data"], filter=pc.starts_with(pc.field("id"), "planted-"))
    found = [
        {"id": row["id"], "values": {name: text(row.get(name)) for name in columns}, "rescued": row["_rescued_data"]}
        for row in rows.to_pylist()
    ]
    print(json.dumps(found))


main()

# The reader's threads may outlive the interpreter and abort it at its end; the answer is out.
sys.stdout.flush()
os._exit(0)

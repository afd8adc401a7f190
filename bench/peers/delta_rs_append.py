"""delta-rs with pyarrow's JSON reader: FOLDER TABLE. Every file read with the schema given, then one append."""

import json
import os
import sys

import pyarrow as pa
import pyarrow.json
from deltalake import write_deltalake
from telemetry_schema import SCHEMA


def main():
    folder, table = sys.argv[1:]
    options = pyarrow.json.ParseOptions(explicit_schema=SCHEMA, unexpected_field_behavior="ignore")
    names = sorted(os.listdir(folder))
    rows = pa.concat_tables(
        [pyarrow.json.read_json(os.path.join(folder, name), parse_options=options) for name in names]
    )
    write_deltalake(table, rows, mode="append")
    print(json.dumps({"rows": rows.num_rows}))


main()

"""Merges a Parquet file into a Delta table by its key `k` with delta-rs: TABLE SOURCE. Prints what became of the rows."""

import json
import sys

import pyarrow.parquet
from deltalake import DeltaTable

location, source = sys.argv[1:3]
metrics = (
    DeltaTable(location)
    .merge(
        source=pyarrow.parquet.read_table(source),
        predicate="t.k = s.k",
        source_alias="s",
        target_alias="t",
    )
    .when_matched_update_all()
    .when_not_matched_insert_all()
    .execute()
)
print(
    json.dumps(
        {"updated": metrics["num_target_rows_updated"], "inserted": metrics["num_target_rows_inserted"]}
    )
)

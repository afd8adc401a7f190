"""Operations on a whole table by delta-rs, as a request asks for them. What delta-rs cannot do to a table, it refuses itself."""

import json

import pyarrow as pa
from canonical import arrow_table
from deltalake import DeltaTable, Field, Schema, write_deltalake


def create(request):
    schema = Schema.from_json(json.dumps(request["schema"]))
    DeltaTable.create(request["table"], schema, partition_by=request.get("partitionBy"), configuration=request.get("properties"))
    return {}


def overwrite(request):
    table = DeltaTable(request["table"])
    write_deltalake(table, rows_for(table, request), mode="overwrite", predicate=request.get("where"))
    return {}


def merge(request):
    """Of rows that match, those for which `deleteWhere` is true go and the others take the source's values; the rest of the source is inserted."""
    table = DeltaTable(request["table"])
    merging = table.merge(rows_for(table, request), predicate=request["on"], source_alias="s", target_alias="t")
    merging.when_matched_delete(predicate=request["deleteWhere"]).when_matched_update_all().when_not_matched_insert_all().execute()
    return {}


def add_columns(request):
    DeltaTable(request["table"]).alter.add_columns([Field(name, kind) for name, kind in request["columns"].items()])
    return {}


def set_properties(request):
    DeltaTable(request["table"]).alter.set_table_properties(request["properties"])
    return {}


def add_constraint(request):
    DeltaTable(request["table"]).alter.add_constraint({request["name"]: request["where"]})
    return {}


def z_order(request):
    DeltaTable(request["table"]).optimize.z_order(request["columns"])
    return {}


def vacuum(request):
    DeltaTable(request["table"]).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    return {}


def restore(request):
    DeltaTable(request["table"]).restore(request["version"])
    return {}


def checkpoint(request):
    DeltaTable(request["table"]).create_checkpoint()
    return {}


def rows_for(table, request):
    """Rows in the table's columns; only in `columns`, where the request names some."""
    schema = pa.schema(table.schema().to_arrow())
    columns = request.get("columns", schema.names)
    return arrow_table(request["rows"], pa.schema([schema.field(name) for name in columns]))


OPERATIONS = {
    "create": create, "overwrite": overwrite, "merge": merge, "addColumns": add_columns, "setProperties": set_properties,
    "addConstraint": add_constraint, "zOrder": z_order, "vacuum": vacuum, "restore": restore, "checkpoint": checkpoint,
}  # fmt: skip

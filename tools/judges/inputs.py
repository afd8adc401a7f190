"""The judge of input files: reads them with Python's own json, csv and gzip and with pyarrow, and knows nothing of Landfall.

Each value keeps its own kind: a number is its text as an exact decimal, whatever column it may land in; CSV holds text only.
Requests: tools/judges/README.md.
"""

import csv
import gzip
import io
import json
import zlib
from decimal import Decimal

from canonical import canonical_rows, decimal_text, sort_rows
from csv_tables import csv_read, csv_write
from filled_columns import filled_value
from line_server import serve
from promised_types import Numeral, arrow_kind, columns_after, csv_value


class Number:
    """A JSON number, apart from text of the same digits."""

    def __init__(self, text):
        self.source = Numeral(text)
        try:
            self.text = decimal_text(Decimal(text))
        except ArithmeticError:  # an exponent beyond what even Decimal holds
            self.text = text


def read(request):
    readers = {"json": json_file, "csv": csv_file, "parquet": parquet_file}
    reader = readers[request["format"]]
    rows, files, unreadable, kinds = [], [], [], {}
    for file in request["files"]:
        try:
            found, broken = reader(file, request)
        except (EOFError, OSError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            unreadable.append({"file": file, "error": f"{type(error).__name__}: {error}"})
            continue
        files.append({"file": file, "records": len(found) + len(broken), "broken": broken})
        rows.extend(with_filled(file, found, broken, request))
    for row in rows:
        note_kinds(row, kinds)
    tagged = request.get("tagged", False)
    return {
        "schema": [{"name": name, "kinds": kinds[name]} for name in kinds],
        "rows": sort_rows([plain(row, tagged) for row in rows]),
        "files": files,
        "unreadable": unreadable,
    }


def with_filled(file, found, broken, request):
    """The rows with what a table may know beside its data: broken records as their text, columns that tell a row's origin, computed ones."""
    corrupt, filled = request.get("corruptColumn"), request.get("filled", [])
    lost = {record["record"]: record["text"] for record in broken}
    records = iter(found)
    rows = []
    for number in range(1, len(found) + len(broken) + 1):
        if number not in lost:
            row = next(records)
        elif corrupt is not None:
            row = {corrupt: lost[number]}
        else:
            continue
        rows.append(row | {wish["column"]: filled_value(wish, file, number, row) for wish in filled})
    return rows


def types(request):
    """The columns that a table must have after each step, a list of files each, that arrived one after another."""
    columns, steps = {}, []
    for files in request["steps"]:
        if request["format"] == "parquet":
            for file in files:
                columns = {name: arrow_kind(kind) for name, kind in parquet_columns(file)} | columns
        else:
            reader, told = {"json": (json_file, json_value), "csv": (csv_file, csv_values)}[request["format"]]
            records = [told(record) for file in files for record in reader(file, request)[0]]
            columns = columns_after(columns, records, request.get("hints", {}))
        steps.append(columns)
    return {"steps": steps}


def json_value(value):
    if isinstance(value, Number):
        return value.source
    if isinstance(value, dict):
        # Of equal keys the last counts.
        return {key: json_value(inner) for key, inner in (value["$pairs"] if "$pairs" in value else value.items())}
    return [json_value(inner) for inner in value] if isinstance(value, list) else value


def csv_values(record):
    return {name: csv_value(text) for name, text in record.items()}


def parquet_columns(file):
    import pyarrow.parquet as parquet

    return [(field.name, field.type) for field in parquet.ParquetFile(file).schema_arrow]


def contents(file):
    """The bytes of a file, unpacked where it is gzip by its first bytes, all its members."""
    with open(file, "rb") as stream:
        raw = stream.read()
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def json_file(file, _request):
    """NDJSON: a record a line; blank lines are none. A broken line is named by its number."""
    rows, broken = [], []
    for number, line in enumerate(contents(file).removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip(b" \t\r"):
            continue
        try:
            record = json.loads(
                line.decode("utf-8"),
                parse_float=Number,
                parse_int=Number,
                parse_constant=reject_constant,
                object_pairs_hook=pairs,
            )
            if not isinstance(record, dict):
                raise ValueError("a record that is no object")
            rows.append(record)
        except (ValueError, RecursionError) as error:
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            broken.append({"line": number, "error": str(error), "record": len(rows) + len(broken) + 1, "text": text})
    return rows, broken


def reject_constant(text):
    raise ValueError(f"{text} is no JSON")


def pairs(items):
    """An object; one with a key twice keeps all its pairs, in order, under `$pairs`."""
    whole = dict(items)
    return whole if len(whole) == len(items) else {"$pairs": [[key, value] for key, value in items]}


def csv_file(file, request):
    text = contents(file).decode("utf-8-sig")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=request.get("delimiter", ","), strict=True)
    header, rows, broken = next(lines, []), [], []
    for fields in lines:
        if not fields:
            continue
        if len(fields) == len(header):
            rows.append(pairs(list(zip(header, fields))))
        else:
            error = f"{len(fields)} fields under a header of {len(header)}"
            broken.append({"line": lines.line_num, "error": error, "record": len(rows) + len(broken) + 1, "text": None})
    return rows, broken


def parquet_file(file, _request):
    import pyarrow as pa
    import pyarrow.parquet as parquet

    source = parquet.ParquetFile(file, coerce_int96_timestamp_unit="us")
    table = source.read()
    # INT96 is Spark's old timestamp: an instant in UTC that says nothing of its zone.
    if any(source.schema.column(index).physical_type == "INT96" for index in range(len(source.schema))):
        table = table.cast(pa.schema([field.with_type(in_utc(field.type)) for field in table.schema]))
    return canonical_rows(table), []


def in_utc(kind):
    import pyarrow as pa
    import pyarrow.types as kinds

    if kinds.is_timestamp(kind) and kind.tz is None:
        return pa.timestamp(kind.unit, "UTC")
    if kinds.is_struct(kind):
        return pa.struct([field.with_type(in_utc(field.type)) for field in kind])
    if kinds.is_list(kind):
        return pa.list_(kind.value_field.with_type(in_utc(kind.value_type)))
    if kinds.is_map(kind):
        return pa.map_(in_utc(kind.key_type), in_utc(kind.item_type))
    return kind


def note_kinds(row, kinds):
    for name, value in row.items():
        seen = kinds.setdefault(name, {})
        seen[kind_of(value)] = seen.get(kind_of(value), 0) + 1


def kind_of(value):
    if value is None:
        return "null"
    named = {bool: "boolean", str: "string", list: "array", dict: "object"}
    return named.get(type(value), "number")


def plain(value, tagged):
    if isinstance(value, Number):
        return {"$number": value.text} if tagged else value.text
    if isinstance(value, dict):
        return {key: plain(inner, tagged) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, tagged) for inner in value]
    return value


if __name__ == "__main__":
    serve({"read": read, "types": types, "csvWrite": csv_write, "csvRead": csv_read})

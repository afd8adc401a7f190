"""Rows that an engine printed as JSON objects, one text a row, as canonical values of stated Delta types."""

import base64
import json
import struct
from decimal import Decimal

from canonical import decimal_text, double

# How Spark has to print them: every digit of a time, as canonical values have it, and nulls.
IN_JSON = {
    "ignoreNullFields": "false",
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}


def rows_of(texts, fields):
    """`fields` as in Delta's schema JSON. Numbers are taken by their digits."""
    kind = {"type": "struct", "fields": fields}
    return [value_of(kind, json.loads(text, parse_int=str, parse_float=str)) for text in texts]


def value_of(kind, value):
    if value is None:
        return None
    if isinstance(kind, dict):
        return nested_of(kind, value)
    if kind in ("long", "integer", "short", "byte"):
        return str(int(value))
    if kind.startswith("decimal"):
        return decimal_text(Decimal(value))
    if kind == "double":
        return double(float(value))
    if kind == "float":
        return double(struct.unpack("f", struct.pack("f", float(value)))[0])
    if kind == "binary":
        return base64.b64decode(value).hex()
    if kind in ("string", "boolean", "date", "timestamp", "timestamp_ntz"):
        return value
    raise ValueError(f"no canonical form for {kind} out of JSON")


def nested_of(kind, value):
    if kind["type"] == "struct":
        return {field["name"]: value_of(field["type"], value[field["name"]]) for field in kind["fields"]}
    if kind["type"] == "array":
        return [value_of(kind["elementType"], item) for item in value]
    if kind["keyType"] != "string":
        raise ValueError("keys of a map in JSON are strings")
    return sorted(([key, value_of(kind["valueType"], item)] for key, item in value.items()), key=json.dumps)

"""The judge of Avro, XML, text and binary files: writes and reads them with fastavro, lxml and Python itself, writes Parquet with Arrow, and knows nothing of Landfall.

Requests: tools/judges/README.md.
"""

import json
import os
import random
import re
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import fastavro
from arrow_parquet import write_parquet
from canonical import date_text, decimal_text, double, sort_rows, timestamp_text
from line_server import serve
from lxml import etree

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def read(request):
    reader = {"avro": avro_rows, "xml": xml_rows, "text": text_rows, "binaryFile": binary_rows}[request["format"]]
    return {"rows": sort_rows(reader(request))}


def write(request):
    writer = {"avro": write_avro, "xml": write_xml, "parquet": write_parquet}[request["format"]]
    return {"files": writer(request["folder"], random.Random(request["seed"]), request["rows"])}


# Avro

EVERY_TYPE = {
    "type": "record",
    "name": "Row",
    "namespace": "landfall.judge",
    "fields": [
        {"name": "row_id", "type": "int"},
        {"name": "yes", "type": "boolean"},
        {"name": "i", "type": "int"},
        {"name": "l", "type": "long"},
        {"name": "f", "type": "float"},
        {"name": "d", "type": "double"},
        {"name": "s", "type": "string"},
        {"name": "by", "type": "bytes"},
        {"name": "fx", "type": {"type": "fixed", "name": "Four", "size": 4}},
        {"name": "e", "type": {"type": "enum", "name": "Colour", "symbols": ["red", "green"]}},
        {"name": "l_null", "type": ["null", "long"], "default": None},
        # A default of another branch: written by many, and no reason to refuse a file.
        {"name": "s_null", "type": ["string", "null"], "default": None},
        {"name": "members", "type": ["null", "int", "string", {"type": "array", "items": "int"}]},
        {"name": "wide", "type": ["int", "long"]},
        {"name": "real", "type": ["null", "float", "double"]},
        {"name": "dec", "type": {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 10}},
        {"name": "dec_fx", "type": {"type": "fixed", "name": "Nine", "size": 9, "logicalType": "decimal", "precision": 20, "scale": 2}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "millis", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "micros", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "local_millis", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
        {"name": "local_micros", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
        {"name": "clock", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "clock_micros", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "list", "type": {"type": "array", "items": ["null", "bytes"]}},
        {"name": "map", "type": {"type": "map", "values": {"type": "long", "logicalType": "timestamp-micros"}}},
        {
            "name": "rec",
            "type": {
                "type": "record",
                "name": "Inner",
                "fields": [
                    {"name": "x", "type": "bytes"},
                    {"name": "again", "type": "Four"},
                    {"name": "nothing", "type": "null"},
                    {"name": "nothing_branch", "type": ["null"]},
                    {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}]},
                ],
            },
        },
    ],
}


def write_avro(folder, chance, rows):
    """A file of every codec, each with other rows, in blocks of some rows."""
    files = []
    for at, codec in enumerate(["null", "deflate", "snappy", "zstandard", "bzip2"]):
        path = os.path.join(folder, f"{at}-{codec}.avro")
        with open(path, "wb") as stream:
            every = [avro_row(at * rows + row, chance) for row in range(rows)]
            fastavro.writer(stream, EVERY_TYPE, every, codec=codec, sync_interval=2_000)
        files.append(path)
    return files


def avro_row(row, chance):
    def pick(*values):
        return values[chance.randrange(len(values))]

    def some_bytes(most):
        return bytes(chance.randrange(256) for _ in range(chance.randrange(most)))

    instant = datetime(1, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=chance.randrange(315_537_897_599_999_999))
    return {
        "row_id": row,
        "yes": pick(True, False),
        "i": pick(0, -1, 2**31 - 1, -(2**31)),
        "l": pick(0, -(2**63), 2**63 - 1, 2**53 + 1, -(2**53) - 1, chance.randrange(-(2**63), 2**63), 1 << chance.randrange(63)),
        "f": pick(0.5, -0.0, float("nan"), float("inf"), 3.4028234663852886e38, 0.10000000149011612),
        "d": pick(0.1, -0.0, float("nan"), float("-inf"), 5e-324, 1.7976931348623157e308, chance.random() * 10.0 ** chance.randrange(-300, 300)),
        "s": pick("", 'a"\\\n\0\u2028é😀', "null", "x" * chance.randrange(200)),
        "by": some_bytes(60),
        "fx": chance.randbytes(4),
        "e": pick("red", "green"),
        "l_null": pick(None, 5),
        "s_null": pick(None, "z", ""),
        "members": pick(None, 5, "five", [1, 2], []),
        "wide": pick(1, 2**40),
        "real": pick(None, 0.5, -2.25),
        "dec": Decimal(pick("0", "-1.5", "1234567890123456789012345678.0123456789", "-0.0000000001", "9" * 28 + "." + "9" * 10)),
        "dec_fx": Decimal(pick("0.00", "-123456789012345678.99", "1.10")),
        "day": instant.date(),
        "millis": instant.replace(microsecond=instant.microsecond // 1000 * 1000),
        "micros": instant,
        "local_millis": datetime(2024, 3, 31, 2, 30, 0, 1000 * chance.randrange(1000)),
        "local_micros": instant.replace(tzinfo=None),
        "clock": time(1, 2, 3, 4000),
        "clock_micros": time(23, 59, 59, 999_999),
        "uuid": uuid.UUID(int=chance.getrandbits(128)),
        "list": [pick(None, some_bytes(5)) for _ in range(chance.randrange(5))],
        "map": {pick("", "k", "é", 'q"'): instant for _ in range(chance.randrange(3))},
        "rec": {"x": b"'\"\\x\x7f\\x41", "again": b"abcd", "nothing": None, "nothing_branch": None, "day": pick(None, date(2024, 2, 29))},
    }


def avro_rows(request):
    rows = []
    for file in request["files"]:
        with open(file, "rb") as stream:
            asked = request.get("schema")
            reader = fastavro.reader(stream, asked)
            rows.extend(avro_value(asked or reader.writer_schema, row, {}) for row in reader)
    return rows


def avro_value(schema, value, named):
    """The canonical value in the column that Landfall's reference promises for the type."""
    if isinstance(schema, str):
        return avro_value(named[schema], value, named) if schema in named else avro_scalar(schema, value)
    if isinstance(schema, list):
        return avro_union(schema, value, named)
    kind = schema["type"]
    if "name" in schema:
        named[schema["name"]] = schema
    if kind == "record":
        inner = {field["name"]: avro_value(field["type"], value[field["name"]], named) for field in schema["fields"]}
        return {field["name"]: inner[field["name"]] for field in schema["fields"] if field["type"] not in ("null", ["null"])}
    if kind == "array":
        return [avro_value(schema["items"], item, named) for item in value]
    if kind == "map":
        pairs = [[key, avro_value(schema["values"], item, named)] for key, item in value.items()]
        return sorted(pairs, key=json.dumps)
    return avro_scalar(kind, value)


def avro_union(schema, value, named):
    if value is None:
        return None
    branches = [branch for branch in schema if branch != "null"]
    if len(branches) == 1:
        return avro_value(branches[0], value, named)
    if set(branches[:2]) in ({"int", "long"}, {"float", "double"}):
        return avro_scalar(branches[0], value)
    index = [int, str, list].index(type(value))
    return {f"member{i}": avro_value(branch, value, named) if i == index else None for i, branch in enumerate(branches)}


def avro_scalar(kind, value):
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        whole = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return timestamp_text((whole - EPOCH) // timedelta(microseconds=1)) + "Z"
    if isinstance(value, date):
        return date_text((value - EPOCH.date()).days)
    if isinstance(value, time):
        fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
        return value.strftime("%H:%M:%S") + fraction
    return double(value) if kind in ("float", "double") else str(value)


# XML


def write_xml(folder, chance, rows):
    """Two documents of other shapes, so that only both together tell what is an array or has attributes."""
    files = []
    for at, encoding in enumerate(["UTF-8", "ISO-8859-1"]):
        root = etree.Element("all")
        for row in range(rows):
            root.append(xml_row(at * rows + row, chance, at == 0))
            root[-1].tail = chance.choice(["\n", "\n  ", ""])
        root.insert(0, etree.Comment(" a <row> in a comment "))
        path = os.path.join(folder, f"{at}.xml")
        etree.ElementTree(root).write(path, xml_declaration=True, encoding=encoding)
        files.append(path)
    return files


def xml_row(row, chance, is_first):
    element = etree.Element("row", id=str(row))
    if chance.random() < 0.5:
        element.set("note", chance.choice(["é <&> \"'", "x", "12", ""]))

    def child(name, text, parent=element, **attributes):
        made = etree.SubElement(parent, name, attributes)
        made.text = text
        return made

    child("n", chance.choice(["1", "-7", "9007199254740993", "null"]))
    child("x", chance.choice(["0.5", "12", "1e3", ""]))
    child("at", f"2024-02-29T10:00:{chance.randrange(60):02}.{chance.randrange(10**6):06}Z")
    child("day", f"2024-02-{chance.randrange(1, 30):02}")
    child("ok", chance.choice(["true", "false"]))
    child("text", chance.choice(["plain", " padded ", "007", "a\n b", "ü", "<b>", None]))
    for _ in range(chance.randrange(1, 2 if is_first else 4)):
        child("tag", chance.choice(["a", "b", "12"]))
    child("sized", "3.5", **({} if is_first else {"unit": "m"}))
    deep = child("deep", None)
    for _ in range(chance.randrange(3)):
        item = child("item", None, parent=deep, k=str(chance.randrange(5)))
        if chance.random() < 0.5:
            child("v", "1", parent=item)
    return element


def xml_rows(request):
    rows = []
    for file in request["files"]:
        # Neither entities nor the network, as Landfall reads.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
        rows.extend(xml_value(element) or {} for element in etree.parse(file, parser).iter(request["rowTag"]))
    repeated, structs = set(), set()
    for row in rows:
        note_shapes(row, (), repeated, structs)
    return [in_shape(row, (), repeated, structs) for row in rows]


def xml_value(element):
    members = {}

    def add(key, value):
        members.setdefault(key, []).append(value)

    for name, text in element.attrib.items():
        add(f"_{name}", xml_scalar(text))
    for inner in element:
        add(inner.tag, xml_value(inner))
    pieces = [text for text in [element.text, *(inner.tail for inner in element)] if text and text.strip()]
    if not members:
        return xml_scalar(pieces[0].strip()) if pieces else None
    for piece in pieces:
        add("_VALUE", xml_scalar(piece.strip()))
    return {key: values[0] if len(values) == 1 else values for key, values in members.items()}


def xml_scalar(text):
    return None if text in ("", "null") else {"true": True, "false": False}.get(text, text)


def note_shapes(value, path, repeated, structs):
    if isinstance(value, list):
        repeated.add(path)
        for item in value:
            note_shapes(item, path, repeated, structs)
    elif isinstance(value, dict):
        structs.add(path)
        for key, inner in value.items():
            note_shapes(inner, (*path, key), repeated, structs)


def in_shape(value, path, repeated, structs, is_item=False):
    if value is None:
        return None
    if path in repeated and not is_item:
        items = value if isinstance(value, list) else [value]
        return [in_shape(item, path, repeated, structs, is_item=True) for item in items]
    if path in structs:
        members = value if isinstance(value, dict) else {"_VALUE": value}
        return {key: in_shape(inner, (*path, key), repeated, structs) for key, inner in members.items()}
    return value


# Text and bytes


def text_rows(request):
    rows = []
    for file in request["files"]:
        with open(file, "rb") as stream:
            text = stream.read().decode("utf-8-sig")
        lines = re.split("\r\n|\n|\r", text)
        rows.extend({"value": line} for line in (lines[:-1] if lines[-1] == "" else lines))
    return rows


def binary_rows(request):
    rows = []
    for file in request["files"]:
        with open(file, "rb") as stream:
            content = stream.read()
        time_of = timestamp_text(os.stat(file).st_mtime_ns // 1000) + "Z"
        rows.append({"path": os.path.basename(file), "modificationTime": time_of, "length": str(len(content)), "content": content.hex()})
    return rows


if __name__ == "__main__":
    serve({"read": read, "write": write})

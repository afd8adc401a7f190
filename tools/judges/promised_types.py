"""The Delta types that docs/reference/types.md promises for columns of given input files, worked out anew from what `inputs` reads.

A type is its Delta name, `{"struct": {NAME: TYPE}}`, `{"array": TYPE}` or `{"map": [TYPE, TYPE]}`. `None`: nothing yet to tell it by.
"""

import re
from datetime import datetime
from decimal import Decimal

INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


class Numeral(str):
    """The text of a number, as it stands in the input."""


def columns_after(before, records, hints):
    """The columns of a table that had `before` when a batch brings `records`: what stands keeps its type, new keys become columns."""
    columns = dict(before)
    taken = {name.lower() for name in columns}
    for name, kind in fields_of(records, hints, ()).items():
        if name.lower() not in taken:
            columns[name] = kind
    return columns


def fields_of(records, hints, path):
    values = {}
    for record in records:
        for name, value in record.items():
            values.setdefault(name, []).append(value)
    kinds = {name: hints.get(".".join((*path, name))) or kind_of(found, hints, (*path, name)) for name, found in values.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def kind_of(values, hints, path):
    values = [value for value in values if value is not None]
    if not values:
        return None
    if all(isinstance(value, dict) for value in values):
        fields = fields_of(values, hints, path)
        return {"struct": fields} if fields else None
    if all(isinstance(value, list) for value in values):
        element = kind_of([inner for value in values for inner in value], hints, (*path, "element"))
        return None if element is None else {"array": element}
    if all(isinstance(value, bool) for value in values):
        return "boolean"
    if all(isinstance(value, Numeral) for value in values):
        return number_kind(values)
    if all(isinstance(value, str) and not isinstance(value, Numeral) for value in values):
        return text_kind(values)
    return "string"


def number_kind(numerals):
    whole = [numeral for numeral in numerals if numeral.lstrip("-").isdigit()]
    if any(not -(2**63) <= int(numeral) < 2**63 for numeral in whole):
        return "string"
    if len(whole) == len(numerals):
        return "long"
    return "double" if all(Decimal(repr(float(numeral))) == Decimal(numeral) for numeral in numerals) else "string"


def text_kind(texts):
    if all(is_instant(text) for text in texts):
        return "timestamp"
    return "date" if all(is_date(text) for text in texts) else "string"


def is_instant(text):
    match = INSTANT.fullmatch(text)
    return match is not None and parses(f"{match[1]} {match[2]}", "%Y-%m-%d %H:%M:%S")


def is_date(text):
    return DATE.fullmatch(text) is not None and parses(text, "%Y-%m-%d")


def parses(text, pattern):
    try:
        datetime.strptime(text, pattern)
    except ValueError:
        return False
    return True


def csv_value(text):
    """What a CSV field says: nothing, true or false, a number as JSON writes it, or text."""
    if text == "":
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return Numeral(text) if NUMBER.fullmatch(text) and text != "-0" else text


def arrow_kind(kind):
    """The type of a column made for a Parquet column, which says its own."""
    import pyarrow.types as kinds

    if kinds.is_struct(kind):
        return {"struct": {field.name: arrow_kind(field.type) for field in kind}}
    if kinds.is_map(kind):
        return {"map": [arrow_kind(kind.key_type), arrow_kind(kind.item_type)]}
    if kinds.is_dictionary(kind):
        return arrow_kind(kind.value_type)
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return {"array": arrow_kind(kind.value_type)}
    if kinds.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if kinds.is_timestamp(kind):
        return "timestamp"
    return {
        "bool": "boolean",
        "int8": "byte",
        "int16": "short",
        "int32": "integer",
        "int64": "long",
        "uint8": "short",
        "uint16": "integer",
        "uint32": "long",
        "float": "float",
        "double": "double",
        "string": "string",
        "large_string": "string",
        "binary": "binary",
        "date32[day]": "date",
    }[str(kind)]

"""Canonical values: one spelling of every Delta value, so that rows of different engines compare exactly as JSON.

long, integer, short, byte, decimal   text of digits, without exponent and without trailing zeros of the fraction
double, float                         JSON number, shortest that round-trips (a float as the double it is); NaN, Infinity, -Infinity as text
timestamp, timestamp_ntz, date        YYYY-MM-DDTHH:MM:SS.ffffffZ, the same without Z, YYYY-MM-DD
string, boolean, null                 themselves
binary                                hexadecimal digits, lower case
struct, array, map                    object, array, array of [key, value] sorted by key
"""

import json
import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pyarrow.types as kinds

MICROS_PER = {"s": 1_000_000, "ms": 1_000, "us": 1}


def canonical_rows(table):
    """The rows of an Arrow table as objects of canonical values, sorted by their JSON."""
    columns = [canonical_column(column) for column in table.columns]
    names = table.column_names
    return sort_rows([dict(zip(names, values)) for values in zip(*columns)] if columns else [{}] * table.num_rows)


def sort_rows(rows):
    return sorted(rows, key=lambda row: json.dumps(row, ensure_ascii=False, sort_keys=True))


def canonical_column(column):
    """The canonical values of a chunked array, in order."""
    return [value for chunk in column.chunks for value in canonical_array(chunk)]


def canonical_array(array):
    kind = array.type
    if kinds.is_dictionary(kind):
        return canonical_array(array.dictionary_decode())
    if isinstance(array, pa.ExtensionArray):
        return canonical_array(array.storage)
    if kinds.is_struct(kind):
        return _structs(array)
    if kinds.is_map(kind):
        return _maps(array)
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return _lists(array)
    if kinds.is_timestamp(kind):
        return _timestamps(array)
    return [None if value is None else _scalar(kind, value) for value in _plain(array)]


def _plain(array):
    # Dates as days: a Python date ends at the year 9999.
    return (array.cast(pa.int32()) if kinds.is_date32(array.type) else array).to_pylist()


def _scalar(kind, value):
    if kinds.is_boolean(kind):
        return value
    if kinds.is_integer(kind):
        return str(value)
    if kinds.is_decimal(kind):
        return decimal_text(value)
    if kinds.is_floating(kind):
        return double(value)
    if kinds.is_date32(kind):
        return date_text(value)
    if kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind):
        return value
    if kinds.is_null(kind):
        return None
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_binary_view(kind) or kinds.is_fixed_size_binary(kind):
        return value.hex()
    raise ValueError(f"no canonical form for Arrow's {kind}")


def _structs(array):
    names = [array.type.field(index).name for index in range(array.type.num_fields)]
    children = [canonical_array(child) for child in array.flatten()]
    valid = array.is_valid().to_pylist()
    return [{name: child[row] for name, child in zip(names, children)} if valid[row] else None for row in range(len(array))]


def _lists(array):
    values = iter(canonical_array(array.flatten()))
    if kinds.is_fixed_size_list(array.type):
        lengths = [array.type.list_size if valid else None for valid in array.is_valid().to_pylist()]
    else:
        lengths = array.value_lengths().to_pylist()
    return [None if length is None else [next(values) for _ in range(length)] for length in lengths]


def _maps(array):
    keys, items = canonical_array(array.keys), canonical_array(array.items)
    # `keys` and `items` are whole, `offsets` point into them, also in a slice.
    offsets, valid = array.offsets.to_pylist(), array.is_valid().to_pylist()
    return [
        sorted(map(list, zip(keys[offsets[row] : offsets[row + 1]], items[offsets[row] : offsets[row + 1]])), key=json.dumps) if valid[row] else None
        for row in range(len(array))
    ]


def _timestamps(array):
    unit, zone = array.type.unit, "" if array.type.tz is None else "Z"
    raw = array.cast(pa.int64()).to_pylist()
    return [None if value is None else timestamp_text(_micros(value, unit)) + zone for value in raw]


def _micros(value, unit):
    if unit != "ns":
        return value * MICROS_PER[unit]
    if value % 1000:
        raise ValueError(f"{value} ns since 1970 is finer than Delta's microseconds")
    return value // 1000


def timestamp_text(micros):
    days, rest = divmod(micros, 86_400_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    return f"{date_text(days)}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:06}"


def date_text(days):
    """The proleptic Gregorian date of a day since 1970-01-01, for every year."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (month <= 2)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{day_of_year - (153 * shifted + 2) // 5 + 1:02}"


def double(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def decimal_text(value):
    """Digits without exponent; only numbers of thousands of digits, which no column holds, keep theirs."""
    if abs(value.adjusted()) > 1_000:
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# The way back: canonical values into an Arrow table of a given schema, for appends.


def arrow_table(rows, schema):
    """An Arrow table of canonical rows; a missing key is null, an unknown one an error."""
    for row in rows:
        unknown = set(row) - set(schema.names)
        if unknown:
            raise ValueError(f"the table has no column {sorted(unknown)}")
    columns = [pa.array([_parse(field.type, row.get(field.name)) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _parse(kind, value):
    if value is None:
        return None
    if kinds.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return {field.name: _parse(field.type, value.get(field.name)) for field in fields}
    if kinds.is_map(kind):
        return [(_parse(kind.key_type, key), _parse(kind.item_type, item)) for key, item in value]
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return [_parse(kind.value_type, item) for item in value]
    if kinds.is_integer(kind):
        return int(value)
    if kinds.is_decimal(kind):
        return Decimal(value)
    if kinds.is_floating(kind):
        return float(value)
    if kinds.is_date32(kind):
        return datetime.strptime(value, "%Y-%m-%d").date()
    if kinds.is_timestamp(kind):
        return _instant(value, kind)
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_binary_view(kind):
        return bytes.fromhex(value)
    return value


def _instant(value, kind):
    instant = datetime.strptime(value.removesuffix("Z"), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)
    micros = (instant - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    return micros // MICROS_PER[kind.unit] if kind.unit != "ns" else micros * 1000

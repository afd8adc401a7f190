"""Columns that no key of the data fills: where a row came from, and what is computed from a time in a zone."""

import os
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from canonical import timestamp_text

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def filled_value(wish, file, number, row):
    """The canonical value. `wish` has `is`, and for what is computed `of` and `timeZone`."""
    what = wish["is"]
    if what == "file_path":
        return file
    if what == "file_name":
        return os.path.basename(file)
    if what == "file_size":
        return str(os.stat(file).st_size)
    if what == "file_modification_time":
        return timestamp_text(os.stat(file).st_mtime_ns // 1000) + "Z"
    if what == "record_number":
        return str(number)
    return computed_value(what, row.get(wish["of"]), ZoneInfo(wish["timeZone"]))


def computed_value(what, text, zone):
    try:
        said = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        # What is no time stays what it was; nothing is computed from it.
        return text if what == "instant" else None
    instant = (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(timezone.utc)
    if what == "instant":
        return timestamp_text((instant - EPOCH) // timedelta(microseconds=1)) + "Z"
    local = instant.astimezone(zone)
    return {"date": local.date().isoformat(), "hour": str(local.hour)}[what]

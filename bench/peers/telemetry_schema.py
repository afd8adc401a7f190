"""The columns of bench/telemetry.ts. `odo_m` is a double here: the planted values would stop a reader of integers."""

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("vin", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("event", pa.string()),
        ("odo_m", pa.float64()),
        ("kph", pa.float64()),
        ("charging", pa.bool_()),
        ("battery", pa.struct([("soc", pa.float64()), ("volt", pa.float64()), ("temp", pa.float64())])),
        ("pos", pa.struct([("lat", pa.float64()), ("lon", pa.float64())])),
        ("tags", pa.list_(pa.string())),
        ("fw", pa.string()),
        ("rssi", pa.int64()),
    ]
)

DDL = (
    "id STRING, vin STRING, at TIMESTAMP, event STRING, odo_m DOUBLE, kph DOUBLE, charging BOOLEAN, "
    "battery STRUCT<soc: DOUBLE, volt: DOUBLE, temp: DOUBLE>, pos STRUCT<lat: DOUBLE, lon: DOUBLE>, "
    "tags ARRAY<STRING>, fw STRING, rssi BIGINT"
)

/** The columns of what `scan` reads, and SQL that makes them of `range`. */
export const SCAN_COLUMNS = "id BIGINT, reading DOUBLE, at TIMESTAMP, vin STRING, price DECIMAL(12,2)";

export const SCAN_VALUES = `(range * 7919)::BIGINT AS id, (range % 100003) / 7.0 AS reading,
  make_timestamptz(1700000000000000 + range * 1234567) AS "at", 'VIN' || (range % 5000) AS vin,
  CAST((range % 1000000) / 100 AS DECIMAL(12, 2)) AS price`;

/** Spark's functions of dates and instants; the Gregorian calendar goes on before 1582 in both engines. */
import { ExpressionFaultSignal } from "../../schema/expression/expression.ts";
import { quoteText } from "../sql.ts";
import { castValue } from "./cast-value.ts";
import { constantText, dateOf, result, type Call, type KnownFunction } from "./known-function.ts";
import { integralDigits, nameOf, simple, type SimpleSql } from "./typed-sql.ts";
import { inCommonYears, localOf } from "./zoned-time.ts";

function ofDate(part: string, says: string): KnownFunction {
  return {
    takes: [1, 1],
    says,
    translate: (call) => {
      const { sql, mayFail } = dateOf(call, 0);
      return result(call, `CAST(${part.replace("?", sql)} AS INTEGER)`, "integer", mayFail);
    },
  };
}

function ofTime(name: "hour" | "minute" | "second"): KnownFunction {
  return {
    takes: [1, 1],
    says: name === "hour" ? "0 to 23" : "0 to 59",
    translate: (call) => {
      const { sql, mayFail } = wallClock(call, 0);
      return result(call, `CAST(${name}(${sql}) AS INTEGER)`, "integer", mayFail);
    },
  };
}

/** As a TIMESTAMP of DuckDB, which knows no zone. */
function wallClock(call: Call, i: number): SimpleSql {
  const value = simple(call.arguments[i]!);
  const { timeZone } = call.scope;
  if (value.type === "date" || value.type === "timestamp_ntz")
    return castValue(value, "timestamp_ntz", timeZone);
  const instant = castValue(value, "timestamp", timeZone);
  return { ...instant, sql: localOf(instant.sql, timeZone), type: "timestamp_ntz" };
}

const toDate: KnownFunction = {
  takes: [1, 1],
  says: "the same as CAST(… AS DATE)",
  translate: (call) => {
    const { sql, mayFail } = dateOf(call, 0);
    return result(call, sql, "date", mayFail);
  },
};

function days(sign: "+" | "-"): KnownFunction {
  return {
    takes: [2, 2],
    says: "a date and whole days",
    translate: (call) => {
      const count = simple(call.arguments[1]!);
      const digits = integralDigits(count.type);
      if (digits === undefined || digits > 10)
        throw new ExpressionFaultSignal(count.place, `${call.name} takes an INT, not ${nameOf(count.type)}`);
      return result(
        call,
        `CAST(${dateOf(call, 0).sql} ${sign} CAST(${count.sql} AS INTEGER) AS DATE)`,
        "date",
        true,
      );
    },
  };
}

const datediff: KnownFunction = {
  takes: [2, 2],
  says: "days from the second date to the first",
  translate: (call) => {
    const [end, start] = [dateOf(call, 0), dateOf(call, 1)];
    const sql = `CAST(date_diff('day', ${start.sql}, ${end.sql}) AS INTEGER)`;
    return result(call, sql, "integer", end.mayFail || start.mayFail);
  },
};

const lastDay: KnownFunction = {
  takes: [1, 1],
  says: "the last day of the month",
  translate: (call) => {
    const { sql, mayFail } = dateOf(call, 0);
    return result(call, `CAST(last_day(${sql}) AS DATE)`, "date", mayFail);
  },
};

/** Spark's words for a unit, in any case, and DuckDB's. */
const DATE_UNITS: ReadonlyMap<string, string> = new Map([
  ["year", "year"],
  ["yyyy", "year"],
  ["yy", "year"],
  ["quarter", "quarter"],
  ["month", "month"],
  ["mon", "month"],
  ["mm", "month"],
  ["week", "week"],
]);
const TIME_UNITS: ReadonlyMap<string, string> = new Map([
  ...DATE_UNITS,
  ["day", "day"],
  ["dd", "day"],
  ["hour", "hour"],
  ["minute", "minute"],
  ["second", "second"],
]);

function unitOf(call: Call, i: number, units: ReadonlyMap<string, string>): string {
  const unit = units.get(constantText(call, i).toLowerCase());
  if (unit !== undefined) return quoteText(unit);
  throw new ExpressionFaultSignal(
    call.arguments[i]!.place,
    `${call.name} takes one of ${[...units.keys()].map((name) => `'${name}'`).join(", ")}`,
  );
}

const trunc: KnownFunction = {
  takes: [2, 2],
  says: "a date, and its unit as a text that stands there, from 'year' to 'week'",
  translate: (call) => {
    const { sql, mayFail } = dateOf(call, 0);
    return result(call, `CAST(date_trunc(${unitOf(call, 1, DATE_UNITS)}, ${sql}) AS DATE)`, "date", mayFail);
  },
};

const dateTrunc: KnownFunction = {
  takes: [2, 2],
  says: "the unit as a text that stands there, from 'year' to 'second'; only in the time zone UTC",
  translate: (call) => {
    const unit = unitOf(call, 0, TIME_UNITS);
    const { timeZone } = call.scope;
    if (timeZone !== "UTC")
      throw new ExpressionFaultSignal(call.place, `date_trunc is known in UTC only, not in ${timeZone}`);
    const { sql, mayFail } = castValue(simple(call.arguments[1]!), "timestamp", timeZone);
    const cut = `date_trunc(${unit}, ${localOf(sql, timeZone)})`;
    return result(call, `timezone('UTC', CAST(${cut} AS TIMESTAMP))`, "timestamp", mayFail);
  },
};

/** Letters of Java's patterns, and those of `strftime`. */
const LETTERS: Readonly<Record<string, string>> = {
  yyyy: "%Y",
  MM: "%m",
  dd: "%d",
  HH: "%H",
  mm: "%M",
  ss: "%S",
};

const dateFormat: KnownFunction = {
  takes: [2, 2],
  says: "the pattern as a text that stands there, of yyyy, MM, dd, HH, mm, ss, what stands in single quotes, and the marks between them; years of four digits",
  translate: (call) => {
    const pattern = constantText(call, 1);
    const parts = pattern.match(/yyyy|MM|dd|HH|mm|ss|'[A-Za-z]+'|[-_/:. ]|[\s\S]/g) ?? [];
    const format = parts.map((part, i) => {
      const isRepeated = /^[a-z]/i.test(part) && parts[i - 1]?.endsWith(part[0]!);
      if (Object.hasOwn(LETTERS, part) && !isRepeated) return LETTERS[part]!;
      if (/^[-_/:. ]$/.test(part)) return part;
      if (/^'[A-Za-z]+'$/.test(part)) return part.slice(1, -1);
      throw new ExpressionFaultSignal(
        call.arguments[1]!.place,
        `of patterns ${JSON.stringify(part)} is not known`,
      );
    });
    const { sql } = wallClock(call, 0);
    const text = `strftime(${sql}, ${quoteText(format.join(""))})`;
    return result(call, `(${inCommonYears(sql, text, "string")})`, "string", true);
  },
};

export const TIME_FUNCTIONS: Readonly<Record<string, KnownFunction>> = {
  year: ofDate("year(?)", "of a date or an instant"),
  quarter: ofDate("quarter(?)", "1 to 4"),
  month: ofDate("month(?)", "1 to 12"),
  day: ofDate("day(?)", "of the month"),
  dayofmonth: ofDate("day(?)", "of the month"),
  dayofyear: ofDate("dayofyear(?)", "1 to 366"),
  dayofweek: ofDate("dayofweek(?) + 1", "1 is Sunday"),
  weekday: ofDate("isodow(?) - 1", "0 is Monday"),
  weekofyear: ofDate("weekofyear(?)", "of ISO 8601"),
  hour: ofTime("hour"),
  minute: ofTime("minute"),
  second: ofTime("second"),
  date: toDate,
  to_date: toDate,
  date_add: days("+"),
  date_sub: days("-"),
  datediff,
  date_diff: datediff,
  last_day: lastDay,
  trunc,
  date_trunc: dateTrunc,
  date_format: dateFormat,
};

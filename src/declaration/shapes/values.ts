/** How single values of a declaration are written: each a zod shape with a message that says what is right. */
import { z } from "zod";
import { parseBytes, parseDuration } from "../../base/units.ts";
import type { DdlReading } from "../../schema/ddl.ts";
import type { ValueFault } from "../value-faults.ts";

export function checked(findFault: (text: string) => ValueFault | undefined) {
  return z.string().superRefine((text, context) => {
    const fault = findFault(text);
    if (fault) context.addIssue({ code: "custom", message: fault.message, params: { ...fault } });
  });
}

export function named(what: string) {
  return checked((text) => (text.trim() === "" ? { message: `must be ${what}, not empty` } : undefined));
}

export function ddl<Value>(read: (text: string) => DdlReading<Value>) {
  return z.string().transform((text, context) => {
    const result = read(text);
    if (result.ok) return result.value;
    const { reason, hint, offset } = result.fault;
    context.addIssue({
      code: "custom",
      message: `cannot be read as DDL: ${reason}`,
      params: { hint, offset },
    });
    return z.NEVER;
  });
}

export function size() {
  return z
    .union([z.int(), z.string()], { error: "must be a size such as 10g, 512m or 1000000 (bytes)" })
    .transform((value, context) => {
      const bytes = typeof value === "number" ? value : parseBytes(value);
      if (bytes !== undefined && bytes > 0) return bytes;
      context.addIssue({
        code: "custom",
        message: "must be a size above zero such as 10g, 512m or 1000000 (bytes)",
      });
      return z.NEVER;
    });
}

export function duration() {
  return z.string().transform((value, context) => {
    const milliseconds = parseDuration(value);
    if (milliseconds !== undefined) return milliseconds;
    context.addIssue({ code: "custom", message: "must be a duration such as 7d, 12h or 30 days" });
    return z.NEVER;
  });
}

/** Of ISO 8601 and Spark's way of writing it, as milliseconds since the epoch. */
export function instant() {
  return z.string().transform((text, context) => {
    const match =
      /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
    const [, day, time = "00:00", zone = "Z"] = match ?? [];
    const milliseconds = match === null ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
    // A day that no month has is moved into the next one without a word.
    if (!Number.isNaN(milliseconds) && new Date(Date.parse(`${day}T00:00Z`)).toISOString().startsWith(day!))
      return milliseconds;
    context.addIssue({
      code: "custom",
      message: `must be an instant such as 2026-01-31T00:00:00Z, not ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  });
}

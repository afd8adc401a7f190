/**
 * One event as one line of JSON, for programs that gather logs. The shape is part of the interface: docs/reference/logs.md is made of
 * the tables here.
 */
import { isoInstant } from "../base/clock.ts";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import { withoutSecrets } from "../base/redact.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { LOG_EVENTS, type LoggedEvent, type LogLevel } from "./log-events.ts";

/** Lines may get fields under this number; none goes away or changes its meaning. */
export const LOG_SCHEMA_VERSION = 1;

/** The line of an event, without its end; undefined for one that is not logged: progress, and a round in which nothing happened. */
export function eventLine(options: {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Undefined while it is not known. */
  readonly pipeline: string | undefined;
  readonly event: IngestEvent;
}): string | undefined {
  const { at, pipeline, event } = options;
  if (!isLogged(event)) return undefined;
  const { level, message, fields } = entryOf(event);
  const values = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value(event)]));
  return line({ at, level, event: event.type, pipeline, message: message(event), ...values });
}

/** The line of an error that ended a run, or the program. */
export function errorLine(options: {
  readonly at: number;
  readonly pipeline?: string | undefined;
  readonly error: unknown;
}): string {
  const { at, error } = options;
  const fields = errorFields(error);
  const pipeline = options.pipeline ?? (error instanceof LandfallError ? error.subject.pipeline : undefined);
  return line({ at, level: "error", event: "error", pipeline, message: messageOf(error), ...fields });
}

/** The line of something that is no event of a run. */
export function noticeLine(options: { readonly at: number; readonly message: string }): string {
  return line({
    at: options.at,
    level: "info",
    event: "notice",
    pipeline: undefined,
    message: options.message,
  });
}

function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof LandfallError)) {
    const stack = error instanceof Error ? error.stack : undefined;
    return { code: "INTERNAL", retryable: false, stack };
  }
  const { code, hint, retryable, subject, cause } = error;
  const stack = code === "INTERNAL" && cause instanceof Error ? cause.stack : undefined;
  const { pipeline: _pipeline, file, ...about } = subject;
  return { code, hint, retryable, ...about, file: file === undefined ? undefined : displayKey(file), stack };
}

function isLogged(event: IngestEvent): event is LoggedEvent {
  if (event.type === "round.done") return event.batches > 0 || event.discovered > 0 || event.unreadable > 0;
  return event.type !== "listing.progress" && event.type !== "batch.progress";
}

interface Entry {
  readonly level: LogLevel;
  readonly message: (event: IngestEvent) => string;
  readonly fields: Readonly<Record<string, (event: IngestEvent) => unknown>>;
}

/** The table is typed by event; which of them this is, only its type says. */
function entryOf(event: LoggedEvent): Entry {
  return LOG_EVENTS[event.type] as unknown as Entry;
}

function line(fields: {
  readonly at: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly pipeline: string | undefined;
  readonly message: string;
  readonly [field: string]: unknown;
}): string {
  const { at, ...rest } = fields;
  return JSON.stringify(
    { schemaVersion: LOG_SCHEMA_VERSION, at: isoInstant(at), ...rest },
    (_name, value: unknown) => {
      if (typeof value === "string") return withoutSecrets(value);
      return typeof value === "number" ? Math.round(value * 10) / 10 : value;
    },
  );
}

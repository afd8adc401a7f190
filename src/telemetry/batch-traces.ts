/**
 * One trace for each batch, made of the events of its pipeline: the span `batch`, below it its stages, and the checkpoint and the tidying that
 * follow it. A batch that comes to nothing, and an error without a batch, are traces too, with the error.
 *
 * Stages are told with their lengths when the batch is done (lay-out-stages.ts).
 */
import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import { withoutSecrets } from "../base/redact.ts";
import type { BatchCounts } from "../ingest/events.ts";
import { handle, type EventHandlers } from "./event-handlers.ts";
import { layOutStages } from "./lay-out-stages.ts";
import type { ListenedPipeline, RunListener } from "./listener.ts";

export interface BatchTraces {
  listen(pipeline: ListenedPipeline): RunListener;
}

export function batchTraces(options: {
  readonly tracer: Tracer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): BatchTraces {
  const { tracer, now } = options;
  return {
    listen({ name = "" }) {
      let about: Attributes = { "landfall.pipeline": name };
      /** The batch under way. */
      let open: Span | undefined;
      /** The last one that committed: what follows a commit is told after it. */
      let last: Context = ROOT_CONTEXT;
      const child = (
        name: string,
        span: { readonly at: number; readonly milliseconds: number; readonly parent: Context },
        attributes: Attributes = {},
      ): Context => {
        const made = tracer.startSpan(
          name,
          { startTime: span.at, attributes: { ...about, ...attributes } },
          span.parent,
        );
        made.end(span.at + span.milliseconds);
        return trace.setSpan(span.parent, made);
      };
      const failed = (why: { readonly error?: unknown; readonly reason?: string }): void => {
        const span = open ?? tracer.startSpan("round", { startTime: now(), attributes: about }, ROOT_CONTEXT);
        open = undefined;
        const message = withoutSecrets(why.reason ?? messageOf(why.error));
        if (why.error !== undefined) {
          const code = isLandfallError(why.error) ? why.error.code : "INTERNAL";
          span.setAttributes({ "error.type": code });
          span.recordException({ name: code, message }, now());
        }
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        span.end(now());
      };
      const handlers: EventHandlers = {
        "run.started": ({ pipeline, table }) => {
          about = { "landfall.pipeline": pipeline, "landfall.table": withoutSecrets(table) };
          last = ROOT_CONTEXT;
        },
        "batch.planned": ({ number, batchId, files, bytes, milliseconds }) => {
          const attributes = {
            ...about,
            "landfall.batch.number": number,
            "landfall.batch.id": batchId,
            "landfall.files": files,
            "landfall.bytes": bytes,
          };
          open = tracer.startSpan("batch", { startTime: now() - milliseconds, attributes }, ROOT_CONTEXT);
        },
        "arrival.quarantined": ({ key, reason }) => {
          const attributes = { "landfall.file": displayKey(key), "landfall.reason": withoutSecrets(reason) };
          open?.addEvent("file quarantined", attributes, now());
        },
        "batch.committed": (event) => {
          if (open === undefined) return;
          const end = now();
          const context = trace.setSpan(ROOT_CONTEXT, open);
          open.setAttributes({ "landfall.table.version": event.version, ...countAttributes(event.counts) });
          for (const laid of layOutStages(event.stages, end)) {
            const stage = child(laid.name, { ...laid, parent: context });
            for (const part of laid.parts) child(part.name, { ...part, parent: stage });
          }
          open.end(end);
          open = undefined;
          last = context;
        },
        // One that was overtaken while it was planned has no span, and nothing came of it.
        "batch.void": ({ reason }) => (open === undefined ? undefined : failed({ reason })),
        "checkpoint.written": ({ version, milliseconds }) =>
          void child(
            "checkpoint",
            { at: now() - milliseconds, milliseconds, parent: last },
            { "landfall.table.version": version },
          ),
        "tidy.done": ({ archived, deleted, moved, failed: stuck, overwritten, milliseconds }) =>
          void child(
            "tidy",
            { at: now() - milliseconds, milliseconds, parent: last },
            {
              "landfall.files.archived": archived,
              "landfall.files.deleted": deleted,
              "landfall.files.moved": moved,
              "landfall.files.failed": stuck,
              "landfall.files.overwritten": overwritten,
            },
          ),
        "round.failed": ({ error }) => failed({ error }),
        // What the next round tidies follows none of these batches.
        "round.done": () => void (last = ROOT_CONTEXT),
      };
      return {
        opened: ({ name }) => void (about = { "landfall.pipeline": name }),
        emit: (event) => handle(handlers, event),
        ended(error) {
          if (error === undefined) return;
          // A stop is no fault of the batch, which comes to nothing all the same.
          if (!isLandfallError(error, "ABORTED") || open !== undefined) failed({ error });
        },
      };
    },
  };
}

function countAttributes(counts: BatchCounts): Attributes {
  return {
    "landfall.files.committed": counts.committed,
    "landfall.files.quarantined": counts.quarantined,
    "landfall.files.skipped": counts.skipped,
    "landfall.rows.read": counts.rowsRead,
    "landfall.rows.written": counts.rowsWritten,
    "landfall.rows.rescued": counts.rowsRescued,
    "landfall.rows.rejected": counts.rowsRejected,
  };
}

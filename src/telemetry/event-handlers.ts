import type { IngestEvent } from "../ingest/events.ts";

/** What is done about events; those without a handler are passed over. */
export type EventHandlers = {
  readonly [Type in IngestEvent["type"]]?: (event: Extract<IngestEvent, { readonly type: Type }>) => void;
};

export function handle(handlers: EventHandlers, event: IngestEvent): void {
  // A handler takes the events of its own type, which only the key says.
  (handlers[event.type] as ((event: IngestEvent) => void) | undefined)?.(event);
}

/**
 * Sends what OpenTelemetry has gathered to a collector, by OTLP over HTTP. Nobody waits for it: what the collector puts off is tried once
 * more, what fails is let go of and told, once until something arrives again.
 */
import type { ISerializer } from "@opentelemetry/otlp-transformer";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/landfall-error.ts";
import { withoutSecrets } from "../base/redact.ts";
import type { OtlpTarget } from "./otlp-settings.ts";

/** In the words of OpenTelemetry's SDK: 0 for sent, 1 for failed. */
type Done = (result: { readonly code: 0 | 1; readonly error?: Error }) => void;

export interface OtlpExporter<Items> {
  export(items: Items, done: Done): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Answers with which a collector asks for another try. */
const AGAIN = new Set([429, 502, 503, 504]);
const AGAIN_AFTER_MS = 1000;

/** `Items`: spans, or metrics. */
export function otlpExporter<Items>(options: {
  readonly target: OtlpTarget;
  readonly serializer: ISerializer<Items, unknown>;
  readonly clock: Clock;
  /** Told once that nothing arrives, and why. */
  readonly warn: (text: string) => void;
  /** Aborted when nothing is to be waited for any more. */
  readonly closing: AbortSignal;
}): OtlpExporter<Items> {
  const { target, serializer, clock, warn, closing } = options;
  const underWay = new Set<Promise<void>>();
  let isTold = false;
  const send = async (items: Items): Promise<void> => {
    const body = serializer.serializeRequest(items);
    if (body === undefined || (await post(target, body, closing)) === "taken") return;
    await clock.sleep(AGAIN_AFTER_MS, closing);
    if ((await post(target, body, closing)) === "again") throw new Error("it puts off what it is sent");
  };
  const deliver = async (items: Items, done: Done): Promise<void> => {
    try {
      await send(items);
      isTold = false;
    } catch (error) {
      if (!isTold)
        warn(withoutSecrets(`${target.url} does not take what OpenTelemetry sends: ${messageOf(error)}`));
      isTold = true;
      done({ code: 1, error: error instanceof Error ? error : new Error(String(error)) });
      return;
    }
    done({ code: 0 });
  };
  return {
    export(items, done) {
      const delivery = deliver(items, done).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    },
    async forceFlush() {
      await Promise.all(underWay);
    },
    async shutdown() {
      await Promise.all(underWay);
    },
  };
}

async function post(target: OtlpTarget, body: Uint8Array, closing: AbortSignal): Promise<"taken" | "again"> {
  let response: Response;
  try {
    response = await fetch(target.url, {
      method: "POST",
      headers: { ...target.headers, "content-type": CONTENT_TYPES[target.protocol] },
      body: Buffer.from(body),
      redirect: "error",
      signal: AbortSignal.any([closing, AbortSignal.timeout(target.timeoutMs)]),
    });
  } catch (error) {
    closing.throwIfAborted();
    // Nobody there: another try would come too soon to find somebody. What comes next is sent anew.
    throw new Error(causeOf(error), { cause: error });
  }
  await response.body?.cancel();
  if (response.ok) return "taken";
  if (AGAIN.has(response.status)) return "again";
  throw new Error(`it answers ${response.status}`);
}

const CONTENT_TYPES = { "http/json": "application/json", "http/protobuf": "application/x-protobuf" } as const;

/** `fetch` says why in the cause of what it throws. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : messageOf(error);
}

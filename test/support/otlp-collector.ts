/** A collector of OpenTelemetry that keeps what it is sent: OTLP over HTTP, JSON decoded, protobuf as bytes. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 is an error. */
  readonly status: { readonly code?: number; readonly message?: string };
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

export interface OtlpCollector {
  readonly url: string;
  readonly requests: readonly {
    readonly path: string;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: Buffer;
  }[];
  /** Of all traces that came as JSON. */
  spans(): readonly CollectedSpan[];
  /** What the resource of the first request says. */
  resource(): Readonly<Record<string, unknown>>;
  /** Names of the metrics that came as JSON. */
  metrics(): ReadonlySet<string>;
}

/** `answer`: the status of the n-th request, from 0; undefined: it never answers. Default: 200, always. */
export async function otlpCollector(
  t: TestContext,
  answer: (request: number) => number | undefined = () => 200,
): Promise<OtlpCollector> {
  const requests: { path: string; headers: Readonly<Record<string, unknown>>; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const status = answer(requests.length);
      requests.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
      if (status !== undefined) response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const bodies = (path: string): Json[] =>
    requests.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()) as Json);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () =>
      bodies("/v1/traces").flatMap(({ resourceSpans = [] }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(spanOf))),
      ),
    resource: () => valuesOf(bodies("/v1/traces")[0]?.resourceSpans?.[0]?.resource.attributes ?? []),
    metrics: () =>
      new Set(
        bodies("/v1/metrics").flatMap(({ resourceMetrics = [] }) =>
          resourceMetrics.flatMap(({ scopeMetrics }) =>
            scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
          ),
        ),
      ),
  };
}

type JsonAttributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: JsonAttributes;
  readonly status?: CollectedSpan["status"];
  readonly events?: readonly { readonly name: string; readonly attributes: JsonAttributes }[];
}

interface Json {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: JsonAttributes };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

function spanOf(span: JsonSpan): CollectedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    name: span.name,
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: valuesOf(span.attributes),
    status: span.status ?? {},
    events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: valuesOf(attributes) })),
  };
}

/** Whole numbers come as numbers or as text, by the taste of who sends. */
function valuesOf(attributes: JsonAttributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      "intValue" in value ? Number(value["intValue"]) : Object.values(value)[0],
    ]),
  );
}

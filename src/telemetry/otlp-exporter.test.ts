import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { otlpCollector, type OtlpCollector } from "../../test/support/otlp-collector.ts";
import { systemClock } from "../base/clock.ts";
import { otlpExporter, type OtlpExporter } from "./otlp-exporter.ts";

interface Sending {
  readonly exporter: OtlpExporter<string>;
  readonly told: readonly string[];
  readonly closing: AbortController;
  /** The code of what became of it: 0 for sent. */
  readonly send: (text: string) => Promise<number>;
}

function sending({ url }: OtlpCollector): Sending {
  const told: string[] = [];
  const closing = new AbortController();
  const exporter = otlpExporter<string>({
    target: {
      url: `${url}/v1/traces?token=abc`,
      headers: { "x-key": "k" },
      protocol: "http/json",
      timeoutMs: 60_000,
    },
    serializer: { serializeRequest: (text) => Buffer.from(text), deserializeResponse: () => undefined },
    clock: { ...systemClock, sleep: async () => {} },
    warn: (text) => void told.push(text),
    closing: closing.signal,
  });
  const send = (text: string): Promise<number> =>
    new Promise((resolve) => exporter.export(text, ({ code }) => resolve(code)));
  return { exporter, told, closing, send };
}

async function answered(
  t: TestContext,
  ...statuses: readonly (number | undefined)[]
): Promise<Sending & OtlpCollector> {
  const collector = await otlpCollector(t, (request) => statuses[request]);
  return { ...collector, ...sending(collector) };
}

test("sends what it is given, with the headers that were stated", async (t) => {
  const { send, requests } = await answered(t, 200);
  assert.equal(await send("a"), 0);
  const [{ headers, body } = assert.fail()] = requests;
  assert.deepEqual(
    [headers["x-key"], headers["content-type"], body.toString()],
    ["k", "application/json", "a"],
  );
});

test("what is put off is sent once more, and then let go of", async (t) => {
  const { send, requests, told } = await answered(t, 503, 200, 429, 502);
  assert.equal(await send("a"), 0);
  assert.deepEqual(told, []);
  assert.equal(await send("b"), 1);
  assert.deepEqual(
    requests.map(({ body }) => body.toString()),
    ["a", "a", "b", "b"],
  );
});

test("a failure is told once until something arrives again, without secrets", async (t) => {
  const { send, told } = await answered(t, 400, 401, 200, 403);
  const codes: number[] = [];
  for (const text of ["a", "b", "c", "d"]) codes.push(await send(text));
  assert.deepEqual(codes, [1, 1, 0, 1]);
  assert.equal(told.length, 2);
  assert.match(told[0]!, /token=REDACTED does not take .*: it answers 400$/);
  assert.match(told[1]!, /it answers 403$/);
});

test("nothing waits for a collector that never answers, once the program ends", async (t) => {
  const { exporter, closing, send } = await answered(t, undefined);
  const sent = send("a");
  const ended = exporter.shutdown();
  closing.abort(new Error("the program ends"));
  await ended;
  assert.equal(await sent, 1);
});

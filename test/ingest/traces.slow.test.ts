/** Traces and metrics by OTLP, of real runs through the command line, as a collector gets them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { METRICS } from "../../src/telemetry/metric-definitions.ts";
import { otlpCollector, type CollectedSpan, type OtlpCollector } from "../support/otlp-collector.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function asks({ url }: OtlpCollector, protocol = "http/json"): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
}

function childrenOf(spans: readonly CollectedSpan[], { spanId }: CollectedSpan): string[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name);
}

test("each batch is a trace: its stages, its counts, its version, and the tidying after it", async (t) => {
  const folder = temporaryFolder(t);
  const collector = await otlpCollector(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n{"id":2}\n', "b.json": Buffer.from([0x1f, 0x8b, 1]) });
  const env = {
    ...asks(collector),
    OTEL_SERVICE_NAME: "lake",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=s%20ecret",
  };
  const flags = ["--pipeline", "cars", "--archive-to", "gone", "--max-files-per-trigger", "1"];
  const run = await runLandfall(["ingest", "in", "table", ...flags], { cwd: folder, env });
  assert.deepEqual([run.code, run.stderr], [1, ""]);
  const spans = collector.spans();
  const roots = spans.filter(({ name }) => name === "batch");
  assert.equal(roots.length, 2);
  assert.equal(new Set(roots.map(({ traceId }) => traceId)).size, 2, "a trace each");
  const [first, second] = roots.sort((a, b) => Number(a.start - b.start)) as [CollectedSpan, CollectedSpan];
  for (const [i, root] of [first, second].entries()) {
    assert.equal(root.parentSpanId, undefined);
    const own = spans.filter(({ traceId }) => traceId === root.traceId);
    const expected = ["plan", "stage", "commit", "settle", "done", ...(i === 1 ? ["tidy"] : [])];
    assert.deepEqual(childrenOf(own, root).sort(), expected.sort());
    const stage = own.find(({ name }) => name === "stage")!;
    assert.ok(childrenOf(own, stage).includes("scan"));
    for (const span of own) assert.ok(span.end >= span.start, span.name);
    assert.equal(root.attributes["landfall.pipeline"], "cars");
    assert.equal(root.attributes["landfall.batch.number"], i + 1);
    assert.equal(root.attributes["landfall.table.version"], i);
  }
  const counts = [first, second].map(({ attributes }) => [
    attributes["landfall.files.committed"],
    attributes["landfall.files.quarantined"],
    attributes["landfall.rows.written"],
  ]);
  assert.deepEqual(counts.map(String).sort(), ["0,1,0", "1,0,2"]);
  // The ids are those of the manifests beside the table.
  const manifests = readdirSync(join(folder, "table/_landfall/cars/batches")).join(" ");
  for (const { attributes } of roots) assert.ok(manifests.includes(String(attributes["landfall.batch.id"])));
  const bad = roots.find(({ attributes }) => attributes["landfall.files.quarantined"] === 1)!;
  assert.deepEqual(
    bad.events.map(({ name, attributes }) => [name, attributes["landfall.file"]]),
    [["file quarantined", "b.json"]],
  );
  assert.equal(collector.resource()["service.name"], "lake");
  assert.ok(collector.requests.every(({ headers }) => headers["x-key"] === "s ecret"));
  const sent = collector.metrics();
  assert.ok(sent.has("landfall_rows_written_total") && sent.has("landfall_batch_duration_seconds"));
  for (const name of sent) assert.ok(name in METRICS, name);
});

test("what fails is a trace with the error, its code and no secret; protobuf is what is sent unless JSON is asked for", async (t) => {
  const folder = temporaryFolder(t);
  const collector = await otlpCollector(t);
  land(join(folder, "in"), { "a.json": "{broken\n" });
  const failing = ["ingest", "in", "table", "--json-mode", "FAILFAST"];
  const run = await runLandfall(failing, { cwd: folder, env: asks(collector) });
  assert.equal(run.code, 1);
  const [batch, ...others] = collector.spans();
  assert.deepEqual([batch!.name, others], ["batch", []]);
  assert.equal(batch!.status.code, 2);
  assert.equal(batch!.attributes["error.type"], "RECORD_BROKEN");
  assert.equal(batch!.events[0]!.attributes["exception.type"], "RECORD_BROKEN");
  const lost = await runLandfall(["ingest", "nowhere", "other"], { cwd: folder, env: asks(collector) });
  assert.equal(lost.code, 3);
  const round = collector.spans().at(-1)!;
  assert.deepEqual([round.name, round.attributes["error.type"]], ["round", "SOURCE_MISSING"]);
  const before = collector.requests.length;
  await runLandfall(failing, { cwd: folder, env: asks(collector, "") });
  const sent = collector.requests.slice(before);
  assert.deepEqual([...new Set(sent.map(({ path }) => path))].sort(), ["/v1/metrics", "/v1/traces"]);
  for (const { headers, body } of sent) {
    assert.equal(headers["content-type"], "application/x-protobuf");
    // Field 1, a message: what every export request begins with.
    assert.equal(body[0], 0x0a);
  }
});

test("a collector that is away, refuses, or never answers is told of once and holds up no row", async (t) => {
  const folder = temporaryFolder(t);
  const refuses = await otlpCollector(t, () => 401);
  const silent = await otlpCollector(t, () => undefined);
  for (const [name, url, why] of [
    ["away", await urlOfNobody(), "ECONNREFUSED"],
    ["refuses", refuses.url, "it answers 401"],
    ["silent", silent.url, "the program ends"],
  ] as const) {
    land(join(folder, name), { "a.json": '{"id":1}\n' });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
    const run = await runLandfall(["ingest", name, `${name}-table`], { cwd: folder, env });
    assert.equal(run.code, 0, name);
    assert.match(run.stdout, /rows {3}1 written/);
    const told = run.stderr.trimEnd().split("\n");
    assert.equal(told.length, 2, run.stderr);
    for (const line of told) assert.ok(line.includes(why), line);
  }
});

/** Where somebody listened a moment ago. */
async function urlOfNobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { otlpSettings } from "./otlp-settings.ts";

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

test("nothing is sent unless somebody asked", () => {
  assert.equal(otlpSettings({}), undefined);
  assert.equal(otlpSettings({ OTEL_SERVICE_NAME: "x", [ENDPOINT]: "" }), undefined);
  assert.equal(otlpSettings({ [ENDPOINT]: "http://c:4318", OTEL_SDK_DISABLED: "true" }), undefined);
});

test("one endpoint takes both, with headers, a name and what else is said of the process", () => {
  const settings = otlpSettings({
    [ENDPOINT]: "http://collector:4318/",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc, x-team = data ,broken",
    OTEL_SERVICE_NAME: "lake",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test,service.name=other",
    OTEL_METRIC_EXPORT_INTERVAL: "5000",
  });
  const target = {
    headers: { authorization: "Bearer abc", "x-team": "data" },
    protocol: "http/protobuf",
    timeoutMs: 10_000,
  };
  assert.deepEqual(settings, {
    traces: { url: "http://collector:4318/v1/traces", ...target },
    metrics: { url: "http://collector:4318/v1/metrics", ...target, everyMs: 5000 },
    resource: { "service.name": "lake", "deployment.environment": "test" },
    notices: ["a part of OTEL_EXPORTER_OTLP_HEADERS is no name=value and is left out"],
  });
});

test("a signal has an endpoint, a protocol and a time of its own, or is left out", () => {
  const settings = otlpSettings({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://t/custom",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "1500",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
  });
  assert.deepEqual(settings?.traces, {
    url: "https://t/custom",
    headers: {},
    protocol: "http/json",
    timeoutMs: 1500,
  });
  assert.equal(settings?.metrics, undefined);
  const none = otlpSettings({ [ENDPOINT]: "http://c", OTEL_TRACES_EXPORTER: "none" });
  assert.equal(none?.traces, undefined);
  assert.equal(none?.metrics?.url, "http://c/v1/metrics");
});

test("what cannot be done is told, and stops nothing", () => {
  const grpc = otlpSettings({ [ENDPOINT]: "http://c:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
  assert.equal(grpc?.traces, undefined);
  assert.match(grpc!.notices.join("\n"), /grpc is not spoken here.*no traces\n.*no metrics/);
  const wrong = otlpSettings({
    [ENDPOINT]: "http://c",
    OTEL_EXPORTER_OTLP_TIMEOUT: "abc",
    OTEL_METRIC_EXPORT_INTERVAL: "-5",
    OTEL_EXPORTER_OTLP_HEADERS: "secret",
    OTEL_RESOURCE_ATTRIBUTES: "team=data,=x",
  });
  assert.deepEqual(
    [wrong?.traces?.timeoutMs, wrong?.metrics?.timeoutMs, wrong?.metrics?.everyMs],
    [10_000, 10_000, 60_000],
  );
  assert.deepEqual(wrong?.notices, [
    "a part of OTEL_EXPORTER_OTLP_HEADERS is no name=value and is left out",
    'OTEL_EXPORTER_OTLP_TIMEOUT is "abc", which is no number of milliseconds above zero: 10000 is taken',
    'OTEL_METRIC_EXPORT_INTERVAL is "-5", which is no number of milliseconds above zero: 60000 is taken',
    "a part of OTEL_RESOURCE_ATTRIBUTES is no name=value and is left out",
  ]);
  const other = otlpSettings({ [ENDPOINT]: "http://c", OTEL_TRACES_EXPORTER: "zipkin" });
  assert.equal(other?.traces, undefined);
  assert.match(other!.notices[0]!, /OTEL_TRACES_EXPORTER names none that is known here.*no traces/);
  assert.match(otlpSettings({ [ENDPOINT]: "collector:4318" })!.notices[0]!, /no http or https URL/);
});

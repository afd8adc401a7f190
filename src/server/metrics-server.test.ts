import assert from "node:assert/strict";
import { get } from "node:http";
import { test, type TestContext } from "node:test";
import { LOOPBACK } from "./listen-address.ts";
import { startMetricsServer, type MetricsServer, type MetricsServerOptions } from "./metrics-server.ts";

async function server(t: TestContext, options: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
  const started = await startMetricsServer({
    address: { host: LOOPBACK, port: 0 },
    metrics: async () => "# none\n",
    alive: async () => [],
    ready: () => [],
    ...options,
  });
  t.after(() => started.close());
  return started;
}

test("serves metrics and health, and nothing else", async (t) => {
  const { url } = await server(t);
  const metrics = await fetch(`${url}/metrics?x=1`);
  assert.deepEqual(
    [metrics.status, metrics.headers.get("content-type"), await metrics.text()],
    [200, "text/plain; version=0.0.4; charset=utf-8", "# none\n"],
  );
  for (const path of ["/livez", "/readyz"]) {
    const answer = await fetch(url + path);
    assert.deepEqual([answer.status, await answer.text()], [200, "ok\n"], path);
  }
  assert.equal((await fetch(`${url}/`)).status, 404);
  assert.equal((await fetch(`${url}/metrics`, { method: "POST", body: "x" })).status, 405);
  assert.equal(await (await fetch(`${url}/metrics`, { method: "HEAD" })).text(), "");
});

test("tells what is wrong, and that it cannot tell", async (t) => {
  const { url } = await server(t, {
    metrics: () => Promise.reject(new Error("no")),
    alive: async () => ["one: hangs"],
    ready: () => ["one: failing", "two: ended"],
  });
  const alive = await fetch(`${url}/livez`);
  assert.deepEqual([alive.status, await alive.text()], [503, "one: hangs\n"]);
  assert.equal(await (await fetch(`${url}/readyz`)).text(), "one: failing\ntwo: ended\n");
  assert.equal((await fetch(`${url}/metrics`)).status, 500);
});

test("a port in use and an address of another machine are refused by name", async (t) => {
  const { url } = await server(t);
  const port = Number(new URL(url).port);
  const again = server(t, { address: { host: LOOPBACK, port } });
  await assert.rejects(again, { code: "ADDRESS_UNAVAILABLE", message: /another program listens/ });
  const elsewhere = server(t, { address: { host: "192.0.2.1", port: 0 } });
  await assert.rejects(elsewhere, { code: "ADDRESS_UNAVAILABLE", message: /no such address/ });
});

test("a request for a host that is neither this machine nor the address is refused: its name was bent to come here", async (t) => {
  const { url } = await server(t);
  const { port } = new URL(url);
  const asked = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = get({ host: LOOPBACK, port, path: "/metrics", headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
    });
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.evil.example",
    "10.0.0.1",
    "localhost.evil.example",
  ])
    assert.equal(await asked(host), 421, host);
  for (const host of [`127.0.0.1:${port}`, "localhost", `LOCALHOST:${port}`, `[::1]:${port}`])
    assert.equal(await asked(host), 200, host);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressText, isAskedFor, listenAddress } from "./listen-address.ts";

test("a port alone is this machine's own; any other address is said in full", () => {
  for (const [text, host, port] of [
    ["9464", "127.0.0.1", 9464],
    [":9464", "127.0.0.1", 9464],
    ["0.0.0.0:9464", "0.0.0.0", 9464],
    ["localhost:0", "localhost", 0],
    ["[::1]:9464", "::1", 9464],
  ] as const)
    assert.deepEqual(listenAddress(text, "--metrics"), { host, port }, text);
});

test("what is no address is refused, with an example", () => {
  for (const text of ["", "port", "70000", "1:2:3", "::1", "host:", "http://host:1", "a b:1", "-1", "1.5"])
    assert.throws(() => listenAddress(text, "--metrics"), { code: "USAGE" }, text);
});

test("an address stands in a URL as it should", () => {
  assert.equal(addressText({ host: "::1", port: 1 }), "[::1]:1");
  assert.equal(addressText({ host: "127.0.0.1", port: 1 }), "127.0.0.1:1");
});

test("a server that listens for everybody is asked by any name; another by its own and this machine's", () => {
  for (const host of ["0.0.0.0", "::"]) assert.ok(isAskedFor("metrics.internal:9464", { host, port: 9464 }));
  const own = { host: "Lake.internal", port: 9464 };
  assert.ok(
    isAskedFor("lake.internal:9464", own) && isAskedFor("localhost", own) && isAskedFor(undefined, own),
  );
  assert.ok(!isAskedFor("other.internal:9464", own) && !isAskedFor("", own));
  assert.ok(isAskedFor("[fd00::1]:9464", { host: "fd00::1", port: 9464 }));
});

/** Pipelines that keep running, through the command line as their user starts them. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { LANDFALL_BIN, runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Running {
  /** The next line of either stream that matches; a test that waits in vain is ended by its time limit. */
  line(pattern: RegExp): Promise<string>;
  /** How many processes of the engine it has now. */
  engines(): number;
  /** Stops it as Ctrl-C does; the exit code. */
  stop(): Promise<number | null>;
}

function start(t: TestContext, cwd: string, ...args: readonly string[]): Running {
  return startWith(t, { cwd, env: {} }, args);
}

function startWith(
  t: TestContext,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  args: readonly string[],
): Running {
  const child = spawn(process.execPath, [LANDFALL_BIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const lines: string[] = [];
  let tell = (): void => {};
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (text) => {
      lines.push(text);
      tell();
    });
  return {
    async line(pattern) {
      for (;;) {
        const found = lines.findIndex((text) => pattern.test(text));
        if (found >= 0) return lines.splice(0, found + 1).at(-1)!;
        await new Promise<void>((resolve) => (tell = resolve));
      }
    },
    engines() {
      const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" });
      const children = stdout.split("\n").filter((line) => Number.parseInt(line) === child.pid);
      return children.filter((line) => line.includes("engine-process")).length;
    },
    async stop() {
      child.kill("SIGINT");
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
}

function write(folder: string, name: string, ...ids: readonly number[]): void {
  writeFileSync(join(folder, name), ids.map((id) => `{"id":${id}}\n`).join(""));
}

async function idsIn(table: string): Promise<string> {
  const sql = "SELECT string_agg(id, ',' ORDER BY id) AS ids FROM t";
  const { stdout, stderr } = await runLandfall(["table", "query", table, sql, "--json"]);
  assert.equal(stderr, "");
  return stdout;
}

test("--watch reads files as they arrive, in folders that come later too, and ends cleanly on Ctrl-C", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  mkdirSync(source);
  write(source, "a.json", 1);
  const running = start(t, folder, "ingest", "in", "table", "--watch");
  await running.line(/version 0: files 1 committed; rows 1 written/);
  write(source, "b.json", 2, 3);
  await running.line(/version 1: files 1 committed; rows 2 written/);
  mkdirSync(join(source, "later/deep"), { recursive: true });
  write(join(source, "later/deep"), "c.json", 4);
  await running.line(/version 2: files 1 committed; rows 1 written/);
  writeFileSync(join(source, "broken.json"), '{"id":');
  await running.line(/1 rejected/);
  await running.line(/why: landfall files rejected/);
  assert.equal(await running.stop(), 130);
  assert.match(await idsIn(join(folder, "table")), /1,2,3,4/);
  assert.equal((await runLandfall(["verify", join(folder, "table")])).code, 0);
});

test("--every looks again and again; a source that is away for a while is told and waited for", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  mkdirSync(source);
  const running = start(t, folder, "ingest", "in", "table", "--every", "100ms", "--json");
  await running.line(/looks for files every 100 ms/);
  write(source, "a.json", 1);
  const { versions, rows } = JSON.parse(await running.line(/"versions":\[0\]/)) as Record<string, unknown>;
  assert.deepEqual([versions, (rows as { written: number }).written], [[0], 1]);
  renameSync(source, join(folder, "away"));
  await running.line(/SOURCE_MISSING/);
  await running.line(/tried again in 1.0 s/);
  renameSync(join(folder, "away"), source);
  write(source, "b.json", 2);
  await running.line(/"versions":\[1\]/);
  assert.equal(await running.stop(), 130);
});

test("several declarations run side by side, a changed one is taken up, and a mistake in it changes nothing", async (t) => {
  const folder = temporaryFolder(t);
  const declare = (name: string, more: string): void =>
    writeFileSync(
      join(folder, `${name}.yaml`),
      `pipeline: ${name}\nsource: { location: ${name} }\ntable: { location: ${name}-table }\ntrigger: { every: 100ms }\n${more}`,
    );
  for (const name of ["one", "two"]) {
    mkdirSync(join(folder, name));
    declare(name, "");
    write(join(folder, name), "a.json", 1);
  }
  const running = start(t, folder, "run", "one.yaml", "two.yaml");
  const lines = [await running.line(/version 0/), await running.line(/version 0/)].join("\n");
  for (const name of ["one", "two"]) assert.ok(lines.includes(`${name}  version 0`), lines);
  assert.equal(running.engines(), 1, "they share one");
  declare("two", "expect: { small: id < 10\n");
  await running.line(/DECLARATION_INVALID/);
  await running.line(/goes on as it was declared before/);
  declare("two", "expect: { small: id < 10 }\n");
  await running.line(/two.yaml has changed/);
  write(join(folder, "two"), "b.json", 5, 50);
  await running.line(/two {2}version 1: files 1 committed; rows 1 written, 1 rejected/);
  // Read under limits of its own, in the one engine that there is.
  declare("one", "engine: { memory: 300m, threads: 1 }\n");
  await running.line(/one.yaml has changed/);
  write(join(folder, "one"), "b.json", 2);
  await running.line(/one {2}version 1: files 1 committed/);
  assert.equal(running.engines(), 1, "that of the other limits is gone");
  assert.equal(await running.stop(), 130);
});

test("of several the one that fails, and the one that ends, is named, and the others go on", async (t) => {
  const folder = temporaryFolder(t);
  const names = ["one", "two", "three"];
  for (const name of names) {
    mkdirSync(join(folder, name));
    write(join(folder, name), "a.json", 1);
    writeFileSync(
      join(folder, `${name}.yaml`),
      // The third has no name of its own.
      `${name === "three" ? "schema: { evolutionMode: failOnNewColumns }\n" : `pipeline: ${name}\n`}source: { location: ${name} }\ntable: { location: ${name}-table }\ntrigger: { every: 100ms }\n`,
    );
  }
  assert.equal((await runLandfall(["run", join(folder, "three.yaml"), "--once"])).code, 0);
  writeFileSync(join(folder, "three/b.json"), '{"id":2,"new":1}\n');
  const running = start(t, folder, "run", ...names.map((name) => `${name}.yaml`), "--metrics", "0");
  const url = /http:\/\/\S+/.exec(await running.line(/metrics at/))![0];
  assert.match(await running.line(/error NEW_COLUMNS/), /three\.yaml: error NEW_COLUMNS/);
  await running.line(/it has ended with that; the other pipelines go on/);
  renameSync(join(folder, "two"), join(folder, "away"));
  assert.match(await running.line(/SOURCE_MISSING/), /Z {2}two {2}error SOURCE_MISSING/);
  write(join(folder, "one"), "b.json", 2);
  await running.line(/one {2}version 1/);
  // What the ended one found before its end goes on waiting.
  const metrics = await (await fetch(url)).text();
  assert.match(metrics, /^landfall_files_waiting\{pipeline="three-[0-9a-f]{8}"\} 1$/m);
  assert.match(metrics, /^landfall_oldest_waiting_timestamp_seconds\{pipeline="three-[0-9a-f]{8}"\} \d/m);
  assert.equal(await running.stop(), 130);
});

test("--once stands over a declaration that would keep running", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  write(join(folder, "in"), "a.json", 1);
  const file = join(folder, "p.yaml");
  writeFileSync(file, "source: { location: in }\ntable: { location: table }\ntrigger: continuous\n");
  const { code, stdout } = await runLandfall(["run", file, "--once"]);
  assert.equal(code, 0);
  assert.match(stdout, /1 written/);
});

test("a file that a person wants to have read again is read by the pipeline that is running", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in/dead.json"), Buffer.from([0x1f, 0x8b, 1, 1]));
  const running = start(t, folder, "ingest", "in", "table", "--every", "100ms");
  await running.line(/1 quarantined/);
  const { code, stdout } = await runLandfall(["files", "retry", join(folder, "table"), "--failed"]);
  assert.equal(code, 0);
  assert.match(stdout, /A run is under way/);
  await running.line(/1 quarantined/);
  assert.equal(await running.stop(), 130);
});

test("as a service it says when it is ready, that it is alive and that it stops; its health is asked from outside", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  mkdirSync(join(folder, "bin"));
  const told = join(folder, "told");
  // In place of systemd's own, which talks to the socket of the service manager.
  writeFileSync(join(folder, "bin/systemd-notify"), `#!/bin/sh\necho "$@" >> '${told}'\n`, { mode: 0o755 });
  writeFileSync(
    join(folder, "p.yaml"),
    "pipeline: p\nsource: { location: in }\ntable: { location: table }\ntrigger: { every: 100ms }\n",
  );
  write(join(folder, "in"), "a.json", 1);
  const env = {
    NOTIFY_SOCKET: join(folder, "socket"),
    WATCHDOG_USEC: "200000",
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
  };
  const running = startWith(t, { cwd: folder, env }, ["run", "p.yaml"]);
  await running.line(/version 0/);
  const table = join(folder, "table");
  const health = await runLandfall(["status", table, "--health"]);
  assert.deepEqual([health.code, health.stdout], [0, "healthy\n"]);
  renameSync(join(folder, "in"), join(folder, "away"));
  const without = await runLandfall(["status", table, "--health"]);
  assert.equal(without.code, 1);
  assert.match(without.stdout, /^p: its source \S+ is not there\n$/);
  renameSync(join(folder, "away"), join(folder, "in"));
  assert.equal(await running.stop(), 130);
  const after = await runLandfall(["status", table, "--health", "--json"]);
  assert.equal(after.code, 1);
  assert.deepEqual((JSON.parse(after.stdout) as { problems: unknown }).problems, ["p: no process runs it"]);
  const said = new Set(readFileSync(told, "utf8").trim().split("\n"));
  assert.deepEqual([...said].sort(), ["--ready", "STOPPING=1", "WATCHDOG=1"]);
});

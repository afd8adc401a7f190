/**
 * The engine's process: answers calls until its channel closes. It has no other way to live on, so a killed program leaves
 * nothing behind that computes.
 */
import { availableParallelism } from "node:os";
import process from "node:process";
import { existsSync, readFileSync } from "node:fs";
import { decodePathBytes } from "../base/path-bytes.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { toWire } from "../base/wire-error.ts";
import { openBatchPipe, scanSender } from "./column-batch/scan-sender.ts";
import { duckdbEngine } from "./duckdb-engine.ts";
import type { Engine, StageRequest } from "./engine.ts";
import type { FromEngine, ToEngine } from "./engine-messages.ts";
import { READS_TEXT } from "./fork-engine.ts";
import { startWorkersAhead } from "./scan/scan-pool.ts";

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 2000;

let engine: Engine | undefined;
let poison: string | undefined;
const underWay = new Map<number, AbortController>();
const scans = scanSender(openBatchPipe);

const send = (message: FromEngine): void => {
  if (process.connected) process.send?.(message);
};

// The program may still be loading: they need not wait for its first word.
if (process.argv[2] === READS_TEXT) startWorkersAhead(availableParallelism());

process.on("message", (message: ToEngine) => {
  if (message.type === "open") {
    engine = duckdbEngine(message.options);
    ({ poison } = message);
    engine.warm();
  } else if (message.type === "more") scans.more(message.id);
  else if (message.type === "cancel") underWay.get(message.id)?.abort();
  else void answer(message);
});
process.on("disconnect", () => process.exit(0));
// The terminal sends Ctrl-C to the whole group; the program decides what becomes of us.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
setInterval(() => send({ type: "alive" }), ALIVE_EVERY).unref();

async function answer(call: Extract<ToEngine, { type: "call" }>): Promise<void> {
  const abort = new AbortController();
  underWay.set(call.id, abort);
  try {
    const value = await run(engine!, call, abort.signal);
    send({ type: "answer", id: call.id, value });
  } catch (error) {
    if (isLandfallError(error, "ENGINE_DIED")) return breakDown(error.message);
    send({ type: "failure", id: call.id, error: toWire(error) });
  } finally {
    underWay.delete(call.id);
  }
}

/** Of an engine that cannot answer any more all calls end: so does the process, and the program starts another. */
function breakDown(why: string): void {
  if (process.connected) process.send?.({ type: "broken", why } satisfies FromEngine, () => process.exit(1));
}

/** As a file would that a fault of the engine kills it with. */
function dieOf(text: string, files: StageRequest["files"]): void {
  const isPoisoned = files.some(
    ({ path }) => existsSync(decodePathBytes(path)) && readFileSync(decodePathBytes(path)).includes(text),
  );
  if (isPoisoned) process.kill(process.pid, "SIGKILL");
}

function run(open: Engine, call: Extract<ToEngine, { type: "call" }>, signal: AbortSignal): Promise<unknown> {
  switch (call.method) {
    case "stage":
      if (poison !== undefined) dieOf(poison, (call.request as StageRequest).files);
      return open.stage(call.request as Parameters<Engine["stage"]>[0], {
        signal,
        onProgress: (progress) => send({ type: "progress", id: call.id, progress }),
      });
    case "query":
      return open.query(call.request as Parameters<Engine["query"]>[0], { signal });
    case "predicateOf":
      return open.predicateOf(call.request as Parameters<Engine["predicateOf"]>[0], { signal });
    case "scan": {
      const batches = open.scan(call.request as Parameters<Engine["scan"]>[0], { signal });
      return scans.send(batches, { id: call.id, signal });
    }
    case "matchRows":
      return open.matchRows(call.request as Parameters<Engine["matchRows"]>[0], { signal });
    case "readAssignments":
      return open.readAssignments(call.request as Parameters<Engine["readAssignments"]>[0], { signal });
    case "findBrokenRow":
      return open.findBrokenRow(call.request as Parameters<Engine["findBrokenRow"]>[0], { signal });
    case "readMerge":
      return open.readMerge(call.request as Parameters<Engine["readMerge"]>[0], { signal });
    case "mergeRows":
      return open.mergeRows(call.request as Parameters<Engine["mergeRows"]>[0], { signal });
    case "compact":
      return open.compact(call.request as Parameters<Engine["compact"]>[0], { signal });
    case "writeRows":
      return open.writeRows(call.request as Parameters<Engine["writeRows"]>[0], { signal });
    case "schemasOfParquet":
      return open.schemasOfParquet(call.request as Parameters<Engine["schemasOfParquet"]>[0], { signal });
    case "toJsonLines":
      return open.toJsonLines({ ...(call.request as Parameters<Engine["toJsonLines"]>[0]), signal });
    case "fromJsonLines":
      return open.fromJsonLines({ ...(call.request as Parameters<Engine["fromJsonLines"]>[0]), signal });
    case "carryRows":
      return open.carryRows({ ...(call.request as Parameters<Engine["carryRows"]>[0]), signal });
    default:
      return call.method satisfies never;
  }
}

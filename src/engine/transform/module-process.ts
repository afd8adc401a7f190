/**
 * The process of one module: loads it, gives it chunks, checks what it answers. Apart from the engine's, because V8 ends the
 * process when a large allocation goes past the memory limit, whichever thread asked for it.
 */
import process from "node:process";
import { Worker } from "node:worker_threads";
import { siblingModule } from "../../base/sibling-module.ts";
import { applyTransform, type AppliedTransform } from "./apply-transform.ts";
import { loadModule } from "./load-module.ts";
import type { FromModule, PlainColumns, ToModule } from "./module-messages.ts";
import { thrownText } from "./thrown-text.ts";
import type { Transform } from "./transform.ts";

const channel = process.channel!;
const sendRaw = process.send!.bind(process);
const send = (message: FromModule): void => void sendRaw(message);
// The channel is the engine's, not the module's.
Object.defineProperty(process, "send", { value: undefined });

let path = "";
let transform: Transform | undefined;
let applied: AppliedTransform | undefined;
let pieces: Iterator<PlainColumns, void, void> | undefined;

process.on("message", (message: ToModule) => void reply(message));
process.once("beforeExit", () => send({ type: "unsettled" }));
process.on("uncaughtException", (error) =>
  send({ type: "failed", why: `threw ${thrownText(error, path)}, outside of its function` }),
);
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// The terminal sends Ctrl-C to the whole group; the engine decides what becomes of us.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

async function reply(message: ToModule): Promise<void> {
  // Without the channel nothing keeps us alive but the module: if it waits for what never comes, that shows.
  channel.unref();
  const answered = await answer(message);
  // We may be ended as soon as it is known.
  await printed(process.stdout);
  await printed(process.stderr);
  channel.ref();
  send(answered);
}

/** Waits until what the module has printed is in the pipe. */
function printed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}

async function answer(message: ToModule): Promise<FromModule> {
  switch (message.type) {
    case "load": {
      watchParent(message.parent);
      ({ path } = message);
      const loaded = await loadModule(path);
      if ("why" in loaded) return { type: "invalid", why: loaded.why };
      ({ transform } = loaded);
      return { type: "loaded", columns: loaded.columns };
    }
    case "begin":
      applied = applyTransform({ transform: transform!, path, input: message.input, output: message.output });
      return { type: "begun" };
    case "chunk": {
      const result = await applied!(message);
      if ("why" in result) return { type: "failed", why: result.why };
      pieces = result.pieces;
      return nextPiece();
    }
    case "more":
      return nextPiece();
  }
}

let ahead: IteratorResult<PlainColumns, void> | undefined;

function nextPiece(): FromModule {
  const current = ahead ?? pieces!.next();
  ahead = pieces!.next();
  const isLast = ahead.done === true;
  if (isLast) ahead = undefined;
  return { type: "rows", columns: current.done === true ? [] : current.value, isLast };
}

function watchParent(parent: number): void {
  new Worker(siblingModule(import.meta.url, "end-with-parent"), { workerData: parent }).unref();
}

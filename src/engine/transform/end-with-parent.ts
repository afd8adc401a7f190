/**
 * A thread beside a module that ends their process once the engine's is gone: the module itself may be in a loop that never
 * looks at its channel.
 */
import process from "node:process";
import { workerData } from "node:worker_threads";

const LOOK_EVERY_MS = 500;

setInterval(() => {
  if (process.ppid !== (workerData as number)) process.kill(process.pid, "SIGKILL");
}, LOOK_EVERY_MS);

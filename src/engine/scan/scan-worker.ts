/** A worker thread that carries out scan jobs, one at a time. */
import { parentPort } from "node:worker_threads";
import { toWire } from "../../base/wire-error.ts";
import { runJob } from "./run-job.ts";
import type { Job } from "./scan-jobs.ts";

/** Bytes read between two words of progress. */
const SAY_EVERY_BYTES = 8 * 1024 ** 2;

parentPort!.on("message", (job: Job) => {
  let unsaid = 0;
  const onBytes = (bytes: number): void => {
    unsaid += bytes;
    if (unsaid < SAY_EVERY_BYTES) return;
    parentPort!.postMessage({ bytesRead: unsaid });
    unsaid = 0;
  };
  void runJob(job, { onBytes }).then(
    (value) => parentPort!.postMessage({ value }),
    (error: unknown) => parentPort!.postMessage({ error: toWire(error) }),
  );
});

/** A worker thread that carries out scan jobs, one at a time. */
import { parentPort } from "node:worker_threads";
import { errorMessage } from "../engine-messages.ts";
import { runJob } from "./run-job.ts";
import type { Job } from "./scan-jobs.ts";

parentPort!.on("message", (job: Job) => {
  void runJob(job).then(
    (value) => parentPort!.postMessage({ value }),
    (error: unknown) => parentPort!.postMessage({ error: errorMessage(error) }),
  );
});

/**
 * The engine's process: answers calls until its channel closes. It has no other way to live on, so a killed program leaves
 * nothing behind that computes.
 */
import { availableParallelism } from "node:os";
import { startWorkersAhead } from "./scan/scan-pool.ts";

// Before DuckDB loads, which takes as long as they do.
startWorkersAhead(availableParallelism());
await import("./answer-calls.ts");

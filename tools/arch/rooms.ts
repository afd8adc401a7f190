/** The rooms of `src/`, ground floor first: what each is for, what it may lean on, and why not on more. */
export interface Room {
  readonly name: string;
  readonly purpose: string;
  /** Rooms that it may import; itself always. */
  readonly leansOn: readonly string[] | "all below";
  /** What whoever is stopped is told. */
  readonly because: string;
}

export const ROOMS: readonly Room[] = [
  {
    name: "base",
    purpose: "errors, clock, ids, lossless JSON, units; no domain word",
    leansOn: [],
    because: "base/ is under everything: a word of the domain in it would be known everywhere.",
  },
  {
    name: "schema",
    purpose: "Delta's types; infer, evolve, fit; pure",
    leansOn: ["base"],
    because: "schema/ is pure: it decides about types and touches neither files nor engines.",
  },
  {
    name: "formats",
    purpose: "the formats that files may have, and the options of their readers; plain data",
    leansOn: ["base"],
    because: "Both the declaration and the engine state a format's options by formats/; it knows neither.",
  },
  {
    name: "declaration",
    purpose: "the pipeline as plain data",
    leansOn: ["base", "schema", "formats"],
    because: "A declaration is data that every target reads; it must not know how one of them runs.",
  },
  {
    name: "storage",
    purpose: "the object-store port and its adapters",
    leansOn: ["base"],
    because: "storage/ moves bytes; it knows neither tables nor pipelines.",
  },
  {
    name: "engine",
    purpose: "DuckDB behind a port of messages and paths",
    leansOn: ["base", "schema", "formats"],
    because: "The engine lives in a process of its own: it gets messages and paths, never stores or tables.",
  },
  {
    name: "delta",
    purpose: "the Delta protocol",
    leansOn: ["base", "schema", "storage"],
    because: "delta/ takes a Parquet port as an argument, so that it works with any engine and none.",
  },
  {
    name: "table",
    purpose: "a Delta table opened: its snapshots, files, rows and history; what landfall/delta exports",
    leansOn: ["base", "schema", "storage", "engine", "delta"],
    because: "table/ is Delta Lake for Node by itself: it knows no pipeline.",
  },
  {
    name: "write",
    purpose:
      "changes of a Delta table: operations as plans, their commits, upkeep; what landfall/delta exports",
    leansOn: ["base", "schema", "storage", "engine", "delta", "table"],
    because: "write/ is Delta Lake for Node, as table/ is: it knows no pipeline.",
  },
  {
    name: "ledger",
    purpose: "arrivals, batches: types, states and their SQLite",
    leansOn: ["base"],
    because: "The ledger is a memory of the truth; it must not reach for the truth itself.",
  },
  {
    name: "sources",
    purpose: "how arrivals are noticed",
    leansOn: ["base", "declaration", "storage", "ledger"],
    because: "A source tells what lies there; what becomes of it is decided in ingest/.",
  },
  {
    name: "ingest",
    purpose: "the flow, one file a step",
    leansOn: ["base", "schema", "formats", "declaration", "storage", "engine", "delta", "ledger", "sources"],
    because: "ingest/ sees ports; who wants to look at a run uses its events from operate/ or cli/.",
  },
  {
    name: "operate",
    purpose: "one file for each verb of the person; returns plain data",
    leansOn: "all below",
    because: "operate/ returns data; printing and argv are the command line's.",
  },
  {
    name: "open",
    purpose:
      "builds the adapters of a pipeline or a table and closes them; for the command line and the library alike",
    leansOn: "all below",
    because:
      "open/ is what the command line and the library share; it is told everything and reads no environment.",
  },
  {
    name: "telemetry",
    purpose: "log lines, metrics and traces, made of the events of runs",
    leansOn: ["base", "ledger", "ingest"],
    because: "telemetry/ looks on: it hears events and asks the ledger, and no run waits for it.",
  },
  {
    name: "server",
    purpose: "HTTP: metrics and health",
    leansOn: ["base"],
    because: "server/ answers with what it is given; where that comes from is wired in cli/.",
  },
  {
    name: "cli",
    purpose: "argv, environment, exit codes, progress",
    leansOn: "all below",
    because: "",
  },
  {
    name: "library",
    purpose: "what another program imports; src/index.ts re-exports it",
    leansOn: ["base", "schema", "formats", "declaration", "engine", "ledger", "ingest", "operate", "open"],
    because:
      "library/ is told everything by its caller: argv, environment and terminal are the command line's.",
  },
];

/** Packages that one room alone may import. */
export const VENDORS: readonly {
  readonly name: string;
  readonly rooms: readonly string[];
  readonly because: string;
}[] = [
  {
    name: "@duckdb/node-api",
    rooms: ["engine"],
    because: "DuckDB stands behind the engine's port, in a process that may die.",
  },
  {
    name: "@duckdb/node-bindings",
    rooms: ["engine"],
    because: "DuckDB's vectors are met in src/engine/column-batch/ only, which copies them and keeps none.",
  },
  {
    name: "node:sqlite",
    rooms: ["ledger"],
    because: "SQLite's stability is 1.2: it is met in src/ledger/db.ts only.",
  },
  {
    name: "@opentelemetry/*",
    rooms: ["telemetry"],
    because: "OpenTelemetry is loaded only where somebody asked for metrics or traces.",
  },
  { name: "commander", rooms: ["cli"], because: "Arguments are read on the command line only." },
];

/** Deliberate breakages of what compactions rely on; a part of `mutations.ts`. */
import { LOG_FOLDER } from "../../src/delta/log-files.ts";
import { storageKeyOfPath } from "../../src/delta/add-path.ts";
import type { CompactionRecord } from "../../src/ingest/compaction-record.ts";
import { compactionMarkKey, compactionsFolder, parseCompactionName } from "../../src/ingest/state-keys.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { withStorage } from "./broken-ports.ts";
import type { CaughtMutation } from "./mutations.ts";

const FOLDER = compactionsFolder("model");

export const COMPACTION_MUTATIONS: readonly CaughtMutation[] = [
  {
    name: "a compaction is rebased without a look at what others took out",
    caughtBy: "compaction, late put",
    ports: (ports) =>
      withStorage(ports, {
        async put(key, content, options) {
          const isCompaction = key.startsWith(LOG_FOLDER) && content.toString().includes('"OPTIMIZE"');
          let at = key;
          for (;;) {
            const outcome = await ports.storage.put(at, content, options);
            if (outcome === "created" || !isCompaction) return outcome;
            at = at.replace(/\d{20}/, (version) => String(Number(version) + 1).padStart(20, "0"));
          }
        },
      }),
  },
  {
    name: "the files of an unfinished compaction are removed at once",
    caughtBy: "compaction, late put",
    ports: (ports) =>
      withStorage(ports, {
        async *list(options) {
          const objects = [];
          for await (const object of ports.storage.list(options)) objects.push(object);
          const keys = new Set(objects.map(({ key }) => key));
          for (const object of objects) {
            const id = options?.prefix === FOLDER ? parseCompactionName(object.key)?.id : undefined;
            const isOpen = id !== undefined && !keys.has(compactionMarkKey("model", id));
            if (!isOpen) yield object;
            else await removeOutputs(ports.storage, object.key);
          }
        },
      }),
  },
  {
    name: "a compaction has no record before its files",
    caughtBy: "compaction, crash",
    ports: (ports) =>
      withStorage(ports, {
        async put(key, content, options) {
          if (parseCompactionName(key)?.kind === "record" && key.startsWith(FOLDER)) return "created";
          return ports.storage.put(key, content, options);
        },
      }),
  },
];

async function removeOutputs(storage: Storage, record: string): Promise<void> {
  const { outputs } = JSON.parse((await storage.get(record)).toString()) as CompactionRecord;
  for (const { path } of outputs) await storage.delete(storageKeyOfPath(path)!);
  await storage.delete(record);
}

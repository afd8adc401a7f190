import assert from "node:assert/strict";
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { encodeVector } from "../../../test/support/encode-deletion-vector.ts";
import { writeSmallTables } from "../../../test/support/small-tables.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { writeCheckpoint } from "../../delta/checkpoint.ts";
import { commitKey } from "../../delta/log-files.ts";
import { vectorFile } from "../../delta/deletion-vector/write-deletion-vectors.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { checkTable, type TableCheck } from "./check-table.ts";

describe("a table is checked", () => {
  const engine = testEngine();
  const folder = temporaryFolder({ after });
  let names: readonly string[];
  before(async () => {
    names = await writeSmallTables(folder, engine);
  });

  const check = (table: string, options: { readonly data?: boolean } = {}): Promise<TableCheck> =>
    checkTable({
      parts: {
        storage: localStorage({ root: table }),
        engine,
        parquet: { port: engine, scratchFolder: folder },
        allowOutside: false,
      },
      data: options.data ?? true,
      signal: new AbortController().signal,
    });

  test("whole tables, whoever wrote them, have nothing wrong", async () => {
    assert.ok(names.length >= 3);
    for (const name of names) {
      // Its first checkpoint was made of other numbers than its commits by whoever built it.
      if (name.includes("struct-stats-only")) continue;
      const { findings, checked } = await check(join(folder, name));
      assert.deepEqual(findings, [], name);
      assert.equal(checked.read!.files, checked.files, name);
    }
  });

  /** Of the first data file of version 2. */
  const FILE = "part=a/f2.parquet";
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(path, change(readFileSync(path, "utf8")));

  const damages: readonly {
    readonly name: string;
    readonly damage: (table: string) => void | Promise<void>;
    readonly finds: readonly string[];
    /** Names and sizes alone tell. */
    readonly shallow?: true;
  }[] = [
    {
      name: "a data file that is gone",
      damage: (table) => rmSync(join(table, FILE)),
      finds: ["FILE_MISSING"],
      shallow: true,
    },
    {
      name: "a data file that has grown",
      damage: (table) => appendFileSync(join(table, FILE), "x"),
      finds: ["FILE_SIZE", "FILE_UNREADABLE"],
    },
    {
      name: "a data file of the right size with other bytes",
      damage: (table) =>
        writeFileSync(join(table, FILE), Buffer.alloc(readFileSync(join(table, FILE)).length)),
      finds: ["FILE_UNREADABLE"],
    },
    {
      name: "the rows of another file",
      damage: (table) => cpSync(join(table, "part=a/f3.parquet"), join(table, FILE)),
      finds: ["BOUNDS_WRONG", "BOUNDS_LOOSE"],
    },
    {
      name: "a count of rows that is another",
      damage: (table) =>
        edit(join(table, commitKey(4)), (text) => text.replaceAll('numRecords\\":20', 'numRecords\\":21')),
      finds: ["ROWS_WRONG", "ROWS_WRONG"],
    },
    {
      name: "partition values of another column",
      damage: (table) =>
        edit(join(table, commitKey(4)), (text) => text.replace('{"part":"a"}', '{"teil":"a"}')),
      finds: ["PARTITION_UNSOUND"],
      shallow: true,
    },
    {
      name: "a commit that adds a file twice",
      damage: (table) => edit(join(table, commitKey(4)), (text) => `${text}${text.split("\n")[0]!}\n`),
      finds: ["COMMIT_UNSOUND"],
      shallow: true,
    },
    {
      name: "a checkpoint that lacks what a commit before it added",
      damage: (table) =>
        edit(join(table, commitKey(1)), (text) => `${text}${text.split("\n")[0]!.replace("f1", "f9")}\n`),
      finds: ["CHECKPOINT_DIFFERS"],
      shallow: true,
    },
    {
      name: "a checkpoint that cannot be read",
      damage: (table) =>
        writeFileSync(join(table, "_delta_log", `${"3".padStart(20, "0")}.checkpoint.parquet`), "PAR1"),
      finds: ["CHECKPOINT_UNREADABLE"],
      shallow: true,
    },
    {
      name: "a .crc of another version",
      damage: (table) =>
        writeFileSync(
          join(table, commitKey(4).replace("json", "crc")),
          JSON.stringify({ tableSizeBytes: 1, numFiles: 8, numMetadata: 1, numProtocol: 1 }),
        ),
      finds: ["CHECKSUM_WRONG", "CHECKSUM_WRONG"],
      shallow: true,
    },
    {
      name: "a property whose feature the protocol lacks",
      damage: (table) => {
        const first = readFileSync(join(table, commitKey(0)), "utf8");
        const metaData = first.split("\n").find((line) => line.startsWith('{"metaData"'))!;
        edit(
          join(table, commitKey(4)),
          (text) =>
            `${text}${metaData.replace('"configuration":{}', '"configuration":{"delta.enableDeletionVectors":"true"}')}\n`,
        );
      },
      finds: ["PROTOCOL_UNSOUND"],
      shallow: true,
    },
  ];
  for (const { name, damage, finds, shallow } of damages) {
    test(`finds ${name}`, async (t) => {
      const table = join(temporaryFolder(t), "table");
      cpSync(join(folder, "own-both"), table, { recursive: true });
      await damage(table);
      const { findings } = await check(table, { data: shallow !== true });
      assert.deepEqual(findings.map(({ code }) => code).sort(), [...finds].sort(), JSON.stringify(findings));
    });
  }

  /** The table's file of version 4, partition a, with rows 1 and 2 deleted. */
  function withVector(
    table: string,
    change: { readonly cardinality?: number; readonly corrupt?: true } = {},
  ): void {
    const { bytes, offsets } = vectorFile([encodeVector({ rows: [1, 2], kindOf: () => "plain" })]);
    if (change.corrupt) bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(table, "deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin"), bytes);
    const deletionVector = {
      storageType: "u",
      pathOrInlineDv: "vBn[lx{q8@P<9BNH/isA",
      offset: offsets[0],
      sizeInBytes: bytes.length - 9,
      cardinality: change.cardinality ?? 2,
    };
    edit(join(table, commitKey(4)), (text) =>
      text
        .replace('"dataChange":true', `"dataChange":true,"deletionVector":${JSON.stringify(deletionVector)}`)
        .replace('numRecords\\":20', 'numRecords\\":20,\\"tightBounds\\":false'),
    );
    edit(join(table, commitKey(0)), (text) =>
      text.replace(
        '{"minReaderVersion":1,"minWriterVersion":2}',
        '{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors","appendOnly","invariants"]}',
      ),
    );
  }

  test("the deletion vectors of a table are looked at, and what they delete is not judged", async (t) => {
    const copy = (name: string): string => {
      const table = join(temporaryFolder(t), name);
      cpSync(join(folder, "own-commits"), table, { recursive: true });
      return table;
    };
    const whole = copy("whole");
    withVector(whole);
    const { findings, checked } = await check(whole);
    assert.deepEqual([findings, checked.vectors, checked.read], [[], 1, { files: 9, rows: 178 }]);
    const codes = async (table: string): Promise<readonly string[]> =>
      (await check(table)).findings.map(({ code }) => code);
    const gone = copy("gone");
    withVector(gone);
    rmSync(join(gone, "deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin"));
    assert.deepEqual(await codes(gone), ["FILE_MISSING"]);
    const corrupt = copy("corrupt");
    withVector(corrupt, { corrupt: true });
    assert.deepEqual(await codes(corrupt), ["VECTOR_DAMAGED"]);
    const miscounted = copy("miscounted");
    withVector(miscounted, { cardinality: 3 });
    assert.deepEqual(await codes(miscounted), ["VECTOR_DAMAGED"]);
  });

  test("a checkpoint is compared with the checkpoint before it and the commits since, once the first commits are gone", async (t) => {
    const table = join(temporaryFolder(t), "table");
    cpSync(join(folder, "own-checkpoint"), table, { recursive: true });
    assert.equal((await check(table)).checked.checkpoint, undefined);
    const storage = localStorage({ root: table });
    const parquet = { port: engine, scratchFolder: folder };
    await writeCheckpoint({ storage, parquet, version: 4, now: 0 });
    assert.equal((await check(table)).checked.checkpoint, 4);
    edit(join(table, commitKey(4)), (text) => `${text}${text.split("\n")[0]!.replace("f4", "f9")}\n`);
    const { findings } = await check(table, { data: false });
    assert.deepEqual(
      findings.map(({ code, version }) => [code, version]),
      [["CHECKPOINT_DIFFERS", 4]],
    );
  });
});

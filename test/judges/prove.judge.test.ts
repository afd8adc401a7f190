/**
 * delta-rs reads the tables that `landfall prove` killed and healed (tools/judges/kept_cases.py, which .ci/run asks after the whole of
 * it), and sees each thing that could be wrong with them.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { judgeMissing } from "../support/judge.ts";
import { judgesFolder } from "../support/judges-folder.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface KeptFile {
  readonly key: string;
  readonly content: string;
  readonly presence: string;
}

interface KeptCase {
  readonly kill: string;
  readonly onOverwrite: string;
  readonly files: readonly KeptFile[];
}

const SCRIPT = join(import.meta.dirname, "../../tools/judges/kept_cases.py");

describe("tables that were killed and healed", { skip: judgeMissing("delta-rs", "inputs") }, () => {
  const cleanings: (() => void)[] = [];
  const kept = join(temporaryFolder({ after: (clean) => cleanings.push(clean) }), "kept");
  before(async () => {
    const run = await runLandfall(["prove", "--only", "settle.after", "--seed", "11", "--keep", kept]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
  });
  after(() => cleanings.forEach((clean) => clean()));

  const caseFile = (name: string): string => join(kept, name, "case.json");
  const readCase = (name: string): KeptCase => JSON.parse(readFileSync(caseFile(name), "utf8")) as KeptCase;
  const contentOf = (name: string, key: string): string => {
    const file = readCase(name).files.find((one) => one.key === key);
    assert.ok(file, `${key} is not among the inputs of ${name}`);
    return join(kept, name, file.content);
  };

  test("hold the rows that Python finds in their inputs", async () => {
    const { code, stdout } = await judgeKept(kept);
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /^delta-rs read [1-9]\d* rows of 3 tables: the rows of each are those of its inputs/,
    );
  });

  test("a line that the inputs lack is a row too many", async () => {
    const path = contentOf("0001", "a4.ndjson");
    const lines = readFileSync(path, "utf8").split("\n");
    await withText(path, lines.slice(1).join("\n"), async () => {
      const { code, stdout } = await judgeKept(kept);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /^0001 \(settle\.after.*\): no input holds \{.*"a4#0".*and it stands 1 times/m);
      assert.match(stdout, /: 1 FAULTS$/m);
    });
  });

  test("a line that only the inputs have is a lost row", async () => {
    const path = contentOf("0002", "a4.ndjson");
    const more = `${readFileSync(path, "utf8")}{"id":"a4#lost","day":"2026-03-01","load":0}\n`;
    await withText(path, more, async () => {
      const { code, stdout } = await judgeKept(kept);
      assert.equal(code, 1, stdout);
      assert.match(
        stdout,
        /a4\.ndjson: \{.*"a4#lost".* should stand 1 times in the table, and stands 0 times/,
      );
    });
  });

  test("a number that differs in a digit, or is text, is another row", async () => {
    const path = contentOf("0003", "a4.ndjson");
    const text = readFileSync(path, "utf8");
    for (const other of ['"load":1.5000000001', '"load":"1.5"']) {
      const changed = text.replace('"load":1.5', other);
      assert.notEqual(changed, text);
      await withText(path, changed, async () => {
        const { code, stdout } = await judgeKept(kept);
        assert.equal(code, 1, stdout);
        assert.match(stdout, /"a4#1".* should stand 1 times in the table, and stands 0 times/);
      });
    }
  });

  test("a generation taken that should have been left, or left that should have been taken, is seen", async () => {
    // The first kill is in the first run, where every key has one generation.
    for (const name of ["0002", "0003"]) {
      const kill = readCase(name);
      const onOverwrite = kill.onOverwrite === "append" ? "ignore" : "append";
      await withText(caseFile(name), JSON.stringify({ ...kill, onOverwrite }), async () => {
        const { code, stdout } = await judgeKept(kept);
        assert.equal(code, 1, stdout);
        assert.match(stdout, new RegExp(`^${name} .*a\\d\\.ndjson: .* should stand `, "m"));
      });
    }
  });

  test("rows that lay there before a baseline must not be in the table", async () => {
    const kill = readCase("0001");
    const files = kill.files.map((file) => ({ ...file, presence: "baseline" }));
    await withText(caseFile("0001"), JSON.stringify({ ...kill, files }), async () => {
      const { code, stdout } = await judgeKept(kept);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /should stand 0 times in the table, and stands 1 times/);
    });
  });

  test("a table without its log, and a case that is gone, are faults and no silence", async () => {
    const log = join(kept, "0001/pipeline/table/_delta_log");
    renameSync(log, `${log}-away`);
    assert.match((await judgeKept(kept)).stdout, /^0001 .* stands 0 times/m);
    renameSync(`${log}-away`, log);
    rmSync(caseFile("0003"));
    const { code, stdout } = await judgeKept(kept);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /2 cases lie there, and 3 were kept/);
  });
});

/** Runs `body` while the file holds another text. */
async function withText(path: string, text: string, body: () => Promise<void>): Promise<void> {
  const before = readFileSync(path);
  writeFileSync(path, text);
  try {
    await body();
  } finally {
    writeFileSync(path, before);
  }
}

async function judgeKept(folder: string): Promise<{ readonly code: number; readonly stdout: string }> {
  const python = join(judgesFolder(), "venv/bin/python");
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  try {
    const { stdout } = await promisify(execFile)(python, [SCRIPT, folder], { env });
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as {
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    };
    // A fault is an answer; a script that broke is none.
    if (code !== 1 || stdout === "") throw new Error(stderr, { cause: error });
    return { code, stdout };
  }
}

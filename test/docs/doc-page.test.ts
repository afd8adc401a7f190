import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleCommands, docBlocks } from "./doc-page.ts";
import { isShownAs, steadyText } from "./printed-text.ts";

const fenced = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;

test("blocks have their language, title, line and mark", () => {
  const page = `# Title\n\n<!-- run first: mkdir in\necho '{}' > in/a.json -->\n\n${fenced('yaml title="p.yaml"', "a: 1")}\n<!-- not run: needs a server -->\n\n${fenced("sh", "curl x")}`;
  const blocks = docBlocks(page);
  assert.deepEqual(
    blocks.map(({ language, title, line, text }) => [language, title, line, text]),
    [
      ["run first", undefined, 3, "mkdir in\necho '{}' > in/a.json\n"],
      ["yaml", "p.yaml", 6, "a: 1\n"],
      ["sh", undefined, 12, "curl x\n"],
    ],
  );
  assert.deepEqual(blocks[2]!.mark, { kind: "not run", reason: "needs a server" });
});

test("text directly behind a block that prints is its output, and only there", () => {
  const [sh, text] = docBlocks(`${fenced("sh", "echo a")}\n${fenced("text", "a")}\n${fenced("text", "b")}`);
  assert.equal(sh!.output, "a\n");
  assert.equal(text!.language, "text");
  const apart = docBlocks(`${fenced("sh", "echo a")}\nIt prints:\n\n${fenced("text", "a")}`);
  assert.deepEqual(
    apart.map(({ output }) => output),
    [undefined, undefined],
  );
  const unrun = docBlocks(`<!-- not run: why -->\n${fenced("sh", "x")}\n${fenced("text", "a")}`);
  assert.equal(unrun[0]!.output, undefined);
});

test("a mark without a block, and a block without an end, are mistakes", () => {
  assert.throws(() => docBlocks("<!-- not run: why -->\n\ntext\n"), /no block behind it/);
  assert.throws(() => docBlocks("<!-- not run: why -->\n"), /no block/);
  assert.throws(() => docBlocks("<!-- not run: -->\n```sh\n```\n"), /says nothing/);
  assert.throws(() => docBlocks("```sh\necho a\n"), /does not end/);
});

test("a console block is commands with what they print and how they end", () => {
  const text = "$ one\na\nb\n$ two \\\n>   more # exit code 1\n$ three\n\nc\n";
  assert.deepEqual(consoleCommands(text), [
    { command: "one", output: "a\nb\n", exitCode: 0 },
    { command: "two \\\n  more # exit code 1", output: "", exitCode: 1 },
    { command: "three", output: "\nc\n", exitCode: 0 },
  ]);
  assert.throws(() => consoleCommands("a\n$ one\n"), /begins with its first command/);
});

test("what differs from run to run is not compared, and all else is", () => {
  const one =
    "/tmp/x1/table  version 2\n  time  1.2 s, 12 B read, 3.4 KB/s\n  at    2026-01-02 03:04:05  4.0 s ago\n";
  const other =
    "/data/table    version 2\n  time  0.9 s, 12 B read, 9 B/s\n  at  2027-01-02 03:04:06  just now";
  assert.equal(steadyText(one, "/tmp/x1"), steadyText(other, "/tmp/x1"));
  assert.notEqual(steadyText(one.replace("version 2", "version 3"), "/tmp/x1"), steadyText(other, "/tmp/x1"));
  assert.notEqual(steadyText(one.replace("12 B read", "13 B read"), "/tmp/x1"), steadyText(other, "/tmp/x1"));
});

test("an ellipsis stands for text of a line, or for lines, and for nothing else", () => {
  assert.ok(isShownAs("a\nb 1 c\nd", "a\nb … c\nd"));
  assert.ok(isShownAs("a\nb\nc\nd", "a\n…\nd"));
  assert.ok(isShownAs("a\nd", "a\n…\nd"));
  assert.ok(!isShownAs("a\nb\nc", "a\nb … c"));
  assert.ok(!isShownAs("a\nb\nc", "a\n…\nd"));
  assert.ok(!isShownAs("a (b)", "a b"));
});

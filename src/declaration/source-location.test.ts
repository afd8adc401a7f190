import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LandfallError } from "../base/landfall-error.ts";
import { defaultPipelineName } from "./default-name.ts";
import { PIPELINE_NAME } from "./declaration.ts";
import { findOverlaps } from "./find-overlaps.ts";
import { splitSourceArguments, type PathKind, type SourceSplit } from "./source-location.ts";

function split(args: readonly string[], there: Readonly<Record<string, PathKind>> = {}): SourceSplit {
  return splitSourceArguments({ arguments: args, stat: (path) => there[path] ?? "missing" });
}

const SPLITS: readonly (readonly [
  scenario: string,
  args: readonly string[],
  there: Readonly<Record<string, PathKind>>,
  expected: SourceSplit,
])[] = [
  ["a folder", ["./in//x/"], { "./in//x/": "folder" }, { base: "in/x", filter: {} }],
  ["the current folder", ["."], { ".": "folder" }, { base: ".", filter: {} }],
  ["the root", ["/"], { "/": "folder" }, { base: "/", filter: {} }],
  ["a file", ["/in/a.json"], { "/in/a.json": "file" }, { base: "/in", filter: { files: ["a.json"] } }],
  ["a file in the root", ["/a"], { "/a": "file" }, { base: "/", filter: { files: ["a"] } }],
  ["a file here", ["a.json"], { "a.json": "file" }, { base: ".", filter: { files: ["a.json"] } }],
  [
    "files that a shell expanded, one named twice",
    ["in/b", "./in/a", "in/b"],
    { "in/b": "file", "./in/a": "file" },
    { base: "in", filter: { files: ["b", "a"] } },
  ],
  [
    "a file whose name is a glob",
    ["in/x[1].json"],
    { "in/x[1].json": "file" },
    { base: "in", filter: { files: ["x[1].json"] } },
  ],
  ["a folder whose name is a glob", ["in/*"], { "in/*": "folder" }, { base: "in/*", filter: {} }],
  ["a glob", ["in/*.json"], {}, { base: "in", filter: { globs: ["*.json", "*.json/**"] } }],
  [
    "a glob over folders",
    ["/d/2024-*/x?/*.csv"],
    {},
    { base: "/d", filter: { globs: ["2024-*/x?/*.csv", "2024-*/x?/*.csv/**"] } },
  ],
  ["a glob that asks for folders", ["in/2024-*/"], {}, { base: "in", filter: { globs: ["2024-*/**"] } }],
  ["a double star at the end", ["in/**"], {}, { base: "in", filter: { globs: ["**"] } }],
  [
    "a brace over folders",
    ["in/{a/b,c}/x"],
    {},
    { base: "in", filter: { globs: ["{a/b,c}/x", "{a/b,c}/x/**"] } },
  ],
  [
    "escapes in the folder and in the pattern",
    [String.raw`in/\*a/\[b*`],
    {},
    { base: "in/*a", filter: { globs: [String.raw`\[b*`, String.raw`\[b*/**`] } },
  ],
  ["a bracket that never closes", ["in[1/*.x"], {}, { base: "in[1", filter: { globs: ["*.x", "*.x/**"] } }],
  [
    "a glob beside a file",
    ["in/*.json", "in/a"],
    { "in/a": "file" },
    { base: "in", filter: { globs: ["*.json", "*.json/**"], files: ["a"] } },
  ],
  ["a folder beside its file", ["in", "in/a"], { in: "folder", "in/a": "file" }, { base: "in", filter: {} }],
  [".. before the wildcard", ["../in/*.x"], {}, { base: "../in", filter: { globs: ["*.x", "*.x/**"] } }],
];

for (const [scenario, args, there, expected] of SPLITS) {
  test(`${scenario} is parted into its folder and filter: ${args.join(" ")}`, () => {
    assert.deepEqual(split(args, there), expected);
  });
}

const REFUSALS: readonly (readonly [args: readonly string[], code: string, message: RegExp])[] = [
  [[], "USAGE", /no source/],
  [[""], "USAGE", /not empty/],
  [["in/a", "other/b"], "USAGE", /different folders/],
  [["in/*", "in/x/*"], "USAGE", /different folders/],
  [["s3://b/x"], "USAGE", /s3:\/\/, which this version/],
  [["in/*/../x"], "USAGE", /\.\. behind a wildcard/],
  [["nowhere"], "SOURCE_MISSING", /"nowhere" does not exist/],
  [["in[1"], "SOURCE_MISSING", /does not exist/],
  [[String.raw`in/\*`], "SOURCE_MISSING", /does not exist/],
];

for (const [args, code, message] of REFUSALS) {
  test(`the arguments ${JSON.stringify(args)} are refused with ${code}`, () => {
    assert.throws(
      () => split(args, { "in/a": "file", "other/b": "file" }),
      (error: unknown) =>
        error instanceof LandfallError && error.code === code && message.test(error.message),
    );
  });
}

const segment = fc
  .stringMatching(/^[a-zA-Z0-9*?[\]{},\\ .-]{1,8}$/)
  .filter((text) => text !== "." && text !== "..");

test("property: a file that exists is found under its folder and name, whatever characters they hold", () => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
      const path = `/${segments.join("/")}`;
      const { base, filter } = split([path], { [path]: "file" });
      assert.deepEqual(filter, { files: [segments.at(-1)] });
      assert.equal(`${base === "/" ? "" : base}/${segments.at(-1)}`, path);
    }),
  );
});

test("property: what does not exist is a glob below a literal folder, or refused by an error of ours", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { base, filter } = split([text]);
        assert.notEqual(base, "");
        assert.ok((filter.globs?.length ?? 0) > 0);
      } catch (error) {
        assert.ok(error instanceof LandfallError, String(error));
      }
    }),
  );
});

test("the default name is the last folder and a hash, the same however the folder is named", () => {
  const name = defaultPipelineName({ location: "./in", baseFolder: "/data" });
  assert.match(name, /^in-[0-9a-f]{8}$/);
  for (const location of ["/data/in", "in/", "../data/in", "/data//in/."]) {
    assert.equal(defaultPipelineName({ location, baseFolder: "/data" }), name);
  }
  assert.notEqual(defaultPipelineName({ location: "in", baseFolder: "/other" }), name);
});

test("the default name folds what a name cannot hold, and is there also for the root", () => {
  const named = (location: string): string => defaultPipelineName({ location, baseFolder: "/" });
  assert.match(named("/data/Car Telemetry (2)/"), /^car-telemetry-2-[0-9a-f]{8}$/);
  assert.match(named("/data/Größe"), /^gro-e-[0-9a-f]{8}$/);
  assert.match(named("/"), /^source-[0-9a-f]{8}$/);
  assert.match(named("/データ"), /^source-[0-9a-f]{8}$/);
  assert.notEqual(named("/IN"), named("/in"));
});

test("property: a default name is always a valid name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (location) => {
      assert.match(defaultPipelineName({ location, baseFolder: "/base" }), PIPELINE_NAME);
    }),
  );
});

const OVERLAPS: readonly (readonly [source: string, table: string, expected: RegExp | undefined])[] = [
  ["/data/in", "/data/in", /same folder/],
  ["/data/in", "/data/in/table", /inside the source/],
  ["/data/t/in", "/data/t", /lies inside the table/],
  ["/", "/data/t", /inside the source/],
  ["/data/in", "/data/in2", undefined],
  ["/data/in", "/data/tables/in", undefined],
];

for (const [source, table, expected] of OVERLAPS) {
  test(`the source ${source} and the table ${table} ${expected ? "overlap" : "lie apart"}`, () => {
    const errors = findOverlaps({ source, table });
    assert.equal(errors.length, expected ? 1 : 0);
    for (const error of errors) {
      assert.equal(error.code, "OVERLAP");
      assert.match(error.message, expected!);
    }
  });
}

test("a state folder inside the source is an overlap of its own; inside the table it is none", () => {
  assert.equal(findOverlaps({ source: "/in", table: "/t", state: "/t/_landfall" }).length, 0);
  const errors = findOverlaps({ source: "/in", table: "/in/t", state: "/in/state" });
  assert.deepEqual(
    errors.map((error) => error.message.includes("state folder")),
    [false, true],
  );
});

/** YAML as plain data together with the place of every key and value, and its own mistakes in words. The only file with `yaml` in it. */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from "yaml";
import { messageOf } from "../base/landfall-error.ts";
import type { JsonValue } from "../base/lossless-json.ts";
import type { MistakePath } from "./mistakes.ts";
import type { FilePlace, Problem } from "./problem.ts";

/** Far above any declaration, far below what would take time or memory. */
const LARGEST_TEXT = 1024 * 1024;
/** What `yaml` counts for aliases in aliases; stops "a billion laughs" while a hundred plain uses pass. */
const MOST_ALIASES = 100;

export interface YamlPlaces {
  /** The place of a key or value; of the nearest thing around it when it is not there. */
  find(options: {
    readonly path: MistakePath;
    readonly at: "key" | "value";
    readonly offset?: number;
  }): FilePlace;
}

export type YamlReading =
  | { readonly readable: false; readonly problems: readonly Problem[] }
  | {
      readonly readable: true;
      readonly value: JsonValue;
      readonly places: YamlPlaces;
      /** Mistakes beside which the content can still be judged: duplicate keys. */
      readonly problems: readonly Problem[];
    };

/** Reads one YAML document. Throws nothing. */
export function readYaml(text: string): YamlReading {
  const start: FilePlace = { line: 1, column: 1, length: 1 };
  if (text.length > LARGEST_TEXT) return unreadable({ at: start, message: "the file is larger than 1 MiB" });
  const lines = new LineCounter();
  const place = (from: number, to: number): FilePlace => {
    const { line, col } = lines.linePos(Math.min(from, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, to - from) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const faults = [...document.errors, ...document.warnings].map((error) => yamlProblem(error, text, place));
    const problems = [...faults, ...aliasProblems(document, place)];
    if (problems.length > document.errors.filter((error) => error.code === "DUPLICATE_KEY").length) {
      return { readable: false, problems: firstOfEachLine(problems) };
    }
    if (document.contents === null) {
      const hint = "The shortest declaration is source.location and table.location.";
      return unreadable({ at: start, message: "the file holds no declaration", hint });
    }
    const value = document.toJS({ maxAliasCount: MOST_ALIASES }) as JsonValue;
    return { readable: true, value, places: placesIn(document, text, place), problems };
  } catch (error) {
    // A stack overflow by nesting, or the library's limit on aliases; both are the text's doing.
    return unreadable({ at: start, message: `the file cannot be read as YAML: ${messageOf(error)}` });
  }
}

type PlaceOf = (from: number, to: number) => FilePlace;

function unreadable(problem: Problem): YamlReading {
  return { readable: false, problems: [problem] };
}

function yamlProblem(error: YAMLError, text: string, place: PlaceOf): Problem {
  const at = place(error.pos[0], error.pos[1]);
  const line = text.slice(error.pos[0]).split(/[\r\n]/, 1)[0]!;
  if (error.code === "TAB_AS_INDENT")
    return { at, message: "a tab is used to indent; YAML takes spaces only" };
  if (error.code === "DUPLICATE_KEY") {
    const key = /^[^:\s]+/.exec(line)?.[0] ?? line;
    return { at: { ...at, length: key.length }, message: `the key ${key} stands twice in one mapping` };
  }
  if (error.code === "MULTIPLE_DOCS") {
    return { at: { ...at, length: 3 }, message: "the file holds several documents; a file is one pipeline" };
  }
  if (error.code === "BLOCK_AS_IMPLICIT_KEY") {
    return { at, message: "a key within a value", hint: 'A value that holds ": " stands in quotes.' };
  }
  if (error.code === "BAD_SCALAR_START")
    return { at, message: error.message, hint: "Put the value in quotes." };
  return { at, message: error.message };
}

/** One slip of the hand makes many syntax errors; the first of a line is the one that helps. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const seen = new Set<number>();
  return problems.filter((problem) => {
    const line = "line" in problem.at ? problem.at.line : 0;
    const first = !seen.has(line);
    seen.add(line);
    return first;
  });
}

function aliasProblems(document: Document, place: PlaceOf): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_key, alias: Alias) {
      const [from = 0, to = 0] = alias.range ?? [];
      const target = alias.resolve(document);
      if (!target) {
        problems.push({ at: place(from, to), message: `no anchor &${alias.source} stands before its alias` });
      } else if (target.range && target.range[0] <= from && from < target.range[1]) {
        problems.push({
          at: place(from, to),
          message: `the alias *${alias.source} stands inside its own anchor`,
        });
      }
    },
  });
  return problems;
}

function placesIn(document: Document, text: string, place: PlaceOf): YamlPlaces {
  const ofNode = (node: Node | undefined, offset?: number): FilePlace | undefined => {
    if (!node?.range) return undefined;
    const [from, to] = node.range;
    if (offset === undefined || !isScalar(node)) return place(from, to);
    // An offset in the value is one in the file where the value stands there letter by letter: on one line, without escapes.
    const at = text.slice(from, to).indexOf(String(node.value));
    return at < 0 ? place(from, to) : place(from + at + offset, from + at + offset + 1);
  };
  return {
    find({ path, at, offset }) {
      let node: unknown = document.contents;
      let key: Node | undefined;
      for (const part of path) {
        const inner = innerOf(resolved(node, document), part);
        if (!inner) return ofNode(key) ?? place(0, 1);
        key = inner.key ?? key;
        node = inner.value;
      }
      const wanted = at === "key" ? key : isNode(node) ? node : key;
      return firstLine(ofNode(wanted, offset) ?? ofNode(key) ?? place(0, 1), text);
    },
  };
}

function innerOf(node: unknown, part: string | number): { key?: Node; value: unknown } | undefined {
  if (isSeq(node))
    return node.items[Number(part)] === undefined ? undefined : { value: node.items[Number(part)] };
  if (!isMap(node)) return undefined;
  const pair: Pair | undefined = node.items.findLast((item) => keyText(item.key) === String(part));
  return pair && { ...(isNode(pair.key) ? { key: pair.key } : {}), value: pair.value };
}

function keyText(key: unknown): string {
  return isScalar<string | number | boolean | bigint | null>(key) ? String(key.value ?? "") : String(key);
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function firstLine(place: FilePlace, text: string): FilePlace {
  const line = text.split(/\r\n|\n/, place.line)[place.line - 1] ?? "";
  return { ...place, length: Math.max(1, Math.min(place.length, line.length - place.column + 1)) };
}

/**
 * The types of what other programs import as one file for each module: what it exports and whatever that names, and nothing else. For
 * the published package, and for the report by which a change of the interface is seen.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** What is declared at the top of a module. */
interface Declared {
  /** Without `export` and `declare`. */
  readonly text: string;
  /** The comment before it, empty if none. */
  readonly comment: string;
}

interface Module {
  readonly declared: ReadonlyMap<string, Declared>;
  /** Local names that stand for exports of other modules. */
  readonly imported: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
}

export interface PublicType extends Declared {
  readonly name: string;
  /** Exported by the module; otherwise only named by what is. */
  readonly isExported: boolean;
}

/** What other programs import: `landfall` and `landfall/delta`, by the names of their modules in `src/` and `dist/`. */
export const PUBLIC_MODULES = ["index", "delta"] as const;
export type PublicModule = (typeof PUBLIC_MODULES)[number];

let found: ReadonlyMap<PublicModule, readonly PublicType[]> | undefined;

/** By name, those that are exported first. Made once. @throws Error for a name that two modules declare, and for types of another package */
export function publicTypes(module: PublicModule): readonly PublicType[] {
  found ??= makePublicTypes();
  return found.get(module)!;
}

function makePublicTypes(): ReadonlyMap<PublicModule, readonly PublicType[]> {
  const folder = mkdtempSync(join(tmpdir(), "landfall-types-"));
  try {
    emitDeclarations(folder);
    return new Map(PUBLIC_MODULES.map((module) => [module, reachedTypes(join(folder, `${module}.d.ts`))]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `index.d.ts` or `delta.d.ts` as it is published. */
export function publicTypesFile(module: PublicModule): string {
  const types = publicTypes(module);
  const written = types.map(
    ({ text, comment, isExported }) =>
      `${comment}${isExported ? "export " : ""}${/^(?:interface|type) /.test(text) ? "" : "declare "}${text}\n`,
  );
  // Without it a file without an import would export everything that it declares.
  return `/// <reference lib="esnext.disposable" />\n${written.join("")}export {};\n`;
}

function emitDeclarations(folder: string): void {
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      emitDeclarationOnly: true,
      outDir: folder,
      rootDir: join(ROOT, "src"),
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
    include: [],
    files: PUBLIC_MODULES.map((module) => join(ROOT, `src/${module}.ts`)),
  };
  const project = join(folder, "tsconfig.json");
  writeFileSync(project, JSON.stringify(config));
  const run = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["--project", project], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the types could not be made:\n${run.stdout}${run.stderr}`);
}

function reachedTypes(index: string): PublicType[] {
  const modules = new Map<string, Module>();
  const moduleOf = (file: string): Module => {
    if (!file.startsWith("/")) throw new Error(`types of the package ${file} are part of the library's`);
    const known = modules.get(file) ?? readModule(file);
    modules.set(file, known);
    return known;
  };
  const found = new Map<string, PublicType & { readonly file: string }>();
  const exported = moduleOf(index).imported;
  const open = [...exported].map(([name, from]) => ({ ...from, isExported: from.name === name }));
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { file, name, isExported } = next;
    const known = found.get(name);
    if (known?.file === file) continue;
    if (known !== undefined)
      throw new Error(`${name} is declared by ${known.file} and by ${file}: rename one`);
    const { declared, imported } = moduleOf(file);
    const one = declared.get(name);
    if (one === undefined) throw new Error(`${file} declares no ${name}`);
    found.set(name, { ...one, name, isExported, file });
    for (const word of wordsOf(one.text)) {
      const from = imported.get(word);
      if (from !== undefined && from.name !== word)
        throw new Error(`${file}: ${word} has another name elsewhere`);
      if (from !== undefined) open.push({ ...from, isExported: exported.has(word) });
      else if (declared.has(word) && word !== name)
        open.push({ file, name: word, isExported: exported.has(word) });
    }
  }
  const order = (one: PublicType): string => `${one.isExported ? 0 : 1}${one.name}`;
  return [...found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** All that may name a type: no fields, methods or parameters. */
function wordsOf(text: string): Set<string> {
  return new Set(withoutComments(text).match(/[A-Za-z_$][\w$]*\b(?!\??:|\()/g));
}

export function withoutComments(text: string): string {
  return text.replaceAll(/^ *\/\*\*[^]*?\*\/\n/gm, "");
}

function readModule(file: string): Module {
  const text = readFileSync(file, "utf8");
  if (/\bimport\(/.test(withoutComments(text))) throw new Error(`${file}: a type is not written out`);
  const declared = new Map<string, Declared>();
  const imported = new Map<string, { file: string; name: string }>();
  for (const { statement, comment } of statementsIn(text)) {
    const from = /^(?:import|export) (?:type )?\{([^}]*)\} from "([^"]+)";/.exec(statement);
    if (from !== null) {
      const source = declarationsOf(file, from[2]!);
      for (const { name, local } of namesIn(from[1]!)) imported.set(local, { file: source, name });
      continue;
    }
    const said = /^(?:export )?(?:declare )?((?:interface|type|class|function|const) ([\w$]+)[^]*)$/.exec(
      statement,
    );
    if (said !== null && declared.has(said[2]!)) throw new Error(`${file} declares ${said[2]!} twice`);
    if (said !== null) declared.set(said[2]!, { text: said[1]!, comment });
    else if (statement !== "export {};") throw new Error(`${file}: what is this? ${statement}`);
  }
  return { declared, imported };
}

/** What tsc writes is regular: a statement begins in the first column with one of these words, after its comment. */
const BEGINS = /^(?:export|import|declare|interface|type|class|function|const)\b/;

function statementsIn(text: string): { readonly statement: string; readonly comment: string }[] {
  const found: { statement: string; comment: string }[] = [];
  let comment = "";
  for (const line of text.trimEnd().split("\n")) {
    const isComment = comment === "" ? line.startsWith("/**") : !comment.endsWith("*/\n");
    if (isComment) {
      comment += `${line}\n`;
      continue;
    }
    // A union's members have comments in the first column, too.
    if (BEGINS.test(line)) found.push({ statement: line, comment });
    else if (found.length > 0) found.at(-1)!.statement += `\n${comment}${line}`;
    comment = "";
  }
  return found;
}

function namesIn(list: string): { readonly name: string; readonly local: string }[] {
  return list.split(",").flatMap((part) => {
    const [, name, local] = /^\s*(?:type )?([\w$]+)(?: as ([\w$]+))?\s*$/.exec(part) ?? [];
    return name === undefined ? [] : [{ name, local: local ?? name }];
  });
}

/** A package's types are read only where they are reached, which is the mistake then. */
function declarationsOf(file: string, path: string): string {
  return path.startsWith(".") ? join(dirname(file), path.replace(/\.[jt]s$/, ".d.ts")) : path;
}

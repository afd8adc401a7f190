/**
 * A page of the documentation as what can be run of it. CONTRIBUTING.md ("The pages' snippets") has the conventions that this reads:
 * blocks by their language, a file's name as `title="…"`, and what no reader need see in comments.
 */

/** A fenced block, or hidden shell lines. */
export interface DocBlock {
  /** Of its fence, counted from 1. */
  readonly line: number;
  /** The fence's first word, empty if none; `run first` for hidden lines. */
  readonly language: string;
  /** The file that it is. */
  readonly title: string | undefined;
  readonly text: string;
  /** What the comment before it says. */
  readonly mark: DocMark | undefined;
  /** What stands in the `text` block behind it, if that is what it prints. */
  readonly output: string | undefined;
}

export type DocMark =
  | { readonly kind: "not run"; readonly reason: string }
  /** The command keeps running; it is stopped when it has printed this. */
  | { readonly kind: "run until"; readonly printed: string }
  /** The block is SQL over this table. */
  | { readonly kind: "asked of"; readonly table: string }
  /** A declaration that shows what is told of mistakes. */
  | { readonly kind: "mistaken"; readonly why: string };

const FENCE = /^( *)(`{3,}|~{3,})(.*)$/;
const COMMENT = /^<!-- (not run|run until|asked of|mistaken|run first):\s?([^]*?)\s*-->/;

/** Blocks whose output may stand behind them. */
const PRINTING = ["sh", "ts", "sql"];

/** All blocks of a page in their order. @throws Error for a mark without its block, and a block that does not end */
export function docBlocks(page: string): DocBlock[] {
  const lines = page.split("\n");
  const found: DocBlock[] = [];
  let mark: DocMark | undefined;
  let untouched = false;
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    const fence = FENCE.exec(lines[at]!);
    if (fence !== null) {
      const end = endOfFence(lines, at, fence);
      const text = lines
        .slice(at + 1, end)
        .map((one) => one.slice(fence[1]!.length) + "\n")
        .join("");
      const [language = "", ...rest] = fence[3]!.trim().split(" ");
      const before = found.at(-1);
      if (language === "text" && untouched && mark === undefined && before !== undefined) {
        found[found.length - 1] = { ...before, output: text };
      } else {
        const title = /title="([^"]*)"/.exec(rest.join(" "))?.[1];
        found.push({ line, language, title, text, mark, output: undefined });
      }
      untouched = PRINTING.includes(language) && mark?.kind !== "not run";
      mark = undefined;
      at = end;
      continue;
    }
    const comment = COMMENT.exec(lines.slice(at).join("\n"));
    if (comment !== null) {
      if (mark !== undefined) throw new Error(`line ${line}: the mark before has no block`);
      const [whole, kind, said] = comment as unknown as [string, string, string];
      if (kind === "run first") found.push(hidden(line, said));
      else mark = markOf(kind, said);
      untouched = false;
      at += whole.split("\n").length - 1;
      continue;
    }
    if (lines[at]!.trim() === "") continue;
    if (mark !== undefined) throw new Error(`line ${line}: a mark, and no block behind it`);
    untouched = false;
  }
  if (mark !== undefined) throw new Error("the last mark has no block");
  return found;
}

function endOfFence(lines: readonly string[], begin: number, [, indent, ticks]: RegExpExecArray): number {
  const end = lines.findIndex((line, i) => i > begin && line.trimEnd() === `${indent!}${ticks!}`);
  if (end === -1) throw new Error(`line ${begin + 1}: the block does not end`);
  return end;
}

function hidden(line: number, text: string): DocBlock {
  const nothing = { title: undefined, mark: undefined, output: undefined };
  return { line, language: "run first", text: `${text}\n`, ...nothing };
}

function markOf(kind: string, said: string): DocMark {
  if (said === "") throw new Error(`"${kind}" says nothing`);
  if (kind === "not run") return { kind, reason: said };
  if (kind === "run until") return { kind, printed: said };
  return kind === "asked of" ? { kind, table: said } : { kind: "mistaken", why: said };
}

/** One command of a `console` block with what it prints. */
export interface ConsoleCommand {
  readonly command: string;
  readonly output: string;
  readonly exitCode: number;
}

/**
 * `$ command` and, behind it, the lines that it prints; `> ` goes on with a command. `# exit code 1` at a command's end is part
 * of what a reader sees, and a comment for the shell.
 */
export function consoleCommands(text: string): ConsoleCommand[] {
  const parts = text.split(/^(?=\$ )/m);
  if (!text.startsWith("$ ")) throw new Error(`a console block begins with its first command: ${text}`);
  return parts.map((part) => {
    const lines = part.split("\n");
    const first = lines.findIndex((line, i) => i > 0 && !line.startsWith("> "));
    const command = lines.slice(0, first).map((line) => line.slice(2));
    return {
      command: command.join("\n"),
      output: lines.slice(first).join("\n"),
      exitCode: exitCodeIn(command.at(-1)!),
    };
  });
}

/** The exit code that a command's last line states; 0 unless it does. */
export function exitCodeIn(command: string): number {
  return Number(/# exit code (\d+)\s*$/.exec(command.trimEnd())?.[1] ?? 0);
}

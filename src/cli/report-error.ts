/** An error on its way to a person: code, what failed, on what, what to do next. */
import process from "node:process";
import { styleText } from "node:util";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import { printable } from "../base/printable.ts";

/**
 * Prints the error and answers the exit code. With `json` one document goes to stdout as well. `pipeline`: whose it is, where several run.
 * `line`: what stands on stderr in place of text for people.
 */
export function reportError(
  error: unknown,
  options: {
    readonly json: boolean;
    readonly pipeline?: string | undefined;
    readonly line?: (known: LandfallError) => string;
  },
): number {
  const known = isLandfallError(error)
    ? error
    : new LandfallError("INTERNAL", {
        message: messageOf(error),
        hint: "This is a fault of Landfall: please report it with the lines below.",
        cause: error,
      });
  const stack = known.code === "INTERNAL" && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  const whose = options.pipeline === undefined ? "" : `${printable(options.pipeline)}: `;
  process.stderr.write(`${options.line?.(known) ?? `${whose}${describeError(known)}${stack}`}\n`);
  if (options.json) {
    const { code, message, hint, subject, retryable } = known;
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, error: { code, message, hint, retryable, ...subject } })}\n`,
    );
  }
  return known.exitCode;
}

export function describeError(error: LandfallError): string {
  const lines = [
    `${styleText("red", `error ${error.code}`, { stream: process.stderr })}  ${printableLines(error.message)}`,
  ];
  if (error.hint !== undefined) lines.push(`  ${printableLines(error.hint)}`);
  return lines.join("\n");
}

/** Some messages have lines: a list of mistakes, a statement. */
function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

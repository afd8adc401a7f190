/** What stands on stderr while `ingest` and `run` work: text for people, or a line of JSON for each event. */

export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export const LOG_FORMAT_VARIABLE = "LANDFALL_LOG_FORMAT";

const COMMANDS = new Set(["ingest", "run"]);

/**
 * By the arguments as they stand, before they are parsed: also what cannot be parsed is told in the format that was asked for. Whether
 * the value is one is the parser's to say.
 */
export function logFormatOf(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): LogFormat {
  const [command = "", ...rest] = argv.slice(2);
  if (!COMMANDS.has(command)) return "text";
  const at = rest.findLastIndex((word) => word === "--log-format" || word.startsWith("--log-format="));
  const flag = at < 0 ? undefined : rest[at]!.includes("=") ? rest[at]!.split("=")[1] : rest[at + 1];
  return (flag ?? env[LOG_FORMAT_VARIABLE]) === "json" ? "json" : "text";
}

/** The reference page of the command line, from the argument parser's own tree. */
import type { EventEmitter } from "node:events";
import type { Argument, Command, Option } from "commander";
import { declarationOptions } from "../src/declaration/options.ts";
import { COMMAND_EXIT_CODES } from "../src/cli/command-exit-codes.ts";
import { program, TRIGGER_FLAGS } from "../src/cli/main.ts";
import { table } from "./declaration-page.ts";

const HEAD = `# The command line

<!-- Generated from src/cli/ by \`node tools/docs.ts\`; change it there. -->

Results go to stdout, progress and hints to stderr; colours and progress appear on a terminal only, and \`NO_COLOR\` is respected. \`--json\`, where there is
one, prints one JSON document ([json-output.md](json-output.md)). \`--help\` behind any command shows what is said of it here. \`landfall --version\` is the program's.

A table is named by its folder. A flag stands over its environment variable, that over the declaration, that over the default. Exit codes are the same for all
commands ([exit-codes.md](exit-codes.md)); below stands what 0 and 1 say where a command has its own words for them.
`;

/** The program's tree as it is for the commands that take the declaration's flags. */
export function commandTree(): Command {
  const { signal } = new AbortController();
  // What commands work with when they are called, and here none is.
  const unused = {} as never;
  return program({ signal, options: declarationOptions(), ahead: unused, output: unused });
}

/** Commands that do something themselves, with the words that name them. */
export function leafCommands(
  tree: Command = commandTree(),
): { readonly path: string; readonly command: Command }[] {
  return leaves(tree, "");
}

/** The page as Markdown. */
export function cliPage(): string {
  const commands = leafCommands();
  const list = commands.map(({ path, command }) => [
    `[\`landfall ${path}\`](#landfall-${path.replaceAll(" ", "-")})`,
    command.summary() || firstSentence(command.description()),
  ]);
  const chapters = commands.map(({ path, command }) => chapter(path, command));
  return [HEAD, table(["command", ""], list), ...chapters, declarationFlags()].join("\n");
}

function leaves(command: Command, path: string): { readonly path: string; readonly command: Command }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((one) => leaves(one, path === "" ? one.name() : `${path} ${one.name()}`));
}

function chapter(path: string, command: Command): string {
  const named = command.registeredArguments.map((argument) => [
    code(argument.name()),
    argumentText(argument),
  ]);
  const own = command.options.filter((option) => !isDeclared(option));
  const flags = own.map((option) => [code(option.flags), presetOf(option), optionText(option)]);
  const parts = [
    `## landfall ${path}\n\n\`\`\`text\nlandfall ${path} ${command.usage()}\n\`\`\`\n\n${command.description()}\n`,
    ...(named.length > 0 ? [table(["argument", "meaning"], named)] : []),
    ...(flags.length > 0 ? [table(["flag", "default", "meaning"], flags)] : []),
    ...(own.length < command.options.length
      ? ["And every [flag of the declaration](#flags-of-the-declaration).\n"]
      : []),
    ...afterHelp(command),
    exitCodes(path),
  ];
  return parts.join("\n");
}

/** What stands behind the flags in the command's help: examples, and sentences. */
function afterHelp(command: Command): string[] {
  let text = "";
  // The parser's types leave out that a command is an emitter; its help is made by these events.
  (command as unknown as EventEmitter).emit("afterHelp", {
    error: false,
    command,
    write: (more: string) => (text += more),
  });
  const [sentences = "", examples] = text.split(/^Examples?:$/m);
  const said = sentences.trim();
  return [
    ...(said === "" ? [] : [`${said.replaceAll(/\bdocs\/reference\/([\w-]+\.md)/g, "[$1]($1)")}.\n`]),
    ...(examples === undefined ? [] : [`\`\`\`sh\n${examples.trim().replaceAll(/^ *\$ /gm, "")}\n\`\`\`\n`]),
  ];
}

function exitCodes(path: string): string {
  const codes = COMMAND_EXIT_CODES[path];
  if (codes === undefined) throw new Error(`src/cli/command-exit-codes.ts does not know ${path}`);
  const { done, needsPerson } = codes;
  return `Exit code 0: ${done}.${needsPerson === undefined ? "" : ` 1: ${needsPerson}.`}\n`;
}

function declarationFlags(): string {
  const options = declarationOptions().filter(({ flag }) => flag !== undefined);
  const rows = options.map(({ key, flag, env }) => [
    code(flag!),
    code(env!),
    `[${code(key)}](declaration.md#${key.includes(".") ? key.split(".")[0]! : "top-level"})`,
  ]);
  const triggers = TRIGGER_FLAGS.map(([flag, meaning]) => [code(flag), meaning]);
  return `## Flags of the declaration

\`ingest\` and \`run\` take every option of the declaration but the two locations and \`expect\` as a flag or an environment variable. What each means, its
values and its default stand where the link leads. A list is written with commas, a mapping as \`key=value,key=value\`; a flag for true or false may stand
without a value.

${table(["flag", "variable", "option"], rows)}
The trigger has flags of its own:

${table(["flag", "meaning"], triggers)}`;
}

function isDeclared({ long }: Option): boolean {
  return (
    declarationOptions().some(({ flag }) => flag === long) ||
    TRIGGER_FLAGS.some(([flag]) => flag.split(" ")[0] === long)
  );
}

function argumentText({ description, argChoices, defaultValue, required }: Argument): string {
  const choices = argChoices === undefined ? "" : `: ${argChoices.map(code).join(", ")}`;
  const preset = defaultValue === undefined ? "" : ` (default: ${code(String(defaultValue))})`;
  return `${description}${choices}${required || description.includes("left out") || defaultValue !== undefined ? "" : "; may be left out"}${preset}`;
}

function optionText({ description, envVar }: Option): string {
  return `${description}${envVar === undefined ? "" : ` (or \`${envVar}\`)`}`.replaceAll(
    / ?\(default: [^)]*\)/g,
    "",
  );
}

function presetOf({ defaultValue, description }: Option): string {
  const said = /\(default: ([^)]*)\)/.exec(description)?.[1] ?? defaultValue;
  return said === undefined ? "" : code(String(said));
}

function firstSentence(text: string): string {
  return (text.split(/\.(?= |$)/)[0] ?? text).replace(/^./, (letter) => letter.toLowerCase());
}

function code(text: string): string {
  return `\`${text}\``;
}

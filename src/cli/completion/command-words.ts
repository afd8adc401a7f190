/** The words of the command line as a shell can offer them, read off the parser's own tree. */
import type { Argument, Command, Option } from "commander";

export interface CommandWords {
  /** The words that name it, `table show`; empty for the program itself. */
  readonly path: string;
  /** Names of its commands, with one line each. */
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly FlagWords[];
  /** The values of arguments that offer a choice; other arguments are paths. */
  readonly choices: readonly string[];
}

export interface FlagWords {
  readonly flag: string;
  readonly summary: string;
  readonly takes: "nothing" | "path" | "other" | { readonly choices: readonly string[] };
  /** A value may be left out, so that another word may follow. */
  readonly isOptional: boolean;
}

/** Every command, the program first. Pure. */
export function commandWords(program: Command): CommandWords[] {
  return wordsOf(program, []);
}

function wordsOf(command: Command, path: readonly string[]): CommandWords[] {
  const help = { flag: "--help", summary: "display help", takes: "nothing", isOptional: false } as const;
  const words: CommandWords = {
    path: path.join(" "),
    commands: command.commands.map((one) => ({
      name: one.name(),
      summary: oneLine(one.summary() || one.description()),
    })),
    flags: [...command.options.map(flagOf), help],
    choices: command.registeredArguments.flatMap((argument: Argument) => argument.argChoices ?? []),
  };
  return [words, ...command.commands.flatMap((one) => wordsOf(one, [...path, one.name()]))];
}

/** Values of these flags, as their help names them, are files or folders. */
const PATH_VALUE = /^<(dir|folder|pipeline\.yaml|file)>$/;

function flagOf(option: Option): FlagWords {
  const value = / ([<[].*)$/.exec(option.flags)?.[1];
  return {
    flag: option.long ?? option.short ?? "",
    summary: oneLine(option.description),
    takes:
      value === undefined
        ? "nothing"
        : option.argChoices !== undefined
          ? { choices: option.argChoices }
          : PATH_VALUE.test(value)
            ? "path"
            : "other",
    isOptional: option.optional,
  };
}

/** The first sentence, without what a shell or its quotes would take for its own. */
function oneLine(text: string): string {
  const [sentence = ""] = text.replaceAll(/\s+/g, " ").split(/(?<=[a-z)`])[.:] /);
  return sentence.replaceAll(/['"`$\\[\]:]/g, "").slice(0, 80);
}

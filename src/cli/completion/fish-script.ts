import type { CommandWords, FlagWords } from "./command-words.ts";

/** A script for fish: commands, flags with their meaning, values of choices, files otherwise. Pure. */
export function fishScript(words: readonly CommandWords[]): string {
  return `# Completion of landfall for fish. In ~/.config/fish/config.fish:  landfall completion fish | source
function __landfall_at
    set -l path
    for word in (commandline -opc)[2..-1]
        contains -- (string join ' ' $path $word) ${words
          .filter(({ path }) => path !== "")
          .map(({ path }) => `'${path}'`)
          .join(" ")}
        and set path $path $word
    end
    test "$path" = "$argv[1]"
end
${words.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, commands, flags, choices }: CommandWords): string[] {
  const begin = `complete -c landfall -n "__landfall_at '${path}'"`;
  return [
    ...commands.map(({ name, summary }) => `${begin} -f -a '${name}' -d '${summary}'`),
    ...choices.map((choice) => `${begin} -f -a '${choice}'`),
    ...flags.map((flag) => `${begin} ${flagText(flag)}`),
  ];
}

function flagText({ flag, summary, takes, isOptional }: FlagWords): string {
  const name = flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
  const value =
    takes === "nothing"
      ? ""
      : takes === "path"
        ? " -r -F"
        : typeof takes === "object"
          ? ` ${isOptional ? "" : "-r "}-f -a '${takes.choices.join(" ")}'`
          : isOptional
            ? ""
            : " -x";
  return `${name}${value} -d '${summary}'`;
}

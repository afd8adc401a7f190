import type { CommandWords, FlagWords } from "./command-words.ts";

/** A script for zsh: commands, flags with their meaning, values of choices, files otherwise. Pure. */
export function zshScript(words: readonly CommandWords[]): string {
  return `#compdef landfall
# Completion of landfall for zsh. In ~/.zshrc, after compinit:  source <(landfall completion zsh)
_landfall() {
  # Not "path", which is $PATH in zsh.
  local at="" i
  local -a commands flags
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
${words
  .filter(({ path }) => path !== "")
  .map(({ path }) => `      "${path.includes(" ") ? path : ` ${path}`}") at="${path}" ;;`)
  .join("\n")}
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${words.flatMap((command) => command.flags.flatMap((flag) => valueCase(command.path, flag))).join("\n")}
  esac
  case "$at" in
${words.map(wordsCase).join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option flags
  elif (( \${#commands} > 0 )); then
    _describe command commands
  else
    _files
  fi
}
compdef _landfall landfall
`;
}

function valueCase(path: string, { flag, takes, isOptional }: FlagWords): string[] {
  if (takes === "nothing") return [];
  if (typeof takes === "object")
    return [`    "${path} ${flag}") compadd -- ${takes.choices.join(" ")}; return ;;`];
  if (takes === "path") return [`    "${path} ${flag}") _files; return ;;`];
  return isOptional ? [] : [`    "${path} ${flag}") return ;;`];
}

function wordsCase({ path, commands, flags, choices }: CommandWords): string {
  const named = [
    ...commands.map(({ name, summary }) => `'${name}:${summary}'`),
    ...choices.map((one) => `'${one}'`),
  ];
  const said = flags.map(({ flag, summary }) => `'${flag}:${summary}'`);
  return `    "${path}") commands=(${named.join(" ")}); flags=(${said.join(" ")}) ;;`;
}

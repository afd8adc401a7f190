import type { CommandWords, FlagWords } from "./command-words.ts";

/** A script for bash (3.2 and later, the one of macOS): commands, flags, values of choices, files otherwise. Pure. */
export function bashScript(words: readonly CommandWords[]): string {
  return `# Completion of landfall for bash. In ~/.bashrc:  source <(landfall completion bash)
_landfall() {
  local word previous path="" i candidates="" flags=""
  word="\${COMP_WORDS[COMP_CWORD]}"
  previous="\${COMP_WORDS[COMP_CWORD-1]}"
  # Words before this one that name a command.
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
${lines(
  words
    .filter(({ path }) => path !== "")
    .map(({ path }) => `      "${parentOf(path)} ${nameOf(path)}") path="${path}" ;;`),
)}
    esac
  done
  COMPREPLY=()
  case "$path $previous" in
${lines(words.flatMap((command) => command.flags.flatMap((flag) => valueCase(command.path, flag))))}
  esac
  case "$path" in
${lines(words.map(wordsCase))}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -n "$candidates" ]]; then
    COMPREPLY=($(compgen -W "$candidates" -- "$word"))
  else
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _landfall landfall
`;
}

function lines(texts: readonly string[]): string {
  return texts.join("\n");
}

function parentOf(path: string): string {
  return path.includes(" ") ? path.slice(0, path.lastIndexOf(" ")) : "";
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}

/** The word after a flag that takes a value. */
function valueCase(path: string, { flag, takes, isOptional }: FlagWords): string[] {
  if (takes === "nothing") return [];
  if (typeof takes === "object")
    return [
      `    "${path} ${flag}") COMPREPLY=($(compgen -W "${takes.choices.join(" ")}" -- "$word")); return ;;`,
    ];
  if (takes === "path")
    return [
      `    "${path} ${flag}") compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$word")); return ;;`,
    ];
  // Nothing is known of its values; where there need be none, another word may follow.
  return isOptional ? [] : [`    "${path} ${flag}") return ;;`];
}

function wordsCase({ path, commands, flags, choices }: CommandWords): string {
  const names = [...commands.map(({ name }) => name), ...choices].join(" ");
  return `    "${path}") candidates="${names}"; flags="${flags.map(({ flag }) => flag).join(" ")}" ;;`;
}

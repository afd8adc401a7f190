import process from "node:process";
import type { Command } from "commander";
import { bashScript } from "../completion/bash-script.ts";
import { commandWords, type CommandWords } from "../completion/command-words.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";

const SCRIPTS: Readonly<Record<string, (words: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `landfall completion bash|zsh|fish`; the argument parser has refused every other shell. */
export function completionCommand(options: { readonly program: Command; readonly shell: string }): number {
  process.stdout.write(SCRIPTS[options.shell]!(commandWords(options.program)));
  return 0;
}

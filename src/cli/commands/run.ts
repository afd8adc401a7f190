import { declarationOverrides, type DeclarationFlags } from "../declaration-overrides.ts";
import { pipelineFromFile } from "../pipeline-from-file.ts";
import { runAndReport } from "../run-and-report.ts";

/** `landfall run <pipeline.yaml>` */
export async function runCommand(options: {
  readonly file: string;
  readonly flags: DeclarationFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { flags, signal } = options;
  const pipeline = pipelineFromFile(options.file, declarationOverrides(flags, options.env));
  return runAndReport({ pipeline, flags, signal });
}

/** A folder in which `import "landfall"` means this clone's sources, as it means the package where that is installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export function linkLandfall(folder: string): void {
  const place = join(folder, "node_modules/landfall");
  mkdirSync(place, { recursive: true });
  const source = JSON.stringify(join(ROOT, "src/index.ts"));
  writeFileSync(join(place, "package.json"), '{"name":"landfall","type":"module","exports":"./index.js"}');
  writeFileSync(join(place, "index.js"), `export * from ${source};\n`);
}

/** What the compiler finds wrong in the programs of a folder, empty if nothing; as strict as it can be. */
export function typeMistakes(folder: string, options: { readonly withNode: boolean }): string {
  const config = {
    compilerOptions: {
      target: "es2023",
      lib: options.withNode ? ["es2023"] : ["es2023", "dom"],
      types: options.withNode ? ["node"] : [],
      typeRoots: [join(ROOT, "node_modules/@types")],
      module: "nodenext",
      moduleDetection: "force",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    },
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  return spawnSync(tsc, ["--project", folder], { cwd: folder, encoding: "utf8" }).stdout;
}

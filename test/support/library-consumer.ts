/** A folder in which `import "landfall"` and `"landfall/delta"` mean this clone's sources, as they mean the package where that is installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PUBLIC_MODULES, publicTypesFile } from "../../tools/public-types.ts";

const ROOT = join(import.meta.dirname, "../..");

export function linkLandfall(folder: string): void {
  const place = join(folder, "node_modules/landfall");
  mkdirSync(place, { recursive: true });
  const exported = { ".": "./index.js", "./delta": "./delta.js" };
  const manifest = { name: "landfall", type: "module", exports: exported };
  writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
  for (const module of PUBLIC_MODULES) {
    const source = JSON.stringify(join(ROOT, `src/${module}.ts`));
    writeFileSync(join(place, `${module}.js`), `export * from ${source};\n`);
    writeFileSync(join(place, `${module}.d.ts`), publicTypesFile(module));
  }
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

/** Checks the arrows between the rooms with oxlint: `npm run arrows`. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ROOMS, VENDORS, type Room } from "./rooms.ts";

const root = resolve(import.meta.dirname, "../..");

function mayImport(room: Room, other: Room): boolean {
  if (room === other) return true;
  return room.leansOn === "all below"
    ? ROOMS.indexOf(other) < ROOMS.indexOf(room)
    : room.leansOn.includes(other.name);
}

function restrictions(room: Room): object[] {
  const above = ROOMS.filter((other) => !mayImport(room, other));
  const rooms = above.map((other) => ({
    group: [`../${other.name}/*`, `../../${other.name}/*`, `../${other.name}/**`, `../../${other.name}/**`],
    message: `${room.name}/ must not import ${other.name}/. ${room.because}`,
  }));
  const vendors = VENDORS.filter((vendor) => !vendor.rooms.includes(room.name)).map((vendor) => ({
    group: [vendor.name],
    message: `Only ${vendor.rooms.join(", ")}/ may import ${vendor.name}. ${vendor.because}`,
  }));
  return [...rooms, ...vendors];
}

const unknown = readdirSync(join(root, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !ROOMS.some((room) => room.name === entry.name))
  .map((entry) => entry.name);
if (unknown.length > 0) {
  console.error(`tools/arch/rooms.ts knows no room ${unknown.join(", ")}: say what it may lean on.`);
  process.exit(1);
}

const config = {
  plugins: ["import", "node"],
  categories: { correctness: "off" },
  rules: { "import/no-cycle": "error" },
  overrides: [
    ...ROOMS.map((room) => ({
      files: [`**/src/${room.name}/**/*.ts`],
      excludeFiles: ["**/*.test.ts"],
      rules: { "no-restricted-imports": ["error", { patterns: restrictions(room) }] },
    })),
    {
      files: ["**/src/**/*.ts"],
      excludeFiles: ["**/src/cli/**", "**/*.test.ts"],
      rules: { "node/no-process-env": "error" },
    },
  ],
};
const folder = mkdtempSync(join(tmpdir(), "landfall-arch-"));
try {
  const file = join(folder, "oxlintrc.json");
  writeFileSync(file, JSON.stringify(config));
  const run = spawnSync(
    join(root, "node_modules/.bin/oxlint"),
    ["-c", file, "--ignore-pattern=**/*.as.ts", "--deny-warnings", "src"],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Adds to a package-lock.json the optional packages of other platforms that its registry did not offer when it was written:
 * `node tools/complete-lock.ts [package-lock.json]`. npm leaves them out in silence, and `npm ci` then refuses the lock on
 * every machine ("Missing: … from lock file"). The entries have a version and a platform and no hash, since there was nothing to hash.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

interface Lock {
  readonly packages: Record<string, LockedPackage>;
}

const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/** The platform in a package's name, by the habit of napi-rs and others: `…-linux-x64-musl`. Undefined if there is none. */
export function platformOf(
  name: string,
): { readonly os?: string[]; readonly cpu: string[]; readonly libc?: string[] } | undefined {
  const parts = name.slice(name.lastIndexOf("/") + 1).split("-");
  // Runs under any system's Node, and is installed where a person asks for that processor.
  if (parts.includes("wasm32")) return { cpu: ["wasm32"] };
  // npm's word is win32; some name their packages by the other one.
  const os = parts.includes("windows") ? "win32" : SYSTEMS.find((system) => parts.includes(system));
  const cpu = PROCESSORS.find((processor) => parts.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  const ending = parts.at(-1) ?? "";
  if (os !== "linux") return { os: [os], cpu: [cpu] };
  if (ending.startsWith("musl")) return { os: [os], cpu: [cpu], libc: ["musl"] };
  if (ending.startsWith("gnu")) return { os: [os], cpu: [cpu], libc: ["glibc"] };
  return { os: [os], cpu: [cpu] };
}

/** The lock with an entry for each optional dependency that has none; and the names that were added. */
export function completeLock(lock: Lock): { readonly lock: Lock; readonly added: readonly string[] } {
  const added: Record<string, LockedPackage> = {};
  for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (lock.packages[path] !== undefined || platform === undefined || !/^\d/.test(version)) continue;
      added[path] = { version, optional: true, ...platform };
    }
  }
  const packages = Object.entries({ ...lock.packages, ...added }).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return { lock: { ...lock, packages: Object.fromEntries(packages) }, added: Object.keys(added) };
}

if (import.meta.main) {
  const path = process.argv[2] ?? "package-lock.json";
  const { lock, added } = completeLock(JSON.parse(readFileSync(path, "utf8")) as Lock);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  for (const name of added) console.log(`added ${name.slice("node_modules/".length)}`);
}

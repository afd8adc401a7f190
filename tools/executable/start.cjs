/*
 * The first thing that the single-file executable runs. It holds the package's files as assets: native code must lie on disk to be loaded, and
 * processes and threads start from files, so they are put into a folder of this build once, and run from there.
 */
const { existsSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { createRequire, enableCompileCache } = require("node:module");
const { homedir } = require("node:os");
const { dirname, join, resolve, sep } = require("node:path");
const { getAsset, getAssetKeys } = require("node:sea");
const { setFlagsFromString } = require("node:v8");

const build = `program-${getAsset("build", "utf8")}`;
const args = process.argv.slice(2);
/* A process that this program starts is this program again, in whatever environment: its flags and the module that it is to run come as arguments. */
const at = args.findIndex((arg) => !arg.startsWith("--"));
const inside = at < 0 ? -1 : args[at].indexOf(`${sep}${build}${sep}`);
const isStarted = inside >= 0;
const folder = isStarted ? args[at].slice(0, inside + 1 + build.length) : join(caches(), build);
if (isStarted) for (const flag of args.slice(0, at)) if (flag.startsWith("--max-")) setFlagsFromString(flag);

if (!existsSync(folder)) unpack();
if (!isOurs(folder)) {
  process.stderr.write(
    `${folder} belongs to somebody else, or others may write to it, and nothing is run from there.\n  → Remove it, or set LANDFALL_CACHE to a folder of your own.\n`,
  );
  process.exit(2);
}
const module_ = isStarted ? args[at] : join(folder, "bin", "landfall.js");
process.argv = [process.execPath, module_, ...(isStarted ? args.slice(at + 1) : args)];
process.execArgv = isStarted ? args.slice(0, at) : [];
enableCompileCache(join(folder, "compiled"));
createRequire(module_)(module_);

function caches() {
  const { LANDFALL_CACHE, XDG_CACHE_HOME } = process.env;
  if (LANDFALL_CACHE) return resolve(LANDFALL_CACHE);
  const home =
    process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
  return join(XDG_CACHE_HOME || home, "landfall");
}

/* Another process may do the same at the same time: whoever renames first has made it. */
function unpack() {
  const making = `${folder}.${process.pid}`;
  try {
    for (const key of getAssetKeys()) {
      if (key === "build") continue;
      const path = join(making, key);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, Buffer.from(getAsset(key)), { mode: 0o600 });
    }
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (existsSync(folder)) return;
    process.stderr.write(
      `The program's files cannot be put into ${folder}: ${error.message}\n  → Set LANDFALL_CACHE to a folder that can be written to (it takes 90 MB).\n`,
    );
    process.exit(3);
  }
}

function isOurs(path) {
  const info = lstatSync(path);
  return info.isDirectory() && info.uid === process.getuid() && (info.mode & 0o022) === 0;
}

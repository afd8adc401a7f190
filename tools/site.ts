/**
 * `npm run site`: the documentation as a static site, in site/dist/. The builder is installed in site/, whose lock file is its own, so
 * that nothing of it is a dependency of Landfall. Fails when a link of the site leads nowhere.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import process from "node:process";
import { sitePages, siteSidebar } from "./site-pages.ts";

const ROOT = join(import.meta.dirname, "..");
const SITE = join(ROOT, "site");

function pages(): { readonly path: string; readonly text: string }[] {
  const paths = globSync("docs/**/*.md", { cwd: ROOT }).sort();
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, {
    cwd: SITE,
    stdio: "inherit",
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Anew when the lock file is younger than what was installed. */
function install(): void {
  const installed = join(SITE, "node_modules/.package-lock.json");
  const lock = join(SITE, "package-lock.json");
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) run("npm", "ci");
}

function write(): void {
  const content = join(SITE, "src/content/docs");
  rmSync(content, { recursive: true, force: true });
  for (const { path, text } of sitePages(pages())) {
    mkdirSync(dirname(join(content, path)), { recursive: true });
    writeFileSync(join(content, path), text);
  }
  writeFileSync(join(SITE, "sidebar.json"), JSON.stringify(siteSidebar(pages())));
}

/** Links between pages of the built site that lead nowhere. */
function brokenLinks(): string[] {
  const dist = join(SITE, "dist");
  const base = process.env["SITE_BASE"] ?? "/";
  const built = new Map(
    globSync("**/*.html", { cwd: dist }).map((path) => [`/${path}`, readFileSync(join(dist, path), "utf8")]),
  );
  return [...built].flatMap(([page, html]) =>
    [...html.matchAll(/<a [^>]*href="([^"]*)"/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/i.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const below = path.startsWith("/") ? posix.relative(base, path) : posix.join(dirname(page), path);
        const file =
          path === "" ? page : posix.join("/", below, path.endsWith("/") || below === "" ? "index.html" : "");
        const there = built.get(file);
        if (there === undefined) return !existsSync(join(dist, file));
        return anchor !== undefined && anchor !== "" && !there.includes(`id="${anchor}"`);
      })
      .map((target) => `${page}: ${target}`),
  );
}

install();
write();
run(join(SITE, "node_modules/.bin/astro"), "build", "--silent");
const broken = brokenLinks();
for (const link of broken) console.error(`leads nowhere: ${link}`);
if (broken.length > 0) process.exitCode = 1;
else console.log(`site/dist: ${globSync("**/*.html", { cwd: join(SITE, "dist") }).length} pages`);

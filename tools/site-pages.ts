/** The pages of the site, from those of docs/: their texts as the site's builder wants them, and its sidebar. Pure. */
import { posix } from "node:path";

export interface DocsPage {
  /** Relative to the repository: `docs/guide/schedules.md`. */
  readonly path: string;
  readonly text: string;
}

export interface SitePage {
  /** Relative to the site's folder of content. */
  readonly path: string;
  readonly text: string;
}

/** A group of the sidebar, as Starlight takes it. */
export interface SidebarGroup {
  readonly label: string;
  readonly collapsed?: true;
  readonly items: readonly { readonly label: string; readonly slug: string }[];
}

/** The page that the site opens with, and whose tables are the sidebar. */
const INDEX = "docs/README.md";

/** All pages of the site. Links to what is no page of it become plain text. */
export function sitePages(pages: readonly DocsPage[]): SitePage[] {
  const titles = titlesOf(pages);
  return pages.map((page) => {
    const { body } = parted(page);
    const front = `---\ntitle: ${JSON.stringify(titles.get(page.path))}\n---\n`;
    return {
      path: contentPath(page.path),
      text: front + outsideCode(body, (prose) => linked(prose, page.path, titles)),
    };
  });
}

/** What docs/README.md lists, in its order, each under the page's own title; the decisions last. */
export function siteSidebar(pages: readonly DocsPage[]): SidebarGroup[] {
  const titles = titlesOf(pages);
  const item = (path: string): { label: string; slug: string } => ({
    label: titles.get(path)!,
    slug: slugOf(path),
  });
  const index = pages.find(({ path }) => path === INDEX)!;
  const groups = index.text
    .split(/^## /m)
    .slice(1)
    .map((chapter) => ({
      label: chapter.split("\n")[0]!.trim(),
      items: [...chapter.matchAll(/\]\(([^)#]+\.md)\)/g)]
        .map(([, target]) => posix.join("docs", target!))
        .filter((path) => titles.has(path))
        .map(item),
    }));
  const decisions = pages.filter(({ path }) => path.startsWith("docs/adr/")).map(({ path }) => item(path));
  return [...groups, { label: "Decisions", collapsed: true, items: decisions }];
}

function titlesOf(pages: readonly DocsPage[]): ReadonlyMap<string, string> {
  return new Map(pages.map((page) => [page.path, parted(page).title.replaceAll("`", "")]));
}

function parted({ path, text }: DocsPage): { readonly title: string; readonly body: string } {
  const found = /^# (.+)\n/.exec(text);
  if (found === null) throw new Error(`${path} does not begin with its title`);
  return { title: found[1]!, body: text.slice(found[0].length) };
}

function contentPath(path: string): string {
  return path === INDEX ? "index.md" : path.replace(/^docs\//, "").toLowerCase();
}

function slugOf(path: string): string {
  return contentPath(path).replace(/\.md$/, "");
}

/** The page's folder on the site; each page is one. */
function urlOf(path: string): string {
  return path === INDEX ? "/" : `/${slugOf(path)}/`;
}

/** Comments are for whoever writes the pages; links lead from folder to folder, so that the site may lie anywhere. */
function linked(prose: string, from: string, titles: ReadonlyMap<string, string>): string {
  return prose
    .replaceAll(/<!--[^]*?-->\n*/g, "")
    .replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, text: string, target: string) => {
      if (/^([a-z]+:|#)/i.test(target)) return whole;
      const [path = "", anchor] = target.split("#");
      const to = posix.join(posix.dirname(from), path);
      const title = titles.get(to);
      if (title === undefined) return text;
      const url = posix.relative(urlOf(from), urlOf(to));
      // A reader of the site knows pages by their titles.
      return `[${text === posix.basename(path) ? title : text}](${url === "" ? "." : url}/${anchor === undefined ? "" : `#${anchor}`})`;
    });
}

/** Applies to what is neither a fence nor inline code; a link's text may hold code. */
function outsideCode(page: string, apply: (prose: string) => string): string {
  return page
    .split(/^((?:```|~~~)[^\n]*\n[^]*?^(?:```|~~~)$)/m)
    .map((part, i) => (i % 2 === 1 ? part : apply(part)))
    .join("");
}

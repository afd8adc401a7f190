/** Links of a page of Markdown, and the anchors that its headings make on GitHub and on the site alike. */

export interface PageLink {
  readonly line: number;
  readonly target: string;
}

/** Links and images as `[text](target)`, those in code aside. */
export function linksOf(page: string): PageLink[] {
  return proseLines(page).flatMap(({ line, text }) =>
    [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map((match) => ({ line, target: match[1]! })),
  );
}

/** Anchors by the rules of GitHub: lower case, blanks as hyphens, punctuation left out, a number behind a repeated one. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const anchors = proseLines(page, { keepCode: true }).flatMap(({ text }) => {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) return [];
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const before = counts.get(slug) ?? 0;
    counts.set(slug, before + 1);
    return [before === 0 ? slug : `${slug}-${before}`];
  });
  return new Set(anchors);
}

/** Lines outside fences and comments; inline code is blanked out unless it is to be kept. */
export function proseLines(
  page: string,
  { keepCode = false }: { readonly keepCode?: boolean } = {},
): { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  const plain = page.replaceAll(/<!--[^]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, " "));
  let fence: string | undefined;
  for (const [i, text] of plain.split("\n").entries()) {
    const ticks = /^ *(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence !== undefined) {
      if (ticks === fence && text.trim() === fence) fence = undefined;
    } else if (ticks !== undefined) {
      fence = ticks;
    } else {
      found.push({ line: i + 1, text: keepCode ? text : text.replaceAll(/`[^`]*`/g, "`code`") });
    }
  }
  return found;
}

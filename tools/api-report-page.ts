/** What `import "landfall"` offers, as one sorted list: a change of it is a change of this page. */
import { publicTypes, withoutComments, type PublicType } from "./public-types.ts";

const HEAD = `# The library's interface

<!-- Generated from the types of src/index.ts by \`node tools/docs.ts\`; change it there. -->

Every export of \`landfall\` with its type, so that a breaking change is seen in review. What each of them means stands in the types
themselves, where an editor shows it, and in [the guide](../guide/library.md).
`;

export function apiReportPage(): string {
  const types = publicTypes();
  const exported = types.filter(({ isExported }) => isExported);
  const named = types.filter(({ isExported }) => !isExported);
  return `${HEAD}
${exported.map(entry).join("\n")}
## Named by them, not exported

${named.map(entry).join("\n")}`;
}

function entry({ name, text }: PublicType): string {
  return `### ${name}\n\n\`\`\`ts\n${withoutComments(text)}\n\`\`\`\n`;
}

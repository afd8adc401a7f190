// The site's look. Its pages, and sidebar.json, are made from docs/ by tools/site.ts.
import { readFileSync } from "node:fs";
import { satteri } from "@astrojs/markdown-satteri";
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";

export default defineConfig({
  site: process.env.SITE_URL,
  base: process.env.SITE_BASE,
  // Quotes and hyphens are what a reader is to type.
  markdown: { processor: satteri({ features: { smartPunctuation: false } }) },
  integrations: [
    starlight({
      title: "Landfall",
      description: "Files land; Delta tables update; exactly once, and you can prove it.",
      sidebar: JSON.parse(readFileSync(new URL("./sidebar.json", import.meta.url), "utf8")),
      customCss: ["./src/site.css"],
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
      pagination: false,
    }),
  ],
});

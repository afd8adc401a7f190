/**
 * The module `name`, beside the one whose `import.meta.url` is given and with its suffix: `.ts` from a clone, `.js` once published. For
 * what is started from a file, a thread or a process.
 */
export function siblingModule(url: string, name: string): URL {
  return new URL(`./${name}${url.slice(url.lastIndexOf("."))}`, url);
}

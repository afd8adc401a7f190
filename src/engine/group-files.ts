/** Files put together into jobs for the scan workers. */

/** A job of small files: enough to be worth a message, few enough that threads share the work. */
const JOB_BYTES = 16 * 1024 ** 2;
const JOB_FILES = 2000;

/** Big files alone, small ones together. */
export function grouped<T extends { readonly size: number }>(files: readonly T[]): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let bytes = 0;
  for (const file of files) {
    if (group.length > 0 && (bytes + file.size > JOB_BYTES || group.length >= JOB_FILES)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

export type TimedFile = { readonly project: string; readonly path: string; readonly ms: number };

const SLOWEST = 20;

/** What a run of tests took, by file: the slowest, one a line; their sum is what all its workers together took. */
export function slowestFiles(files: readonly TimedFile[]): string {
  const slowest = files.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  const sum = files.reduce((before, { ms }) => before + ms, 0);
  const lines = slowest.map(({ project, path, ms }) => `${seconds(ms).padStart(8)}  ${project}  ${path}\n`);
  return `the slowest of ${files.length} test files, which took ${seconds(sum)} in all workers together:\n${lines.join('')}`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

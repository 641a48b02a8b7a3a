/** New enough for every module here; a test compares it with their go.mod files. */
export const TOOLCHAIN = 'go1.26.8';

/** The first Go that fetches by itself the release that a go.mod demands. */
const FIRST_THAT_UPDATES_ITSELF = [1, 21, 0] as const;

/**
 * Whether a Go can build the modules, by itself or after fetching a newer one by itself.
 * @param output of `go env GOVERSION GOTOOLCHAIN`, a line each; the second is empty where Go knows no such thing
 */
export function judgeGo(output: string): 'will do' | 'too old' {
  const [version = '', toolchain = ''] = output.trim().split('\n');
  const needed = toolchain === 'local' ? parseGoVersion(TOOLCHAIN) : FIRST_THAT_UPDATES_ITSELF;
  const found = parseGoVersion(version);
  // One built from Go's own repository ("devel …") is its builder's business.
  if (found === null || needed === null) return 'will do';
  return compare(found, needed) >= 0 ? 'will do' : 'too old';
}

/** Major, minor, patch of "go1.26.8" or of "go1.26"; null where it is none. */
export function parseGoVersion(text: string): readonly number[] | null {
  const numbers = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return numbers === null ? null : numbers.slice(1).map((digits) => Number(digits ?? 0));
}

/** Negative where the first is older. */
export function compare(left: readonly number[], right: readonly number[]): number {
  const difference = left.map((number, index) => number - (right[index] ?? 0)).find((each) => each !== 0);
  return difference ?? 0;
}

import { relative } from 'node:path';

/** Longest path of a Unix socket that every system takes (macOS 103, Linux 107), in bytes. */
const LONGEST = 103;

/**
 * The path by which a Unix socket is opened from `cwd`: absolute, or relative where only that is short enough.
 * @throws RangeError where neither is
 */
export function socketPath(absolute: string, cwd: string): string {
  const found = [absolute, relative(cwd, absolute)].find((path) => Buffer.byteLength(path) <= LONGEST);
  if (found === undefined) throw new RangeError(`the path of a socket has at most ${LONGEST} bytes: ${absolute}`);
  return found;
}

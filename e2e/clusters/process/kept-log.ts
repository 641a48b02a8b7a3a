import { open } from 'node:fs/promises';

/** Enough for the reason of a death, not for its whole history. */
const TAIL_BYTES = 8 * 1024;

/** The last lines of a log file, as far as they can be read: none is no error here, for this only helps to explain one. */
export async function lastLines(file: string, count = 15): Promise<readonly string[]> {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(TAIL_BYTES), position: start });
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-count);
  } catch (error) {
    return [`(${file} cannot be read: ${(error as Error).message})`];
  }
}

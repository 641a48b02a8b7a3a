import type { Readable } from 'node:stream';
import { Lines } from './lines.ts';

/** More than any line that our programs send each other. */
const LONGEST_LINE = 4 * 1024 * 1024;

/**
 * The lines of a stream of UTF-8 as they come, without their ends; a last one that was cut off is not a line.
 * @throws RangeError where a line has no end
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const lines = new Lines(LONGEST_LINE);
  for await (const chunk of stream.setEncoding('utf8')) yield* lines.take(chunk as string);
}

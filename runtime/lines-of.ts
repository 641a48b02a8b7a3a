import type { Readable } from 'node:stream';

/** More than any line that our programs send each other. */
const LONGEST_LINE = 4 * 1024 * 1024;

/**
 * The lines of a stream of UTF-8 as they come, without their ends; a last one that was cut off is not a line.
 * @throws RangeError where a line has no end
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError(`a line of more than ${LONGEST_LINE} characters`);
    for (const line of lines) if (line !== '') yield line;
  }
}

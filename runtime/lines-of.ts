import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** More than any line that our programs send each other. */
const LONGEST_LINE = 4 * 1024 * 1024;

/**
 * The lines of a stream of UTF-8 as they come, without their ends; a last one that was cut off is not a line.
 * @throws RangeError where a line has no end
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const lines = new Lines();
  for await (const chunk of stream.setEncoding('utf8')) yield* lines.take(chunk as string);
}

/**
 * The same, each handed to `take`: of thousands of streams with a line a second, iterators take more time than what is done with
 * the lines. Returns when the stream has ended. @throws RangeError as `linesOf` · the error of the stream · what `take` throws
 */
export async function eachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  const lines = new Lines();
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    try {
      for (const line of lines.take(chunk)) if (!stream.destroyed) take(line);
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  await finished(stream);
}

/** Puts together what chunks have cut. */
class Lines {
  #rest = '';

  take(chunk: string): readonly string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) throw new RangeError(`a line of more than ${LONGEST_LINE} characters`);
    return lines.filter((line) => line !== '');
  }
}

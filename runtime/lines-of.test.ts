import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { linesOf } from './lines-of.ts';

async function read(...chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );
  return await Array.fromAsync(linesOf(stream));
}

test('lines across chunks; empty ones and a cut-off last one are none', async () => {
  expect(await read('a', 'b\nc\n\nd', 'e\nhalf')).toEqual(['ab', 'c', 'de']);
});

test('a character that is cut between two chunks is whole', async () => {
  const bytes = Buffer.from('ä\n');
  expect(await read(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['ä']);
});

test('a line without an end does not fill the memory', async () => {
  await expect(read(...Array.from({ length: 5 }, () => 'x'.repeat(1024 * 1024)))).rejects.toThrow(RangeError);
});

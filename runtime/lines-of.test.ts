import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { eachLine, linesOf } from './lines-of.ts';

type Chunks = readonly (string | Buffer)[];

const streamOf = (chunks: Chunks): Readable =>
  Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );

async function handedOn(...chunks: Chunks): Promise<string[]> {
  const lines: string[] = [];
  await eachLine(streamOf(chunks), (line) => lines.push(line));
  return lines;
}

describe.each([
  ['linesOf', (...chunks: Chunks): Promise<string[]> => Array.fromAsync(linesOf(streamOf(chunks)))],
  ['eachLine', handedOn],
])('%s', (_, read) => {
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
});

test('what the taker throws ends the stream, and nothing more is handed on', async () => {
  const stream = streamOf(['a\nb\n', 'c\n']);
  const seen: string[] = [];
  const reading = eachLine(stream, (line) => {
    seen.push(line);
    throw new Error('enough');
  });
  await expect(reading).rejects.toThrow('enough');
  expect([seen, stream.destroyed]).toEqual([['a'], true]);
});

test('a stream that is broken off says so', async () => {
  const stream = new PassThrough();
  const reading = eachLine(stream, () => undefined);
  stream.write('a\n');
  stream.destroy();
  await expect(reading).rejects.toThrow('Premature close');
});

import { expect, test } from 'vitest';
import { withSevenBitHeader } from './seven-bit-header.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size), 'latin1');
}
const passed = async (text: string, size: number): Promise<string> =>
  Buffer.concat(await Array.fromAsync(withSevenBitHeader(pieces(text, size)))).toString('latin1');

// However it is cut.
const sizes = [1, 2, 3, 5, 100];

test.each(['A: b\r\n\r\n\xff', 'A: b\n\n\xff', 'A: b\r\n\n\xff', '\r\n\xff', '\n\xff', 'A: b', ''])(
  '%j passes',
  async (text) => {
    for (const size of sizes) expect(await passed(text, size)).toBe(text);
  },
);

test.each(['\xff', 'A: \x80\r\n\r\n', 'A: b\r\n\xfc: c\r\n\r\n', 'A: b\r\n \r\n\xff', 'A: b\r\r\n\xff'])(
  '%j does not',
  async (text) => {
    for (const size of sizes) await expect(passed(text, size)).rejects.toThrow('8-bit');
  },
);

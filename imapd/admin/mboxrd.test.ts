import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mboxrdEntry } from './mboxrd.ts';

const RECEIVED = new Date('2026-11-03T04:05:06Z');

async function entry(...chunks: readonly (string | Buffer)[]): Promise<string> {
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk as string, 'latin1');
  }
  const parts: Buffer[] = [];
  for await (const part of mboxrdEntry(source(), RECEIVED)) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}
const HEAD = 'From MAILER-DAEMON Tue Nov  3 04:05:06 2026\n';

test('lines end in LF, From lines are quoted at every depth, an empty line ends it', async () => {
  expect(await entry('A: b\r\n\r\nFrom x\r\n>From y\r\n>>From z\r\n>Fro\r\n From\r\n')).toBe(
    `${HEAD}A: b\n\n>From x\n>>From y\n>>>From z\n>Fro\n From\n\n`,
  );
});

test('a message without a last line end gets one; a lone CR stays', async () => {
  expect(await entry('A: b\r\n\r\nend')).toBe(`${HEAD}A: b\n\nend\n\n`);
  expect(await entry('a\rb\r\r\nFrom')).toBe(`${HEAD}a\rb\r\nFrom\n\n`);
});

test('it does not matter where the chunks end', async () => {
  const pieces = fc.array(fc.constantFrom('From ', '>', 'F', 'Fr', '\r\n', '\r', '\n', 'x', ' '), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const text = list.join('');
      expect(await entry(...list)).toBe(await entry(text));
      const lines = text.replaceAll('\r\n', '\n').replace(/(?<=^|\n)(>*From )/g, '>$1');
      const end = lines === '' || lines.endsWith('\n') ? '\n' : '\n\n';
      expect(await entry(text)).toBe(`${HEAD}${lines}${end}`);
    }),
  );
});

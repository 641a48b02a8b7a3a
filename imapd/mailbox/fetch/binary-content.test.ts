import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decoded, measure } from './binary-content.ts';

// Promise: a part's octets come decoded and cut, however its raw octets were split.

async function text(raw: readonly Buffer[], encoding: string, partial: { offset: number; length: number } | null) {
  const pieces: Buffer[] = [];
  for await (const piece of decoded(raw, { encoding, partial })) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('any range of any octets, in base64 and as they are', async () => {
  const range = fc.option(fc.record({ offset: fc.nat({ max: 60 }), length: fc.integer({ min: 1, max: 60 }) }), {
    nil: null,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 50 }),
      range,
      fc.integer({ min: 1, max: 9 }),
      async (octets, cut, size) => {
        const expected = Buffer.from(octets).subarray(
          cut?.offset ?? 0,
          cut === null ? undefined : cut.offset + cut.length,
        );
        for (const encoding of ['base64', 'binary'] as const) {
          const raw = Buffer.from(encoding === 'base64' ? Buffer.from(octets).toString('base64') : octets);
          const pieces = Array.from({ length: Math.ceil(raw.length / size) }, (_, i) =>
            raw.subarray(i * size, (i + 1) * size),
          );
          expect(await text(pieces, encoding, cut)).toEqual(expected);
          const measured = await measure(decoded(pieces, { encoding, partial: cut }));
          expect(measured).toEqual({ size: expected.length, nul: expected.includes(0) });
        }
      },
    ),
  );
});

test('what lies behind a range is not read', async () => {
  const read: string[] = [];
  function* raw(): Generator<Buffer> {
    for (const piece of ['abc', 'def', 'ghi']) {
      read.push(piece);
      yield Buffer.from(piece);
    }
  }
  const measured = await measure(decoded(raw(), { encoding: '7bit', partial: { offset: 1, length: 4 } }));
  expect([measured?.size, read]).toEqual([4, ['abc', 'def']]);
});

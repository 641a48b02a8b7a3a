import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

const PIECE = Buffer.alloc(262_144, 'x');

/** @returns how many pieces the program got rid of before it was made to wait */
async function writeUntilFull(program: PassThrough, most: number): Promise<number> {
  for (let written = 0; written < most; written += 1) {
    if (!program.write(PIECE)) {
      for (let turns = 0; turns < 5; turns += 1) await turn();
      if (program.writableNeedDrain) return written;
    }
  }
  return most;
}

test('a program is made to wait for whoever takes nothing, and not any more when others wait for it', async () => {
  const program = new PassThrough();
  const ahead = new ReadAhead(program);
  const before = await writeUntilFull(program, 100);
  expect(before).toBeLessThan(10);
  ahead.hold();
  expect(await writeUntilFull(program, 100)).toBe(100);
  program.end();
  let octets = 0;
  for await (const piece of ahead.pieces()) octets += piece.length;
  // The piece at which it was full is with it as well.
  expect(octets).toBe((before + 1 + 100) * PIECE.length);
});

test('all that was said comes, in its order, whoever is the slower one', async () => {
  const program = new PassThrough();
  const ahead = new ReadAhead(program);
  const taken = (async () => {
    const texts: string[] = [];
    for await (const piece of ahead.pieces()) {
      texts.push(piece.toString());
      if (texts.length % 3 === 0) await turn();
    }
    return texts.join('');
  })();
  for (let i = 0; i < 20; i += 1) {
    program.write(`${i},`);
    if (i % 4 === 0) await turn();
  }
  program.end();
  expect(await taken).toBe(Array.from({ length: 20 }, (_, i) => `${i},`).join(''));
});

test('without a bound it would take all memory', async () => {
  const program = new PassThrough();
  const ahead = new ReadAhead(program);
  ahead.hold();
  program.on('error', () => undefined);
  await writeUntilFull(program, 600);
  await expect(
    ahead
      .pieces()
      .next()
      .then(() => Array.fromAsync(ahead.pieces())),
  ).rejects.toThrow('is not taken');
});

test('what is left is given up with whoever took it', async () => {
  const program = new PassThrough();
  const closed = once(program, 'close');
  const ahead = new ReadAhead(program);
  await writeUntilFull(program, 100);
  for await (const _ of ahead.pieces()) break;
  await closed;
});

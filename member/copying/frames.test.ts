import { expect, test } from 'vitest';
import { copyKey, isProof, newNonce, proofOf } from './copy-key.ts';
import { type Frame, FrameWriter, readFrames } from './frames.ts';

const parties = { cluster: 'c', partition: 'p', donor: 'a0', recipient: 'a1', nonce: 'n', recipientNonce: 'm' };
const key = copyKey('password', parties);

/** In pieces that end wherever they end. */
async function* pieces(octets: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += length) yield octets.subarray(at, at + length);
}

async function read(octets: Buffer, length = 7, readingKey = key): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(pieces(octets, length), readingKey)) frames.push(frame);
  return frames;
}

function copy(): readonly Buffer[] {
  const writer = new FrameWriter(key);
  return [
    writer.message('begin', { octets: 3 }),
    writer.frame('data', Buffer.from('abc')),
    writer.frame('alive'),
    writer.frame('data', Buffer.alloc(20_000, 'x')),
    writer.frame('complete'),
  ];
}

test.each([1, 7, 41, 1_000_000])('in pieces of %d octets it comes as it was sent', async (length) => {
  const frames = await read(Buffer.concat(copy()), length);
  expect(frames.map(({ kind }) => kind)).toEqual(['begin', 'data', 'alive', 'data', 'complete']);
  expect(frames[1]?.body.toString()).toBe('abc');
  expect(frames[3]?.body.length).toBe(20_000);
});

test('one that ends anywhere before its end is not a whole one', async () => {
  const octets = Buffer.concat(copy());
  for (const left of [0, 4, 60, octets.length - 38, octets.length - 1]) {
    await expect(read(octets.subarray(0, left)), `${left} octets`).rejects.toThrow('the copy broke off');
  }
});

test('a frame that was changed, left out, sent twice or put elsewhere is none of it', async () => {
  const [begin, first, alive, second, complete] = copy() as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const changed = Buffer.from(first);
  changed.writeUInt8(changed.readUInt8(6) ^ 1, 6);
  const asEnd = Buffer.from(alive);
  asEnd.writeUInt8(complete.readUInt8(), 0);
  const forged = [
    [begin, changed],
    [begin, alive],
    [begin, first, first],
    [begin, first, alive, complete],
    [begin, second],
    [begin, first, asEnd],
  ];
  for (const frames of forged) {
    await expect(read(Buffer.concat(frames))).rejects.toThrow('not what the donor has sent');
  }
  await expect(read(Buffer.concat(copy()), 100, copyKey('another', parties))).rejects.toThrow('not what the donor');
});

test('a frame of any length is not waited for', async () => {
  await expect(read(Buffer.from([1, 255, 255, 255, 255, 0]))).rejects.toThrow('a frame of 4294967295 octets');
});

test('whoever does not know the password, or asks somebody else, or for another copy, proves nothing', () => {
  expect(isProof(key, proofOf(key))).toBe(true);
  const others = [
    copyKey('passwort', parties),
    ...(Object.keys(parties) as (keyof typeof parties)[]).map((name) =>
      copyKey('password', { ...parties, [name]: 'else' }),
    ),
  ];
  for (const other of others) expect(isProof(key, proofOf(other))).toBe(false);
  expect(isProof(key, '')).toBe(false);
  expect(newNonce()).not.toBe(newNonce());
});

import { constants, createDeflateRaw } from 'node:zlib';
import { expect, test } from 'vitest';
import { ResponseLines } from './response-lines.ts';

const RESPONSES = [
  '* 1 FETCH (BODY[] {13}\r\n* BYE\r\nLine\r\n UID 1)\r\n',
  '* 2 FETCH (BODY[] {0}\r\n UID 2)\r\n',
  '3 OK done\r\n',
  '* BYE So long\r\n',
].join('');
const LINES = ['* 1 FETCH (BODY[] {13}', '* 2 FETCH (BODY[] {0}', '3 OK done', '* BYE So long'];

test.each([1, 2, 7, 1_000])('in pieces of %i octets', (size) => {
  const told: string[] = [];
  const lines = new ResponseLines((line) => told.push(line));
  const octets = Buffer.from(RESPONSES);
  for (let at = 0; at < octets.length; at += size) lines.push(octets.subarray(at, at + size));
  expect(told).toEqual(LINES);
});

test.each([1, 1_000])('compressed from a line on, in pieces of %i octets', async (size) => {
  const deflate = createDeflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  deflate.end(RESPONSES);
  const compressed = await deflate.toArray();
  const octets = Buffer.concat([Buffer.from('* 1 EXISTS\r\n2 OK compressed\r\n'), ...compressed]);
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const lines = new ResponseLines((line) => {
    told.push(line);
    if (line === '2 OK compressed') lines.compress();
    if (line === '* BYE So long') resolve();
  });
  for (let at = 0; at < octets.length; at += size) lines.push(octets.subarray(at, at + size));
  await promise;
  expect(told).toEqual(['* 1 EXISTS', '2 OK compressed', ...LINES]);
});

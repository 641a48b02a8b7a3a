import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { RowDiverter } from './row-diverter.ts';

function message(code: string, body: Buffer | string): Buffer {
  const octets = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(code);
  head.writeUInt32BE(octets.length + 4, 1);
  return Buffer.concat([head, octets]);
}

const rows = Array.from({ length: 40 }, (_, i) => Buffer.alloc(2 + ((i * 37) % 150), i));
/** Two queries, the second of which wants its rows as octets; then a third one that does not. */
const stream = [
  message('T', 'first'),
  message('D', 'the driver has this one'),
  message('C', 'SELECT 1'),
  message('Z', 'I'),
  message('2', ''),
  message('T', 'second'),
  ...rows.map((row) => message('D', row)),
  message('N', 'a notice'),
  message('C', 'SELECT 40'),
  message('Z', 'I'),
  message('T', 'third'),
  message('D', 'and this'),
  message('C', 'SELECT 1'),
];
const forwarded = Buffer.concat(stream.filter((each) => each[0] !== 0x44 || each.includes('this')));

/** What comes of the stream, cut into pieces of so many octets. */
function divert(piece: number): { readonly driver: Buffer; readonly taken: readonly Buffer[] } {
  const socket = new EventEmitter();
  const driver: Buffer[] = [];
  const taken: Buffer[] = [];
  socket.on('data', (octets: Buffer) => {
    driver.push(Buffer.from(octets));
    if (Buffer.concat(driver).toString('latin1').endsWith('second')) diverter.divert((row) => taken.push(row));
  });
  const diverter = RowDiverter.of(socket);
  const all = Buffer.concat(stream);
  for (let at = 0; at < all.length; at += piece) socket.emit('data', Buffer.from(all.subarray(at, at + piece)));
  return { driver: Buffer.concat(driver), taken };
}

test('rows of a query that wants them are taken out octet for octet, wherever the stream is cut; the driver has the rest', () => {
  for (let piece = 1; piece <= 400; piece++) {
    const { driver, taken } = divert(piece);
    expect(Buffer.concat(taken).equals(Buffer.concat(rows)), `rows in pieces of ${piece}`).toBe(true);
    expect(taken.map(({ length }) => length)).toEqual(rows.map(({ length }) => length));
    expect(driver.equals(forwarded), `the rest in pieces of ${piece}`).toBe(true);
  }
  expect(divert(100_000).taken).toHaveLength(rows.length);
});

test('nothing that is handed over lies in memory that the socket uses again', () => {
  const socket = new EventEmitter();
  const [driver, taken]: [Buffer[], Buffer[]] = [[], []];
  socket.on('data', (octets: Buffer) => {
    driver.push(octets);
    if (octets.toString('latin1').endsWith('second')) RowDiverter.of(socket).divert((row) => taken.push(row));
  });
  const all = Buffer.concat(stream);
  const again = Buffer.alloc(500);
  const send = (from: number, to: number): void => {
    RowDiverter.passOn(socket, again.subarray(0, all.copy(again, 0, from, to)));
    again.fill('?');
  };
  // Up to the row of the second query nobody has asked for a diverter.
  const second = all.indexOf('second') + 'second'.length;
  const first = message('T', 'first').length;
  send(0, first);
  RowDiverter.of(socket);
  send(first, second);
  for (let at = second; at < all.length; at += again.length) send(at, at + again.length);
  expect(Buffer.concat(taken).equals(Buffer.concat(rows))).toBe(true);
  expect(Buffer.concat(driver).equals(forwarded)).toBe(true);
});

test('a query that fails after some rows takes no more of them', () => {
  const socket = new EventEmitter();
  let heard = '';
  socket.on('data', (octets: Buffer) => {
    heard += octets.toString('latin1');
  });
  const diverter = RowDiverter.of(socket);
  const taken: string[] = [];
  diverter.divert((row) => taken.push(row.toString()));
  const [row, next] = [message('D', 'one'), message('D', 'two')];
  socket.emit('data', Buffer.concat([row, message('E', 'broken'), message('Z', 'I'), message('T', 'x'), next]));
  expect(taken).toEqual(['one']);
  expect(heard).toContain('two');
});

test('a socket has one, however often it is asked for', () => {
  const socket = new EventEmitter();
  expect(RowDiverter.of(socket)).toBe(RowDiverter.of(socket));
  expect(socket.listenerCount('data')).toBe(1);
});

import { expect, test } from 'vitest';
import { type Mark, PieceWriter } from './piece-writer.ts';

const long = (fill: string): Buffer => Buffer.alloc(5_000, fill);
const text = (writer: PieceWriter): string => Buffer.concat(writer.takePieces()).toString();

test('what is long is handed on without a copy, between what is written before and behind it', () => {
  const writer = new PieceWriter();
  const octets = long('x');
  writer.raw('* 1 FETCH (BODY[] ').literal(octets).raw(')\r\n');
  expect(writer.length).toBe('* 1 FETCH (BODY[] {5000}\r\n'.length + 5_000 + ')\r\n'.length);
  const pieces = writer.takePieces();
  expect(pieces.map(String)).toEqual(['* 1 FETCH (BODY[] {5000}\r\n', octets.toString(), ')\r\n']);
  expect(pieces[1]).toBe(octets);
  expect(writer.length).toBe(0);
  expect(writer.takePieces()).toEqual([]);
});

test('what is written after pieces were taken does not touch them', () => {
  const writer = new PieceWriter();
  const taken = writer.raw('first').takePieces();
  writer.raw('second');
  expect(taken.map(String)).toEqual(['first']);
});

// Each of these is written behind the mark.
const behind: Readonly<Record<string, (writer: PieceWriter) => void>> = {
  nothing: () => undefined,
  'a little': (writer) => writer.raw('gone'),
  'something long': (writer) => writer.bytes(long('y')),
  'a little and something long': (writer) => writer.raw('gone').bytes(long('y')),
  'something long between a little': (writer) => writer.raw('gone').bytes(long('y')).raw('too'),
  'much that is long': (writer) => writer.bytes(long('y')).raw('gone').bytes(long('z')).raw('gone'),
};
const before: Readonly<Record<string, (writer: PieceWriter) => void>> = {
  nothing: () => undefined,
  'a little': (writer) => writer.raw('kept'),
  'something long': (writer) => writer.bytes(long('x')),
  'both, the little last': (writer) => writer.bytes(long('x')).raw('kept'),
  'both, the long last': (writer) => writer.raw('kept').bytes(long('x')),
};
const cases = Object.keys(before).flatMap((kept) => Object.keys(behind).map((gone) => [kept, gone] as const));

test.each(cases)('taking back leaves what was there: %s, then %s', (kept, gone) => {
  const [writer, expected] = [new PieceWriter(), new PieceWriter()];
  before[kept]?.(writer);
  before[kept]?.(expected);
  const mark: Mark = writer.mark();
  behind[gone]?.(writer);
  writer.backTo(mark);
  expect(writer.length).toBe(expected.length);
  writer.raw('end');
  expected.raw('end');
  expect(text(writer)).toBe(text(expected));
});

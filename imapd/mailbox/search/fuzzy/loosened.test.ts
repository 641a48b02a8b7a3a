import { expect, test } from 'vitest';
import type { SearchKey } from '../../../protocol/searching/search-key.ts';
import { loosened } from './loosened.ts';

const subject = (value: string): SearchKey => ({ kind: 'header', field: 'Subject', value });
const beginnings = (value: string): unknown => {
  const key = loosened(subject(value));
  return key.kind === 'and' ? key.keys.map((each) => ('value' in each ? each.value : each.kind)) : key;
};

test.each([
  ['invoices due', ['invoic', 'due']],
  ['IMAP is broken', ['IMAP', 'is', 'broke']],
  ['user@example.org', ['user', 'exampl', 'org']],
  ['Straße der Brücken', ['Straß', 'der', 'Brücke']],
  ['𝒂𝒃𝒄𝒅𝒆𝒇𝒈𝒉', ['𝒂𝒃𝒄𝒅𝒆𝒇']],
  ['same same', ['same']],
  ['❤️ love', ['love']],
  ['café ☎️ 555', ['café', '555']],
])('%s by the beginnings of its words', (value, words) => {
  expect(beginnings(value)).toEqual(words);
});

test('what has no word is looked for as it stands, and of very many words the first', () => {
  for (const value of ['', '---', '?!', '❤️']) expect(beginnings(value)).toEqual(subject(value));
  const many = Array.from({ length: 100 }, (_, at) => `w${at}`).join(' ');
  expect(beginnings(many)).toHaveLength(16);
});

test('through AND and OR, not through NOT, and nothing but strings', () => {
  const words = (value: string) => loosened(subject(value));
  const sized: SearchKey = { kind: 'size', relation: 'larger', octets: 5 };
  const not: SearchKey = { kind: 'not', key: subject('two words') };
  expect(loosened({ kind: 'and', keys: [subject('two words'), sized, not] })).toEqual({
    kind: 'and',
    keys: [words('two words'), sized, not],
  });
  expect(loosened({ kind: 'or', left: subject('a b'), right: { kind: 'fuzzy', key: subject('c d') } })).toEqual({
    kind: 'or',
    left: words('a b'),
    right: words('c d'),
  });
});

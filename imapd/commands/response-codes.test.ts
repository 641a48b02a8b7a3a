import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../protocol/limits.ts';
import { parseCommand } from '../protocol/parse-command.ts';
import { responseCodes } from './response-codes.ts';

// Promise: no NO without a code, and no code that clients are told nothing of in the reference. That `no()` takes one is the
// compiler's to see; what is left are refusals of the parser and codes that nobody says any more.

const sources = (): string => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const own = files.filter((name) => name.endsWith('.ts') && !/\.test\.ts$|test-support|response-codes/.test(name));
  return own.map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
};

test.each(Object.keys(responseCodes))('%s is said somewhere', (code) => {
  expect(sources()).toMatch(new RegExp(`['"\`]${code}\\b`));
});

test.each([
  ['an empty name', 'a SELECT ""', 'CANNOT'],
  ['a control character', 'a CREATE "a\u0001"', 'CANNOT'],
  ['no modified UTF-7', 'a DELETE "&x"', 'CANNOT'],
  ['a name that is too long', `a CREATE ${'x'.repeat(DEFAULT_LIMITS.mailboxName + 1)}`, 'CANNOT'],
  ['a keyword that is too long', `a STORE 1 FLAGS (${'x'.repeat(DEFAULT_LIMITS.keyword + 1)})`, 'LIMIT'],
])('%s is refused with a code that the table has', (_, line, code) => {
  const parsed = parseCommand(Buffer.from(line), DEFAULT_LIMITS, 'modifiedUtf7');
  expect(parsed).toMatchObject({ ok: false, refusal: { status: 'NO', code } });
  expect(responseCodes).toHaveProperty(code);
});

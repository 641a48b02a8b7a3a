import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measureStatements } from './measure-statements.ts';
import { statementsPage } from './statements-page.ts';

// Promise: no command sends a statement per message, and docs/reference/statements.md says what each one sends.

const PAGE = join(import.meta.dirname, '../../docs/reference/statements.md');
/** The poll of watched mailboxes may meet a change before its command has told of it, and then reads it too. */
const TRIES = 3;

test('commands send what the page says, for 1,000 messages as many as for one', { timeout: 120_000 }, async () => {
  const page = await readFile(PAGE, 'utf8');
  let measured = await measureStatements();
  for (let tries = 1; tries < TRIES && statementsPage(measured) !== page; tries++) measured = await measureStatements();
  for (const { what, sent } of measured) expect(sent[1], what).toEqual(sent[0]);
  expect(statementsPage(measured), 'write it anew: npm run bench -- statements').toBe(page);
});

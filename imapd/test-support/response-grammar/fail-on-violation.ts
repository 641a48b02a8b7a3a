import { afterEach, expect } from 'vitest';
import { watchSessions } from './watch-sessions.ts';

/**
 * A setup file of vitest: a response against the grammar of IMAP, from an imapd in the process of a test to whatever client,
 * fails the test in which it was sent.
 */
const violations: string[] = [];

watchSessions((violation) => violations.push(violation));

afterEach(() => {
  expect(violations.splice(0), 'responses against the grammar of IMAP').toEqual([]);
});

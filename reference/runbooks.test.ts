import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conditionTable } from '#crds/condition-table.ts';
import { eventOfReason } from '#operator/kubernetes/status/event-of-reason.ts';
import { codes } from '#runtime/error-codes.ts';
import { capabilityNotes } from './capability-notes.ts';
import { codesWithRunbook } from './codes-page.ts';

// Promise: whatever a log line, an Event or a condition may say has its place in docs/runbooks, and nothing is left there that
// no program says.

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs/runbooks');

const page = (name: string): string => readFileSync(join(folder, `${name}.md`), 'utf8');
const headings = (text: string, level: number): readonly string[] =>
  [...text.matchAll(new RegExp(`^#{${level}} (.+)$`, 'gm'))].map(([, heading = '']) => heading);
const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted();

const conditions = Object.entries(conditionTable).map(([type, { what, reasons }]) => {
  const telling = Object.entries(reasons).filter(([, { weight }]) => weight !== 'fine');
  return { type, what, reasons: telling.map(([reason]) => reason) };
});
const pagesOfConditions = conditions.map(({ type }) => type);

test('every warning, error and condition has a page, and every page one of these', () => {
  const pages = readdirSync(folder).map((name) => name.replace(/\.md$/, ''));
  expect(sorted(pages)).toEqual(sorted([...codesWithRunbook(), ...pagesOfConditions, 'README', 'notices']));
});

test.each(codesWithRunbook())('%s says what happened, what is done by itself, what to do and when to worry', (code) => {
  const text = page(code);
  expect(text.startsWith(`# ${code}\n`)).toBe(true);
  expect(text).toContain(codes[code].what);
  const parts = ['How to see it', 'What happens by itself', 'What to do', 'When to worry'];
  expect(headings(text, 2)).toEqual(expect.arrayContaining(parts));
});

test.each(conditions)('the condition $type: each reason that is not all well', ({ type, what, reasons }) => {
  const text = page(type);
  expect(text.startsWith(`# ${type}\n`)).toBe(true);
  expect(text).toContain(what);
  expect(headings(text, 2)).toEqual(expect.arrayContaining(['How to see it', 'By reason', 'When to worry']));
  expect(sorted(headings(text, 3))).toEqual(sorted(reasons));
});

test('every code of severity info is among the notices, and nothing else', () => {
  const told = Object.entries(codes).filter(([, { severity }]) => severity === 'info');
  expect(sorted(headings(page('notices'), 2))).toEqual(sorted(told.map(([code]) => code)));
});

test('the reason of every Event that a condition comes with is on a page: trouble on that of the condition, the end of it among the notices', () => {
  const events = Object.entries(conditionTable).flatMap(([type, { reasons }]) =>
    Object.keys(reasons).map((reason) => ({ type, reason, event: eventOfReason(type, reason) })),
  );
  const of = (kind: string) => events.filter(({ event }) => event === kind);
  expect(of('Warning').length).toBeGreaterThan(20);
  expect(of('Warning').filter(({ type, reason }) => !headings(page(type), 3).includes(reason))).toEqual([]);
  const [, cleared = ''] = /^## ConditionCleared\n([^#]*)/m.exec(page('notices')) ?? [];
  const named = [...cleared.matchAll(/^\| \[`(\w+)`\]\((\w+)\.md\) \|/gm)].map(
    ([, reason, type]) => `${type} ${reason}`,
  );
  expect(sorted(named)).toEqual(sorted(of('Normal').map(({ type, reason }) => `${type} ${reason}`)));
});

test('the list of runbooks names each of them', () => {
  const list = page('README');
  const missing = [...codesWithRunbook(), ...pagesOfConditions].filter((name) => !list.includes(`(${name}.md)`));
  expect(missing).toEqual([]);
});

test('every reason of a condition is said somewhere in the operator', () => {
  const files = readdirSync(join(root, 'operator'), { recursive: true, encoding: 'utf8' });
  const programs = files.filter((name) => name.endsWith('.ts') && !/\.test\.ts$|test-support/.test(name));
  const source = programs.map((name) => readFileSync(join(root, 'operator', name), 'utf8')).join('\n');
  const reasons = Object.values(conditionTable).flatMap((entry) => Object.keys(entry.reasons));
  expect(reasons.filter((reason) => !source.includes(`'${reason}'`))).toEqual([]);
});

test('what ARCHITECTURE.md names under "Where to find" is there', () => {
  const [, table = ''] = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('## Where to find');
  const named = [...table.matchAll(/`([a-z][\w.-]*\/[\w./-]*)`/g)].map(([, path]) => path ?? '');
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('what implements a capability is there', () => {
  const gone = Object.values(capabilityNotes).filter(({ where }) => !existsSync(join(root, where)));
  expect(gone).toEqual([]);
});

import { expect, test } from 'vitest';
import type { Account } from '../store/account-store.ts';
import { attempt } from '../store/test-support/store-fixture.ts';
import { Standings } from './standings.ts';

// Promise: a record is read once in so long a time, and no longer believed once somebody says that it has changed.

const account = (groups: readonly string[], admin = false): Account => ({
  ...{ name: 'ann', passwordHash: 'x', scramKeys: null, createdAt: new Date(0), admin, groups },
  ownLimits: { STORAGE: 'default', MESSAGE: 'default', MAILBOX: 'default' },
  quota: { STORAGE: { used: 0, limit: null }, MESSAGE: { used: 0, limit: null }, MAILBOX: { used: 0, limit: null } },
});

function scene({ freshMs = 100, admins = [] }: { freshMs?: number; admins?: string[] } = {}) {
  const state = { now: 0, read: 0, found: account(['staff']) as Account | null };
  const store = {
    async findAccount() {
      state.read++;
      return state.found;
    },
  };
  const standings = new Standings({ admins: new Set(admins), now: () => state.now, freshMs });
  const of = (groups: readonly string[] = []) => standings.of({ name: 'ann', store, groups }, attempt);
  return { state, standings, of };
}

test('a record is read again when it is no longer fresh', async () => {
  const { state, of } = scene();
  expect((await of()).identifiers).toContain('$staff');
  state.found = account([]);
  state.now = 99;
  expect((await of()).identifiers).toContain('$staff');
  state.now = 100;
  expect((await of()).identifiers).not.toContain('$staff');
  expect(state.read).toBe(2);
});

test('what is said to have changed is read at once, and what was being read meanwhile is not kept', async () => {
  const { state, standings, of } = scene();
  const reading = of();
  standings.forget('ann');
  await reading;
  state.found = account(['board']);
  expect((await of()).identifiers).toContain('$board');
  standings.forget('ann');
  state.found = null;
  expect((await of()).identifiers).toEqual(['ann', 'anyone', '-ann', '-anyone']);
});

test('what signing in has read is not read again, unless nothing is to be remembered', async () => {
  const { state, standings, of } = scene();
  standings.note('ann', { groups: ['noted'], admin: true });
  expect(await of()).toMatchObject({ identifiers: expect.arrayContaining(['$noted', '-$noted']), admin: true });
  expect(state.read).toBe(0);
  const never = scene({ freshMs: 0 });
  never.standings.note('ann', { groups: ['noted'], admin: true });
  await never.of();
  expect(await never.of()).toMatchObject({ admin: false });
  expect(never.state.read).toBe(2);
});

test('groups of a token are added, each once and in one spelling, and what is no name is passed over', async () => {
  const { of } = scene({ admins: ['ann'] });
  const { identifiers, admin } = await of(['Staff', 'Board', '', 'a\nb']);
  expect(identifiers).toEqual(['ann', '$staff', '$board', 'anyone', '-ann', '-$staff', '-$board', '-anyone']);
  expect(admin).toBe(true);
});

test('what somebody who has taken his time to sign in has read before a change is not believed', async () => {
  const { state, standings, of } = scene({ freshMs: 60_000 });
  standings.forget('ann');
  state.now = 120_000;
  state.found = account([]);
  standings.note('ann', { groups: ['staff'], admin: true });
  expect(await of()).toMatchObject({ identifiers: expect.not.arrayContaining(['$staff']), admin: false });
  state.now = 600_000;
  standings.note('ann', { groups: ['board'], admin: false });
  expect((await of()).identifiers).toContain('$board');
});

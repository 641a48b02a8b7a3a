import { expect, test, vi } from 'vitest';
import type { Store } from '../store/store.ts';
import type { MailboxId } from '../store/types.ts';
import { Admission } from './admission.ts';
import type { Selection } from './selection.ts';
import { Session } from './session.ts';

const user = { name: 'ada', store: {} as Store };

type Opened = { readonly session: Session; readonly admission: Admission; readonly dismissed: () => number };

function openSession(): Opened {
  const admission = new Admission({
    maxPerPod: 9,
    maxPerUser: 1,
    maxStrangers: 9,
    maxStrangersPerAddress: 9,
    maxCompressed: 9,
  });
  const admitted = admission.enter('::1');
  if (admitted === null) throw new Error('no room');
  const peer = { remoteAddress: '::1', loopback: true };
  let times = 0;
  const dismiss = (): void => void times++;
  const session = new Session({ id: 's', peer, tls: false, admitted, dismiss });
  return { session, admission, dismissed: () => times };
}

function selection(): Selection & { released: number } {
  return {
    mailbox: 'm' as MailboxId,
    name: 'INBOX',
    readOnly: false,
    readable: true,
    checkRights: async () => undefined,
    released: 0,
    refresh: () => Promise.resolve(),
    report: () => Promise.resolve(),
    release() {
      this.released++;
    },
  };
}

test('a session goes from stranger to user to mailbox and back', () => {
  const { session } = openSession();
  expect(session.state).toBe('notAuthenticated');
  expect(() => session.user).toThrow();
  expect(session.signIn(user)).toBe(true);
  expect(session.state).toBe('authenticated');
  session.select(selection());
  expect(session.state).toBe('selected');
  session.deselect();
  expect(session.state).toBe('authenticated');
  session.end();
  expect(session.state).toBe('logout');
});

test('a mailbox is released once, however the session leaves it', () => {
  const { session } = openSession();
  session.signIn(user);
  const [first, second] = [selection(), selection()];
  session.select(first);
  session.select(second);
  expect([first.released, second.released]).toEqual([1, 0]);
  session.end();
  session.end();
  expect([first.released, second.released]).toEqual([1, 1]);
});

test('the end gives the place back', () => {
  const { session, admission } = openSession();
  session.signIn(user);
  session.end();
  expect(admission.sessions).toBe(0);
});

test('nobody signs in twice, and the limit of a user changes nothing', () => {
  const { session } = openSession();
  session.signIn(user);
  expect(() => session.signIn(user)).toThrow();
});

test('a session is dismissed when what its user has is served no more, also while the password was looked at', () => {
  const partition = new AbortController();
  const served = { ...user, unserved: partition.signal };
  const [one, ended, late] = [openSession(), openSession(), openSession()];
  for (const { session } of [one, ended]) session.signIn(served);
  ended.session.end();
  expect(one.dismissed()).toBe(0);
  partition.abort();
  late.session.signIn(served);
  expect([one, ended, late].map(({ dismissed }) => dismissed())).toEqual([1, 0, 1]);
});

test('a session is dismissed when what its user signed in by has expired', async () => {
  const { session, dismissed } = openSession();
  session.signIn({ ...user, until: Date.now() - 1 });
  await vi.waitFor(() => expect(dismissed()).toBe(1));
  const other = openSession();
  const until = Date.now() + 20;
  other.session.signIn({ ...user, until });
  other.session.signOut();
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(until + 50));
  expect(other.dismissed()).toBe(0);
});

test('who signs out leaves the mailbox, and is not dismissed for the sake of the last user any more', () => {
  const partition = new AbortController();
  const { session, dismissed } = openSession();
  session.signIn({ ...user, unserved: partition.signal });
  const mailbox = selection();
  session.select(mailbox);
  session.enable('CONDSTORE');
  expect(session.signOut()).toBe(true);
  expect([session.state, session.userName, session.enabled.size, mailbox.released]).toEqual([
    'notAuthenticated',
    null,
    0,
    1,
  ]);
  partition.abort();
  expect(dismissed()).toBe(0);
  expect(session.signIn({ ...user, name: 'bob' })).toBe(true);
});

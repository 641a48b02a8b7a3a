import { expect, test } from 'vitest';
import type { UserPlace } from '../routing/user-stores.ts';
import type { Store } from '../store/store.ts';
import { mailboxPlace } from './mailbox-place.ts';
import { NO_NAMESPACES, type SharedNamespaces } from './shared-namespaces.ts';

const [own, other] = [{} as Store, {} as Store];
const places: Readonly<Record<string, UserPlace>> = {
  ann: { kind: 'store', partition: 'a', store: other, unserved: new AbortController().signal },
  away: { kind: 'unavailable' },
};
const placeOf = (user: string): UserPlace => places[user] ?? { kind: 'nowhere' };
const held: Readonly<Record<string, Store | 'unavailable'>> = { Shared: other, Lost: 'unavailable' };
const namespaces: SharedNamespaces = {
  names: ['Shared', 'Lost'],
  of: (level) => held[level] ?? null,
};
const at = (name: string, prefix: string | null = 'Other Users') =>
  mailboxPlace(
    name,
    { name: 'bob', store: own },
    { prefix, placeOf, namespaces: prefix === null ? NO_NAMESPACES : namespaces },
  );

test.each([
  'INBOX',
  'Other',
  'Other Usersx/ann/box',
  'a/Other Users/ann',
  'other users/ann/box',
  'shared/box',
  'Sharedx/a',
])('%s is own', (name) => {
  expect(at(name)).toEqual({ kind: 'own', store: own, owner: 'bob', name, shown: name });
});

test.each([
  ['Other Users/ann/box', 'box'],
  ['Other Users/ANN/box/a', 'box/a'],
  ['Other Users/ann/inbox', 'INBOX'],
])('%s is of ann', (given, name) => {
  expect(at(given)).toEqual({ kind: 'other', store: other, owner: 'ann', name, shown: `Other Users/ann/${name}` });
});

test.each(['Other Users', 'Other Users/', 'Other Users/ann', 'Other Users/bob/box', 'Other Users/eve/box'])(
  '%s is nobody\u2019s',
  (name) => {
    expect(at(name).kind).toBe('nowhere');
  },
);

test('what is in a shared namespace is of nobody, and spelt as it is', () => {
  const place = {
    kind: 'shared',
    store: other,
    owner: 'NAMESPACE:Shared',
    name: 'Box/inbox',
    shown: 'Shared/Box/inbox',
  };
  expect(at('Shared/Box/inbox')).toEqual(place);
  for (const name of ['Shared', 'Shared/', 'Shared/INBOX', 'Shared/inbox/a'])
    expect(at(name).kind, name).toBe('nowhere');
});

test('a partition that is away is no answer', () => {
  expect(at('Other Users/away/box').kind).toBe('unavailable');
  expect(at('Lost/box').kind).toBe('unavailable');
});

test('where nothing is shared all names are own', () => {
  expect(at('Other Users/ann/box', null).kind).toBe('own');
  expect(at('Shared/box', null).kind).toBe('own');
});

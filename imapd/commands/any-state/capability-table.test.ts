import { expect, test } from 'vitest';
import { Admission } from '../../session/admission.ts';
import { Session } from '../../session/session.ts';
import type { Store } from '../../store/store.ts';
import { Capabilities, type CapabilityPolicy, capabilityTable } from './capability-table.ts';

const admission = new Admission({
  maxPerPod: 99,
  maxPerUser: 99,
  maxStrangers: 99,
  maxStrangersPerAddress: 99,
  maxCompressed: 99,
});

type Options = { tls?: boolean; loopback?: boolean; signedIn?: boolean; certificate?: boolean; bindable?: boolean };

function session(options: Options): Session {
  const admitted = admission.enter('a');
  if (admitted === null) throw new Error('no room');
  const peer = { remoteAddress: 'a', loopback: options.loopback === true };
  const made = new Session({ id: 's', peer, tls: options.tls === true, admitted, dismiss: () => undefined });
  if (options.tls === true) made.secure({ certificate: null, bindable: options.bindable !== false });
  const certificate = { users: ['ada'], until: Date.now() + 1_000 };
  if (options.certificate === true) made.secure({ certificate, bindable: true });
  if (options.signedIn === true) made.signIn({ name: 'ada', store: {} as Store });
  return made;
}

const capabilities = (policy: Partial<CapabilityPolicy> = {}): Capabilities =>
  new Capabilities({ disabled: [], tlsAvailable: true, clearTextFromAnywhere: false, appendLimit: 7, ...policy });
const shown = (to: Parameters<typeof session>[0], policy?: Partial<CapabilityPolicy>): string[] =>
  capabilities(policy).shownTo(session(to)).split(' ');

test('a stranger in clear text is told to use TLS, and offered no way to send a password', () => {
  const list = shown({});
  expect(list).toEqual(expect.arrayContaining(['IMAP4rev1', 'STARTTLS', 'LOGINDISABLED']));
  expect(list.filter((name) => name.startsWith('AUTH='))).toEqual([]);
});

test.each([
  ['under TLS', { tls: true }],
  ['on the same machine', { loopback: true }],
])('a stranger %s may sign in', (_, to) => {
  const list = shown(to);
  expect(list).toEqual(expect.arrayContaining(['AUTH=PLAIN', 'AUTH=LOGIN', 'SASL-IR']));
  expect(list).not.toContain('LOGINDISABLED');
  expect(list.includes('STARTTLS')).toBe(!('tls' in to));
});

test('passwords in clear can be allowed', () => {
  expect(shown({}, { clearTextFromAnywhere: true })).toContain('AUTH=PLAIN');
});

test.each([
  { ways: ['passwords'], to: { tls: true }, shows: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS', 'LOGIN'] },
  { ways: ['passwords'], to: { tls: true, bindable: false }, shows: ['PLAIN', 'SCRAM-SHA-256', 'LOGIN'] },
  { ways: ['tokens'], to: { tls: true }, shows: ['OAUTHBEARER', 'XOAUTH2'] },
  { ways: ['tokens'], to: {}, shows: [] },
  { ways: ['certificates'], to: { tls: true }, shows: [] },
  { ways: ['certificates'], to: { certificate: true }, shows: ['EXTERNAL'] },
  { ways: ['tokens', 'certificates'], to: { certificate: true }, shows: ['OAUTHBEARER', 'XOAUTH2', 'EXTERNAL'] },
] as const)('by $ways, $to is shown $shows', ({ ways, to, shows }) => {
  const list = shown(to, { ways });
  expect(list.filter((name) => name.startsWith('AUTH='))).toEqual(shows.map((name) => `AUTH=${name}`));
  expect(list.includes('LOGINDISABLED')).toBe(!shows.some((name) => name === 'PLAIN'));
});

test('without a certificate there is no STARTTLS', () => {
  expect(shown({}, { tlsAvailable: false })).not.toContain('STARTTLS');
});

test('a user is told what can be done with mail, and no more how to sign in', () => {
  const list = shown({ tls: true, signedIn: true });
  expect(list).toEqual(expect.arrayContaining(['MOVE', 'UIDPLUS', 'CONDSTORE', 'LIST-STATUS', 'APPENDLIMIT=7']));
  expect(list.filter((name) => /^AUTH=|STARTTLS|LOGINDISABLED/.test(name))).toEqual([]);
});

test('what is switched off is neither shown nor there', () => {
  const policy = { disabled: ['move', 'Imap4Rev1'] };
  expect(shown({ signedIn: true }, policy)).not.toContain('MOVE');
  expect(capabilities(policy).has('MOVE')).toBe(false);
  expect(shown({ signedIn: true }, policy)[0]).toBe('IMAP4rev1');
});

test('what is written in the syntax of another extension goes with it', () => {
  const without = capabilities({ disabled: ['LIST-EXTENDED'] });
  expect([without.has('LIST-EXTENDED'), without.has('LIST-STATUS'), without.has('SPECIAL-USE')]).toEqual([
    false,
    false,
    true,
  ]);
  for (const needed of ['CONDSTORE', 'ENABLE']) expect(capabilities({ disabled: [needed] }).has('QRESYNC')).toBe(false);
});

test.each(['MOVE', 'searchres', 'BINARY', 'LITERAL-', 'IMAP4rev2'])(
  'without %s there is no IMAP4rev2, which holds it',
  (name) => {
    expect(shown({ signedIn: true }, { disabled: [name] })).not.toContain('IMAP4rev2');
    expect(shown({ signedIn: true })).toContain('IMAP4rev2');
  },
);

test('what is off unless asked for is there where it is asked for, and not switched off', () => {
  const uidOnly = (policy: Partial<CapabilityPolicy>): readonly boolean[] => [
    capabilities(policy).has('UIDONLY'),
    shown({ signedIn: true }, policy).includes('UIDONLY'),
  ];
  expect(uidOnly({})).toEqual([false, false]);
  expect(uidOnly({ enabled: ['uidonly'] })).toEqual([true, true]);
  expect(uidOnly({ enabled: ['UIDONLY'], disabled: ['UIDONLY'] })).toEqual([false, false]);
  expect(uidOnly({ enabled: ['UIDONLY'], disabled: ['ENABLE'] })).toEqual([false, false]);
});

test('that a password is refused cannot be hidden: clients would send one', () => {
  expect(shown({}, { disabled: ['LOGINDISABLED'] })).toContain('LOGINDISABLED');
});

test('a limit of messages is shown with its number, one of saving only by itself', () => {
  expect(shown({ signedIn: true }, { messageLimit: 5, saveLimit: 3 })).toContain('MESSAGELIMIT=5');
  expect(shown({ signedIn: true }, { messageLimit: 5, saveLimit: 3 }).join()).not.toContain('SAVELIMIT');
  expect(shown({ signedIn: true }, { saveLimit: 3 })).toContain('SAVELIMIT=3');
  expect(shown({ signedIn: true }, { messageLimit: 0 }).join()).not.toContain('MESSAGELIMIT');
  const capabilitiesWithout = capabilities({ messageLimit: 5, disabled: ['MESSAGELIMIT'] });
  expect([capabilitiesWithout.messageLimit, capabilitiesWithout.saveLimit]).toEqual([Infinity, Infinity]);
  expect(capabilities({ messageLimit: 5, saveLimit: 3 }).saveLimit).toBe(5);
});

test('every entry of the table is shown to somebody', () => {
  const everywhere = [{}, { tls: true }, { signedIn: true }].flatMap((to) => shown(to, { enabled: ['UIDONLY'] }));
  everywhere.push(...shown({}, { disabled: ['LITERAL+'] }));
  everywhere.push(...shown({ certificate: true }, { ways: ['tokens', 'certificates'] }));
  everywhere.push(...shown({ signedIn: true }, { messageLimit: 5, saveLimit: 5 }));
  everywhere.push(...shown({ signedIn: true }, { saveLimit: 5 }));
  const names = everywhere.map((name) => name.replace(/^(APPENDLIMIT|MESSAGELIMIT|SAVELIMIT)=.*/, '$1'));
  expect([...new Set(names)].sort()).toEqual(capabilityTable.map(({ name }) => name).sort());
});

test.each([
  { disabled: [], shows: ['LITERAL+'], unasked: Number.POSITIVE_INFINITY },
  { disabled: ['LITERAL-'], shows: ['LITERAL+'], unasked: Number.POSITIVE_INFINITY },
  { disabled: ['LITERAL+'], shows: ['LITERAL-'], unasked: 4096 },
  { disabled: ['LITERAL+', 'LITERAL-'], shows: [], unasked: -1 },
])('without $disabled: $shows, never both (RFC 7888, 5)', ({ disabled, shows, unasked }) => {
  expect(shown({}, { disabled }).filter((name) => name.startsWith('LITERAL'))).toEqual(shows);
  expect(capabilities({ disabled }).unaskedLiteral).toBe(unasked);
});

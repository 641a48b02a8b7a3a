import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandName } from '../protocol/command.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { type Requirement, requiredRights } from './required-rights.ts';
import { RIGHTS } from './rights.ts';

// Promise: the table of rights is what the server enforces. Each command is tried with exactly what it needs, and with all rights
// but one of those: then it is refused, as by NOPERM where the mailbox may be seen, and else as if there were none.

let server: ImapServer;
let owner: RawClient;
let guest: RawClient;
let trials = 0;

beforeAll(async () => {
  server = await startImapServer();
  [owner, guest] = [await signedIn('ann'), await signedIn('bob')];
});
afterAll(() => server.stop());

async function signedIn(user: string): Promise<RawClient> {
  await server.addUser(user);
  const client = await RawClient.greeted(server.port);
  await client.command(`in LOGIN ${user} "${PASSWORD}"`);
  return client;
}

async function run(client: RawClient, command: string): Promise<string> {
  return (await client.command(`a ${command}`)).at(-1) ?? '';
}

const must = async (client: RawClient, command: string): Promise<void> => {
  expect(await run(client, command), command).toMatch(/^a OK/);
};

type Boxes = { readonly source: string; readonly target: string; readonly fresh: string };
type Part = 'named' | 'parent' | 'selected';

const MESSAGE = '{6+}\r\na: b\r\n';
/** How a command is given; what it names is of the owner, and on what the rights are tried. */
const commands: Partial<Record<CommandName, (boxes: Boxes) => string>> = {
  SELECT: ({ target }) => `SELECT ${target}`,
  EXAMINE: ({ target }) => `EXAMINE ${target}`,
  CREATE: ({ fresh }) => `CREATE ${fresh}`,
  DELETE: ({ target }) => `DELETE ${target}`,
  RENAME: ({ target, fresh }) => `RENAME ${target} ${fresh}`,
  STATUS: ({ target }) => `STATUS ${target} (MESSAGES)`,
  GETQUOTAROOT: ({ target }) => `GETQUOTAROOT ${target}`,
  GETMETADATA: ({ target }) => `GETMETADATA ${target} /shared/comment`,
  SETMETADATA: ({ target }) => `SETMETADATA ${target} (/private/comment "a")`,
  APPEND: ({ target }) => `APPEND ${target} ${MESSAGE}`,
  REPLACE: ({ target }) => `REPLACE 1 ${target} ${MESSAGE}`,
  EXPUNGE: () => 'EXPUNGE',
  STORE: () => 'STORE 1 FLAGS (\\Seen \\Deleted \\Flagged)',
  COPY: ({ target }) => `COPY 1 ${target}`,
  MOVE: ({ target }) => `MOVE 1 ${target}`,
  SETACL: ({ target }) => `SETACL ${target} eve l`,
  DELETEACL: ({ target }) => `DELETEACL ${target} eve`,
  GETACL: ({ target }) => `GETACL ${target}`,
  LISTRIGHTS: ({ target }) => `LISTRIGHTS ${target} eve`,
  MYRIGHTS: ({ target }) => `MYRIGHTS ${target}`,
};

type Case = { readonly command: CommandName; readonly part: Part; readonly requirement: Requirement };

const cases: readonly Case[] = (Object.keys(requiredRights) as CommandName[]).flatMap((command) =>
  (Object.entries(requiredRights[command]) as [Part, Requirement][]).map(([part, requirement]) => ({
    command,
    part,
    requirement,
  })),
);

const without = (rights: string): string => RIGHTS.filter((right) => !rights.includes(right)).join('');

/** Rights that do, each as few as there can be; and rights that do not. */
function rightsOf({ all = '', any = '' }: Requirement): { readonly enough: string[]; readonly lacking: string[] } {
  return {
    enough: any === '' ? [all] : [...any].map((right) => all + right),
    lacking: [...[...all].map(without), ...(any === '' ? [] : [without(any)])],
  };
}

/** The answer where the part that is tried has these rights, and everything else has all. */
async function answerWith({ command, part }: Case, rights: string): Promise<string> {
  const at = `t${trials++}`;
  const name = (box: string): string => `"Other Users/ann/${at}/${box}"`;
  const given = { parent: 'lrswipkxtea', named: 'lrswipkxtea', selected: 'lrswipkxtea', [part]: rights };
  await must(owner, `CREATE ${at}`);
  await must(owner, `CREATE ${at}/above`);
  for (const box of ['source', 'target']) {
    await must(owner, `CREATE ${at}/${box}`);
    await must(owner, `APPEND ${at}/${box} ${MESSAGE}`);
  }
  await must(owner, `SETACL ${at}/above bob "${given.parent}"`);
  await must(owner, `SETACL ${at}/target bob "${given.named}"`);
  // With `r` it is selected, by all there is; what is tried comes after it.
  await must(owner, `SETACL ${at}/source bob lrswipkxtea`);
  await must(guest, `SELECT ${name('source')}`);
  await must(owner, `SETACL ${at}/source bob "+${given.selected}"`);
  await must(owner, `SETACL ${at}/source bob "-${without(`r${given.selected}`)}"`);
  const boxes = { source: name('source'), target: name('target'), fresh: name('above/fresh') };
  return await run(guest, commands[command]?.(boxes) ?? expect.fail(`${command} is not tried`));
}

test.each(cases)('$command needs $requirement of what is $part', async (each) => {
  const { enough, lacking } = rightsOf(each.requirement);
  for (const rights of enough) expect(await answerWith(each, rights), rights).toMatch(/^a OK/);
  for (const rights of lacking) {
    const hidden = each.part === 'named' && !rights.includes('l');
    const expected = hidden ? /^a NO \[NONEXISTENT\]/ : /^a NO \[NOPERM\]/;
    expect(await answerWith(each, rights), rights).toMatch(expected);
    if (each.part !== 'named') continue;
    const unseen = rights.replace('l', '');
    expect(await answerWith(each, unseen), unseen).toMatch(/^a NO \[NONEXISTENT\]/);
  }
});

test('what needs no right of the table names no mailbox, or tells no more than LIST', () => {
  const free = (Object.keys(requiredRights) as CommandName[]).filter(
    (command) => Object.keys(requiredRights[command]).length === 0,
  );
  const ofMessages = ['CANCELUPDATE', 'CHECK', 'CLOSE', 'FETCH', 'SEARCH', 'SORT', 'THREAD', 'UNSELECT'];
  const ofNames = ['LIST', 'LSUB', 'SUBSCRIBE', 'UNSUBSCRIBE'];
  const ofNone = [
    ...['AUTHENTICATE', 'CAPABILITY', 'COMPRESS', 'ENABLE', 'GETQUOTA', 'ID', 'IDLE', 'LOGIN', 'LOGOUT', 'NAMESPACE'],
    ...['NOOP', 'NOTIFY', 'SETQUOTA', 'STARTTLS', 'UNAUTHENTICATE'],
  ];
  expect(free.toSorted()).toEqual([...ofMessages, ...ofNames, ...ofNone].toSorted());
});

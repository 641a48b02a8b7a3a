import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { CommandName } from '../protocol/command.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { type Requirement, requiredRights } from './required-rights.ts';
import { RIGHTS } from './rights.ts';

// Promise: the table of rights is what the server enforces. Each command is tried with exactly what it needs, and with all rights
// but one of those: then it is refused, as by NOPERM where the mailbox may be seen, and else as if there were none.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let owner: RawClient;
  let guest: RawClient;
  let trials = 0;

  beforeAll(async () => {
    server = await startImapServer({ engine });
    [owner, guest] = [await signedIn('ann'), await signedIn('bob')];
  });
  afterAll(() => server.stop());

  async function signedIn(user: string): Promise<RawClient> {
    await server.addUser(user);
    const client = await RawClient.greeted(server.port);
    await client.command(`in LOGIN ${user} "${PASSWORD}"`);
    return client;
  }

  const answers = async (client: RawClient, command: string): Promise<string[]> => client.command(`a ${command}`);
  const run = async (client: RawClient, command: string): Promise<string> =>
    (await answers(client, command)).at(-1) ?? '';

  const must = async (client: RawClient, command: string): Promise<void> => {
    expect(await run(client, command), command).toMatch(/^a OK/);
  };

  type Boxes = { readonly source: string; readonly target: string; readonly fresh: string; readonly further: string };
  type Part = 'named' | 'parent' | 'selected' | 'read';

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
    SETACL: ({ target }) => `SETACL ${target} $eve l`,
    DELETEACL: ({ target }) => `DELETEACL ${target} eve`,
    GETACL: ({ target }) => `GETACL ${target}`,
    LISTRIGHTS: ({ target }) => `LISTRIGHTS ${target} eve`,
    MYRIGHTS: ({ target }) => `MYRIGHTS ${target}`,
  };

  /** How they are given where they read of a further mailbox, and what tells that they did. */
  const reading: Partial<Record<CommandName, { readonly give: (boxes: Boxes) => string; readonly read: RegExp }>> = {
    APPEND: { give: ({ target, further }) => `APPEND ${target} ${catenated(further)}`, read: /^a OK/ },
    REPLACE: { give: ({ target, further }) => `REPLACE 1 ${target} ${catenated(further)}`, read: /^a OK/ },
    ESEARCH: { give: ({ further }) => `ESEARCH IN (mailboxes ${further}) ALL`, read: /^\* ESEARCH / },
  };
  const catenated = (box: string): string => `CATENATE (URL "/${encodeURI(box.slice(1, -1))}/;UID=1")`;

  type Case = { readonly command: CommandName; readonly part: Part; readonly requirement: Requirement };

  const cases: readonly Case[] = (Object.keys(requiredRights) as CommandName[]).flatMap((command) =>
    (Object.entries(requiredRights[command]) as [Part, Requirement][]).map(([part, requirement]) => ({
      command,
      part,
      requirement,
    })),
  );
  const ofReading = cases.filter(({ part }) => part === 'read');
  const ofChanging = cases.filter(({ part }) => part !== 'read');

  const without = (rights: string): string => RIGHTS.filter((right) => !rights.includes(right)).join('');

  /** Rights that do, each as few as there can be; and rights that do not. */
  function rightsOf({ all = '', any = '' }: Requirement): { readonly enough: string[]; readonly lacking: string[] } {
    return {
      enough: any === '' ? [all] : [...any].map((right) => all + right),
      lacking: [...[...all].map(without), ...(any === '' ? [] : [without(any)])],
    };
  }

  /** The answer where the part that is tried has these rights, and everything else has all. */
  async function answerWith({ command, part }: Case, rights: string): Promise<string[]> {
    const at = `t${trials++}`;
    const name = (box: string): string => `"Other Users/ann/${at}/${box}"`;
    const given = { parent: 'lrswipkxtea', named: 'lrswipkxtea', selected: 'lrswipkxtea', read: 'lr', [part]: rights };
    await must(owner, `CREATE ${at}`);
    await must(owner, `CREATE ${at}/above`);
    for (const box of ['source', 'target', 'further']) {
      await must(owner, `CREATE ${at}/${box}`);
      await must(owner, `APPEND ${at}/${box} ${MESSAGE}`);
    }
    await must(owner, `SETACL ${at}/above bob "${given.parent}"`);
    await must(owner, `SETACL ${at}/target bob "${given.named}"`);
    await must(owner, `SETACL ${at}/further bob "${given.read}"`);
    // With `r` it is selected, by all there is; what is tried comes after it.
    await must(owner, `SETACL ${at}/source bob lrswipkxtea`);
    await must(guest, `SELECT ${name('source')}`);
    await must(owner, `SETACL ${at}/source bob "+${given.selected}"`);
    await must(owner, `SETACL ${at}/source bob "-${without(`r${given.selected}`)}"`);
    const boxes = {
      source: name('source'),
      target: name('target'),
      fresh: name('above/fresh'),
      further: name('further'),
    };
    const give = part === 'read' ? reading[command]?.give : commands[command];
    return await answers(guest, give?.(boxes) ?? expect.fail(`${command} is not tried`));
  }

  const endWith = async (each: Case, rights: string): Promise<string> => (await answerWith(each, rights)).at(-1) ?? '';

  test.each(ofChanging)('$command needs $requirement of what is $part', async (each) => {
    const { enough, lacking } = rightsOf(each.requirement);
    for (const rights of enough) expect(await endWith(each, rights), rights).toMatch(/^a OK/);
    for (const rights of lacking) {
      const hidden = each.part === 'named' && !rights.includes('l');
      const expected = hidden ? /^a NO \[NONEXISTENT\]/ : /^a NO \[NOPERM\]/;
      expect(await endWith(each, rights), rights).toMatch(expected);
      if (each.part !== 'named') continue;
      const unseen = rights.replace('l', '');
      expect(await endWith(each, unseen), unseen).toMatch(/^a NO \[NONEXISTENT\]/);
    }
  });

  // RFC 4314, 6: what may not be seen, or not be read, is answered as what is not there.
  test.each(ofReading)('$command reads with $requirement, and else it is as if there were no mailbox', async (each) => {
    const { enough, lacking } = rightsOf(each.requirement);
    const told = reading[each.command]?.read ?? expect.fail(`${each.command} is not tried`);
    for (const rights of enough)
      expect(await answerWith(each, rights), rights).toContainEqual(expect.stringMatching(told));
    for (const rights of [...lacking, ...lacking.map((some) => some.replace('l', ''))]) {
      const answered = await answerWith(each, rights);
      const absent = await answers(guest, reading[each.command]?.give(NOWHERE) ?? '');
      expect(answered.map(impersonal), rights).toEqual(absent.map(impersonal));
    }
  });

  const NOWHERE: Boxes = { source: 'INBOX', target: 'INBOX', fresh: 'fresh', further: '"Other Users/ann/none"' };
  const impersonal = (line: string): string => line.replace(/BADURL \S+\]/, 'BADURL …]');

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
});

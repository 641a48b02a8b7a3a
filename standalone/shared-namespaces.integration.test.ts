import { afterAll, beforeAll, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RawClient } from '#imapd/session/test-support/raw-client.ts';
import { statusOf } from './test-support/look-at-run.ts';
import { type Run, Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';
import { serverUnderTest } from './test-support/server-under-test.ts';
import { tellOnFailure } from './test-support/tell-on-failure.ts';

// Promise: a partition may hold shared mailboxes and no user, on another engine than the users' own; whom imapctl puts into a group
// finds what is granted to it there.

const START_MS = 60_000;
/** Seven commands of imapctl, each a process of its own, on a busy machine. */
const COMMANDS_MS = 150_000;
const folders = (engine: string): string => `---
apiVersion: imapcluster.io/v1alpha1
kind: MailboxPartition
metadata: {name: folders}
spec:
  clusterRef: {name: mail}
  holds: {namespaces: [Shared]}
  repository: {engine: ${engine}, managed: {instances: 1}}
  durability: {mode: Async}
`;

const sandbox = new Sandbox();
let run: Run;

beforeAll(async () => {
  const { engine, options } = await serverUnderTest(enginesUnderTest.at(-1) ?? 'postgresql');
  const manifest = await sandbox.manifest(`${SMALL_CLUSTER.replace('instances: 2', 'instances: 1')}${folders(engine)}`);
  const ports = ['--imap-port', '0', '--imaps-port', '0'];
  run = sandbox.standalone('-f', manifest, '--state', sandbox.state, ...ports, ...options);
  await run.says('Serving IMAP');
}, START_MS);
afterAll(() => sandbox.close());
tellOnFailure(() => run);

async function imapctl(...args: readonly string[]): Promise<string> {
  const { code, output } = await sandbox.imapctl([...args], 'secret\n');
  expect(code, output).toBe(0);
  return output;
}

async function signedIn(user: string): Promise<RawClient> {
  const client = await RawClient.greeted((await statusOf(sandbox)).endpoints.imap.port);
  expect((await client.command(`in LOGIN ${user} secret`)).at(-1)).toMatch(/^in OK/);
  return client;
}

test(
  'an administrator makes a mailbox in the namespace, and members of a group read it',
  async () => {
    await imapctl('user', 'add', 'root', '--password-stdin', '--admin');
    await imapctl('user', 'add', 'ada', '--password-stdin');
    const [root, ada] = [await signedIn('root'), await signedIn('ada')];
    expect((await root.command('a CREATE Shared/team')).at(-1)).toMatch(/^a OK/);
    expect((await root.command('a SETACL Shared/team $team lr')).at(-1)).toMatch(/^a OK/);
    expect((await ada.command('a SELECT Shared/team')).at(-1)).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await imapctl('user', 'set', 'ada', '--groups', 'Team,board')).toContain('groups: board, team\n');
    expect((await ada.command('a SELECT Shared/team')).at(-1)).toMatch(/^a OK \[READ-ONLY\]/);
    expect(await ada.command('a LIST "" Shared/*')).toContain('* LIST (\\HasNoChildren) "/" Shared/team');
    expect(await imapctl('user', 'set', 'ada', '--groups', 'none')).toContain('groups: none\n');
    expect((await ada.command('a SELECT Shared/team')).at(-1)).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await imapctl('user', 'list')).not.toContain('NAMESPACE');
  },
  COMMANDS_MS,
);

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roles } from '#database/roles.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { ServerCertificates } from '#database/test-support/server-certificates.ts';
import { ADMINISTRATOR, type ExistingServers } from '#operator/test-support/existing-servers.ts';
import { startExisting } from '#operator/test-support/start-existing.ts';
import { type Run, Sandbox } from './test-support/run-standalone.ts';

/**
 * Promise: mail is served out of servers that somebody else runs, from the manifests alone, without an agent, and over TLS; it goes on
 * when their primary dies.
 */
const manifest = ({ engine, servers: all }: ExistingServers, ca: string): string => `apiVersion: imapcluster.io/v1alpha1
kind: ImapCluster
metadata: {name: mail}
spec: {replicas: 1}
---
apiVersion: v1
kind: Secret
metadata: {name: users-db}
stringData: ${JSON.stringify(ADMINISTRATOR)}
---
apiVersion: imapcluster.io/v1alpha1
kind: MailboxPartition
metadata: {name: users}
spec:
  clusterRef: {name: mail}
  holds: {slots: [0-1023]}
  repository:
    engine: ${engine}
    credentialsSecretRef: {name: users-db}
    tls: ${JSON.stringify({ ca, serverName: 'database.example' })}
    members: ${JSON.stringify(all.map(({ name, endpoint }) => ({ name, ...endpoint })))}
  durability: {mode: Quorum, whenDegraded: Hold}
`;

describe.each(enginesUnderTest)('%s', (engine) => {
  const sandbox = new Sandbox();
  let servers: ExistingServers;
  let certificates: ServerCertificates;
  let run: Run;

  beforeAll(async () => {
    certificates = await ServerCertificates.create();
    const overTls = [roles.mail, roles.replication, roles.salvage];
    servers = await startExisting(engine, ['mail', 'mail', 'mail'], {
      certificate: await certificates.issue(),
      overTls,
    });
    const file = await sandbox.manifest(manifest(servers, certificates.ca));
    const ports = ['--imap-port', '0', '--imaps-port', '0'];
    run = sandbox.standalone('-f', file, '--state', sandbox.state, ...ports);
    await run.says('Serving IMAP');
  }, 60_000);

  afterAll(async () => {
    await sandbox.close();
    await servers?.stop();
    await certificates?.[Symbol.asyncDispose]();
  });

  type Status = { readonly processes: readonly { readonly name: string }[]; readonly objects: readonly unknown[] };

  async function status(): Promise<Status> {
    const { output } = await sandbox.imapctl(['status', '-o', 'json']);
    return JSON.parse(output);
  }

  async function importMail(count: number): Promise<string> {
    const mbox = join(sandbox.folder, 'mail.mbox');
    const message = (index: number): string => `From a@b Mon Jan  5 10:00:00 2026\nSubject: mail ${index}\n\nHello\n\n`;
    await writeFile(mbox, Array.from({ length: count }, (_, index) => message(index)).join(''));
    return (await sandbox.imapctl(['import', '--user', 'ada', '--mbox', mbox])).output;
  }

  test('mail goes into servers without an agent', async () => {
    const added = await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], 'correct horse\n');
    expect(added.code, added.output).toBe(0);
    expect(await importMail(3)).toContain('imported 3 messages');
    expect((await status()).processes.map(({ name }) => name)).toEqual(['operator', 'imapd-0']);
  });

  test('their primary dies: mail goes into the next one', { timeout: 90_000 }, async () => {
    await servers.server('e0').stop('SIGKILL');
    const isOver = async (): Promise<unknown> => (await status()).objects;
    await expect.poll(isOver, { timeout: 60_000 }).toContainEqual(
      expect.objectContaining({
        status: expect.objectContaining({ epoch: 2, primary: expect.stringMatching(/^e[12]$/) }),
      }),
    );
    // Another three: what was imported before is known again.
    expect(await importMail(6)).toContain('imported 3 messages');
  });

  test('the old primary comes back: salvaged, and what is left to do is said', { timeout: 90_000 }, async () => {
    await servers.server('e0').start();
    const told = async (): Promise<string> => (await sandbox.imapctl(['status'])).output;
    // Where nothing was lost, which SQL can tell of some engines, it is attached at once.
    if (engine === 'postgresql') await expect.poll(told, { timeout: 60_000 }).toMatch(/e0 .*RebuildByHand/);
    const salvaged = expect.objectContaining({
      status: expect.objectContaining({
        lastFailover: expect.objectContaining({ from: 'e0', salvaged: expect.objectContaining({ messages: 0 }) }),
      }),
    });
    await expect.poll(async () => (await status()).objects, { timeout: 60_000 }).toContainEqual(salvaged);
  });
});

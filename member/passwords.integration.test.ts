import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { roles } from '#database/roles.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { MemberSecrets, RolePasswords } from './secrets.ts';
import { openAs, signsIn } from './test-support/connect-as.ts';
import { longPassword } from './test-support/long-password.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/**
 * Promise: passwords are replaced while everything runs. The primary's agent gives the database what its file has, durably;
 * whatever the order in which files and database change, agents sign in and replicas come back; and a file that is behind
 * brings no old password back.
 */
/** As long as MariaDB wants them. */
const password = (role: string, generation: string): string => longPassword(`${role}:${generation}`);
const mail = (generation: string): string => password('mail', generation);
const set = (generation: string): RolePasswords => ({
  admin: password('admin', generation),
  replication: password('replication', generation),
  mail: mail(generation),
  salvage: password('salvage', generation),
});
/** What changes by what each round begins with: the time of its look at the slots, or how often the file that is being written was asked for. */
const signsOfRound = {
  slots: {
    look: `SELECT max(query_start)::text AS at FROM pg_stat_activity
WHERE usename = '${roles.admin}' AND query LIKE 'SELECT pg_is_in_recovery() AS replica%'`,
    rounds: 3,
  },
  log: { look: "SHOW GLOBAL STATUS LIKE 'Com_show_bin%log_status'", rounds: 3 },
};
const streams = (report: AgentReport): boolean =>
  report.state === 'running' && report.replication?.upstream?.streaming === true;

describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Quorum', engine });
    primary = running.primary;
    [replica] = running.replicas as [RunningMember];
  }, 120_000);
  afterAll(() => running?.stop());

  /** As the kubelet puts a changed Secret: whole, and with another inode. */
  async function put(member: RunningMember, secrets: MemberSecrets): Promise<void> {
    const file = join(dirname(member.dataDirectory), 'secrets.json');
    await writeFile(`${file}.new`, JSON.stringify(secrets), { mode: 0o644 });
    await rename(`${file}.new`, file);
  }
  const taken = (member: RunningMember): number => member.agentLog().split('"FileRenewed"').length - 1;
  async function putAndTake(member: RunningMember, secrets: MemberSecrets): Promise<void> {
    const before = taken(member);
    await put(member, secrets);
    await expect.poll(() => taken(member)).toBe(before + 1);
  }
  const acceptedBy = async (member: RunningMember, ...passwords: readonly string[]): Promise<readonly string[]> => {
    const outcomes = await Promise.all(passwords.map((each) => signsIn('mail', { member, running }, each)));
    return passwords.filter((_, i) => outcomes[i]);
  };
  /** Two further rounds of what the agent does by itself have begun, so that one of them has ended. */
  async function maintained(member: RunningMember, mailPassword: string): Promise<void> {
    const { database, passwords } = running;
    const access = { engine: running.engine, database, passwords: { ...passwords, mail: mailPassword } };
    const session = await openAs('mail', member, access);
    try {
      const { look, rounds } = signsOfRound[engine === 'postgresql' ? 'slots' : 'log'];
      const seen = new Set<string>();
      const looked = async (): Promise<number> => {
        seen.add(JSON.stringify((await session.query(look)).rows));
        return seen.size;
      };
      await expect.poll(looked, { interval: 20 }).toBeGreaterThan(rounds);
    } finally {
      await session.end();
    }
  }
  /** Its server ends, so that everything signs in anew. */
  async function comesBack(member: RunningMember, holds: (report: AgentReport) => boolean): Promise<void> {
    const { serverPid } = await member.client.status();
    process.kill(serverPid ?? 0, 'SIGKILL');
    await member.client.until((report) => report.serverPid !== serverPid && holds(report), 30_000);
  }

  test('the next passwords change nothing yet; then the database gets them, and a replica that is behind comes back', async () => {
    for (const member of running.members) {
      await putAndTake(member, { ...running.passwords, next: set('second') });
    }
    expect(await acceptedBy(primary, running.passwords.mail, mail('second'))).toEqual([running.passwords.mail]);
    await put(primary, { ...set('second'), previous: running.passwords });
    await expect.poll(() => acceptedBy(primary, running.passwords.mail, mail('second'))).toEqual([mail('second')]);
    // Said once replicas have them too; on some engines they show before.
    await expect.poll(() => primary.agentLog()).toContain('"PasswordsReplaced"');
    // Its file says "next" still; that is enough.
    await comesBack(replica, streams);
    expect(await acceptedBy(replica, running.passwords.mail, mail('second'))).toEqual([mail('second')]);
    await putAndTake(replica, { ...set('second'), previous: running.passwords });
    await comesBack(replica, streams);
  });

  test('a replica that hears of the passwords first comes back too, and so does one whose agent is new', async () => {
    await putAndTake(replica, { ...set('third'), previous: set('second') });
    await comesBack(replica, streams);
    await replica.killAgent();
    await replica.startAgent();
    await replica.client.until(streams, 30_000);
    await put(primary, { ...set('third'), previous: set('second') });
    await expect.poll(() => acceptedBy(primary, mail('second'), mail('third'))).toEqual([mail('third')]);
    await comesBack(replica, streams);
  });

  test('a primary whose file is behind brings nothing back when it is granted', async () => {
    await putAndTake(replica, { ...set('third'), next: set('fourth') });
    await putAndTake(primary, { ...set('fourth'), previous: set('third') });
    await expect.poll(() => acceptedBy(primary, mail('third'), mail('fourth'))).toEqual([mail('fourth')]);
    await put(primary, { ...set('third'), next: set('fourth'), previous: set('second') });
    await primary.killAgent();
    await primary.startAgent();
    await primary.client.until((report) => report.state === 'running', 30_000);
    await primary.client.order(running.epoch, { kind: 'grant' });
    await maintained(primary, mail('fourth'));
    expect(await acceptedBy(primary, mail('third'), mail('fourth'))).toEqual([mail('fourth')]);
    await put(primary, { ...set('fourth'), previous: set('third') });
  });
});

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { openRepository, type TestAccess } from '../routing/test-support/open-repository.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';
import type { Store } from '../store/store.ts';
import type { OperationId } from '../store/types.ts';
import { type Player, playRounds } from '../test-support/session-model/play-rounds.ts';
import { rounds } from '../test-support/session-model/random-steps.ts';

/**
 * Promise: however many clients work in one mailbox, through several processes, with or without a failover under them, each
 * is told what a client can follow: numbers that hold (RFC 9051, 7.5.1; RFC 2180), mod-sequences that do not go back, and in
 * the end the same mailbox.
 *
 * IMAPCLUSTER_MODEL_SECONDS lets it look for longer, IMAPCLUSTER_MODEL_SEED elsewhere; a failure tells its seed, and the
 * shortest trace found.
 */

const SECONDS = Number(process.env.IMAPCLUSTER_MODEL_SECONDS ?? 15);
const SEED = Number(process.env.IMAPCLUSTER_MODEL_SEED ?? 2180);
const LONGEST = 12;
const ROUNDS_OF_FAILOVER = 60;
const FAILOVER_AT = 15;
const PATIENCE_MS = SECONDS * 1000 + 100_000;

describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  const processes: { readonly access: TestAccess; readonly store: Store; readonly server: TestServer }[] = [];
  let mailboxes = 0;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a0', 'a1'], synchronous: true });
    for (let each = 0; each < 2; each++) {
      const { access, store } = openRepository(repository.target('a0', 1), { writeHoldMs: 25_000 });
      const authenticator = async ({ user }: { user: string }) =>
        ({ kind: 'ok', user: { name: user, store } }) as const;
      processes.push({
        access,
        store,
        server: await startTestServer({ authenticator, policy: { enabled: ['UIDONLY'] } }),
      });
    }
    const account = {
      operation: newOperation(),
      name: 'ada',
      passwordHash: 'x',
      mailboxes: [{ name: 'Sent', specialUse: [] }],
    };
    await processes[0]?.store.createAccount(account, { signal: AbortSignal.timeout(20_000) });
  });
  afterAll(async () => {
    for (const { server, access } of processes) {
      await server.stop();
      await access.close();
    }
    await repository?.close();
  });

  const newOperation = (): OperationId => randomUUID() as OperationId;

  /** Clients of every kind, on both processes. */
  function players(): readonly Player[] {
    const messages = '(MessageNew (UID FLAGS) MessageExpunge FlagChange)';
    const kinds: readonly Pick<Player, 'enable' | 'notify'>[] = [
      { enable: null },
      { enable: 'QRESYNC' },
      { enable: 'IMAP4rev2', notify: `(selected-delayed ${messages})` },
      { enable: 'UIDONLY', notify: `(selected ${messages})` },
      { enable: 'QRESYNC IMAP4rev2' },
      {
        enable: 'CONDSTORE',
        notify: `(selected ${messages}) (personal (MessageNew MessageExpunge FlagChange MailboxName))`,
      },
      { enable: 'UIDONLY QRESYNC' },
    ];
    return kinds.map((kind, at) => ({ port: processes[at % 2]?.server.port ?? 0, login: 'ada x', ...kind }));
  }

  /** A new one, so that no run sees what another one left. */
  async function newMailbox(): Promise<string> {
    mailboxes += 1;
    const name = `shared${mailboxes}`;
    const wanted = { operation: newOperation(), owner: 'ada', name, specialUse: [] };
    await processes[0]?.store.createMailbox(wanted, { signal: AbortSignal.timeout(20_000) });
    return name;
  }

  test('clients of two processes follow one mailbox', { timeout: PATIENCE_MS }, async () => {
    const everybody = players();
    let played = 0;
    const holds = fc.asyncProperty(rounds(everybody.length, LONGEST), async (steps) => {
      const wrong = await playRounds({ players: everybody, mailbox: await newMailbox(), rounds: steps });
      played += 1;
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    });
    await fc.assert(holds, { seed: SEED, numRuns: 1_000_000, interruptAfterTimeLimit: SECONDS * 1000 });
    expect(played).toBeGreaterThan(1);
  });

  test('they follow it over the death of the primary', { timeout: PATIENCE_MS }, async () => {
    const everybody = players();
    const sampled = fc.sample(rounds(everybody.length, ROUNDS_OF_FAILOVER), { seed: SEED, numRuns: 20 });
    const steps = sampled.flat().slice(0, ROUNDS_OF_FAILOVER);
    const incident = { round: FAILOVER_AT, happen: failOver };
    const wrong = await playRounds({ players: everybody, mailbox: await newMailbox(), rounds: steps, incident });
    expect(steps.length).toBeGreaterThan(2 * FAILOVER_AT);
    expect(wrong.join('\n')).toBe('');
  });

  /** Commits waited for the replica: nothing that was acknowledged is lost, and identifiers jump all the same. */
  async function failOver(): Promise<void> {
    await repository.server('a0').stop('SIGQUIT');
    for (const { access } of processes) access.retarget(repository.target(null, 2));
    await repository.promote('a1');
    await repository.stamp('a1', 2, 1000);
    for (const { access } of processes) access.retarget(repository.target('a1', 2));
  }
});

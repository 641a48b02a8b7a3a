import { partitionName } from '#contract/names.ts';
import type { Target } from '#contract/routing-document.ts';
import { createLogger } from '#runtime/logger.ts';
import type { Store } from '../../store/store.ts';
import { systemClock } from '../clock.ts';
import type { ContentReadNote, ReadNote } from '../observer.ts';
import { Repository, type RepositoryOptions } from '../repository/repository.ts';
import { mailCredentials } from './mail-credentials.ts';
import { testEngine } from './servers/engines.ts';

export type Notes = {
  readonly reads: ContentReadNote[];
  readonly others: ReadNote[];
  readonly retries: string[];
  readonly holds: { heldMs: number; outcome: string }[];
};

/** Access as imapd has it. What the connections are only their engine knows: see statements.ts. */
export type TestAccess = Repository<object>;

/** A repository as imapd opens it, and what it told of itself. */
export function openRepository(
  target: Target,
  options: Partial<RepositoryOptions> = {},
): { readonly access: TestAccess; readonly store: Store; readonly notes: Notes } {
  const notes: Notes = { reads: [], others: [], retries: [], holds: [] };
  const { driver, openStore } = testEngine(target.engine);
  const access = new Repository(
    driver,
    {
      partition: partitionName('users-a'),
      pod: 'imapd-test',
      clock: systemClock,
      log: createLogger({ program: 'test', level: 'silent', pretty: false }),
      random: Math.random,
      credentials: async () => mailCredentials,
      sizes: { write: 4, read: 4, content: 4 },
      writeHoldMs: 10_000,
      maxHeld: 100,
      maxReplicaLagMs: 5_000,
      observer: {
        holdEnded: (_partition, hold) => notes.holds.push(hold),
        contentRead: (_partition, read) => notes.reads.push(read),
        read: (_partition, read) => notes.others.push(read),
        retried: (_partition, why) => notes.retries.push(why),
        searched: () => undefined,
        signaturesDropped: () => undefined,
      },
      ...options,
    },
    target,
  );
  return { access, store: openStore(access), notes };
}

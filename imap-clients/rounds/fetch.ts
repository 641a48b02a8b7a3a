import { expect, vi } from 'vitest';
import { type Fetching, mustHaveEndedWell } from '../mail-client.ts';
import type { Digest, MailStore, NewMessage } from '../stores/mail-store.ts';
import { generatedMail } from './generated-mail.ts';
import { MANY } from './many.ts';
import { mustHold } from './must-hold.ts';

const FEW = 25;
const MOST_RUNS = 4;
const PATIENCE_MS = 150_000;

export type FetchRound = {
  readonly name: string;
  readonly server: MailStore;
  readonly fetching: Fetching;
  readonly empties: boolean;
  readonly digest: Digest;
};

/** A first run is told to end in the middle, the next one goes on, and a third one fetches what has come since. */
export async function fetchEverything(round: FetchRound): Promise<void> {
  const newMail = generatedMail(2);
  const first = newMail(MANY);
  await round.server.add('INBOX', first);
  await interrupted(round);
  expect((await round.fetching.delivered()).length).toBeLessThan(MANY);
  await runToEnd(round);
  await mustHaveAll(round, first);
  const later = newMail(FEW);
  await round.server.add('INBOX', later);
  await runToEnd(round);
  await mustHaveAll(round, [...first, ...later]);
}

/** Told to end when it has a quarter of them. */
async function interrupted({ fetching }: FetchRound): Promise<void> {
  let run = fetching.start();
  await vi.waitFor(
    async () => {
      const delivered = (await fetching.delivered()).length;
      if (run.child.exitCode !== null && fetching.gaveUp?.(await run.ended) === true) run = fetching.start();
      expect(delivered, run.output()).toBeGreaterThan(MANY / 4);
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );
  run.child.kill('SIGTERM');
  await run.ended;
}

/** Once more where it gave up by a fault of its own, as those do who have it run every few minutes. */
async function runToEnd({ name, fetching }: FetchRound): Promise<void> {
  for (let runs = 1; ; runs += 1) {
    const ended = await fetching.start().ended;
    if (runs < MOST_RUNS && fetching.gaveUp?.(ended) === true) continue;
    return mustHaveEndedWell(name, ended);
  }
}

/** Once or twice: what was handed on when it was told to end may be fetched again. */
async function mustHaveAll(round: FetchRound, expected: readonly NewMessage[]): Promise<void> {
  const { digest, server, fetching, empties, name } = round;
  const wanted = expected.map(({ raw }) => digest(raw)).sort();
  const delivered = (await fetching.delivered()).map(digest);
  mustHold(`what ${name} has handed on`, [...new Set(delivered)], wanted);
  const left = (await server.read()).get('INBOX') ?? [];
  const digests = left.map((message) => message.digest);
  mustHold(`what ${name} has left`, digests, empties ? [] : wanted);
}

import { hiddenFrom } from '../checker/check-caches.ts';
import { ofKind } from '../checker/group.ts';
import { mailboxKey, type ObservationEvent } from '../checker/history.ts';
import type { CachedMailbox } from '../clients/cached-mailbox.ts';
import type { MailSession } from '../clients/mail-session.ts';
import { observeMailbox } from '../clients/observe-mailbox.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';
import type { RunningLoad } from './load.ts';

/** A hint takes milliseconds, the poll behind it a second; a busy machine is no deaf server. */
const TOLD_WITHIN_MS = 15_000;
const INBOX = 'INBOX';

export type Caches = {
  readonly load: RunningLoad;
  /** Kept by sessions in no IDLE, which ask at the end only. */
  readonly watchers: readonly CachedMailbox[];
  /** One for every user. */
  readonly observers: readonly MailSession[];
};

/**
 * Nobody writes any more. Looks at every mailbox once more, gives who idles time to hear of everything, and only then
 * lets every cache ask; what they have goes into the history.
 */
export async function settleCaches(run: Run, { load, watchers, observers }: Caches): Promise<void> {
  await load.quiet();
  const looks = await Promise.all(observers.map((o) => observeMailbox(o, INBOX, run.recorder)));
  const told = await Promise.all(load.caches.map((cache) => untilTold(run, cache, looks)));
  await load.rest();
  await Promise.all([
    ...load.caches.map((cache, i) => settle(run, cache, told[i] ?? 0)),
    ...watchers.map((cache) => settle(run, cache, null)),
  ]);
}

/** Messages it knows of once it has heard of all, or when the time is up. */
async function untilTold(run: Run, cache: CachedMailbox, looks: readonly ObservationEvent[]): Promise<number> {
  const key = mailboxKey({ ...cache.session.login, mailbox: INBOX });
  const look = looks.find((o) => mailboxKey(o) === key);
  if (look === undefined) throw new Error(`nobody looks at the mailbox of ${cache.session.login.user}`);
  const removals = new Set(
    ofKind(run.recorder.events, 'expunge').flatMap((e) => (mailboxKey(e) === key ? [e.uid] : [])),
  );
  const heard = async (): Promise<number | null> => {
    const contents = cache.contents();
    const known = new Set(contents.messages.map((m) => m.uid));
    const lacking = look.messages.map((m) => m.uid).filter((uid) => !known.has(uid));
    const most = look.messages.length;
    return cache.count <= most && cache.count >= most - hiddenFrom(contents, lacking, removals).length
      ? cache.count
      : null;
  };
  const options = { what: `${cache.session.name} hears of all`, withinMs: TOLD_WITHIN_MS, signal: run.signal };
  return waitFor(heard, options).catch(() => cache.count);
}

async function settle(run: Run, cache: CachedMailbox, toldInIdle: number | null): Promise<void> {
  await cache.settle();
  const { name, login } = cache.session;
  run.recorder.add({
    kind: 'cache',
    client: name,
    partition: login.partition,
    user: login.user,
    mailbox: INBOX,
    at: run.recorder.now(),
    ...cache.contents(),
    toldInIdle,
  });
}

import { lostMessages } from '../checker/check-loss-bound.ts';
import { ofKind } from '../checker/group.ts';
import { mailboxKey, type ObservationEvent } from '../checker/history.ts';
import type { MailSession } from '../clients/mail-session.ts';
import { observeMailbox } from '../clients/observe-mailbox.ts';
import { append } from '../clients/writer.ts';
import type { PartitionGlimpse } from '../cluster.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';
import { allAnswered } from './all-answered.ts';
import { failoverDone } from './failover-done.ts';
import { highestUids } from './highest-uids.ts';
import { type SalvageFigures, TAIL_MESSAGES } from './promises.ts';

/** A machine that has much else to do takes its time. */
const LIMIT_MS = 120_000;
const SALVAGED = '$Salvaged';

/**
 * Async: a replica is held back, the primary alone acknowledges, its host loses power. The acknowledged tail is gone, as
 * Async allows; then the host returns and salvage brings it back.
 */
export async function loseAndSalvage(run: Run, partition: string, sessions: Sessions): Promise<SalvageFigures> {
  const before = await run.cluster.status(partition);
  const primary = before.primary;
  const replica = before.members.find((m) => m.role === 'replica')?.name;
  if (primary === null || replica === undefined) throw new Error(`${partition} needs a primary and a replica for this`);

  const letGo = await run.cluster.holdBack(partition, replica);
  run.narrator.say(`Replica ${replica} of ${partition} receives nothing any more; the primary acknowledges alone.`);
  const tail = await writeTail(run, sessions.writer);
  const failover = await loseHost(run, { partition, primary, epoch: before.epoch, letGo });
  const seen = await Promise.all(sessions.observers.map((o) => observeMailbox(o, 'INBOX', run.recorder)));
  await allAnswered(run);
  const lost = findLost(run, partition, seen);
  run.narrator.say(
    `${run.narrator.bad(String(lost.hashes.size))} acknowledged messages are gone, of the last ${lost.seconds.toFixed(1)} s: as Async allows.`,
  );

  const known = highestUids(run.recorder.events);
  await run.cluster.powerOn(partition, primary);
  const salvaged = await waitFor(() => salvageDone(run, partition, failover.epoch), {
    ...patience(run, partition),
    what: `${primary} is salvaged`,
  });
  const after = await Promise.all(sessions.observers.map((o) => observeMailbox(o, 'INBOX', run.recorder)));
  const back = after.flatMap((o) =>
    o.messages
      .filter((m) => m.flags.includes(SALVAGED))
      .map(({ uid, hash }) => ({
        missed: hash !== null && lost.hashes.has(hash),
        old: uid <= (known.get(mailboxKey(o)) ?? 0),
      })),
  );
  const missed = back.filter((m) => m.missed).length;
  const figures = {
    tail,
    lost: lost.hashes.size,
    salvaged: missed,
    unasked: back.length - missed,
    oldUids: back.filter((m) => m.old).length,
    lossWindowSeconds: lost.seconds,
    rejoined: await rejoined(run, partition, primary),
  };
  tell(run, { primary, figures, told: salvaged.lastFailover?.salvaged?.messages ?? 0 });
  return figures;
}

/** Messages that the primary alone acknowledges; gives back how many it did. */
async function writeTail(run: Run, writer: MailSession): Promise<number> {
  const nextMail = run.mailOf(writer.name);
  let acknowledged = 0;
  for (let i = 0; i < TAIL_MESSAGES; i++) if ((await append(writer, run, nextMail())) !== null) acknowledged++;
  return acknowledged;
}

function tell(
  run: Run,
  { primary, figures, told }: { readonly primary: string; readonly figures: SalvageFigures; readonly told: number },
): void {
  const { lost, salvaged, unasked, oldUids } = figures;
  const many = salvaged === lost ? `all ${lost}` : `${salvaged} of ${lost}`;
  const more = unasked === 0 ? '' : ` (and ${unasked} that nobody missed; ${told} in all)`;
  const uids = oldUids === 0 ? 'new UIDs' : `${oldUids} OLD UIDs`;
  run.narrator.say(`${primary} is back: salvage appended ${many} with ${uids} and ${SALVAGED}${more}.`);
}

const patience = (run: Run, partition: string) => ({
  withinMs: LIMIT_MS,
  signal: run.signal,
  why: async () => (await run.cluster.status(partition)).trouble,
});

export type Sessions = {
  readonly writer: MailSession;
  /** One for every user of the partition. */
  readonly observers: readonly MailSession[];
};

type Host = {
  readonly partition: string;
  readonly primary: string;
  readonly epoch: number;
  readonly letGo: () => void;
};

async function loseHost(run: Run, host: Host): Promise<PartitionGlimpse> {
  const { partition, primary } = host;
  const at = run.recorder.now();
  await run.cluster.powerOff(partition, primary);
  run.recorder.add({ kind: 'fault', at, until: run.recorder.now(), partition, what: `power off ${primary}` });
  run.narrator.say(`The host of ${primary} loses its power.`);
  host.letGo();
  return waitFor(() => failoverDone(run, partition, host.epoch), {
    ...patience(run, partition),
    what: `${partition} has a new primary`,
  });
}

function findLost(
  run: Run,
  partition: string,
  seen: readonly ObservationEvent[],
): { hashes: ReadonlySet<string>; seconds: number } {
  const removed = new Set(ofKind(run.recorder.events, 'expunge').map((e) => `${mailboxKey(e)} ${e.uid}`));
  const appends = ofKind(run.recorder.events, 'append').filter(
    (a) => a.partition === partition && !removed.has(`${mailboxKey(a)} ${a.uid}`),
  );
  const lost = lostMessages(appends, seen);
  const fault = ofKind(run.recorder.events, 'fault').findLast((f) => f.partition === partition);
  const oldest = Math.min(...lost.map((l) => l.append.ended));
  const hashes = new Set(lost.map((l) => l.append.hash));
  return { hashes, seconds: lost.length === 0 || fault === undefined ? 0 : Math.max(0, fault.at - oldest) / 1000 };
}

async function salvageDone(run: Run, partition: string, epoch: number): Promise<PartitionGlimpse | null> {
  const now = await run.cluster.status(partition);
  return now.epoch >= epoch && now.lastFailover?.salvaged != null ? now : null;
}

async function rejoined(run: Run, partition: string, member: string): Promise<boolean> {
  return waitFor(
    async () => {
      const now = await run.cluster.status(partition);
      return now.members.some((m) => m.name === member && m.role === 'replica') ? true : null;
    },
    { ...patience(run, partition), what: `${member} follows again` },
  );
}

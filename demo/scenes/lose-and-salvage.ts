import { lostMessages } from '../checker/check-loss-bound.ts';
import { ofKind } from '../checker/group.ts';
import { mailboxKey, type ObservationEvent } from '../checker/history.ts';
import type { MailSession } from '../clients/mail-session.ts';
import { observeMailbox } from '../clients/observe-mailbox.ts';
import { append } from '../clients/writer.ts';
import type { PartitionGlimpse } from '../cluster.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';

const LIMIT_MS = 30_000;
const LOST_MESSAGES = 25;
const SALVAGED = '$Salvaged';

export type SalvageFigures = {
  /** Acknowledged messages that were gone after the failover. */
  readonly lost: number;
  /** Of those, how many came back, by content. */
  readonly salvaged: number;
  /** Salvaged too, but not missed: a client had asked to remove them, or never heard what became of them. */
  readonly unasked: number;
  readonly lossWindowSeconds: number;
  readonly rejoined: boolean;
};

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
  await waitFor(async () => ((await run.cluster.status(partition)).phase === 'Degraded' ? true : null), {
    what: `${partition} notices that its replica is away`,
    withinMs: LIMIT_MS,
    signal: run.signal,
  });
  for (let i = 0; i < LOST_MESSAGES; i++) await append(sessions.writer, run, run.nextMail());
  const failover = await loseHost(run, { partition, primary, epoch: before.epoch, letGo });
  const seen = await Promise.all(sessions.observers.map((o) => observeMailbox(o, 'INBOX', run.recorder)));
  const lost = findLost(run, partition, seen);
  run.narrator.say(
    `${run.narrator.bad(String(lost.hashes.size))} acknowledged messages are gone, of the last ${lost.seconds.toFixed(1)} s: as Async allows.`,
  );

  await run.cluster.powerOn(partition, primary);
  const salvaged = await waitFor(() => salvageDone(run, partition, failover.epoch), {
    what: `${primary} is salvaged`,
    withinMs: LIMIT_MS,
    signal: run.signal,
  });
  const after = await Promise.all(sessions.observers.map((o) => observeMailbox(o, 'INBOX', run.recorder)));
  const back = after.flatMap((o) => o.messages).filter((m) => m.flags.includes(SALVAGED));
  const missed = back.filter((m) => m.hash !== null && lost.hashes.has(m.hash)).length;
  const figures = {
    lost: lost.hashes.size,
    salvaged: missed,
    unasked: back.length - missed,
    lossWindowSeconds: lost.seconds,
    rejoined: await rejoined(run, partition, primary),
  };
  const told = salvaged.lastFailover?.salvaged?.messages ?? 0;
  run.narrator.say(
    `${primary} is back: salvage appended all but ${figures.lost - figures.salvaged} of them with new UIDs and ${SALVAGED}` +
      ` (${told} messages in all, ${figures.unasked} of them nobody missed).`,
  );
  return figures;
}

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
  run.recorder.add({ kind: 'fault', at: run.recorder.now(), partition, what: `power off ${primary}` });
  await run.cluster.powerOff(partition, primary);
  host.letGo();
  return waitFor(
    async () => {
      const now = await run.cluster.status(partition);
      return now.epoch > host.epoch && now.primary !== null && now.primary !== primary ? now : null;
    },
    { what: `${partition} has a new primary`, withinMs: LIMIT_MS, signal: run.signal },
  );
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
  return { hashes, seconds: lost.length === 0 || fault === undefined ? 0 : (fault.at - oldest) / 1000 };
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
    { what: `${member} follows again`, withinMs: LIMIT_MS, signal: run.signal },
  );
}

import { ASYNC, castOf, QUORUM } from '../cast.ts';
import { lostMessages } from '../checker/check-loss-bound.ts';
import { ofKind } from '../checker/group.ts';
import type { Rules } from '../checker/invariant.ts';
import { CachedMailbox } from '../clients/cached-mailbox.ts';
import { type Login, type MailSession, openMailSession } from '../clients/mail-session.ts';
import { observeMailbox } from '../clients/observe-mailbox.ts';
import type { MailSource } from '../mail/mail-source.ts';
import type { Run } from '../run.ts';
import { allAnswered } from './all-answered.ts';
import { watchBeliefs } from './beliefs.ts';
import { finalVerdict } from './final-verdict.ts';
import { type Mix, type RunningLoad, startLoad } from './load.ts';
import { loseAndSalvage } from './lose-and-salvage.ts';
import { losePrimary } from './lose-primary.ts';
import { moveIn } from './move-in.ts';
import { neighbour } from './neighbour.ts';
import type { NeighbourFigures, SalvageFigures, Shown } from './promises.ts';
import { settleCaches } from './settle-caches.ts';
import { whereReadsWent } from './where-reads-went.ts';

const PASSWORD = 'a demo is no secret';
const USERS = { [QUORUM]: 5, [ASYNC]: 3 };
const ANSWER_WITHIN_MS = 20_000;
/** As demo/mail.yaml says. */
const MAX_LOST_SECONDS = 60;

export type PlayOptions = { readonly mail: MailSource; readonly sessions: number };
type Stage = {
  readonly cast: readonly Login[];
  readonly observers: readonly MailSession[];
  readonly load: RunningLoad;
};

const RULES: Rules = {
  durability: { [QUORUM]: 'Quorum', [ASYNC]: 'Async' },
  maxLostSeconds: { [ASYNC]: MAX_LOST_SECONDS },
  answerWithinMs: ANSWER_WITHIN_MS,
};

/** The scenes in order. True if every invariant holds and every scene showed what it promised. */
export async function play(run: Run, options: PlayOptions): Promise<boolean> {
  const cast = castOf(USERS, PASSWORD);
  Object.assign(run.figures, { user: cast[0]?.user, password: PASSWORD });
  const observers = await moveIn(run, cast, options.mail);
  const beliefs = watchBeliefs(run, [QUORUM, ASYNC]);
  try {
    const load = await startLoad(run, cast, mixOf(options.sessions));
    const watchers = await Promise.all([QUORUM, ASYNC].map((partition) => openWatcher(run, cast, partition)));
    run.narrator.say(
      `${load.sessions.length + observers.length + watchers.length} IMAP sessions are open: idle, listing, reading, writing.`,
    );
    const shown = await scenes(run, { cast, observers, load });
    await settleCaches(run, { load, watchers, observers });
    run.narrator.heading('Verdict, from what the clients saw');
    const good = finalVerdict(run, RULES, shown);
    const sessions = [...load.sessions, ...observers, ...watchers.map(({ session }) => session)];
    await Promise.all(sessions.map((session) => session.close()));
    return good;
  } finally {
    await beliefs.stop();
  }
}

async function scenes(run: Run, { cast, observers, load }: Stage): Promise<Shown> {
  run.narrator.heading(`Where reads go: content from the replicas of ${QUORUM}`);
  const reads = await whereReadsWent(run, QUORUM);
  run.figures.reads = reads;

  run.narrator.heading(`kill -9: the primary of ${QUORUM} dies while its users write`);
  const failover = await losePrimary(run, QUORUM, 'kill');
  run.figures.failover = failover;
  tellSessions(run, load);
  await tellKept(run, living(observers, QUORUM));
  const outage = { from: failover.killedAt, until: failover.killedAt + failover.firstWriteMs };
  const others = neighbour(run.recorder.events, ASYNC, outage);
  run.figures.neighbour = others;
  tellNeighbour(run, others);

  run.narrator.heading(`The lost tail: ${ASYNC} loses a host, and gets its messages back`);
  const salvage = await salvageScene(run, cast, living(observers, ASYNC));
  run.figures.salvage = salvage;
  return { reads, neighbour: others, salvage };
}

const living = (sessions: readonly MailSession[], partition: string): readonly MailSession[] =>
  sessions.filter(({ login }) => login.partition === partition);

/** Two thirds sit in IDLE, as in real life; the rest work. */
function mixOf(sessions: number): Mix {
  const idle = Math.floor((sessions * 2) / 3);
  const write = Math.max(4, Math.floor((sessions - idle) / 3));
  const list = Math.max(1, Math.floor((sessions - idle) / 6));
  return { idle, write, list, read: Math.max(2, sessions - idle - write - list) };
}

/** A session that keeps its own idea of an INBOX through everything, and asks at the end only. */
async function openWatcher(run: Run, cast: readonly Login[], partition: string): Promise<CachedMailbox> {
  const login = inhabitant(cast, partition);
  const { cluster, recorder } = run;
  const name = `watcher ${login.user}`;
  return CachedMailbox.open(await openMailSession({ name, endpoint: cluster.endpoint, login, recorder }));
}

function inhabitant(cast: readonly Login[], partition: string): Login {
  const login = cast.find((l) => l.partition === partition);
  if (login === undefined) throw new Error(`nobody lives in ${partition}`);
  return login;
}

function tellSessions(run: Run, load: RunningLoad): void {
  const open = load.sessions.filter((session) => session.client.usable).length;
  const text = `${open} of ${load.sessions.length} sessions still open, on the same TCP connections.`;
  run.narrator.say(open === load.sessions.length ? run.narrator.good(text) : run.narrator.bad(text));
}

/** Looks right after the failover, before anything could be brought back; the verdict judges UIDs and flags too. */
async function tellKept(run: Run, observers: readonly MailSession[]): Promise<void> {
  const acknowledged = ofKind(run.recorder.events, 'append').filter((a) => a.partition === QUORUM);
  const looks = await Promise.all(observers.map((o) => observeMailbox(o, 'INBOX', run.recorder)));
  await allAnswered(run);
  const removed = new Set(ofKind(run.recorder.events, 'expunge').map((e) => `${e.user} ${e.uid}`));
  const kept = acknowledged.filter((a) => a.outcome === 'ok' && !removed.has(`${a.user} ${a.uid}`));
  const lost = lostMessages(kept, looks).length;
  run.narrator.say(
    lost === 0
      ? run.narrator.good(`All ${kept.length} messages that were acknowledged and not removed are there.`)
      : run.narrator.bad(`${lost} of ${kept.length} acknowledged messages are gone.`),
  );
}

function tellNeighbour(run: Run, { writes, slowestMs }: NeighbourFigures): void {
  run.narrator.say(`${ASYNC} meanwhile: ${writes} messages written, the slowest in ${Math.round(slowestMs)} ms.`);
}

async function salvageScene(
  run: Run,
  cast: readonly Login[],
  observers: readonly MailSession[],
): Promise<SalvageFigures> {
  const { cluster, recorder } = run;
  const login = inhabitant(cast, ASYNC);
  const writer = await openMailSession({ name: 'tail writer', endpoint: cluster.endpoint, login, recorder });
  const figures = await loseAndSalvage(run, ASYNC, { writer, observers });
  await writer.close();
  return figures;
}

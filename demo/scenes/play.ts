import { ASYNC, castOf, QUORUM } from '../cast.ts';
import { ofKind } from '../checker/group.ts';
import type { Rules } from '../checker/verdict.ts';
import { CachedMailbox } from '../clients/cached-mailbox.ts';
import { type Login, type MailSession, openMailSession } from '../clients/mail-session.ts';
import { observeMailbox } from '../clients/observe-mailbox.ts';
import { append } from '../clients/writer.ts';
import type { MailSource } from '../mail/mail-source.ts';
import type { Run } from '../run.ts';
import { watchBeliefs } from './beliefs.ts';
import { finalVerdict } from './final-verdict.ts';
import { type Mix, type RunningLoad, startLoad } from './load.ts';
import { loseAndSalvage } from './lose-and-salvage.ts';
import { losePrimary } from './lose-primary.ts';
import { whereReadsWent } from './where-reads-went.ts';

const PASSWORD = 'a demo is no secret';
const USERS = { [QUORUM]: 5, [ASYNC]: 3 };
const ANSWER_WITHIN_MS = 20_000;
const MAX_LOST_SECONDS = 30;
const ENOUGH_FROM_REPLICAS = 0.95;

/** The scenes in order. True if every invariant holds and every scene showed what it promised. */
export async function play(run: Run, options: PlayOptions): Promise<boolean> {
  const cast = castOf(USERS, PASSWORD);
  Object.assign(run.figures, { user: cast[0]?.user, password: PASSWORD });
  const observers = await moveIn(run, cast, options.mail);
  const beliefs = watchBeliefs(run, [QUORUM, ASYNC]);
  try {
    const load = await startLoad(run, cast, mixOf(options.sessions));
    run.narrator.say(
      `${load.sessions.length + observers.length} IMAP sessions are open: idle, listing, reading, writing.`,
    );
    const watcher = await openWatcher(run, cast);
    const shown = await scenes(run, { cast, observers, load });
    await load.rest();
    const equal = await cacheEqualsServer(run, watcher, observers);
    run.narrator.heading('Verdict, from what the clients saw');
    const holds = await finalVerdict(run, observers, RULES);
    await Promise.all([...load.sessions, ...observers, watcher.session].map((session) => session.close()));
    return holds && shown && equal;
  } finally {
    await beliefs.stop();
  }
}

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

async function scenes(run: Run, { cast, observers, load }: Stage): Promise<boolean> {
  run.narrator.heading(`Where reads go: content from the replicas of ${QUORUM}`);
  const share = await whereReadsWent(run, QUORUM);
  run.figures.contentFromReplicas = share;

  run.narrator.heading(`kill -9: the primary of ${QUORUM} dies while its users write`);
  const killedAt = run.recorder.now();
  run.figures.failover = await losePrimary(run, QUORUM, 'kill');
  tellSessions(run, load);
  run.figures.otherPartitionSlowestMs = tellOthers(run, killedAt);

  run.narrator.heading(`The lost tail: ${ASYNC} loses a host, and gets its messages back`);
  const salvage = await salvageScene(run, cast, observers);
  run.figures.salvage = salvage;
  return share >= ENOUGH_FROM_REPLICAS && salvage.lost === salvage.salvaged;
}

/** Makes the users, fills their mailboxes, and leaves one session a user open to look through later. */
async function moveIn(run: Run, cast: readonly Login[], mail: MailSource): Promise<readonly MailSession[]> {
  await Promise.all(cast.map(({ user, password }) => run.cluster.createUser(user, password)));
  const sessions = await Promise.all(
    cast.map((login) =>
      openMailSession({
        name: `observer ${login.user}`,
        endpoint: run.cluster.endpoint,
        login,
        recorder: run.recorder,
      }),
    ),
  );
  const portions = sessions.map((session, i) => ({
    session,
    portion: mail.initial.filter((_, n) => n % sessions.length === i),
  }));
  await Promise.all(
    portions.map(async ({ session, portion }) => {
      for (const message of portion) await append(session, run, message);
    }),
  );
  run.narrator.say(`${cast.length} users, ${mail.origin}, delivered over IMAP.`);
  return sessions;
}

/** Two thirds sit in IDLE, as in real life; the rest work. */
function mixOf(sessions: number): Mix {
  const idle = Math.floor((sessions * 2) / 3);
  const write = Math.max(2, Math.floor((sessions - idle) / 3));
  const list = Math.max(1, Math.floor((sessions - idle) / 6));
  return { idle, write, list, read: Math.max(2, sessions - idle - write - list) };
}

function tellSessions(run: Run, load: RunningLoad): void {
  const open = load.sessions.filter((session) => session.client.usable).length;
  const text = `${open} of ${load.sessions.length} sessions still open, on the same TCP connections.`;
  run.narrator.say(open === load.sessions.length ? run.narrator.good(text) : run.narrator.bad(text));
}

type Watcher = { readonly session: MailSession; readonly cache: CachedMailbox };

/** A session that keeps its own idea of an INBOX through loss and salvage. */
async function openWatcher(run: Run, cast: readonly Login[]): Promise<Watcher> {
  const login = cast.find((l) => l.partition === ASYNC);
  if (login === undefined) throw new Error(`nobody lives in ${ASYNC}`);
  const session = await openMailSession({
    name: 'watcher',
    endpoint: run.cluster.endpoint,
    login,
    recorder: run.recorder,
  });
  return { session, cache: await CachedMailbox.open(session) };
}

/** Nobody writes any more: what the watcher was told, piece by piece, must be what is there. */
async function cacheEqualsServer(
  run: Run,
  { session, cache }: Watcher,
  observers: readonly MailSession[],
): Promise<boolean> {
  const observer = observers.find((o) => o.login.user === session.login.user);
  if (observer === undefined) throw new Error(`nobody else looks at the mailbox of ${session.login.user}`);
  const server = (await observeMailbox(observer, 'INBOX', run.recorder)).messages.map((m) => m.uid);
  const cached = await cache.settle();
  const equal = cached.length === server.length && cached.every((uid, i) => uid === server[i]);
  run.figures.cachesEqual = equal;
  const text = `A client's cache of ${server.length} messages, kept through all of it, ${equal ? 'equals' : 'DIFFERS from'} the server.`;
  run.narrator.say(equal ? run.narrator.good(text) : run.narrator.bad(text));
  return equal;
}

/** The slowest write of the other partition while this one was without a primary, ms. */
function tellOthers(run: Run, since: number): number {
  const writes = ofKind(run.recorder.events, 'append').filter((a) => a.partition === ASYNC && a.begun >= since);
  const slowest = Math.max(0, ...writes.map((a) => a.ended - a.begun));
  run.narrator.say(`${ASYNC} meanwhile: ${writes.length} messages written, the slowest in ${Math.round(slowest)} ms.`);
  return slowest;
}

async function salvageScene(run: Run, cast: readonly Login[], observers: readonly MailSession[]) {
  const login = cast.find((l) => l.partition === ASYNC);
  if (login === undefined) throw new Error(`nobody lives in ${ASYNC}`);
  const open = (name: string): Promise<MailSession> =>
    openMailSession({ name, endpoint: run.cluster.endpoint, login, recorder: run.recorder });
  const writer = await open('tail writer');
  const figures = await loseAndSalvage(run, ASYNC, {
    writer,
    observers: observers.filter((o) => o.login.partition === ASYNC),
  });
  await writer.close();
  return figures;
}

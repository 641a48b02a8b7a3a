import { pause } from '#runtime/deadline.ts';
import { CachedMailbox } from '../clients/cached-mailbox.ts';
import { type Login, type MailSession, openMailSession } from '../clients/mail-session.ts';
import { idler, type Load, lister, type Role, reader } from '../clients/roles.ts';
import { writer } from '../clients/writer.ts';
import type { Run } from '../run.ts';

/** Sessions that are open and busy in the background. */
export type RunningLoad = {
  readonly sessions: readonly MailSession[];
  /** Of those that idle. */
  readonly caches: readonly CachedMailbox[];
  /** Ends the habits of those that write, read and list; who idles goes on idling. */
  quiet(): Promise<void>;
  /** Ends every habit; the connections stay open. */
  rest(): Promise<void>;
};

/** How many sessions of each habit. */
export type Mix = { readonly idle: number; readonly list: number; readonly read: number; readonly write: number };
type Habit = keyof Mix;

const THINK_MS = { idle: 10, list: 400, read: 200, write: 80 };
const LOGINS_AT_ONCE = 8;
/** A command without an answer must not hold up the verdict, which tells of it. */
const PATIENCE_MS = 30_000;

/** Opens the sessions of `mix`, each habit spread over the partitions of `cast`, and sets them to work. */
export async function startLoad(run: Run, cast: readonly Login[], mix: Mix): Promise<RunningLoad> {
  const workers = await openAll(run, byTurns(cast), mix);
  const idle = workers.filter(({ habit }) => habit === 'idle');
  const busy = workers.filter(({ habit }) => habit !== 'idle');
  const caches = await Promise.all(idle.map(({ session }) => CachedMailbox.open(session)));
  const working = start(run, busy);
  const idling = start(run, idle);
  return {
    sessions: workers.map(({ session }) => session),
    caches,
    quiet: () => working.end(),
    async rest() {
      await Promise.all([working.end(), idling.end()]);
    },
  };
}

type Worker = { readonly session: MailSession; readonly habit: Habit };

function start(run: Run, workers: readonly Worker[]): { end(): Promise<void> } {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, run.signal]);
  const working = workers.map(({ session, habit }) => {
    const { recorder } = run;
    const load: Load = { recorder, random: run.random(session.name), signal, thinkMs: THINK_MS[habit] };
    return roleOf(habit, run, session)(session, load);
  });
  // A habit whose connection broke rejects; the recorder has noted the broken session, which is what is judged.
  const settled = Promise.allSettled(working);
  return {
    async end() {
      stop.abort();
      const ended = new AbortController();
      void settled.then(() => ended.abort());
      await pause(PATIENCE_MS, ended.signal);
    },
  };
}

function roleOf(habit: Habit, run: Run, { name }: MailSession): Role {
  switch (habit) {
    case 'idle':
      return idler;
    case 'list':
      return lister;
    case 'read':
      return reader;
    case 'write':
      return writer(run.mailOf(name));
  }
}

/** Users of each partition in turn: however few have a habit, every partition has one who has. */
function byTurns(cast: readonly Login[]): readonly Login[] {
  const groups = [...Map.groupBy(cast, ({ partition }) => partition).values()];
  const rounds = Math.max(...groups.map((group) => group.length));
  return Array.from({ length: rounds }, (_, round) => groups.flatMap((group) => group.slice(round, round + 1))).flat();
}

async function openAll(run: Run, cast: readonly Login[], mix: Mix): Promise<readonly Worker[]> {
  const wanted = (Object.entries(mix) as [Habit, number][]).flatMap(([habit, count]) =>
    Array.from({ length: count }, (_, index) => ({ habit, index })),
  );
  const workers: Worker[] = [];
  for (let i = 0; i < wanted.length; i += LOGINS_AT_ONCE) {
    const batch = wanted.slice(i, i + LOGINS_AT_ONCE).map((one) => openOne(run, cast, one));
    workers.push(...(await Promise.all(batch)));
  }
  return workers;
}

async function openOne(
  run: Run,
  cast: readonly Login[],
  { habit, index }: { readonly habit: Habit; readonly index: number },
): Promise<Worker> {
  const login = cast[index % cast.length];
  if (login === undefined) throw new RangeError('a load needs at least one user');
  const name = `${habit} ${index} (${login.user})`;
  const { endpoint } = run.cluster;
  return { habit, session: await openMailSession({ name, endpoint, login, recorder: run.recorder }) };
}

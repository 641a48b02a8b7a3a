import { type Login, type MailSession, openMailSession } from '../clients/mail-session.ts';
import { idler, type Load, lister, type Role, reader } from '../clients/roles.ts';
import { writer } from '../clients/writer.ts';
import type { Run } from '../run.ts';

/** Sessions that are open and busy in the background. */
export type RunningLoad = {
  readonly sessions: readonly MailSession[];
  /** Ends the habits; the connections stay open. */
  rest(): Promise<void>;
};

/** How many sessions of each habit. */
export type Mix = { readonly idle: number; readonly list: number; readonly read: number; readonly write: number };

const THINK_MS = { idle: 0, list: 400, read: 60, write: 80 };
const LOGINS_AT_ONCE = 8;

/** Opens the sessions of `mix`, spread over `cast`, and sets them to work. */
export async function startLoad(run: Run, cast: readonly Login[], mix: Mix): Promise<RunningLoad> {
  const roles: Record<keyof Mix, Role> = { idle: idler, list: lister, read: reader, write: writer(run.nextMail) };
  const wanted = Object.entries(mix).flatMap(([habit, count]) => Array<keyof Mix>(count).fill(habit as keyof Mix));
  const sessions = await openAll(run, cast, wanted);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, run.signal]);
  const working = sessions.map((session, index) => {
    const habit = wanted[index] ?? 'idle';
    const load: Load = { recorder: run.recorder, random: run.random, signal, thinkMs: THINK_MS[habit] };
    return roles[habit](session, load);
  });
  // A habit whose connection broke rejects; the recorder has noted the broken session, which is what is judged.
  const settled = Promise.allSettled(working);
  return {
    sessions,
    rest: async () => {
      stop.abort();
      await settled;
    },
  };
}

async function openAll(run: Run, cast: readonly Login[], habits: readonly string[]): Promise<readonly MailSession[]> {
  const sessions: MailSession[] = [];
  for (let i = 0; i < habits.length; i += LOGINS_AT_ONCE) {
    const batch = habits.slice(i, i + LOGINS_AT_ONCE).map((habit, j) => openOne(run, cast, { habit, index: i + j }));
    sessions.push(...(await Promise.all(batch)));
  }
  return sessions;
}

function openOne(run: Run, cast: readonly Login[], of: { habit: string; index: number }): Promise<MailSession> {
  const login = cast[of.index % cast.length];
  if (login === undefined) throw new RangeError('a load needs at least one user');
  const name = `${of.habit} ${of.index} (${login.user})`;
  return openMailSession({ name, endpoint: run.cluster.endpoint, login, recorder: run.recorder });
}

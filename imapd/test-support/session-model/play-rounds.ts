import { pause } from '#runtime/deadline.ts';
import { numbersOf } from '../response-grammar/numbers.ts';
import { ModelSession } from './model-session.ts';
import type { Step } from './random-steps.ts';
import { SharedFacts } from './shared-facts.ts';
import { takeStep } from './take-step.ts';

/** A client of one imapd process. */
export type Player = {
  readonly port: number;
  readonly login: string;
  readonly enable: string | null;
  readonly notify?: string;
};

export type Game = {
  readonly players: readonly Player[];
  /** Exists, and nobody else uses it. */
  readonly mailbox: string;
  readonly rounds: readonly (readonly Step[])[];
  /** Something that happens while a round is played, for instance the death of a server. */
  readonly incident?: { readonly round: number; readonly happen: () => Promise<void> };
};

/**
 * Many clients work in one mailbox, then each must have been told what the mailbox is. Gives everything that was wrong,
 * with what was said; empty where nothing was.
 */
export async function playRounds({ players, mailbox, rounds, incident }: Game): Promise<readonly string[]> {
  const sessions = await Promise.all(
    players.map((player, at) => enter(player, { name: `${'abcdefghij'[at]}`, mailbox })),
  );
  const facts = new SharedFacts();
  try {
    for (const [at, round] of rounds.entries()) {
      const happening = at === incident?.round ? incident.happen() : null;
      await Promise.all([play(sessions, round, { mailbox, facts }), happening]);
    }
    await compareAll(sessions);
  } catch (error) {
    // A connection that ended, or an answer that never came, is a finding like any other.
    facts.violations.push(error instanceof Error ? error.message : String(error));
  } finally {
    for (const session of sessions) session.close();
  }
  const wrong = sessions.flatMap(({ name, model }) => model.violations.map((what) => `${name}: ${what}`));
  const found = [...facts.violations, ...wrong];
  return found.length === 0 ? [] : [...found, '', ...sessions.flatMap(({ trace }) => [...trace, ''])];
}

async function enter(
  { port, login, enable, notify }: Player,
  { name, mailbox }: { readonly name: string; readonly mailbox: string },
): Promise<ModelSession> {
  const session = await ModelSession.open(name, port);
  await session.command(`LOGIN ${login}`);
  if (enable !== null) await session.command(`ENABLE ${enable}`);
  await session.command(`SELECT ${mailbox}`);
  if (notify !== undefined) await session.command(`NOTIFY SET ${notify}`);
  return session;
}

async function play(
  sessions: readonly ModelSession[],
  round: readonly Step[],
  { mailbox, facts }: { readonly mailbox: string; readonly facts: SharedFacts },
): Promise<void> {
  const { promise: others, resolve } = Promise.withResolvers<void>();
  const turns = sessions.flatMap((session, at) => {
    const step = round[at];
    return step === undefined ? [] : [{ session, step }];
  });
  const take = ({ session, step }: (typeof turns)[number]): Promise<void> =>
    takeStep(step, { session, mailbox, facts, others });
  const idling = turns.filter(({ step }) => step.kind === 'idle').map(take);
  const working = turns.filter(({ step }) => step.kind !== 'idle').map(take);
  // Who idles waits for who works, whatever becomes of it.
  void Promise.allSettled(working).then(() => resolve());
  await Promise.all([...idling, ...working]);
}

/** What a process has not read yet, it tells later; so long it may take at most, ms. */
const SETTLE_MS = 10_000;
const LOOK_MS = 150;

/** In the end, by NOOP alone, all believe the same; and what they believe is so. */
async function compareAll(sessions: readonly ModelSession[]): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  let agreed = 0;
  // Twice, for all may be late in the same way.
  while (agreed < 2 && performance.now() < deadline) {
    await pause(LOOK_MS);
    for (const session of sessions) await learn(session);
    const [first, ...others] = sessions.map(({ model }) => model.messages);
    agreed = others.every((other) => agrees(first ?? [], other)) ? agreed + 1 : 0;
  }
  for (const session of sessions) await verifyBeliefs(session);
  for (const session of sessions) await verifyKeptUp(session);
  const [first, ...others] = sessions.map(({ model }) => listed(model.messages));
  for (const [at, other] of others.entries()) {
    if (other !== first)
      sessions[at + 1]?.model.violations.push(`the mailbox is ${other}, for another client ${first}`);
  }
}

/** UIDs of what arrived are for the client to ask for. */
async function learn(session: ModelSession): Promise<void> {
  await session.command('NOOP');
  if (session.model.messages.some(({ uid }) => uid === null)) await session.command('UID FETCH 1:* (UID)');
}

async function verifyBeliefs(session: ModelSession): Promise<void> {
  const { model } = session;
  const before = model.messages.map(({ uid, flags }) => ({ uid, flags }));
  await session.command('UID FETCH 1:* (UID FLAGS)');
  for (const { uid, flags } of before) {
    const now = model.messages.find((message) => message.uid === uid)?.flags;
    if (flags === null || now === null || now === undefined || sorted(flags) === sorted(now)) continue;
    model.violations.push(`UID ${uid} was believed (${sorted(flags)}) and is (${sorted(now)})`);
  }
}

/** Results that were kept up are what a search finds (RFC 5267, 4.3). */
async function verifyKeptUp(session: ModelSession): Promise<void> {
  const { model } = session;
  for (const { key, uids } of model.keptUp.all) {
    const { responses } = await session.command(`UID SEARCH RETURN (ALL) ${key}`);
    const all = responses.flatMap((each) => (each.kind === 'esearch' ? [each.results.get('ALL') ?? []] : []))[0];
    const found = typeof all === 'object' ? [...numbersOf(all)] : [];
    if (found.join() !== uids.join())
      model.violations.push(`${key} finds ${found.join()}, and was kept up as ${uids.join()}`);
  }
}

type Messages = ModelSession['model']['messages'];

/** As far as both know. */
const agrees = (one: Messages, other: Messages): boolean =>
  one.length === other.length &&
  one.every(({ uid, flags }, at) => {
    const there = other[at];
    const alike = flags === null || !there?.flags || sorted(flags) === sorted(there.flags);
    return uid === there?.uid && alike;
  });

const sorted = (flags: readonly string[]): string => [...flags].sort().join(' ');
const listed = (messages: Messages): string =>
  messages.map(({ uid, flags }) => `${uid} (${sorted(flags ?? [])})`).join(', ');

import { expect, onTestFinished } from 'vitest';
import { ofKind } from '#demo/checker/group.ts';
import type { AppendEvent, HistoryEvent } from '#demo/checker/history.ts';
import type { Rules } from '#demo/checker/invariant.ts';
import { unanswered } from '#demo/checker/unanswered.ts';
import { judge } from '#demo/checker/verdict.ts';
import { type ImapEndpoint, type Login, type MailSession, openMailSession } from '#demo/clients/mail-session.ts';
import { observeMailbox } from '#demo/clients/observe-mailbox.ts';
import { createRecorder, type Recorder } from '#demo/clients/recorder.ts';
import { idler, lister, type Role, reader } from '#demo/clients/roles.ts';
import { writer } from '#demo/clients/writer.ts';
import { createMailGenerator, seededRandom } from '#demo/mail/generator.ts';
import { pause } from '#runtime/deadline.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { checkFarewells, type Farewells } from './farewells.ts';
import { visibleConnections, type Whereabouts, whereabouts } from './imapd-pods.ts';
import type { MailCluster } from './mail-cluster.ts';
import { reportBroken } from './report.ts';

/**
 * `avoidNode`: sessions only with imapd pods elsewhere, by their own addresses. `placedBy`: it is known which pod each session
 * is on, by that cluster's connections, or by the pods' own addresses where those cannot be seen.
 */
export type Surroundings = { readonly avoidNode?: string; readonly placedBy?: Cluster };

export type Mix = { readonly idle: number; readonly list: number; readonly read: number; readonly write: number };
type Habit = keyof Mix;

const THINK_MS: Readonly<Record<Habit, number>> = { idle: 50, list: 1_000, read: 250, write: 150 };
const LOGINS_AT_ONCE = 8;
/** Longer than a command may be held (`sessions.writeHold`) and a busy machine needs on top. */
const ANSWER_WITHIN_MS = 30_000;
const PATIENCE_MS = 35_000;
/** As with other times, a busy machine is given a second try. Mail that is lost is lost. */
const TIME_TO_ANSWER = 'I7';
/** For an answer to a LOGOUT; who gets none hangs up. */
const LEAVE_MS = 5_000;
/** Acknowledgements after which writing counts as going on again. */
const SETTLED = 20;

/** People at work: sessions of a real mail program, whose history is what a test is judged by. */
export class Crowd {
  readonly recorder: Recorder;
  readonly #mail: MailCluster;
  readonly #logins: readonly Login[];
  readonly #sessions: MailSession[] = [];
  readonly #stop = new AbortController();
  #endpoints: readonly ImapEndpoint[] = [];
  #whereabouts: Whereabouts = new Map();
  #work: Promise<unknown> = Promise.resolve();

  private constructor(mail: MailCluster, logins: readonly Login[]) {
    this.#mail = mail;
    this.#logins = logins;
    this.recorder = createRecorder(() => performance.now());
  }

  /**
   * Opens the sessions and sets them to work; returns once every writer has had a message acknowledged. For one test, with whose
   * end they leave: a second try must not find those of the first at work.
   */
  static async gather(mail: MailCluster, logins: readonly Login[], who: Mix & Surroundings): Promise<Crowd> {
    const crowd = new Crowd(mail, logins);
    onTestFinished(async () => await crowd.leave());
    await crowd.#come(who);
    return crowd;
  }

  /** The same for all tests of a file; whoever gathers it has it leave. */
  static async gatherForAll(mail: MailCluster, logins: readonly Login[], who: Mix & Surroundings): Promise<Crowd> {
    const crowd = new Crowd(mail, logins);
    try {
      await crowd.#come(who);
    } catch (error) {
      await crowd.leave();
      throw error;
    }
    return crowd;
  }

  async #come({ avoidNode, placedBy, ...mix }: Mix & Surroundings): Promise<void> {
    const isHidden = placedBy !== undefined && (await visibleConnections(placedBy)) === null;
    this.#endpoints = await (isHidden ? this.#mail.podEndpoints() : this.#mail.endpoints(avoidNode));
    await this.#open(mix);
    if (placedBy !== undefined) this.#whereabouts = await whereabouts(placedBy, this.#sessions);
    await this.untilWritten(mix.write > 0 ? mix.write : 0);
  }

  get sessions(): readonly MailSession[] {
    return this.#sessions;
  }

  /** Sessions on these pods (addresses), each with what is said of its pod. */
  on<T>(pods: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    const entries = [...this.#whereabouts].flatMap(([session, address]): readonly [string, T][] => {
      const of = pods.get(address);
      return of === undefined ? [] : [[session, of]];
    });
    return new Map(entries);
  }

  appends(): readonly AppendEvent[] {
    return ofKind(this.recorder.events, 'append');
  }

  /** Waits until `count` more messages have been acknowledged. */
  async untilWritten(count: number, ms = 60_000): Promise<void> {
    const acknowledged = (): number => this.appends().filter(({ outcome }) => outcome === 'ok').length;
    const [wanted, end] = [acknowledged() + count, performance.now() + ms];
    while (acknowledged() < wanted) {
      if (performance.now() > end)
        throw new Error(`${wanted - acknowledged()} of ${count} messages were not acknowledged; ${this.#situation()}`);
      await pause(20);
    }
  }

  /**
   * How long `partition` took no writes after a fault at `at`: until the end of the longest pause between acknowledgements,
   * ms. Some are still given while the fault sets in, so the first one proves nothing.
   */
  async firstWriteAfter(at: number, partition: string, ms = 60_000): Promise<number> {
    const end = performance.now() + ms;
    for (;;) {
      const acknowledged = this.#acknowledgedSince(at, partition);
      const pauses = acknowledged.map((ended, index) => ({ ended, ms: ended - (acknowledged[index - 1] ?? at) }));
      const longest = pauses.toSorted((a, b) => b.ms - a.ms)[0];
      // Another as long pause may be going on right now.
      const quiet = performance.now() - (acknowledged.at(-1) ?? at);
      if (longest !== undefined && acknowledged.length >= SETTLED && quiet < longest.ms)
        return Math.round(longest.ended - at);
      if (performance.now() > end)
        throw new Error(
          `${acknowledged.length} messages were written to ${partition} within ${ms} ms; ${this.#situation()}`,
        );
      await pause(10);
    }
  }

  /** The longest time between two acknowledgements of `partition` since `at`, ms. */
  longestPause(at: number, partition: string): number {
    const acknowledged = this.#acknowledgedSince(at, partition);
    return Math.round(Math.max(...acknowledged.map((ended, index) => ended - (acknowledged[index - 1] ?? at))));
  }

  /** For a test that waits in vain: what the sessions are doing, in words. */
  #situation(): string {
    const { events } = this.recorder;
    const now = this.recorder.now();
    const waiting = unanswered(events).map(
      ({ client, name, at }) => `${client}: ${name} for ${Math.round(now - at)} ms`,
    );
    const ended = ofKind(events, 'session').filter(({ what }) => what === 'closed by server');
    const appends = this.appends().map(({ outcome, partition }) => `${outcome} in ${partition}`);
    const tally = [...new Set(appends)].map((what) => `${appends.filter((one) => one === what).length} ${what}`);
    return [
      `appends: ${tally.join(', ') || 'none'}`,
      `waiting: ${waiting.join(', ') || 'nobody'}`,
      `dropped: ${ended.map(({ client }) => client).join(', ') || 'nobody'}`,
    ].join('; ');
  }

  #acknowledgedSince(at: number, partition: string): readonly number[] {
    return this.appends()
      .filter((one) => one.partition === partition && one.outcome === 'ok' && one.ended > at)
      .map(({ ended }) => ended)
      .toSorted((a, b) => a - b);
  }

  /**
   * Ends the work, looks at every mailbox once more, and fails the test where an invariant does not hold. Sessions end by
   * `farewells` alone, and in order.
   */
  async verdict(expected: { readonly farewells?: Farewells; readonly rules?: Partial<Rules> } = {}): Promise<void> {
    this.#stop.abort();
    await Promise.race([this.#work, pause(PATIENCE_MS)]);
    await this.#look();
    const durability = Object.fromEntries(
      this.#mail.shape.partitions.map(({ name, mode = 'Quorum' }) => [name, mode] as const),
    );
    const rules: Rules = {
      durability,
      maxLostSeconds: Object.fromEntries(Object.keys(durability).map((name) => [name, 5])),
      answerWithinMs: ANSWER_WITHIN_MS,
      ...expected.rules,
    };
    const { farewells = { since: new Map(), words: '' } } = expected;
    const { events } = this.recorder;
    const findings = [
      ...judge(withoutEnded(events, farewells.since), rules),
      { invariant: 'farewells', violations: checkFarewells(events, farewells) },
    ];
    const told = findings.map(({ invariant, violations }) => ({
      invariant,
      words: violations.slice(0, 5).map((violation) => `${invariant}: ${violation}`),
    }));
    await this.leave();
    const forGood = told.filter(({ invariant }) => invariant !== TIME_TO_ANSWER).flatMap(({ words }) => words);
    if (forGood.length > 0) await reportBroken(forGood);
    expect(told.flatMap(({ words }) => words)).toEqual([]);
  }

  /** May be asked again, and while sessions are still being opened: those come no further. */
  async leave(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#sessions.splice(0).map(hangUp));
  }

  /** By fresh sessions: whatever state the old ones are in does not count here. */
  async #look(): Promise<void> {
    const endpoint = await this.#mail.endpoint();
    for (const login of this.#logins) {
      const name = `observer (${login.user})`;
      const session = await openMailSession({ name, endpoint, login, recorder: this.recorder });
      await observeMailbox(session, 'INBOX', this.recorder);
      await session.close();
    }
  }

  async #open(mix: Mix): Promise<void> {
    const wanted = (Object.entries(mix) as [Habit, number][]).flatMap(([habit, count]) =>
      Array.from({ length: count }, (_, index) => ({ habit, index })),
    );
    const working: Promise<unknown>[] = [];
    for (let from = 0; from < wanted.length; from += LOGINS_AT_ONCE) {
      const opened = wanted.slice(from, from + LOGINS_AT_ONCE).map(async ({ habit, index }) => {
        const login = this.#logins[index % this.#logins.length];
        if (login === undefined) throw new RangeError('a crowd needs at least one user');
        const name = `${habit} ${index} (${login.user})`;
        const endpoint = this.#endpoints[(from + index) % this.#endpoints.length];
        if (endpoint === undefined) throw new RangeError('there is no imapd to connect to');
        const session = await openMailSession({ name, endpoint, login, recorder: this.recorder });
        if (this.#stop.signal.aborted) await hangUp(session);
        this.#stop.signal.throwIfAborted();
        this.#sessions.push(session);
        return { habit, session, seed: from + index };
      });
      for (const { habit, session, seed } of await Promise.all(opened)) working.push(this.#start(habit, session, seed));
    }
    // Whose connection broke rejects; the recorder has noted that, which is what is judged.
    this.#work = Promise.allSettled(working);
  }

  async #start(habit: Habit, session: MailSession, seed: number): Promise<void> {
    if (habit === 'idle') await session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
    const load = {
      recorder: this.recorder,
      signal: this.#stop.signal,
      random: seededRandom(seed),
      thinkMs: THINK_MS[habit],
    };
    await roleOf(habit, seed)(session, load);
  }
}

/** Of one that was dropped there is nothing left to log out of; the recorder has noted how it ended. */
async function hangUp(session: MailSession): Promise<void> {
  await Promise.race([session.close().catch(() => undefined), pause(LEAVE_MS)]);
  session.client.close();
}

/**
 * The history without the ends of sessions that imapd was to end, and without what such a session asked last where that was
 * never answered: it crossed the BYE on its way. What became of it is unknown, and is judged as that.
 */
function withoutEnded(history: readonly HistoryEvent[], ended: ReadonlyMap<string, unknown>): HistoryEvent[] {
  const closes = ofKind(history, 'session').filter(
    ({ client, what }) => what === 'closed by server' && ended.has(client),
  );
  const closed = new Set(closes.map(({ client }) => client));
  const crossed = unanswered(history).filter(({ client }) => closed.has(client));
  const left = new Set<HistoryEvent>([...closes, ...crossed]);
  return history.filter((event) => !left.has(event));
}

let generators = 0;

function roleOf(habit: Habit, seed: number): Role {
  switch (habit) {
    case 'idle':
      return idler;
    case 'list':
      return lister;
    case 'read':
      return reader;
    case 'write':
      // Unlike those of every other crowd of this process.
      return writer(createMailGenerator(1_000_000 * ++generators + seed));
  }
}

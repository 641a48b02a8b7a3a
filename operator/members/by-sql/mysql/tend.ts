import { acknowledgeAgain } from '#database/mysql/replication/acknowledge-again.ts';
import { nudge } from '#database/mysql/replication/nudge.ts';
import { readReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { isAcknowledging } from '#database/mysql/replication/semi-sync.ts';
import { makeReadOnly } from '#database/mysql/sessions/read-only.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { settled } from '#runtime/settled.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';
import type { MysqlContext } from './context.ts';
import { isLevelSince, mayLackAcknowledged, noteLevel } from './level.ts';
import type { MysqlFacts } from './looks/facts.ts';
import type { MysqlLook } from './looks/look.ts';
import { upstreamOf } from './looks/way.ts';
import type { MysqlSessions } from './sessions.ts';
import { applySettings, differing, WATCHFUL } from './settings.ts';

const TEND_MS = 20_000;

export type TendingOptions = {
  readonly sessions: MysqlSessions;
  readonly members: readonly MemberSpec[];
  readonly look: (signal: AbortSignal) => Promise<MysqlLook>;
  /** What another member says of its log. */
  readonly logOf: MysqlContext['logOf'];
};

/** What a server that was told something has forgotten with a restart, and what is to be done for commits that wait: behind the looks. */
export class Tending {
  readonly #sessions: MysqlSessions;
  readonly #members: readonly MemberSpec[];
  readonly #look: TendingOptions['look'];
  readonly #logOf: TendingOptions['logOf'];
  /** Where an upstream's log ended in this life of the server. */
  #goal: { readonly facts: MysqlFacts; readonly end: string } | null = null;
  #underWay: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor({ sessions, members, look, logOf }: TendingOptions) {
    this.#sessions = sessions;
    this.#members = members;
    this.#look = look;
    this.#logOf = logOf;
  }

  /** @throws what came of the last time, for whoever writes it down */
  tend(look: MysqlLook): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    const work = this.#underWay === null ? this.#workFor(look) : null;
    if (work === null) return;
    const done = work().catch((error: Error) => {
      this.#failure = error;
    });
    this.#underWay = settled(done).finally(() => {
      this.#underWay = null;
    });
  }

  #workFor({ facts, observation }: MysqlLook): (() => Promise<void>) | null {
    if (!facts.adopted) return null;
    if (observation.replication.role === 'primary') {
      const { required, waiting, replicas } = facts.semiSync;
      return required > 0 && waiting > 0 && replicas >= required ? () => this.#nudge() : null;
    }
    const upstream = upstreamOf(facts, this.#members);
    if (upstream === null) return null;
    const isAsTold = facts.isAcknowledging && facts.isReadOnly;
    const signal = AbortSignal.timeout(TEND_MS);
    if (isAsTold && differing(WATCHFUL[facts.flavour], facts.settings).length === 0) {
      const mayBeLevel = mayLackAcknowledged(facts) && observation.replication.upstream?.streaming === true;
      return mayBeLevel ? () => this.#seeWhetherLevel(facts, upstream, signal) : null;
    }
    return () => this.#sessions.change(signal, (pair) => this.#remind(pair, upstream, signal));
  }

  async #seeWhetherLevel(facts: MysqlFacts, { name }: MemberSpec, signal: AbortSignal): Promise<void> {
    if (this.#goal?.facts.life !== facts.life) {
      this.#goal = { facts, end: (await this.#logOf(name, signal)).position };
    }
    const { facts: since, end } = this.#goal;
    await this.#sessions.change(signal, async ({ watcher }) => {
      if (isLevelSince(since, await this.#look(signal), end)) await noteLevel(watcher, since.life);
    });
  }

  /** Left to itself: it may wait for a replica. */
  async #nudge(): Promise<void> {
    await this.#sessions.inRepository(AbortSignal.timeout(TEND_MS), nudge);
  }

  /** In force for a receiver that is started anew alone. It may have been detached meanwhile. */
  async #remind(pair: SessionPair, { endpoint }: MemberSpec, signal: AbortSignal): Promise<void> {
    const { watcher } = pair;
    const status = await readReplicaStatus(watcher);
    const { host, port } = status?.upstream ?? {};
    if (host !== endpoint.host || port !== endpoint.port) return;
    await applySettings(watcher, WATCHFUL[watcher.flavour]);
    await makeReadOnly(pair, { writers: 'nobody' });
    if (!(await isAcknowledging(watcher))) await acknowledgeAgain(pair, signal);
  }
}

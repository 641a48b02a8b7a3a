import type { MemberCommand } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import type { Observation } from '../failover/observation/observation.ts';
import type { MemberControl } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import { othersThan, type PartitionSpec } from './partition-spec.ts';
import type { PartitionRecord } from './record.ts';

type Moment = { readonly observation: Observation; readonly record: PartitionRecord };

type Wanted = {
  readonly others: readonly (readonly [MemberName, string | null])[];
  readonly retainBytes: number;
};

type Told = {
  readonly what: string;
  readonly others: readonly MemberName[];
  /** Number of the report after which it is told once more; null: not again. */
  readonly againAt: number | null;
};

/**
 * Reports of an agent, one a second: longer than a member takes to end that was given up. As long as it runs it asks its
 * upstream for a new slot where the old one is gone; and that one would keep log for nobody.
 */
const AGAIN_AFTER = 120;

/** Nothing that anybody is told reads so. */
const UNTOLD = '';

/**
 * Tells every agent once what it has to know of the others: where they are, for the isolation rule, and that it keeps
 * log for them, on replicas too (PostgreSQL's physical slots are not replicated). Again when an agent was restarted, when
 * members come, go or move, and once more some time after one has gone.
 */
export class Housekeeping {
  readonly #members: MemberControl;
  readonly #tuning: Tuning;
  readonly #told = new Map<MemberName, Told>();

  constructor(members: MemberControl, tuning: Tuning) {
    this.#members = members;
    this.#tuning = tuning;
  }

  /** Whether somebody has to be told again, at once or in a while. */
  owes({ members }: PartitionSpec): boolean {
    return members.some(({ name }) => {
      const told = this.#told.get(name);
      return told !== undefined && (told.what === UNTOLD || told.againAt !== null);
    });
  }

  /** Starts what is due and does not wait for it. */
  tend(spec: PartitionSpec, moment: Moment): void {
    for (const { name } of spec.members) {
      const member = moment.observation.members.get(name);
      if (member?.connected !== true || member.report?.state !== 'running') continue;
      // Of servers that somebody else runs, only those that are known to be of this repository.
      if (spec.control === 'sql' && member.report.replication === null) continue;
      const others = othersThan(spec, name);
      const { retainedLogBytes: retainBytes } = spec;
      const addresses = others.map((other) => [other.name, other.agentUrl] as const);
      const due = this.#due(name, { others: addresses, retainBytes }, member.report);
      if (due === null) continue;
      this.#told.set(name, due);
      const peers = others.flatMap(({ name: member, agentUrl: url }) => (url === null ? [] : [{ member, url }]));
      const keep = others.map((other) => other.name);
      void this.#tell(spec, { name, epoch: moment.record.epoch }, [
        { kind: 'setPeers', peers },
        { kind: 'keepFor', members: keep, retainBytes },
      ]);
    }
  }

  /** What is to be told now; null: nothing. */
  #due(name: MemberName, wanted: Wanted, report: AgentReport): Told | null {
    const what = JSON.stringify([report.bootId, wanted]);
    const told = this.#told.get(name);
    const names = wanted.others.map(([other]) => other);
    if (told?.what !== what) {
      const lacks = told?.others.some((other) => !names.includes(other)) === true;
      // Its own restart within that time is no news of the other's end.
      const isOwed = told !== undefined && told.againAt !== null;
      return { what, others: names, againAt: lacks || isOwed ? report.sequence + AGAIN_AFTER : null };
    }
    return told.againAt === null || report.sequence < told.againAt ? null : { what, others: names, againAt: null };
  }

  /** A failure is forgotten, so that the next turn tells it again. `send` never rejects for an expected failure. */
  async #tell(
    spec: PartitionSpec,
    to: { readonly name: MemberName; readonly epoch: number },
    commands: readonly MemberCommand[],
  ): Promise<void> {
    for (const command of commands) {
      const outcome = await this.#members.send({
        partition: spec.name,
        member: to.name,
        epoch: to.epoch,
        command,
        deadlineMs: this.#tuning.slowCommandMs,
      });
      if (!outcome.ok) this.#untell(to.name);
    }
  }

  /** What is owed because somebody has gone is owed still. */
  #untell(name: MemberName): void {
    const told = this.#told.get(name);
    if (told !== undefined) this.#told.set(name, { ...told, what: UNTOLD });
  }
}

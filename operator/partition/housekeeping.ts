import type { MemberCommand } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import type { Observation } from '../failover/observation.ts';
import type { MemberControl } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import { othersThan, type PartitionSpec } from './partition-spec.ts';
import type { PartitionRecord } from './record.ts';

type Moment = { readonly observation: Observation; readonly record: PartitionRecord };

/**
 * Tells every agent once what it has to know of the others: where they are, for the isolation rule, and that it keeps
 * log for them, on replicas too (PostgreSQL's physical slots are not replicated). Again when an agent was restarted.
 */
export class Housekeeping {
  readonly #members: MemberControl;
  readonly #tuning: Tuning;
  readonly #told = new Map<MemberName, string>();

  constructor(members: MemberControl, tuning: Tuning) {
    this.#members = members;
    this.#tuning = tuning;
  }

  /** Starts what is due and does not wait for it. */
  tend(spec: PartitionSpec, moment: Moment): void {
    for (const { name } of spec.members) {
      const member = moment.observation.members.get(name);
      if (member?.connected !== true || member.report?.state !== 'running') continue;
      const others = othersThan(spec, name);
      const due = JSON.stringify([member.report.bootId, others.map((other) => [other.name, other.agentUrl])]);
      if (this.#told.get(name) === due) continue;
      this.#told.set(name, due);
      const peers = others.map((other) => ({ member: other.name, url: other.agentUrl }));
      const keep = others.map((other) => other.name);
      const { retainBytes } = this.#tuning;
      void this.#tell(spec, { name, epoch: moment.record.epoch }, [
        { kind: 'setPeers', peers },
        { kind: 'keepFor', members: keep, retainBytes },
      ]);
    }
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
      if (!outcome.ok) this.#told.delete(to.name);
    }
  }
}

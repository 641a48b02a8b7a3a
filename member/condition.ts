import type { AgentReport, FenceReason, ServerState } from '#contract/agent-report.ts';
import type { Access, RebuildReason } from './engine.ts';

export type ConditionState = {
  readonly state: ServerState;
  readonly activity: AgentReport['activity'];
  readonly access: Access;
  readonly fence: FenceReason | null;
  readonly grantedEpoch: number | null;
  readonly rebuild: RebuildReason | null;
};

/** What the agent knows of its server without asking it; every change is reported at once. */
export class Condition {
  #current: ConditionState = {
    state: 'empty',
    activity: null,
    access: 'closed',
    fence: null,
    grantedEpoch: null,
    rebuild: null,
  };
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get current(): ConditionState {
    return this.#current;
  }

  change(change: Partial<ConditionState>): void {
    const next = { ...this.#current, ...change };
    const same = Object.keys(change).every((key) => {
      const field = key as keyof ConditionState;
      return JSON.stringify(next[field]) === JSON.stringify(this.#current[field]);
    });
    this.#current = next;
    if (!same) this.#onChange();
  }
}

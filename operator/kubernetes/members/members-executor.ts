import { type MemberName, type PartitionName, partitionName } from '#contract/names.ts';
import type { Logger } from '#runtime/logger.ts';
import type { RequestOutcome } from '../../core.ts';
import { canonicalQuantity } from '../../objects/canonical-quantity.ts';
import { managedOf } from '../../partition/objects/member-input.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type ApiAction, carryOut } from './carry-out.ts';
import type { MembersInput, Refusal } from './members-input.ts';
import type { MemberAction, MembersPlan } from './plan/members-plan.ts';
import { podHashFor } from './plan/plan-replacement.ts';

export type MembersExecutorOptions = {
  readonly client: ApiClient;
  /** `Operator.requestSwitchover` of the cluster. */
  readonly switchover: (partition: PartitionName, to: MemberName) => Promise<RequestOutcome>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** `conflict`: what was planned on is no longer so; plan again once it is heard of. */
export type Executed = { readonly wrote: number; readonly conflict: boolean };

/** A switchover that was refused is asked for again no sooner. */
const ASK_AGAIN_MS = 5_000;

/** Carries out what was planned for the members of the partitions of one cluster, and remembers what was refused. */
export class MembersExecutor {
  readonly #options: MembersExecutorOptions;
  readonly #refusals = new Map<PartitionName, Map<MemberName, Refusal>>();
  /** Until when no further one is asked for; infinite while one is under way. */
  readonly #switching = new Map<PartitionName, number>();

  constructor(options: MembersExecutorOptions) {
    this.#options = options;
  }

  /** For `MembersInput.refusals`. */
  refusals(partition: PartitionName): ReadonlyMap<MemberName, Refusal> {
    return this.#refusals.get(partition) ?? new Map();
  }

  /** Nothing is remembered of a partition that is no more. */
  forget(partition: PartitionName): void {
    this.#refusals.delete(partition);
    this.#switching.delete(partition);
  }

  /**
   * All actions in their order, up to the first conflict: what comes after it was decided on the same old news.
   * @throws ApiError, network errors: plan and try again later
   */
  async execute(plan: MembersPlan, input: MembersInput, signal: AbortSignal): Promise<Executed> {
    const partition = partitionName(input.build.partition.metadata.name);
    const refused = this.#refusals.getOrInsertComputed(partition, () => new Map<MemberName, Refusal>());
    forgetMade(refused, input);
    let wrote = 0;
    for (const action of plan.actions) {
      if (action.kind === 'switchover') {
        this.#switchOver(partition, action);
        continue;
      }
      // Without the one there is no use for the other.
      if (action.kind === 'createPod' && refused.get(action.member)?.of === 'createVolume') continue;
      const done = await carryOut(action, { client: this.#options.client, build: input.build, signal });
      if (done === 'conflict') return { wrote, conflict: true };
      if (done === 'wrote') wrote += 1;
      this.#remember(action, typeof done === 'string' ? null : done.refused, { input, refused });
    }
    return { wrote, conflict: false };
  }

  #remember(
    action: ApiAction,
    message: string | null,
    { input, refused }: { readonly input: MembersInput; readonly refused: Map<MemberName, Refusal> },
  ): void {
    const { kind } = action;
    if (kind !== 'createVolume' && kind !== 'createPod' && kind !== 'updateVolume') {
      // Labels and deletions are refused for want of rights alone.
      if (message !== null) throw new Error(`${kind} is refused: ${message}`);
      return;
    }
    const { member } = action;
    if (message === null) {
      if (refused.get(member)?.of === kind) refused.delete(member);
      return;
    }
    refused.set(member, { of: kind, asked: askedFor(action, input), message, at: this.#options.clock.now() });
  }

  /** In the background: it takes as long as it takes, and meanwhile labels have to follow. */
  #switchOver(partition: PartitionName, { to, because }: Extract<MemberAction, { kind: 'switchover' }>): void {
    const { switchover, clock, log } = this.#options;
    if (clock.monotonic() < (this.#switching.get(partition) ?? 0)) return;
    this.#switching.set(partition, Number.POSITIVE_INFINITY);
    log.debug({ partition, to, because }, 'a switchover is asked for');
    const ended = (problem: unknown): void => {
      this.#switching.set(partition, clock.monotonic() + ASK_AGAIN_MS);
      if (problem !== null) log.debug({ partition, to, problem }, 'the switchover did not come to be');
    };
    void switchover(partition, to).then((outcome) => ended(outcome.ok ? null : outcome), ended);
  }
}

/** A volume that is there has been made after all: by a request whose answer was lost, or by a person. */
function forgetMade(refused: Map<MemberName, Refusal>, { volumes }: MembersInput): void {
  const made = new Set(volumes.map(({ metadata }) => metadata.name));
  for (const [member, { of }] of refused) if (of === 'createVolume' && made.has(member)) refused.delete(member);
}

function askedFor(
  action: Extract<ApiAction, { kind: 'createVolume' | 'createPod' | 'updateVolume' }>,
  { build }: MembersInput,
): string {
  if (action.kind === 'createPod') return podHashFor(action.member, { build });
  return action.kind === 'updateVolume' ? action.size : canonicalQuantity(managedOf(build.partition).storage.size);
}

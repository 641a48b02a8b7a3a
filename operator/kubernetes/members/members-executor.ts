import { type MemberName, type PartitionName, partitionName } from '#contract/names.ts';
import type { Logger } from '#runtime/logger.ts';
import type { RequestOutcome } from '../../core.ts';
import { canonicalQuantity } from '../../objects/canonical-quantity.ts';
import { managedOf } from '../../partition/objects/member-input.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type ApiAction, carryOut, type MakingAction, makes } from './carry-out.ts';
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
export type Executed = {
  readonly wrote: number;
  readonly conflict: boolean;
  /** What was not let be done to what is there, which no condition of the members tells; left out: nothing. */
  readonly refused?: string;
};

type Remembering = { readonly input: MembersInput; readonly memory: Map<MemberName, Refusal> };

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
   * All actions in their order, up to the first conflict: what comes after it was decided on the same old news. After the
   * first label, mark or deletion that is refused, only what makes something: the order of the others is their safety.
   * @throws ApiError, network errors: plan and try again later
   */
  async execute(plan: MembersPlan, input: MembersInput, signal: AbortSignal): Promise<Executed> {
    const partition = partitionName(input.build.partition.metadata.name);
    const memory = this.#refusals.getOrInsertComputed(partition, () => new Map<MemberName, Refusal>());
    forgetMade(memory, input);
    let wrote = 0;
    let refused: string | null = null;
    for (const action of plan.actions) {
      if (action.kind === 'switchover') {
        this.#switchOver(partition, action);
        continue;
      }
      if (isUseless(action, memory) || (refused !== null && !makes(action))) continue;
      const done = await carryOut(action, { client: this.#options.client, build: input.build, signal });
      if (done === 'conflict') return executed({ wrote, conflict: true }, refused);
      if (done === 'wrote') wrote += 1;
      const told = this.#note(action, typeof done === 'string' ? null : done.refused, { input, memory });
      refused ??= told;
    }
    return executed({ wrote, conflict: false }, refused);
  }

  /** What is to be told of a refusal; null: nothing, or the conditions of the members tell it. */
  #note(action: ApiAction, message: string | null, remembering: Remembering): string | null {
    if (!makes(action)) return message === null ? null : `${objectOf(action)}: ${action.kind}: ${message}`;
    this.#remember(action, message, remembering);
    return null;
  }

  #remember(action: MakingAction, message: string | null, { input, memory }: Remembering): void {
    const { kind, member } = action;
    if (message === null) {
      if (memory.get(member)?.of === kind) memory.delete(member);
      return;
    }
    memory.set(member, { of: kind, asked: askedFor(action, input), message, at: this.#options.clock.now() });
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

/** Without the one there is no use for the other. */
const isUseless = (action: ApiAction, memory: Remembering['memory']): boolean =>
  action.kind === 'createPod' && memory.get(action.member)?.of === 'createVolume';

const executed = (so: Executed, refused: string | null): Executed => (refused === null ? so : { ...so, refused });

function objectOf(action: Exclude<ApiAction, MakingAction>): string {
  return 'pod' in action ? `Pod ${action.pod.metadata.name}` : `PersistentVolumeClaim ${action.volume.metadata.name}`;
}

function askedFor(action: MakingAction, { build }: MembersInput): string {
  if (action.kind === 'createPod') return podHashFor(action.member, { build });
  return action.kind === 'updateVolume' ? action.size : canonicalQuantity(managedOf(build.partition).storage.size);
}

import type { MemberName, PartitionName } from '#contract/names.ts';
import type { Operation } from '../../partition/operation.ts';
import type { MemberOutcome } from '../../ports.ts';
import type { StepContext } from './step-context.ts';

type Told = Map<MemberName, Promise<MemberOutcome | null>>;
type Around = { readonly operation: Operation; readonly context: StepContext };

/**
 * What members are told of a step before it has come, while they wait for something else: nobody depends on it, and the step asks
 * again where it came to nothing. Known by the operation's epoch, in the memory of this operator alone.
 */
export class ToldAhead {
  readonly #partitions = new WeakMap<object, Map<PartitionName, { readonly epoch: number; readonly told: Told }>>();

  /** What is under way is not told twice, or the agents' queues would fill with it where a step is tried again. */
  tell(member: MemberName, around: Around, send: () => Promise<MemberOutcome>): void {
    const told = this.#of(around);
    if (told.has(member)) return;
    const telling = tellAhead(send());
    told.set(member, telling);
    void telling.then((outcome) => outcome?.ok === true || told.delete(member));
  }

  /** The answers, null for what came to nothing; for once: a step that is tried again asks anew. */
  take(around: Around): ReadonlyMap<MemberName, Promise<MemberOutcome | null>> {
    const { ports, spec } = around.context;
    const told = new Map(this.#of(around));
    this.#partitions.get(ports)?.delete(spec.name);
    return told;
  }

  #of({ operation: { epoch }, context: { ports, spec } }: Around): Told {
    const partitions = this.#partitions.getOrInsertComputed(ports, () => new Map());
    const known = partitions.get(spec.name);
    if (known?.epoch === epoch) return known.told;
    const told: Told = new Map();
    partitions.set(spec.name, { epoch, told });
    return told;
  }
}

/** null: it came to nothing, and nobody is told of it. */
async function tellAhead(telling: Promise<MemberOutcome>): Promise<MemberOutcome | null> {
  return await telling.catch(() => null);
}

import type { ClusterName, MemberName, PartitionName } from '#contract/names.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PartitionSpec } from '../../partition/partition-spec.ts';
import type { Clock, MemberControl, MemberOutcome, MemberRequest, MemberSighting } from '../../ports.ts';
import { engines } from './engines.ts';
import type { ReadSqlCredentials } from './sql-credentials.ts';
import { SqlMember } from './sql-member.ts';
import { strangers } from './strangers.ts';

export type SqlDirectoryOptions = {
  readonly cluster: ClusterName;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly credentials: ReadSqlCredentials;
  readonly log: Logger;
};

type Watched = { readonly key: string; readonly members: ReadonlyMap<MemberName, SqlMember> };

/** `MemberControl` of servers that somebody else runs: by SQL alone, without an agent. */
export class SqlDirectory implements MemberControl {
  readonly #options: SqlDirectoryOptions;
  readonly #partitions = new Map<PartitionName, Watched>();
  readonly #listeners = new Set<(partition: PartitionName) => void>();

  constructor(options: SqlDirectoryOptions) {
    this.#options = options;
  }

  /** Which of these partitions are controlled by SQL, and where their servers are. A changed one is watched anew. */
  apply(partitions: readonly PartitionSpec[]): void {
    const wanted = new Map(partitions.filter(isBySql).map((spec) => [spec.name, spec]));
    for (const [name, watched] of this.#partitions) {
      const spec = wanted.get(name);
      if (spec === undefined || keyOf(spec) !== watched.key) this.#close(name);
    }
    for (const spec of wanted.values()) if (!this.#partitions.has(spec.name)) this.#open(spec);
  }

  close(): void {
    for (const name of [...this.#partitions.keys()]) this.#close(name);
  }

  async send(request: MemberRequest): Promise<MemberOutcome> {
    const member = this.#partitions.get(request.partition)?.members.get(request.member);
    if (member === undefined)
      return { ok: false, failure: 'unreachable', code: 'Unknown', message: `${request.member} is not known` };
    if (!this.#strangers(request.partition).has(request.member)) return await member.send(request);
    // Never touched. To whoever wants it to follow it says why it cannot.
    return { ok: false, failure: 'impossible', code: 'Diverged', message: WRONG.message };
  }

  observe(partition: PartitionName): ReadonlyMap<MemberName, MemberSighting> {
    const members = this.#partitions.get(partition)?.members ?? [];
    const strange = this.#strangers(partition);
    return new Map(
      [...members].map(([name, { sighting }]) => [name, strange.has(name) ? asStranger(sighting) : sighting]),
    );
  }

  #strangers(partition: PartitionName): ReadonlySet<MemberName> {
    const members = this.#partitions.get(partition)?.members ?? [];
    return strangers(new Map([...members].map(([name, { systemIdentifier }]) => [name, systemIdentifier])));
  }

  onChange(listener: (partition: PartitionName) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #open(partition: PartitionSpec): void {
    const { name } = partition;
    const { credentials } = this.#options;
    const servers = engines[partition.engine]({ partition, credentials });
    const members = new Map<MemberName, SqlMember>();
    for (const spec of partition.members) {
      const server = servers.get(spec.name);
      if (server === undefined) throw new RangeError(`${name} has no server ${spec.name}`);
      const member = new SqlMember({
        ...this.#options,
        partition,
        spec,
        server,
        neighbour: (other) => members.get(other),
        onChange: () => {
          for (const listener of this.#listeners) listener(name);
        },
      });
      members.set(spec.name, member);
    }
    this.#partitions.set(name, { key: keyOf(partition), members });
    for (const member of members.values()) member.start();
  }

  #close(name: PartitionName): void {
    for (const member of this.#partitions.get(name)?.members.values() ?? []) member.close();
    this.#partitions.delete(name);
  }
}

const WRONG = {
  code: 'WrongRepository',
  message: 'the server is of another repository than the others: its system identifier differs',
} as const;

/** What it holds is nothing to this repository: neither its role nor its epoch counts. */
function asStranger(sighting: MemberSighting): MemberSighting {
  const { report } = sighting;
  const hidden = report === null ? null : { ...report, replication: null, grantedEpoch: null, highestEpoch: 0 };
  return { ...sighting, report: hidden, problem: WRONG };
}

export const isBySql = ({ control }: PartitionSpec): boolean => control === 'sql';

/** All that the watching of its servers rests on. */
const keyOf = ({ engine, database, members, tls, failover }: PartitionSpec): string =>
  JSON.stringify([engine, database, members, tls, failover.probeIntervalMs]);

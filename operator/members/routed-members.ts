import type { MemberName, PartitionName } from '#contract/names.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { MemberControl, MemberOutcome, MemberRequest, MemberSighting, OnMembers } from '../ports.ts';
import type { AgentDirectory } from './agent-directory.ts';
import { isBySql, type SqlDirectory } from './by-sql/sql-directory.ts';

/** All members of a cluster: those with an agent by that, those of somebody else's servers by SQL. */
export class RoutedMembers implements MemberControl {
  readonly #agents: AgentDirectory;
  readonly #sql: SqlDirectory;
  #bySql: ReadonlySet<PartitionName> = new Set();

  constructor(agents: AgentDirectory, sql: SqlDirectory) {
    this.#agents = agents;
    this.#sql = sql;
  }

  apply(partitions: readonly PartitionSpec[]): void {
    this.#bySql = new Set(partitions.filter(isBySql).map(({ name }) => name));
    this.#agents.apply(partitions.filter((partition) => !isBySql(partition)));
    this.#sql.apply(partitions);
  }

  close(): void {
    this.#agents.close();
    this.#sql.close();
  }

  async send(request: MemberRequest): Promise<MemberOutcome> {
    return await this.#of(request.partition).send(request);
  }

  observe(partition: PartitionName): ReadonlyMap<MemberName, MemberSighting> {
    return this.#of(partition).observe(partition);
  }

  onChange(listener: OnMembers): () => void {
    const stops = [this.#agents.onChange(listener), this.#sql.onChange(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #of(partition: PartitionName): MemberControl {
    return this.#bySql.has(partition) ? this.#sql : this.#agents;
  }
}

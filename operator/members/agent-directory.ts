import type { AgentReport } from '#contract/agent-report.ts';
import type { ClusterName, MemberName, PartitionName } from '#contract/names.ts';
import type { MemberSpec } from '../partition/partition-spec.ts';
import type {
  Clock,
  ContactFailure,
  Keys,
  MemberControl,
  MemberOutcome,
  MemberRequest,
  MemberSighting,
  OnMembers,
} from '../ports.ts';
import { keepAgentStream } from './agent-stream.ts';
import { sendCommand } from './send-command.ts';

export type ConnectOptions = {
  readonly cluster: ClusterName;
  /** Bearer token of the agents' GET endpoints. */
  readonly token: string;
  readonly keys: Keys;
  readonly clock: Clock;
  /** An agent sends a report a second; after so long without one its stream is made anew. */
  readonly silenceMs: number;
};

const UNSEEN: MemberSighting = { connected: false, failure: null, report: null, reportedAt: null };

type AgentSpec = MemberSpec & { readonly agentUrl: string };

const hasAgent = (spec: MemberSpec): spec is AgentSpec => spec.agentUrl !== null;

type Link = {
  readonly partition: PartitionName;
  readonly spec: AgentSpec;
  readonly end: AbortController;
  sighting: MemberSighting;
};

/** `MemberControl` over the agents' HTTP API: one stream of reports and any number of commands per agent. */
export class AgentDirectory implements MemberControl {
  readonly #options: ConnectOptions;
  readonly #links = new Map<string, Link>();
  /** The same by partition: a core looks at each several times a second. */
  readonly #partitions = new Map<PartitionName, Map<MemberName, Link>>();
  readonly #listeners = new Set<OnMembers>();

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  /** Which agents there are. Streams to new ones begin, those to agents that are gone or have moved end. */
  apply(partitions: readonly { readonly name: PartitionName; readonly members: readonly MemberSpec[] }[]): void {
    const wanted = new Map(
      partitions.flatMap(({ name, members }) =>
        members.filter(hasAgent).map((spec) => [keyOf(name, spec.name), { name, spec }] as const),
      ),
    );
    for (const [key, link] of this.#links) {
      if (wanted.get(key)?.spec.agentUrl === link.spec.agentUrl) continue;
      link.end.abort();
      this.#links.delete(key);
      this.#partitions.get(link.partition)?.delete(link.spec.name);
    }
    for (const [key, { name, spec }] of wanted) if (!this.#links.has(key)) this.#open(key, name, spec);
  }

  close(): void {
    for (const link of this.#links.values()) link.end.abort();
    this.#links.clear();
    this.#partitions.clear();
  }

  async send(request: MemberRequest): Promise<MemberOutcome> {
    const link = this.#links.get(keyOf(request.partition, request.member));
    if (link === undefined) {
      return { ok: false, failure: 'unreachable', code: 'Unknown', message: `no agent is known for ${request.member}` };
    }
    const { cluster, keys, clock } = this.#options;
    return await sendCommand(request, {
      cluster,
      agentUrl: link.spec.agentUrl,
      key: await keys.signing(),
      now: clock.now(),
    });
  }

  observe(partition: PartitionName): ReadonlyMap<MemberName, MemberSighting> {
    const seen = new Map<MemberName, MemberSighting>();
    for (const { spec, sighting } of this.#partitions.get(partition)?.values() ?? []) seen.set(spec.name, sighting);
    return seen;
  }

  onChange(listener: OnMembers): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #open(key: string, partition: PartitionName, spec: AgentSpec): void {
    const link: Link = { partition, spec, end: new AbortController(), sighting: UNSEEN };
    this.#links.set(key, link);
    this.#partitions.getOrInsertComputed(partition, () => new Map()).set(spec.name, link);
    // Ends by itself when the link is closed; nothing in it rejects.
    void keepAgentStream({
      agentUrl: spec.agentUrl,
      token: this.#options.token,
      clock: this.#options.clock,
      silenceMs: this.#options.silenceMs,
      signal: link.end.signal,
      onReport: (report) => this.#heard(link, report),
      onLost: (failure) => this.#lost(link, failure),
    });
  }

  #heard(link: Link, report: AgentReport): void {
    // Somebody else's agent on that address says nothing about this member.
    if (report.member !== link.spec.name || report.partition !== link.partition) return;
    link.sighting = { connected: true, failure: null, report, reportedAt: this.#options.clock.monotonic() };
    this.#tell(link);
  }

  #lost(link: Link, failure: ContactFailure): void {
    const changed = link.sighting.connected || link.sighting.failure !== failure;
    link.sighting = { ...link.sighting, connected: false, failure };
    if (changed) this.#tell(link);
  }

  #tell({ partition, spec, sighting }: Link): void {
    const heard = { member: spec.name, sighting };
    for (const listener of this.#listeners) listener(partition, heard);
  }
}

const keyOf = (partition: PartitionName, member: MemberName): string => `${partition}/${member}`;

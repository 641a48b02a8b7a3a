import type { SignedCommand } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import { isNews } from '#contract/is-news.ts';
import { ReportLines } from '#member/api/report-lines.ts';
import { momentOf, untilBeat } from '#member/report/until-beat.ts';
import type { MemberOutcome } from '#operator/ports.ts';
import { SimulatedServer } from '#operator/test-support/simulated-server.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import { CLUSTER, type PartitionPlaces } from './world.ts';

type Stream = { readonly channel: LineChannel; readonly lines: ReportLines };
type Agent = { readonly server: SimulatedServer; readonly streams: Set<Stream>; told: AgentReport | null };

/** The agents of one partition, each with its server, a primary and its replicas at epoch 1. */
export class SimulatedPartition {
  readonly name: string;
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly #mail: boolean;
  #written = 0;
  /** When the report of a loss was sent, and what waits for the answer to it. */
  #lost: { readonly at: number; readonly epoch: number; readonly answered: (ms: number) => void } | null = null;

  constructor({ name, members }: PartitionPlaces, mail: boolean) {
    this.name = name;
    this.#mail = mail;
    const names = members.map((member) => member.name);
    const world = { names, peer: (peer: string) => this.#agent(peer).server, now: () => performance.now() };
    this.#agents = new Map(
      names.map((member) => [member, { server: new SimulatedServer(member, world), streams: new Set(), told: null }]),
    );
    const [primary = '', ...replicas] = names;
    for (const { server } of this.#agents.values()) settle(server, primary, replicas);
  }

  /** Begins the reports of one agent; they go on until the reader goes. */
  follow(member: string, channel: LineChannel): void {
    const agent = this.#agent(member);
    const stream = { channel, lines: new ReportLines() };
    agent.streams.add(stream);
    send(stream, this.#report(agent));
    const moment = momentOf(Math.random());
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      timer = setTimeout(
        () => {
          this.#beat(agent, stream);
          wait();
        },
        untilBeat(Date.now(), moment),
      );
    };
    wait();
    channel.onClosed(() => {
      clearTimeout(timer);
      agent.streams.delete(stream);
    });
    // Confirmations cost agents, not the operator.
    channel.read(() => undefined).catch(() => channel.close());
  }

  obey(member: string, { epoch, command }: SignedCommand): { readonly ms: number; readonly done: () => MemberOutcome } {
    this.noteEpoch(epoch);
    const { server } = this.#agent(member);
    return {
      ms: server.durationMs(command),
      done: () => {
        const outcome = server.obey(epoch, command);
        this.#changed();
        return outcome;
      },
    };
  }

  /** The operator has said something to somebody about this partition under an epoch. */
  noteEpoch(epoch: number): void {
    if (this.#lost === null || epoch <= this.#lost.epoch) return;
    this.#lost.answered(performance.now() - this.#lost.at);
    this.#lost = null;
  }

  /** Its primary's server is killed. Resolves with the time until the operator acts, in milliseconds. */
  async lose(): Promise<number> {
    const primary = [...this.#agents.values()].find(({ server }) => server.grantedEpoch !== null);
    if (primary === undefined) throw new Error(`${this.name} has no primary`);
    const { promise, resolve } = Promise.withResolvers<number>();
    const epoch = primary.server.highestEpoch;
    // What it alone had would be salvaged by a Job, and nobody here runs one.
    for (const { server } of this.#agents.values()) server.replicate();
    primary.server.kill();
    this.#lost = { at: performance.now(), epoch, answered: resolve };
    this.#changed();
    return await promise;
  }

  get isWhole(): boolean {
    const servers = [...this.#agents.values()].map(({ server }) => server);
    return servers.filter(({ streaming }) => streaming).length === servers.length - 1 && this.isFollowed;
  }

  get isFollowed(): boolean {
    return [...this.#agents.values()].every(({ streams }) => streams.size > 0);
  }

  #agent(member: string): Agent {
    const found = this.#agents.get(member);
    if (found === undefined) throw new Error(`no member ${member}`);
    return found;
  }

  #beat(agent: Agent, stream: Stream): void {
    const { server } = agent;
    if (this.#mail && server.grantedEpoch !== null && server.serves) {
      this.#written += 1;
      // What every replica has need not be told apart: only the length of the log is a position.
      server.log.push({ timeline: server.timeline, id: `mail ${this.#written}` });
    }
    const { state } = server;
    server.replicate();
    if (server.state !== state) this.#changed();
    send(stream, this.#report(agent));
  }

  /** As agents do: what is worth more than the next heartbeat is told at once. */
  #changed(): void {
    for (const agent of this.#agents.values()) agent.server.replicate();
    for (const agent of this.#agents.values()) {
      const before = agent.told;
      const report = this.#report(agent);
      if (isNews(before, report)) for (const stream of agent.streams) send(stream, report);
    }
  }

  #report(agent: Agent): AgentReport {
    agent.told = moving({ ...agent.server.report(this.name), cluster: CLUSTER });
    return agent.told;
  }
}

const send = ({ channel, lines }: Stream, report: AgentReport): void => channel.send(lines.of(report));

/** With figures that never stand still, as those of real servers: tenths of a millisecond, and a sign of life each second. */
function moving(report: AgentReport): AgentReport {
  const { probe, replication } = report;
  const upstream = replication?.upstream;
  const latencyMs = probe.latencyMs === null ? null : Math.round(MOST_LATENCY * Math.random()) / 10;
  const silent = upstream?.streaming === true ? { silentMs: Math.round(MOST_SILENT_MS * Math.random()) } : {};
  return {
    ...report,
    probe: { ...probe, latencyMs },
    replication: replication && { ...replication, upstream: upstream == null ? null : { ...upstream, ...silent } },
  };
}

const MOST_LATENCY = 20;
const MOST_SILENT_MS = 1_000;

function settle(server: SimulatedServer, primary: string, replicas: readonly string[]): void {
  server.state = 'running';
  server.log = [{ timeline: 1, id: 'initialized' }];
  server.highestEpoch = 1;
  if (server.name === primary) {
    server.synchronous = { required: 1, members: [...replicas] };
    server.grantedEpoch = 1;
  } else {
    server.role = 'replica';
    server.upstream = primary;
  }
}

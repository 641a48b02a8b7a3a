import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { JWK } from 'jose';
import { Value } from 'typebox/value';
import {
  COMMAND_PATH,
  type CommandFailure,
  type CommandResult,
  type MemberCommand,
  type SignedCommand,
} from '#contract/agent-command.ts';
import { AgentReport, STATUS_PATH, STREAM_PATH } from '#contract/agent-report.ts';
import { Beat, withBeat } from '#contract/beat.ts';
import { sign } from '#contract/signature.ts';
import { openChannel } from '#runtime/channel/open-channel.ts';

export type AgentAddress = {
  readonly cluster: string;
  readonly partition: string;
  readonly member: string;
  readonly url: string;
};

export type Answer = { readonly status: number; readonly body: CommandResult & CommandFailure };

const COMMAND_LIFE_MS = 60_000;
const AGREED_WITHIN_MS = 10_000;

/** What the operator does to an agent, for tests: signs and posts commands, reads status and stream. */
export class AgentClient {
  readonly address: AgentAddress;
  readonly #key: JWK;
  readonly #token: string;

  constructor(address: AgentAddress, privateJwk: JWK, token: string) {
    this.address = address;
    this.#key = privateJwk;
    this.#token = token;
  }

  /** Sends a command; `change` overrides parts of what is signed. */
  async send(epoch: number, command: MemberCommand, change: Partial<SignedCommand> = {}): Promise<Answer> {
    const { cluster, partition, member } = this.address;
    const expiresAt = Date.now() + COMMAND_LIFE_MS;
    const order = { id: randomUUID(), cluster, partition, member, epoch, expiresAt, command, ...change };
    return await this.post(await sign(order, 'command', this.#key));
  }

  /** As `send`, but anything except 200 is an error. */
  async order(epoch: number, command: MemberCommand): Promise<CommandResult> {
    const { status, body } = await this.send(epoch, command);
    if (status === 200) return body;
    throw new Error(`${this.address.member}: ${command.kind}: ${status} ${body.code}: ${body.message}`);
  }

  async post(jws: string): Promise<Answer> {
    const response = await fetch(new URL(COMMAND_PATH, this.address.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command: jws }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  async status(): Promise<AgentReport> {
    const response = await fetch(new URL(STATUS_PATH, this.address.url), { headers: this.#headers() });
    return checked(await response.json());
  }

  /** Reports as they come, each confirmed as the operator does, until the signal fires or the agent is gone. */
  async *stream(signal: AbortSignal, url = this.address.url): AsyncGenerator<AgentReport> {
    const opened = { url: new URL(STREAM_PATH, url), headers: this.#headers(), deadlineMs: AGREED_WITHIN_MS, signal };
    const channel = await openChannel(opened);
    const lines = new PassThrough({ objectMode: true });
    channel
      .read((line) => lines.write(line))
      .then(
        () => lines.end(),
        (error: Error) => lines.destroy(error),
      );
    let whole: AgentReport | null = null;
    try {
      for await (const line of lines) {
        const said: unknown = JSON.parse(line);
        const report: AgentReport = whole !== null && Value.Check(Beat, said) ? withBeat(whole, said) : checked(said);
        if (!Value.Check(Beat, said)) whole = report;
        channel.send(JSON.stringify({ heard: report.sequence }));
        yield report;
      }
      throw new Error('the agent has ended the stream');
    } finally {
      channel.close();
    }
  }

  /** The first report of a new stream for which `holds`. @throws after `ms` with the last report in the message */
  async until(holds: (report: AgentReport) => boolean, ms = 15_000): Promise<AgentReport> {
    const signal = AbortSignal.timeout(ms);
    let last: AgentReport | null = null;
    try {
      for await (const report of this.stream(signal)) {
        last = report;
        if (holds(report)) return report;
      }
    } catch (cause) {
      throw new Error(`${this.address.member}: not within ${ms} ms; last: ${JSON.stringify(last)}`, { cause });
    }
    throw new Error('a stream ends by an error');
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
}

function checked(value: unknown): AgentReport {
  if (Value.Check(AgentReport, value)) return value;
  throw new Error(`not a report: ${JSON.stringify(Value.Errors(AgentReport, value)[0])}`);
}

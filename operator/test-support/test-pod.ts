import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import {
  HEARTBEAT_PATH,
  Heartbeat,
  type HeartbeatAnswer,
  type PushRefusal,
  type RepositoryView,
} from '#contract/push-api.ts';
import { RoutingDocument, type Target } from '#contract/routing-document.ts';
import { verify } from '#contract/signature.ts';
import { ChannelDoors } from '#runtime/channel/channel-doors.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';

/** Stands where an imapd process stands: takes documents and leases by the rules of `contract/push-api.ts`. */
export class TestPod {
  readonly name: string;
  readonly #bootId = randomUUID();
  readonly #keys: readonly JWK[];
  readonly #doors = new ChannelDoors([
    { path: HEARTBEAT_PATH, admits: () => true, open: (channel) => this.#listen(channel) },
  ]);
  readonly #server = createServer({ shouldUpgradeCallback: this.#doors.admits }, (request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  readonly #nonces = new Map<string, number>();
  readonly #leases = new Map<string, { epoch: number; until: number }>();
  document: RoutingDocument | null = null;
  /** Every (version, epoch of each partition) it obeyed, in order. */
  readonly obeyed: { version: number; epochs: Record<string, number> }[] = [];
  peers: unknown = null;
  /** Hears nothing of the operator any more, and goes on by what it knows. */
  deaf = false;
  /** What it claims to see of its writers. */
  views: Record<string, RepositoryView> = {};
  #watchers: (() => void)[] = [];

  constructor(name: string, keys: readonly JWK[]) {
    this.name = name;
    this.#keys = keys;
    this.#doors.attach(this.#server);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#doors.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  target(partition: string): Target | null {
    return this.document?.partitions[partition] ?? null;
  }

  /** The target, where this process may write now: it has a writer and, for Async, a lease of that epoch. */
  writable(partition: string): Target | null {
    const target = this.target(partition);
    if (target === null || target.writer === null) return null;
    if (target.leaseSeconds === null) return target;
    const lease = this.#leases.get(partition);
    return lease?.epoch === target.epoch && performance.now() < lease.until ? target : null;
  }

  leaseUntil(partition: string): number {
    return this.#leases.get(partition)?.until ?? 0;
  }

  /** Resolves at the next document. */
  async changed(): Promise<void> {
    await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await textOf(request));
    if (this.deaf) return;
    if (request.url === '/v1/routing') return await this.#route(body.document, response);
    this.peers = body.peers;
    response.writeHead(204).end();
  }

  async #route(jws: string, response: ServerResponse): Promise<void> {
    const verified = await verify(jws, { purpose: 'routing', schema: RoutingDocument, keys: this.#keys });
    if (!verified.ok) return reply(response, 422, verified);
    const { payload } = verified;
    const current = this.document?.version ?? 0;
    const known = epochsOf(this.document);
    const lower = Object.entries(epochsOf(payload)).some(([name, epoch]) => epoch < (known[name] ?? 0));
    if (payload.version <= current || lower) {
      const reason = lower ? 'epoch' : 'version';
      return reply(response, 409, { pod: this.name, current, epochs: known, reason });
    }
    this.document = payload;
    this.obeyed.push({ version: payload.version, epochs: epochsOf(payload) });
    for (const watcher of this.#watchers.splice(0)) watcher();
    reply(response, 200, { pod: this.name, applied: payload.version, epochs: epochsOf(payload) });
  }

  #listen(channel: LineChannel): void {
    const take = async (line: string): Promise<void> => {
      const said = await this.#beat(line);
      if (!this.deaf) channel.send(JSON.stringify(said));
    };
    channel
      .read((line) => {
        if (!this.deaf) void take(line);
      })
      .catch(() => undefined);
  }

  async #beat(jws: string): Promise<HeartbeatAnswer | PushRefusal> {
    const verified = await verify(jws, { purpose: 'heartbeat', schema: Heartbeat, keys: this.#keys });
    if (!verified.ok) return { code: verified.code, message: verified.message };
    const { echo, leases } = verified.payload;
    const issued = echo === null ? undefined : this.#nonces.get(echo);
    for (const [partition, { epoch, seconds }] of Object.entries(leases)) {
      if (issued === undefined || this.target(partition)?.epoch !== epoch) continue;
      this.#leases.set(partition, { epoch, until: issued + seconds * 1_000 });
    }
    const nonce = randomUUID();
    this.#nonces.set(nonce, performance.now());
    const applied = this.document?.version ?? 0;
    const { name: pod, views: repositories } = this;
    return { pod, bootId: this.#bootId, nonce, applied, sessions: 0, repositories };
  }
}

const epochsOf = (document: RoutingDocument | null): Record<string, number> =>
  Object.fromEntries(Object.entries(document?.partitions ?? {}).map(([name, target]) => [name, target.epoch]));

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

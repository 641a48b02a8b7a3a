import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { COMMAND_PATH, type SignedCommand } from '#contract/agent-command.ts';
import { STREAM_PATH } from '#contract/agent-report.ts';
import { HEARTBEAT_PATH, PUSH_PATH, type PushAck, type PushConflict } from '#contract/push-api.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';
import { claimedPurpose } from '#contract/signature.ts';
import { AGENT_PORT } from '#operator/partition/objects/member-ports.ts';
import type { MemberOutcome } from '#operator/ports.ts';
import { ChannelDoors } from '#runtime/channel/channel-doors.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import type { SimulatedImapd } from './simulated-imapd.ts';
import type { SimulatedPartition } from './simulated-partition.ts';

/** Who answers at an address. */
export type Resident =
  | { readonly kind: 'agent'; readonly partition: SimulatedPartition; readonly member: string }
  | {
      readonly kind: 'imapd';
      readonly imapd: SimulatedImapd;
      readonly partition: (name: string) => SimulatedPartition;
    };

const STATUS = { stale: 409, impossible: 422, failed: 500, invalid: 400, unreachable: 503 } as const;

/** Lets everybody answer at their own address, on the port that pods have: nothing is open to other machines. */
export async function openDoors(residents: ReadonlyMap<string, Resident>): Promise<void> {
  const residentOf = ({ socket }: IncomingMessage): Resident | undefined => residents.get(socket.localAddress ?? '');
  const channels = new ChannelDoors([
    {
      path: STREAM_PATH,
      admits: (request) => residentOf(request)?.kind === 'agent',
      open: (channel, request) => {
        const resident = residentOf(request);
        if (resident?.kind === 'agent') resident.partition.follow(resident.member, channel);
      },
    },
    {
      path: HEARTBEAT_PATH,
      admits: (request) => residentOf(request)?.kind === 'imapd',
      open: (channel, request) => {
        const resident = residentOf(request);
        if (resident?.kind === 'imapd') answerLines(channel, resident);
      },
    },
  ]);
  const options = { keepAliveTimeout: 0, shouldUpgradeCallback: channels.admits };
  const http = createHttpServer(options, (request, response) => {
    answer(residentOf(request), request, response).catch((error: unknown) =>
      response.writeHead(500).end(String(error)),
    );
  });
  channels.attach(http);
  for (const address of residents.keys()) await openDoor(http, address);
}

async function openDoor(http: Server, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const door = createServer((socket) => void http.emit('connection', socket));
  door.once('error', reject).listen(AGENT_PORT.port, address, resolve);
  await promise;
}

async function answer(
  resident: Resident | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (resident === undefined) return reply(response, 404, {});
  if (resident.kind === 'imapd') return await answerAsImapd(resident, request, response);
  const { partition, member } = resident;
  if (request.url !== COMMAND_PATH) return reply(response, 404, {});
  const { command } = JSON.parse(await text(request)) as { readonly command: string };
  const { ms, done } = partition.obey(member, payloadOf<SignedCommand>(command));
  await pause(ms);
  replyOutcome(response, done());
}

type ImapdResident = Extract<Resident, { kind: 'imapd' }>;

function answerLines(channel: LineChannel, resident: ImapdResident): void {
  const said = (line: string): object =>
    claimedPurpose(line) === 'routing' ? obey(resident, line) : resident.imapd.beat();
  channel.read((line) => channel.send(JSON.stringify(said(line)))).catch(() => channel.close());
}

function obey({ imapd, partition }: ImapdResident, signed: string): PushAck | PushConflict {
  const document = payloadOf<RoutingDocument>(signed);
  for (const [name, { epoch }] of Object.entries(document.partitions)) partition(name).noteEpoch(epoch);
  return imapd.push(document);
}

async function answerAsImapd(
  resident: ImapdResident,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = JSON.parse(await text(request)) as { readonly document?: string };
  if (request.url !== PUSH_PATH) return void response.writeHead(204).end();
  const said = obey(resident, body.document ?? '');
  reply(response, 'applied' in said ? 200 : 409, said);
}

/** Signatures are checked by agents and imapd, and cost them, not the operator. */
const payloadOf = <T>(jws: string): T => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as T;

function replyOutcome(response: ServerResponse, outcome: MemberOutcome): void {
  if (outcome.ok) reply(response, 200, outcome.result);
  else reply(response, STATUS[outcome.failure], { code: outcome.code, message: outcome.message });
}

function reply(response: ServerResponse, status: number, body: object): void {
  const octets = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': octets.length }).end(octets);
}

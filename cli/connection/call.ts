import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { ControlProblem, pathBelow } from '#contract/control-api.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { HttpPeer } from './http-peer.ts';

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Of the contract, beginning with `/v1`. */
  readonly path: string;
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
  /** Otherwise the call ends when its deadline is over. */
  readonly signal?: AbortSignal;
};

export const CLIENT_ERROR = 400;
export const SERVER_ERROR = 500;

/** A command that waits for a writer is held for five minutes at most (`spec.sessions.writeHold`). */
const DEADLINE_MS = 330_000;

/** Sends a request; settles with the head of the answer. @throws CliError where there is none */
export async function send(peer: HttpPeer, call: Call): Promise<IncomingMessage> {
  const { method, path, body, contentType = 'application/json', signal = AbortSignal.timeout(DEADLINE_MS) } = call;
  const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
  const content = body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  const headers = { ...(await peer.headers()), ...content };
  const whole = pathBelow(await peer.beginning(), path);
  const outgoing = request({ agent: peer.agent, method, path: whole, headers, signal }, answered);
  outgoing.once('error', (cause: NodeJS.ErrnoException) => {
    if (cause instanceof CliError) reject(cause);
    else if (signal.reason === cause || signal.aborted) reject(call.signal === undefined ? late(cause) : cause);
    else reject(peer.unreachable(cause));
  });
  outgoing.end(body);
  return await promise;
}

const late = (cause: Error): CliError =>
  new CliError(`no answer within ${DEADLINE_MS / 1_000} s`, EXIT.unreachable, { cause });

/** The body, if the answer is no refusal and has the shape. @throws CliError */
export async function shaped<S extends TSchema>(response: IncomingMessage, schema: S): Promise<Static<S>> {
  await mustBeDone(response);
  const value: unknown = JSON.parse((await buffer(response)).toString('utf8'));
  if (Value.Check(schema, value)) return value;
  const first = Value.Errors(schema, value)[0];
  throw new CliError(`the cluster answered in an unknown way (${first?.instancePath} ${first?.message})`);
}

/** @throws CliError where the answer is a refusal */
export async function mustBeDone(response: IncomingMessage): Promise<void> {
  if ((response.statusCode ?? SERVER_ERROR) >= CLIENT_ERROR) throw new CliError((await problemOf(response)).message);
}

export async function problemOf(response: IncomingMessage): Promise<ControlProblem> {
  const text = (await buffer(response)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (Value.Check(ControlProblem, value)) return value;
  } catch {
    // Not JSON: shown as it is.
  }
  return { code: 'Unexpected', message: `HTTP ${response.statusCode}: ${text.slice(0, 200)}` };
}

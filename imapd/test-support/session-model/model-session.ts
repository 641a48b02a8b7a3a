import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Response } from '../response-grammar/parse-response.ts';
import { ResponseStream } from '../response-grammar/response-stream.ts';
import { ClientModel } from './client-model.ts';

export type Answer = {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly code: string | null;
  readonly responses: readonly Response[];
};

/** Longer than a hold of a writer and a promotion take. */
const PATIENCE_MS = 30_000;
const TRACE = 400;

/** One client over a real socket: one command at a time, every response held against the model. */
export class ModelSession {
  readonly name: string;
  readonly model = new ClientModel();
  /** What was said on both sides, for whoever reads of a violation. */
  readonly trace: string[] = [];
  readonly #socket: Socket;
  #tags = 0;
  #responses: Response[] = [];
  #wake: () => void = () => undefined;
  #broken: Error | null = null;

  private constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
    const stream = new ResponseStream({
      onResponse: (response) => this.#take(response),
      onViolation: (violation) => this.#end(violation),
    });
    socket.on('data', (octets: Buffer) => {
      this.#note('S', octets.toString('latin1').trimEnd());
      stream.push(octets);
      this.#wake();
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server closed the connection')));
  }

  /** Connects, and waits for the greeting. */
  static async open(name: string, port: number): Promise<ModelSession> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const session = new ModelSession(name, socket);
    await once(socket, 'connect');
    await session.#until(() => session.#responses.length > 0);
    session.#responses = [];
    return session;
  }

  /** Sends a command; gives its answer with every response before it. @throws Error where there is none */
  async command(text: string): Promise<Answer> {
    this.#begin(text);
    this.#socket.write(`${this.#tag} ${text}\r\n`, 'latin1');
    return await this.#answer();
  }

  /** Asks for a search whose results are told as they change. */
  async keepUp(key: string): Promise<Answer> {
    this.#begin(`UID SEARCH RETURN (UPDATE ALL) ${key}`);
    this.model.keptUp.begin(this.#tag, key);
    this.#socket.write(`${this.#tag} UID SEARCH RETURN (UPDATE ALL) ${key}\r\n`, 'latin1');
    const tag = this.#tag;
    const answer = await this.#answer();
    const refused = answer.responses.some(({ kind, ...each }) => 'code' in each && each.code?.name === 'NOUPDATE');
    if (refused || answer.status !== 'OK') this.model.keptUp.drop(tag);
    return answer;
  }

  /** Waits in IDLE for as long as `meanwhile` takes. */
  async idle(meanwhile: Promise<unknown>): Promise<Answer> {
    this.#begin('IDLE');
    this.#socket.write(`${this.#tag} IDLE\r\n`);
    await this.#until(() => this.#responses.some(({ kind }) => kind === 'continuation'));
    await meanwhile;
    this.#socket.write('DONE\r\n');
    return await this.#answer();
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  get #tag(): string {
    return `${this.name}${this.#tags}`;
  }

  #begin(text: string): void {
    this.#tags += 1;
    this.#responses = [];
    this.#note('C', text);
    this.model.begin({ tag: this.#tag, text });
  }

  async #answer(): Promise<Answer> {
    const tag = this.#tag;
    const isAnswer = (response: Response): boolean => response.kind === 'condition' && response.tag === tag;
    await this.#until(() => this.#responses.some(isAnswer));
    const answer = this.#responses.find(isAnswer);
    if (answer?.kind !== 'condition' || answer.status === 'BYE' || answer.status === 'PREAUTH') {
      throw new Error('the answer is no answer');
    }
    return { status: answer.status, code: answer.code?.name ?? null, responses: this.#responses };
  }

  #take(response: Response): void {
    this.#responses.push(response);
    // The greeting answers nothing.
    if (this.#tags > 0) this.model.take(response);
  }

  #note(side: 'C' | 'S', text: string): void {
    this.trace.push(...text.split('\r\n').map((line) => `${this.name} ${side}: ${line}`));
    if (this.trace.length > TRACE) this.trace.splice(0, this.trace.length - TRACE);
  }

  #end(error: Error): void {
    this.#broken ??= error;
    this.#wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (!condition()) {
      if (this.#broken !== null) throw new Error(`${this.name}: ${this.#broken.message}`, { cause: this.#broken });
      if (deadline.aborted) throw new Error(`${this.name}: no answer within ${PATIENCE_MS} ms`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      deadline.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    }
  }
}

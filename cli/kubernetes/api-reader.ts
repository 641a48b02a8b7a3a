import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ApiConnection } from '#runtime/kubernetes/api-connection.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { type ApiPlace, type ApiQuery, apiPath, rightFor } from './api-place.ts';

/** What has a name and may have labels: as much as all objects have in common. */
export type ApiObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
};

const DEADLINE_MS = 15_000;
const WHOLE_DEADLINE_MS = 60_000;
const NEVER = new AbortController().signal;
export const PERMISSIONS = 'docs/guides/kubectl-imap.md, "Permissions"';

/** Reads from the API server, in the name of the person; whatever stands in the way is told as advice. */
export class ApiReader {
  readonly #connection: ApiConnection;
  readonly #server: string;

  constructor(connection: ApiConnection, server: string) {
    this.#connection = connection;
    this.#server = server;
  }

  /** null: there is no such thing. @throws CliError */
  async get<T>(place: ApiPlace): Promise<T | null> {
    return (await this.#json(place, { verb: 'get', path: apiPath(place) })) as T | null;
  }

  /** @throws CliError; also where the API server knows no such kind */
  async list<T extends ApiObject>(place: ApiPlace, query: ApiQuery = {}): Promise<readonly T[]> {
    const found = await this.#json(place, { verb: 'list', path: apiPath(place, query) });
    if (found === null)
      throw new CliError(`the API server at ${this.#server} knows no ${place.plural}${unserved(place)}`);
    return (found as { readonly items: readonly T[] }).items;
  }

  /** The answer as it comes, for as long as it takes. null: there is no such thing. @throws CliError */
  async stream(place: ApiPlace, query: ApiQuery, signal: AbortSignal): Promise<IncomingMessage | null> {
    return await this.#ask(place, { verb: 'get', path: apiPath(place, query), signal });
  }

  /** A path outside of the objects, such as `/version`. @throws CliError */
  async raw(path: string): Promise<unknown> {
    const place = { api: 'v1', plural: path, namespace: null };
    return await this.#json(place, { verb: 'get', path });
  }

  close(): void {
    this.#connection.close();
  }

  async #json(place: ApiPlace, question: Omit<Question, 'signal'>): Promise<unknown> {
    const signal = AbortSignal.timeout(WHOLE_DEADLINE_MS);
    const response = await this.#ask(place, { ...question, signal });
    if (response === null) return null;
    try {
      return JSON.parse(await text(response)) as unknown;
    } catch (cause) {
      const why = signal.aborted ? 'it did not come to an end' : (cause as Error).message;
      throw new CliError(`the answer of ${this.#server} is useless: ${why}`, EXIT.unreachable, { cause });
    }
  }

  async #ask(place: ApiPlace, { verb, path, signal }: Question): Promise<IncomingMessage | null> {
    const response = await this.#send(path, signal);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    const said = await text(response);
    if (status === 404) return null;
    throw refusal(status, messageOf(said), rightFor(verb, place));
  }

  async #send(path: string, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const head = new AbortController();
    const timer = setTimeout(() => head.abort(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    try {
      // The deadline is for the head alone: a log is followed for as long as one likes.
      const both = AbortSignal.any([head.signal, signal ?? NEVER]);
      return await this.#connection.send({ method: 'GET', path, signal: both });
    } catch (cause) {
      const why = head.signal.aborted ? (head.signal.reason as Error) : (cause as Error);
      throw new CliError(`no answer from the API server at ${this.#server}: ${why.message}`, EXIT.unreachable, {
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

type Question = { readonly verb: string; readonly path: string; readonly signal?: AbortSignal };

function unserved({ api }: ApiPlace): string {
  return api.startsWith('imapcluster.io/') ? ': imapcluster is not installed there (docs/guides/install.md)' : '';
}

/** @param right as `kubectl auth can-i` takes it */
export function refusal(status: number, said: string, right: string): CliError {
  if (status === 401)
    return new CliError('the API server does not know who you are: sign in anew (see `kubectl auth whoami`)');
  if (status !== 403) return new CliError(`the API server answered ${status}: ${said}`);
  return new CliError(`you lack a right (kubectl auth can-i ${right}): ${said}. See ${PERMISSIONS}`);
}

/** Of a `Status` object; what stands before the API server may say something else. */
function messageOf(said: string): string {
  try {
    const { message } = JSON.parse(said) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not JSON: shown as it is.
  }
  return said.slice(0, 200);
}

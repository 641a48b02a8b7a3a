import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ApiConnection, ApiRequest } from '#runtime/kubernetes/api-connection.ts';
import { linesOf } from '#runtime/lines-of.ts';
import { ApiError } from './api-error.ts';
import type { ApiObject, Resource } from './resource.ts';
import { type Place, resourcePath } from './resource-path.ts';

export type ObjectKey = { readonly namespace?: string | undefined; readonly name: string };

/** A page of a list; `continue` is absent on the last. */
export type Page<T> = {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
};

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing happened up to this version. */
  | { readonly type: 'BOOKMARK'; readonly object: { readonly metadata: { readonly resourceVersion: string } } }
  | { readonly type: 'ERROR'; readonly object: { readonly code?: number } };

/** `conflict`: it has changed since it was read. `exists`: a create met another's. `gone`: there is no such object. */
export type WriteOutcome<T> =
  | { readonly ok: true; readonly object: T }
  | { readonly ok: false; readonly reason: 'conflict' | 'exists' | 'gone' };

export type Preconditions = { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };

/** As a Leadership grants it: asked right before each write, and a write under way is given up when it ends. */
export type RightToWrite = {
  readonly signal: AbortSignal;
  /** @throws Error where it is not */
  mustBeHeld(): void;
};

export type Call = {
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly subresource?: 'status' | undefined;
};

/** An API server under heavy load answers within seconds, or refuses; one that says nothing for longer is not there. */
const DEADLINE_MS = 10_000;

/**
 * The verbs of the API for any kind. What an operator has to expect is a value; every other answer is an ApiError, no
 * answer an error of the network or a TimeoutError. Nothing is tried again here: who calls knows what that would mean.
 */
export class ApiClient {
  readonly #connection: ApiConnection;
  readonly #right: RightToWrite | null;

  /** @param right without which nothing is written; reading needs none */
  constructor(connection: ApiConnection, right: RightToWrite | null = null) {
    this.#connection = connection;
    this.#right = right;
  }

  /** null: there is no such object. */
  async get<T extends ApiObject>(resource: Resource<T>, key: ObjectKey, call: Call = {}): Promise<T | null> {
    try {
      return await this.#json<T>({ method: 'GET', path: resourcePath(resource, placeOf(key, call)) }, call);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  async list<T extends ApiObject>(resource: Resource<T>, query: ListQuery, call: Call = {}): Promise<Page<T>> {
    const { namespace, ...rest } = query;
    return await this.#json<Page<T>>({ method: 'GET', path: resourcePath(resource, { namespace }, rest) }, call);
  }

  /** The schemas of all kinds of a group and version, as the API server publishes them to everybody. */
  async openApi(apiVersion: string): Promise<unknown> {
    return await this.#json({ method: 'GET', path: `/openapi/v3/apis/${apiVersion}` }, {});
  }

  async create<T extends ApiObject>(resource: Resource<T>, object: T, call: Call = {}): Promise<WriteOutcome<T>> {
    const path = resourcePath(resource, { namespace: object.metadata.namespace });
    return await this.#write<T>({ method: 'POST', path, body: named(resource, object) }, call);
  }

  /** Writes only if nobody else has since `metadata.resourceVersion`, which must be there. */
  async replace<T extends ApiObject>(resource: Resource<T>, object: T, call: Call = {}): Promise<WriteOutcome<T>> {
    if (object.metadata.resourceVersion === undefined) throw new TypeError('a replacement needs a resourceVersion');
    const path = resourcePath(resource, placeOf(object.metadata, call));
    return await this.#write<T>({ method: 'PUT', path, body: named(resource, object) }, call);
  }

  /** Server-side apply: the fields in `object`, and only these, are `manager`'s from now on, whoever had them before. */
  async apply<T extends ApiObject>(resource: Resource<T>, object: T, call: Call & { manager: string }): Promise<T> {
    const query = { fieldManager: call.manager, force: true };
    const path = resourcePath(resource, placeOf(object.metadata, call), query);
    const contentType = 'application/apply-patch+yaml';
    return await this.#json<T>({ method: 'PATCH', path, body: named(resource, object), contentType }, call);
  }

  /** Merge patch: the fields in `object`, and null for those to be taken away from whoever has them. */
  async merge<T extends ApiObject>(
    resource: Resource<T>,
    object: Pick<ApiObject, 'metadata'> & Readonly<Record<string, unknown>>,
    call: Call & { readonly manager?: string } = {},
  ): Promise<T> {
    const path = resourcePath(resource, placeOf(object.metadata, call), { fieldManager: call.manager });
    const contentType = 'application/merge-patch+json';
    return await this.#json<T>({ method: 'PATCH', path, body: named(resource, object), contentType }, call);
  }

  /**
   * Marks for deletion; finalizers and grace may keep the object for a while. Its dependents are collected later.
   * `conflict`: a precondition does not hold.
   */
  async delete(
    resource: Resource<ApiObject>,
    key: ObjectKey,
    call: Call & { readonly preconditions?: Preconditions } = {},
  ): Promise<WriteOutcome<unknown>> {
    const body = { propagationPolicy: 'Background', preconditions: call.preconditions ?? {} };
    return await this.#write({ method: 'DELETE', path: resourcePath(resource, placeOf(key, call)), body }, call);
  }

  /** Changes as they happen, until the server ends the stream or the signal fires. @throws ApiError, network errors */
  async *watch<T extends ApiObject>(
    resource: Resource<T>,
    query: ListQuery & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const { namespace, ...rest } = query;
    const path = resourcePath(resource, { namespace }, { ...rest, watch: true, allowWatchBookmarks: true });
    const response = await this.#connection.send({ method: 'GET', path, signal });
    await refuse(response);
    for await (const line of linesOf(response)) yield JSON.parse(line) as WatchEvent<T>;
  }

  async #write<T>(request: Omit<ApiRequest, 'signal'>, call: Call): Promise<WriteOutcome<T>> {
    try {
      return { ok: true, object: await this.#json<T>(request, call) };
    } catch (error) {
      const reason = expected(error);
      if (reason === null) throw error;
      return { ok: false, reason };
    }
  }

  async #json<T>(request: Omit<ApiRequest, 'signal'>, call: Call): Promise<T> {
    const right = request.method === 'GET' ? null : this.#right;
    right?.mustBeHeld();
    const deadline = AbortSignal.timeout(call.deadlineMs ?? DEADLINE_MS);
    const signal = AbortSignal.any([deadline, call.signal, right?.signal].filter((one) => one !== undefined));
    const response = await this.#connection.send({ ...request, signal });
    await refuse(response);
    return JSON.parse(await text(response)) as T;
  }
}

export type ListQuery = {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
};

/** Where a whole object is handed in, only its place. */
function placeOf({ namespace, name }: ObjectKey, { subresource }: Call): Place {
  return { namespace, name, subresource };
}

/** Objects out of a list lack what the server takes for granted there. */
function named({ apiVersion, kind }: Resource<ApiObject>, object: ApiObject): object {
  return { ...object, apiVersion, kind };
}

async function refuse(response: IncomingMessage): Promise<void> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return;
  const said = await text(response);
  const seconds = Number(response.headers['retry-after']);
  throw new ApiError(status, parsed(said), Number.isFinite(seconds) ? seconds : null);
}

/** Proxies answer in HTML. */
function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return { message: said.slice(0, 200) };
  }
}

function expected(error: unknown): 'conflict' | 'exists' | 'gone' | null {
  if (!(error instanceof ApiError)) return null;
  if (error.status === 404) return 'gone';
  if (error.status !== 409) return null;
  return error.reason === 'AlreadyExists' ? 'exists' : 'conflict';
}

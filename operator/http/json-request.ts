import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { ContactFailure } from '../ports.ts';
import { contactFailure } from './contact-failure.ts';

export type JsonRequest = {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly body?: object | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type JsonAnswer =
  | { readonly answered: true; readonly status: number; readonly body: unknown }
  | { readonly answered: false; readonly failure: ContactFailure; readonly message: string };

/** One request with JSON both ways. Connections are kept between requests; the answer must be whole by the deadline. */
export async function requestJson(request: JsonRequest): Promise<JsonAnswer> {
  const deadline = AbortSignal.timeout(request.deadlineMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { 'content-type': 'application/json', ...request.headers },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal,
    });
    const text = await response.text();
    return { answered: true, status: response.status, body: text === '' ? null : JSON.parse(text) };
  } catch (error) {
    return { answered: false, failure: contactFailure(error), message: describe(error) };
  }
}

/** The body where it has the promised shape; null otherwise. */
export function shaped<S extends TSchema>(schema: S, body: unknown): Static<S> | null {
  return Value.Check(schema, body) ? body : null;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

import { API_VERSION } from '../group.ts';
import type { Patch, RuleExamples } from './rule-examples.ts';

/** An object as a person writes it: nothing that has a default. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: RuleExamples['kind'];
  readonly metadata: { readonly name: string };
  readonly spec: object;
};

const SMALLEST = {
  ImapCluster: {},
  MailboxPartition: { clusterRef: { name: 'mail' }, repository: { engine: 'postgresql', managed: {} } },
} as const;

/** The smallest manifest of a kind, with a patch. */
export function manifestOf(kind: RuleExamples['kind'], patch: Patch = {}): Manifest {
  const manifest = { apiVersion: API_VERSION, kind, metadata: { name: 'example' }, spec: SMALLEST[kind] };
  const patched: unknown = structuredClone(manifest);
  for (const [path, value] of Object.entries(patch)) put(patched, path.split('.'), value);
  return patched as Manifest;
}

function put(object: unknown, [key = '', ...rest]: readonly string[], value: unknown): void {
  const fields = object as Record<string, unknown>;
  if (rest.length > 0) {
    fields[key] ??= {};
    put(fields[key], rest, value);
  } else if (value === undefined) {
    delete fields[key];
  } else {
    fields[key] = value;
  }
}

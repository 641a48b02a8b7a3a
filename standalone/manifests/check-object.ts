import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { API_VERSION } from '#crds/group.ts';
import { ImapCluster } from '#crds/imap-cluster.ts';
import { MailboxPartition } from '#crds/mailbox-partition.ts';
import { checkRules } from '#crds/rules/check-rules.ts';
import { clusterRules } from '#crds/rules/cluster-rules.ts';
import { partitionRules } from '#crds/rules/partition-rules.ts';
import { unsupportedIn } from '#crds/rules/unsupported.ts';
import type { ManifestDocument } from './manifest-document.ts';
import { type Mistake, mistakeAt, shown } from './mistake.ts';
import { schemaMistakes } from './schema-mistakes.ts';
import { Secret } from './secret.ts';
import { suggestion } from './suggestion.ts';

/** Kinds that a manifest may hold. */
export type ManifestObject = ImapCluster | MailboxPartition | Secret;
/** An object and the document it came from, for mistakes that show only later. */
export type CheckedObject<T = ManifestObject> = { readonly document: ManifestDocument; readonly object: T };

/** `status` is the operator's: a manifest that carries one was not written by a person. */
const schemas = {
  ImapCluster: Type.Omit(ImapCluster, ['status'], { additionalProperties: false }),
  MailboxPartition: Type.Omit(MailboxPartition, ['status'], { additionalProperties: false }),
  Secret,
} as const;
const rules = { ImapCluster: clusterRules, MailboxPartition: partitionRules, Secret: [] } as const;
type KindName = keyof typeof schemas;

export type CheckedDocument =
  | { readonly ok: true; readonly object: ManifestObject }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/**
 * Checks one document whole: its schema with defaults applied, then the rules, then what this version cannot do. The
 * later checks rest on the earlier ones and are left out where those fail.
 */
export function checkObject(document: ManifestDocument): CheckedDocument {
  const kind = kindOf(document);
  if (typeof kind !== 'string') return { ok: false, mistakes: [kind] };
  const schema = schemas[kind];
  const value: unknown = Value.Default(schema, structuredClone(document.value));
  const mistakes = schemaMistakes(document, schema, value);
  if (mistakes.length > 0) return { ok: false, mistakes };
  // Sound: the value has just passed the schema of its kind.
  const object = value as ManifestObject;
  const later = [
    ...checkRules(rules[kind], object).map(({ path, message, found }) => ({
      path,
      message: typeof found === 'object' ? message : `found ${shown(found)}; ${message}`,
    })),
    ...(object.kind === 'Secret' ? [] : unsupportedIn(object)),
  ];
  if (later.length === 0) return { ok: true, object };
  return { ok: false, mistakes: later.map(({ path, message }) => mistakeAt(document, path, message)) };
}

function kindOf(document: ManifestDocument): KindName | Mistake {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return mistakeAt(document, [], `found ${shown(value)}, allowed: an object with apiVersion, kind and metadata`);
  }
  const { kind } = value as { readonly kind?: unknown };
  if (typeof kind === 'string' && Object.hasOwn(schemas, kind)) return kind as KindName;
  const choices = Object.keys(schemas);
  const allowed = `${choices.join(', ')} (of ${API_VERSION}, Secret of v1)`;
  return mistakeAt(document, ['kind'], `found ${shown(kind)}, allowed: ${allowed}${suggestion(kind, choices)}`);
}

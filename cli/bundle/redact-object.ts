import { redactText } from './redact-text.ts';

/** Fields whose text is a secret: their names end so. `secretName` and `credentialsSecretRef` only say where one is. */
const SECRET_FIELD =
  /(?:password|passwd|passphrase|token|secret|authorization|cookie|private[_-]?key|privateJwk|api[_-]?key)$/i;
/** Too long to be of use; and the second would bring back all that is redacted. */
const DROPPED = new Set(['managedFields', 'kubectl.kubernetes.io/last-applied-configuration']);
const REDACTED = '[redacted]';

/** A copy of an object of the API, or of anything that became JSON, without passwords, tokens and keys. */
export function redactObject(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactObject);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !DROPPED.has(name))
      .map(([name, field]) => [name, isSecret(fields, name) ? hidden(field) : redactObject(field)]),
  );
}

function isSecret(object: Readonly<Record<string, unknown>>, name: string): boolean {
  if (object.kind === 'Secret' && (name === 'data' || name === 'stringData')) return true;
  // The private half of a JSON Web Key (RFC 8037).
  if (name === 'd' && 'kty' in object) return true;
  // An environment variable, or a header of a probe.
  if (name === 'value' && typeof object.name === 'string') return SECRET_FIELD.test(object.name);
  return SECRET_FIELD.test(name) && typeof object[name] === 'string';
}

/** Which fields there are is no secret. */
function hidden(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return REDACTED;
  return Object.fromEntries(Object.keys(value).map((name) => [name, REDACTED]));
}

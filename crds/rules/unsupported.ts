import type { ImapCluster } from '../imap-cluster.ts';
import type { MailboxPartition } from '../mailbox-partition.ts';
import { unsupportedFields } from './unsupported-fields.ts';

/**
 * Fields whose behaviour is not built yet. They are part of the schema, because the resource kinds are whole from the
 * start, but a value that would be silently ignored is refused: a promise in a manifest is kept or declined.
 */
export type Unsupported = {
  readonly path: readonly (string | number)[];
  /** Why it is refused, and what to do. */
  readonly message: string;
};

type Field<T> = {
  readonly path: readonly string[];
  readonly used: (object: T) => boolean;
  readonly instead: string;
};

const refuse = <T>(fields: readonly Field<T>[], object: T): readonly Unsupported[] =>
  fields
    .filter((field) => field.used(object))
    .map(({ path, instead }) => ({
      path,
      message: `${path.at(-1)} is not supported in this version: ${instead}`,
    }));

/** What this version cannot do of what `object` asks for. */
export function unsupportedIn(object: ImapCluster | MailboxPartition): readonly Unsupported[] {
  return object.kind === 'ImapCluster'
    ? refuse(unsupportedFields.ImapCluster, object)
    : refuse(unsupportedFields.MailboxPartition, object);
}

import { type SchemaVersion, schemaVersions } from '../../schema-versions.ts';
import { mailSchema } from './0001-mail-schema.ts';
import { scramKeys } from './0002-scram-keys.ts';
import { saveDate } from './0003-save-date.ts';
import { quota } from './0004-quota.ts';
import { annotations } from './0005-annotations.ts';
import { acl } from './0006-acl.ts';
import { groups } from './0007-groups.ts';
import { operationAge } from './0008-operation-age.ts';
import { guestsSeen } from './0009-guests-seen.ts';
import { textSignatures } from './0010-text-signatures.ts';

/** A migration that has been released is never changed: a later one mends it. */
export type Migration = { readonly version: number; readonly name: string; readonly sql: string };

const texts: Readonly<Record<SchemaVersion, string>> = {
  1: mailSchema,
  2: scramKeys,
  3: saveDate,
  4: quota,
  5: annotations,
  6: acl,
  7: groups,
  8: operationAge,
  9: guestsSeen,
  10: textSignatures,
};

export const migrations: readonly Migration[] = schemaVersions.map((each) => ({ ...each, sql: texts[each.version] }));

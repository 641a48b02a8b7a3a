import { mailSchema } from './0001-mail-schema.ts';
import { scramKeys } from './0002-scram-keys.ts';
import { saveDate } from './0003-save-date.ts';
import { quota } from './0004-quota.ts';
import { annotations } from './0005-annotations.ts';
import { acl } from './0006-acl.ts';
import { groups } from './0007-groups.ts';
import { operationAge } from './0008-operation-age.ts';

/** In ascending order, without gaps. A migration that has been released is never changed: a later one mends it. */
export type Migration = { readonly version: number; readonly name: string; readonly sql: string };

export const migrations: readonly Migration[] = [
  { version: 1, name: 'mail schema', sql: mailSchema },
  { version: 2, name: 'SCRAM keys', sql: scramKeys },
  { version: 3, name: 'save date', sql: saveDate },
  { version: 4, name: 'quota', sql: quota },
  { version: 5, name: 'annotations', sql: annotations },
  { version: 6, name: 'access control lists', sql: acl },
  { version: 7, name: 'groups of users', sql: groups },
  { version: 8, name: 'age of operations', sql: operationAge },
];

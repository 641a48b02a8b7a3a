import type { GetQuota, GetQuotaRoot, SetQuota } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { mailbox } from './mailbox.ts';

/** GETQUOTA root: RFC 9208, 4.1.1. */
export function getQuota(cursor: Cursor): GetQuota {
  cursor.space();
  return { name: 'GETQUOTA', root: cursor.text('a quota root') };
}

/** GETQUOTAROOT mailbox: RFC 9208, 4.1.2. */
export function getQuotaRoot(cursor: Cursor): GetQuotaRoot {
  cursor.space();
  return { name: 'GETQUOTAROOT', mailbox: mailbox(cursor) };
}

/** SETQUOTA root (resource limit …): RFC 9208, 4.1.3. Of a resource that is named twice the last limit holds. */
export function setQuota(cursor: Cursor): SetQuota {
  cursor.space();
  const root = cursor.text('a quota root');
  cursor.space();
  const pair = (): readonly [string, number] => {
    const resource = cursor.word('a resource');
    cursor.space();
    return [resource, cursor.number('a limit', Number.MAX_SAFE_INTEGER)];
  };
  const limits = cursor.list(pair, { of: 'resources', most: 16 });
  return { name: 'SETQUOTA', root, limits: [...new Map(limits)] };
}

import type { SourceItem } from '#cli/import/source-message.ts';
import { type Mail, mailOf } from './generator.ts';

/** What `imapctl import` would store of an mbox's entry; null where the entry is no message. */
export const mailOfItem = (item: SourceItem): Mail | null =>
  item.kind === 'message' ? mailOf(Buffer.from(item.bytes)) : null;

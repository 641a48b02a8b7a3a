import type { ReaderTools } from '../../readers/reader-tools.ts';
import type { Connection } from '../connection.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { appendTo } from '../messages/append.ts';
import { copying } from '../messages/copy.ts';
import { replacing } from '../messages/replace.ts';
import { change, readRows } from '../messages/store-flags.ts';
import { marks } from './marks.ts';

export const readerTools: ReaderTools<Connection> = {
  ...marks,
  readRows,
  lockMailbox,
  changeFlags: change,
  appendTo,
  copying,
  replacing,
};

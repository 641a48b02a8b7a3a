import { type DocumentedConstant, documentedConstant } from './documented-constant.ts';

/** Bounds that stand in the code and in no configuration: where, and by which name. */
const FIXED: readonly (readonly [file: string, name: string])[] = [
  ['imapd/commands/authenticated/new-mailbox-name.ts', 'LEVEL_LIMIT'],
  ['imapd/commands/authenticated/new-mailbox-name.ts', 'DEPTH_LIMIT'],
  ['imapd/mailbox/fetch/message-writer.ts', 'LARGEST_INNER_HEADER'],
  ['imapd/mailbox/fetch/fetch-content.ts', 'RAW_UP_TO'],
  ['imapd/mailbox/deferred-writes.ts', 'MAX_WAITING'],
  ['imapd/mailbox/flag-text.ts', 'MAX_REMEMBERED'],
  ['imapd/mailbox/mailbox-view.ts', 'TOMBSTONES_KEPT'],
  ['imapd/mailbox/mailbox-view.ts', 'CHANGES_KEPT'],
  ['imapd/mailbox/without-hold.ts', 'PATIENCE_MS'],
  ['imapd/mailbox/hints/hint-sender.ts', 'PATIENCE_MS'],
  ['imapd/mailbox/hints/hint-sender.ts', 'MAX_PENDING'],
  ['imapd/auth/login-hints.ts', 'PATIENCE_MS'],
  ['imapd/auth/failure-ledger.ts', 'REMEMBERED'],
  ['imapd/auth/verified-logins.ts', 'REMEMBERED'],
  ['imapd/store/types.ts', 'MAX_KEYWORDS'],
  ['cli/import/largest-message.ts', 'LARGEST_MESSAGE'],
];

export const fixedBounds = (): Promise<readonly DocumentedConstant[]> =>
  Promise.all(FIXED.map(([file, name]) => documentedConstant(file, name)));

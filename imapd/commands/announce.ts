import type { MailboxId, ModSeq } from '../store/types.ts';

/**
 * Tells sessions of this and of other processes that a mailbox has changed; settles when those of this process can see
 * it. `modSeq` null: not known.
 */
export type Announce = (mailbox: MailboxId, modSeq: ModSeq | null) => Promise<void>;

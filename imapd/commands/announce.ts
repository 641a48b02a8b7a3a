import type { Attempt } from '../routing/repository-access.ts';
import type { MailboxId, ModSeq } from '../store/types.ts';

/**
 * Tells sessions of this and of other processes that a mailbox has changed; settles when those of this process can see
 * it. `modSeq` null: not known. `attempt`: whoever announces has the mailbox selected and waits for a writer, to see it too.
 */
export type Announce = (mailbox: MailboxId, modSeq: ModSeq | null, attempt?: Attempt) => Promise<void>;

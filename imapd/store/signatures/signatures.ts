import type { TextSignature } from '../../mime/text/signature/signature-maker.ts';
import type { MailboxId, Uid } from '../types.ts';

/** A signature that was made of a message. */
export type SignedText = TextSignature & { readonly uid: Uid };

/** What a search has seen of signatures: numbers of messages. */
export type SignatureNote = {
  /** The signature settled it: the text was not read. */
  readonly excluded: number;
  /** The text may be there. */
  readonly passed: number;
  /** There is no signature that can be read. */
  readonly missing: number;
  /** Made of texts that were read in any case. */
  readonly made: readonly SignedText[];
};

export interface Signatures {
  /** Told by searches, batch by batch. What they made is stored behind them: nobody waits for it, and it may be given up. */
  note(mailbox: MailboxId, note: SignatureNote): void;
}

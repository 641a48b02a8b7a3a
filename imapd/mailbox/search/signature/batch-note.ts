import type { SignatureNote, SignedText } from '../../../store/signatures/signatures.ts';

/** What a search has seen of signatures in one batch of messages. */
export class BatchNote implements SignatureNote {
  excluded = 0;
  passed = 0;
  missing = 0;
  readonly made: SignedText[] = [];
}

/** `damaged`: a person has to mend it. `passing`: it goes on by itself. */
export type RecordProblemKind = 'damaged' | 'passing';

/** The record of a partition cannot be acted on; the message says why, and what a person does about it. */
export class RecordProblem extends Error {
  override readonly name = 'RecordProblem';
  readonly kind: RecordProblemKind;

  constructor(kind: RecordProblemKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

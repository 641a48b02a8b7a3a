import type { Completion } from '../completion.ts';

/** How an APPEND ends without its messages; thrown through the store that takes them in. Never leaves this folder. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
  readonly completion: Completion;

  constructor(completion: Completion) {
    super(completion.text);
    this.completion = completion;
  }
}

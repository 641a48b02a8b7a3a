import type { Unfit } from '../../engine-server.ts';

/** A server of which nothing can be seen before somebody has mended something. */
export class NotFit extends Error {
  override readonly name = 'NotFit';
  readonly unfit: Unfit;

  constructor(unfit: Unfit) {
    super(unfit.message);
    this.unfit = unfit;
  }
}

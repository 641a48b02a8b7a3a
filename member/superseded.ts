import { Impossible } from '#database/impossible.ts';

/** Given up for a command that goes ahead of it: says nothing of what was asked for, which may be asked for again. */
export class Superseded extends Impossible {
  constructor() {
    super('Superseded', 'a command that goes ahead of this one arrived');
  }
}

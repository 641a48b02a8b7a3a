import type { MysqlFacts } from '../looks/facts.ts';

type Started = Pick<MysqlFacts, 'life' | 'adopted' | 'isAsStarted' | 'isReadOnly'>;

/**
 * Whether a server of MariaDB begins open when it is started: its file is not to be seen, only what came of it, and that only until
 * somebody sets it. Once a grant has, what was seen before that in this life of the server holds on; before it is taken over,
 * whoever sets it knows the file.
 */
export class OpensAtStart {
  #seen = { life: '', opens: false };

  note({ life, adopted, isAsStarted, isReadOnly }: Started): boolean {
    if (isAsStarted) this.#seen = { life, opens: !isReadOnly };
    else if (life !== this.#seen.life || !adopted) this.#seen = { life, opens: false };
    return this.#seen.opens;
  }
}

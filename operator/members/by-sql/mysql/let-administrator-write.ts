import { makeReadOnly } from '#database/mysql/sessions/read-only.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { SqlTrouble } from '../sql-trouble.ts';
import type { MysqlFacts } from './looks/facts.ts';

/** MySQL begins, and a replica ends, so that not even its administrator may write: to stamp an epoch and to pass a barrier. */
export async function letAdministratorWrite(
  pair: SessionPair,
  { flavour, isReadOnly }: Pick<MysqlFacts, 'flavour' | 'isReadOnly'>,
): Promise<void> {
  if (flavour !== 'mysql' || !isReadOnly) return;
  if (!(await makeReadOnly(pair, { writers: 'agent' }))) throw new SqlTrouble('something is being committed there');
}

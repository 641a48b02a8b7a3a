import type { RepositoryAccess } from '../../../routing/repository-access.ts';
import { collect } from '../../collect/collect.ts';
import type { Collectable } from '../../collect/collect-periodically.ts';
import type { Connection } from '../connection.ts';
import { collecting } from './collect-steps.ts';

export const collectable = (access: RepositoryAccess<Connection>): Collectable => ({
  partition: access.partition,
  collect: (limits, attempt) => collect({ ...collecting, access }, limits, attempt),
});

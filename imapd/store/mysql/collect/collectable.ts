// @ts-nocheck
import type { RepositoryAccess } from '../../../routing/repository-access.ts';
import type { Collectable } from '../../collect/collect-periodically.ts';
import type { Connection } from '../connection.ts';

export const collectable = (access: RepositoryAccess<Connection>): Collectable => {
  throw new Error('collectable: not written yet');
};

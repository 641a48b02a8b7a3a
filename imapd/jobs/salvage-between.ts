import type { Epoch, PartitionName } from '#contract/names.ts';
import type { Engine } from '#database/engine.ts';
import { DirectAccess } from '../store/direct-access.ts';
import { directEngine as directMysql } from '../store/mysql/direct-engine.ts';
import { salvaging as salvagingMysql } from '../store/mysql/salvage/salvaging.ts';
import { directEngine as directPostgres } from '../store/postgres/direct-engine.ts';
import { salvaging as salvagingPostgres } from '../store/postgres/salvage/salvaging.ts';
import { type SalvageRequest, salvage } from '../store/salvage/salvage.ts';
import type { SalvageResult } from '../store/salvage/salvage-context.ts';
import { connectMysql } from './connect-mysql.ts';
import { connectPostgres } from './connect-postgres.ts';
import type { Credentials } from './credentials.ts';
import type { Place } from './place.ts';

/** One of the two members, and who signs in there. */
export type Side = { readonly place: Place; readonly credentials: Credentials };

export type SalvageBetween = Omit<SalvageRequest<unknown>, 'statements' | 'source' | 'target'> & {
  /** The old primary. */
  readonly from: Side;
  /** The primary in force. */
  readonly into: Side;
  readonly partition: PartitionName;
  /** Under which the target is written to, or not at all. */
  readonly epoch: Epoch;
};

type Salvage = (between: SalvageBetween) => Promise<SalvageResult>;

const ofPostgres: Salvage = async ({ from, into, partition, epoch, ...request }) => {
  const target = await connectPostgres(into.place, into.credentials);
  try {
    const source = await connectPostgres(from.place, from.credentials);
    try {
      const access = new DirectAccess(directPostgres(target), { partition, epoch });
      return await salvage({ ...request, statements: salvagingPostgres, source, target: access });
    } finally {
      await source.end();
    }
  } finally {
    await target.end();
  }
};

/** A session each: one thing is done after the other. */
const ofMysql: Salvage = async ({ from, into, partition, epoch, ...request }) => {
  const target = await connectMysql(into.place, into.credentials);
  try {
    const source = await connectMysql(from.place, from.credentials);
    try {
      const lend = async () => ({
        connection: target,
        giveBack: (broken?: Error) => void (broken && target.abandon()),
      });
      const access = new DirectAccess(directMysql(lend), { partition, epoch });
      return await salvage({ ...request, statements: salvagingMysql, source, target: access });
    } finally {
      await source.end();
    }
  } finally {
    await target.end();
  }
};

/** Brings to the one member what only the other has. Both are of the same engine. */
export const salvageBetween: Readonly<Record<Engine, Salvage>> = {
  postgresql: ofPostgres,
  mariadb: ofMysql,
  mysql: ofMysql,
};

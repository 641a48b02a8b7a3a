import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';

/** A row of `performance_schema.clone_progress`; numbers are octets. */
export type Stage = {
  readonly stage: string;
  readonly state: string;
  readonly estimate: number;
  readonly data: number;
  readonly network: number;
};

export type CloneProgress = {
  /** 0–1; null: the donor has not said how much there is. */
  readonly fraction: number | null;
  /** Changes whenever something has come. */
  readonly sign: string;
  /** Nothing more comes: this server writes out what it has got. */
  readonly isLocal: boolean;
};

const COPYING = new Set(['FILE COPY', 'PAGE COPY', 'REDO COPY']);

/** What the stages of a copy say of it, in their order. */
export function progressOf(stages: readonly Stage[]): CloneProgress {
  const copying = stages.filter(({ stage }) => COPYING.has(stage));
  const sum = (figure: 'estimate' | 'data'): number => copying.reduce((all, stage) => all + stage[figure], 0);
  const estimate = sum('estimate');
  const sign = stages.map(({ stage, state, data, network }) => `${stage} ${state} ${data} ${network}`).join('\n');
  const isLocal = copying.length > 0 && copying.every(({ state }) => state === 'Completed');
  return { fraction: estimate === 0 ? null : Math.min(sum('data') / estimate, 1), sign, isLocal };
}

/** @param connection of the server that receives, while another of its sessions copies */
export async function readCloneProgress(connection: MysqlConnection): Promise<CloneProgress> {
  const stages = await rowsOf<Stage>(connection, {
    name: 'clone-progress',
    text: `SELECT stage AS stage, state AS state, COALESCE(estimate, 0) AS estimate, COALESCE(data, 0) AS data,
  COALESCE(network, 0) AS network FROM performance_schema.clone_progress`,
  });
  return progressOf(stages);
}

// @ts-nocheck
import type { StageStatements } from '../../messages/stage.ts';
import type { Connection } from '../connection.ts';

export const stageStatements: StageStatements<Connection> = {
  async insertChunk() {
    throw new Error('insertChunk: not written yet');
  },
  async insertContent() {
    throw new Error('insertContent: not written yet');
  },
};

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseControlFile } from '#member/postgres/data-directory/control-file.ts';
import type { RunningMember } from '#member/test-support/start-members.ts';

/** Where the checkpoint begins up to which a server has written everything out; a replica has it from its primary. At once. */
export const checkpointOf = ({ dataDirectory }: RunningMember): string =>
  parseControlFile(readFileSync(join(dataDirectory, 'global', 'pg_control'))).checkpoint;

import { join } from 'node:path';
import type { MailClient } from '../../mail-client.ts';
import { builtFolder } from '../../support/built-folder.ts';
import { runProgram } from '../../support/run-program.ts';
import { scriptWorker } from '../../support/script-worker.ts';

const SOURCES = import.meta.dirname;
const FOLDER = builtFolder(SOURCES);
const PROGRAM = join(FOLDER, 'go-imap');
const BUILD_MS = 300_000;

export const goImap: MailClient = {
  name: 'go-imap',
  what: 'v2 of the Go library',
  packages: ['golang-go'],
  build: {
    folder: FOLDER,
    needs: ['go', 'version'],
    async make() {
      await runProgram(['go', 'build', '-o', PROGRAM, '.'], { folder: SOURCES, deadlineMs: BUILD_MS });
    },
  },
  probe: [PROGRAM, 'version'],
  setUp: 'STARTTLS; MOVE, UIDPLUS',
  does: scriptWorker([PROGRAM]),
};

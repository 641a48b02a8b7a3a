import { join } from 'node:path';
import type { MailClient } from '../../mail-client.ts';
import { builtFolder } from '../../support/built-folder.ts';
import { runProgram } from '../../support/run-program.ts';
import { scriptWorker } from '../../support/script-worker.ts';

const SOURCES = import.meta.dirname;
const FOLDER = builtFolder(SOURCES);
const PYTHON = join(FOLDER, 'bin/python3');
const INSTALL_MS = 300_000;

export const imapclient: MailClient = {
  name: 'IMAPClient',
  what: 'a Python library',
  packages: ['python3', 'python3-venv'],
  build: {
    folder: FOLDER,
    needs: ['python3', '-c', 'import ensurepip, venv'],
    async make() {
      const options = { folder: SOURCES, deadlineMs: INSTALL_MS };
      await runProgram(['python3', '-m', 'venv', FOLDER], options);
      await runProgram([PYTHON, '-m', 'pip', 'install', '--quiet', '--requirement', 'requirements.txt'], options);
    },
  },
  probe: [PYTHON, '-c', 'import imapclient; print(imapclient.__version__)'],
  setUp: 'STARTTLS; flags that have changed by CONDSTORE, MOVE, UIDPLUS',
  does: scriptWorker([PYTHON, join(SOURCES, 'script.py')]),
};

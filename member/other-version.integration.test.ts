import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { refusalIn } from '#database/version-refusal.ts';
import { EXIT_USAGE } from '#runtime/program-options.ts';
import { longPassword } from './test-support/long-password.ts';
import { serverPrograms } from './test-support/server-programs.ts';

/** Promise: a server of another version than is asked for is not started, nothing is made for it, and the agent says why it ends. */
const MAIN = join(import.meta.dirname, 'main.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-other-version-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

test.each(enginesUnderTest)('%s of version 7 is asked for', async (name) => {
  const { engine, bin } = await serverPrograms(name);
  const secretsFile = join(folder, 'secrets.json');
  const roles = ['admin', 'replication', 'mail', 'salvage'].map((role) => [role, longPassword(role)]);
  await writeFile(secretsFile, JSON.stringify(Object.fromEntries(roles)));
  const dataDirectory = join(folder, name, 'data');
  const configuration = {
    ...{ cluster: 'mail', partition: 'users-a', member: 'a0', engine, secretsFile, operatorKeys: [KEY], token: TOKEN },
    listen: { host: '127.0.0.1', port: 1 },
    server: {
      ...{ host: '127.0.0.1', port: 1, binDirectory: bin, majorVersion: 7, dataDirectory },
      socketDirectory: join(folder, name, 'socket'),
    },
  };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(configuration));
  const ended = await promisify(execFile)(process.execPath, [MAIN, '--config', file]).catch((error: Ended) => error);
  const { code, stdout, stderr } = ended as Ended;
  expect(code).toBe(EXIT_USAGE);
  expect(refusalIn(`${stdout}${stderr}`)).toMatch(/^the server is \w+ \d+\.\S+, and is to be 7$/);
  await expect(access(dataDirectory)).rejects.toThrow('ENOENT');
});

type Ended = Error & { readonly code: number; readonly stdout: string; readonly stderr: string };
const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' };
const TOKEN = 'a-token-for-tests-only';

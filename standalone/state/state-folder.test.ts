import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StandaloneError } from '../standalone-error.ts';
import { PortBook } from './ports.ts';
import { adminTokens, partitionSecrets, signingKey } from './secrets.ts';
import { StateFolder } from './state-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'state-')), 'state');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

test('one run at a time, and the next one afterwards', async () => {
  const first = await StateFolder.open(folder, null);
  await expect(StateFolder.open(folder, null)).rejects.toMatchObject({
    code: 'StateFolderInUse',
    message: expect.stringContaining(`in use by process ${process.pid}`),
  });
  first.close();
  (await StateFolder.open(folder, null)).close();
});

test('a version that is newer, or none', async () => {
  (await StateFolder.open(folder, null)).close();
  await writeFile(join(folder, 'version'), '2\n');
  await expect(StateFolder.open(folder, null)).rejects.toMatchObject({ code: 'StateFolderTooNew' });
  await writeFile(join(folder, 'version'), 'x\n');
  await expect(StateFolder.open(folder, null)).rejects.toBeInstanceOf(StandaloneError);
  await writeFile(join(folder, 'version'), '1\n');
  (await StateFolder.open(folder, null)).close();
});

test('keys and passwords are made once, and closed to others', async () => {
  const state = await StateFolder.open(folder, null);
  const [key, tokens] = [await signingKey(state), await adminTokens(state)];
  expect(await signingKey(state)).toEqual(key);
  expect(await adminTokens(state)).toEqual(tokens);
  expect(new Set(Object.values(tokens)).size).toBe(3);
  const { scram: _, ...older } = tokens;
  await state.writeForChildren(JSON.stringify(older), 'keys', 'tokens.json');
  for (let start = 0; start < 2; start++) {
    expect(await adminTokens(state)).toEqual({ ...older, scram: older.imapd });
  }
  const { agentFile } = await partitionSecrets(state, 'users');
  const before = await readFile(agentFile, 'utf8');
  await partitionSecrets(state, 'users');
  expect(await readFile(agentFile, 'utf8')).toBe(before);
  for (const part of ['', 'keys', 'secrets', 'keys/signing.json', 'secrets/users.json', 'credentials/users.json']) {
    expect((await stat(state.file(part))).mode & 0o077).toBe(0);
  }
  state.close();
});

test('a purpose keeps its port; a port in use is not chosen', async () => {
  const file = join(folder, '..', 'ports.json');
  const book = await PortBook.open(file, '127.0.0.1');
  const [a, b] = [await book.portFor('a'), await book.portFor('b')];
  expect(a).not.toBe(b);
  const server = createServer().listen(b + 1, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const again = await PortBook.open(file, '127.0.0.1');
  expect([await again.portFor('a'), await again.portFor('b')]).toEqual([a, b]);
  expect(await again.portFor('c')).not.toBe(b + 1);
  server.close();
});

test('a damaged file is named', async () => {
  const file = join(folder, '..', 'ports.json');
  await writeFile(file, '{"a": "x"}');
  await expect(PortBook.open(file, '127.0.0.1')).rejects.toThrow(`${file}: damaged: /a must be integer`);
});

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetOutdatedRouting, signedRoutingFile } from './outdated-routing.ts';
import { StateFolder } from './state-folder.ts';

let folder: string;
let state: StateFolder;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'routing-'));
  state = await StateFolder.open(folder, null);
});
afterEach(async () => {
  state.close();
  await rm(folder, { recursive: true });
});

test('an imapd boots from the last document only where it expects the same schema', async () => {
  await forgetOutdatedRouting(state, '1');
  await writeFile(signedRoutingFile(state), 'signed');
  await forgetOutdatedRouting(state, '1');
  expect(existsSync(signedRoutingFile(state))).toBe(true);
  await forgetOutdatedRouting(state, '2');
  expect(existsSync(signedRoutingFile(state))).toBe(false);
});

test('a folder of a run that noted no schema is taken for another one', async () => {
  await state.childFolder('operator');
  await writeFile(signedRoutingFile(state), 'signed');
  await forgetOutdatedRouting(state, '1');
  expect(existsSync(signedRoutingFile(state))).toBe(false);
});

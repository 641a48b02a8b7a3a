import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../cli-error.ts';
import { writeExport } from './write-export.ts';

// Promise: whoever exports is told which side failed, their file or the cluster.

let server: Server;
let folder: string;
let answering: ServerResponse[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-export-'));
  server = createServer((_, response) => {
    answering.push(response);
    response.writeHead(200);
    response.write('From ada\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  answering = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function mailbox(signal: AbortSignal): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false, signal }), 'response');
  return response as IncomingMessage;
}

const never = new AbortController().signal;

test('a connection that breaks is not blamed on the file', async () => {
  const mbox = join(folder, 'broken.mbox');
  const writing = writeExport(await mailbox(never), mbox, never);
  answering[0]?.destroy();
  await expect(writing).rejects.toMatchObject({
    name: 'CliError',
    message: expect.stringMatching(/^the mailbox broke off \(.+\): what was written is not whole/),
    exitCode: EXIT.failed,
  });
});

test('a file that cannot be written is', async () => {
  const mbox = join(folder, 'nowhere', 'x.mbox');
  const writing = writeExport(await mailbox(never), mbox, never);
  await expect(writing).rejects.toMatchObject({
    message: expect.stringContaining(`${mbox}: cannot be written: ENOENT`),
  });
});

test('interrupted, it says so', async () => {
  const stop = new AbortController();
  const writing = writeExport(await mailbox(stop.signal), join(folder, 'stopped.mbox'), stop.signal);
  stop.abort();
  await expect(writing).rejects.toMatchObject({ name: 'CliError', exitCode: EXIT.interrupted });
});

test('what came whole is in the file', async () => {
  const mbox = join(folder, 'whole.mbox');
  const writing = writeExport(await mailbox(never), mbox, never);
  answering[0]?.end('\nhello\n');
  await writing;
  expect(await readFile(mbox, 'utf8')).toBe('From ada\n\nhello\n');
});

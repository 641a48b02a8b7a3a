import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roles } from '#database/roles.ts';
import type { PostgresServer } from '../../store/test-support/postgres-server.ts';

export type Ended = {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly last: unknown;
  /** What it left in the file for its result. */
  readonly kept: string;
};

/** What a server that trusts everybody does not ask for. */
const UNUSED = { password: 'unused' };

/** Runs a job as the operator does: a process of its own, its configuration in a file, its result on standard output. */
export async function runProgram(
  name: string,
  configuration: Record<string, unknown>,
  passwords: { readonly password: string; readonly otherPassword?: string } = UNUSED,
): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-job-'));
  try {
    const credentials = async (user: string): Promise<string> => {
      const file = join(folder, `${user}.json`);
      await writeFile(file, JSON.stringify({ user, ...passwords }));
      return file;
    };
    const config = join(folder, 'config.json');
    const files = {
      credentialsFile: await credentials(roles.mail),
      ...('from' in configuration ? { salvageCredentialsFile: await credentials(roles.salvage) } : {}),
    };
    await writeFile(config, JSON.stringify({ cluster: 'mail', partition: 'users-a', ...configuration, ...files }));
    return await run(join(import.meta.dirname, '..', `${name}.ts`), config);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(program: string, config: string): Promise<Ended> {
  const result = `${config}.result`;
  const child = spawn(process.execPath, [program, '--config', config, '--result', result], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = output.trimEnd().split('\n');
  const text = lines.at(-1) ?? '';
  const kept = await readFile(result, 'utf8');
  return { code, lines, last: text.startsWith('{') ? JSON.parse(text) : text, kept };
}

export const endpointOf = (server: PostgresServer) => ({ host: server.host, port: server.port });

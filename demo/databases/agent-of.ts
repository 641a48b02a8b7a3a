import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '#database/engine.ts';

/** What a member's agent is told of its server, as far as whoever owns the state folder makes use of it. */
export type AgentOf = {
  readonly engine: Engine;
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly socketDirectory: string;
    readonly database: string;
  };
  /** Of the agent's own account. */
  readonly adminPassword: string;
};

export async function agentOf(stateFolder: string, member: string): Promise<AgentOf> {
  const configuration = await json(join(stateFolder, 'config', `agent-${member}.json`));
  const { engine, server, secretsFile } = configuration as Pick<AgentOf, 'engine' | 'server'> & { secretsFile: string };
  const { admin } = (await json(secretsFile)) as { readonly admin: string };
  return { engine, server, adminPassword: admin };
}

const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

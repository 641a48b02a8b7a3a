import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { stopReceiver } from '#database/mysql/replication/receiver.ts';
import { roles } from '#database/roles.ts';
import { serverSocket } from '#member/mysql/server-socket.ts';
import type { Freezer } from '../processes/freezer.ts';
import { processTree, type RunningProcess, signalAll } from '../processes/process-tree.ts';
import type { AgentOf } from './agent-of.ts';

export type HeldBack = {
  readonly member: string;
  readonly agent: AgentOf;
  readonly agentPid: number;
  readonly serverPid: number;
  /** Server of the primary. */
  readonly primaryPid: number;
  readonly freezer: Freezer;
};

const LIMIT_MS = 10_000;

/** Lets a replica receive nothing any more, until the function given back is called. */
export function holdBack(replica: HeldBack): Promise<() => void> {
  return replica.agent.engine === 'postgresql' ? holdBackPostgres(replica) : holdBackMysql(replica);
}

/**
 * Freezes the receiver of a replica and ends the stream to it: what was on the way is in no buffer that the replica could
 * still read when it is let go.
 */
async function holdBackPostgres({ member, serverPid, primaryPid, freezer }: HeldBack): Promise<() => void> {
  const server = await processTree(serverPid);
  const receiver = server.filter(({ command }) => command.includes('walreceiver'));
  if (receiver.length === 0) throw new Error(`${member} receives no log`);
  const sender = (await processTree(primaryPid)).filter(isSender);
  const letGo = freezer.freeze(receiver);
  signalAll(sender, 'SIGTERM');
  return letGo;
}

const isSender = ({ command }: RunningProcess): boolean => command.includes('walsender');

/** A thread is the receiver here, which nothing can freeze: it is told to stop, and the agent, who would start it again, is frozen. */
async function holdBackMysql({ agent, agentPid, serverPid, freezer }: HeldBack): Promise<() => void> {
  const { socketDirectory, port } = agent.server;
  const endpoint = { socketPath: serverSocket(socketDirectory, port) };
  const server = new Set((await processTree(serverPid)).map(({ pid }) => pid));
  const letGo = freezer.freeze((await processTree(agentPid)).filter(({ pid }) => !server.has(pid)));
  const open = () =>
    openConnection({ endpoint, user: roles.admin, password: agent.adminPassword, role: 'admin', timeoutMs: LIMIT_MS });
  const [waiter, watcher] = await Promise.all([open(), open()]);
  try {
    await stopReceiver({ waiter, watcher }, AbortSignal.timeout(LIMIT_MS));
  } finally {
    for (const connection of [waiter, watcher]) connection.abandon();
  }
  return letGo;
}

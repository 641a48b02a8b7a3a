import { type Engine, usualPort } from '#database/engine.ts';
import { HEALTH_PORT } from '../../objects/probes.ts';

export type MemberPort = { readonly name: string; readonly port: number };

/** Where the agent of a member listens in its pod: commands, reports, health, metrics. */
export const AGENT_PORT = { name: HEALTH_PORT, port: 8080 } as const satisfies MemberPort;

/** Where its database server does, called as its engine is. */
export const databasePort = (engine: Engine): MemberPort => ({ name: engine, port: usualPort(engine) });

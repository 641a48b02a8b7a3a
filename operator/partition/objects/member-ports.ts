import { HEALTH_PORT } from '../../objects/probes.ts';

/** Where a member listens in its pod. */
export const MEMBER_PORT = {
  database: { name: 'postgresql', port: 5432 },
  /** The agent: commands, reports, health, metrics. */
  agent: { name: HEALTH_PORT, port: 8080 },
} as const;

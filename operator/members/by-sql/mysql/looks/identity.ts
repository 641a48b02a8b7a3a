import type { MysqlLook } from './look.ts';

/** What is known of a server, and of whom its upstream is; null: not seen. */
type Known = {
  readonly look: MysqlLook | null;
  readonly withServerId: (serverId: number) => MysqlLook | null;
};

/**
 * What the copies of one repository have in common. That is its first stamp; before there is one, whose data the server has: that of the
 * primary at whose end it hangs, or its own. null: not known.
 */
export function identityOf({ look, withServerId }: Known): string | null {
  const passed = new Set<number>();
  for (let at = look; at !== null; ) {
    const { facts, observation } = at;
    if (observation.replication.systemIdentifier !== '') return observation.replication.systemIdentifier;
    if (facts.upstream === null) return `server_id ${facts.serverId}`;
    const { serverId } = facts.upstream;
    // Not connected since the start; or a ring.
    if (serverId === 0 || passed.has(serverId)) return null;
    passed.add(serverId);
    const next = withServerId(serverId);
    if (next === null) return `server_id ${serverId}`;
    at = next;
  }
  return null;
}

/**
 * Accounts on every member. The names are part of the contract between member (which makes them) and imapd and operator
 * (which use them); the passwords come from files next to each program's configuration.
 */
export const roles = {
  /** The agent's own, over the local socket: superuser. */
  admin: 'imapcluster_admin',
  /** Streaming replication and base backups. */
  replication: 'imapcluster_replication',
  /** imapd: owns the schema `mail`, may read replication state (pg_monitor), nothing else. */
  mail: 'imapcluster_mail',
  /** `imapd salvage` on a returned primary: reads everything, writes nothing. Let in even while mail is fenced off. */
  salvage: 'imapcluster_salvage',
} as const;

export type RoleName = (typeof roles)[keyof typeof roles];

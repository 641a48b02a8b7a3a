/** Where a member's pod has its things. */
export const MEMBER_PATH = {
  /** The agent, its launcher and its Node, out of their own image. */
  agent: '/opt/imapcluster',
  configuration: '/etc/imapcluster/configuration',
  secrets: '/etc/imapcluster/secrets',
  /** The volume. Data lies in a folder in it: beside it are the agent's notes, and what file systems put there. */
  volume: '/var/lib/imapcluster',
  data: '/var/lib/imapcluster/data',
  socket: '/run/imapcluster',
} as const;

/** Key of the agent's configuration in its Secret. */
export const AGENT_FILE = 'agent.json';
/** Key of the operator's public keys in the same Secret: a JSON array of JWKs. */
export const PUBLIC_KEYS_FILE = 'public-keys.json';
/** Key of the passwords, of all roles, that the agent reads. */
export const PASSWORDS_FILE = 'passwords.json';
/** Key of how far a replacement of the passwords is, which no pod reads. */
export const REPLACEMENT_FILE = 'replacement.json';
/** Keys of what one role alone needs: `{user, password}`, and while it is replaced `otherPassword`. */
export const MAIL_FILE = 'mail.json';
export const SALVAGE_FILE = 'salvage.json';

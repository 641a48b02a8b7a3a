/** Where an imapd pod finds its files. Folders, not files: the kubelet renews what is mounted as a folder only. */
const ROOT = '/etc/imapcluster';

export const IMAPD_PATH = {
  configuration: `${ROOT}/configuration`,
  routing: `${ROOT}/routing`,
  credentials: `${ROOT}/credentials`,
  tls: `${ROOT}/tls`,
  issuerAuthority: `${ROOT}/issuer-authority`,
  clientAuthority: `${ROOT}/client-authority`,
} as const;

/** Key of the configuration in its Secret. */
export const CONFIGURATION_FILE = 'imapd.json';
/** Key of the operator's public keys in the same Secret: a JSON array of JWKs. */
export const PUBLIC_KEYS_FILE = 'public-keys.json';
/** Key of the signed routing document in its ConfigMap. */
export const ROUTING_FILE = 'routing.jws';

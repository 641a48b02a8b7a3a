import type { ImapCluster } from '../imap-cluster.ts';
import { objectName } from './object-name.ts';

/** Secret with the token for the admin ports of imapd and the control API of the operator: for people with a right to it. */
export const adminSecretName = ({ metadata }: Pick<ImapCluster, 'metadata'>): string =>
  objectName(metadata.name, 'admin');

/** Its one field. */
export const ADMIN_TOKEN = 'token';

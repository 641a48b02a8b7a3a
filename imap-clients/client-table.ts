import { curl } from './drivers/curl.ts';
import { fetchmail } from './drivers/fetchmail.ts';
import { getmail } from './drivers/getmail.ts';
import { goImap } from './drivers/go-imap/go-imap.ts';
import { imapclient } from './drivers/imapclient/imapclient.ts';
import { imapflow } from './drivers/imapflow/imapflow.ts';
import { imaplib } from './drivers/imaplib/imaplib.ts';
import { interimap } from './drivers/interimap.ts';
import { jakartaMail } from './drivers/jakarta-mail/jakarta-mail.ts';
import { mailImapClient } from './drivers/mail-imapclient/mail-imapclient.ts';
import { mbsync } from './drivers/mbsync.ts';
import { neomutt } from './drivers/neomutt.ts';
import { offlineimap } from './drivers/offlineimap.ts';
import { pullimap } from './drivers/pullimap.ts';
import type { MailClient } from './mail-client.ts';

/** Every client that the server is judged by. */
export const clientTable: readonly MailClient[] = [
  mbsync,
  offlineimap,
  interimap,
  fetchmail,
  getmail,
  pullimap,
  neomutt,
  curl,
  imapflow,
  imaplib,
  imapclient,
  mailImapClient,
  jakartaMail,
  goImap,
];

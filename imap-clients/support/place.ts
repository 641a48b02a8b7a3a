import { basename } from 'node:path';
import type { Place } from '../mail-client.ts';
import type { Digest, MailStore } from '../stores/mail-store.ts';
import type { ClientsCluster } from './open-cluster.ts';
import { SmtpSink } from './smtp-sink.ts';

export type OpenedPlace = { readonly place: Place; readonly store: MailStore; readonly close: () => void };

/** Gives a client its folder and an account of its own, named like the folder: a second try has another one. */
export async function openPlace(mail: ClientsCluster, folder: string, digest: Digest): Promise<OpenedPlace> {
  const user = basename(folder).toLowerCase();
  const { account, store } = await mail.openAccount(user, digest);
  const sinks: SmtpSink[] = [];
  const place: Place = {
    folder,
    account,
    openSecondAccount: () => mail.openAccount(`${user}-second`, digest),
    async openSmtp() {
      const sink = await SmtpSink.open();
      sinks.push(sink);
      return { port: sink.port, received: () => sink.received() };
    },
  };
  return {
    place,
    store,
    close() {
      for (const sink of sinks) sink.close();
    },
  };
}

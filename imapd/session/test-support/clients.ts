import { answers } from './answers.ts';
import { PASSWORD } from './imap-server.ts';
import { RawClient } from './raw-client.ts';

/** Clients of a test that are closed together. */
export class Clients {
  readonly #open: RawClient[] = [];

  /** One that is signed in, as `ada` unless somebody is named. */
  async signedIn(port: number, user = 'ada'): Promise<RawClient> {
    const client = await RawClient.greeted(port);
    this.#open.push(client);
    await answers(client, `LOGIN ${user} "${PASSWORD}"`);
    return client;
  }

  close(): void {
    for (const client of this.#open.splice(0)) client.close();
  }
}

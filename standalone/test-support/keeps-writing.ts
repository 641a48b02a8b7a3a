import type { RawClient } from '#imapd/session/test-support/raw-client.ts';

export type Acknowledged = { readonly uidValidity: string; readonly uid: number; readonly text: string };

/** Appends to Journal for as long as it is answered; gives what was acknowledged. */
export async function keepsWriting(client: RawClient, acknowledged: Acknowledged[]): Promise<void> {
  for (let n = 0; ; n++) {
    const text = `Subject: ${n}\r\n\r\n${'.'.repeat((n * 997) % 40_000)}end ${n}\r\n`;
    client.send(`j APPEND Journal {${text.length}+}\r\n${text}\r\n`);
    const answer = (await client.readTagged('j')).at(-1) ?? '';
    const [, uidValidity, uid] = /^j OK \[APPENDUID (\d+) (\d+)\]/.exec(answer) ?? [];
    if (uidValidity === undefined) return;
    acknowledged.push({ uidValidity, uid: Number(uid), text });
  }
}

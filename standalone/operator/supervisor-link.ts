import type { Operator } from '#operator/core.ts';
import type { Pod, Pods } from '#operator/ports.ts';
import { MessageLink } from './message-link.ts';
import { operatorRequests } from './requests.ts';

/** The operator's end of the channel to the supervisor: it serves people's requests and hears which imapd there are. */
export function linkToSupervisor(operator: () => Promise<Operator>): {
  readonly link: MessageLink;
  readonly pods: Pods;
} {
  let pods: readonly Pod[] = [];
  const channel = { send: (message: object) => process.connected && process.send?.(message) !== undefined };
  const link = new MessageLink(channel, {
    ...operatorRequests(operator),
    async pods(list) {
      pods = list as readonly Pod[];
    },
  });
  process.on('message', (message) => link.receive(message));
  return { link, pods: { list: async () => pods } };
}

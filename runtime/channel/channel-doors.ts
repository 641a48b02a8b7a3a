import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { CHANNEL_PROTOCOL } from '#contract/channel.ts';
import { LineChannel } from './line-channel.ts';

export type ChannelDoor = {
  readonly path: string;
  /** Whether whoever asks may have a channel. */
  readonly admits: (request: IncomingMessage) => boolean;
  /** No more channels fit through: nobody may have one for now. Absent: never. */
  readonly isFull?: () => boolean;
  /** It has one. */
  readonly open: (channel: LineChannel, request: IncomingMessage) => void;
};

const AGREED = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${CHANNEL_PROTOCOL}\r\n\r\n`;

/** Where an HTTP server lets connections become channels. The server does not know them any more: they are closed here. */
export class ChannelDoors {
  readonly doors: readonly ChannelDoor[];
  readonly #channels = new Set<LineChannel>();
  #closed = false;

  constructor(doors: readonly ChannelDoor[]) {
    this.doors = doors;
  }

  /**
   * The server's `shouldUpgradeCallback`. Whatever gets no channel, and asks for another protocol or elsewhere too, is a request
   * like any other, and is answered as such.
   */
  readonly admits = (request: IncomingMessage): boolean => this.#doorFor(request) !== null;

  attach(server: Pick<Server, 'on'>): void {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const door = this.#doorFor(request);
      if (door === null) return void socket.destroy();
      socket.write(AGREED);
      const channel = new LineChannel(socket, head);
      this.#channels.add(channel);
      channel.onClosed(() => this.#channels.delete(channel));
      door.open(channel, request);
    });
  }

  /** Ends all channels, and lets nobody in any more. */
  close(): void {
    this.#closed = true;
    for (const channel of this.#channels) channel.close();
  }

  #doorFor(request: IncomingMessage): ChannelDoor | null {
    const { method, url, headers } = request;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (this.#closed || method !== 'GET' || hasBody || headers.upgrade !== CHANNEL_PROTOCOL) return null;
    const door = this.doors.find(({ path }) => path === url);
    return door?.admits(request) === true && door.isFull?.() !== true ? door : null;
  }
}

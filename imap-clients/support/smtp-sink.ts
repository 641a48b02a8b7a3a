import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** SMTP as far as a program that hands on what it has fetched speaks it (RFC 5321); what it is given is kept. */
export class SmtpSink {
  readonly #server: Server;
  readonly #received: Buffer[] = [];

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async open(): Promise<SmtpSink> {
    const sink = new SmtpSink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  received(): readonly Buffer[] {
    return this.#received;
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let buffered = '';
    let inData = false;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.write('220 sink ESMTP\r\n');
    socket.setEncoding('latin1').on('data', (text: string) => {
      buffered += text;
      for (;;) {
        const end = inData ? buffered.indexOf('\r\n.\r\n') : buffered.indexOf('\r\n');
        if (end < 0) return;
        const said = buffered.slice(0, end);
        buffered = buffered.slice(end + (inData ? '\r\n.\r\n' : '\r\n').length);
        if (inData) {
          // RFC 5321 4.5.2: a line that begins with a dot was sent with another.
          this.#received.push(Buffer.from(`${said}\r\n`.replace(/^\.\./gm, '.'), 'latin1'));
          inData = false;
          socket.write('250 kept\r\n');
        } else inData = this.#answer(socket, said.slice(0, 4).toUpperCase());
      }
    });
  }

  /** Whether a message follows. */
  #answer(socket: Socket, verb: string): boolean {
    if (verb === 'QUIT') socket.end('221 bye\r\n');
    else if (verb === 'DATA') socket.write('354 go ahead\r\n');
    else if (verb === 'EHLO' || verb === 'LHLO') socket.write('250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n');
    else socket.write('250 ok\r\n');
    return verb === 'DATA';
  }
}

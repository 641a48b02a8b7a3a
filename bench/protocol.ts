import { analyzeMessage } from '#imapd/mime/analyze.ts';
import { Framer } from '#imapd/protocol/framer.ts';
import { DEFAULT_LIMITS } from '#imapd/protocol/limits.ts';
import { parseCommand } from '#imapd/protocol/parse-command.ts';
import { ResponseWriter } from '#imapd/protocol/response-writer.ts';
import { type Bench, type Figure, quantile } from './bench.ts';

const FLUSH = 64 * 1024;
const MIB = 1024 * 1024;

/** Calls per second of `work`, which reports how much it did; the median of `runs`, after one run to warm up. */
function perSecond(runs: number, work: () => number): number {
  work();
  const rates = Array.from({ length: runs }, () => {
    const begin = performance.now();
    return (work() / (performance.now() - begin)) * 1000;
  });
  return quantile(rates, 0.5);
}

/** `* n FETCH (FLAGS (…) UID n)` for half a million messages. */
function writeFlags(): number {
  const writer = new ResponseWriter();
  const flags = ['\\Seen', '\\Answered'];
  for (let n = 1; n <= 500_000; n++) {
    writer
      .raw('* ')
      .number(n)
      .raw(' FETCH (FLAGS ')
      .flags(flags)
      .raw(' UID ')
      .number(n + 1_000_000)
      .raw(')\r\n');
    if (writer.length > FLUSH) writer.take();
  }
  return 500_000;
}

function readCommands(): number {
  const framer = new Framer(DEFAULT_LIMITS);
  const burst = Buffer.from('a1 UID FETCH 1234 (UID FLAGS BODY.PEEK[])\r\n'.repeat(1000));
  let commands = 0;
  for (let i = 0; i < 100; i++) {
    framer.push(burst);
    for (let frame = framer.next(); frame !== null; frame = framer.next()) {
      if (frame.kind === 'command' && parseCommand(frame.bytes, DEFAULT_LIMITS).ok) commands++;
    }
  }
  return commands;
}

const HEADER = [
  'From: "Ann Example" <ann@example.org>',
  'To: Bob <bob@example.org>, carol@example.org',
  'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
  'Date: Tue, 1 Jul 2003 10:52:37 +0200',
  'Message-ID: <1@example.org>',
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
].join('\r\n');
const LINE = `${'x'.repeat(76)}\r\n`;
const mail = (octets: number): Buffer => Buffer.from(`${HEADER}\r\n${LINE.repeat(octets / LINE.length)}--b--\r\n`);

function analyzeSmall(): number {
  const small = mail(20 * 1024);
  for (let i = 0; i < 5000; i++) analyzeMessage(small);
  return 5000;
}

/** Gives the work, so that making the message is not measured. */
function analyzeLarge(): () => number {
  const large = mail(50 * MIB);
  return () => analyzeMessage(large).size / MIB;
}

/** The pure layers of imapd, without network and database: what they alone would allow. */
export const protocol: Bench = {
  name: 'protocol',
  about: 'parsing commands, writing responses, analysing messages: imapd without network and database',
  async run({ runs, progress }) {
    const measure = (what: string, unit: string, work: () => number): Figure => {
      progress(what);
      return { what, unit, value: perSecond(runs, work) };
    };
    return [
      measure('FETCH (FLAGS UID) responses written', 'messages/s', writeFlags),
      measure('commands cut and parsed', 'commands/s', readCommands),
      measure('messages of 20 KiB analysed', 'messages/s', analyzeSmall),
      measure('a message of 50 MiB analysed', 'MiB/s', analyzeLarge()),
    ];
  },
};

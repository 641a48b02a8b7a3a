import type { FetchItem } from '../../protocol/fetch-item.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Output } from '../../session/output.ts';
import type { MessageSelection } from '../mailbox-cursor.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';

const WRITE_AT = 64 * 1024;

/** FETCH of UID, FLAGS, MODSEQ and THREADID, which no message has: no database is asked, and nothing is allocated a message. */
export async function fetchFromView(
  selected: SelectedMailbox,
  request: { readonly items: readonly FetchItem[]; readonly messages: MessageSelection },
  output: Output,
): Promise<void> {
  const { uids, sequences } = request.messages;
  const { table } = selected.cursor.view;
  const values = request.items.map((item) => valueWriter(item, selected));
  const writer = new ResponseWriter();
  let index = -1;
  for (let i = 0; i < uids.length; i++) {
    index = table.indexOf(uids[i] ?? 0, index + 1);
    selected.writeFetch(writer, { uid: uids[i] ?? 0, sequence: sequences[i] ?? 0 });
    for (let k = 0; k < values.length; k++) {
      if (k > 0) writer.space();
      values[k]?.(writer, index);
    }
    writer.raw(')\r\n');
    if (writer.length >= WRITE_AT) await output.write(writer.take());
  }
  if (writer.length > 0) await output.write(writer.take());
}

type ValueWriter = (writer: ResponseWriter, index: number) => void;

function valueWriter({ kind }: FetchItem, selected: SelectedMailbox): ValueWriter {
  const { table } = selected.cursor.view;
  if (kind === 'UID') return (writer, index) => writer.raw('UID ').number(table.uidAt(index));
  if (kind === 'MODSEQ') return (writer, index) => writer.raw('MODSEQ (').number(table.modSeqAt(index)).raw(')');
  if (kind === 'THREADID') return (writer) => writer.raw('THREADID NIL');
  return (writer, index) => writer.raw('FLAGS (').raw(selected.flagsAt(index)).raw(')');
}

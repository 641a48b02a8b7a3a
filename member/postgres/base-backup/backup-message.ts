export type BackupMessage =
  | { readonly kind: 'archive'; readonly name: string; readonly tablespace: string }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'progress'; readonly bytesDone: number }
  | { readonly kind: 'manifest' };

/**
 * One CopyData message of BASE_BACKUP as PostgreSQL 15 and later send it ("Streaming Replication Protocol"): a type byte,
 * then
 *
 *   'n' archive name NUL, tablespace path NUL · 'd' bytes of the archive · 'p' Int64 bytes done · 'm' (the manifest begins)
 */
export function parseBackupMessage(chunk: Buffer): BackupMessage {
  const body = chunk.subarray(1);
  switch (String.fromCharCode(chunk[0] ?? 0)) {
    case 'n': {
      const [name = '', tablespace = ''] = body.toString('utf8').split('\0');
      return { kind: 'archive', name, tablespace };
    }
    case 'd':
      return { kind: 'data', bytes: body };
    case 'p':
      return { kind: 'progress', bytesDone: Number(body.readBigInt64BE(0)) };
    case 'm':
      return { kind: 'manifest' };
    default:
      throw new RangeError(`a base backup has no message of type ${chunk[0]}`);
  }
}

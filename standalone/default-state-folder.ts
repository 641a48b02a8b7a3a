/** Where a run keeps what it keeps, unless --state says otherwise. Root's is where unprivileged children can reach it. */
export const defaultStateFolder = (uid: number | undefined): string =>
  uid === 0 ? '/var/lib/imapcluster' : './.imapcluster';

/** Owner of the status of our kinds: another one than of what is applied, or each would take the other's fields away. */
export const STATUS_MANAGER = 'imapcluster-operator-status';

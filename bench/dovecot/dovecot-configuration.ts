export type DovecotPlace = {
  readonly folder: string;
  /** Whom all of it runs as. */
  readonly user: string;
  readonly group: string;
  readonly imap: number;
  readonly imaps: number;
};

/**
 * Dovecot 2.3 as its defaults have it, with three kinds of changes: what lets it run without root in a folder of its
 * own; room for as many sessions as the bench opens; sdbox, its quickest format for small mailboxes. `mail_fsync` stays
 * `optimized`: a message is on the disk before APPEND is answered, as ours is; a flag need not be, ours always is.
 */
export const dovecotConfiguration = ({ folder, user, group, imap, imaps }: DovecotPlace): string => `
protocols = imap
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
first_valid_uid = 1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <${folder}/server.crt
ssl_key = <${folder}/server.key
mail_location = sdbox:~/sdbox
mail_fsync = optimized
mail_max_userip_connections = 0
default_client_limit = 10000
default_process_limit = 3000
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
}
namespace inbox {
  inbox = yes
  separator = /
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  process_limit = 3000
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service imap {
  process_limit = 3000
}
service stats {
  chroot =
}
`;

"""The round of rounds/work.ts with IMAPClient: flags that have changed by CONDSTORE."""
import hashlib
import os
import ssl
import sys

from imapclient import IMAPClient

host, port, _, user, password, certificate, outbox = sys.argv[1:]
known = {}  # mailbox -> {uid: [digest, flags]}
modseqs = {}


def connected():
    client = IMAPClient(host, int(port), ssl=False, timeout=60)
    client.starttls(ssl.create_default_context(cafile=certificate))
    client.login(user, password)
    return client


def words(flags):
    return " ".join(flag.decode() for flag in flags)


def update(client, mailbox):
    selected = client.select_folder(mailbox)
    messages = known.setdefault(mailbox, {})
    uids = client.search("ALL")
    assert len(uids) == selected[b"EXISTS"], (len(uids), selected)
    for uid in set(messages) - set(uids):
        del messages[uid]
    if mailbox in modseqs and messages:
        changed = client.fetch(sorted(messages), ["FLAGS"], [f"CHANGEDSINCE {modseqs[mailbox]}"])
        for uid, data in changed.items():
            if uid in messages:
                messages[uid][1] = words(data[b"FLAGS"])
    new = [uid for uid in uids if uid not in messages]
    for at in range(0, len(new), 500):
        for uid, data in client.fetch(new[at : at + 500], ["FLAGS", "BODY.PEEK[]"]).items():
            messages[uid] = [hashlib.sha256(data[b"BODY[]"]).hexdigest(), words(data[b"FLAGS"])]
    modseqs[mailbox] = selected[b"HIGHESTMODSEQ"]
    return sorted(messages)


client = connected()
client.create_folder("Archive/2026")
for name in sorted(os.listdir(outbox)):
    with open(os.path.join(outbox, name), "rb") as file:
        client.append("Sent", file.read(), [rb"\Seen"])
update(client, "Sent")
update(client, "Archive/2026")
inbox = update(client, "INBOX")


def every(step, at):
    return [uid for n, uid in enumerate(inbox, 1) if n % step == at]


client.add_flags(every(10, 0), [rb"\Flagged"])
client.add_flags(every(10, 1), [b"Work"], silent=True)
client.move(every(50, 7), "Archive/2026")
client.delete_messages(every(50, 3))
client.expunge(every(50, 3))
client.logout()

print("AWAY", flush=True)
sys.stdin.readline()

client = connected()
for mailbox in ("INBOX", "Sent", "Archive/2026"):
    update(client, mailbox)
client.logout()
for mailbox, messages in known.items():
    for digest, flags in messages.values():
        print("KNOWN", mailbox, digest, flags, sep="\t")

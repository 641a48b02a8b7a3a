"""The round of rounds/work.ts with Python's imaplib: everything by UIDs, no extension but MOVE."""
import hashlib
import imaplib
import os
import re
import ssl
import sys

host, port, _, user, password, certificate, outbox = sys.argv[1:]
# The default is an old guess of what a line may hold.
imaplib._MAXLINE = 10_000_000
known = {}  # mailbox -> {uid: [digest, flags]}


def ok(answer):
    status, data = answer
    assert status == "OK", (status, data)
    return data


def connected():
    imap = imaplib.IMAP4(host, int(port), timeout=60)
    ok(imap.starttls(ssl_context=ssl.create_default_context(cafile=certificate)))
    ok(imap.login(user, password))
    return imap


def fetched(imap, uids, items):
    """(uid, flags, literal) of each message."""
    data = [part for part in ok(imap.uid("FETCH", uids, items)) if part is not None]
    for n, part in enumerate(data):
        if isinstance(part, tuple):
            text, literal = part[0] + data[n + 1], part[1]
        elif part != b")":
            text, literal = part, None
        else:
            continue
        uid = re.search(rb"UID (\d+)", text)
        flags = re.search(rb"FLAGS \(([^)]*)\)", text)
        if uid is not None:
            yield int(uid[1]), flags[1].decode() if flags else "", literal


def update(imap, mailbox):
    """Flags of all, content of what is new."""
    exists = int(ok(imap.select('"%s"' % mailbox))[0])
    before = known.get(mailbox, {})
    now = {}
    if exists > 0:
        for uid, flags, _ in fetched(imap, "1:*", "(UID FLAGS)"):
            now[uid] = [before[uid][0] if uid in before else None, flags]
    new = [uid for uid, (digest, _) in now.items() if digest is None]
    for at in range(0, len(new), 500):
        uids = ",".join(map(str, new[at : at + 500]))
        for uid, _, literal in fetched(imap, uids, "(UID BODY.PEEK[])"):
            now[uid][0] = hashlib.sha256(literal).hexdigest()
    assert len(now) == exists, (len(now), exists)
    known[mailbox] = now
    return sorted(now)


imap = connected()
ok(imap.create('"Archive/2026"'))
for name in sorted(os.listdir(outbox)):
    with open(os.path.join(outbox, name), "rb") as file:
        ok(imap.append("Sent", r"(\Seen)", None, file.read()))
update(imap, "Sent")
update(imap, "Archive/2026")
inbox = update(imap, "INBOX")


def every(step, at):
    return ",".join(str(uid) for n, uid in enumerate(inbox, 1) if n % step == at)


ok(imap.uid("STORE", every(10, 0), "+FLAGS", r"(\Flagged)"))
ok(imap.uid("STORE", every(10, 1), "+FLAGS.SILENT", "(Work)"))
ok(imap.uid("MOVE", every(50, 7), '"Archive/2026"'))
ok(imap.uid("STORE", every(50, 3), "+FLAGS", r"(\Deleted)"))
ok(imap.expunge())
imap.logout()

print("AWAY", flush=True)
sys.stdin.readline()

imap = connected()
for mailbox in ("INBOX", "Sent", "Archive/2026"):
    update(imap, mailbox)
imap.logout()
for mailbox, messages in known.items():
    for digest, flags in messages.values():
        print("KNOWN", mailbox, digest, flags, sep="\t")

"""Work in a selected mailbox with Python's imaplib: PORT USER PASSWORD. Prints `done` when everything was as it should be."""
import imaplib
import sys

port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def ok(answer, what):
    status, data = answer
    assert status == "OK", f"{what}: {status} {data}"
    return data


imap = imaplib.IMAP4("127.0.0.1", port, timeout=20)
ok(imap.login(user, password), "LOGIN")
for name in ("py", "py2"):
    ok(imap.create(name), "CREATE")
texts = [b"Subject: number %d\r\nFrom: Ann <ann@example.org>\r\n\r\nbody %d\r\n" % (n, n) for n in range(1, 6)]
for text in texts:
    ok(imap.append("py", None, None, text), "APPEND")
assert ok(imap.select("py"), "SELECT") == [b"5"]
assert imap.response("UIDNEXT")[1] == [b"6"]
fetched = ok(imap.fetch("1:*", "(UID RFC822.SIZE BODY.PEEK[])"), "FETCH")
assert [part[1] for part in fetched if isinstance(part, tuple)] == texts, fetched
assert ok(imap.search(None, "SUBJECT", '"number 3"'), "SEARCH") == [b"3"]
assert ok(imap.search("UTF-8", "TEXT", '"body 4"'), "SEARCH TEXT") == [b"4"]
assert ok(imap.uid("SEARCH", "UNSEEN"), "UID SEARCH") == [b"1 2 3 4 5"]
assert ok(imap.sort("(REVERSE SUBJECT)", "UTF-8", "ALL"), "SORT") == [b"5 4 3 2 1"]
assert ok(imap.thread("REFERENCES", "UTF-8", "ALL"), "THREAD") == [b"(1)(2)(3)(4)(5)"]
stored = ok(imap.store("2:3", "+FLAGS", r"(\Seen $Work)"), "STORE")
assert len(stored) == 2 and b"$Work" in stored[0], stored
assert ok(imap.search(None, "KEYWORD", "$Work"), "SEARCH KEYWORD") == [b"2 3"]
ok(imap.copy("1,5", "py2"), "COPY")
assert ok(imap.uid("MOVE", "2:3", "py2"), "MOVE") is not None
assert imap.untagged_responses.get("EXPUNGE") == [b"3", b"2"], imap.untagged_responses
ok(imap.store("1", "+FLAGS.SILENT", r"\Deleted"), "STORE")
ok(imap.expunge(), "EXPUNGE")
assert ok(imap.search(None, "ALL"), "SEARCH ALL") == [b"1 2"]
header = ok(imap.fetch("1", "(BODY[HEADER.FIELDS (SUBJECT)])"), "FETCH")[0]
assert header[1] == b"Subject: number 4\r\n\r\n", header
ok(imap.check(), "CHECK")
ok(imap.close(), "CLOSE")
assert ok(imap.select("py2", readonly=True), "EXAMINE") == [b"4"]
assert imap.store("1", "+FLAGS", r"\Seen")[0] == "NO"
ok(imap.unselect(), "UNSELECT")
imap.logout()
print("done")

"""A session with Python's imaplib: PORT USER PASSWORD CAFILE. Prints `done` when everything was as it should be."""
import imaplib
import ssl
import sys
import time

port, user, password, cafile = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


def ok(answer, what):
    status, data = answer
    assert status == "OK", f"{what}: {status} {data}"
    return data


imap = imaplib.IMAP4("127.0.0.1", port, timeout=20)
assert "STARTTLS" in imap.capabilities, imap.capabilities
context = ssl.create_default_context(cafile=cafile)
context.check_hostname = False
ok(imap.starttls(ssl_context=context), "STARTTLS")
assert "STARTTLS" not in imap.capabilities, imap.capabilities
ok(imap.login(user, password), "LOGIN")
ok(imap.enable("CONDSTORE"), "ENABLE")
ok(imap.namespace(), "NAMESPACE")
ok(imap.create("Python/Sub"), "CREATE")
ok(imap.subscribe("Python/Sub"), "SUBSCRIBE")
names = [line.decode().split(' "/" ')[1] for line in ok(imap.list(), "LIST")]
assert "Python" in names and "Python/Sub" in names, names
subscribed = ok(imap.lsub('""', "Python/%"), "LSUB")
assert len(subscribed) == 1, subscribed
message = b"Subject: from Python\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
ok(imap.append("Python/Sub", r"(\Flagged)", imaplib.Time2Internaldate(time.time()), message), "APPEND")
status = ok(imap.status("Python/Sub", "(MESSAGES UNSEEN UIDNEXT)"), "STATUS")[0].decode()
assert "MESSAGES 1" in status and "UNSEEN 1" in status and "UIDNEXT 2" in status, status
assert ok(imap.select("Python/Sub"), "SELECT") == [b"1"]
ok(imap.store("1", "+FLAGS", r"(\Deleted)"), "STORE")
ok(imap.expunge(), "EXPUNGE")
ok(imap.close(), "CLOSE")
ok(imap.rename("Python/Sub", "Python/Renamed"), "RENAME")
ok(imap.delete("Python/Renamed"), "DELETE")
assert imap.select("nowhere")[0] == "NO"
ok(imap.noop(), "NOOP")
assert imap.logout()[0] == "BYE"

wrong = imaplib.IMAP4("127.0.0.1", port, timeout=20)
try:
    wrong.login(user, "wrong")
    raise AssertionError("a wrong password was taken")
except imaplib.IMAP4.error as error:
    assert "AUTHENTICATIONFAILED" in str(error), error
wrong.shutdown()

plain = imaplib.IMAP4("127.0.0.1", port, timeout=20)
plain.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
plain.logout()
print("done")

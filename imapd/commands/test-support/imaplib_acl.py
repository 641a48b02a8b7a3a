"""Share a mailbox with Python's imaplib: PORT OWNER GUEST PASSWORD. Prints `done` when everything was as it should be."""
import imaplib
import sys

port, owner, guest, password = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


def ok(answer, what):
    status, data = answer
    assert status == "OK", f"{what}: {status} {data}"
    return data


def signed_in(user):
    imap = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    ok(imap.login(user, password), "LOGIN")
    assert "ACL" in imap.capability()[1][0].decode().split()
    return imap


ann, bob = signed_in(owner), signed_in(guest)
ok(ann.create("py"), "CREATE")
ok(ann.append("py", None, None, b"a: b\r\n"), "APPEND")
ok(ann.setacl("py", guest, "lrs"), "SETACL")
assert ok(ann.getacl("py"), "GETACL") == [f"py {owner} lrswipkxteacd {guest} lrs".encode()]
assert ok(bob.namespace(), "NAMESPACE") == [b'(("" "/")) (("Other Users/" "/")) NIL']
shared = f'"Other Users/{owner}/py"'
assert ok(bob.myrights(shared), "MYRIGHTS") == [f"{shared} lrs".encode()]
assert f'(\\HasNoChildren) "/" {shared}'.encode() in ok(bob.list(), "LIST")
assert ok(bob.select(shared), "SELECT") == [b"1"]
assert ok(bob.fetch("1", "(BODY[])"), "FETCH")[0][1] == b"a: b\r\n"
ok(bob.store("1", "-FLAGS", r"\Seen"), "STORE")
assert bob.store("1", "+FLAGS", r"\Deleted")[0] == "NO"
ok(ann.deleteacl("py", guest), "DELETEACL")
assert bob.myrights(shared)[0] == "NO"
ok(bob.unselect(), "UNSELECT")
for imap in (ann, bob):
    imap.logout()
print("done")

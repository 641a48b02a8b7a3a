import jakarta.mail.FetchProfile;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.UIDFolder;
import jakarta.mail.event.MailEvent;
import jakarta.mail.event.MessageChangedEvent;
import jakarta.mail.internet.MimeMessage;
import com.sun.mail.imap.IMAPFolder;
import com.sun.mail.imap.IMAPMessage;
import com.sun.mail.imap.IMAPStore;
import com.sun.mail.imap.MessageVanishedEvent;
import com.sun.mail.imap.ResyncData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The round of rounds/work.ts with Jakarta Mail; what it has missed while it was away it is told by QRESYNC. */
public class Script {
  static final class Known {
    String digest;
    String flags;
  }

  static final class Mailbox {
    long uidValidity;
    long modSeq;
    final TreeMap<Long, Known> messages = new TreeMap<>();
  }

  static final Map<String, Mailbox> known = new TreeMap<>();
  static String[] words;

  public static void main(String[] arguments) throws Exception {
    words = arguments;
    try (IMAPStore store = connected()) {
      work(store);
    }
    System.out.println("AWAY");
    System.out.flush();
    System.in.read();
    try (IMAPStore store = connected()) {
      for (String name : List.of("INBOX", "Sent", "Archive/2026")) update(store, name).close(false);
    }
    StringBuilder all = new StringBuilder();
    known.forEach((name, mailbox) -> mailbox.messages.values().forEach(
        message -> all.append("KNOWN\t" + name + "\t" + message.digest + "\t" + message.flags + "\n")));
    System.out.print(all);
    System.out.flush();
  }

  static IMAPStore connected() throws Exception {
    Properties properties = new Properties();
    properties.put("mail.imap.starttls.enable", "true");
    properties.put("mail.imap.starttls.required", "true");
    properties.put("mail.imap.ssl.trust", words[0]);
    properties.put("mail.imap.timeout", "60000");
    IMAPStore store = (IMAPStore) Session.getInstance(properties).getStore("imap");
    store.connect(words[0], Integer.parseInt(words[1]), words[3], words[4]);
    return store;
  }

  static IMAPFolder update(IMAPStore store, String name) throws Exception {
    IMAPFolder folder = (IMAPFolder) store.getFolder(name);
    Mailbox mailbox = known.computeIfAbsent(name, none -> new Mailbox());
    ResyncData since = mailbox.modSeq == 0 ? ResyncData.CONDSTORE : new ResyncData(mailbox.uidValidity, mailbox.modSeq);
    List<MailEvent> missed = folder.open(Folder.READ_WRITE, since);
    if (mailbox.uidValidity != 0 && mailbox.uidValidity != folder.getUIDValidity())
      throw new IllegalStateException(name + ": another UIDVALIDITY");
    for (MailEvent event : missed == null ? List.<MailEvent>of() : missed) {
      if (event instanceof MessageVanishedEvent) {
        for (long uid : ((MessageVanishedEvent) event).getUIDs()) mailbox.messages.remove(uid);
      } else if (event instanceof MessageChangedEvent) {
        Message message = ((MessageChangedEvent) event).getMessage();
        Known one = mailbox.messages.get(folder.getUID(message));
        if (one != null) one.flags = words(message.getFlags());
      }
    }
    long next = mailbox.messages.isEmpty() ? 1 : mailbox.messages.lastKey() + 1;
    Message[] found = folder.getMessagesByUID(next, UIDFolder.LASTUID);
    FetchProfile profile = new FetchProfile();
    profile.add(FetchProfile.Item.FLAGS);
    profile.add(IMAPFolder.FetchProfileItem.MESSAGE);
    folder.fetch(found, profile);
    for (Message message : found) {
      if (message == null || folder.getUID(message) < next) continue;
      ((IMAPMessage) message).setPeek(true);
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      message.writeTo(content);
      Known one = new Known();
      one.digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content.toByteArray()));
      one.flags = words(message.getFlags());
      mailbox.messages.put(folder.getUID(message), one);
    }
    if (mailbox.messages.size() != folder.getMessageCount())
      throw new IllegalStateException(name + ": " + mailbox.messages.size() + " of " + folder.getMessageCount());
    mailbox.uidValidity = folder.getUIDValidity();
    mailbox.modSeq = folder.getHighestModSeq();
    return folder;
  }

  static String words(Flags flags) {
    List<String> all = new ArrayList<>(Arrays.asList(flags.getUserFlags()));
    if (flags.contains(Flags.Flag.SEEN)) all.add("\\Seen");
    if (flags.contains(Flags.Flag.ANSWERED)) all.add("\\Answered");
    if (flags.contains(Flags.Flag.FLAGGED)) all.add("\\Flagged");
    if (flags.contains(Flags.Flag.DRAFT)) all.add("\\Draft");
    if (flags.contains(Flags.Flag.DELETED)) all.add("\\Deleted");
    return String.join(" ", all);
  }

  static void work(IMAPStore store) throws Exception {
    IMAPFolder archive = (IMAPFolder) store.getFolder("Archive/2026");
    if (!archive.create(Folder.HOLDS_MESSAGES)) throw new IllegalStateException("Archive/2026 was not made");
    IMAPFolder sent = (IMAPFolder) store.getFolder("Sent");
    File[] files = new File(words[6]).listFiles();
    Arrays.sort(files);
    for (File file : files) {
      MimeMessage message = new MimeMessage(null, new ByteArrayInputStream(Files.readAllBytes(file.toPath())));
      message.setFlag(Flags.Flag.SEEN, true);
      sent.appendMessages(new Message[] {message});
    }
    update(store, "Sent").close(false);
    update(store, "Archive/2026").close(false);
    IMAPFolder inbox = update(store, "INBOX");
    Long[] uids = known.get("INBOX").messages.keySet().toArray(new Long[0]);
    inbox.setFlags(every(inbox, uids, 10, 0), new Flags(Flags.Flag.FLAGGED), true);
    inbox.setFlags(every(inbox, uids, 10, 1), new Flags("Work"), true);
    inbox.moveMessages(every(inbox, uids, 50, 7), archive);
    Message[] gone = every(inbox, uids, 50, 3);
    inbox.setFlags(gone, new Flags(Flags.Flag.DELETED), true);
    inbox.expunge(gone);
    inbox.close(false);
  }

  static Message[] every(IMAPFolder folder, Long[] uids, int step, int at) throws Exception {
    List<Message> chosen = new ArrayList<>();
    for (int n = 1; n <= uids.length; n++) if (n % step == at) chosen.add(folder.getMessageByUID(uids[n - 1]));
    return chosen.toArray(new Message[0]);
  }
}

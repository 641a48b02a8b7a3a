// The round of rounds/work.ts with go-imap v2.
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

type message struct {
	digest string
	flags  []imap.Flag
}

var (
	host, port, user, password, certificate, outbox string
	// By mailbox and UID.
	known = map[string]map[imap.UID]message{}
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func connected() *imapclient.Client {
	pem, err := os.ReadFile(certificate)
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client, err := imapclient.DialStartTLS(host+":"+port, &imapclient.Options{
		TLSConfig: &tls.Config{RootCAs: roots, ServerName: host},
	})
	must(err)
	must(client.Login(user, password).Wait())
	return client
}

func update(client *imapclient.Client, mailbox string) []imap.UID {
	selected, err := client.Select(mailbox, nil).Wait()
	must(err)
	before := known[mailbox]
	now := map[imap.UID]message{}
	var fresh imap.UIDSet
	if selected.NumMessages > 0 {
		all := imap.UIDSet{imap.UIDRange{Start: 1, Stop: 0}}
		flags, err := client.Fetch(all, &imap.FetchOptions{UID: true, Flags: true}).Collect()
		must(err)
		for _, found := range flags {
			now[found.UID] = message{before[found.UID].digest, found.Flags}
			if before[found.UID].digest == "" {
				fresh.AddNum(found.UID)
			}
		}
	}
	if len(fresh) > 0 {
		section := &imap.FetchItemBodySection{Peek: true}
		options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
		contents, err := client.Fetch(fresh, options).Collect()
		must(err)
		for _, found := range contents {
			digest := fmt.Sprintf("%x", sha256.Sum256(found.FindBodySection(section)))
			now[found.UID] = message{digest, now[found.UID].flags}
		}
	}
	if uint32(len(now)) != selected.NumMessages {
		log.Fatalf("%s: %d messages of %d", mailbox, len(now), selected.NumMessages)
	}
	known[mailbox] = now
	uids := make([]imap.UID, 0, len(now))
	for uid := range now {
		uids = append(uids, uid)
	}
	sort.Slice(uids, func(a, b int) bool { return uids[a] < uids[b] })
	return uids
}

func work(client *imapclient.Client) {
	must(client.Create("Archive/2026", nil).Wait())
	files, err := filepath.Glob(filepath.Join(outbox, "*.eml"))
	must(err)
	sort.Strings(files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(err)
		appended := client.Append("Sent", int64(len(content)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
		_, err = appended.Write(content)
		must(err)
		must(appended.Close())
		_, err = appended.Wait()
		must(err)
	}
	update(client, "Sent")
	update(client, "Archive/2026")
	inbox := update(client, "INBOX")
	every := func(step, at int) imap.UIDSet {
		var set imap.UIDSet
		for n, uid := range inbox {
			if (n+1)%step == at {
				set.AddNum(uid)
			}
		}
		return set
	}
	add := func(set imap.UIDSet, flag imap.Flag) {
		must(client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag}}, nil).Close())
	}
	add(every(10, 0), imap.FlagFlagged)
	add(every(10, 1), "Work")
	_, err = client.Move(every(50, 7), "Archive/2026").Wait()
	must(err)
	add(every(50, 3), imap.FlagDeleted)
	must(client.UIDExpunge(every(50, 3)).Close())
}

func main() {
	if len(os.Args) == 2 {
		build, _ := debug.ReadBuildInfo()
		for _, module := range build.Deps {
			if strings.HasSuffix(module.Path, "/go-imap/v2") {
				fmt.Println(module.Version)
			}
		}
		return
	}
	host, port, user, password, certificate, outbox =
		os.Args[1], os.Args[2], os.Args[4], os.Args[5], os.Args[6], os.Args[7]
	client := connected()
	work(client)
	must(client.Logout().Wait())

	fmt.Println("AWAY")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')

	client = connected()
	for _, mailbox := range []string{"INBOX", "Sent", "Archive/2026"} {
		update(client, mailbox)
	}
	must(client.Logout().Wait())
	for mailbox, messages := range known {
		for _, one := range messages {
			flags := make([]string, len(one.flags))
			for n, flag := range one.flags {
				flags[n] = string(flag)
			}
			fmt.Println(strings.Join([]string{"KNOWN", mailbox, one.digest, strings.Join(flags, " ")}, "\t"))
		}
	}
}

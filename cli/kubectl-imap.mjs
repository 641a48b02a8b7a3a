#!/usr/bin/env node
// kubectl starts this for `kubectl imap`: the same program, which means Kubernetes then.
process.env.IMAPCTL_STARTED_AS = 'kubectl-imap';
await import('./imapctl.mjs');

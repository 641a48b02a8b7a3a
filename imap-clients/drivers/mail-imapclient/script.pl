# The round of rounds/work.ts with Perl's Mail::IMAPClient.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Mail::IMAPClient;

my ($host, $port, undef, $user, $password, $certificate, $outbox) = @ARGV;
my %known;    # mailbox -> {uid => [digest, flags]}
$| = 1;

sub connected {
    my $imap = Mail::IMAPClient->new(
        Server   => $host,
        Port     => $port,
        User     => $user,
        Password => $password,
        Uid      => 1,
        Peek     => 1,
        Timeout  => 60,
        Starttls => [SSL_ca_file => $certificate, SSL_verify_mode => 1, SSL_verifycn_name => $host],
    ) or die "connecting: $@";
    return $imap;
}

sub update {
    my ($imap, $mailbox) = @_;
    $imap->select($mailbox) or die $imap->LastError;
    my $before = $known{$mailbox} // {};
    my %now;
    my @uids = $imap->messages;
    if (@uids) {
        my $flags = $imap->fetch_hash('FLAGS') or die $imap->LastError;
        $now{$_} = [$before->{$_} ? $before->{$_}[0] : undef, $flags->{$_}{FLAGS}] for @uids;
    }
    for my $uid (grep { !defined $now{$_}[0] } @uids) {
        my $text = $imap->message_string($uid) // die $imap->LastError;
        $now{$uid}[0] = sha256_hex($text);
    }
    $known{$mailbox} = \%now;
    return sort { $a <=> $b } @uids;
}

my $imap = connected();
$imap->create('Archive/2026') or die $imap->LastError;
for my $file (sort glob "$outbox/*.eml") {
    open my $in, '<:raw', $file or die $!;
    local $/;
    $imap->append_string('Sent', <$in>, '\Seen') or die $imap->LastError;
}
update($imap, $_) for 'Sent', 'Archive/2026';
my @inbox = update($imap, 'INBOX');

sub every {
    my ($step, $at) = @_;
    return map { $inbox[$_ - 1] } grep { $_ % $step == $at } 1 .. @inbox;
}

$imap->set_flag('\Flagged', every(10, 0)) or die $imap->LastError;
$imap->set_flag('Work', every(10, 1)) or die $imap->LastError;
$imap->move('Archive/2026', every(50, 7)) or die $imap->LastError;
$imap->delete_message(every(50, 3)) or die $imap->LastError;
$imap->expunge or die $imap->LastError;
$imap->logout;

print "AWAY\n";
<STDIN>;

$imap = connected();
update($imap, $_) for 'INBOX', 'Sent', 'Archive/2026';
$imap->logout;
for my $mailbox (sort keys %known) {
    print join("\t", 'KNOWN', $mailbox, @$_), "\n" for values %{ $known{$mailbox} };
}

import type { Component } from "../lab/platform.ts"

/** A line that says that something is wrong, in a run where nothing is. */
export interface ExpectedLine {
  component: Component
  line: RegExp
  why: string
  /** Title of the scenario that provokes it, where one does. */
  scenario?: string
}

const startOfPostfix = /^updating \/etc\/[\w.]+ => \/var\/spool\/postfix\/\/etc\/|^postfix\/postlog: starting the Postfix mail system$/
const clockSteps = /postfix\/\w+\[\d+\]: warning: (file system clock is \d+ seconds (ahead of|behind) local clock|resetting file time stamps - this hurts performance)$/

/**
 * The closed list of REC-03. A pattern names what it accepts as narrowly as the line allows: the machine's name or a
 * number may vary, what went wrong may not.
 */
export const expectedLines: readonly ExpectedLine[] = [
  {
    component: "postfix", line: /submission\/smtpd\[\d+\]: warning: .*: SASL PLAIN authentication failed/,
    why: "a login that must fail", scenario: "a wrong password and an unknown account are refused",
  },
  {
    component: "postfix", line: /warning: TLS library problem: error:\w+:SSL routines::(unsupported protocol|version too low):/,
    why: "a handshake that must fail", scenario: "submission refuses TLS older than 1.2",
  },
  {
    component: "postfix", line: /postfix\/smtp\[\d+\]: warning: TLS library problem: error:\w+:SSL routines::tlsv1 alert protocol version:/,
    why: "academies that speak TLS 1.1 at most",
    scenario: "an academy to verify gets its mail never in clear nor below TLS 1.2, and waits until then",
  },
  {
    component: "dovecot", line: /master: Warning: SIGHUP received - reloading configuration/, why: "a certificate is renewed",
    scenario: "when the mailboxes' certificate is renewed, who is reading reads on, nobody is turned away twice, and who comes sees the new one",
  },
  {
    component: "dovecot",
    line: /(imap-login: (Fatal: (Error reading|Failed to read) configuration: (.* failed: Connection reset by peer|stat\(\/run\/dovecot\/config\) failed: No such file or directory)|Error: (auth-client: .* connect\(login\)|conn unix:stats-writer: net_connect_unix\(stats-writer\)) failed: No such file or directory)|master: Error: (service\(imap-login\): )+child \d+ returned error 89 )/,
    why: "a process that was just starting when the configuration was read anew: it had accepted nobody, and another is started",
    scenario: "when the mailboxes' certificate is renewed, who is reading reads on, nobody is turned away twice, and who comes sees the new one",
  },
  {
    component: "mariadb", line: /Aborted connection \d+ to db: '(staff|sympa)' user: 'postfix' /,
    why: "a certificate is renewed: processes of the edge end without closing their connection",
    scenario: "when the edge's certificate is renewed, open sessions end well, nobody is turned away, and who comes sees the new one",
  },
  {
    component: "postfix", line: /smtpd\[\d+\]: warning: \w+: queue file size limit exceeded/,
    why: "one byte too many", scenario: "a message of one byte more than the size limit is refused, on both ports, announced or not",
  },
  {
    component: "postfix", line: /cleanup\[\d+\]: warning: \w+: unreasonable virtual_alias_maps map nesting for gauche\./,
    why: "two aliases that name each other", scenario: "aliases that name each other make neither loop nor delivery",
  },
  {
    component: "postfix", line: /cleanup\[\d+\]: warning: \w+: unreasonable virtual_alias_maps map nesting for nord\./,
    why: "a ring of three aliases", scenario: "a longer ring of aliases tells the client at once, and ten aliases in a row still lead to their end",
  },
  {
    component: "postfix", line: /cleanup\[\d+\]: warning: \w+: unreasonable virtual_alias_maps map nesting for (amont|aval)\./,
    why: "a ring of two sources", scenario: "a ring over both sources tells the client at once, reaches nobody, and costs its neighbours nothing",
  },
  {
    component: "postfix",
    line: /(smtpd|cleanup)\[\d+\]: warning: (pipemap:\{pcre:\/etc\/postfix\/asked-of-directory, [^}]+\}.*, fail:the_directory_is_not_complete\}|proxy:ldap:\/etc\/postfix\/ldap-(alias|complete)\.cf) lookup error for "/,
    why: "a directory that is down, mute or not complete", scenario: "while the directory is down its addresses are put off, known or not, and what comes again arrives once",
  },
  {
    component: "postfix",
    line: /(smtpd|cleanup)\[\d+\]: warning: (pipemap:\{pcre:\/etc\/postfix\/asked-of-database, [^}]+\}.*, fail:the_staff_database_is_not_complete\}|proxy:mysql:\/etc\/postfix\/mysql-(alias|complete|mailbox|sender-login)\.cf) lookup error for "/,
    why: "a database of aliases that is down or not complete",
    scenario: "while the database of aliases is down its addresses are put off, known or not, and what comes again arrives once",
  },
  {
    component: "postfix",
    line: /proxymap\[\d+\]: (warning|error): dict_ldap_(connect: Unable to (bind to server ldap:\S+ with dn cn=postfix,\S+: |set STARTTLS: )-?\d+:? |lookup: Search error -?\d+: )/,
    why: "a directory that is down, mute or empty", scenario: "a directory that came up with nothing in it has its addresses put off, and is believed again once it is whole",
  },
  {
    component: "postfix", line: /proxymap\[\d+\]: warning: (connect to mysql server mariadb1\.[\w-]+\.test: |mysql:\/etc\/postfix\/mysql-[\w-]+\.cf: query failed: Lost connection to server during query$)/,
    why: "a database that is down", scenario: "while the database of aliases is down its addresses are put off, known or not, and what comes again arrives once",
  },
  {
    component: "dovecot", line: /auth-worker\(\d+\): Warning: sqlpool\(mysql\): Query failed, retrying: Lost connection to server during query/,
    why: "a database that is down", scenario: "while the database of aliases is down its addresses are put off, known or not, and what comes again arrives once",
  },
  {
    component: "postfix", line: /cleanup\[\d+\]: warning: \w+: virtual_alias_maps map lookup problem for .* -- message not accepted, try again later$/,
    why: "a directory that goes down before the text of a message",
    scenario: "a directory that goes down between two recipients of a message, or before its text, costs nobody a copy and gives none twice",
  },
  {
    component: "postfix", line: /cleanup\[\d+\]: warning: \w+: unreasonable virtual_alias_maps map expansion size for tous-1001\./,
    why: "an alias of one target too many",
    scenario: "an alias of 999 or 1 000 targets reaches each once, and one of more is refused to the client and reaches nobody",
  },
  {
    component: "sympa", line: /ProcessIncoming::_twist#\d+ Ignoring message which would cause a loop; message appears to be an auto-reply/,
    why: "an automatic reply, which must stay here", scenario: "an automatic reply to a list message is not redistributed",
  },
  {
    component: "sympa", line: /ProcessIncoming::_twist#\d+ Ignoring message which would cause a loop, sent by .*matches loop_prevention_regex/,
    why: "a delivery notice, which must stay here", scenario: "a delivery notice sent to a list is not redistributed, even from an address that may post",
  },
  {
    component: "sympa", line: /ProcessIncoming::_twist#\d+ Ignoring message which would cause a loop \(X-Loop: /,
    why: "a message that has passed the list", scenario: "a message that has passed through the list is not distributed there again",
  },
  {
    component: "sympa", line: /DoMessage::_twist#\d+ Found known Message-ID </,
    why: "the same Message-ID again", scenario: "the same Message-ID posted again is distributed once",
  },
  {
    component: "sympa", line: /(Database::do_prepared_query#\d+ Unable to execute SQL statement "SELECT address FROM sympa\.source_\w+": \(42S02\) Table|DataSource::SQL::__ANON__#\d+ Unable to connect to SQL data source .*;name=staff>)/,
    why: "a source that is gone", scenario: "a source that refuses the include costs no member a copy",
  },
  {
    component: "sympa", line: /(Database::do_prepared_query#\d+ Unable to execute SQL statement "SELECT agents_are_complete.*\(45000\) agents of [-\w]+: \d+, \d+ before|DataSource::SQL::__ANON__#\d+ Unable to connect to SQL data source .*;name=agents>)/,
    why: "a source that is no longer whole", scenario: "a source that is suddenly empty costs no member a copy",
  },
  {
    component: "sympa", line: /ProcessBounce::_twist#\d+ (Ignore Feedback Report .* is not allowed to unsubscribe|Ignoring Feedback Report .*: Unknown (Original-Rcpt-To field|format; feedback_type=abuse))/,
    why: "an abuse report, which takes nobody off", scenario: "an abuse report, which anybody can write, takes nobody off a list",
  },
  {
    component: "sympa", line: /supervise\.pl: Use of uninitialized value in numeric ge \(>=\) at \S+\/Sympa\/Spindle\/ProcessTask\.pm line \d+\.$/,
    why: "bouncing members are judged while another list has one whose notice came a moment ago and has no score yet: nothing is done to it",
    scenario: "a whole academy that answers 550 5.7.1 for three weeks loses no member, and all get mail again",
  },
  {
    component: "sympa", line: /(Process::eval_in_time#\d+ Processing timeout$|supervise\.pl: DBI::db=HASH\(\w+\)->disconnect invalidates 1 active statement handle )/,
    why: "a source that is given up", scenario: "a source that takes longer than the list engine waits costs no member a copy, and a slow one is followed",
  },
  {
    component: "sympa", line: /Handler::distribute::_twist#\d+ Unable to find message with key </,
    why: "a key that accepts nothing", scenario: "who is no moderator is not told the key, and accepts nothing without it",
  },
  {
    component: "sympa", line: /Message::smime_decrypt#\d+ Unable to decrypt message: missing certificate file/,
    why: "a message encrypted for its reader, for which a list has no key",
    scenario: "every message of the corpus comes out of a list once for each member, with all that the author wrote",
  },
  {
    component: "sympa", line: /wwsympa\[\d+\]: err .*Auth::authentication#\d+ Incorrect password for user /,
    why: "a login that must fail", scenario: "who has a password is let in, and nobody else",
  },
  {
    component: "sympa", line: /wwsympa\[\d+\]: err .*Auth::authentication#\d+ Login is blocked: too many wrong password submission for /,
    why: "one wrong password too many", scenario: "after too many wrong passwords even the right one is refused",
  },
  {
    component: "sympa", line: /wwsympa\[\d+\]: err .*check_action_parameters#\d+ .*\] ?User not logged in$/,
    why: "a page that asks for a login", scenario: "who is no moderator neither sees nor decides what waits",
  },
  {
    component: "sympa", line: /wwsympa\[\d+\]: err .*\] ?Missing required parameters for action "(modindex|viewmod|reject|distribute)"/,
    why: "Sympa takes the list away from who may not moderate it", scenario: "who is no moderator neither sees nor decides what waits",
  },
  {
    component: "sympa",
    line: /wwsympa\[\d+\]: err .*\] ?Missing required parameters for action "(reviewbouncing|subindex|viewlogs|edit_list_request)"/,
    why: "Sympa takes the list away from who is not in charge of it",
    scenario: "the owner of one list gets nothing of another one's members, messages and settings",
  },
  {
    component: "sympa", line: /wwsympa\[\d+\]: err .*\] ?Missing required parameters for action "signoff"/,
    why: "a list that does not exist, asked for by Sympa's own name for the parameter",
    scenario: "the web server writes down which action was asked for, and no address or ticket",
  },
  {
    component: "sympa", line: /wwsympa\[\d+\]: err .*get_parameters#\d+ .*Syntax error for parameter archive_name value /,
    why: "a message asked for in an archive that is not kept", scenario: "an institutional list keeps no archive of what it distributed",
  },
  {
    component: "sympa",
    line: /wwsympa\[\d+\]: err .*main::do_arc#\d+ (> Sympa::Archive::get_archives#\d+ Cannot open directory [^ ]*\/arc\/groupe-annuaire-|.*\[list groupe-annuaire-\w+\] ?Unable to read HTML message <>$)/,
    why: "an archive asked for before its first message has come there, or while it is being put there", scenario: "a working group's members read its archive, and nobody else a line of it",
  },
  { component: "sympa", line: /^\[[^\]]*\] supervise\.pl: (Statement unlikely to be reached at|\t\(Maybe you meant system)/, why: "what Perl says of Sympa's own script when the lab compiles it ahead" },
  {
    component: "sympa", line: /List::get_oneclick_email#\d+ No user found\. Illegal or expired request/,
    why: "links that are worth nothing any more", scenario: "a one-click link is dead once it is older than seven days",
  },
  {
    component: "dovecot", line: /Error: duplicate db: transaction: file_dotlock_open\([^)]*\/\.dovecot\.lda-dupes\) failed: No such file or directory/,
    why: "the first list message of a mailbox: Dovecot 2.4 looks for what it remembers before it makes the folder for it, and keeps it then",
  },
  {
    component: "dovecot", line: /master: Warning: Killed with signal 15 \(by pid=0 uid=0 code=kill\)$/, why: "the mailboxes are stopped",
    scenario: "mail that waits for the mailboxes is kept once, however often its queue is flushed by hand",
  },
  {
    component: "postfix", line: /\/smtpd\[\d+\]: warning: Message delivery request rate limit exceeded: \d+ from mx\.internet\.test\[[\d.]+\] for service smtp$/,
    why: "an application in a loop", scenario: "an application that sends more than its share a minute is put off, and the others go on",
  },
  { component: "postfix", line: startOfPostfix, why: "how Debian 13 starts Postfix, before its log is open" },
  { component: "sympa", line: startOfPostfix, why: "the list node's Postfix, the same" },
  { component: "dovecot", line: /Warning: Time moved forwards? by/, why: "the machine under the lab was held up for more than a second" },
  { component: "postfix", line: clockSteps, why: "the clock of the machine under the lab was set, or it stood still for a second (mail_stream.c)" },
  { component: "sympa", line: clockSteps, why: "the list node's Postfix, the same" },
  { component: "mariadb", line: /Could not increase number of max_open_files/, why: "the engine's limit of open files holds for containers" },
  { component: "mariadb", line: /You need to use --log-bin to make/, why: "Debian's own file sets how long binary logs stay; this platform has none" },
  { component: "mariadb", line: /'proxies_priv' entry '@% mysql@\w+' ignored in --skip-name-resolve mode/, why: "Debian's own account, which nobody uses by name" },
  { component: "mariadb", line: /Access denied for user 'ready'@/, why: "the lab's readiness dialog, which has no account" },
  { component: "mariadb", line: /Aborted connection \d+ to db: 'sympa' user: 'sympa' /, why: "processes of Sympa end without closing their connection" },
  { component: "mariadb", line: /Aborted connection \d+ to db: 'staff' user: 'postfix' /, why: "processes of Postfix do the same, once they have had nothing to do for a while" },
  { component: "mariadb", line: /Aborted connection \d+ to db: 'staff' user: 'recette' /, why: "the lab's own test account, where scenarios were cut off" },
  {
    component: "postfix", line: /warning: milter inet:rspamd1\.[\w-]+\.test:11332: (can't read SMFIC_\w+ reply packet header: Connection (timed out|reset by peer)|read error in initial handshake)/,
    why: "an antispam that must not answer", scenario: "mail is put off while the antispam takes connections and answers nothing",
  },
  { component: "postfix", line: /warning: connect to Milter service inet:rspamd1\.[\w-]+\.test:11332: Connection refused/, why: "the edge is up a moment before rspamd" },
  { component: "rspamd", line: /# WARNING Memory overcommit must be enabled!/, why: "redis speaks of the machine under the lab, whose setting is not a container's" },
]

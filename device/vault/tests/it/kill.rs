//! Processes that are killed in the middle of what they do.
//!
//! Each test here runs itself a second time as the child that is killed; [`role`] tells the two apart.

use crate::card::{card_of, make_ec_identity, switch, switch_back};
use crate::ground::{
    Ground, PASSWORD, directory, make_identity, new_container, new_password, password, place,
    remove_layer, under_password,
};
use crate::mail::{at, attachment, folder, mail, person, put_mail};
use crate::password::change;
use crate::renew::{check, put, renew};
use crate::scan::{Needles, Scan};
use activesync::messages::{Class, Contact, FolderKind};
use keys::SoftwareKey;
use keys::pkcs12::{self, Identity};
use pim::{AttachmentRecord, Body, BodyState, Change, FolderRecord, Mail, SearchQuery, Text};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use time::UtcOffset;
use vault::mail::Scope;
use vault::{
    CardIdentity, Container, FileId, FileOwner, KeyWipe, OpenError, Opener, Presence, Protection,
    UserIdentity,
};

/// How often a process is killed at most, until the kills have hit what they are to hit; each comes later than the one before.
const MOST_ROUNDS: u32 = 300;
const PLAIN: &str = "Vertraulich: die Gehälter des Vorstands";

#[test]
fn a_killed_writer_loses_nothing_acknowledged_and_leaves_no_plain_text() {
    if let Some(root) = role() {
        return write_until_killed(&root);
    }
    let identity = make_identity();
    let ground = Ground::new();
    let open = ground.create(&identity, 250);
    open.database()
        .unwrap()
        .execute_batch("CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT, file TEXT)")
        .unwrap();
    let contacts = FolderRecord { kind: FolderKind::Contacts, ..folder("contacts") };
    let folders = [Change::PutFolder(folder("inbox")), Change::PutFolder(contacts)];
    open.mail().store(&folders, at(0)).unwrap();
    open.lock();
    // The index of words has them one by one, in small letters and without accents.
    let needles = needles(&ground, &identity)
        .text("word", "vertraulich")
        .text("word", "gehalter")
        .text("word", "vorstands");
    let mut scan = Scan::default();
    let (mut acknowledged, mut unchecked) = (0, 0);

    for round in 0..200 {
        // Files that are being written and a log that is not empty are met by chance, and a busy machine writes little before each
        // kill: rounds go on until there was enough.
        let log = scan.seen.get("container.db-wal").is_some_and(|length| *length > 4096);
        if round >= 25 && acknowledged > 25 && log && scan.seen.contains_key("<id>.unfinished") {
            break;
        }
        let lines = run_and_kill(&ground, TESTS[0], delay(round), Some((&needles, &mut scan)));
        acknowledged = lines.last().map_or(acknowledged, |line| line.parse().unwrap());
        let written = check_notes(&ground, unchecked);
        assert!(
            (acknowledged..=acknowledged + 1).contains(&written),
            "{written} of {acknowledged}"
        );
        (acknowledged, unchecked) = (written, written);
        scan.run(ground.path(), &needles);
    }

    assert_eq!(check_notes(&ground, 0), acknowledged);
    let open = ground.container().open(&password()).unwrap();
    let scope = Scope { folder: None, zone: UtcOffset::UTC };
    let query = SearchQuery::parse("from:vorstands subject:\"die gehalter\" vertraulich.pdf ");
    let found = open.mail().search(&query, scope, 0, 0).unwrap().unwrap();
    let acknowledged_mails = u64::try_from(acknowledged).unwrap();
    // Each mail came before its note, and the last note may be missing.
    assert!((acknowledged_mails..=acknowledged_mails + 1).contains(&found.page.total));
    let found = open.entries().search(&query_of_contacts(), None, 0, 0).unwrap();
    // A kill between a contact and its note has the number used again.
    assert!((acknowledged_mails..=acknowledged_mails + 200).contains(&found.total));
    let edits = open.mail().saved(0).unwrap().edits;
    assert_eq!(u64::try_from(edits.len()).unwrap(), found.total, "each has what tells the server");
    open.lock();
    assert_eq!(scan.found, Vec::<String>::new());
    assert!(acknowledged > 25, "the writer got no further than {acknowledged}");
    // The scan saw what it is about: the log of the database with content, files, and files being written.
    assert!(scan.seen["container.db-wal"] > 4096, "{:?}", scan.seen);
    assert!(scan.seen["<id>"] > PLAIN.len() as u64, "{:?}", scan.seen);
    assert!(scan.seen.contains_key("<id>.unfinished"), "{:?}", scan.seen);
}

#[test]
fn a_try_is_counted_even_if_the_process_is_killed_during_it() {
    if let Some(root) = role() {
        return try_until_killed(&root);
    }
    let ground = Ground::new();
    ground.create(&make_identity(), 250).lock();
    let mut tries = 0;

    for round in 0..25 {
        let begun = run_and_kill(&ground, TESTS[1], delay(round), None).len();
        let container = ground.container();
        let counted = 250 - usize::from(container.attempts_left().unwrap().unwrap());
        // The child says that it begins before it does; each line but the last stands for a try that ended.
        assert!((begun.saturating_sub(1)..=begun).contains(&counted), "{counted} of {begun}");
        container.open(&password()).unwrap();
        assert_eq!(container.attempts_left().unwrap(), Some(250));
        tries += begun;
    }

    assert!(tries > 25, "{tries}");
}

#[test]
fn a_creation_that_is_killed_leaves_a_whole_container_or_none() {
    if let Some(root) = role() {
        return create_until_killed(&root);
    }
    let identity = make_identity();
    let takes = measure(|| Ground::new().create(&identity, 3).lock());
    let (mut whole, mut none) = (0, 0);

    for round in 0..MOST_ROUNDS {
        // A busy machine takes longer than was measured.
        if round >= 40 && whole > 0 && none > 0 {
            break;
        }
        let ground = Ground::new();
        let sealed = pkcs12::seal(&identity, PASSWORD, 1).unwrap();
        std::fs::write(ground.path().join("import.p12"), sealed).unwrap();
        let lines = run_and_kill(&ground, TESTS[2], takes * round / 20, None);
        let container = ground.container();
        match container.presence().unwrap() {
            Presence::Locked => {
                container.open(&password()).unwrap();
                whole += 1;
            }
            Presence::Absent => {
                assert_eq!(lines, Vec::<String>::new(), "an acknowledged container is gone");
                assert_eq!(files_below(&ground.directory()), ["lock"]);
                assert_eq!(files_below(&ground.key_files()), Vec::<String>::new());
                none += 1;
            }
            other @ (Presence::KeyWiped | Presence::Wiped) => panic!("{other:?}"),
        }
    }

    assert!(whole > 0 && none > 0, "{whole} whole, {none} none: the kills do not hit the creation");
}

#[test]
fn a_wipe_that_is_killed_is_finished_by_the_next_start() {
    if let Some(root) = role() {
        return wipe_until_killed(&root);
    }
    let identity = make_identity();
    let full = || {
        let ground = Ground::new();
        let open = ground.create(&identity, 3);
        for _ in 0..20 {
            open.files(FileOwner::MAIL).put(PLAIN.as_bytes()).unwrap();
        }
        open.lock();
        ground
    };
    let ground = full();
    let takes = measure(|| ground.container().wipe_data().unwrap());
    let mut interrupted = 0;

    for round in 0..MOST_ROUNDS {
        if round >= 40 && interrupted > 0 {
            break;
        }
        let ground = full();
        let acknowledged = !run_and_kill(&ground, TESTS[3], takes * round / 20, None).is_empty();
        let begun = ground.directory().join("wiping").exists();
        let container = ground.container();
        let presence = container.presence().unwrap();
        match presence {
            Presence::Wiped => {
                assert_eq!(files_below(&ground.directory()), ["lock", "wiped"]);
                assert_eq!(files_below(&ground.key_files()), Vec::<String>::new());
                interrupted += usize::from(begun);
            }
            Presence::Locked => {
                assert!(!acknowledged && !begun);
                container.open(&password()).unwrap();
            }
            Presence::Absent | Presence::KeyWiped => panic!("{presence:?}"),
        }
    }

    assert!(interrupted > 0, "no kill hit a wipe");
}

#[test]
fn a_key_that_is_put_back_while_the_process_is_killed_is_there_or_can_be_put_back_again() {
    if let Some(root) = role() {
        return restore_until_killed(&root);
    }
    let identity = make_identity();
    let wiped = || {
        let ground = Ground::new();
        let open = ground.create(&identity, 3);
        let file = open.files(FileOwner::MAIL).put(PLAIN.as_bytes()).unwrap();
        open.lock();
        ground.container().wipe_key(KeyWipe::Ordered).unwrap();
        let sealed = pkcs12::seal(&identity, PASSWORD, 1).unwrap();
        std::fs::write(ground.path().join("import.p12"), sealed).unwrap();
        (ground, file)
    };
    let (ground, _) = wiped();
    let takes = measure(|| {
        let container = ground.container();
        let open = container.reopen(UserIdentity::File(&identity)).unwrap();
        container.restore_identity(&open, &under_password(&identity)).unwrap();
    });
    let (mut back, mut gone) = (0, 0);

    for round in 0..MOST_ROUNDS {
        if round >= 30 && back > 0 && gone > 0 {
            break;
        }
        let (ground, file) = wiped();
        let acknowledged = !run_and_kill(&ground, TESTS[4], takes * round / 20, None).is_empty();
        let container = ground.container();
        if container.presence().unwrap() == Presence::KeyWiped {
            assert!(!acknowledged, "an acknowledged key is gone");
            gone += 1;
            let open = container.reopen(UserIdentity::File(&identity)).unwrap();
            container.restore_identity(&open, &under_password(&identity)).unwrap();
            open.lock();
        } else {
            back += 1;
        }
        let open = container.open(&password()).unwrap();
        assert_eq!(open.files(FileOwner::MAIL).read(file).unwrap().as_slice(), PLAIN.as_bytes());
    }

    assert!(back > 0 && gone > 0, "{back} back, {gone} gone: the kills do not hit");
}

#[test]
fn a_change_of_the_password_that_is_killed_leaves_the_old_one_or_the_new_one() {
    if let Some(root) = role() {
        return change_until_killed(&root);
    }
    let identity = make_identity();
    let ground = Ground::new();
    ground.create(&identity, 250).lock();
    let takes = measure(|| {
        let ground = Ground::new();
        let open = ground.create(&identity, 3);
        change(&ground.container(), &open, PASSWORD, CHANGED[0], 0, 0).unwrap();
    });
    let (mut changes, mut present) = (0, PASSWORD);

    for round in 0..MOST_ROUNDS {
        if round >= 30 && changes > 30 {
            break;
        }
        let lines = run_and_kill(&ground, TESTS[5], takes * round / 5, None);
        let container = ground.container();
        // The child says which password it is about to choose, and which one it has chosen.
        let (begun, done) = (
            lines.iter().rev().find(|line| !line.starts_with('=')),
            lines.iter().rev().find(|line| line.starts_with('=')),
        );
        let done = done.map_or(present, |line| known(line.trim_start_matches('=')));
        let begun = begun.map_or(done, |line| known(line));
        let opens =
            [done, begun].into_iter().find(|password| container.open(&(*password).into()).is_ok());
        present = opens.expect("a password that was acknowledged is lost");
        changes += lines.len();
    }

    assert!(changes > 30, "{changes}");
}

#[test]
fn a_switch_between_password_and_card_that_is_killed_leaves_the_one_or_the_other() {
    if let Some(root) = role() {
        return switch_until_killed(&root);
    }
    let ground = Ground::new();
    ground.create(&make_identity(), 250).lock();
    let in_card = make_ec_identity();
    std::fs::write(ground.path().join("card.p8"), in_card.key.to_pkcs8()).unwrap();
    std::fs::write(ground.path().join("card.der"), &in_card.certificate).unwrap();
    let card = card_of(in_card);
    let takes = measure(|| {
        let ground = Ground::new();
        let open = ground.create(&make_identity(), 3);
        switch(&ground.container(), &open, &card);
    });
    let (mut switches, mut met) = (0, [0, 0]);

    for round in 0..MOST_ROUNDS {
        if round >= 30 && switches > 30 && met.iter().all(|times| *times > 3) {
            break;
        }
        switches += run_and_kill(&ground, TESTS[6], takes * round / 5, None).len();
        let container = ground.container();
        let by_card = match container.protection().unwrap().unwrap() {
            Protection::Card(_) => true,
            Protection::Password => false,
            Protection::OnCard(_) => panic!("nobody put the key there"),
        };
        met[usize::from(by_card)] += 1;
        let opener = if by_card { Opener::Card(&card) } else { Opener::Password(&password()) };
        container.open_with(opener).expect("what the container says opens it").lock();
    }

    assert!(switches > 30 && met.iter().all(|times| *times > 0), "{switches} {met:?}");
}

#[test]
fn a_renewal_that_is_killed_leaves_one_of_both_keys_and_all_data() {
    if let Some(root) = role() {
        return renew_until_killed(&root);
    }
    let ground = Ground::new();
    let identities = [make_identity(), make_ec_identity()];
    for (name, identity) in ["first", "second"].into_iter().zip(&identities) {
        std::fs::write(ground.path().join(name).with_extension("p8"), identity.key.to_pkcs8())
            .unwrap();
        std::fs::write(ground.path().join(name).with_extension("der"), &identity.certificate)
            .unwrap();
    }
    let open = ground.create(&identities[0], 250);
    let mut files = vec![put(&open, 0)];
    let open = renew(&ground.container(), &open, &identities[1]);
    files.push(put(&open, 1));
    open.lock();
    let takes = measure(|| {
        let ground = Ground::new();
        let open = ground.create(&identities[0], 3);
        renew(&ground.container(), &open, &identities[1]);
    });
    let (mut renewals, mut met) = (0, [0, 0]);

    for round in 0..MOST_ROUNDS {
        if round >= 30 && renewals > 30 && met.iter().all(|times| *times > 3) {
            break;
        }
        renewals += run_and_kill(&ground, TESTS[7], takes * round / 5, None).len();
        let open = ground.container().open(&password()).expect("the password opens it");
        let second = open.certificate().as_der() == identities[1].certificate;
        met[usize::from(second)] += 1;
        check(&open, &files);
        open.lock();
    }

    assert!(renewals > 30 && met.iter().all(|times| *times > 0), "{renewals} {met:?}");
}

/// The tests of this file by their full names, which is how the children are started.
const TESTS: [&str; 8] = [
    "kill::a_killed_writer_loses_nothing_acknowledged_and_leaves_no_plain_text",
    "kill::a_try_is_counted_even_if_the_process_is_killed_during_it",
    "kill::a_creation_that_is_killed_leaves_a_whole_container_or_none",
    "kill::a_wipe_that_is_killed_is_finished_by_the_next_start",
    "kill::a_key_that_is_put_back_while_the_process_is_killed_is_there_or_can_be_put_back_again",
    "kill::a_change_of_the_password_that_is_killed_leaves_the_old_one_or_the_new_one",
    "kill::a_switch_between_password_and_card_that_is_killed_leaves_the_one_or_the_other",
    "kill::a_renewal_that_is_killed_leaves_one_of_both_keys_and_all_data",
];
const CHILD: &str = "CORDON_VAULT_TEST_CHILD";

/// Returns where to work if this process is the child.
fn role() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

fn write_until_killed(root: &Path) {
    let container = Container::at(place(root)).unwrap();
    let open = container.open(&password()).unwrap();
    let contacts = open.entries().default_folder(Class::Contacts).unwrap().unwrap();
    let next = "SELECT coalesce(max(number), 0) + 1 FROM note";
    let mut number: i64 = open.database().unwrap().query_row(next, [], |row| row.get(0)).unwrap();
    say("ready");
    loop {
        let text = format!("{PLAIN} {number}");
        let change = put_mail(&number.to_string(), confidential(&text));
        open.mail().store(&[change], at(0)).unwrap();
        let contact = Contact { file_as: Some(text.clone()), ..Contact::default() };
        open.entries().add(contacts, &number.to_string(), &contact.into(), None).unwrap().unwrap();
        let file = open.files(FileOwner::MAIL).put(text.repeat(40).as_bytes()).unwrap();
        open.database()
            .unwrap()
            .execute("INSERT INTO note VALUES (?1, ?2, ?3)", (number, &text, file.to_string()))
            .unwrap();
        say(&number.to_string());
        number += 1;
    }
}

fn query_of_contacts() -> SearchQuery {
    SearchQuery::parse("subject:\"die gehalter\" vorstands ")
}

fn confidential(text: &str) -> Mail {
    let record = attachment("x", false);
    Mail {
        from: person(text, "x@example.org"),
        to: vec![person(text, "")],
        subject: text.to_owned(),
        body: Body {
            state: BodyState::Whole,
            text: Text::Plain(text.repeat(40)),
            preview: text.to_owned(),
        },
        attachments: vec![AttachmentRecord { name: "Vertraulich.pdf".to_owned(), ..record }],
        ..mail(0)
    }
}

/// Returns how many notes there are; the files of those after `unchecked` are read too.
fn check_notes(ground: &Ground, unchecked: i64) -> i64 {
    let container = ground.container();
    let open = container.open(&password()).unwrap();
    let database = open.database().unwrap();
    let mut statement =
        database.prepare("SELECT number, text, file FROM note ORDER BY number").unwrap();
    let notes: Vec<(i64, String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (index, (number, text, file)) in notes.iter().enumerate() {
        assert_eq!(*number, i64::try_from(index).unwrap() + 1);
        assert_eq!(*text, format!("{PLAIN} {number}"));
        if *number <= unchecked {
            continue;
        }
        let content = open.files(FileOwner::MAIL).read(file.parse::<FileId>().unwrap()).unwrap();
        assert_eq!(content.as_slice(), text.repeat(40).as_bytes());
    }
    i64::try_from(notes.len()).unwrap()
}

fn try_until_killed(root: &Path) {
    let container = Container::at(place(root)).unwrap();
    say("ready");
    loop {
        say("trying");
        let refused = container.open(&"wrong password".into());
        assert!(matches!(refused, Err(OpenError::WrongPassword { .. })));
    }
}

/// The passwords that the child changes to, one after the other.
const CHANGED: [&str; 2] = ["the first other one", "the second other one"];

fn known(password: &str) -> &'static str {
    [PASSWORD, CHANGED[0], CHANGED[1]].into_iter().find(|known| *known == password).unwrap()
}

fn change_until_killed(root: &Path) {
    let container = Container::at(place(root)).unwrap();
    let passwords = [PASSWORD, CHANGED[0], CHANGED[1]];
    let opened = passwords
        .into_iter()
        .find_map(|password| container.open(&password.into()).ok().map(|open| (password, open)));
    let (mut present, open) = opened.unwrap();
    say("ready");
    loop {
        let next = if present == CHANGED[0] { CHANGED[1] } else { CHANGED[0] };
        say(next);
        change(&container, &open, present, next, 0, 0).unwrap();
        say(&format!("={next}"));
        present = next;
    }
}

fn create_until_killed(root: &Path) {
    let identity =
        pkcs12::open(&std::fs::read(root.join("import.p12")).unwrap(), PASSWORD).unwrap();
    let container = Container::at(place(root)).unwrap();
    drop(new_password());
    say("ready");
    let _open = container.create(&new_container(&identity, 3)).unwrap();
    say("created");
    wait_for_the_end();
}

fn wipe_until_killed(root: &Path) {
    let container = Container::at(place(root)).unwrap();
    say("ready");
    container.wipe_data().unwrap();
    say("wiped");
    wait_for_the_end();
}

fn restore_until_killed(root: &Path) {
    let identity =
        pkcs12::open(&std::fs::read(root.join("import.p12")).unwrap(), PASSWORD).unwrap();
    let container = Container::at(place(root)).unwrap();
    let new = under_password(&identity);
    say("ready");
    let open = container.reopen(UserIdentity::File(&identity)).unwrap();
    container.restore_identity(&open, &new).unwrap();
    say("restored");
    wait_for_the_end();
}

fn switch_until_killed(root: &Path) {
    let key = std::fs::read(root.join("card.p8")).unwrap();
    let card = CardIdentity {
        key: Arc::new(SoftwareKey::from_pkcs8(&key).unwrap()),
        certificate: std::fs::read(root.join("card.der")).unwrap(),
        chain: Vec::new(),
        signing: None,
    };
    let container = Container::at(place(root)).unwrap();
    let by_card = matches!(container.protection().unwrap(), Some(Protection::Card(_)));
    let opener = if by_card { Opener::Card(&card) } else { Opener::Password(&password()) };
    let open = container.open_with(opener).unwrap();
    if by_card {
        switch_back(&container, &open, &card);
    }
    say("ready");
    loop {
        say("to the card");
        switch(&container, &open, &card);
        say("to the password");
        switch_back(&container, &open, &card);
    }
}

fn renew_until_killed(root: &Path) {
    let read = |name: &str, ending| std::fs::read(root.join(name).with_extension(ending)).unwrap();
    let identities = ["first", "second"].map(|name| Identity {
        key: SoftwareKey::from_pkcs8(&read(name, "p8")).unwrap(),
        certificate: read(name, "der"),
        chain: Vec::new(),
    });
    let container = Container::at(place(root)).unwrap();
    let mut open = container.open(&password()).unwrap();
    say("ready");
    loop {
        for identity in &identities {
            if open.certificate().as_der() != identity.certificate {
                say("another");
                open = renew(&container, &open, identity);
            }
        }
    }
}

fn wait_for_the_end() {
    loop {
        std::thread::park();
    }
}

fn say(line: &str) {
    // Past the test harness, which would keep it.
    let mut out = std::io::stdout().lock();
    writeln!(out, ">{line}").unwrap();
    out.flush().unwrap();
}

/// Starts the test anew as a child, kills it `delay` after it is ready, and returns what it said until then.
fn run_and_kill(
    ground: &Ground,
    test: &str,
    delay: Duration,
    scan: Option<(&Needles, &mut Scan)>,
) -> Vec<String> {
    let mut child = start(ground, test);
    let lines = listen(&mut child);
    assert_eq!(lines.recv_timeout(Duration::from_secs(60)).as_deref(), Ok("ready"));
    let end = Instant::now() + delay;
    let mut said = Vec::new();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        if let Some((needles, scan)) = scan {
            let done = &done;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    scan.run(ground.path(), needles);
                }
            });
        }
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            match lines.recv_timeout(left) {
                Ok(line) => said.push(line),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => panic!("the child ended by itself"),
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        done.store(true, Ordering::Relaxed);
    });
    said.extend(lines);
    said
}

fn start(ground: &Ground, test: &str) -> Child {
    let elsewhere = ground.path().join("elsewhere");
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "--test-threads=1", test])
        .env(CHILD, ground.path())
        // Whatever it might take for a place to write lies under the scan.
        .envs(
            ["HOME", "TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR", "XDG_RUNTIME_DIR"]
                .map(|name| (name, &elsewhere)),
        )
        .current_dir(&elsewhere)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn listen(child: &mut Child) -> Receiver<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            // The harness may have begun the line.
            if let Some((_, said)) = line.split_once('>') {
                let _ = sender.send(said.to_owned());
            }
        }
    });
    receiver
}

/// Spreads the kills over the first moments, differently in each run.
fn delay(round: u32) -> Duration {
    let mut random = [0; 2];
    openssl::rand::rand_bytes(&mut random).unwrap();
    Duration::from_micros(u64::from(round) * 3_000 + u64::from(u16::from_be_bytes(random)) / 4)
}

fn measure(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn needles(ground: &Ground, identity: &Identity) -> Needles {
    let message = remove_layer(ground, "layer-key", "session-key");
    let certificate = pki::Certificate::from_der(&identity.certificate).unwrap();
    let session_key = pki::cms::open(&message, &identity.key, &certificate).unwrap();
    Needles::default()
        .text("text", PLAIN)
        .text("password", PASSWORD)
        .secret("session key", &session_key)
        .secret("identity", &remove_layer(ground, "identity-key", "identity"))
        .private_key(&identity.key.to_pkcs8())
}

fn files_below(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_children_are_started_by_names_that_exist() {
    let output = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let list = String::from_utf8(output.stdout).unwrap();

    for test in TESTS {
        assert!(list.lines().any(|line| line == format!("{test}: test")), "{test}");
    }
    assert!(directory(Path::new("root")).ends_with("container"));
}

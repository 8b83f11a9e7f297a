//! Somebody who answers an account, and what they answer.

use activesync::{
    messages::{
        CollectionAnswer, Email, Folder, FolderChange, FolderKind, FolderSyncAnswer, PingRequest,
        PolicyAnswer, PolicyDocument, ProvisionAnswer, ServerCommand, SyncAnswer, SyncRequest,
    },
    query::{Command, Version},
    status::Status,
};
use pim::{Account, Answer, Content, Effects, Outcome, Phase, Preferences, Request, Saved, Verb};
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) const INBOX: &str = "in{box}%2F1";

/// Somebody who answers an account.
pub(crate) struct Desk {
    pub(crate) account: Account,
    pub(crate) now: OffsetDateTime,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(Preferences { days: 14, ..Preferences::default() })
    }

    pub(crate) fn with(preferences: Preferences) -> Self {
        let now = datetime!(2026-01-01 00:00 UTC);
        Self { account: Account::restore(Saved::default(), preferences, now), now }
    }

    /// The versions were asked.
    pub(crate) fn asked() -> Self {
        let mut desk = Self::new();
        desk.answers(Answer { versions: Some("14.1".to_owned()), ..ok(Vec::new()) });
        desk
    }

    /// There is no policy.
    pub(crate) fn provisioned() -> Self {
        let mut desk = Self::asked();
        desk.answers(ok(policy(2, None, None)));
        desk
    }

    /// There is one folder.
    pub(crate) fn listed() -> Self {
        let mut desk = Self::provisioned();
        desk.answers(tree());
        desk
    }

    /// Everything is up to date.
    pub(crate) fn watching() -> Self {
        let mut desk = Self::listed();
        desk.answers(primed());
        desk.answers(ok(Vec::new()));
        desk
    }

    pub(crate) fn next(&mut self) -> Request {
        self.account.next_command(self.now).expect("there is something to ask")
    }

    pub(crate) fn answers(&mut self, answer: Answer) -> Effects {
        let request = self.next();
        self.account.handle(request.ticket, Outcome::Answered(answer), self.now, 0)
    }

    pub(crate) fn peek(&self) -> Request {
        self.account.clone().next_command(self.now).expect("there is something to ask")
    }

    pub(crate) fn verb(&self) -> (Command, Version, Option<u32>) {
        match self.peek().verb {
            Verb::Command { command, version, policy_key, .. } => (command, version, policy_key),
            Verb::Options => panic!("a command is asked"),
        }
    }

    pub(crate) fn command(&self) -> Command {
        self.verb().0
    }

    pub(crate) fn version(&self) -> Version {
        self.verb().1
    }

    pub(crate) fn policy_key(&self) -> Option<u32> {
        self.verb().2
    }

    pub(crate) fn wbxml(&self) -> Vec<u8> {
        body(self.peek())
    }

    pub(crate) fn sync(&self) -> SyncRequest {
        assert_eq!(self.command(), Command::Sync);
        SyncRequest::decode(&self.wbxml()).unwrap().unwrap()
    }

    pub(crate) fn push(&mut self) -> (Request, PingRequest) {
        let request = self.account.next_push(self.now, 0).expect("it waits for news");
        let ping = PingRequest::decode(&body(request.clone())).unwrap().unwrap();
        (request, ping)
    }

    /// Lets a push run for a minute, and gives the interval that was asked for.
    pub(crate) fn pushed(&mut self, answer: Answer) -> u32 {
        let (request, ping) = self.push();
        self.now += Duration::minutes(1);
        self.account.handle(request.ticket, Outcome::Answered(answer), self.now, 0);
        ping.heartbeat_interval.unwrap()
    }

    /// Lets the account work with somebody who answers at once; gives the commands, with nothing for OPTIONS.
    pub(crate) fn works(
        &mut self,
        span: Duration,
        mut answer: impl FnMut(Command, &Request) -> Outcome,
    ) -> Vec<Option<Command>> {
        let end = self.now + span;
        let mut asked = Vec::new();
        while self.now < end && asked.len() < 5000 {
            let request = self.account.next_command(self.now);
            let Some(request) = request.or_else(|| self.account.next_push(self.now, 0)) else {
                self.now = self.account.wake_at(self.now).unwrap_or(end);
                continue;
            };
            let (command, outcome) = match request.verb {
                Verb::Command { command, .. } => (Some(command), answer(command, &request)),
                Verb::Options => {
                    let versions = Some("12.1,14.0,14.1".to_owned());
                    (None, Outcome::Answered(Answer { versions, ..ok(Vec::new()) }))
                }
            };
            asked.push(command);
            self.account.handle(request.ticket, outcome, self.now, 0);
        }
        asked
    }

    #[track_caller]
    pub(crate) fn rests(&mut self, phase: Phase, code: &str, pause: Duration) {
        let progress = self.account.progress(self.now);
        assert_eq!((progress.phase, progress.detail.as_deref()), (phase, Some(code)));
        let almost = self.now + pause - Duration::SECOND;
        assert_eq!(self.account.clone().next_command(almost), None);
        assert_eq!(self.account.clone().next_push(almost, 0), None);
        let wake = self.account.wake_at(self.now).expect("it wakes by itself");
        assert!(self.account.clone().next_command(wake).is_some());
    }
}

pub(crate) fn body(request: Request) -> Vec<u8> {
    match request.content {
        Content::Wbxml(bytes) => bytes,
        Content::Empty | Content::Mail { .. } | Content::Mime(_) | Content::Sync(_) => {
            panic!("it has a body")
        }
    }
}

pub(crate) fn ok(body: Vec<u8>) -> Answer {
    Answer { status: 200, body, ..Answer::default() }
}

pub(crate) fn status(status: u16) -> Answer {
    Answer { status, ..Answer::default() }
}

pub(crate) fn refusal(command: Command, number: u16) -> Answer {
    ok(activesync::refusal::body(command, Status(number)).expect("the command can be refused"))
}

pub(crate) fn policy(number: u16, key: Option<u32>, document: Option<PolicyDocument>) -> Vec<u8> {
    let policy_type = activesync::messages::POLICY_TYPE.to_owned();
    let policy = Some(PolicyAnswer { policy_type, status: Status(number), key, document });
    ProvisionAnswer { status: Status::OK, device_information: None, policy, wipe: None }.encode()
}

pub(crate) fn tree() -> Answer {
    tree_of(&[(INBOX, FolderKind::Inbox), ("journal", FolderKind::Journal)])
}

pub(crate) fn tree_of(folders: &[(&str, FolderKind)]) -> Answer {
    let folder = |(id, kind): &(&str, FolderKind)| {
        FolderChange::Add(Folder {
            server_id: (*id).to_owned(),
            parent_id: "0".to_owned(),
            display_name: (*id).to_owned(),
            kind: *kind,
        })
    };
    let changes = folders.iter().map(folder).collect();
    ok(FolderSyncAnswer { status: Status::OK, sync_key: Some("t1".to_owned()), changes }.encode())
}

pub(crate) fn primed() -> Answer {
    sync(|_| ())
}

pub(crate) fn sync(change: impl FnOnce(&mut CollectionAnswer)) -> Answer {
    for_folder(INBOX, change)
}

pub(crate) fn for_folder(id: &str, change: impl FnOnce(&mut CollectionAnswer)) -> Answer {
    let mut collection = CollectionAnswer::new(id.to_owned(), Status::OK, Some("1".to_owned()));
    change(&mut collection);
    ok(SyncAnswer { collections: vec![collection], ..SyncAnswer::default() }.encode())
}

pub(crate) fn add(id: &str, read: bool) -> ServerCommand {
    let mail = Email { subject: Some("Hello".to_owned()), read: Some(read), ..Email::default() };
    ServerCommand::Add { server_id: id.to_owned(), class: None, item: mail.into() }
}

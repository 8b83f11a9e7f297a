use activesync::messages::*;
use activesync::query::Command;
use bytes::Bytes;
use data_encoding::BASE64_MIME;

use crate::device::{
    Device, Refused, Server, collection, good, id_of, mail_of, outline, properties, results, whole,
};
use crate::observation::Seen;

const ATTACHED: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz\0\xff end";

/// A mail with a text and an attachment.
fn with_attachment(to: &str) -> String {
    format!(
        "From: erin@example.test\r\nTo: {to}@example.test\r\nSubject: Attached\r\n\
         Date: Tue, 15 Sep 2026 10:00:00 +0000\r\nMessage-ID: <attached.{to}@example.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"part\"\r\n\r\n\
         --part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe text\r\n\
         --part\r\nContent-Type: application/octet-stream; name=\"data.bin\"\r\n\
         Content-Disposition: attachment; filename=\"data.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {}--part--\r\n",
        BASE64_MIME.encode(ATTACHED)
    )
}

fn change(server_id: &str, mail: Email) -> ClientCommand {
    ClientCommand::Change {
        server_id: server_id.to_owned(),
        instance: None,
        item: mail.into(),
        send: false,
    }
}

fn delete(server_id: &str) -> ClientCommand {
    ClientCommand::Delete { server_id: server_id.to_owned(), instance: None }
}

/// Sends commands and returns the results that the server gives.
async fn upload(
    device: &Device,
    folder: &str,
    key: &mut String,
    commands: Vec<ClientCommand>,
) -> Result<Vec<u16>, Refused> {
    let request = SyncCollection { commands, options: vec![whole()], ..collection(folder, key) };
    let Some(answer) = device.sync(request).await? else { return Ok(Vec::new()) };
    let results = results(&answer);
    *key = answer.sync_key.unwrap();
    Ok(results)
}

pub(crate) async fn properties_of_a_mail(server: &Server, seen: &mut Seen) {
    let device = server.device("erin", "Properties").await;
    device.send_mail("attached", &with_attachment("erin")).await.unwrap();
    device.mail("Attached").await;
    let inbox = device.folder(FolderKind::Inbox);
    let (_, commands) = device.load(&inbox).await;
    let ServerCommand::Add { item, .. } = &commands[0] else { panic!("{commands:?}") };
    for name in [
        "AirSyncBase:Attachments",
        "AirSyncBase:Body",
        "AirSyncBase:NativeBodyType",
        "Email2:ConversationId",
        "Email2:ConversationIndex",
        "Email:Categories",
        "Email:Cc",
        "Email:ContentClass",
        "Email:DateReceived",
        "Email:DisplayTo",
        "Email:Flag",
        "Email:From",
        "Email:Importance",
        "Email:InternetCPID",
        "Email:MessageClass",
        "Email:Read",
        "Email:ReplyTo",
        "Email:Subject",
        "Email:ThreadTopic",
        "Email:To",
    ] {
        let there = properties(item).iter().any(|property| property == name);
        seen.note(&format!("mail: has {name}"), there);
    }
    let mail = mail_of(&commands[0], "Attached").unwrap();
    seen.note("mail: read", mail.read);
    seen.note("mail: importance", mail.importance);
    seen.note("mail: class", &mail.message_class);
    seen.note("mail: content class", &mail.content_class);
    seen.note("mail: code page", &mail.internet_cpid);
    let address =
        |list: &Option<String>| list.clone().is_some_and(|list| list.contains("erin@example.test"));
    seen.note("mail: from and to", (address(&mail.from), address(&mail.to)));
    let body = mail.body.unwrap();
    seen.note("mail: body", (body.kind, body.truncated, text(body.data)));
    let files = mail.attachments.unwrap_or_default().list;
    let files: Vec<_> =
        files.iter().map(|file| (&file.display_name, file.method, file.inline)).collect();
    seen.note("mail: attachments", files);
}

fn text(data: Option<Bytes>) -> Option<String> {
    data.map(|data| String::from_utf8_lossy(&data).trim().to_owned())
}

pub(crate) async fn read_and_deleted(server: &Server, seen: &mut Seen) {
    let device = server.device("frank", "First").await;
    for subject in ["Read me", "Delete me", "Kill me"] {
        device.write("frank", subject, "Text").await;
        device.mail(subject).await;
    }
    let inbox = device.folder(FolderKind::Inbox);
    let (mut key, mails) = device.load(&inbox).await;
    let id = |subject| id_of(mails.iter().find(|mail| mail_of(mail, subject).is_some()).unwrap());
    let other = server.device("frank", "Second").await;
    let (mut other_key, _) = other.load(&inbox).await;

    let read = Email { read: Some(true), ..Email::default() };
    let results =
        upload(&device, &inbox, &mut key, vec![change(&id("Read me"), read.clone())]).await;
    seen.note("read: results", results);
    seen.note("read: told back", outline(&device.rest(&inbox, &mut key).await));
    let told = other.rest(&inbox, &mut other_key).await;
    let state = told.iter().find_map(|command| match command {
        ServerCommand::Change { item, .. } => item.clone().into_email()?.read,
        ServerCommand::Add { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => None,
    });
    seen.note("read: the other device is told", (told.len(), state));

    let flag = Email { flag: Some(Flag::active()), ..Email::default() };
    let results = upload(&device, &inbox, &mut key, vec![change(&id("Read me"), flag)]).await;
    seen.note("flag: results", results);
    let told = other.rest(&inbox, &mut other_key).await;
    let state = told.iter().find_map(|command| match command {
        ServerCommand::Change { item, .. } => {
            item.clone().into_email()?.flag.map(|flag| flag.state)
        }
        ServerCommand::Add { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => None,
    });
    seen.note("flag: the other device is told", (told.len(), state));
    let unknown = upload(&device, &inbox, &mut key, vec![change("99999", read)]).await;
    seen.note("read: a mail that is not there", unknown);

    let trash = device.folder(FolderKind::Deleted);
    let results = upload(&device, &inbox, &mut key, vec![delete(&id("Delete me"))]).await;
    seen.note("delete: results", results);
    let told = outline(&other.rest(&inbox, &mut other_key).await);
    seen.note("delete: the other device is told", told);
    seen.note("delete: in the trash", in_folder(server, &trash, "Delete me").await);
    let request = SyncCollection {
        deletes_as_moves: Some(false),
        commands: vec![delete(&id("Kill me"))],
        options: vec![whole()],
        ..collection(&inbox, &key)
    };
    let answer = device.sync(request).await.unwrap();
    key = answer.and_then(|answer| answer.sync_key).unwrap_or(key);
    seen.note("delete: for good, still in the trash", in_folder(server, &trash, "Kill me").await);
    let unknown = upload(&device, &inbox, &mut key, vec![delete("99999")]).await;
    seen.note("delete: a mail that is not there", unknown);
}

async fn in_folder(server: &Server, folder: &str, subject: &str) -> bool {
    let device = server.device("frank", "Looker").await;
    let (_, commands) = device.load(folder).await;
    commands.iter().any(|command| mail_of(command, subject).is_some())
}

pub(crate) async fn moved(server: &Server, seen: &mut Seen) {
    let device = server.device("grace", "Mover").await;
    device.write("grace", "Move me", "Text").await;
    let id = device.mail("Move me").await;
    let (inbox, trash) = (device.folder(FolderKind::Inbox), device.folder(FolderKind::Deleted));
    let (mut key, _) = device.load(&inbox).await;
    let (mut trash_key, _) = device.load(&trash).await;
    let request = |id: &str, from: &str, to: &str| MoveItemsRequest {
        moves: vec![Move {
            source_id: id.to_owned(),
            source_folder: from.to_owned(),
            destination_folder: to.to_owned(),
        }],
    };
    let make = async |id: &str, from: &str, to: &str| -> Result<(u16, bool), Refused> {
        let body = device.ask(Command::MoveItems, request(id, from, to).encode()).await?;
        let answer = MoveItemsAnswer::decode(&body).unwrap();
        answer.status.map_or(Ok(()), good)?;
        let result = &answer.results[0];
        Ok((result.status.0, result.destination_id.is_some()))
    };
    seen.note("move: status, and whether there is a new id", make(&id, &inbox, &trash).await);
    seen.note("move: in the source", outline(&device.rest(&inbox, &mut key).await));
    let arrived = device.rest(&trash, &mut trash_key).await;
    seen.note(
        "move: in the destination",
        arrived.iter().filter(|one| mail_of(one, "Move me").is_some()).count(),
    );
    seen.note("move: the same again", make(&id, &inbox, &trash).await);
    seen.note("move: a mail that is not there", make("99999", &inbox, &trash).await);
    let new_id = id_of(arrived.first().unwrap());
    seen.note(
        "move: into the same folder",
        make(&new_id, &trash, &trash).await.map(|(status, _)| status),
    );
    seen.note(
        "move: to an unknown folder",
        make(&new_id, &trash, "nowhere").await.map(|(status, _)| status),
    );
    seen.note(
        "move: from an unknown folder",
        make(&new_id, "nowhere", &inbox).await.map(|(status, _)| status),
    );
}

pub(crate) async fn fetched(server: &Server, seen: &mut Seen) {
    let device = server.device("heidi", "Fetcher").await;
    device.send_mail("attached", &with_attachment("heidi")).await.unwrap();
    let id = device.mail("Attached").await;
    let inbox = device.folder(FolderKind::Inbox);
    let (_, commands) = device.load(&inbox).await;
    let mail = commands.iter().find_map(|command| mail_of(command, "Attached")).unwrap();
    let file = mail.attachments.unwrap().list.remove(0).file_reference;

    let item = |id: &str| Fetch {
        source: FetchSource::Item { collection_id: inbox.clone(), server_id: id.to_owned() },
        body_preferences: vec![BodyPreference::whole(BodyType::Text)],
        ..Fetch::attachment("")
    };
    let body = |answer: FetchAnswer| {
        let body = answer.item.into_email().and_then(|mail| mail.body);
        body.map(|body| (body.kind, text(body.data)))
    };
    seen.note("fetch: a body", device.fetch(item(&id)).await.map(body));
    seen.note("fetch: a mail that is not there", device.fetch(item("99999")).await.map(body));
    let mime = Fetch {
        body_preferences: vec![BodyPreference::whole(BodyType::Mime)],
        mime_support: Some(MimeSupport::All),
        ..item(&id)
    };
    let whole = device.fetch(mime).await.map(|answer| {
        let body = answer.item.into_email().and_then(|mail| mail.body);
        let body = body.map(|body| (body.kind, text(body.data).unwrap_or_default()));
        body.map(|(kind, text)| {
            (kind, text.contains("Subject: Attached") && text.contains("--part--"))
        })
    });
    seen.note("fetch: the whole message", whole);

    let content = |answer: FetchAnswer| match answer.content {
        Some(FetchContent::Inline(data)) => Some(String::from_utf8_lossy(&data).into_owned()),
        Some(FetchContent::Part(number)) => Some(format!("part {number}")),
        None => None,
    };
    seen.note("fetch: an attachment", device.fetch(Fetch::attachment(&file)).await.map(content));
    let kind = device.fetch(Fetch::attachment(&file)).await.map(|answer| answer.content_type);
    seen.note("fetch: its type", kind);
    let range = ByteRange { first: 10, last: 15 };
    let some = Fetch { range: Some(range), ..Fetch::attachment(&file) };
    let some = device.fetch(some).await.map(|answer| (answer.total, content(answer)));
    seen.note("fetch: a range of it, and the size of all", some);
    let beyond = ByteRange { first: 1000, last: 2000 };
    let beyond = Fetch { range: Some(beyond), ..Fetch::attachment(&file) };
    seen.note("fetch: a range beyond its end", device.fetch(beyond).await.map(content));
    let unknown = device.fetch(Fetch::attachment("nothing%3a99")).await.map(content);
    seen.note("fetch: an attachment that is not there", unknown);
    in_parts(&device, &file, seen).await;
}

async fn in_parts(device: &Device, file: &str, seen: &mut Seen) {
    let mut device = device.clone();
    device.multipart = true;
    let request = ItemOperationsRequest {
        fetches: vec![Fetch::attachment(file)],
        ..ItemOperationsRequest::default()
    };
    let body = device.ask(Command::ItemOperations, request.encode()).await.unwrap();
    let parts = multipart::Parts::parse(&body).map(|parts| {
        let answer = ItemOperationsAnswer::decode(parts.wbxml()).unwrap();
        let Some(FetchContent::Part(number)) = answer.fetches[0].content else { return None };
        Some((number, parts.part(number) == Some(ATTACHED)))
    });
    seen.note("fetch: an attachment as a part, unchanged", parts);
}

pub(crate) async fn counted(server: &Server, seen: &mut Seen) {
    let device = server.device("judy", "Counter").await;
    let inbox = device.folder(FolderKind::Inbox);
    let (key, _) = device.load(&inbox).await;
    let watcher = server.device("judy", "Watcher").await;
    let mut watching = watcher.prime(&inbox).await;
    let count = async |folder: &str, key: &str| -> Result<(u16, Option<u32>), Refused> {
        let request = EstimateRequest {
            collections: vec![EstimateCollection {
                sync_key: key.to_owned(),
                collection_id: folder.to_owned(),
                class: None,
                conversation_mode: None,
                options: Vec::new(),
            }],
        };
        let body = device.ask(Command::GetItemEstimate, request.encode()).await?;
        let answer = EstimateAnswer::decode(&body).unwrap();
        answer.status.map_or(Ok(()), good)?;
        let estimate = &answer.estimates[0];
        Ok((estimate.status.0, estimate.count))
    };
    seen.note("estimate: nothing new", count(&inbox, &key).await);
    device.write("judy", "Count me", "Text").await;
    watcher.until(&inbox, &mut watching, |command| mail_of(command, "Count me").is_some()).await;
    seen.note("estimate: one new mail", count(&inbox, &key).await);
    seen.note("estimate: with the first key", count(&inbox, "0").await);
    seen.note("estimate: with a key that nobody gave", count(&inbox, "{99}bogus-99").await);
    seen.note("estimate: an unknown folder", count("nowhere", &key).await);
}

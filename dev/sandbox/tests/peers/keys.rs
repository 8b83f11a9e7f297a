use activesync::messages::*;

use crate::device::{Server, collection, id_of, mail_of, outline, whole};
use crate::observation::Seen;

pub(crate) async fn priming(server: &Server, seen: &mut Seen) {
    let stranger = server.stranger("bob", "Stranger");
    let early = stranger.sync(collection("inbox", "0")).await;
    seen.note("priming: before the folders are known", early.map(|_| ()));
    let device = server.device("bob", "Priming").await;
    let inbox = device.folder(FolderKind::Inbox);
    let first = device.sync(collection(&inbox, "0")).await.unwrap().unwrap();
    seen.note("priming: commands", first.commands.len());
    seen.note("priming: more", first.more_available);
    seen.note("priming: there is a key", first.sync_key.is_some_and(|key| key != "0"));
    let greedy = SyncCollection { get_changes: Some(true), ..collection(&inbox, "0") };
    seen.note("priming: changes are wanted at once", device.sync(greedy).await.map(|_| ()));
    let unknown = device.sync(collection("nowhere", "0")).await;
    seen.note("priming: an unknown folder", unknown.map(|answer| answer.is_some()));
}

/// The last key may be used again, since its answer may have been lost.
pub(crate) async fn reuse(server: &Server, seen: &mut Seen) {
    let device = server.device("carol", "Reuse").await;
    let writer = server.device("bob", "Writer").await;
    let inbox = device.folder(FolderKind::Inbox);
    let (mut key, _) = device.load(&inbox).await;
    let mut keys = vec![key.clone()];
    for subject in ["Key one", "Key two"] {
        writer.write("carol", subject, "Text").await;
        device.until(&inbox, &mut key, |command| mail_of(command, subject).is_some()).await;
        keys.push(key.clone());
    }
    let ask = |key: &str| {
        device.sync(SyncCollection { options: vec![whole()], ..collection(&inbox, key) })
    };
    let again = ask(&keys[1]).await.unwrap().unwrap();
    let subjects = |answer: &CollectionAnswer| -> Vec<String> {
        let adds = answer.commands.iter().filter_map(|command| match command {
            ServerCommand::Add { item, .. } => item.clone().into_email()?.subject,
            ServerCommand::Change { .. }
            | ServerCommand::Delete { .. }
            | ServerCommand::SoftDelete { .. } => None,
        });
        adds.collect()
    };
    seen.note("keys: the one before the last gives the same again", subjects(&again));
    let older = ask(&keys[0]).await.map(|answer| answer.map(|answer| subjects(&answer)));
    seen.note("keys: an older one", older);
    let bogus =
        ask("{99}bogus-99").await.map(|answer| answer.map(|answer| outline(&answer.commands)));
    seen.note("keys: one that nobody gave", bogus);
    let empty = ask("").await.map(|_| ());
    seen.note("keys: an empty one", empty);
}

pub(crate) async fn windows(server: &Server, seen: &mut Seen) {
    let device = server.device("dave", "Windows").await;
    let writer = server.device("bob", "Writer2").await;
    let inbox = device.folder(FolderKind::Inbox);
    let mut watching = device.prime(&inbox).await;
    for number in 1..=5 {
        let subject = format!("Window {number}");
        writer.write("dave", &subject, "Text").await;
        device.until(&inbox, &mut watching, |command| mail_of(command, &subject).is_some()).await;
    }
    let mut key = device.prime(&inbox).await;
    let mut windows = Vec::new();
    let mut newest_first = true;
    let mut last = String::from("Window 9");
    while windows.len() < 6 {
        let request = SyncCollection {
            window_size: Some(2),
            options: vec![whole()],
            ..collection(&inbox, &key)
        };
        let Some(answer) = device.sync(request).await.unwrap() else { break };
        key = answer.sync_key.unwrap();
        windows.push((answer.commands.len(), answer.more_available));
        for command in &answer.commands {
            let ServerCommand::Add { item, .. } = command else { panic!("{command:?}") };
            let subject = item.clone().into_email().unwrap().subject.unwrap();
            newest_first &= subject < last;
            last = subject;
        }
        if !answer.more_available {
            break;
        }
    }
    seen.note("windows: sizes, and whether there is more", windows);
    seen.note("windows: the newest come first", newest_first);
    let largest = SyncCollection { window_size: Some(513), ..collection(&inbox, &key) };
    seen.note("windows: one that is too large", device.sync(largest).await.map(|_| ()));
    let none = SyncCollection { window_size: Some(0), ..collection(&inbox, &key) };
    seen.note("windows: one for nothing", device.sync(none).await.map(|_| ()));
}

/// A folder that was empty at first, and in which the device itself puts something.
pub(crate) async fn first_item(server: &Server, seen: &mut Seen) {
    let device = server.device("oscar", "First").await;
    let folder = device.folder(FolderKind::Contacts);
    let (key, _) = device.load(&folder).await;
    let contact = Contact {
        first_name: Some("First".into()),
        file_as: Some("First".into()),
        ..Contact::default()
    };
    let command = ClientCommand::Add {
        client_id: "first".into(),
        class: None,
        item: contact.into(),
        send: false,
    };
    let request = SyncCollection { commands: vec![command], ..collection(&folder, &key) };
    let answer = device.sync(request).await.unwrap().unwrap();
    let next = answer.sync_key.unwrap();
    seen.note("first item: a new key", next != key);
    let after = device.sync(collection(&folder, &next)).await;
    seen.note("first item: the new key counts", after.map(|_| ()));
    let (_, anew) = device.load(&folder).await;
    let result = answer.responses.into_iter().next();
    let is_it = matches!(
        (&result, &anew[..]),
        (Some(CommandResult::Add { server_id: Some(id), .. }), [there]) if *id == id_of(there)
    );
    seen.note("first item: it is there", is_it);
}

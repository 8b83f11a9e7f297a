use activesync::codepage::contacts as page;
use activesync::messages::*;
use time::macros::datetime;

use crate::device::{Device, Refused, Server, collection, id_of, properties, results, whole};
use crate::observation::Seen;

fn carla() -> Contact {
    Contact {
        first_name: Some("Carla".into()),
        last_name: Some("Müller".into()),
        file_as: Some("Müller, Carla".into()),
        company_name: Some("Example Works".into()),
        job_title: Some("Head".into()),
        department: Some("Sales".into()),
        email1_address: Some("carla@example.test".into()),
        mobile_phone_number: Some("+49 170 1".into()),
        business_phone_number: Some("+49 30 1".into()),
        business_address_street: Some("Straße 1".into()),
        business_address_city: Some("Berlin".into()),
        business_address_postal_code: Some("10115".into()),
        web_page: Some("https://example.test/carla".into()),
        birthday: Some(datetime!(1980-05-06 00:00 UTC)),
        categories: Some(vec!["Customer".into()]),
        nick_name: Some("CM".into()),
        body: Some(Body::whole(BodyType::Text, "A note")),
        ..Contact::default()
    }
}

/// The contact as a device sees it that knew nothing before.
async fn shown(server: &Server, folder: &str, id: &str) -> Option<Contact> {
    let device = server.device("ivan", "Viewer").await;
    let (_, commands) = device.load(folder).await;
    commands.into_iter().find_map(|command| match command {
        ServerCommand::Add { server_id, item, .. } if server_id == id => {
            item.into_contact().map(|contact| *contact)
        }
        ServerCommand::Add { .. }
        | ServerCommand::Change { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => None,
    })
}

fn names(contact: Option<Contact>) -> Option<Vec<String>> {
    contact.map(|contact| properties(&contact.into()))
}

pub(crate) async fn written(server: &Server, seen: &mut Seen) {
    let device = server.device("ivan", "Contacts").await;
    let folder = device.folder(FolderKind::Contacts);
    let (mut key, _) = device.load(&folder).await;
    let other = server.device("ivan", "Other").await;
    let (mut other_key, _) = other.load(&folder).await;

    let id = add(&device, &folder, &mut key, carla().into()).await;
    seen.note("contact: added", id.as_ref().map(|(status, _)| *status));
    let Ok((_, Some(id))) = id else { panic!("{id:?}") };
    let told = other.rest(&folder, &mut other_key).await;
    seen.note(
        "contact: the other device is told",
        told.iter().map(id_of).collect::<Vec<_>>() == [id.clone()],
    );
    let contact = shown(server, &folder, &id).await.unwrap();
    let values =
        Contact { body: None, email1_address: None, native_body_type: None, ..contact.clone() };
    seen.note("contact: its values", values.changes_since(&Contact::default()));
    let address =
        contact.email1_address.as_ref().is_some_and(|one| one.contains("carla@example.test"));
    seen.note("contact: its address", address);
    let body = contact.body.and_then(|body| body.data);
    seen.note(
        "contact: its note",
        body.map(|data| String::from_utf8_lossy(&data).trim().to_owned()),
    );

    let promoted = Contact { job_title: Some("Director".into()), ..Contact::default() };
    let changed = change(&device, &folder, &mut key, &id, promoted.clone().into()).await;
    seen.note("contact: one property changed", changed);
    seen.note("contact: what is left of the others", names(shown(server, &folder, &id).await));
    let unknown = change(&device, &folder, &mut key, "nobody.vcf", promoted.into()).await;
    seen.note("contact: one that is not there is changed", unknown);
    other.rest(&folder, &mut other_key).await;
    let deletion = vec![ClientCommand::Delete { server_id: id.clone(), instance: None }];
    let request = SyncCollection { commands: deletion, ..collection(&folder, &key) };
    seen.note(
        "contact: deleted",
        device.sync(request).await.map(|answer| answer.map(|answer| results(&answer))),
    );
    seen.note("contact: it is gone", shown(server, &folder, &id).await.is_none());
    let told = other.rest(&folder, &mut other_key).await;
    seen.note(
        "contact: the other device is told that it is gone",
        matches!(&told[..], [ServerCommand::Delete { server_id }] if *server_id == id),
    );
}

/// What a client does not manage stays, if it says so.
pub(crate) async fn supported(server: &Server, seen: &mut Seen) {
    let device = server.device("ivan", "Supported").await;
    let folder = device.folder(FolderKind::Contacts);
    let primed = SyncCollection {
        supported: Some(vec![page::JOB_TITLE, page::DEPARTMENT]),
        ..collection(&folder, "0")
    };
    let mut key = device.sync(primed).await.unwrap().unwrap().sync_key.unwrap();
    device.rest(&folder, &mut key).await;
    let added = add(&device, &folder, &mut key, carla().into()).await;
    let Ok((_, Some(id))) = added else { panic!("{added:?}") };
    let promoted = Contact { job_title: Some("Director".into()), ..Contact::default() };
    let changed = change(&device, &folder, &mut key, &id, promoted.into()).await;
    seen.note("contact: one of two managed properties changed", changed);
    seen.note(
        "contact: what is left beside the managed ones",
        names(shown(server, &folder, &id).await),
    );
}

/// Adds an item and returns the status and its id.
pub(crate) async fn add(
    device: &Device,
    folder: &str,
    key: &mut String,
    item: Item,
) -> Result<(u16, Option<String>), Refused> {
    let command = ClientCommand::Add { client_id: "new".into(), class: None, item, send: false };
    let request = SyncCollection {
        commands: vec![command],
        options: vec![whole()],
        ..collection(folder, key)
    };
    let answer = device.sync(request).await?.unwrap();
    *key = answer.sync_key.unwrap();
    let result = answer.responses.into_iter().find_map(|result| match result {
        CommandResult::Add { server_id, status, .. } => Some((status.0, server_id)),
        CommandResult::Change { .. }
        | CommandResult::Delete { .. }
        | CommandResult::Fetch { .. } => None,
    });
    settle(device, folder, key).await;
    Ok(result.unwrap())
}

/// Changes an item and returns the results that the server gives.
pub(crate) async fn change(
    device: &Device,
    folder: &str,
    key: &mut String,
    id: &str,
    item: Item,
) -> Result<Vec<u16>, Refused> {
    let command =
        ClientCommand::Change { server_id: id.to_owned(), instance: None, item, send: false };
    let request = SyncCollection {
        commands: vec![command],
        options: vec![whole()],
        ..collection(folder, key)
    };
    let Some(answer) = device.sync(request).await? else { return Ok(Vec::new()) };
    let results = results(&answer);
    *key = answer.sync_key.unwrap();
    settle(device, folder, key).await;
    Ok(results)
}

/// Asks once more, as every client does after it has changed something: SOGo's key does not count before.
/// A key that does not count after all starts the folder anew; the scenario on keys notes where.
async fn settle(device: &Device, folder: &str, key: &mut String) {
    match device.try_rest(folder, key).await {
        Ok(_) => {}
        Err(Refused::Status(3)) => *key = device.load(folder).await.0,
        Err(other) => panic!("{other:?}"),
    }
}

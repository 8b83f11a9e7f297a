use activesync::messages::*;
use activesync::query::Command;
use time::macros::datetime;

use crate::device::{Refused, Server, good};
use crate::observation::Seen;

pub(crate) async fn people(server: &Server, seen: &mut Seen) {
    let device = server.device("peggy", "Searcher").await;
    let search = async |words: &str| -> Result<SearchAnswer, Refused> {
        let request = SearchRequest {
            query: SearchQuery::Gal(words.to_owned()),
            options: SearchOptions {
                range: Some(ByteRange { first: 0, last: 9 }),
                ..SearchOptions::default()
            },
        };
        let body = device.ask(Command::Search, request.encode()).await?;
        let answer = SearchAnswer::decode(&body).unwrap();
        good(answer.status)?;
        answer.store_status.map_or(Ok(()), good)?;
        Ok(answer)
    };
    let found = search("carol").await;
    seen.note(
        "people: found",
        found.as_ref().map(|found| (found.total, found.range, found.results.len())),
    );
    if let Ok(found) = found
        && let Some(SearchContent::Gal(entry)) =
            found.results.into_iter().next().map(|one| one.content)
    {
        seen.note("people: address", &entry.email_address);
        for (name, there) in [
            ("Alias", entry.alias.is_some()),
            ("Company", entry.company.is_some()),
            ("DisplayName", entry.display_name.is_some()),
            ("FirstName", entry.first_name.is_some()),
            ("LastName", entry.last_name.is_some()),
            ("MobilePhone", entry.mobile_phone.is_some()),
            ("Office", entry.office.is_some()),
            ("Phone", entry.phone.is_some()),
            ("Title", entry.title.is_some()),
        ] {
            seen.note(&format!("people: has {name}"), there);
        }
    }
    let nobody = search("zzzzzz").await;
    seen.note(
        "people: nobody found",
        nobody.map(|found| (found.total, found.range, found.results.len())),
    );
    seen.note("people: nothing asked", search("").await.map(|found| found.results.len()));
}

pub(crate) async fn out_of_office(server: &Server, seen: &mut Seen) {
    let device = server.device("peggy", "Absent").await;
    let get = || SettingsRequest {
        oof: Some(OofRequest::Get(OofBodyType::Text)),
        ..SettingsRequest::default()
    };
    let oof =
        |answer: SettingsAnswer| answer.oof.and_then(|(status, oof)| good(status).ok().and(oof));
    let before = device.settings(&get()).await.map(oof);
    seen.note("absence: state before", before.map(|oof| oof.and_then(|oof| oof.state)));
    let set = |oof: Oof| SettingsRequest {
        oof: Some(OofRequest::Set(oof)),
        ..SettingsRequest::default()
    };
    let message = |internal: bool, known: bool| OofMessage {
        internal,
        external_known: known,
        external_unknown: !internal && !known,
        enabled: Some(true),
        reply: Some("I am away.".to_owned()),
        body_type: Some(OofBodyType::Text),
    };
    let timed = Oof {
        state: Some(OofState::Scheduled),
        start: Some(datetime!(2030-01-01 00:00 UTC)),
        end: Some(datetime!(2030-01-08 00:00 UTC)),
        messages: vec![message(true, false), message(false, true), message(false, false)],
    };
    let status = |answer: SettingsAnswer| answer.oof.map(|(status, _)| status.0);
    seen.note("absence: set", device.settings(&set(timed)).await.map(status));
    let now = device.settings(&get()).await.map(oof).unwrap().unwrap_or_default();
    seen.note("absence: state", now.state);
    seen.note("absence: from and to", (now.start, now.end));
    for (who, found) in [
        ("inside", now.messages.iter().find(|one| one.internal)),
        ("known outside", now.messages.iter().find(|one| one.external_known)),
        ("unknown outside", now.messages.iter().find(|one| one.external_unknown)),
    ] {
        let said = found.map(|one| (one.enabled, one.reply.as_deref().map(str::trim)));
        seen.note(&format!("absence: {who}"), said);
    }
    let off = Oof { state: Some(OofState::Off), ..Oof::default() };
    seen.note("absence: switched off", device.settings(&set(off)).await.map(status));
    let after = device.settings(&get()).await.map(oof);
    seen.note("absence: state after", after.map(|oof| oof.and_then(|oof| oof.state)));

    let who = SettingsRequest { user_information: true, ..SettingsRequest::default() };
    let information = device.settings(&who).await.map(|answer| {
        let (status, user) = answer.user_information?;
        let addresses = match user? {
            UserInformation::Accounts(accounts) => accounts[0].addresses.clone(),
            UserInformation::Addresses(addresses) => addresses,
        };
        let primary = addresses.primary.or_else(|| addresses.smtp.first().cloned());
        Some((status.0, primary))
    });
    seen.note("settings: the user's address", information);
    let model =
        DeviceInformation { model: Some("Test".to_owned()), ..DeviceInformation::default() };
    let information =
        SettingsRequest { device_information: Some(model), ..SettingsRequest::default() };
    let status = device.settings(&information).await.map(|answer| answer.device_information);
    seen.note(
        "settings: information on the device",
        status.map(|status| status.map(|status| status.0)),
    );
}

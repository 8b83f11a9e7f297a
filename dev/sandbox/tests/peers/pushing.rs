use activesync::messages::*;

use crate::LONGEST_WAIT;
use crate::device::Server;
use crate::observation::Seen;

pub(crate) async fn pings(server: &Server, seen: &mut Seen) {
    let device = server.device("nina", "Pinger").await;
    let inbox = device.folder(FolderKind::Inbox);
    let (mut key, _) = device.load(&inbox).await;
    let request = |seconds, folder: &str| PingRequest {
        heartbeat_interval: seconds,
        folders: vec![PingFolder { id: folder.to_owned(), class: "Email".to_owned() }],
    };
    let result =
        |answer: PingAnswer| (answer.status.0, answer.heartbeat_interval, answer.folders.len());

    seen.note("ping: nothing said before", device.ping(None).await.map(result));
    // SOGo says once that something changed after a first load.
    if server.is_sogo {
        device.ping(Some(&request(Some(1), &inbox))).await.unwrap();
        device.rest(&inbox, &mut key).await;
    }
    seen.note(
        "ping: nothing happens",
        device.ping(Some(&request(Some(1), &inbox))).await.map(result),
    );
    seen.note("ping: the same again with an empty body", device.ping(None).await.map(result));
    let short = device.ping(Some(&request(Some(0), &inbox))).await;
    seen.note("ping: too short", short.map(result));
    let long = device.ping(Some(&request(Some(LONGEST_WAIT + 1), &inbox))).await;
    seen.note("ping: too long", long.map(result));
    let unknown = device.ping(Some(&request(Some(1), "nowhere"))).await;
    seen.note("ping: an unknown folder", unknown.map(result));

    device.write("nina", "Wake up", "Text").await;
    let mut answers = Vec::new();
    // A mail takes a moment to arrive.
    for _ in 0..10 {
        let answer = device.ping(Some(&request(Some(LONGEST_WAIT), &inbox))).await.unwrap();
        answers.push((answer.status.0, answer.folders == [inbox.clone()]));
        if answer.status.0 != 1 {
            break;
        }
    }
    seen.note("ping: a mail comes", answers.last());
    let again = device.ping(Some(&request(Some(1), &inbox))).await;
    seen.note("ping: and was not fetched", again.map(result));
    device.rest(&inbox, &mut key).await;
    seen.note(
        "ping: and was fetched",
        device.ping(Some(&request(Some(1), &inbox))).await.map(result),
    );

    let waiting = SyncRequest {
        collections: vec![crate::device::collection(&inbox, &key)],
        waiting: Some(Waiting::Seconds(1)),
        ..SyncRequest::default()
    };
    let answer = device.ask(activesync::query::Command::Sync, waiting.encode()).await;
    seen.note("waiting Sync: nothing happens", answer.map(|body| body.is_empty()));
}

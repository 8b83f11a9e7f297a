use activesync::messages::*;
use time::macros::datetime;

use crate::contacts::{add, change};
use crate::device::{Server, properties};
use crate::observation::Seen;

fn task() -> Task {
    Task {
        subject: Some("Check the offer".into()),
        importance: Some(Importance::High),
        start_utc: Some(datetime!(2026-10-01 22:00 UTC)),
        start: Some(datetime!(2026-10-02 00:00 UTC)),
        due_utc: Some(datetime!(2026-10-05 22:00 UTC)),
        due: Some(datetime!(2026-10-06 00:00 UTC)),
        categories: Some(vec!["Red".into()]),
        complete: Some(false),
        sensitivity: Some(Sensitivity::Normal),
        body: Some(Body::whole(BodyType::Text, "Until Friday")),
        ..Task::default()
    }
}

async fn shown(server: &Server, folder: &str, id: &str) -> Option<Task> {
    let device = server.device("mallory", "Viewer").await;
    let (_, commands) = device.load(folder).await;
    commands.into_iter().find_map(|command| match command {
        ServerCommand::Add { server_id, item, .. } if server_id == id => {
            item.into_task().map(|task| *task)
        }
        ServerCommand::Add { .. }
        | ServerCommand::Change { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => None,
    })
}

pub(crate) async fn written(server: &Server, seen: &mut Seen) {
    let device = server.device("mallory", "Tasks").await;
    let folder = device.folder(FolderKind::Tasks);
    let (mut key, _) = device.load(&folder).await;
    let added = add(&device, &folder, &mut key, task().into()).await;
    seen.note("task: added", added.as_ref().map(|(status, _)| *status));
    let Ok((_, Some(id))) = added else { panic!("{added:?}") };
    let found = shown(server, &folder, &id).await.unwrap();
    seen.note("task: its properties", properties(&found.clone().into()));
    seen.note(
        "task: subject, importance, done",
        (&found.subject, found.importance, found.complete),
    );
    seen.note("task: start", (found.start_utc, found.start));
    seen.note("task: due", (found.due_utc, found.due));
    let done = Task {
        complete: Some(true),
        date_completed: Some(datetime!(2026-10-04 10:00 UTC)),
        ..task()
    };
    seen.note("task: done", change(&device, &folder, &mut key, &id, done.into()).await);
    let found = shown(server, &folder, &id).await.unwrap();
    seen.note("task: done and when", (found.complete, found.date_completed));
}

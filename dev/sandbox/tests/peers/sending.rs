use std::time::Duration;

use activesync::messages::*;

use crate::device::{Server, mail_of, mime};
use crate::observation::Seen;

pub(crate) async fn repeated(server: &Server, seen: &mut Seen) {
    let device = server.device("laura", "Sender").await;
    let inbox = device.folder(FolderKind::Inbox);
    let mut key = device.prime(&inbox).await;
    let message = mime("laura", "laura", "Only once", "Text");
    seen.note("send: once", device.send_mail("m1", &message).await);
    seen.note("send: again with the same id", device.send_mail("m1", &message).await);
    device.send_mail("m2", &mime("laura", "laura", "After it", "Text")).await.unwrap();
    // All are on their way at once; a second after the last one was sent and arrived, the others have too.
    let (mut copies, mut rounds_left) = (0, None);
    while rounds_left != Some(0) {
        for command in device.rest(&inbox, &mut key).await {
            copies += usize::from(mail_of(&command, "Only once").is_some());
            if mail_of(&command, "After it").is_some() {
                rounds_left = Some(10_u32);
            }
        }
        rounds_left = rounds_left.map(|rounds| rounds - 1);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    seen.note("send: copies that arrive", copies);
    let sent = device.folder(FolderKind::Sent);
    let (_, commands) = device.load(&sent).await;
    let read =
        commands.iter().find_map(|command| mail_of(command, "After it")).map(|mail| mail.read);
    seen.note("send: the copy in Sent is read", read);

    let nobody = "From: laura@example.test\r\nSubject: Nobody\r\n\r\nText\r\n";
    seen.note("send: to nobody", device.send_mail("m3", nobody).await);
    seen.note("send: nothing at all", device.send_mail("m4", "").await);
    let stranger = mime("laura", "no-such-person", "Stranger", "Text");
    seen.note("send: to somebody who is not there", device.send_mail("m5", &stranger).await);
}

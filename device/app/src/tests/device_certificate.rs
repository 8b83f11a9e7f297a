//! The device's own certificate, exchanged before it ends.

use super::ground::{
    Holder, MAIL, PASSWORD, Way, age_device_certificate, by, device_certificate, open, real_clock,
    register_with, until,
};
use crate::App;
use pki::Certificate;
use sandbox::{Options, Running, Sandbox};
use std::time::Duration;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn near_its_end_the_certificate_is_exchanged_once() {
    let ground = Ground::new(30).await;
    ground.way.renew_by(ground.authority.clone());

    // On a busy machine a moment may be too short.
    let mut after = ground.unlocked_until_asked().await;
    for _ in 0..20 {
        if after != ground.before {
            break;
        }
        after = ground.unlocked_for_a_moment().await;
    }
    assert!(after.not_after() > ground.before.not_after());
    // What it has now is used, and good for long.
    let asked = ground.way.renewals();
    assert_eq!(ground.unlocked_for_a_moment().await, after);
    assert_eq!(ground.way.renewals(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_good_for_long_stays() {
    let ground = Ground::new(40).await;
    ground.way.renew_by(ground.authority.clone());

    assert_eq!(ground.unlocked_for_a_moment().await, ground.before);
    assert_eq!(ground.way.renewals(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_somebody_else_is_not_taken() {
    let ground = Ground::new(30).await;
    ground.way.renew_by(Holder::root());

    assert_eq!(ground.unlocked_until_asked().await, ground.before);
}

struct Ground {
    authority: Holder,
    _server: Running,
    way: Way,
    root: TempDir,
    before: Certificate,
}

impl Ground {
    /// With a certificate that ends in so many days of a hundred.
    async fn new(days_left: i64) -> Self {
        let authority = Holder::root();
        let server = Sandbox::start(Options::new(MAIL, real_clock)).await.unwrap();
        let way = Way::to(server.address(), &authority).await;
        let root = tempfile::tempdir().unwrap();
        register_with(&root, &authority, way.address, |_| ());
        age_device_certificate(&root, &authority, days_left);
        let before = device_certificate(&root);

        Self { authority, _server: server, way, root, before }
    }

    /// Has the container open until its device has asked for a certificate, and a moment longer; returns the one that it has then.
    async fn unlocked_until_asked(&self) -> Certificate {
        self.unlocked(async |app| {
            until(app, "the request", async |_| (self.way.renewals() > 0).then_some(())).await;
        })
        .await
    }

    /// Has the container open for a moment.
    async fn unlocked_for_a_moment(&self) -> Certificate {
        self.unlocked(async |_| ()).await
    }

    async fn unlocked(&self, first: impl AsyncFnOnce(&App)) -> Certificate {
        let app = open(&self.root);
        app.unlock(by(PASSWORD), None).await.unwrap();
        first(&app).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        app.lock().await;
        drop(app);

        device_certificate(&self.root)
    }
}

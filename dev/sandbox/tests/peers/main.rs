//! One suite, two servers: what the sandbox does is what SOGo does, where both can do a thing.
//!
//! Each scenario runs against both and notes what it saw. What differs is listed in `differences.txt` with its reason; a listed
//! difference that is none any more fails too.

#[cfg(test)]
mod calendar;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod device;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod meetings;
#[cfg(test)]
mod observation;
#[cfg(test)]
mod pushing;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod tasks;

use std::rc::Rc;

use sandbox::{Options, Sandbox};
use testkit::sogo::{Setup, Sogo};
use time::OffsetDateTime;
use time::macros::datetime;

use device::Server;
use observation::{Seen, compare};

/// The longest time that either server holds a request, in seconds.
const LONGEST_WAIT: u32 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_does_what_sogo_does() {
    let sogo = tokio::task::spawn_blocking(|| {
        Sogo::start(Setup { samples: false, longest_wait: LONGEST_WAIT }).unwrap()
    })
    .await
    .unwrap();
    let accounts = ACCOUNTS.map(str::to_owned).to_vec();
    let sandbox = Sandbox::start(Options {
        accounts,
        enforce_policy: false,
        heartbeat: 1..=LONGEST_WAIT,
        samples: false,
        ..Options::new(Sogo::PASSWORD, now)
    })
    .await
    .unwrap();

    let both = async {
        tokio::join!(
            observe(Server { address: sandbox.address(), is_sogo: false }),
            observe(Server { address: sogo.address(), is_sogo: true }),
        )
    };
    let (of_sandbox, of_sogo) = tokio::task::LocalSet::new().run_until(both).await;
    compare(&of_sandbox, &of_sogo);
}

/// Accounts that both have. Each scenario has some for itself.
const ACCOUNTS: [&str; 16] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "ken",
    "laura", "mallory", "nina", "oscar", "peggy",
];

fn now() -> OffsetDateTime {
    datetime!(2026-09-15 10:00 UTC)
}

/// Goes through the scenarios, each for itself: one that breaks off hides no other.
macro_rules! scenarios {
    ($server:ident $seen:ident: $($module:ident::$scenario:ident)*) => { $(
        let server = Rc::clone(&$server);
        let part = tokio::task::spawn_local(async move {
            let mut seen = Seen::default();
            $module::$scenario(&server, &mut seen).await;
            seen
        });
        $seen.take(concat!(stringify!($module), "::", stringify!($scenario)), part.await);
    )* };
}

async fn observe(server: Server) -> Seen {
    let server = Rc::new(server);
    let mut seen = Seen::default();
    scenarios! { server seen:
        folders::offers
        folders::tree
        folders::changes
        keys::priming
        keys::reuse
        keys::windows
        keys::first_item
        mail::properties_of_a_mail
        mail::read_and_deleted
        mail::moved
        mail::fetched
        mail::counted
        sending::repeated
        pushing::pings
        directory::people
        directory::out_of_office
        contacts::written
        contacts::supported
        calendar::written
        tasks::written
        meetings::answered
    }
    seen
}

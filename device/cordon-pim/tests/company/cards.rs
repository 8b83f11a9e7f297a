//! Smart cards of people, and an app that stays while they come and go.

use super::{Company, Running};
use openssl::pkey::PKey;
use openssl::x509::X509;
use smartcard::readers;
use std::process::Stdio;
use testcard::{Piv, until};

impl Company {
    /// Has IT say what opens the containers.
    pub(crate) fn opened_by(&self, what: &str) {
        self.cordon(&["settings", "set", "Staff", &format!("container.opened_by={what}")]);
    }

    /// Starts the app, which stays.
    pub(crate) fn run_app(&self, options: &[&str]) -> Running {
        // What one that was killed has left.
        drop(std::fs::remove_file(self.path("app/run/socket")));
        let mut app = self.app(&[&["--no-browser"], options].concat());
        let running = Running(app.stdout(Stdio::null()).spawn().unwrap());
        // Not asked by a command, which would take the container before the app does.
        until("the app runs", || self.path("app/run/socket").exists());

        running
    }

    /// A PIV card with somebody's key and certificate for encryption.
    pub(crate) fn card_of(&self, person: &str) -> Piv {
        self.put_on(Piv::default(), person)
    }

    /// A PIV card to which somebody's key and certificate for encryption have been brought.
    pub(crate) fn put_on(&self, mut card: Piv, person: &str) -> Piv {
        let read = |ending| std::fs::read(self.path(&format!("{person}.{ending}"))).unwrap();
        let certificate = X509::from_pem(&read("pem")).unwrap().to_der().unwrap();
        card.put(0x9d, 0x0b, PKey::private_key_from_pem(&read("key")).unwrap());
        card.put_certificate(0x0b, &certificate, 0);

        card
    }
}

/// Tells whether a card is in the reader.
pub(crate) fn seen() -> bool {
    readers().is_ok_and(|all| all.iter().any(|reader| reader.card))
}

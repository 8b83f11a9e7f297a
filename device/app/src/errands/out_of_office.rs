//! Answers while the person is away.

use super::ErrandError;
use crate::app::App;
use pim::{Errand, OutOfOffice, OutOfOfficeChange, OutOfOfficeErrand, Reply};

impl App {
    /// Reads the answers that the server sends while the person is away, as HTML or as text where the server can choose.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn out_of_office(&self, html: bool) -> Result<OutOfOffice, ErrandError> {
        let errand = OutOfOfficeErrand::Read { html };
        let Reply::OutOfOffice(answers) = self.run(Errand::OutOfOffice(errand)).await? else {
            return Err(ErrandError::Unsupported);
        };

        Ok(answers)
    }

    /// Changes the answers that the server sends while the person is away.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn set_out_of_office(&self, change: OutOfOfficeChange) -> Result<(), ErrandError> {
        self.run(Errand::OutOfOffice(OutOfOfficeErrand::Set(change))).await.map(drop)
    }
}

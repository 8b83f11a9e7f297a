//! People of the company's directory.

use super::{ErrandError, search_id};
use crate::app::App;
use pim::{DirectoryPage, DirectoryQuery, Errand, Reply};

/// The largest photo that is fetched, in bytes; the protocol knows no larger ones.
const LARGEST_PHOTO: u32 = 102_400;

impl App {
    /// Finds people in the company's directory by the beginning of a name, an address or another property.
    ///
    /// Whoever stops waiting takes the question back, so that it can be asked at each letter that is typed.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Unreachable`] without a connection: the directory is not kept here.
    pub async fn directory(
        &self,
        words: &str,
        offset: u32,
        limit: u32,
        photos: bool,
    ) -> Result<DirectoryPage, ErrandError> {
        let query = DirectoryQuery {
            words: words.to_owned(),
            offset,
            limit,
            photos: photos.then_some(LARGEST_PHOTO),
            search_id: search_id(),
        };
        let Reply::Directory(page) = self.run(Errand::Directory(query)).await? else {
            return Err(ErrandError::Unsupported);
        };

        Ok(page)
    }
}

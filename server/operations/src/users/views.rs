use crate::{Fault, Operations};
use fleet::list::{Listing, Page, UserFilter, UserItem};
use fleet::user::User;
use fleet::{Login, UserId};

impl Operations {
    /// Finds a person.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<UserItem>, Fault> {
        Ok(self.store().user(id).await?)
    }

    /// Finds a person by login name.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn user_by_login(&self, login: &Login) -> Result<Option<User>, Fault> {
        Ok(self.store().user_by_login(login).await?)
    }

    /// Lists people by name.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn users(&self, filter: &UserFilter, page: Page) -> Result<Listing<UserItem>, Fault> {
        Ok(self.store().users(filter, page).await?)
    }
}

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Folder {
    /// List the folders.
    List,
    /// Make a folder for mail.
    Create(Create),
    /// Give a folder another name.
    Rename(Rename),
    /// Move a folder with everything in it.
    Move(Move),
    /// Delete a folder with all folders and mails in it, on the server too.
    Delete(Delete),
    /// Delete all mails in a folder for good, on the server too.
    Empty(Empty),
}

#[derive(Args, Debug)]
pub(crate) struct Create {
    /// Its name.
    pub(crate) name: String,
    /// The folder it will lie in: its name or its number [default: at the top].
    #[arg(long = "in", value_name = "FOLDER")]
    pub(crate) parent: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Rename {
    /// The folder: its name or its number.
    pub(crate) folder: String,
    /// Its new name.
    pub(crate) name: String,
}

#[derive(Args, Debug)]
pub(crate) struct Move {
    /// The folder: its name or its number.
    pub(crate) folder: String,
    /// The folder it will lie in: its name or its number [default: at the top].
    #[arg(long = "in", value_name = "FOLDER")]
    pub(crate) parent: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Delete {
    /// The folder: its name or its number.
    pub(crate) folder: String,
    /// The mails and folders in it go too, also those that are only on the server.
    #[arg(long)]
    pub(crate) with_content: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Empty {
    /// The folder: its name or its number. Only the deleted mails, junk and folders of one's own can be emptied.
    pub(crate) folder: String,
    /// The folders in it go too.
    #[arg(long)]
    pub(crate) with_folders: bool,
}

use super::mail::{find_folder, one_line};
use crate::arguments::{Create, Delete, Empty, Folder, Move, Rename};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};

pub(super) async fn execute(
    command: &Folder,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let folders = client.get("/api/folders").await?;
    match command {
        Folder::List => output.answer(&folders, &list_text(&folders)),
        Folder::Create(create) => make(create, &folders, client, output).await,
        Folder::Rename(change) => rename(change, &folders, client, output).await,
        Folder::Move(change) => relocate(change, &folders, client, output).await,
        Folder::Delete(delete) => remove(delete, &folders, client, output).await,
        Folder::Empty(empty) => clear(empty, &folders, client, output).await,
    }
}

async fn make(
    create: &Create,
    folders: &Value,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let parent = parent(create.parent.as_deref(), folders)?;
    let request = json!({ "name": create.name, "parent": parent });
    let made = client.post("/api/folders", request).await?;
    let id = made.get("id").and_then(Value::as_i64).unwrap_or_default();
    output.answer(&made, &format!("The folder is made; its number is {id}."))
}

async fn rename(
    change: &Rename,
    folders: &Value,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let id = find_folder(folders, Some(&change.folder))?;
    client.post(&format!("/api/folders/{id}/rename"), json!({ "name": change.name })).await?;
    output.answer(&json!({ "id": id }), "The folder is renamed.")
}

async fn relocate(
    change: &Move,
    folders: &Value,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let id = find_folder(folders, Some(&change.folder))?;
    let parent = parent(change.parent.as_deref(), folders)?;
    client.post(&format!("/api/folders/{id}/move"), json!({ "parent": parent })).await?;
    output.answer(&json!({ "id": id }), "The folder is moved.")
}

async fn remove(
    delete: &Delete,
    folders: &Value,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let id = find_folder(folders, Some(&delete.folder))?;
    let inside = Content::of(id, folders);
    if !delete.with_content {
        return Err(inside.unconfirmed(&delete.folder));
    }
    client.delete(&format!("/api/folders/{id}")).await?;
    let gone = json!({ "id": id, "mails_here": inside.mails, "folders": inside.folders });
    output.answer(&gone, &format!("The folder is deleted, with {inside}."))
}

async fn clear(
    empty: &Empty,
    folders: &Value,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let id = find_folder(folders, Some(&empty.folder))?;
    let request = json!({ "subfolders": empty.with_folders });
    client.post(&format!("/api/folders/{id}/empty"), request).await?;
    output.answer(&json!({ "id": id }), "The folder is empty.")
}

fn parent(wanted: Option<&str>, folders: &Value) -> Result<Option<i64>, Failure> {
    wanted.map(|wanted| find_folder(folders, Some(wanted))).transpose()
}

/// What lies in a folder, as far as it is known here.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Content {
    mails: u64,
    folders: u64,
}

impl Content {
    fn of(id: i64, folders: &Value) -> Self {
        let all = || folders.as_array().into_iter().flatten();
        let number = |folder: &Value, name: &str| folder.get(name).and_then(Value::as_i64);
        let mut inside = vec![id];
        let mut place = 0;
        while let Some(outer) = inside.get(place).copied() {
            let lies_in = |folder: &&Value| number(folder, "parent") == Some(outer);
            let found: Vec<i64> =
                all().filter(lies_in).filter_map(|folder| number(folder, "id")).collect();
            inside.extend(found.into_iter().filter(|id| !inside.contains(id)).collect::<Vec<_>>());
            place += 1;
        }
        let counted =
            all().filter(|folder| number(folder, "id").is_some_and(|id| inside.contains(&id)));
        let total =
            |folder: &Value| folder.get("total").and_then(Value::as_u64).unwrap_or_default();
        Self {
            mails: counted.map(total).sum(),
            folders: u64::try_from(inside.len().saturating_sub(1)).unwrap_or_default(),
        }
    }

    fn unconfirmed(self, name: &str) -> Failure {
        let detail = format!(
            "{name:?} goes with {self}, and with what is only on the server; not every server keeps a copy among the deleted \
             mails: if that is meant, say --with-content"
        );
        Failure::refuse("needs_confirmation", detail)
    }
}

impl std::fmt::Display for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |number: u64, one: &str, many: &str| match number {
            1 => format!("one {one}"),
            number => format!("{number} {many}"),
        };
        let mails = count(self.mails, "mail on this device", "mails on this device");
        write!(f, "{mails} and {}", count(self.folders, "folder", "folders"))
    }
}

fn list_text(folders: &Value) -> String {
    let all: Vec<&Value> = folders.as_array().into_iter().flatten().collect();
    let mut lines = Vec::new();
    list_level(&all, None, 0, &mut lines);
    lines.join("\n")
}

/// Writes the folders that lie in one, and below each what lies in it.
fn list_level(all: &[&Value], parent: Option<i64>, depth: usize, lines: &mut Vec<String>) {
    // Each level is one folder deeper, so there is an end also if a server puts folders into each other.
    if depth > all.len() {
        return;
    }
    let number = |folder: &Value, name: &str| folder.get(name).and_then(Value::as_i64);
    for folder in all.iter().filter(|folder| number(folder, "parent") == parent) {
        let text = |name: &str| folder.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, unread) = (number(folder, "id"), number(folder, "unread").unwrap_or_default());
        let name = format!("{:indent$}{}", "", one_line(text("name")), indent = depth * 2);
        let total = number(folder, "total").unwrap_or_default();
        lines.push(format!("{:>6}  {name:<32}  {total:>7} {unread:>7}", id.unwrap_or_default()));
        if id.is_some() {
            list_level(all, id, depth + 1, lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_listed_below_those_they_lie_in() {
        insta::assert_snapshot!(list_text(&folders()), @r"
             3  Inbox                                 100       2
             7  Projects                                3       2
             8    Alpha                                 5       2
             9      Deep                                7       2
        ");
    }

    #[test]
    fn a_deletion_says_what_goes_and_wants_to_be_confirmed() {
        let content = Content::of(7, &folders());

        assert_eq!(content, Content { mails: 15, folders: 2 });
        insta::assert_snapshot!(content.unconfirmed("Projects"), @r#""Projects" goes with 15 mails on this device and 2 folders, and with what is only on the server; not every server keeps a copy among the deleted mails: if that is meant, say --with-content [needs_confirmation]"#);
        assert_eq!(
            Content { mails: 1, folders: 1 }.to_string(),
            "one mail on this device and one folder"
        );
    }

    #[test]
    fn folders_in_a_circle_end() {
        let circle =
            json!([{ "id": 1, "parent": 2, "total": 1 }, { "id": 2, "parent": 1, "total": 1 }]);

        assert_eq!(Content::of(1, &circle), Content { mails: 2, folders: 1 });
        assert_eq!(list_text(&circle), "");
    }

    fn folders() -> Value {
        let folder = |id: i64, parent: Option<i64>, name: &str, total: u64| json!({ "id": id, "parent": parent, "name": name, "kind": "user", "total": total, "unread": 2 });
        json!([
            folder(3, None, "Inbox", 100),
            folder(7, None, "Projects", 3),
            folder(8, Some(7), "Alpha\u{7}", 5),
            folder(9, Some(8), "Deep", 7),
        ])
    }
}

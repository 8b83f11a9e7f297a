//! The program as a shell and a browser meet it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

#[test]
fn the_help_says_everything() {
    insta::assert_snapshot!(help(&["--help"]), @r#"
    The secure mail app: keeps the company's mail in an encrypted container on this device.

    Without a command it opens its page in the browser and stays until it is
    stopped. While it runs, every command talks to it; without it, a command opens
    the container by itself, does its work and locks the container again.

    Passwords are never arguments. Each is read from the file that is named for it,
    else from its environment variable, else asked for at the terminal.

    Usage: cordon-pim [OPTIONS] [COMMAND]

    Commands:
      register       Register this device with an invitation
      restore        Read the data again whose key was deleted, with the same certificate
      renew          Take another personal certificate from now on; what was encrypted for the one of before stays readable
      unlock         Open the container of the running app; without one, try the password
      lock           Lock the container of the running app
      password       Change the password of the container, or let one open it in place of a smart card
      card           Show smart card readers, their cards, how the PINs stand, and certificates
      status         Show the state of container, device and synchronisation
      sync           Synchronise and wait until that is done
      mail-password  Set the password of the mailbox
      sign-in        Sign in to the mail server with the browser, where IT wants that
      sign-out       Forget the sign-in with the browser
      mail           Read, send and sort mail
      draft          Write mails that are sent later
      directory      Look people up in the company's directory
      certificates   Keep the certificates of the people that one writes to
      out-of-office  Answer mails by themselves while away
      folder         List and change folders
      contact        Read and change contacts
      event          Read and change events of the calendar
      task           Read and change tasks
      note           Read and change notes
      completions    Print completions for a shell
      help           Print this message or the help of the given subcommand(s)

    Options:
          --data <DIR>
              The folder for the container [default: cordon-pim in the user's data folder]
              
              [env: CORDON_PIM_DATA=]

          --key-files <DIR>
              Keep the device-bound keys in this folder [default: the desktop's Secret Service, else a folder of its own]
              
              [env: CORDON_PIM_KEY_FILES=]

          --password-file <FILE>
              The file with the container's password [else CORDON_PIM_PASSWORD]

          --pin-file <FILE>
              The file with the PIN of the smart card that opens the container [else CORDON_PIM_PIN]

          --card-module <FILE>
              The company's middleware for smart cards, a PKCS#11 module [default: cards with PIV or ISO 7816-15, over PC/SC]
              
              [env: CORDON_PIM_CARD_MODULE=]

          --json
              Answer in JSON

          --no-browser
              Print the file that leads to the page, and leave the browser alone

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Exit codes: 0 done, 1 refused or failed, 2 wrong usage or unusable input.
    CORDON_PIM_LOG sets what is logged to standard error, for example `info`.
    "#);
}

#[test]
fn the_help_of_each_command_says_where_passwords_come_from() {
    insta::assert_snapshot!(help(&["register", "--help"]), @"
    Register this device with an invitation

    Usage: cordon-pim register [OPTIONS] <LINK>

    Arguments:
      <LINK>  The invitation link

    Options:
          --data <DIR>                 The folder for the container [default: cordon-pim in the user's data folder] [env: CORDON_PIM_DATA=]
          --p12 <FILE>                 The file with the personal certificate, which is deleted once its key is in the container [else the one that waits at the server or lies in the import folder]
          --card                       Let the smart card in the reader open the container; without --p12 the personal key is the one on the card, and stays there
          --key-files <DIR>            Keep the device-bound keys in this folder [default: the desktop's Secret Service, else a folder of its own] [env: CORDON_PIM_KEY_FILES=]
          --keep-p12                   Leave the file with the certificate where it is
          --password-file <FILE>       The file with the container's password [else CORDON_PIM_PASSWORD]
          --p12-password-file <FILE>   The file with the certificate file's password [else CORDON_PIM_P12_PASSWORD]
          --pin-file <FILE>            The file with the PIN of the smart card that opens the container [else CORDON_PIM_PIN]
          --card-module <FILE>         The company's middleware for smart cards, a PKCS#11 module [default: cards with PIV or ISO 7816-15, over PC/SC] [env: CORDON_PIM_CARD_MODULE=]
          --mail-password-file <FILE>  The file with the mailbox's password [else CORDON_PIM_MAIL_PASSWORD, else none]
          --discard-data               Delete the data of an earlier registration whose key is gone
          --json                       Answer in JSON
      -h, --help                       Print help
    ");
    insta::assert_snapshot!(help(&["mail", "send", "--help"]), @"
    Send a mail

    Usage: cordon-pim mail send [OPTIONS] --to <ADDRESS> --subject <SUBJECT>

    Options:
          --data <DIR>            The folder for the container [default: cordon-pim in the user's data folder] [env: CORDON_PIM_DATA=]
          --to <ADDRESS>          A recipient; may be repeated
          --cc <ADDRESS>          A recipient of a copy; may be repeated
          --key-files <DIR>       Keep the device-bound keys in this folder [default: the desktop's Secret Service, else a folder of its own] [env: CORDON_PIM_KEY_FILES=]
          --bcc <ADDRESS>         A recipient whom the others do not see; may be repeated
          --password-file <FILE>  The file with the container's password [else CORDON_PIM_PASSWORD]
          --pin-file <FILE>       The file with the PIN of the smart card that opens the container [else CORDON_PIM_PIN]
          --subject <SUBJECT>     The subject
          --card-module <FILE>    The company's middleware for smart cards, a PKCS#11 module [default: cards with PIV or ISO 7816-15, over PC/SC] [env: CORDON_PIM_CARD_MODULE=]
          --text-file <FILE>      The file with the text [default: standard input]
          --attach <FILE>         A file to attach; may be repeated
          --json                  Answer in JSON
          --reply-to <NUMBER>     The number of the message that this one answers
          --importance <LEVEL>    How urgent it is [default: normal] [possible values: low, normal, high]
          --sign                  Sign it
          --no-sign               Do not sign it
          --encrypt               Encrypt it for everybody who gets it
          --no-encrypt            Do not encrypt it
          --despite <ADDRESS>     Encrypt for this recipient although something is wrong with the certificate; may be repeated
          --wait <SECONDS>        How long to wait until it is sent, in seconds; it stays in the outbox after that [default: 60]
      -h, --help                  Print help
    ");
}

#[test]
fn wrong_usage_is_told_from_a_refusal() {
    let ground = Ground::new();
    let code = |arguments: &[&str]| ground.run(arguments).status.code().unwrap();

    assert_eq!(code(&["nonsense"]), 2);
    assert_eq!(code(&["mail", "show", "x"]), 2);
    assert_eq!(code(&["contact", "show", "x"]), 2);
    assert_eq!(code(&["event", "add", "--interval", "2"]), 2);
    assert_eq!(code(&["task", "list", "--open", "--done"]), 2);
    assert_eq!(code(&["register", "https://example.com/", "--p12", "/no/such/file"]), 2);
    assert_eq!(code(&["unlock"]), 1);
    assert_eq!(code(&["status"]), 0);
    assert_eq!(
        code(&["--key-files", &format!("{}/container/keys", ground.data().display()), "status"]),
        2
    );
}

#[test]
fn without_a_container_each_command_says_what_to_do() {
    let ground = Ground::new();
    let said = |arguments: &[&str]| String::from_utf8(ground.run(arguments).stderr).unwrap();

    insta::assert_snapshot!(said(&["unlock"]), @"cordon-pim: there is no container here: register first [absent]");
    insta::assert_snapshot!(said(&["sync"]), @"cordon-pim: there is no container here: register first [absent]");
    insta::assert_snapshot!(said(&["mail", "list"]), @"cordon-pim: there is no container here: register first [absent]");
    insta::assert_snapshot!(said(&["contact", "list"]), @"cordon-pim: there is no container here: register first [absent]");
    std::fs::write(ground.path("alice.p12"), b"no certificate").unwrap();
    let p12 = ground.path("alice.p12");
    let register = ["register", "https://example.com/", "--p12", p12.to_str().unwrap()];
    insta::assert_snapshot!(said(&register), @"cordon-pim: the certificate file's password is needed: name a file with --p12-password-file or set CORDON_PIM_P12_PASSWORD");
}

#[test]
fn answers_in_json_are_one_document_also_when_refused() {
    let ground = Ground::new();

    let state: Value = json(&ground.run(&["--json", "status"]));
    assert_eq!((&state["container"], &state["running"]), (&"absent".into(), &false.into()));
    let refused = ground.run(&["--json", "unlock"]);
    assert_eq!(json(&refused)["code"], "absent");
    assert_eq!(refused.status.code(), Some(1));
    let unusable = ground.run(&["--json", "register", "x", "--p12", "/no/such/file"]);
    assert_eq!(json(&unusable)["code"], "unusable");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Ground::new().run(&["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("mail-password"), "{shell}");
    }
}

#[test]
fn the_interface_is_described() {
    let description = json(&Ground::new().run(&["openapi"]));

    let routes: Vec<String> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    insta::assert_snapshot!(routes.join("\n"), @r#"
    GET /api/attachments/{id}
    GET /api/calendar
    POST /api/calendar
    GET /api/calendar/folders
    GET /api/calendar/search
    DELETE /api/calendar/{id}
    GET /api/calendar/{id}
    PATCH /api/calendar/{id}
    POST /api/calendar/{id}/answer
    GET /api/certificates
    POST /api/certificates
    DELETE /api/certificates/{id}
    GET /api/certificates/{id}
    GET /api/contacts
    POST /api/contacts
    GET /api/contacts/folders
    DELETE /api/contacts/{id}
    GET /api/contacts/{id}
    PATCH /api/contacts/{id}
    GET /api/contacts/{id}/photo
    GET /api/directory
    POST /api/directory/availability
    POST /api/directory/certificates
    POST /api/directory/check
    POST /api/door/redeem
    GET /api/drafts
    POST /api/drafts
    DELETE /api/drafts/{id}
    GET /api/drafts/{id}
    PUT /api/drafts/{id}
    POST /api/drafts/{id}/files
    DELETE /api/drafts/{id}/files/{file}
    POST /api/drafts/{id}/send
    POST /api/entries/{id}/conflict
    GET /api/events
    GET /api/folders
    POST /api/folders
    DELETE /api/folders/{id}
    POST /api/folders/{id}/empty
    GET /api/folders/{id}/messages
    POST /api/folders/{id}/move
    POST /api/folders/{id}/rename
    GET /api/imports
    POST /api/imports
    POST /api/lock
    POST /api/mail-password
    DELETE /api/messages/{id}
    GET /api/messages/{id}
    POST /api/messages/{id}/answer
    POST /api/messages/{id}/categories
    GET /api/messages/{id}/conversation
    POST /api/messages/{id}/flag
    POST /api/messages/{id}/frame
    POST /api/messages/{id}/move
    POST /api/messages/{id}/read
    POST /api/messages/{id}/respond
    GET /api/notes
    POST /api/notes
    GET /api/notes/folders
    DELETE /api/notes/{id}
    GET /api/notes/{id}
    PATCH /api/notes/{id}
    GET /api/out-of-office
    POST /api/out-of-office
    GET /api/outbox
    POST /api/outbox
    DELETE /api/outbox/{id}
    POST /api/password
    POST /api/register
    POST /api/renew
    POST /api/restore
    POST /api/search
    POST /api/search/server
    DELETE /api/sign-in
    POST /api/sign-in
    GET /api/state
    POST /api/sync
    GET /api/tasks
    POST /api/tasks
    GET /api/tasks/folders
    DELETE /api/tasks/{id}
    GET /api/tasks/{id}
    PATCH /api/tasks/{id}
    POST /api/touch
    POST /api/unlock
    "#);
}

#[test]
fn a_running_app_is_reached_by_commands_and_by_the_browser() {
    let ground = Ground::new();
    let app = Running::start(&ground);

    let state = json(&ground.run(&["--json", "status"]));
    assert_eq!((&state["container"], &state["running"]), (&"absent".into(), &true.into()));
    let (port, ticket) = app.page();
    let redeemed = post(port, "/api/door/redeem", "", &format!(r#"{{"ticket":"{ticket}"}}"#));
    assert!(redeemed.starts_with("HTTP/1.1 200 OK"), "{redeemed}");
    assert!(!app.file.exists(), "the file that led to the page is still there");
    let (_, body) = redeemed.split_once("\r\n\r\n").unwrap();
    let token = serde_json::from_str::<Value>(body).unwrap()["token"].as_str().unwrap().to_owned();
    assert!(post(port, "/api/lock", &token, "{}").starts_with("HTTP/1.1 200 OK"));
    assert!(post(port, "/api/lock", "", "{}").starts_with("HTTP/1.1 401 "));
}

#[test]
fn a_second_start_opens_the_page_of_the_first() {
    let ground = Ground::new();
    let app = Running::start(&ground);

    let second = ground.run(&["--no-browser", "--json"]);

    assert!(second.status.success());
    let file = PathBuf::from(json(&second)["page"].as_str().unwrap());
    assert_ne!(file, app.file);
    let (port, ticket) = port_and_ticket(&file);
    let redeemed = post(port, "/api/door/redeem", "", &format!(r#"{{"ticket":"{ticket}"}}"#));
    assert!(redeemed.starts_with("HTTP/1.1 200 OK"), "{redeemed}");
    // The ticket before it is void, so its file is gone.
    assert!(!app.file.exists());
}

#[test]
fn a_stopped_app_leaves_no_socket_and_no_ticket() {
    let ground = Ground::new();
    let mut app = Running::start(&ground);
    let socket = ground.data().join("run/socket");
    assert!(socket.exists());

    let id = rustix::process::Pid::from_child(&app.process);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();

    assert!(app.process.wait().unwrap().success());
    assert!(!socket.exists());
    assert!(!app.file.exists());
}

#[test]
fn a_socket_that_a_killed_app_left_is_no_obstacle() {
    let ground = Ground::new();
    let mut app = Running::start(&ground);
    app.process.kill().unwrap();
    app.process.wait().unwrap();
    assert!(ground.data().join("run/socket").exists());

    assert_eq!(json(&ground.run(&["--json", "status"]))["running"], false);
    let _second = Running::start(&ground);
    assert_eq!(json(&ground.run(&["--json", "status"]))["running"], true);
}

#[test]
fn five_wrong_tickets_end_the_app() {
    let ground = Ground::new();
    let mut app = Running::start(&ground);
    let (port, _) = app.page();

    for _ in 0..5 {
        assert!(
            post(port, "/api/door/redeem", "", r#"{"ticket":"guess"}"#)
                .starts_with("HTTP/1.1 401 ")
        );
    }

    assert_eq!(app.process.wait().unwrap().code(), Some(1));
}

#[test]
fn the_memory_of_the_app_is_its_own() {
    let ground = Ground::new();
    let app = Running::start(&ground);
    let process = PathBuf::from(format!("/proc/{}", app.process.id()));

    let limits = std::fs::read_to_string(process.join("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // A process that may not be dumped belongs to root in /proc, whoever runs it.
    let owner =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(process.join("environ")).unwrap());
    assert_eq!(owner, 0);
}

#[test]
fn what_belongs_to_the_user_alone_is_closed_to_others() {
    let ground = Ground::new();
    let app = Running::start(&ground);
    let mode = |path: &Path| {
        std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(path).unwrap()) & 0o777
    };

    assert_eq!(mode(&ground.data().join("container")), 0o700);
    assert_eq!(mode(&ground.data().join("run")), 0o700);
    assert_eq!(mode(&ground.data().join("run/socket")), 0o600);
    assert_eq!(mode(&app.file), 0o600);
    assert_eq!(mode(app.file.parent().unwrap()), 0o700);
}

struct Ground(tempfile::TempDir);

impl Ground {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon-pim"));
        command
            .args(arguments)
            .env_clear()
            .env("CORDON_PIM_DATA", self.data())
            .env("CORDON_PIM_KEY_FILES", self.path("keys"))
            .env("XDG_RUNTIME_DIR", self.0.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        if arguments.contains(&"--key-files") {
            command.env_remove("CORDON_PIM_KEY_FILES");
        }
        command.output().unwrap()
    }
}

/// An app with its page, which ends with this value.
struct Running {
    process: Child,
    file: PathBuf,
}

impl Running {
    fn start(ground: &Ground) -> Self {
        let mut process =
            ground.command(&["--no-browser", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        Self { process, file: PathBuf::from(answer["page"].as_str().unwrap()) }
    }

    fn page(&self) -> (u16, String) {
        port_and_ticket(&self.file)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn port_and_ticket(file: &Path) -> (u16, String) {
    let page = std::fs::read_to_string(file).unwrap();
    let (_, rest) = page.split_once("url=http://127.0.0.1:").unwrap();
    let (port, rest) = rest.split_once("/#ticket=").unwrap();
    (port.parse().unwrap(), rest.split('"').next().unwrap().to_owned())
}

fn post(port: u16, path: &str, token: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cordon-pim"))
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

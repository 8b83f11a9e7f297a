//! People with keys and certificates in a folder, and the programs that are run there.

use serde_json::Value;
use std::process::{Command, Output};
use tempfile::TempDir;

pub(crate) const MAIL: &str = "From: alice@example.com\r\nTo: bob@example.com\r\nSubject: Lunch\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nAt noon.\r\n";

/// What of the mail is protected.
pub(crate) const ENTITY: &str = "Content-Type: text/plain\r\n\r\nAt noon.\r\n";

pub(crate) const HEADERS: &str = "-from alice@example.com -to bob@example.com -subject Lunch";

/// A folder with a root, and Alice, Bob, Carl (on an elliptic curve) and Eve below it.
pub(crate) struct Folder(pub(crate) TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write("mail.eml", MAIL);
        folder.write("text", ENTITY);
        folder.write("password", "secret\n");
        let root = "req -x509 -newkey rsa:2048 -nodes -subj /CN=Root -days 30";
        folder.openssl(&format!("{root} -keyout root.key -out root.pem"));
        folder.openssl(&format!("{root} -keyout other.key -out other.pem"));
        for (name, key) in [
            ("alice", "rsa:2048"),
            ("bob", "rsa:2048"),
            ("carl", "ec -pkeyopt ec_paramgen_curve:P-256"),
            ("dora", "ec -pkeyopt ec_paramgen_curve:P-384"),
            ("fred", "ec -pkeyopt ec_paramgen_curve:P-521"),
            ("gina", "ed25519"),
            ("eve", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ] {
            folder.write(
                "extensions",
                format!(
                    "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment,keyAgreement\n\
                     extendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\nsubjectAltName=email:{name}@example.com\n"
                ),
            );
            folder.openssl(&format!(
                "req -new -newkey {key} -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
            ));
            folder.openssl(&format!(
                "x509 -req -in {name}.csr -CA root.pem -CAkey root.key -CAcreateserial -days 20 -extfile extensions -out {name}.pem"
            ));
            folder.openssl(&format!(
                "pkcs12 -export -in {name}.pem -inkey {name}.key \
                 -passout pass:secret -out {name}.p12"
            ));
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.0.path().join(name)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn command(&self, program: &str, arguments: &str) -> Output {
        Command::new(program)
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .env_remove("CORDON_CONFIG")
            .env("CORDON_KEY_PASSWORD", "secret")
            .env("GNUPGHOME", self.0.path().join("gnupg"))
            .env("SOFTHSM2_CONF", self.0.path().join("softhsm2.conf"))
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"))
    }

    pub(crate) fn openssl(&self, arguments: &str) -> String {
        self.done("openssl", arguments)
    }

    /// Runs a command that must succeed, and gives what it writes to standard output.
    #[track_caller]
    pub(crate) fn done(&self, program: &str, arguments: &str) -> String {
        let output = self.command(program, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub(crate) fn smime(&self, arguments: &str) -> String {
        self.done(env!("CARGO_BIN_EXE_cordon"), &format!("smime {arguments}"))
    }

    #[track_caller]
    pub(crate) fn refused(&self, arguments: &str, status: i32) -> Output {
        let output = self.command(env!("CARGO_BIN_EXE_cordon"), &format!("smime {arguments}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
        output
    }
}

pub(crate) fn report(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

pub(crate) fn enclosed(kind: &str, message: &str) -> String {
    format!(
        "From: alice@example.com\r\nContent-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{message}"
    )
}

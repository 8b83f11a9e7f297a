//! The command line of `cordon smime`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Needs no data folder and no configuration. Exit code 0: good; 1: not trusted, or not for this key; 2: unusable input.
#[derive(Debug, Subcommand)]
pub(crate) enum Smime {
    /// Decrypt a mail, check its signatures, and write its content to standard output
    Open(SmimeOpen),
    /// Encrypt a mail, and sign it first if a key is given
    Seal(SmimeSeal),
    /// Sign a mail
    Sign(SmimeSign),
    /// Check the signatures of a mail, and write what was signed to standard output
    Verify(SmimeVerify),
}

#[derive(Args, Debug)]
pub(crate) struct SmimeOpen {
    /// The mail, or a .p7m file [default: standard input]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: KeyFile,
    #[command(flatten)]
    pub(crate) trusted: Trusted,
    /// Put the content in this file once all is checked; a mail that is encrypted may then be larger than memory
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct SmimeVerify {
    /// The mail [default: standard input]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trusted: Trusted,
}

#[derive(Args, Debug)]
pub(crate) struct SmimeSign {
    /// The mail [default: standard input]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: KeyFile,
    /// Put the text inside of the signature: no mail server can damage it, and only programs with S/MIME show it
    #[arg(long)]
    pub(crate) opaque: bool,
    /// Sign with RSA-PSS, which old programs do not read
    #[arg(long)]
    pub(crate) pss: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SmimeSeal {
    /// The mail [default: standard input]
    pub(crate) file: Option<PathBuf>,
    /// A recipient's certificate, PEM or DER, or a signed mail of theirs, which also says what their program reads; may be repeated
    #[arg(long, required = true, value_name = "FILE")]
    pub(crate) to: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) key: MaybeKeyFile,
    #[command(flatten)]
    pub(crate) trusted: Trusted,
    /// Encrypt so, whatever the recipients say [default: AES-256-GCM if all of them say that they read it, else AES-256-CBC]
    #[arg(long)]
    pub(crate) cipher: Option<Cipher>,
    /// Allow 3DES for recipients who say that they read nothing better
    #[arg(long)]
    pub(crate) allow_3des: bool,
}

#[derive(Args, Debug)]
pub(crate) struct KeyFile {
    /// The key with its certificate: PKCS#12, or a token or smart card as in pkcs11:token=LABEL?module-path=FILE.so
    #[arg(long, value_name = "FILE.p12|URI")]
    pub(crate) key: PathBuf,
    /// Its password or PIN: the first line of FILE, or of standard input if FILE is "-" [default: CORDON_KEY_PASSWORD, or ask]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct MaybeKeyFile {
    /// Sign first, with the key of this PKCS#12 file, or of a token as in pkcs11:token=LABEL?module-path=FILE.so
    #[arg(long, value_name = "FILE.p12|URI")]
    pub(crate) key: Option<PathBuf>,
    /// Its password or PIN: the first line of FILE, or of standard input if FILE is "-" [default: CORDON_KEY_PASSWORD, or ask]
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Trusted {
    /// Certificates of authorities that are trusted, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,
    /// Further certificates, of authorities in between or of people; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) untrusted: Vec<PathBuf>,
    /// Revocation lists, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,
    /// OCSP answers, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) ocsp: Vec<PathBuf>,
    /// Trust nobody of whom it is not known that their certificate was not revoked
    #[arg(long)]
    pub(crate) require_revocation: bool,
    /// Let signatures made with SHA-1 count, on mails and certificates; such ones can be forged
    #[arg(long)]
    pub(crate) allow_sha1: bool,
    /// Judge certificates at this time [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) at: Option<String>,
}

/// A cipher that mail is written with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Cipher {
    #[value(name = "aes-128-cbc")]
    Aes128Cbc,
    #[value(name = "aes-128-gcm")]
    Aes128Gcm,
    #[value(name = "aes-192-cbc")]
    Aes192Cbc,
    #[value(name = "aes-192-gcm")]
    Aes192Gcm,
    #[value(name = "aes-256-cbc")]
    Aes256Cbc,
    #[value(name = "aes-256-gcm")]
    Aes256Gcm,
    #[value(name = "3des")]
    TripleDes,
}

impl From<Cipher> for pki::cms::ContentCipher {
    fn from(cipher: Cipher) -> Self {
        match cipher {
            Cipher::Aes128Cbc => Self::Aes128Cbc,
            Cipher::Aes128Gcm => Self::Aes128Gcm,
            Cipher::Aes192Cbc => Self::Aes192Cbc,
            Cipher::Aes192Gcm => Self::Aes192Gcm,
            Cipher::Aes256Cbc => Self::Aes256Cbc,
            Cipher::Aes256Gcm => Self::Aes256Gcm,
            Cipher::TripleDes => Self::TripleDesCbc,
        }
    }
}

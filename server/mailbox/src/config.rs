use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;

/// Where the mailbox is, and how it is read.
#[derive(Clone, Debug)]
pub struct MailboxConfig {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    pub(crate) user: String,
    pub(crate) password: SecretString,
    /// The folder that is looked at.
    pub folder: String,
    /// The pause between two looks.
    pub every: Duration,
    /// The name of the company's own mail server in `Authentication-Results` (RFC 8601, section 2.5), if only mails count to which it
    /// has added that DMARC passed.
    pub authentication_results: Option<String>,
}

/// Why an address of a mailbox's server is not understood.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "give the server as imaps://HOST[:PORT], or as imap://HOST[:PORT] if it is on this machine"
)]
pub struct ConfigError;

impl MailboxConfig {
    /// Reads `imaps://HOST[:PORT]` or `imap://HOST[:PORT]`. TLS leads to one of `anchors`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if it is something else.
    pub fn parse(
        server: &str,
        anchors: RootCertStore,
        user: String,
        password: SecretString,
    ) -> Result<Self, ConfigError> {
        let (is_plain, rest) = match server.split_once("://") {
            Some(("imaps", rest)) => (false, rest),
            Some(("imap", rest)) => (true, rest),
            _ => return Err(ConfigError),
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| ConfigError)?)
            }
            _ => (rest, if is_plain { 143 } else { 993 }),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || host.contains(['/', '@', '?', '#']) {
            return Err(ConfigError);
        }
        let tls = if is_plain {
            None
        } else {
            let name = ServerName::try_from(host.clone()).map_err(|_| ConfigError)?;
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let tls = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("the provider supports the default versions of TLS")
                .with_root_certificates(anchors)
                .with_no_client_auth();
            Some((Arc::new(tls), name))
        };

        Ok(Self {
            host,
            port,
            tls,
            user,
            password,
            folder: "INBOX".to_owned(),
            every: Duration::from_secs(60),
            authentication_results: None,
        })
    }

    /// Returns name and port of the server.
    pub(crate) fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read() {
        let read = |text: &str| {
            let config =
                MailboxConfig::parse(text, RootCertStore::empty(), "a".into(), "b".into()).ok()?;
            Some((config.host, config.port, config.tls.is_some()))
        };
        let found = |host: &str, port, tls| Some((host.to_owned(), port, tls));

        assert_eq!(read("imaps://mail.example.org"), found("mail.example.org", 993, true));
        assert_eq!(read("imaps://mail.example.org:9993/"), found("mail.example.org", 9993, true));
        assert_eq!(read("imaps://[::1]:993"), found("::1", 993, true));
        assert_eq!(read("imap://localhost"), found("localhost", 143, false));
        for wrong in ["mail.example.org", "https://mail", "imaps://", "imaps://a:b", "imaps://u@h"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

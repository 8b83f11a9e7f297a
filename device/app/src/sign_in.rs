//! Sign-in to the mail server with tokens of an identity provider (OAuth 2.0 for native apps: RFC 8252, with RFC 7636 and RFC 9700).
//!
//! ```text
//!   begin ──► browser ──► provider ──► loopback ──► code ──► refresh token, in the container
//!                                                             │ when needed
//!                                            requests ◄── access token, in memory
//! ```
//!
//! `docs/app.md` says what the parts guard against.

mod attempt;
pub(crate) mod challenge;
mod form;
mod grant;
mod loopback;
mod provider;

use crate::SignInError;
use crate::app::Clock;
use crate::http::{Client, HttpError, Request, Response, Trust};
use crate::lifecycle::Device;
use crate::record::MAIL_TOKEN;
use crate::session::with;
use attempt::{Attempt, RANDOM, Wanted};
use grant::Grant;
use http::HeaderValue;
use http::StatusCode;
use http::header::AUTHORIZATION;
use loopback::Loopback;
use policy::OauthSettings;
use provider::{Provider, ProviderError, Tokens as Fresh, issuers_of};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::timeout;
use vault::Open;
use zeroize::Zeroizing;

/// How long the person has for the browser.
const BROWSER: Duration = Duration::from_secs(10 * 60);
/// A token is renewed so long before it ends.
const AHEAD: time::Duration = time::Duration::minutes(1);
/// What a token lives whose provider does not say.
const USUAL_LIFE: time::Duration = time::Duration::minutes(5);
/// How long a token may say it lives.
const LONGEST_LIFE: i64 = 24 * 3600;
/// What is asked of a provider that the settings say nothing about.
const USUAL_SCOPES: &str = "openid offline_access";

/// The tokens of an open container. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Open,
    device: Arc<Device>,
    clock: Clock,
    /// Also makes sure that a refresh token, which may be good for one use, is used by one at a time.
    held: Mutex<Held>,
}

/// What is in memory only.
#[derive(Debug, Default)]
struct Held {
    access: Option<Access>,
    provider: Option<Provider>,
    /// What the mail server wants proved before it takes a token again.
    claims: Option<String>,
}

#[derive(Clone, Debug)]
struct Access {
    token: SecretString,
    until: OffsetDateTime,
}

/// A sign-in that waits for the browser.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Where the browser has to go.
    pub(crate) address: String,
    attempt: Attempt,
    loopback: Loopback,
    provider: Provider,
    oauth: OauthSettings,
}

/// Why a request with a token got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The mail server gave none.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// There is no token, and none without the person: nothing was sent.
    #[error("the person has to sign in")]
    NoToken,
    /// The provider cannot be asked for a token now: nothing was sent.
    #[error("{0}")]
    Provider(String),
}

/// Why a sign-in that was begun came to nothing, as a stable code.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub(crate) struct Failed {
    pub(crate) code: &'static str,
    detail: String,
}

impl Tokens {
    pub(crate) fn new(open: Open, device: Arc<Device>, clock: Clock) -> Self {
        Self(Arc::new(Inner { open, device, clock, held: Mutex::default() }))
    }

    /// Sends a request with a token; once more with another one, if the server refuses it.
    pub(crate) async fn send(
        &self,
        client: &Client,
        mut request: Request,
    ) -> Result<Response, NoAnswer> {
        let token = self.access().await?;
        carry(&mut request, &token)?;
        let answer = client.send(request.clone()).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let claims = challenge::bearer(&answer.headers).and_then(|said| said.wanted_claims());
        let other = match self.refused(&token, claims).await {
            Ok(other) => other,
            Err(NoAnswer::NoToken) => return Ok(answer),
            Err(no_answer) => return Err(no_answer),
        };
        carry(&mut request, &other)?;

        Ok(client.send(request).await?)
    }

    /// A token that is good for some time yet.
    async fn access(&self) -> Result<SecretString, NoAnswer> {
        let mut held = self.0.held.lock().await;
        let soon = (self.0.clock)() + AHEAD;
        if let Some(access) = held.access.as_ref().filter(|access| access.until > soon) {
            return Ok(access.token.clone());
        }

        self.refresh(&mut held).await
    }

    /// A token in place of one that the server has refused.
    async fn refused(
        &self,
        refused: &SecretString,
        claims: Option<String>,
    ) -> Result<SecretString, NoAnswer> {
        let mut held = self.0.held.lock().await;
        if claims.is_some() {
            // A new token of the same sign-in would prove no more.
            held.access = None;
            held.claims = claims;
            return Err(NoAnswer::NoToken);
        }
        match &held.access {
            Some(access) if access.token.expose_secret() != refused.expose_secret() => {
                Ok(access.token.clone())
            }
            Some(_) | None => self.refresh(&mut held).await,
        }
    }

    async fn refresh(&self, held: &mut Held) -> Result<SecretString, NoAnswer> {
        held.access = None;
        let oauth = self.oauth();
        let grant = self.grant().await.ok_or(NoAnswer::NoToken)?;
        if held.claims.is_some() || !grant.is_for(&oauth) {
            return Err(NoAnswer::NoToken);
        }
        let trust = self.trust().map_err(|failed| NoAnswer::Provider(failed.to_string()))?;
        let fresh = self.refreshed(held, &grant, &trust).await;
        match fresh {
            Ok(fresh) => {
                let refresh_token =
                    fresh.refresh_token.clone().unwrap_or(grant.refresh_token.clone());
                // Before it is used: a provider that gives another one each time takes the old one back.
                self.keep(&Grant { refresh_token, ..grant })
                    .await
                    .map_err(|failed| NoAnswer::Provider(failed.to_string()))?;
                Ok(self.hold(held, &fresh))
            }
            Err(ProviderError::Refused { code, detail }) if is_over(&code) => {
                tracing::info!(code, detail, "The sign-in is over");
                self.forget_grant().await;
                Err(NoAnswer::NoToken)
            }
            Err(error) => Err(NoAnswer::Provider(error.to_string())),
        }
    }

    async fn refreshed(
        &self,
        held: &mut Held,
        grant: &Grant,
        trust: &Trust,
    ) -> Result<Fresh, ProviderError> {
        let provider = match held.provider.take().filter(|known| known.issuer == grant.issuer) {
            Some(known) => known,
            None => Provider::discover(&grant.issuer, trust).await?,
        };
        let parameters = [
            ("grant_type", "refresh_token"),
            ("refresh_token", grant.refresh_token.expose_secret()),
            ("client_id", &grant.client_id),
        ];
        let fresh = provider.tokens(&parameters, trust).await;
        held.provider = Some(provider);

        fresh
    }

    /// Prepares a sign-in in the browser.
    pub(crate) async fn begin(&self) -> Result<Begun, SignInError> {
        let oauth = self.oauth();
        let trust = self.trust()?;
        let provider = self.find_provider(&oauth, &trust).await?;
        let loopback = Loopback::open()
            .await
            .map_err(|error| SignInError::Failed { reason: error.to_string() })?;
        let mut random = Zeroizing::new([0; RANDOM]);
        getrandom::fill(&mut *random)
            .map_err(|error| SignInError::Failed { reason: error.to_string() })?;
        let attempt = Attempt::new(&random, loopback.address());
        let claims = self.0.held.lock().await.claims.clone();
        let mail_address = self.0.device.settings.borrow().settings.mail.address.clone();
        let wanted = Wanted {
            client_id: &oauth.client_id,
            scopes: scopes(&oauth),
            address: &mail_address,
            claims: claims.as_deref(),
        };
        let address = attempt.address(&provider, &wanted);

        Ok(Begun { address, attempt, loopback, provider, oauth })
    }

    /// Waits for the browser and turns what it brings into tokens.
    pub(crate) async fn finish(&self, begun: Begun) -> Result<(), Failed> {
        let Begun { attempt, loopback, provider, oauth, .. } = begun;
        let returned = timeout(BROWSER, loopback.wait(&attempt.state))
            .await
            .map_err(|_| Failed::new("sign_in_timeout", "nobody came back from the browser"))?
            .map_err(|error| Failed::new("sign_in_failed", error))?;
        let code = Zeroizing::new(
            attempt
                .code(&provider, returned)
                .map_err(|error| Failed::new("sign_in_refused", error))?,
        );
        let trust = self.trust().map_err(|error| Failed::new("sign_in_failed", error))?;
        let parameters = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", &attempt.redirect),
            ("client_id", &oauth.client_id),
            ("code_verifier", &*attempt.verifier),
        ];
        let fresh = provider.tokens(&parameters, &trust).await?;
        self.check_id(&attempt, &fresh, &provider, &oauth)?;
        let mut held = self.0.held.lock().await;
        match &fresh.refresh_token {
            Some(refresh_token) => {
                let grant = Grant {
                    issuer: provider.issuer.clone(),
                    client_id: oauth.client_id.clone(),
                    refresh_token: refresh_token.clone(),
                };
                self.keep(&grant).await?;
            }
            None => {
                tracing::warn!(
                    "The identity provider gave no refresh token; is offline_access among the scopes?"
                );
                self.forget_grant().await;
            }
        }
        self.hold(&mut held, &fresh);
        held.provider = Some(provider);
        held.claims = None;

        Ok(())
    }

    /// Forgets the tokens and asks the provider to take them back.
    pub(crate) async fn sign_out(&self) -> Result<(), vault::AccessError> {
        let mut held = self.0.held.lock().await;
        let (known, grant) = (held.provider.take(), self.grant().await);
        *held = Held::default();
        with(&self.0.open, |open| open.documents().remove(MAIL_TOKEN)).await?;
        drop(held);
        let (Some(grant), Ok(trust)) = (grant, self.trust()) else { return Ok(()) };
        let provider = match known.filter(|known| known.issuer == grant.issuer) {
            Some(known) => Ok(known),
            None => Provider::discover(&grant.issuer, &trust).await,
        };
        let parameters = [
            ("token", grant.refresh_token.expose_secret()),
            ("token_type_hint", "refresh_token"),
            ("client_id", grant.client_id.as_str()),
        ];
        let revoked = match provider {
            Ok(provider) => provider.revoke(&parameters, &trust).await,
            Err(_) => false,
        };
        if !revoked {
            tracing::warn!(
                "The identity provider did not take the tokens back; they are forgotten here"
            );
        }

        Ok(())
    }

    fn check_id(
        &self,
        attempt: &Attempt,
        fresh: &Fresh,
        provider: &Provider,
        oauth: &OauthSettings,
    ) -> Result<(), Failed> {
        let now = (self.0.clock)();
        let is_ours = match &fresh.id_token {
            Some(token) => attempt.accepts(token, &provider.issuer, &oauth.client_id, now),
            None => true,
        };
        if !is_ours {
            return Err(Failed::new("sign_in_refused", "the id token is about another sign-in"));
        }

        Ok(())
    }

    /// The provider of the settings, or the one that the mail server names.
    async fn find_provider(
        &self,
        oauth: &OauthSettings,
        trust: &Trust,
    ) -> Result<Provider, SignInError> {
        if !oauth.issuer.is_empty() {
            return Ok(Provider::discover(&oauth.issuer, trust).await?);
        }
        let unfit = |reason: &str| SignInError::Provider { reason: reason.to_owned() };
        let client = &self.0.device.client;
        let answer = client.send(crate::session::empty_bearer()).await;
        let answer = answer
            .map_err(|error| SignInError::Unreachable { reason: crate::enrol::chain(&error) })?;
        let authority = challenge::bearer(&answer.headers)
            .and_then(|said| said.authorization_uri().map(str::to_owned))
            .ok_or_else(|| {
                unfit("neither the settings nor the mail server name an identity provider")
            })?;
        let mut last = unfit("the mail server names no usable identity provider");
        for issuer in issuers_of(&authority) {
            match Provider::discover(&issuer, trust).await {
                Ok(provider) => return Ok(provider),
                Err(error) => last = error.into(),
            }
        }

        Err(last)
    }

    fn oauth(&self) -> OauthSettings {
        self.0.device.settings.borrow().settings.mail.oauth.clone()
    }

    /// Whom the app believes to be the provider: as of its own server.
    fn trust(&self) -> Result<Trust, SignInError> {
        let authority = self.0.device.record.authority();

        authority
            .map(Trust::Authority)
            .map_err(|error| SignInError::Failed { reason: error.to_string() })
    }

    fn hold(&self, held: &mut Held, fresh: &Fresh) -> SecretString {
        let life = fresh
            .expires_in
            .map_or(USUAL_LIFE, |seconds| time::Duration::seconds(seconds.clamp(0, LONGEST_LIFE)));
        let token = fresh.access_token.clone();
        held.access = Some(Access { token: token.clone(), until: (self.0.clock)() + life });

        token
    }

    async fn grant(&self) -> Option<Grant> {
        let stored = with(&self.0.open, |open| open.documents().read(MAIL_TOKEN)).await;

        stored.ok().flatten().and_then(|bytes| Grant::from_bytes(&bytes))
    }

    async fn keep(&self, grant: &Grant) -> Result<(), Failed> {
        let bytes = grant.to_bytes();

        with(&self.0.open, move |open| open.documents().write(MAIL_TOKEN, &bytes))
            .await
            .map_err(|error| Failed::new("sign_in_failed", error))
    }

    async fn forget_grant(&self) {
        if let Err(error) = with(&self.0.open, |open| open.documents().remove(MAIL_TOKEN)).await {
            tracing::warn!(%error, "Could not forget a token");
        }
    }
}

impl Failed {
    fn new(code: &'static str, detail: impl ToString) -> Self {
        Self { code, detail: detail.to_string() }
    }
}

impl From<ProviderError> for Failed {
    fn from(error: ProviderError) -> Self {
        let code = match &error {
            ProviderError::Refused { .. } => "sign_in_refused",
            ProviderError::Unfit(_) => "sign_in_failed",
            ProviderError::Unreachable(_) => "sign_in_unreachable",
        };

        Self::new(code, error)
    }
}

impl From<ProviderError> for SignInError {
    fn from(error: ProviderError) -> Self {
        let reason = error.to_string();
        match error {
            ProviderError::Refused { .. } | ProviderError::Unfit(_) => Self::Provider { reason },
            ProviderError::Unreachable(_) => Self::Unreachable { reason },
        }
    }
}

fn scopes(oauth: &OauthSettings) -> &str {
    if oauth.scopes.trim().is_empty() { USUAL_SCOPES } else { oauth.scopes.trim() }
}

/// Tells whether only the person can do something about a refusal of a refresh token (RFC 6749, 5.2; OpenID Connect Core 1.0, 3.1.2.6).
fn is_over(code: &str) -> bool {
    matches!(
        code,
        "consent_required"
            | "interaction_required"
            | "invalid_client"
            | "invalid_grant"
            | "invalid_scope"
            | "login_required"
            | "unauthorized_client"
    )
}

fn carry(request: &mut Request, token: &SecretString) -> Result<(), NoAnswer> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| NoAnswer::Provider("the token fits into no request".to_owned()))?;
    value.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, value);

    Ok(())
}

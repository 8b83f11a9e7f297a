//! Putting a deleted key back, so that the data can be read again (P8).
//!
//! The server's word comes first. The certificate file opens the container in memory, which tells who the device is;
//! the server says where that device stands; only then does the key go back to the disk. A device that the server has
//! taken out of service registers anew, and the container takes over the new registration before it takes the key: a
//! crash in between leaves a device that is in service, whose key the next try puts back without another invitation.

use crate::app::{Certificate, NewOpening, Registration, Restoration};
use crate::enrol::{self, storage};
use crate::error::{CardError, RegisterError, RestoreError};
use crate::lifecycle::{ASK, Device, Life};
use crate::person::{Person, check_opening};
use crate::portal::{PortalError, ToldStanding, Wipe};
use crate::record::{self, DEVICE, RecordError, SETTINGS, STANDING};
use crate::registration::Link;
use crate::view::{Standing, Topic};
use policy::{GroupSettings, OpenedBy, PasswordRules};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use vault::{Cost, Open, Presence};

/// An open container that is locked again unless it is [kept](Self::keep).
struct Reopened(Option<Open>);

impl Reopened {
    fn keep(mut self) -> Option<Open> {
        self.0.take()
    }
}

impl Drop for Reopened {
    fn drop(&mut self) {
        if let Some(open) = self.0.take() {
            open.lock();
        }
    }
}

impl Life {
    /// Puts a deleted key back and opens the container, unless IT says no.
    pub(crate) async fn restore(self: &Arc<Self>, given: Restoration) -> Result<(), RestoreError> {
        let mut running = self.running.lock().await;
        let presence = self.container.presence().map_err(|fault| storage(&fault))?;
        if presence != Presence::KeyWiped {
            return Err(RestoreError::NotWiped);
        }
        let weakest = GroupSettings::sensible("").container.password;
        check_opening(given.opening.as_ref(), &weakest).map_err(RegisterError::from)?;
        let person = Arc::new(Person::open(&self.cards, &given.certificate).await?);
        let open = self.reopen(&person).await?;
        let reopened = Reopened(Some(open.clone()));
        let mut device = self.device(&open).map_err(unusable)?;
        let sequence = match self.ask(&device).await? {
            Answer::InService { sequence } => Some(sequence),
            Answer::OutOfService => {
                self.register_anew(&open, &device, &given).await?;
                device = self.device(&open).map_err(unusable)?;
                None
            }
        };

        let settings = device.settings.borrow().settings.container.clone();
        let policy = open.mail().password_rules().map_err(|error| storage(&error))?;
        let rules = settings.password.and(&policy);
        if let Certificate::File(file) = &given.certificate {
            let planned = self.deletions.plan(file, person.certificate());
            planned.map_err(|error| storage(&error))?;
        }
        self.put_back(&open, &person, given.opening, settings.opened_by, rules).await?;
        open.limit_wrong_passwords(settings.wrong_passwords).map_err(|error| storage(&error))?;
        let device = Arc::new(device);
        let checked = device.trust.check_own().await;
        checked.map_err(|error| RestoreError::Locked(Box::new(error)))?;
        let Some(open) = reopened.keep() else { return Err(RestoreError::NotWiped) };
        let card = Arc::into_inner(person).and_then(Person::into_card);
        *running = Some(self.start(open, device, sequence, card));
        self.show_opening();
        self.board.update(|facts| {
            facts.standing = Standing::Active;
            facts.block_reason = None;
        });
        self.board.changed(Topic::Folders);

        Ok(())
    }

    async fn reopen(self: &Arc<Self>, person: &Arc<Person>) -> Result<Open, RestoreError> {
        let (life, person) = (Arc::clone(self), Arc::clone(person));
        let reopened = spawn_blocking(move || life.container.reopen(person.user())).await;

        Ok(reopened.map_err(|panic| storage(&panic))??)
    }

    async fn put_back(
        self: &Arc<Self>,
        open: &Open,
        person: &Arc<Person>,
        opening: Option<NewOpening>,
        opened_by: OpenedBy,
        rules: PasswordRules,
    ) -> Result<(), RestoreError> {
        let (life, open, person) = (Arc::clone(self), open.clone(), Arc::clone(person));
        let restored = spawn_blocking(move || {
            let cost = Cost::STANDARD;
            let closing = person.close(&life.cards, opened_by, opening.as_ref(), &rules)?;
            life.container.restore_identity(&open, &closing.new_identity(cost))?;
            closing.note(&open, cost, life.now());

            Ok::<_, RestoreError>(())
        });

        restored.await.map_err(|panic| storage(&panic))?
    }

    /// Asks the server where the device stands. Without its word nothing is opened.
    async fn ask(&self, device: &Device) -> Result<Answer, RestoreError> {
        let unreachable =
            |reason: String| RestoreError::Register(RegisterError::Unreachable { reason });
        let status = match timeout(ASK, device.portal.status(None, Duration::ZERO)).await {
            Ok(Ok(status)) => status,
            Ok(Err(PortalError::Unknown { .. })) => return Ok(Answer::OutOfService),
            Ok(Err(
                error @ (PortalError::Http(_)
                | PortalError::Refused { .. }
                | PortalError::Unreadable { .. }),
            )) => {
                return Err(unreachable(enrol::chain(&error)));
            }
            Err(_) => return Err(unreachable("no answer came in time".to_owned())),
        };
        match status.standing {
            ToldStanding::Active => Ok(Answer::InService { sequence: status.sequence }),
            ToldStanding::Blocked => Err(RestoreError::Blocked { reason: status.reason }),
            ToldStanding::Retired => Ok(Answer::OutOfService),
            ToldStanding::Wiped => match status.wipe.unwrap_or(Wipe::Data) {
                Wipe::Data => {
                    self.wipe(device, Wipe::Data).await;
                    Err(RestoreError::Wiped)
                }
                Wipe::Key => {
                    // The first confirmation may have been lost; a second one does no harm.
                    if let Err(error) = device.portal.wiped(Wipe::Key).await {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "Could not confirm the wipe of the key");
                    }
                    Ok(Answer::OutOfService)
                }
            },
        }
    }

    /// Registers again with a new invitation of the same authority, and stores that in the container.
    async fn register_anew(
        &self,
        open: &Open,
        device: &Device,
        given: &Restoration,
    ) -> Result<(), RestoreError> {
        let link = given.link.as_ref().ok_or(RestoreError::NeedsInvitation)?;
        let parsed = Link::parse(link)
            .map_err(|error| RegisterError::LinkUnreadable { reason: error.to_string() })?;
        // Whoever has the certificate could else invite themselves, past the IT that deleted the key.
        if device.record.authority().map_err(unusable)?.fingerprint() != parsed.pin {
            return Err(RestoreError::OtherServer);
        }
        let registration = Registration {
            link: link.clone(),
            certificate: given.certificate.clone(),
            opening: given.opening.clone(),
            mail_password: None,
            discard_unreadable: false,
        };
        let granted = enrol::grant(&self.cards, &registration, None, self.now()).await?;
        let signed =
            serde_json::to_vec(&granted.registered.signed).map_err(|error| storage(&error))?;
        let record = granted.record.to_bytes();
        let standing = record::standing(Standing::Active, None);
        let documents: [(_, &[u8]); 3] =
            [(DEVICE, &record), (SETTINGS, &signed), (STANDING, standing.as_bytes())];

        Ok(open.documents().write_all(&documents).map_err(|error| storage(&error))?)
    }
}

/// Where the device stands, as far as its key is concerned.
enum Answer {
    /// It may have its key back.
    InService {
        /// The number of the server's news.
        sequence: u64,
    },
    /// Only an invitation brings it back.
    OutOfService,
}

fn unusable(error: RecordError) -> RestoreError {
    RestoreError::Register(storage(&error))
}

impl From<vault::RestoreError> for RestoreError {
    fn from(error: vault::RestoreError) -> Self {
        match error {
            vault::RestoreError::Card(error) => {
                Self::Register(RegisterError::Card(CardError::from(error)))
            }
            vault::RestoreError::UnsuitableCard { reason } => {
                Self::Register(RegisterError::Card(CardError::Unsuitable { reason }))
            }
            vault::RestoreError::Fault(fault) => Self::Register(storage(&fault)),
            error @ vault::RestoreError::Locked => Self::Register(storage(&error)),
            vault::RestoreError::NotWiped => Self::NotWiped,
            vault::RestoreError::OtherIdentity => Self::OtherCertificate,
        }
    }
}

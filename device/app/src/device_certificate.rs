//! The device's own certificate, exchanged for another one before it ends (`docs/registration.md`, "Another certificate").
//!
//! The new one is used from the next unlock on: nothing that runs is disturbed, and until the server has seen it, it takes the one
//! before as well.

use crate::lifecycle::{Device, Life};
use crate::portal::PortalError;
use crate::record::{DEVICE, Record, RecordError};
use crate::session::with;
use keys::{MakeError, PrivateKey as _, SoftwareKey};
use pki::validate::{Distrusted, Inputs, Use, validate};
use pki::{Certificate, MakeRequestError, Subject, make_request};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::sleep;
use vault::{AccessError, Open};

/// How often is looked whether it is time.
const PAUSE: Duration = Duration::from_secs(12 * 3600);

/// Why the device has no other certificate yet.
#[derive(Debug, thiserror::Error)]
enum NotRenewed {
    #[error(transparent)]
    Container(#[from] AccessError),
    #[error("the certificate that came is not one of the company's authority")]
    Distrusted(#[from] Distrusted),
    #[error(transparent)]
    Key(#[from] MakeError),
    #[error("the certificate that came is not for this device and its key")]
    Mismatch,
    #[error(transparent)]
    Portal(#[from] PortalError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Request(#[from] MakeRequestError),
}

/// Has the device's certificate exchanged when it is time, for as long as the container is open.
pub(crate) async fn keep(life: Arc<Life>, open: Open, device: Arc<Device>) {
    loop {
        match renew_if_due(&open, &device, life.now()).await {
            Ok(()) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "The device did not get another certificate");
            }
        }
        sleep(PAUSE).await;
    }
}

async fn renew_if_due(open: &Open, device: &Device, now: OffsetDateTime) -> Result<(), NotRenewed> {
    // What was exchanged since the unlock is in the container alone.
    let record = with(open, |open| Ok(Record::read(&open.documents()))).await??;
    if !is_due(&record.certificate()?, now) {
        return Ok(());
    }
    let key = SoftwareKey::make_p256()?;
    let request = make_request(&Subject::new("device"), &key)?;
    let certificate = device.portal.renew(&request).await?;
    let authority = record.authority()?;
    let anchors = std::slice::from_ref(&authority);
    // It has just been issued: if it is not valid yet, the clock here is slow.
    let at = now.max(certificate.not_before());
    validate(&certificate, &Inputs::new(anchors, at, Use::TlsClient))?;
    if certificate.public_key() != key.public_key()
        || certificate.common_name().as_deref() != Some(record.device.as_str())
    {
        return Err(NotRenewed::Mismatch);
    }
    let renewed = record.renewed(&certificate, &key.to_pkcs8()).to_bytes();
    with(open, move |open| open.documents().write(DEVICE, &renewed)).await?;
    tracing::info!(ends = %certificate.not_after(), "The device has another certificate, from the next unlock on");

    Ok(())
}

/// Tells whether the last third of a certificate's time has begun.
fn is_due(certificate: &Certificate, now: OffsetDateTime) -> bool {
    let (begins, ends) = (certificate.not_before(), certificate.not_after());

    now >= ends - (ends - begins) / 3
}

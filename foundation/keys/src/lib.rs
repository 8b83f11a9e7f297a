//! Private keys that one may use but need not hold, and the files they travel in.
//!
//! A key may live in memory, in the platform's store or on a smart card that is pulled out halfway.
//! Callers see one trait, [`PrivateKey`], and must expect each call to refuse. Key material never
//! crosses it.
//!
//! ```text
//!   PrivateKey  ◄── SoftwareKey   in memory, on OpenSSL
//!                        ▲
//!   pkcs12::open ────────┘        a .p12 file and its password, after ber::to_der
//!   pkcs12::seal ◄── Identity     the way back
//! ```
//!
//! Invariants:
//! - Only [`SoftwareKey::to_pkcs8`] and [`pkcs12::seal`] let key bytes out, the second encrypted.
//! - RSA PKCS#1 v1.5 unwrapping never says that the padding was wrong (implicit rejection).
//! - The work that a file asks for is booked on a budget before it is done.
//! - Randomness comes from OpenSSL's generator and only in functions named `make_*`, in signing and in [`pkcs12::seal`].

pub mod ber;
pub mod pkcs1;
pub mod pkcs12;
mod private_key;
pub mod raw;
pub mod rc2;
mod software;

pub use private_key::{KeyError, KeyTransport, PrivateKey, Signature, SignatureAlgorithm};
pub use software::{MakeError, ReadError, SoftwareKey};

use std::fmt;
use std::str::FromStr;

/// A version of iOS or iPadOS, for example 17.4.1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version(u16, u16, u16);

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let refused = || VersionError(text.to_owned());
        let mut numbers = text.split('.').map(|number| number.parse().map_err(|_| refused()));
        let mut next = || numbers.next().unwrap_or(Ok(0));
        let version = Self(next()?, next()?, next()?);

        if numbers.next().is_none() { Ok(version) } else { Err(refused()) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        write!(f, "{major}.{minor}")?;

        if *patch == 0 { Ok(()) } else { write!(f, ".{patch}") }
    }
}

/// The text is no version.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no version such as 17.4")]
pub struct VersionError(String);

/// A device for which something is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Target {
    /// Its system's version; none: any.
    pub version: Option<Version>,
    /// Whether it is supervised.
    pub supervised: bool,
    /// How it is enrolled.
    pub enrolment: Enrolment,
}

/// How a device is enrolled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Enrolment {
    /// The device, by profile or automatically.
    Device,
    /// The company's part of a private device.
    User,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("4.2.6") < version("10"));
        assert!(version("17") < version("17.4"));
        assert_eq!(version("17.4").to_string(), "17.4");
        assert_eq!(version("17.4.1").to_string(), "17.4.1");
        for junk in ["", "a", "1.2.3.4", "1..2", "-1", "70000"] {
            assert!(junk.parse::<Version>().is_err(), "{junk}");
        }
    }
}

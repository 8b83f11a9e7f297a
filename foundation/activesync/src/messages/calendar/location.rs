use crate::codepage::air_sync_base as page;
use crate::messages::property::{Text, properties};

properties! {
    /// A place; since 16.0. Numbers stay the decimal text in which they came.
    pub struct Location {
        /// Name for people.
        display_name: String = Text, page::DISPLAY_NAME;
        /// A note on the place.
        annotation: String = Text, page::ANNOTATION;
        /// Street and number.
        street: String = Text, page::STREET;
        /// City.
        city: String = Text, page::CITY;
        /// State or province.
        state: String = Text, page::STATE;
        /// Country.
        country: String = Text, page::COUNTRY;
        /// Postal code.
        postal_code: String = Text, page::POSTAL_CODE;
        /// Latitude in degrees.
        latitude: String = Text, page::LATITUDE;
        /// Longitude in degrees.
        longitude: String = Text, page::LONGITUDE;
        /// Accuracy of latitude and longitude in metres.
        accuracy: String = Text, page::ACCURACY;
        /// Altitude in metres.
        altitude: String = Text, page::ALTITUDE;
        /// Accuracy of the altitude in metres.
        altitude_accuracy: String = Text, page::ALTITUDE_ACCURACY;
        /// Address of the place's record.
        location_uri: String = Text, page::LOCATION_URI;
    }
}

impl Location {
    /// Makes a place that is only a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { display_name: Some(name.into()), ..Self::default() }
    }
}

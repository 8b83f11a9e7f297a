use bytes::Bytes;
use time::OffsetDateTime;

use super::body::{Body, BodyType};
use super::calendar::BodyCodec;
use super::property::{Base64, Code, List, Long, Number, Text, children, properties};
use crate::codepage::{air_sync_base, contacts as page, contacts2};

children! {
    CategoryChild = page::CATEGORY;
    ChildChild = page::CHILD;
}

properties! {
    /// A person or a company.
    ///
    /// Addresses of mail come in display form, `"Name" <address>`. Of birthday and anniversary only the date counts.
    #[expect(missing_docs, reason = "the names are the protocol's")]
    pub struct Contact {
        anniversary: OffsetDateTime = Long, page::ANNIVERSARY;
        assistant_name: String = Text, page::ASSISTANT_NAME;
        assistant_phone_number: String = Text, page::ASSISTANT_PHONE_NUMBER;
        birthday: OffsetDateTime = Long, page::BIRTHDAY;
        business2_phone_number: String = Text, page::BUSINESS2_PHONE_NUMBER;
        business_address_city: String = Text, page::BUSINESS_ADDRESS_CITY;
        business_address_country: String = Text, page::BUSINESS_ADDRESS_COUNTRY;
        business_address_postal_code: String = Text, page::BUSINESS_ADDRESS_POSTAL_CODE;
        business_address_state: String = Text, page::BUSINESS_ADDRESS_STATE;
        business_address_street: String = Text, page::BUSINESS_ADDRESS_STREET;
        business_fax_number: String = Text, page::BUSINESS_FAX_NUMBER;
        business_phone_number: String = Text, page::BUSINESS_PHONE_NUMBER;
        car_phone_number: String = Text, page::CAR_PHONE_NUMBER;
        company_name: String = Text, page::COMPANY_NAME;
        department: String = Text, page::DEPARTMENT;
        email1_address: String = Text, page::EMAIL1_ADDRESS;
        email2_address: String = Text, page::EMAIL2_ADDRESS;
        email3_address: String = Text, page::EMAIL3_ADDRESS;
        file_as: String = Text, page::FILE_AS;
        first_name: String = Text, page::FIRST_NAME;
        home2_phone_number: String = Text, page::HOME2_PHONE_NUMBER;
        home_address_city: String = Text, page::HOME_ADDRESS_CITY;
        home_address_country: String = Text, page::HOME_ADDRESS_COUNTRY;
        home_address_postal_code: String = Text, page::HOME_ADDRESS_POSTAL_CODE;
        home_address_state: String = Text, page::HOME_ADDRESS_STATE;
        home_address_street: String = Text, page::HOME_ADDRESS_STREET;
        home_fax_number: String = Text, page::HOME_FAX_NUMBER;
        home_phone_number: String = Text, page::HOME_PHONE_NUMBER;
        job_title: String = Text, page::JOB_TITLE;
        last_name: String = Text, page::LAST_NAME;
        middle_name: String = Text, page::MIDDLE_NAME;
        mobile_phone_number: String = Text, page::MOBILE_PHONE_NUMBER;
        office_location: String = Text, page::OFFICE_LOCATION;
        other_address_city: String = Text, page::OTHER_ADDRESS_CITY;
        other_address_country: String = Text, page::OTHER_ADDRESS_COUNTRY;
        other_address_postal_code: String = Text, page::OTHER_ADDRESS_POSTAL_CODE;
        other_address_state: String = Text, page::OTHER_ADDRESS_STATE;
        other_address_street: String = Text, page::OTHER_ADDRESS_STREET;
        pager_number: String = Text, page::PAGER_NUMBER;
        radio_phone_number: String = Text, page::RADIO_PHONE_NUMBER;
        spouse: String = Text, page::SPOUSE;
        suffix: String = Text, page::SUFFIX;
        title: String = Text, page::TITLE;
        web_page: String = Text, page::WEB_PAGE;
        yomi_company_name: String = Text, page::YOMI_COMPANY_NAME;
        yomi_first_name: String = Text, page::YOMI_FIRST_NAME;
        yomi_last_name: String = Text, page::YOMI_LAST_NAME;
        customer_id: String = Text, contacts2::CUSTOMER_ID;
        government_id: String = Text, contacts2::GOVERNMENT_ID;
        im_address: String = Text, contacts2::IM_ADDRESS;
        im_address2: String = Text, contacts2::IM_ADDRESS2;
        im_address3: String = Text, contacts2::IM_ADDRESS3;
        manager_name: String = Text, contacts2::MANAGER_NAME;
        company_main_phone: String = Text, contacts2::COMPANY_MAIN_PHONE;
        account_name: String = Text, contacts2::ACCOUNT_NAME;
        nick_name: String = Text, contacts2::NICK_NAME;
        mms: String = Text, contacts2::MMS;
        categories: Vec<String> = List<Text, CategoryChild>, page::CATEGORIES;
        children: Vec<String> = List<Text, ChildChild>, page::CHILDREN;
        /// Photo as JPEG, at most [`Contact::MOST_PICTURE`] bytes.
        picture: Bytes = Base64, page::PICTURE;
        /// Alias; from the server, in the recipient cache only, since 14.0.
        alias: String = Text, page::ALIAS;
        /// Rank; from the server, in the recipient cache only, since 14.0.
        weighted_rank: i32 = Number<i32>, page::WEIGHTED_RANK;
        /// Notes on the contact.
        body: Body = BodyCodec, air_sync_base::BODY;
        native_body_type: BodyType = Code<BodyType>, air_sync_base::NATIVE_BODY_TYPE;
    }
}

impl Contact {
    /// Largest photo in bytes: 48 KB in base64.
    pub const MOST_PICTURE: usize = 36 * 1024;
}

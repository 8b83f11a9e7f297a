use activesync::codepage::provision;
use activesync::messages::*;
use activesync::status::Status;
use insta::assert_snapshot;

use crate::dump::dump;

#[test]
fn provision_requests() {
    assert_snapshot!(round_trip!(ProvisionRequest, ProvisionRequest::ask(Some(device_information()))), @r#"
    03 01 6a 00
    00 0e 45 Provision:Provision
      00 12 56 Settings:DeviceInformation
        48 Settings:Set
          57 Settings:Model 03 "Pinephone" 00 01
          5a Settings:OS 03 "Debian 13" 00 01
          5b Settings:OSLanguage 03 "de" 00 01
          20 Settings:UserAgent
          61 Settings:EnableOutboundSMS 03 "0" 00 01
        01 01
      00 0e 46 Provision:Policies
        47 Provision:Policy
          48 Provision:PolicyType 03 "MS-EAS-Provisioning-WBXML" 00 01
        01 01 01
    "#);
    assert_snapshot!(round_trip!(ProvisionRequest, ProvisionRequest::acknowledge(u32::MAX, PolicyApplied::Partly)), @r#"
    03 01 6a 00
    00 0e 45 Provision:Provision
      46 Provision:Policies
        47 Provision:Policy
          48 Provision:PolicyType 03 "MS-EAS-Provisioning-WBXML" 00 01
          49 Provision:PolicyKey 03 "4294967295" 00 01
          4b Provision:Status 03 "2" 00 01
        01 01 01
    "#);
    assert_snapshot!(round_trip!(ProvisionRequest, ProvisionRequest::wiped(WipeOrder::Device, WipeReport::Done)), @r#"
    03 01 6a 00
    00 0e 45 Provision:Provision
      4c Provision:RemoteWipe
        4b Provision:Status 03 "1" 00 01
      01 01
    "#);
    assert_snapshot!(round_trip!(ProvisionRequest, ProvisionRequest::wiped(WipeOrder::Account, WipeReport::Failed)), @r#"
    03 01 6a 00
    00 0e 45 Provision:Provision
      7b Provision:AccountOnlyRemoteWipe
        4b Provision:Status 03 "2" 00 01
      01 01
    "#);
}

#[test]
fn provision_phases_are_told_apart() {
    let phases = [
        ProvisionRequest::ask(None),
        ProvisionRequest::acknowledge(7, PolicyApplied::All),
        ProvisionRequest::wiped(WipeOrder::Account, WipeReport::Failed),
        ProvisionRequest::default(),
    ]
    .map(|request| request.phase());
    assert_eq!(
        phases,
        [
            ProvisionPhase::Ask,
            ProvisionPhase::Acknowledge,
            ProvisionPhase::Wipe(WipeOrder::Account, WipeReport::Failed),
            ProvisionPhase::Ask,
        ]
    );
}

#[test]
fn provision_answers() {
    let document = PolicyDocument {
        settings: vec![
            PolicySetting::new(provision::DEVICE_PASSWORD_ENABLED, "1"),
            PolicySetting::new(provision::MAX_ATTACHMENT_SIZE, ""),
            PolicySetting {
                tag: provision::APPROVED_APPLICATION_LIST,
                value: PolicyValue::List(vec!["ab".into()]),
            },
        ],
    };
    assert_eq!(document.value(provision::DEVICE_PASSWORD_ENABLED), Some("1"));
    assert_eq!(document.settings[1].name(), "MaxAttachmentSize");
    let policy = PolicyAnswer {
        policy_type: POLICY_TYPE.into(),
        status: Status::OK,
        key: Some(1),
        document: Some(document),
    };
    assert_snapshot!(round_trip!(ProvisionAnswer, ProvisionAnswer {
        status: Status::OK,
        device_information: Some(Status::OK),
        policy: Some(policy),
        wipe: None,
    }), @r#"
    03 01 6a 00
    00 0e 45 Provision:Provision
      00 12 56 Settings:DeviceInformation
        46 Settings:Status 03 "1" 00 01
      01
      00 0e 4b Provision:Status 03 "1" 00 01
      46 Provision:Policies
        47 Provision:Policy
          48 Provision:PolicyType 03 "MS-EAS-Provisioning-WBXML" 00 01
          4b Provision:Status 03 "1" 00 01
          49 Provision:PolicyKey 03 "1" 00 01
          4a Provision:Data
            4d Provision:EASProvisionDoc
              4e Provision:DevicePasswordEnabled 03 "1" 00 01
              17 Provision:MaxAttachmentSize
              79 Provision:ApprovedApplicationList
                7a Provision:Hash 03 "ab" 00 01
              01 01 01 01 01 01
    "#);
    let none = PolicyAnswer {
        policy_type: POLICY_TYPE.into(),
        status: Status(2),
        key: None,
        document: None,
    };
    assert_snapshot!(round_trip!(ProvisionAnswer, ProvisionAnswer {
        status: Status::OK,
        device_information: None,
        policy: Some(none),
        wipe: None,
    }), @r#"
    03 01 6a 00
    00 0e 45 Provision:Provision
      4b Provision:Status 03 "1" 00 01
      46 Provision:Policies
        47 Provision:Policy
          48 Provision:PolicyType 03 "MS-EAS-Provisioning-WBXML" 00 01
          4b Provision:Status 03 "2" 00 01
        01 01 01
    "#);
    for (order, snapshot) in [(WipeOrder::Device, 0x0c), (WipeOrder::Account, 0x3b)] {
        let answer = ProvisionAnswer {
            status: Status::OK,
            device_information: None,
            policy: None,
            wipe: Some(order),
        };
        let bytes = answer.encode();
        assert_eq!(bytes[4..], [0x00, 0x0e, 0x45, 0x4b, 0x03, b'1', 0x00, 0x01, snapshot, 0x01]);
        assert_eq!(ProvisionAnswer::decode(&bytes), Ok(answer));
    }
}

#[test]
fn settings() {
    let request = SettingsRequest {
        device_information: Some(device_information()),
        ..SettingsRequest::default()
    };
    assert_snapshot!(round_trip!(SettingsRequest, request), @r#"
    03 01 6a 00
    00 12 45 Settings:Settings
      56 Settings:DeviceInformation
        48 Settings:Set
          57 Settings:Model 03 "Pinephone" 00 01
          5a Settings:OS 03 "Debian 13" 00 01
          5b Settings:OSLanguage 03 "de" 00 01
          20 Settings:UserAgent
          61 Settings:EnableOutboundSMS 03 "0" 00 01
        01 01 01
    "#);
    let answer =
        SettingsAnswer { device_information: Some(Status(5)), ..SettingsAnswer::new(Status::OK) };
    assert_snapshot!(round_trip!(SettingsAnswer, answer), @r#"
    03 01 6a 00
    00 12 45 Settings:Settings
      46 Settings:Status 03 "1" 00 01
      56 Settings:DeviceInformation
        46 Settings:Status 03 "5" 00 01
      01 01
    "#);
}

fn device_information() -> DeviceInformation {
    DeviceInformation {
        model: Some("Pinephone".into()),
        os: Some("Debian 13".into()),
        os_language: Some("de".into()),
        user_agent: Some(String::new()),
        enable_outbound_sms: Some(false),
        ..DeviceInformation::default()
    }
}

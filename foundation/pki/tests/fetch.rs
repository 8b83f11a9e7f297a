//! A validation that fetches what it lacks, from a network that is a table, with certificates and lists made by `openssl`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use pki::Certificate;
use pki::fetch::{Allowed, Kind, Pursuit, Shelf, Source, Unusable};
use pki::validate::{
    Crl, Distrusted, Inputs, Reason, Source as Said, Standing, Trusted, Unknown, Use, ocsp_request,
    validate,
};
use std::collections::BTreeMap;
use support::Folder;
use time::{Duration, OffsetDateTime};

const ISSUERS: &str = "http://pki.example/issuing.cer";
const ROOT_LIST: &str = "http://pki.example/root.crl";
const LIST: &str = "HTTP://pki.example/issuing.crl";
const OCSP: &str = "http://ocsp.example/";
const ALL: Allowed = Allowed { issuers: true, revocation: true };

/// A root, an authority below it, and a leaf that says where everything is.
struct Company {
    folder: Folder,
    root: Certificate,
    issuing: Certificate,
    leaf: Certificate,
    now: OffsetDateTime,
}

impl Company {
    fn new() -> Self {
        let folder = Folder::new();
        let config = |name: &str| {
            format!(
                "[ca]\ndefault_ca=a\n[a]\ndatabase={name}.txt\ncertificate={name}.pem\nprivate_key={name}.key\ndefault_md=sha256\ndefault_crl_days=8\n"
            )
        };
        folder.run(
            "req -x509 -newkey rsa:2048 -nodes -keyout r.key -out r.pem -subj /CN=Root -days 90",
        );
        let sign = |name: &str, issuer: &str, extensions: String| {
            folder.write("ext", extensions);
            folder.run(&format!("req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"));
            folder.run(&format!("x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -days 60 -set_serial 7 -extfile ext -out {name}.pem"));
        };
        sign(
            "i",
            "r",
            format!(
                "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign\ncrlDistributionPoints=URI:ldap://pki.example/cn=Root,URI:{ROOT_LIST}\n"
            ),
        );
        sign(
            "l",
            "i",
            format!(
                "authorityInfoAccess=caIssuers;URI:{ISSUERS},OCSP;URI:{OCSP}\ncrlDistributionPoints=URI:{LIST}\n"
            ),
        );
        for name in ["r", "i"] {
            folder.write(&format!("{name}.txt"), "");
            folder.write(&format!("{name}.cnf"), config(name));
        }
        let read = |name: &str| {
            Certificate::from_pem(std::str::from_utf8(&folder.read(name)).unwrap()).unwrap()
        };
        let (root, issuing, leaf) = (read("r.pem"), read("i.pem"), read("l.pem"));
        let now = leaf.not_before() + Duration::seconds(20);

        Self { folder, root, issuing, leaf, now }
    }

    fn list(&self, name: &str) -> Vec<u8> {
        self.folder.run(&format!("ca -config {name}.cnf -gencrl -out {name}.crl"));
        self.folder.run(&format!("crl -in {name}.crl -outform DER -out {name}.der"));
        self.folder.read(&format!("{name}.der"))
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        self.folder.write("request.der", request);
        self.folder.write("index.txt", "V\t401231235959Z\t\t07\tunknown\t/CN=l\n");
        self.folder.run("ocsp -index index.txt -CA i.pem -rsigner i.pem -rkey i.key -reqin request.der -ndays 1 -respout answer.der");
        self.folder.read("answer.der")
    }

    fn judge(&self, shelf: &Shelf, at: OffsetDateTime) -> Result<Trusted, Distrusted> {
        let (untrusted, crls, ocsp) = (shelf.certificates(), shelf.lists(), shelf.answers());
        let anchors = std::slice::from_ref(&self.root);

        validate(
            &self.leaf,
            &Inputs {
                untrusted: &untrusted,
                crls: &crls,
                ocsp: &ocsp,
                ..Inputs::new(anchors, at, Use::Any)
            },
        )
    }

    /// Validates until nothing is left to ask; returns what was asked, in order.
    fn pursue(
        &self,
        shelf: &mut Shelf,
        allowed: Allowed,
        network: &BTreeMap<&str, Vec<u8>>,
    ) -> (Result<Trusted, Distrusted>, Vec<String>) {
        let (mut pursuit, mut asked) = (Pursuit::new(allowed), Vec::new());
        loop {
            let outcome = self.judge(shelf, self.now);
            let requests = pursuit.next(&outcome, shelf, self.now);
            if requests.is_empty() {
                return (outcome, asked);
            }
            for request in requests {
                let source = &request.source;
                asked.push(source.address.clone());
                let answer = match &source.kind {
                    Kind::Answer { request } if network.contains_key(OCSP) => {
                        Some(self.answer(request))
                    }
                    Kind::Answer { .. } | Kind::Issuers | Kind::List => {
                        network.get(source.address.as_str()).cloned()
                    }
                };
                let put = answer
                    .map(|bytes| shelf.put(source, request.issuer.as_ref(), &bytes, self.now));
                if put.is_none() {
                    shelf.fail(source, self.now);
                }
            }
        }
    }
}

#[test]
fn what_is_missing_is_fetched_kept_and_enough_offline() {
    let company = Company::new();
    let network = BTreeMap::from([
        (ISSUERS, company.issuing.as_der().to_vec()),
        (ROOT_LIST, company.list("r")),
        (LIST, company.list("i")),
    ]);
    let mut shelf = Shelf::default();

    let (outcome, asked) = company.pursue(&mut shelf, ALL, &network);

    assert_eq!(asked, [ISSUERS, LIST, ROOT_LIST]);
    let good = Standing::Good(Said::Crl);
    assert_eq!(outcome.unwrap().standings, [good, good]);
    let (offline, asked) = company.pursue(&mut shelf, ALL, &BTreeMap::new());
    assert_eq!((offline.unwrap().standings, asked), (vec![good, good], vec![]));
    // Valid for eight days: looked for anew after one.
    assert!(shelf.due(company.now + Duration::hours(23)).is_empty());
    let due: Vec<_> = shelf.due(company.now + Duration::hours(25)).into_iter().collect();
    let due: Vec<_> =
        due.iter().map(|(source, issuer)| (&*source.address, issuer.as_ref())).collect();
    assert_eq!(due, [(LIST, Some(&company.issuing)), (ROOT_LIST, Some(&company.root))]);
    assert_eq!(shelf.next_due().unwrap(), company.now + Duration::days(1));
    // What ended is thrown away, but not at once.
    assert!(shelf.tidy(company.now + Duration::days(400)).is_empty());
    assert_eq!(shelf.tidy(company.now + Duration::days(410)).len(), 2);
    // What ends sooner is looked for when it ends.
    company.folder.run("ca -config i.cnf -gencrl -crlsec 600 -out i.crl");
    company.folder.run("crl -in i.crl -outform DER -out i.der");
    let source = Source { address: LIST.to_owned(), kind: Kind::List };
    shelf.put(&source, None, &company.folder.read("i.der"), company.now).unwrap();
    let ends = shelf.lists().iter().filter_map(Crl::next_update).min();
    assert_eq!(shelf.next_due(), ends);
}

#[test]
fn certificates_that_came_in_a_message_serve_as_well() {
    let company = Company::new();
    company.folder.run("crl2pkcs7 -nocrl -certfile i.pem -outform DER -out i.p7c");
    let network = BTreeMap::from([(ISSUERS, company.folder.read("i.p7c"))]);
    let issuers = Allowed { issuers: true, revocation: false };

    let (outcome, asked) = company.pursue(&mut Shelf::default(), issuers, &network);

    assert_eq!(asked, [ISSUERS]);
    assert_eq!(outcome.unwrap().path.len(), 3);
}

#[test]
fn a_stranger_makes_nobody_knock_anywhere() {
    let company = Company::new();
    let revocation = Allowed { issuers: false, revocation: true };

    let (outcome, asked) = company.pursue(&mut Shelf::default(), revocation, &BTreeMap::new());

    assert!(asked.is_empty(), "{asked:?}");
    assert!(matches!(outcome.unwrap_err().fault.reason, Reason::UnknownIssuer { .. }));
}

#[test]
fn where_there_is_no_list_the_responder_is_asked_and_nobody_again_for_a_while() {
    let company = Company::new();
    let issuing = company.issuing.as_der().to_vec();
    let network =
        BTreeMap::from([(ISSUERS, issuing), (OCSP, Vec::new()), (LIST, b"junk".to_vec())]);
    let mut shelf = Shelf::default();

    let (outcome, asked) = company.pursue(&mut shelf, ALL, &network);

    assert_eq!(asked, [ISSUERS, LIST, ROOT_LIST, OCSP]);
    let unknown = Standing::Unknown(Unknown::Nothing);
    assert_eq!(outcome.unwrap().standings, [Standing::Good(Said::Ocsp), unknown]);
    let (_, asked) = company.pursue(&mut shelf, ALL, &network);
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn nobody_on_the_way_takes_a_good_list_from_us() {
    let company = Company::new();
    let source = Source { address: LIST.to_owned(), kind: Kind::List };
    let list = company.list("i");
    let of_the_root = company.list("r");
    let mut forged = list.clone();
    *forged.last_mut().unwrap() ^= 1;
    let issuer = Some(&company.issuing);
    let mut shelf = Shelf::default();
    let now = company.now;

    assert_eq!(shelf.put(&source, issuer, &forged, now), Err(Unusable::Unsigned));
    assert!(shelf.lists().is_empty());
    assert_eq!(shelf.put(&source, issuer, &list, now), Ok(()));
    assert_eq!(shelf.put(&source, issuer, &of_the_root, now), Err(Unusable::Other));
    assert_eq!(shelf.put(&source, issuer, b"<html>", now), Err(Unusable::Damaged));
    let early = now - Duration::days(1);
    assert_eq!(shelf.put(&source, issuer, &list, early), Err(Unusable::Early));
    assert_eq!(shelf.lists().len(), 1);
    assert!(!shelf.is_due(&source, now));
}

#[test]
fn a_list_that_nobody_vouches_for_gives_way() {
    let company = Company::new();
    let source = Source { address: LIST.to_owned(), kind: Kind::List };
    let (list, of_the_root) = (company.list("i"), company.list("r"));
    let issuer = Some(&company.issuing);
    let mut shelf = Shelf::default();
    let now = company.now;

    assert_eq!(shelf.put(&source, issuer, &of_the_root, now), Ok(()));
    assert_eq!(shelf.put(&source, issuer, &list, now), Ok(()));
    let kept: Vec<_> = shelf.lists().iter().map(|list| list.number().map(<[u8]>::to_vec)).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(shelf.put(&source, issuer, &of_the_root, now), Err(Unusable::Other));
}

#[test]
fn an_answer_is_kept_only_if_the_issuer_has_a_part_in_it() {
    let company = Company::new();
    let ask =
        |subject: &Certificate, issuer: &Certificate| ocsp_request(subject, issuer, None).unwrap();
    let request = ask(&company.leaf, &company.issuing);
    let answer = company.answer(&request);
    let kind = Kind::Answer { request };
    let source = Source { address: OCSP.to_owned(), kind };
    let other = Kind::Answer { request: ask(&company.issuing, &company.root) };
    let another = Source { address: OCSP.to_owned(), kind: other };
    let now = company.now;
    let mut shelf = Shelf::default();

    let root = Some(&company.root);
    assert_eq!(shelf.put(&source, root, &answer, now), Err(Unusable::Unsigned));
    for place in (30..150).step_by(7) {
        let mut forged = answer.clone();
        forged[place] ^= 1;
        assert!(shelf.put(&source, Some(&company.issuing), &forged, now).is_err(), "{place}");
    }
    assert_eq!(shelf.put(&source, Some(&company.issuing), &answer, now), Ok(()));
    assert_eq!(shelf.answers().len(), 1);
    // The number of the other certificate is the same here, and its issuer is not.
    assert_eq!(shelf.put(&another, root, &answer, now), Err(Unusable::Unsigned));
}

#[test]
fn a_list_may_end_when_time_does() {
    let company = Company::new();
    let source = Source { address: LIST.to_owned(), kind: Kind::List };
    company.folder.run("ca -config i.cnf -gencrl -crl_nextupdate 99991231235959Z -out i.crl");
    company.folder.run("crl -in i.crl -outform DER -out i.der");
    let mut shelf = Shelf::default();
    shelf.put(&source, None, &company.folder.read("i.der"), company.now).unwrap();

    assert!(shelf.tidy(company.now).is_empty());
    assert!(shelf.tidy(time::macros::datetime!(9999-12-31 23:59:59 UTC)).is_empty());
}

#[test]
fn a_clock_that_was_wrong_keeps_nothing_from_being_fetched() {
    let company = Company::new();
    let source = Source { address: LIST.to_owned(), kind: Kind::List };
    let mut shelf = Shelf::default();
    let wrong = company.now + Duration::days(300);
    shelf.put(&source, None, &company.list("i"), wrong).unwrap();
    shelf.fail(&source, wrong);

    assert!(!shelf.is_due(&source, wrong));
    assert!(shelf.is_due(&source, company.now));
}

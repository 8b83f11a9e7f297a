//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use apple_mdm::{Profile, check, check_command, check_declaration};

/// A profile, signed or not: each finding has something to say, and the same is found each time.
pub(crate) fn profile(input: &[u8]) {
    let Ok(profile) = Profile::read(input) else { return };
    for checked in [check, check_command, check_declaration] {
        let found: Vec<_> =
            checked(&profile.content, None).iter().map(|it| it.to_string()).collect();
        assert!(found.iter().all(|text| !text.is_empty()));
        let again = checked(&profile.content, None);
        assert!(again.iter().map(|it| it.to_string()).eq(found));
    }
    // What is signed is read the same without its signature.
    let inside = Profile::read(&profile.bytes).map(|inside| inside.content);
    assert!(profile.bytes.first() == Some(&0x30) || inside.is_ok_and(|it| it == profile.content));
}

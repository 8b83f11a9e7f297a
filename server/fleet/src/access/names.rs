//! Whether a name somebody signs in with is one of a person's names.

use std::borrow::Cow;

/// Returns whether `given` is one of `names`, which are in lower case.
///
/// Letter case does not count. `DOMAIN\user` is the login `user`, unless the person has logins with a domain: then exactly those
/// count. A mail address counts only if it is listed: its part before the `@` may be the login of somebody else.
pub(super) fn is_one_of(given: &str, names: &[String]) -> bool {
    let given = lower(given);
    if names.iter().any(|name| **name == *given) {
        return true;
    }
    let Some((domain, user)) = given.split_once('\\') else { return false };
    let plain = !domain.is_empty() && !user.is_empty() && !user.contains(['\\', '@']);
    plain && !names.iter().any(|name| name.contains('\\')) && names.iter().any(|name| name == user)
}

fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_name_counts_in_any_letter_case() {
        check(&["alice", "alice@example.org"], "alice", true);
        check(&["alice", "alice@example.org"], "ALICE", true);
        check(&["alice", "alice@example.org"], "Alice@Example.ORG", true);
        check(&["jörg"], "JÖRG", true);
    }

    #[test]
    fn a_domain_in_front_of_the_login_is_understood() {
        check(&["alice"], "EXAMPLE\\alice", true);
        check(&["alice"], "example\\ALICE", true);
        check(&["alice"], "\\alice", false);
        check(&["alice"], "EXAMPLE\\", false);
        check(&["alice"], "A\\B\\alice", false);
        check(&["alice@example.org"], "EXAMPLE\\alice@example.org", false);
    }

    #[test]
    fn a_login_with_a_domain_counts_only_with_that_domain() {
        check(&["corp\\alice", "alice"], "CORP\\alice", true);
        check(&["corp\\alice", "alice"], "OTHER\\alice", false);
    }

    #[test]
    fn an_address_that_is_not_listed_does_not_count() {
        check(&["alice", "a.smith@example.org"], "alice@example.org", false);
        check(&["alice@example.org"], "alice", false);
        check(&["alice"], "alice ", false);
        check(&["alice"], "", false);
        check(&[], "alice", false);
    }

    #[track_caller]
    fn check(names: &[&str], given: &str, expected: bool) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(is_one_of(given, &names), expected, "{given} of {names:?}");
    }
}

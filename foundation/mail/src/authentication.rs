//! What a company's own mail server has found out about who sent a mail (RFC 8601).

use mail_parser::MessageParser;

/// Tells whether the mail server of this name says that DMARC passed. It adds its field above those that were there, so the first of its fields counts.
pub fn dmarc_passed(mail: &[u8], server: &str) -> bool {
    let Some(head) = MessageParser::new().parse_headers(mail) else { return false };
    let fields =
        head.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    let mut fields = fields.map(|(_, value)| results(value));

    fields.find(|results| is_of(results, server)).is_some_and(|results| {
        let of_methods =
            results.iter().skip(1).filter_map(|result| result.split_whitespace().next());
        let of_dmarc: Vec<_> =
            of_methods.filter(|it| it.to_ascii_lowercase().starts_with("dmarc=")).collect();
        matches!(of_dmarc.as_slice(), [one] if one.eq_ignore_ascii_case("dmarc=pass"))
    })
}

/// The name of the server comes first, maybe with a version.
fn is_of(results: &[String], server: &str) -> bool {
    let name = results.first().and_then(|first| first.split_whitespace().next());

    name.is_some_and(|name| name.eq_ignore_ascii_case(server))
}

/// Splits a field at its semicolons, without comments and with blanks around `=` left out. What stands in quotes is left out too: names of
/// servers and results of methods never do.
fn results(value: &str) -> Vec<String> {
    let mut results = vec![String::new()];
    let (mut depth, mut is_quoted, mut is_escaped) = (0_u32, false, false);
    for letter in value.chars() {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        match letter {
            '\\' if depth > 0 || is_quoted => is_escaped = true,
            '"' if depth == 0 => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ';' => results.push(String::new()),
            letter => results.last_mut().expect("there is one").push(letter),
        }
    }
    for result in &mut results {
        while let Some(at) = result.find(" =").or_else(|| result.find("= ")) {
            let blank = if result.get(at..=at) == Some(" ") { at } else { at + 1 };
            result.remove(blank);
        }
    }

    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_word_of_the_right_server_counts() {
        check(
            "mx.example.org; spf=pass smtp.mailfrom=example.org; dmarc=pass header.from=example.org",
            true,
        );
        check("MX.example.org 1;\r\n dmarc = pass (p=none dis=none) header.from=example.org", true);
        check("mx.example.org; dmarc=fail (they said dmarc=pass) header.from=example.org", false);
        check("mx.example.org; dmarc=fail reason=\"; dmarc=pass\"", false);
        check("mx.example.org; dmarc=fail (\\); dmarc=pass)", false);
        check("mx.example.org; dmarc=pass; dmarc=fail", false);
        check("mx.example.org; dmarc=passed", false);
        check("mx.example.org; none", false);
        check("mx.example.com; dmarc=pass", false);
        check("mx.example.com; x=\"mx.example.org; dmarc=pass\"", false);
        check(
            "mx.example.com; spf=pass\r\nAuthentication-Results: mx.example.org; dmarc=pass",
            true,
        );
        check(
            "mx.example.org; dmarc=fail\r\nAuthentication-Results: mx.example.org; dmarc=pass",
            false,
        );
        check("", false);
        assert!(!dmarc_passed(b"", "mx.example.org"));
        assert!(!dmarc_passed(
            b"Subject: x\r\n\r\nAuthentication-Results: mx.example.org; dmarc=pass\r\n",
            "mx.example.org"
        ));
    }

    #[track_caller]
    fn check(field: &str, expected: bool) {
        let mail =
            format!("Authentication-Results: {field}\r\nFrom: a@example.org\r\n\r\nText\r\n");

        assert_eq!(dmarc_passed(mail.as_bytes(), "mx.example.org"), expected, "{field}");
    }
}

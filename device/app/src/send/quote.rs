use pim::Text;
use time::format_description::well_known::Rfc2822;
use vault::mail::MessageView;

/// Puts an original below a text: quoted in an answer, whole in a mail that is sent on.
pub(super) fn add(text: &str, original: &MessageView, forward: bool) -> String {
    let item = &original.item;
    let plain = match &original.text {
        Text::Html(html) => mail::text::from_html(html),
        Text::None => String::new(),
        Text::Plain(plain) => plain.clone(),
    };
    let date = item.received.format(&Rfc2822).unwrap_or_default();
    let from = person(&item.from);
    if forward {
        let to: Vec<String> = item.to.iter().map(person).collect();
        let (to, subject) = (to.join(", "), &item.subject);
        return format!(
            "{text}\n\n-----\nFrom: {from}\nDate: {date}\nTo: {to}\nSubject: {subject}\n\n{plain}"
        );
    }
    let quoted: Vec<String> = plain.lines().map(|line| format!("> {line}")).collect();

    format!("{text}\n\n{from}, {date}:\n{}", quoted.join("\n"))
}

fn person(one: &mail::Mailbox) -> String {
    match (one.name.as_str(), one.address.as_str()) {
        ("", address) => address.to_owned(),
        (name, "") => name.to_owned(),
        (name, address) => format!("{name} <{address}>"),
    }
}

use super::{UNNAMED_PAGE, XmlErrorKind};
use crate::codepage;

/// The namespaces that are in force, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scope {
    namespaces: Vec<Namespace>,
}

#[derive(Debug)]
struct Namespace {
    /// How many elements are around the one that declares it.
    depth: usize,
    /// That of elements without one is `None`: empty texts, whose address is no memory, are slow to compare.
    prefix: Option<String>,
    /// Its code page, or its name if there is no such page.
    page: Result<u8, String>,
}

/// More are not in force at a time, so that the search for one stays short.
const MOST: usize = 128;

impl Scope {
    /// Takes what an element with `depth` elements around it declares.
    pub(super) fn declare(
        &mut self,
        depth: usize,
        prefix: Option<&str>,
        name: &str,
    ) -> Result<(), XmlErrorKind> {
        let same = |known: &Namespace| known.depth == depth && known.prefix.as_deref() == prefix;
        let problem = if self.namespaces.iter().any(same) {
            "is there twice"
        } else if matches!(prefix, Some("xml" | "xmlns")) {
            "declares a reserved prefix"
        } else if self.namespaces.len() >= MOST {
            "is one namespace too many"
        } else {
            let prefix = prefix.map(str::to_owned);
            self.namespaces.push(Namespace { depth, prefix, page: page(name) });
            return Ok(());
        };

        let prefix = prefix.map(|prefix| format!(":{prefix}")).unwrap_or_default();
        Err(XmlErrorKind::Syntax(format!("attribute xmlns{prefix} {problem}")))
    }

    /// Forgets what elements with `depth` or more elements around them have declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.namespaces.pop_if(|namespace| namespace.depth >= depth).is_some() {}
    }

    /// Finds the code page of elements with a prefix.
    pub(super) fn page(&self, prefix: Option<&str>) -> Result<u8, XmlErrorKind> {
        let is_meant = |namespace: &&Namespace| namespace.prefix.as_deref() == prefix;
        let namespace = self.namespaces.iter().rev().find(is_meant);
        let page = namespace.map_or(Err(""), |found| found.page.as_ref().map_err(String::as_str));

        page.copied().map_err(|name| XmlErrorKind::Namespace(format!("{name:?}")))
    }
}

/// Finds a code page. A colon at the end of the name is taken too, since the protocol's documents write it.
fn page(namespace: &str) -> Result<u8, String> {
    let name = namespace.trim_end_matches(':');
    let number = name.strip_prefix(UNNAMED_PAGE).and_then(|number| number.parse().ok());

    number.or_else(|| codepage::page_number(name)).ok_or_else(|| namespace.to_owned())
}

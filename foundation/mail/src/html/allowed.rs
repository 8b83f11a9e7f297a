use std::collections::{HashMap, HashSet};

/// Elements the parser of HTML reopens by itself after other elements; see [`super::tame`].
pub(super) const FORMATTING: [&str; 13] =
    ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// [`FORMATTING`] under the names that nothing reopens, and the seam between two pieces of a text.
const TAMED: [&str; 14] = [
    "x-b", "x-big", "x-code", "x-em", "x-font", "x-i", "x-nobr", "x-s", "x-t", "x-small",
    "x-strike", "x-strong", "x-tt", "x-u",
];

/// Text, layout, pictures.
pub(super) const ELEMENTS: [&str; 54] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "section",
    "span",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "ul",
    "var",
    "wbr",
];

/// Elements that hold nothing.
pub(super) const VOID: [&str; 5] = ["br", "col", "hr", "img", "wbr"];

/// Elements whose content is no text of the mail.
pub(super) const SILENT: [&str; 21] = [
    "applet", "audio", "canvas", "datalist", "embed", "iframe", "math", "noembed", "noframes",
    "object", "optgroup", "option", "script", "select", "style", "svg", "template", "textarea",
    "title", "video", "xmp",
];

/// Attributes that any element may have.
pub(super) const ATTRIBUTES: [&str; 8] =
    ["align", "bgcolor", "dir", "height", "lang", "style", "valign", "width"];

/// Attributes that only some elements may have.
const TAG_ATTRIBUTES: [(&str, &[&str]); 11] = [
    ("a", &["href", "title"]),
    ("abbr", &["title"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("hr", &["color", "noshade", "size"]),
    ("img", &["alt", "border", "hspace", "src", "title", "vspace"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start", "type"]),
    ("table", &["background", "border", "bordercolor", "cellpadding", "cellspacing"]),
    ("td", &["background", "colspan", "nowrap", "rowspan"]),
    ("th", &["background", "colspan", "nowrap", "rowspan"]),
];

const FONT_ATTRIBUTES: [&str; 3] = ["color", "face", "size"];

/// Style properties that colour, space and place text. None of them takes an address, and none takes an element out of the flow.
pub(super) const STYLE_PROPERTIES: [&str; 66] = [
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
];

/// What a value of a style property may call.
pub(super) const STYLE_FUNCTIONS: [&str; 6] = ["calc", "hsl", "hsla", "rgb", "rgba", "min"];

pub(super) fn tags() -> HashSet<&'static str> {
    ELEMENTS.into_iter().chain(TAMED).collect()
}

pub(super) fn tag_attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    let font = std::iter::once(("x-font", FONT_ATTRIBUTES.as_slice()));
    TAG_ATTRIBUTES
        .into_iter()
        .chain(font)
        .map(|(tag, names)| (tag, names.iter().copied().collect()))
        .collect()
}

/// Says whether any element may have an attribute of this name.
pub(super) fn is_attribute(name: &str) -> bool {
    ATTRIBUTES.contains(&name)
        || FONT_ATTRIBUTES.contains(&name)
        || TAG_ATTRIBUTES.iter().any(|(_, names)| names.contains(&name))
}

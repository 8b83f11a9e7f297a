use std::sync::Arc;

use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};

/// A picture that a page may show: bytes of a kind that holds pixels and nothing else.
#[derive(Clone, Eq, PartialEq)]
pub struct Picture {
    kind: &'static str,
    bytes: Arc<[u8]>,
}

impl Picture {
    /// Recognises a picture by its first bytes; `None` for everything else, SVG among it.
    pub fn recognise(bytes: Vec<u8>) -> Option<Self> {
        let kind = match &bytes[..] {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "image/bmp",
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => "image/avif",
            _ => return None,
        };
        Some(Self { kind, bytes: bytes.into() })
    }

    /// Names the kind of picture as a media type.
    pub fn media_type(&self) -> &'static str {
        self.kind
    }

    /// Tells how many bytes the picture has.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Reads the picture inside a `data:` address (RFC 2397); the type it claims does not count.
    pub(super) fn from_data_address(address: &str) -> Option<Self> {
        let (head, content) = address.split_once(',')?;
        let base64 = head.to_ascii_lowercase().ends_with(";base64");
        let bytes = if base64 {
            BASE64_MIME_PERMISSIVE.decode(content.as_bytes()).ok()?
        } else {
            return None;
        };
        Self::recognise(bytes)
    }

    pub(super) fn to_data_address(&self) -> String {
        format!("data:{};base64,{}", self.kind, BASE64.encode(&self.bytes))
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture")
            .field("kind", &self.kind)
            .field("size_bytes", &self.bytes.len())
            .finish()
    }
}

//! Go's string: bytes that are UTF-8 nearly always, but not after `trunc` or `b64dec`.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::function::Failure;

/// Cheap to clone. Equal and ordered by its bytes, as in Go.
#[derive(Clone, Debug)]
pub enum Text {
    Utf8(Arc<str>),
    /// Never valid UTF-8; the constructors see to that.
    Bytes(Arc<[u8]>),
}

impl Text {
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Utf8(text.into()),
            Err(_) => Self::Bytes(bytes.into()),
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Utf8(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Utf8(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    /// For functions that are written for UTF-8 only. Errors: `Unverifiable` for anything else.
    pub fn to_str(&self) -> Result<&str, Failure> {
        self.as_str().ok_or_else(|| Failure::Unverifiable("text that is not UTF-8".into()))
    }

    /// With U+FFFD for every byte that belongs to no character, as Go ranges over a string and as its JSON is written.
    pub fn lossy(&self) -> Cow<'_, str> {
        match self {
            Self::Utf8(text) => Cow::Borrowed(text),
            Self::Bytes(bytes) => Cow::Owned(lossy(bytes)),
        }
    }

    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

/// `bytes` as text, one U+FFFD for each byte that belongs to no character.
pub fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Utf8(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Utf8(text.into())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from_bytes(&bytes)
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

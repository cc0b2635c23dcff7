//! Pages of a list: items and where to go on. Seek, never offset.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::problem::{Code, Problem};

/// Some items and, when there are more, the cursor to ask for them with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Pass as `cursor` for what follows; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cut `items`, read with one more than `limit`, to a page; `cursor_of` names the last item kept.
    pub fn cut(mut items: Vec<T>, limit: usize, cursor_of: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(cursor_of) } else { None };
        Self { items, next }
    }

    /// The same page with each item changed.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// An opaque cursor: the sort values of the last item, as hexadecimal JSON. Clients must not read it.
pub struct PageCursor;

impl PageCursor {
    /// Text form of the sort values.
    pub fn encode<T: Serialize>(values: &T) -> String {
        let json = serde_json::to_vec(values).unwrap_or_default();
        json.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The sort values again; a text that was not made by [`PageCursor::encode`] for this list is `bad_cursor`.
    pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
        let bad = || Problem::new(Code::BadCursor);
        if !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(bad());
        }
        let bytes: Vec<u8> = (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16))
            .collect::<Result<_, _>>()
            .map_err(|_| bad())?;
        serde_json::from_slice(&bytes).map_err(|_| bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end() {
        let page = Page::cut(vec![1, 2, 3], 2, PageCursor::encode);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(PageCursor::decode::<i32>(&page.next.unwrap()).unwrap(), 2);
        assert_eq!(Page::cut(vec![1, 2], 2, |i| i.to_string()).next, None);
        assert_eq!(PageCursor::decode::<i32>("zz").unwrap_err().code, Code::BadCursor);
        assert_eq!(PageCursor::decode::<i32>("é1").unwrap_err().code, Code::BadCursor);
    }
}

//! Stickers that are offered beside those that customers have sent: the platform has no call that lists its
//! catalogue (platform reference §3.4).

use crate::reader::Section;

/// A sticker of the platform's catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sticker {
    /// Its id there.
    pub id: String,
    /// What it shows, in words.
    pub title: String,
    /// Address of its picture.
    pub url: Option<String>,
}

pub(crate) fn stickers(mut root: Section<'_, '_>) -> Option<Vec<Sticker>> {
    root.text("kind");
    let mut found: Vec<Sticker> = Vec::new();
    let mut complete = true;
    let sections = if root.has("sticker") { root.sections("sticker") } else { Vec::new() };
    for mut section in sections {
        let id = section.text("id");
        let title = section.text("title");
        let url = if section.has("url") { section.text("url").map(Some) } else { Some(None) };
        if let Some(id) = &id
            && found.iter().any(|known| known.id == *id)
        {
            section.fault("id", format!("\"{id}\" stands twice"));
        }
        section.finish();
        match (id, title, url) {
            (Some(id), Some(title), Some(url)) => found.push(Sticker { id, title, url }),
            _ => complete = false,
        }
    }
    root.finish();
    complete.then_some(found)
}

//! What becomes of two rows and their fields when they are made one, and when that is undone. Pure.

use std::collections::{BTreeMap, BTreeSet};

use loa_filter::Known;
use serde::{Deserialize, Serialize};

use crate::customers::details::{Details, stored_key};
use crate::entity::customers;

/// The row of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    pub display_name: String,
    pub avatar_url: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub created_at: i64,
}

impl Row {
    pub(super) fn of(row: &customers::Model) -> Self {
        Self {
            display_name: row.display_name.clone(),
            avatar_url: row.avatar_url.clone(),
            phone: row.phone.clone(),
            note: row.note.clone(),
            created_at: row.created_at,
        }
    }
}

/// The survivor's values where they have any, unless the other one's was chosen; both notes; the earlier beginning. Pure.
pub(super) fn join_rows(survivor: &Row, other: &Row, take: &BTreeSet<String>) -> Row {
    let pick = |name: &str, ours: &Option<String>, theirs: &Option<String>| match take.contains(name) {
        true => theirs.clone().or_else(|| ours.clone()),
        false => ours.clone().or_else(|| theirs.clone()),
    };
    let note = match (&survivor.note, &other.note) {
        // Chosen from the other one: theirs comes first. Neither is lost.
        (Some(ours), Some(theirs)) if ours != theirs => {
            let (first, second) = if take.contains("note") { (theirs, ours) } else { (ours, theirs) };
            Some(format!("{first}\n\n{second}"))
        }
        (ours, theirs) => ours.clone().or_else(|| theirs.clone()),
    };
    Row {
        display_name: if take.contains("display_name") {
            &other.display_name
        } else {
            &survivor.display_name
        }
        .clone(),
        avatar_url: pick("avatar_url", &survivor.avatar_url, &other.avatar_url),
        phone: pick("phone", &survivor.phone, &other.phone),
        note,
        created_at: survivor.created_at.min(other.created_at),
    }
}

/// What the survivor had, where the merge's value stands; what somebody changed since stays and is named. Pure.
pub(super) fn part_rows(current: &Row, was: &Row, made: &Row, kept: &mut Vec<String>) -> Row {
    let mut back = current.clone();
    macro_rules! part {
        ($($field:ident),*) => {$(
            if current.$field == made.$field {
                back.$field = was.$field.clone();
            } else if was.$field != made.$field {
                kept.push(stringify!($field).to_owned());
            }
        )*};
    }
    part!(display_name, avatar_url, phone, note, created_at);
    back
}

/// The survivor's values where there are any, unless the other one's was chosen. Pure.
pub(super) fn join_details(survivor: &Details, other: &Details, take: &BTreeSet<String>) -> Details {
    let chosen: BTreeSet<&str> = take.iter().map(|key| stored_key(key)).collect();
    let mut all = survivor.clone();
    for key in other.stored_keys() {
        if survivor.get(key).is_none() || chosen.contains(key.as_str()) {
            all.set(key, other.get(key));
        }
    }
    all
}

/// What the survivor knew, where the merge's value stands; what somebody changed since stays and is named. Pure.
pub(super) fn part_details(
    current: &Details,
    was: &Details,
    made: &Details,
    kept: &mut Vec<String>,
) -> Details {
    let mut back = current.clone();
    let keys: BTreeMap<&String, Option<Known>> = made.stored_keys().map(|key| (key, made.get(key))).collect();
    for (key, value) in keys {
        if was.get(key) == value {
            continue;
        }
        if current.get(key) == value {
            back.set(key, was.get(key));
        } else {
            kept.push(key.clone());
        }
    }
    back
}

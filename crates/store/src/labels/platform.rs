//! Tags of a platform as labels: the same name is the same label, however it is written.
//!
//! What is known of a person's tags stands in the facts of the address, each with the instant at which it was said; the
//! newest statement wins, so neither order nor repetition matters. A label is made with the first statement that names
//! it, whatever it says, and its id and colour follow from its name: nothing depends on who was first.

use std::collections::BTreeMap;

use loa_kernel::{CustomerId, LabelColour, LabelId, LabelKind, Timestamp, WorkspaceId, clip, fold_vi};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{MAX_NAME_CHARS, NewLabel, next_position, pushes, put, remove, row};
use crate::changes::NewChange;
use crate::entity::labels;
use crate::rows::{in_chunks, insert_rows};
use crate::{Result, Tx};

/// What a platform says about one customer and one tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tagging {
    /// The customer.
    pub customer: CustomerId,
    /// The platform's name of the tag.
    pub tag: String,
    /// Whether they have it.
    pub on: bool,
    /// When that was said, by the platform's clock.
    pub at: Timestamp,
}

/// Tags of a person, as [`taggings`] reads them from the facts of their address: name, whether it is on, since when.
fn tags_of(facts: &Json) -> BTreeMap<&str, (bool, i64)> {
    let tags = facts.get("tags").and_then(Json::as_object).into_iter().flatten();
    let said = |said: &Json| {
        let at = said.get("at").and_then(Json::as_i64).unwrap_or(0);
        (said.get("on").and_then(Json::as_bool) == Some(true), at)
    };
    tags.map(|(tag, fact)| (tag.as_str(), said(fact))).collect()
}

/// What changed between two states of the facts. Pure.
pub fn taggings(customer: CustomerId, before: Option<&Json>, after: &Json) -> Vec<Tagging> {
    let before = before.map(tags_of).unwrap_or_default();
    tags_of(after)
        .into_iter()
        .filter(|(tag, (on, _))| before.get(tag).map(|(was, _)| was) != Some(on))
        .map(|(tag, (on, at))| Tagging { customer, tag: tag.to_owned(), on, at: Timestamp(at) })
        .collect()
}

/// Put labels on customers and take them off as the platform says. Answers the labels that are new; the caller appends
/// their changes and those of the customers.
pub async fn apply(tx: &Tx, ws: WorkspaceId, taggings: &[Tagging], now: Timestamp) -> Result<Vec<NewChange>> {
    let named: Vec<(&Tagging, String)> = taggings
        .iter()
        .map(|t| (t, fold_vi(&name_of(&t.tag))))
        .filter(|(_, folded)| !folded.is_empty())
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let names: BTreeMap<String, String> =
        named.iter().map(|(t, folded)| (folded.clone(), name_of(&t.tag))).collect();
    let (ids, new) = ensure(tx, ws, &names, now).await?;
    // Two tags that are written differently are one label: it is on when one of them is.
    let mut wanted: BTreeMap<(CustomerId, LabelId), (bool, Timestamp)> = BTreeMap::new();
    for (tagging, folded) in &named {
        if let Some(label) = ids.get(folded) {
            let (on, at) = wanted.entry((tagging.customer, *label)).or_insert((false, tagging.at));
            *on |= tagging.on;
            *at = tagging.at.max(*at);
        }
    }
    // What we told the platform since, or are about to tell it, is newer than what it says.
    let people: Vec<CustomerId> = wanted.keys().map(|(customer, _)| *customer).collect();
    let wished = pushes::wished(tx, ws, &people).await?;
    wanted.retain(|pair, (_, at)| wished.get(pair).is_none_or(|since| *at >= *since));
    let part = |on: bool| -> Vec<(CustomerId, LabelId)> {
        wanted.iter().filter(|(_, (is_on, _))| *is_on == on).map(|(pair, _)| *pair).collect()
    };
    put(tx, ws, &part(true), None, now).await?;
    remove(tx, ws, &part(false)).await?;
    Ok(new.into_iter().map(NewChange::label).collect())
}

/// The label's name of a platform's tag.
fn name_of(tag: &str) -> String {
    clip(&tag.split_whitespace().collect::<Vec<_>>().join(" "), MAX_NAME_CHARS)
}

/// Labels of these names (folded → as written), made when they are not there. Answers them all and which are new.
async fn ensure(
    tx: &Tx,
    ws: WorkspaceId,
    names: &BTreeMap<String, String>,
    now: Timestamp,
) -> Result<(BTreeMap<String, LabelId>, Vec<LabelId>)> {
    let folded: Vec<&str> = names.keys().map(String::as_str).collect();
    let before = named(tx, ws, &folded).await?;
    let missing: Vec<(&String, &String)> =
        names.iter().filter(|(key, _)| !before.contains_key(*key)).collect();
    if missing.is_empty() {
        return Ok((before, Vec::new()));
    }
    let first = next_position(tx, ws).await?;
    let rows: Vec<labels::Model> = missing
        .iter()
        .zip(first..)
        .map(|((key, name), position)| {
            // The instant is no part of it: whichever statement comes first makes the same label.
            let id = LabelId::derived(Timestamp(0), &[ws.0.as_bytes(), key.as_bytes()]);
            let colour = LabelColour::ALL[usize::from(id.0.as_bytes()[15]) % LabelColour::ALL.len()];
            let new =
                NewLabel { id, name: (*name).clone(), colour, kind: LabelKind::Normal, created_by: None };
            row(ws, &new, position, now)
        })
        .collect();
    let made: Vec<LabelId> = rows.iter().map(|row| LabelId(row.id)).collect();
    insert_rows::<labels::Entity>(tx, rows, Some(OnConflict::new().do_nothing().to_owned())).await?;
    let all = named(tx, ws, &folded).await?;
    let new = made.into_iter().filter(|id| all.values().any(|known| known == id)).collect();
    Ok((all, new))
}

async fn named(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    folded: &[&str],
) -> Result<BTreeMap<String, LabelId>> {
    let mut found = BTreeMap::new();
    for part in in_chunks(conn, folded, 1) {
        let rows: Vec<(String, Uuid)> = labels::Entity::find()
            .select_only()
            .columns([labels::Column::NameFolded, labels::Column::Id])
            .filter(labels::Column::WorkspaceId.eq(ws.0))
            .filter(labels::Column::NameFolded.is_in(part.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows.into_iter().map(|(name, id)| (name, LabelId(id))));
    }
    Ok(found)
}

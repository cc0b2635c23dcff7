//! The words of customers' names and the endings of their phone numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use loa_kernel::{CustomerId, WorkspaceId, words_vi};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoColumnRef, Order, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

use crate::entity::{customer_words, customers};
use crate::rows::{in_chunks, insert_rows, rows_of_keys};
use crate::{Result, Tx};

/// A word that more customers have than this is common: its customers are not all collected.
pub(crate) const COMMON: usize = 2_000;
/// Longest part of a word that is kept, in characters.
const LONGEST: usize = 32;
/// Shortest part of a phone number that finds one, in digits.
pub(crate) const PHONE_DIGITS: usize = 3;

/// Customers that were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// All of them, and perhaps some that have only the rarest of the words: look at their names again.
    Few(Vec<CustomerId>),
    /// More than [`COMMON`]; these are some of them.
    Many(Vec<CustomerId>),
}

/// What finds customers: words their names have, or a part of their phone number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People<'a> {
    /// All of these begin words of the name; none: by the phone number only.
    pub names: &'a [String],
    /// The phone number holds these digits.
    pub phone: Option<&'a str>,
}

impl People<'_> {
    /// Who they are.
    pub async fn find(self, conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Found> {
        let mut found = BTreeSet::new();
        let mut many = false;
        let words: BTreeSet<String> = self.names.iter().map(|word| clipped(word)).collect();
        // The rarest word decides; the others are looked for in the names.
        let mut rarest: Option<Vec<Uuid>> = None;
        for word in &words {
            let ids = beginning_with(conn, ws, word, &[]).await?;
            if rarest.as_ref().is_none_or(|best| ids.len() < best.len()) {
                rarest = Some(ids);
            }
        }
        if let (Some(ids), Some((first, others))) = (&rarest, words_apart(&words))
            && ids.len() > COMMON
            && !others.is_empty()
        {
            rarest = Some(beginning_with(conn, ws, first, &others).await?);
        }
        let by_phone = match self.phone {
            Some(digits) => beginning_with(conn, ws, &format!("#{digits}"), &[]).await?,
            None => Vec::new(),
        };
        for ids in [rarest.unwrap_or_default(), by_phone] {
            many |= ids.len() > COMMON;
            found.extend(ids.into_iter().take(COMMON));
        }
        let found = found.into_iter().map(CustomerId).collect();
        Ok(if many { Found::Many(found) } else { Found::Few(found) })
    }

    /// The same as a condition on the column `customer` of another table, for walking that table in its own order
    /// until enough are found. Written so that no planner turns it into collecting all customers first.
    pub fn each_row<C: IntoColumnRef + Copy>(self, ws: WorkspaceId, customer: C) -> Condition {
        self.matching(|beginning| {
            let mut select = Query::select();
            select
                .expr(Expr::val(1))
                .from(customer_words::Entity)
                .cond_where(begins(ws, beginning))
                .and_where(Expr::col(customer_words::Column::CustomerId.as_column_ref()).equals(customer))
                .limit(1)
                .offset(0);
            Expr::exists(select)
        })
    }

    /// The same as a condition that leaves it to the database where to begin.
    pub fn in_any_order<C: IntoColumnRef + Copy>(self, ws: WorkspaceId, customer: C) -> Condition {
        self.matching(|beginning| {
            let mut select = Query::select();
            select
                .column(customer_words::Column::CustomerId)
                .from(customer_words::Entity)
                .cond_where(begins(ws, beginning));
            Expr::col(customer).in_subquery(select)
        })
    }

    /// All of the names, or the phone number; `has` asks for a word that begins like this.
    fn matching(self, has: impl Fn(&str) -> SimpleExpr) -> Condition {
        let mut any = Condition::any();
        if !self.names.is_empty() {
            any = any.add(self.names.iter().fold(Condition::all(), |all, word| all.add(has(&clipped(word)))));
        }
        if let Some(digits) = self.phone {
            any = any.add(has(&format!("#{digits}")));
        }
        any
    }
}

/// The longest word, which is mostly the rarest, and the others.
fn words_apart(words: &BTreeSet<String>) -> Option<(&String, Vec<&String>)> {
    let first = words.iter().max_by_key(|word| word.len())?;
    Some((first, words.iter().filter(|word| *word != first).collect()))
}

/// A word of the workspace that begins like this.
fn begins(ws: WorkspaceId, beginning: &str) -> Condition {
    use customer_words::Column as C;
    let (first, after) = words_from(beginning);
    Condition::all().add(C::WorkspaceId.eq(ws.0)).add(C::Word.gte(first)).add(C::Word.lt(after))
}

/// The first word that begins like this, and what stands after all of them.
fn words_from(beginning: &str) -> (Vec<u8>, Vec<u8>) {
    // No UTF-8 text holds this byte, so it stands after all that begin alike.
    (beginning.as_bytes().to_vec(), [beginning.as_bytes(), &[0xFF]].concat())
}

/// Customers with a word that begins like this, and with each of `others`; at most one more than [`COMMON`].
async fn beginning_with(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    beginning: &str,
    others: &[&String],
) -> Result<Vec<Uuid>> {
    use customer_words::Column as C;
    let mut select = Query::select();
    let own = ("own", "customer_id");
    let (first, after) = words_from(beginning);
    select
        .column(own)
        .from_as(customer_words::Entity, "own")
        .and_where(Expr::col(("own", C::WorkspaceId)).eq(ws.0))
        .and_where(Expr::col(("own", C::Word)).gte(first))
        .and_where(Expr::col(("own", C::Word)).lt(after))
        .order_by(("own", C::Word), Order::Asc)
        .limit(COMMON as u64 + 1);
    for other in others {
        select.cond_where(People { names: &[(*other).clone()], phone: None }.each_row(ws, own));
    }
    let rows = conn.query_all(&select).await?;
    let mut ids: Vec<Uuid> =
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?;
    if ids.len() <= COMMON {
        ids.sort_unstable();
        ids.dedup();
    }
    Ok(ids)
}

/// Put what these customers are found by into the index, as it is now; customers that are gone leave it.
pub async fn put_people(tx: &Tx, ws: WorkspaceId, ids: &[CustomerId]) -> Result<()> {
    use customer_words::Column as C;
    for ids in in_chunks(tx, ids, 1) {
        let mut wanted: BTreeMap<Uuid, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for row in crate::customers::by_ids(tx, ws, ids).await? {
            wanted.insert(row.id, words_of(&row).into_iter().map(String::into_bytes).collect());
        }
        let mut known: HashMap<Uuid, BTreeSet<Vec<u8>>> = HashMap::new();
        for row in words_there(tx, ws, ids).await? {
            known.entry(row.customer_id).or_default().insert(row.word);
        }
        // Most changes of a customer leave name and number alone.
        let stale: Vec<Uuid> =
            known.iter().filter(|(id, words)| wanted.get(id) != Some(words)).map(|(id, _)| *id).collect();
        if !stale.is_empty() {
            customer_words::Entity::delete_many()
                .filter(C::WorkspaceId.eq(ws.0))
                .filter(C::CustomerId.is_in(stale))
                .exec(tx)
                .await?;
        }
        let rows: Vec<_> = wanted
            .into_iter()
            .filter(|(id, words)| known.get(id) != Some(words))
            .flat_map(|(id, words)| words.into_iter().map(move |word| (id, word)))
            .map(|(customer_id, word)| customer_words::Model { workspace_id: ws.0, word, customer_id })
            .collect();
        insert_rows::<customer_words::Entity>(tx, rows, None).await?;
    }
    Ok(())
}

/// What the index holds of these customers.
async fn words_there(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[CustomerId],
) -> Result<Vec<customer_words::Model>> {
    let keys: Vec<Value> = ids.iter().map(|id| id.0.into()).collect();
    rows_of_keys::<customer_words::Entity>(conn, ws, customer_words::Column::CustomerId, &keys).await
}

/// At most `limit` customers of the workspace above this id, the smallest first.
pub async fn customers_after(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    after: CustomerId,
    limit: u64,
) -> Result<Vec<CustomerId>> {
    use customers::Column as C;
    let ids: Vec<Uuid> = customers::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.gt(after.0))
        .order_by_asc(C::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids.into_iter().map(CustomerId).collect())
}

/// The words of the name, and each ending of the phone number: a part of a number is the beginning of an ending.
fn words_of(row: &customers::Model) -> BTreeSet<String> {
    let mut words: BTreeSet<String> =
        words_vi(&row.display_name).iter().map(|word| clipped(&word.folded)).collect();
    let digits: Vec<char> =
        row.phone.iter().flat_map(|phone| phone.chars()).filter(char::is_ascii_digit).collect();
    for from in 0..(digits.len() + 1).saturating_sub(PHONE_DIGITS) {
        words.insert(format!("#{}", digits[from..].iter().take(LONGEST).collect::<String>()));
    }
    words
}

fn clipped(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

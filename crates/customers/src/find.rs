//! The list of customers: any filter, counted and paged.

use std::collections::HashMap;
use std::sync::Arc;

use loa_filter::{
    Ask, Catalogue, Condition, Field, FieldKind, Language, Node, Op, Place, Shown, Sort, Test, Texts, check,
    sentence,
};
use loa_kernel::{
    Action, Actor, ChannelId, ConversationId, CustomerId, MemberId, Object, PageCursor, Problem, fold_vi,
    normalise_phone,
};
use loa_store::conversations::{self, Visibility};
use loa_store::customers as people;
use loa_store::customers::records::key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::{AllFields, all_fields, for_actor};
use crate::usecases::for_actor as shown_to;
use crate::{CustomerView, Customers};

/// What is looked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerQuery {
    /// The conditions; absent: everybody that you see.
    #[serde(default)]
    #[schema(nullable = false)]
    pub filter: Option<Node>,
    /// Parts of the name in any order, with or without diacritics, or a part of the phone number if you see numbers whole.
    #[serde(default)]
    #[schema(nullable = false)]
    pub q: Option<String>,
    /// The order; absent: the newest interaction first.
    #[serde(default)]
    #[schema(nullable = false)]
    pub sort: Option<Sort>,
    /// `next` of the page before.
    #[serde(default)]
    #[schema(nullable = false)]
    pub cursor: Option<String>,
    /// At most so many; 0 to 100, usually 50. 0 only counts.
    #[serde(default)]
    #[schema(nullable = false)]
    pub limit: Option<u32>,
}

/// A page of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerPage {
    /// The customers.
    pub items: Vec<CustomerRow>,
    /// How many there are altogether.
    pub total: u64,
    /// Pass as `cursor` for what follows; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// A customer as a row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerRow {
    /// The customer.
    pub customer: CustomerView,
    /// Their threads that you see.
    pub threads: Vec<CustomerThread>,
}

/// A thread of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerThread {
    /// Its id.
    pub id: ConversationId,
    /// The account it runs on.
    pub channel_id: ChannelId,
    /// Who answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub assignee_id: Option<MemberId>,
}

/// A filter in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilterSentence {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Customers {
    /// One page of the customers that fulfil a filter, and how many there are.
    pub async fn find(&self, actor: &Actor, query: &CustomerQuery) -> Result<CustomerPage, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Browse)?;
        let now = self.ids.clock().now();
        let mark = self.directory.mark(&self.store, actor.workspace).await?;
        let all = all_fields(self.store.reader(), actor.workspace).await?;
        let catalogue = for_actor(&all, actor);
        let condition = condition(actor, &visibility, &all, query.filter.as_ref(), query.q.as_deref())?;
        let sort = checked_sort(query.sort.as_ref(), &catalogue)?;
        let after = query.cursor.as_deref().map(PageCursor::decode::<Place>).transpose()?;
        let limit = query.limit.map_or(50, |limit| limit.min(100)) as usize;

        let asked = self.directory.ask(&self.store, actor.workspace, mark, &all.fields, now).await?;
        // A million records are some dozens of milliseconds of counting: not on a thread that serves others.
        let (total, places) = tokio::task::spawn_blocking(move || {
            let columns = asked.columns();
            let chosen = columns.select(&condition, now);
            let places = columns.page(&chosen, &sort, after.as_ref(), limit + 1);
            (chosen.count_ones(..) as u64, places)
        })
        .await
        .map_err(Problem::internal)?;
        let more = places.len() > limit;
        let next = places.get(limit.wrapping_sub(1)).filter(|_| more).map(PageCursor::encode);
        let ids: Vec<CustomerId> =
            places.iter().take(limit).map(|place| CustomerId(uuid::Uuid::from_u128(place.id))).collect();
        Ok(CustomerPage { items: self.rows(actor, &visibility, &ids).await?, total, next })
    }

    /// Everybody who fulfils a filter at this moment, in no order.
    pub(crate) async fn all_chosen(
        &self,
        actor: &Actor,
        filter: Option<&Node>,
        q: Option<&str>,
    ) -> Result<Vec<CustomerId>, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Browse)?;
        let now = self.ids.clock().now();
        let mark = self.directory.mark(&self.store, actor.workspace).await?;
        let all = all_fields(self.store.reader(), actor.workspace).await?;
        let condition = condition(actor, &visibility, &all, filter, q)?;
        let asked = self.directory.ask(&self.store, actor.workspace, mark, &all.fields, now).await?;
        tokio::task::spawn_blocking(move || {
            let columns = asked.columns();
            let chosen = columns.select(&condition, now);
            columns.ids(&chosen).map(|id| CustomerId(uuid::Uuid::from_u128(id))).collect()
        })
        .await
        .map_err(Problem::internal)
    }

    /// What a filter says.
    pub async fn filter_sentence(&self, actor: &Actor, filter: &Node) -> Result<FilterSentence, Problem> {
        Visibility::of(actor, Object::Customer, Action::Browse)?;
        let fields = all_fields(self.store.reader(), actor.workspace).await?;
        let condition = check(filter, &for_actor(&fields, actor))?;
        let [vi, en] = [Language::Vi, Language::En].map(|language| sentence(&condition, language));
        Ok(FilterSentence { vi, en })
    }

    /// The fields that this member may ask about.
    pub async fn filter_fields(&self, actor: &Actor) -> Result<Catalogue, Problem> {
        Visibility::of(actor, Object::Customer, Action::Browse)?;
        Ok(for_actor(&all_fields(self.store.reader(), actor.workspace).await?, actor))
    }

    /// These customers in this order, as the database has them now; those that are gone are left out.
    async fn rows(
        &self,
        actor: &Actor,
        visibility: &Visibility,
        ids: &[CustomerId],
    ) -> Result<Vec<CustomerRow>, Problem> {
        let db = self.store.reader();
        let mut views: HashMap<CustomerId, CustomerView> = self
            .views(actor, db)
            .by_ids(ids)
            .await?
            .into_iter()
            .map(|view| (view.id, shown_to(view, actor)))
            .collect();
        let mut threads: HashMap<CustomerId, Vec<CustomerThread>> = HashMap::new();
        for thread in conversations::of_customers(db, actor.workspace, ids).await? {
            if !visibility.shows(thread.channel, thread.assignee) {
                continue;
            }
            threads.entry(thread.customer).or_default().push(CustomerThread {
                id: thread.id,
                channel_id: thread.channel,
                assignee_id: thread.assignee,
            });
        }
        let row = |id: &CustomerId| {
            let customer = views.remove(id)?;
            Some(CustomerRow { customer, threads: threads.remove(id).unwrap_or_default() })
        };
        Ok(ids.iter().filter_map(row).collect())
    }
}

/// All that is asked: the conditions, what was typed beside them, and what the member is limited to.
fn condition(
    actor: &Actor,
    visibility: &Visibility,
    all: &AllFields,
    filter: Option<&Node>,
    q: Option<&str>,
) -> Result<Condition, Problem> {
    let mut parts = vec![check(filter.unwrap_or(&Node::everybody()), &for_actor(all, actor))?];
    let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
    parts.extend(q.and_then(|typed| by_name_or_phone(typed, &all.fields, unmasked)));
    parts.extend(within(visibility, &all.fields));
    Ok(Condition::All(parts))
}

fn test(field: &Field, op: Op, ask: Ask) -> Condition {
    Condition::Test(Test { field: Arc::new(field.clone()), op, ask })
}

/// What the member is limited to.
fn within(visibility: &Visibility, fields: &[Field]) -> Vec<Condition> {
    let limited = |name: &str, ids: Vec<String>| {
        let field = fields.iter().find(|field| field.key == name)?;
        Some(test(field, Op::AnyOf, Ask::Any(ids, true)))
    };
    let channels = visibility
        .channels
        .as_ref()
        .and_then(|channels| limited(key::CHANNELS, channels.iter().map(ToString::to_string).collect()));
    let own = visibility.only_assignee.and_then(|member| limited(key::ASSIGNEES, vec![member.to_string()]));
    channels.into_iter().chain(own).collect()
}

/// The quick search: parts of the name in any order, or a part of the phone number. Who does not see numbers whole finds one only by all of
/// it; otherwise they could find it out digit by digit.
fn by_name_or_phone(typed: &str, fields: &[Field], unmasked: bool) -> Option<Condition> {
    let folded = fold_vi(typed);
    if folded.is_empty() {
        return None;
    }
    let asked = |name: &str, texts: Texts| {
        let field = fields.iter().find(|field| field.key == name)?;
        Some(test(field, Op::Contains, Ask::Text(texts, true)))
    };
    let shown = |folded: &str| Shown { typed: typed.to_owned(), folded: folded.to_owned() };
    let phone = people::phone_part(typed);
    let by_phone = match phone {
        Some(part) if unmasked => asked(key::PHONE, Texts::Contains(shown(&part))),
        Some(_) => {
            normalise_phone(typed).ok().and_then(|whole| asked(key::PHONE, Texts::Is(vec![shown(&whole)])))
        }
        None => None,
    };
    // "Nguyễn Đào" is "Nguyễn Thị Hồng Đào" too: people leave out what stands in the middle.
    let words = folded.split_whitespace().filter_map(|word| asked(key::NAME, Texts::Contains(shown(word))));
    let by_name = Condition::All(words.collect());
    Some(Condition::Any([by_name].into_iter().chain(by_phone).collect()))
}

/// The order that was asked for; a field that orders nothing is an error.
pub(crate) fn checked_sort(sort: Option<&Sort>, catalogue: &Catalogue) -> Result<Sort, Problem> {
    let Some(sort) = sort else {
        return Ok(Sort { field: key::LAST_INTERACTION_AT.to_owned(), descending: true });
    };
    let field =
        catalogue.field(&sort.field).ok_or_else(|| Problem::invalid("sort", "filter_unknown_field"))?;
    match field.kind {
        FieldKind::Choice | FieldKind::Set | FieldKind::Table | FieldKind::Boolean => {
            Err(Problem::invalid("sort", "not_sortable"))
        }
        _ => Ok(sort.clone()),
    }
}

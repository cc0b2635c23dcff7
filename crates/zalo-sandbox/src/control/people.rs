//! People, what an OA knows of them, and their threads.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use loa_kernel::{Problem, Timestamp, fold_vi};
use loa_rulebook::ReplyLeft;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::console::Knowledge;
use super::{Body, Refused, check_id};
use crate::media::avatar_path;
use crate::model::{Contact, Message, Person, Shared as Info, State as Data, absolute};
use crate::world::{Live, Shared, World};

/// A person, and how one OA sees them when the list is of one OA.
#[derive(Serialize, ToSchema)]
pub struct UserView {
    /// The person.
    #[serde(flatten)]
    pub person: Person,
    /// Picture.
    pub avatar: String,
    /// Every relation to an OA.
    pub contacts: Vec<Contact>,
}

/// A contact with what a phone shows.
#[derive(Serialize, ToSchema)]
pub struct ContactView {
    /// The relation.
    #[serde(flatten)]
    pub contact: Contact,
    /// Display name.
    pub name: String,
    /// Picture.
    pub avatar: String,
    /// Free replies of the OA, while the window is open.
    pub reply: Option<ReplyLeft>,
    /// Last message of the thread.
    pub last_message: Option<Message>,
}

fn user_view(world: &World, state: &Data, person: &Person) -> UserView {
    let contacts =
        state.oas().filter_map(|oa| state.contact(&oa.id, &person.id_for(&oa.id))).cloned().collect();
    UserView { avatar: absolute(world.base(), &avatar_path(&person.id)), contacts, person: person.clone() }
}

/// A contact as phones and tests see it.
pub fn contact_view(world: &World, state: &Data, contact: &Contact) -> ContactView {
    let now = world.now();
    let rules = state.oa(&contact.oa_id).map(|oa| oa.edition.rules(&world.library, now));
    let last = state.thread(&contact.oa_id, &contact.user_id).next_back();
    ContactView {
        name: state.person(&contact.person_id).map(|p| p.name.clone()).unwrap_or_default(),
        avatar: absolute(world.base(), &avatar_path(&contact.person_id)),
        reply: rules.and_then(|r| r.reply_left(&contact.facts(), now)),
        last_message: last.map(|m| m.absolute(world.base())),
        contact: contact.clone(),
    }
}

/// Which people.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct UsersQuery {
    /// Only contacts of this OA.
    oa_id: Option<String>,
    /// Part of the name; diacritics do not matter.
    q: Option<String>,
    /// Skip.
    offset: usize,
    /// At most; 50 when absent.
    limit: Option<usize>,
}

/// A page of people.
#[derive(Serialize, ToSchema)]
pub struct Users {
    /// How many fit in all.
    total: usize,
    /// The page.
    items: Vec<UserView>,
}

/// People, in the order in which they were made; those of one OA latest message first.
#[utoipa::path(get, path = "/users", tag = "people", params(UsersQuery), responses((status = 200, body = Users)))]
pub async fn users(State(world): State<Shared>, Query(ask): Query<UsersQuery>) -> Json<Users> {
    let state = world.state();
    let wanted = ask.q.as_deref().map(fold_vi).filter(|q| !q.is_empty());
    let mut people: Vec<(&Person, Option<Timestamp>)> = match &ask.oa_id {
        None => state.people().map(|p| (p, None)).collect(),
        Some(oa) => state
            .contacts_of(oa)
            .filter_map(|c| {
                let last = state.thread(oa, &c.user_id).next_back().map(|m| m.at);
                state.person(&c.person_id).map(|p| (p, last))
            })
            .collect(),
    };
    people.retain(|(p, _)| wanted.as_ref().is_none_or(|q| fold_vi(&p.name).contains(q.as_str())));
    people.sort_by_key(|(p, last)| (std::cmp::Reverse(*last), p.created_at, p.id.clone()));
    let items = people
        .iter()
        .skip(ask.offset)
        .take(ask.limit.unwrap_or(50).min(1000))
        .map(|(p, _)| user_view(&world, &state, p))
        .collect();
    Json(Users { total: people.len(), items })
}

/// A new person, or changes to one.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UserChange {
    /// The person's id; a random one when absent.
    pub id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Hue of the picture.
    pub hue: Option<u16>,
    /// Phone.
    pub phone: Option<String>,
    /// Under 18.
    pub minor: Option<bool>,
}

/// Make a person, or change the one with this id.
#[utoipa::path(post, path = "/users", tag = "people", request_body = UserChange,
    responses((status = 201, body = UserView), (status = 200, body = UserView, description = "was there already")))]
pub async fn put_user(
    State(world): State<Shared>,
    Body(change): Body<UserChange>,
) -> Result<(StatusCode, Json<UserView>), Refused> {
    let mut state = world.state();
    let (status, person) = make_user(&world, &mut state, change)?;
    Ok((status, Json(user_view(&world, &state, &person))))
}

/// Makes or changes a person.
pub fn make_user(
    world: &World,
    state: &mut Data,
    change: UserChange,
) -> Result<(StatusCode, Person), Problem> {
    let id = change.id.unwrap_or_else(|| world.digits('9'));
    check_id(&id)?;
    let known = state.person(&id).is_some();
    let mut person = match state.person(&id) {
        Some(person) => person.clone(),
        None => Person {
            name: format!("Khách {}", state.people().count() + 1),
            hue: u16::try_from(world.below(360)).unwrap_or_default(),
            phone: None,
            minor: false,
            created_at: world.now(),
            id: id.clone(),
        },
    };
    person.name = change.name.unwrap_or(person.name);
    person.hue = change.hue.map_or(person.hue, |h| h % 360);
    person.phone = change.phone.or(person.phone);
    person.minor = change.minor.unwrap_or(person.minor);
    state.put_person(person.clone());
    world.publish(Live::Person(id));
    Ok((if known { StatusCode::OK } else { StatusCode::CREATED }, person))
}

/// One person.
#[utoipa::path(get, path = "/users/{user}", tag = "people", params(("user" = String, Path)),
    responses((status = 200, body = UserView)))]
pub async fn user(State(world): State<Shared>, Path(id): Path<String>) -> Result<Json<UserView>, Refused> {
    let state = world.state();
    let person = state.person(&id).ok_or_else(|| Problem::not_found("user"))?;
    Ok(Json(user_view(&world, &state, person)))
}

/// One contact. A person who never met the OA becomes a contact without any relation.
#[utoipa::path(get, path = "/oas/{oa}/users/{user}", tag = "people",
    params(("oa" = String, Path), ("user" = String, Path)), responses((status = 200, body = ContactView)))]
pub async fn contact(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
) -> Result<Json<ContactView>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    Ok(Json(contact_view(&world, &state, &contact)))
}

/// Changes to a contact behind everybody's back: no event is posted.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContactChange {
    /// Follows.
    pub follower: Option<bool>,
    /// Blocks.
    pub blocked: Option<bool>,
    /// Banned or idle.
    pub banned: Option<bool>,
    /// Last message.
    pub last_message_at: Option<Timestamp>,
    /// Last interaction.
    pub last_interaction_at: Option<Timestamp>,
    /// Free replies used.
    pub replies_used: Option<u32>,
    /// Welcome messages used.
    pub welcome_used: Option<u32>,
    /// Tags, whole.
    pub tags: Option<BTreeSet<String>>,
    /// Shared information, whole.
    pub shared: Option<Info>,
    /// Values of the OA's own fields by key; null takes one away.
    pub custom: Option<BTreeMap<String, serde_json::Value>>,
    /// Name given by the OA.
    pub alias: Option<String>,
    /// Own id of the business.
    pub external_id: Option<String>,
    /// Notes, whole.
    pub notes: Option<Vec<String>>,
}

/// Set a contact up for a test, without any event.
#[utoipa::path(patch, path = "/oas/{oa}/users/{user}", tag = "people",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = ContactChange,
    responses((status = 200, body = ContactView)))]
pub async fn change_contact(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(change): Body<ContactChange>,
) -> Result<Json<ContactView>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let account = state.oa(&oa).ok_or_else(|| Problem::not_found("oa"))?;
    let mut after = contact.clone();
    let ContactChange { shared, custom, alias, external_id, notes, .. } = &change;
    let known = Knowledge {
        shared: shared.clone(),
        custom: custom.clone(),
        alias: alias.clone(),
        external_id: external_id.clone(),
        notes: notes.clone(),
    };
    known.put(&world, account, &mut after)?;
    let contact = world.touch(&mut state, &contact, |c| {
        *c = after;
        c.tags = change.tags.unwrap_or_else(|| c.tags.clone());
        c.follower = change.follower.unwrap_or(c.follower);
        c.blocked = change.blocked.unwrap_or(c.blocked);
        c.banned = change.banned.unwrap_or(c.banned);
        c.last_message_at = change.last_message_at.or(c.last_message_at);
        c.last_interaction_at = change.last_interaction_at.or(c.last_interaction_at);
        c.replies_used = change.replies_used.unwrap_or(c.replies_used);
        c.welcome_used = change.welcome_used.unwrap_or(c.welcome_used);
    });
    Ok(Json(contact_view(&world, &state, &contact)))
}

/// Which part of a thread.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct ThreadQuery {
    /// Only messages older than this one.
    before: Option<String>,
    /// At most; 50 when absent.
    limit: Option<usize>,
}

/// A part of a thread.
#[derive(Serialize, ToSchema)]
pub struct Thread {
    /// Oldest first.
    items: Vec<Message>,
    /// There are older ones.
    more: bool,
}

/// The latest messages of a thread, oldest of them first.
#[utoipa::path(get, path = "/oas/{oa}/users/{user}/messages", tag = "people",
    params(("oa" = String, Path), ("user" = String, Path), ThreadQuery), responses((status = 200, body = Thread)))]
pub async fn thread(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Query(ask): Query<ThreadQuery>,
) -> Result<Json<Thread>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let limit = ask.limit.unwrap_or(50).min(1000);
    let newest_first = state.thread(&oa, &contact.user_id).rev();
    let wanted: Vec<&Message> = match &ask.before {
        None => newest_first.take(limit + 1).collect(),
        Some(id) => newest_first.skip_while(|m| m.id != *id).skip(1).take(limit + 1).collect(),
    };
    let more = wanted.len() > limit;
    let items = wanted.iter().take(limit).rev().map(|m| m.absolute(world.base())).collect();
    Ok(Json(Thread { items, more }))
}
